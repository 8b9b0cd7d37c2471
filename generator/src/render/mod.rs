//! Templates and prose become bytes. Nothing is decided here.

pub mod cfct;
pub mod git_sync;
pub mod json;
pub mod runbook;
pub mod stack_sets;
pub mod yaml;
