//! What templates allow: any CloudFormation template in, access out.
//!
//! ```text
//! text, or a Template of ours --source--> Node --template--> Template --extract--> Statements --rows--> Rows
//! ```
//!
//! `source` reads a template, ours or anybody's, into one tree with one form for every function. [`Template`] is that
//! tree as CloudFormation sees it. `extract` finds what gives or takes away access and makes a [`Statement`] of each;
//! [`follow`] adds who can act as whom. Everything later (rules, the comparison of two versions, reports) works on
//! statements; [`Row`]s are made from them for people and machines.
//!
//! Nothing here is deployed or asked of AWS: what depends on the account stays symbolic, as a [`Term`].

mod accepted;
mod access;
mod compare;
mod extract;
mod follow;
mod report;
pub mod rules;
mod scan;
mod source;
mod template;
mod term;

#[cfg(test)]
mod tests;

pub use accepted::{Accepted, AcceptedRow};
pub use access::{
    Access, Account, Condition, Guard, Label, Place, Principal, Row, Scope, Statement, Unread, Via, rows,
    words,
};
pub(crate) use compare::{Borrowed, Regions, compare_borrowed};
pub use compare::{Change, ChangeRow, Kind, Summary, compare, sentence_with, sign};
pub use extract::{Stack, access, access_together};
pub use follow::follow;
pub(crate) use report::escape;
pub use report::{Report, report};
pub use scan::{Scanned, scan, unknown_services};
pub use source::{Content, MAX_BYTES, Node, Unreadable, read};
pub use template::{Resource, Template};
pub use term::{Lookup, Part, Term};
