//! Templates and prose become bytes. Nothing is decided here.

pub mod cdk;
pub mod json;
pub mod parameters;
pub mod runbook;
pub mod yaml;
