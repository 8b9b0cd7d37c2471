//! From an integration to two accounts that hold it, and back: what is there, what is missing, and the calls between,
//! in the order in which they can work. There is no state of lakelink's own: everything is asked of AWS, so that a run
//! that was stopped anywhere is finished by another.

mod accept;
mod bring;
pub mod causes;
mod change;
pub mod changes;
mod destroy;
mod diff;
mod event;
mod plan;
mod rights;
mod rollout;
mod sets;
mod state;
mod survey;
mod takeover;
mod unproven;
mod words;
mod work;

pub(crate) use accept::{Acceptable, acceptable};
pub(crate) use changes::Difference;
pub(crate) use destroy::{destroy, kept};
pub(crate) use event::{Event, Halt, Listen, Outcome};
pub(crate) use plan::{Plan, plan};
pub use rights::RolesOrder;
pub(crate) use rollout::{Results, deploy};
pub(crate) use sets::{SetResults, SetSurvey, SetWork};
pub(crate) use state::State;
pub(crate) use survey::{Survey, survey};
pub(crate) use words::sign;
pub(crate) use work::{Choice, Options, Part, Target, Work};
