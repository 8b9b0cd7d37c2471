//! LL04: `*` as the resource of an action that takes nothing else.

use super::ll03_star_where_scopable::without_resource;
use super::read::{actions, gives_identity, is_on_everything, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::ActionTable;
use crate::review::Accepted;

pub(super) static RULE: Rule = Rule {
    id: "LL04",
    slug: "explained-star",
    severity: Severity::Note,
    acceptance: Acceptable::ByTable,
    says: "an action is allowed on `*` because it takes no other resource",
    why: "a reviewer sees that the star was looked at, and does not have to look it up",
    counterparts: &[
        "cfn_nag W11",
        "cfn-guard IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
        "checkov CKV_AWS_111",
    ],
    remedy: "nothing: the table of actions is the reason; what else limits the action stands in its conditions",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    for statement in subject.given().filter(|one| gives_identity(one) && is_on_everything(one)) {
        let who = whom(statement);
        for action in actions(statement) {
            let Some(details) = table.details(action) else { continue };
            let why = match details.arns() {
                None => "takes no resource",
                Some(_) => match without_resource(action) {
                    Some(why) => why,
                    None => continue,
                },
            };
            let message = format!("{who} may `{action}` on `*`: it {why}");
            let reason = format!("`{action}` {why} (table of actions, {})", ActionTable::date());
            found.at(statement, message).about(action, "*").accepted = Some(Accepted::ByTable(reason));
        }
    }
}
