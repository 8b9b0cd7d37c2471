//! The comparison against an oracle that tries requests, and what it says of realistic changes.

use super::homes::{Group, groups};
use super::touched::touched;
use super::{Access, Change, changes_of};

/// What two versions are compared by, and all that there is.
fn touched_and_all<'a>(before: &'a Access, after: &'a Access) -> [Vec<Group<'a>>; 2] {
    let of = || groups(&before.into(), &after.into());
    [of().into_iter().map(touched).collect(), of()]
}

fn changes(groups: &[Group<'_>]) -> Vec<Change> {
    groups.iter().flat_map(changes_of).collect()
}

mod cases;
mod oracle;
mod properties;
