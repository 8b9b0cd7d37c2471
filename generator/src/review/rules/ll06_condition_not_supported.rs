//! LL06: condition keys that an action never has.

use super::read::{actions, is_pattern};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::ActionTable;
use crate::policy::Effect;
use crate::review::Condition;

pub(super) static RULE: Rule = Rule {
    id: "LL06",
    slug: "condition-not-supported",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a condition is on a key that requests for the action never carry",
    why: "an Allow with it never matches, one with a negated or optional operator always does, and a Deny never bites",
    counterparts: &[
        "IAM Access Analyzer INVALID_SERVICE_CONDITION_KEY",
        "parliament UNKNOWN_CONDITION_FOR_ACTION",
    ],
    remedy: "give the action a statement of its own with keys that it supports",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    for statement in subject.statements {
        for action in actions(statement).filter(|action| !is_pattern(action)) {
            let Some(details) = table.details(action) else { continue };
            for condition in statement.conditions.iter().filter(|one| is_judged(one)) {
                if details.supports(&condition.key) || harms_nothing(condition, statement.effect) {
                    continue;
                }
                let key = &condition.key;
                let message = format!("requests for `{action}` never carry `{key}`");
                found.at(statement, message).about(action, key);
            }
        }
    }
}

/// Whether it is a key of a service. Keys of AWS as a whole are on nearly every request; what an identity provider
/// sends (`token.example.com:sub`, `saml:aud`, `${Provider}:sub`) the table cannot know.
fn is_judged(condition: &Condition) -> bool {
    let Some((service, _)) = condition.key.split_once(':') else { return false };
    let of_provider = service.contains(['.', '/', '$']) || service.eq_ignore_ascii_case("saml");
    !of_provider && !service.eq_ignore_ascii_case("aws")
}

/// An optional condition of an Allow asks for nothing where the key is not there.
fn harms_nothing(condition: &Condition, effect: Effect) -> bool {
    effect == Effect::Allow && condition.operator.ends_with("IfExists")
}
