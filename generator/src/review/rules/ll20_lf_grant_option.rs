//! LL20: grants of Lake Formation that can be passed on.

use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL20",
    slug: "lf-grant-option",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a grant of Lake Formation can be passed on",
    why: "the grantee can share the data with others, and no template shows it",
    counterparts: &[],
    remedy: "write `PermissionsWithGrantOption: []`",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| one.via == Via::LakeFormation) {
        for action in statement.actions.named() {
            let word = action.to_string();
            let Some(plain) = word.strip_suffix(Statement::GRANTABLE) else { continue };
            for who in statement.principals.named() {
                for resource in statement.resources.named() {
                    let message = format!("`{who}` may pass on `{plain}` on `{resource}`");
                    let finding = found.at(statement, message).about(plain, resource);
                    if is_of_lake_to_detective(subject, statement, who) {
                        finding.acceptable();
                    }
                }
            }
        }
    }
}

/// Whether the lake account shares with the Detective account as a whole: there an administrator has to pass it on.
fn is_of_lake_to_detective(subject: &Subject<'_>, statement: &Statement, who: &Principal) -> bool {
    let Some(known) = subject.integration else { return false };
    let of_lake = statement.account.id() == Some(known.lake.account.as_str());
    of_lake && matches!(who, Principal::Account(id) if id.is(known.detective.account.as_str()))
}
