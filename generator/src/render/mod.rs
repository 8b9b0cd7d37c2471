//! Templates and prose become bytes. Nothing is decided here.

pub mod json;
pub mod runbook;
pub mod yaml;
