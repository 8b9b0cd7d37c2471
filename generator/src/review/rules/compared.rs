//! Changes as findings: LL31 and LL32.

use super::{Finding, Found, ll31_new_access, ll32_widened_access};
use crate::review::{Account, Change, Kind};

/// The finding that a change is; none if there is no more access than before.
pub fn of_change(change: &Change) -> Option<Finding> {
    let rule = match change.kind {
        Kind::New => &ll31_new_access::RULE,
        Kind::Wider | Kind::NotComparable => &ll32_widened_access::RULE,
        Kind::Narrower | Kind::Gone => return None,
    };
    let account = change.told().first().map_or(Account::This, |one| one.account.clone());
    let (action, resource) = change.thing();
    let mut found = Found::of(rule);
    found.push(account, change.place().cloned().unwrap_or_default(), change.sentence());
    let mut finding = found.into_findings().pop()?;
    // A statement that is gone stands in the other version.
    if change.after.is_empty() && change.unread.is_none() {
        finding.place.line = None;
    }
    (finding.action, finding.resource) = (action, resource);
    finding.accepted = change.accepted.clone();
    Some(finding)
}
