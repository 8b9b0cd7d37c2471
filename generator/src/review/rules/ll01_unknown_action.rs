//! LL01: actions that do not exist.

use super::read::actions;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::{ActionTable, Knowledge};

pub(super) static RULE: Rule = Rule {
    id: "LL01",
    slug: "unknown-action",
    severity: Severity::Error,
    acceptance: Acceptable::WithReason,
    says: "an action does not exist, or a pattern fits none",
    why: "an Allow of it gives nothing, and a Deny of it stops nothing, though it reads as if it did",
    counterparts: &["cfn-lint W3037", "IAM Access Analyzer INVALID_ACTION", "parliament UNKNOWN_ACTION"],
    remedy: "correct the name; accept it with a reason if the action is newer than the table of actions",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    for statement in subject.statements {
        for action in actions(statement).filter(|action| is_unknown(table, action)) {
            let similar = table.similar(action).map(|known| format!("; did you mean `{known}`?"));
            let message = format!(
                "there is no action `{action}` (table of {}){}",
                ActionTable::date(),
                similar.unwrap_or_default()
            );
            found.at(statement, message).action = Some(action.to_owned());
        }
    }
}

/// Most actions are known as they are written; only patterns, and what is not, need a look at all of a service's.
fn is_unknown(table: &ActionTable, action: &str) -> bool {
    table.resources(action).is_none() && table.knows(action) == Knowledge::NoSuchAction
}
