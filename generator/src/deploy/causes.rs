//! Failures that are known: why they happen, and what to do.
//!
//! A failure is recognised by what AWS says and, where the words alone are not enough, by what failed. The tables are
//! read from top to bottom, so what is more specific stands higher. To add a failure, add an entry to the table of its
//! service, and to `causes/samples.txt` a whole text as AWS gives it, with where it was seen.
//!
//! Most of AWS's texts are no part of its documentation and can change. An unknown one is shown as it is.

mod anywhere;
mod lake_formation;
mod security_lake;
mod services;
mod sharing;
mod stacks;
#[cfg(test)]
mod tests;

/// A failure that is known: why it happens, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Cause {
    /// A stable name, for scripts and JSON.
    pub id: &'static str,
    /// Why it happens, in the style of error messages: lower case, values in backticks, no full stop.
    pub cause: &'static str,
    /// What to do, in the same style; words in capitals stand for names of yours.
    pub cure: &'static str,
    /// Where this is known from: a page of AWS's documentation or a public thread.
    pub source: &'static str,
    /// How the type or the operation begins; none: whatever failed.
    kinds: &'static [&'static str],
    /// What the text contains, in lower case: all of one of these lists.
    texts: &'static [&'static [&'static str]],
}

/// All tables, in the order in which they are asked: what any call can fail with comes last.
const TABLES: &[&[Cause]] = &[
    lake_formation::CAUSES,
    security_lake::CAUSES,
    sharing::CAUSES,
    services::CAUSES,
    stacks::CAUSES,
    anywhere::CAUSES,
];

/// What is known about a failure.
///
/// `kind` is the CloudFormation type of the resource that failed, the name of the AWS operation, or empty; `reason` is
/// the text that AWS gave, error code included where it stands apart. Upper and lower case are the same. `None` for a
/// text that is not known, and for one that only says that something else failed.
pub fn explain(kind: &str, reason: &str) -> Option<&'static Cause> {
    let (kind, reason) = (kind.to_lowercase(), reason.to_lowercase());
    TABLES.iter().copied().flatten().find(|cause| cause.is_of(&kind) && cause.says(&reason))
}

impl Cause {
    /// Whether this can befall `kind`, given in lower case.
    fn is_of(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|begin| kind.starts_with(&begin.to_lowercase()))
    }

    /// Whether `reason`, given in lower case, is a text of this failure.
    fn says(&self, reason: &str) -> bool {
        self.texts.iter().any(|parts| parts.iter().all(|part| reason.contains(part)))
    }
}
