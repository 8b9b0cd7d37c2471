//! Why something that was found is accepted.

use std::fmt;

use serde::Serialize;

use crate::vocab::{AcceptedReason, Date};

/// Why a finding, or a change that counts as one, is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// AWS leaves no other way.
    ByTable(String),
    /// The spec accepts it.
    BySpec {
        /// Why.
        reason: AcceptedReason,
        /// Who answers for it.
        owner: String,
        /// The last day on which it holds.
        until: Date,
    },
}

impl Accepted {
    /// Why, in words.
    pub fn reason(&self) -> &str {
        match self {
            Self::ByTable(reason) => reason,
            Self::BySpec { reason, .. } => reason.as_str(),
        }
    }

    /// As in the contract.
    pub fn row(&self) -> AcceptedRow {
        let (owner, until) = match self {
            Self::ByTable(_) => (None, None),
            Self::BySpec { owner, until, .. } => (Some(owner.clone()), Some(until.as_str().to_owned())),
        };
        AcceptedRow { reason: self.reason().to_owned(), owner, until }
    }
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByTable(reason) => f.write_str(reason),
            Self::BySpec { reason, owner, until } => {
                write!(f, "accepted by {owner} until {}: {}", until.as_str(), reason.as_str())
            }
        }
    }
}

/// An acceptance as in the contract.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptedRow {
    reason: String,
    owner: Option<String>,
    until: Option<String>,
}
