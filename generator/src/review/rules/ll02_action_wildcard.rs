//! LL02: patterns of actions.

use super::read::{actions, gives, is_pattern, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Scope, Statement, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL02",
    slug: "action-wildcard",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "an Allow names actions by a pattern",
    why: "the pattern also allows what AWS adds to the service later, and nobody can approve what does not exist yet",
    counterparts: &["checkov CKV_AWS_63", "cfn_nag F3, F4, F5", "cdk-nag IAM5"],
    remedy: "list the actions; only the account itself, in the policy of a key, may have `kms:*`",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives(one)) {
        for action in actions(statement).filter(|action| is_pattern(action)) {
            if !(action == "kms:*" && is_for_accounts(statement)) {
                let message = format!("{} may do whatever fits `{action}`", whom(statement));
                found.at(statement, message).action = Some(action.to_owned());
            }
        }
    }
}

/// Whether it is the statement of a key that leaves it to the IAM of accounts.
fn is_for_accounts(statement: &Statement) -> bool {
    let are_accounts = match &statement.principals {
        Scope::Only(principals) => principals.iter().all(|who| matches!(who, Principal::Account(_))),
        Scope::AllBut(_) => false,
    };
    statement.via == Via::Key && are_accounts
}
