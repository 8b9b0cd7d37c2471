//! LL03: `*` as the resource of an action that takes resources.

use super::read::{actions, gives_identity, is_on_everything, is_strong, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::{ActionDetails, ActionTable};
use crate::review::Statement;

pub(super) static RULE: Rule = Rule {
    id: "LL03",
    slug: "star-where-scopable",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "an action that takes resources is allowed on `*`, and no condition limits on what",
    why: "it reaches everything in the account, also what has nothing to do with this",
    counterparts: &["parliament RESOURCE_STAR", "cfn_nag W11, W12, W13", "checkov CKV_AWS_109, CKV_AWS_111"],
    remedy: "name the resources by ARN, or add a condition on a key that the action supports, like `aws:ResourceAccount`",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    for statement in subject.given().filter(|one| gives_identity(one) && is_on_everything(one)) {
        for action in actions(statement) {
            let Some(details) = table.details(action) else { continue };
            let is_scopable = details.arns().is_some() && without_resource(action).is_none();
            if is_scopable && !is_limited(statement, details) {
                let kinds = details.kinds().take(4).collect::<Vec<_>>().join(", ");
                let message = format!(
                    "{} may `{action}` on everything; it can be limited to: {kinds}",
                    whom(statement)
                );
                found.at(statement, message).about(action, "*");
            }
        }
    }
}

/// Why an action that takes resources is also asked for on none of them.
pub(super) fn without_resource(action: &str) -> Option<&'static str> {
    // Exactly one of a stack, a stack set and a template (CloudFormation API reference).
    let of_template = action.eq_ignore_ascii_case("cloudformation:GetTemplateSummary");
    of_template.then_some("takes `*` for a template that is of no stack yet")
}

/// Whether a condition limits on what: a key that the action supports, or one of AWS's keys about the resource.
pub(super) fn is_limited(statement: &Statement, details: ActionDetails) -> bool {
    let is_of_resource = |key: &str| key.to_ascii_lowercase().starts_with("aws:resource");
    let mut strong = statement.conditions.iter().filter(|one| is_strong(one));
    strong.any(|one| is_of_resource(&one.key) || details.supports(&one.key))
}
