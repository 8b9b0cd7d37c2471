//! Everything that lakelink says to AWS and hears from it. Types of the SDK end here: the rest of the program sees plain
//! values.

mod access;
mod administrators;
mod changes;
mod clock;
mod error;
mod resources;
mod set_operations;
mod shares;
mod stack_sets;
mod stacks;

pub(crate) use access::{Access, Cloud, Who};
pub(crate) use administrators::Administrators;
pub(crate) use changes::{Action, Change, ChangeSet, Import, Replacement, Request, SetState, fresh};
pub(crate) use clock::Clock;
pub(crate) use error::AwsError;
pub(crate) use resources::Resources;
pub(crate) use set_operations::{Instance, OperationResult, Place, Progressed, ResultStatus};
pub(crate) use shares::{Invitation, InvitationState, Shares};
pub(crate) use stack_sets::{FoundSet, Permissions, SetContent, StackSets};
pub(crate) use stacks::{Failure, Found, Stacks};
