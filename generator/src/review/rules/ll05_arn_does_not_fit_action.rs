//! LL05: resources that an action cannot be on.

use super::arns::can_be;
use super::read::actions;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::{ActionDetails, ActionTable};
use crate::review::{Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL05",
    slug: "arn-does-not-fit-action",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "an action stands with resources that it cannot be on, or a resource with actions that cannot be on it",
    why: "the statement gives nothing, or less than it reads like",
    counterparts: &["cfn-lint I3510", "parliament RESOURCE_MISMATCH"],
    remedy: "use the kind of ARN that the action takes, `*` where it takes none, and a statement for each kind",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    // Elsewhere the resource is the one that the policy is of.
    for statement in subject.statements.iter().filter(|one| one.via == Via::Identity) {
        let Some(resources) = statement.resources.only() else { continue };
        let named = actions(statement).collect::<Vec<_>>();
        let known = named.iter().filter_map(|action| Some((*action, table.details(action)?)));
        let known = known.collect::<Vec<_>>();
        let mut fit_somewhere = false;
        for (action, details) in &known {
            if resources.iter().any(|resource| fits(resource, *details)) {
                fit_somewhere = true;
            } else {
                let message =
                    format!("`{action}` cannot be on any of the resources here{}", wanted(*details));
                found.at(statement, message).action = Some((*action).to_owned());
            }
        }
        if !fit_somewhere || known.len() < named.len() {
            continue;
        }
        for resource in resources.iter().filter(|one| !known.iter().any(|(_, details)| fits(one, *details))) {
            let message = format!("none of the actions here can be on `{resource}`");
            found.at(statement, message).about_resource(resource);
        }
    }
}

fn fits(resource: &Term, details: ActionDetails) -> bool {
    resource.is("*")
        || details.arns().is_some_and(|forms| forms.into_iter().any(|form| can_be(resource, form)))
        // A value that only the deployment knows may be `*`.
        || (details.arns().is_none() && resource.as_text().is_none() && resource.parts().len() == 1)
}

fn wanted(details: ActionDetails) -> String {
    match details.arns() {
        None => ": it takes `*` only".to_owned(),
        Some(forms) => {
            let forms = forms.into_iter().take(3).map(|form| format!("`{form}`")).collect::<Vec<_>>();
            format!(": it takes {}", forms.join(", "))
        }
    }
}
