//! LL17: who can make administrators of Lake Formation.

use super::read::{gives_identity, may_do, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::Scope;

pub(super) static RULE: Rule = Rule {
    id: "LL17",
    slug: "lf-settings-writer",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "somebody may call `lakeformation:PutDataLakeSettings`",
    why: "whoever may write the settings can become a data lake administrator at any time, and grant everything to \
          everybody; generic tools say nothing, since the action takes no resource",
    counterparts: &[],
    remedy: "leave it to a role that only CloudFormation may assume; such a role is named here as a note",
    look: Look::Always(look),
};

/// The action.
pub(super) const PUT: &str = "lakeformation:PutDataLakeSettings";

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives_identity(one) && may_do(one, PUT)) {
        let is_cloudformation = match &statement.principals {
            Scope::Only(roles) => {
                roles.iter().all(|role| subject.is_for_cloudformation_only(role, statement))
            }
            Scope::AllBut(_) => false,
        };
        let who = whom(statement);
        if is_cloudformation {
            let message =
                format!("{who} may change who is a data lake administrator; only CloudFormation can be it");
            found.at(statement, message).severity(Severity::Note).about(PUT, "*");
        } else {
            found.at(statement, format!("{who} may make anybody a data lake administrator")).about(PUT, "*");
        }
    }
}
