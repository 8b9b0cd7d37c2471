//! IAM as a field of facts: which actions exist, which of them take a resource, and what CloudFormation's handlers
//! call. From these the service roles are derived, not guessed.
//!
//! The tables are data files under `generator/data/`; each names its source and its date.

mod actions;
mod details;
mod handlers;
mod service_role;

pub use actions::{ActionTable, Knowledge, Resources};
pub use details::ActionDetails;
pub use handlers::{HandlerTable, MissingType};
pub use service_role::{Scope, derive};
