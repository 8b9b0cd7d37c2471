//! LL05: resources that an action cannot be on.

use std::collections::BTreeMap;

use super::arns::Pattern;
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
    let mut forms = Forms::default();
    // Elsewhere the resource is the one that the policy is of.
    for statement in subject.statements.iter().filter(|one| one.via == Via::Identity) {
        let Some(resources) = statement.resources.only() else { continue };
        if resources.iter().all(|resource| resource.is("*")) {
            continue;
        }
        let resources = resources.iter().map(|term| (term, Pattern::of(term))).collect::<Vec<_>>();
        let named = actions(statement).collect::<Vec<_>>();
        let known = named.iter().filter_map(|action| Some((*action, table.details(action)?)));
        let known = known.collect::<Vec<_>>();
        let mut fit_somewhere = false;
        let mut is_used = vec![false; resources.len()];
        for (action, details) in &known {
            let fitting = forms.fit(&resources, *details);
            is_used.iter_mut().zip(&fitting).for_each(|(used, fits)| *used |= fits);
            if fitting.contains(&true) {
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
        for ((resource, _), _) in resources.iter().zip(&is_used).filter(|(_, used)| !**used) {
            let message = format!("none of the actions here can be on `{resource}`");
            found.at(statement, message).about_resource(resource);
        }
    }
}

/// Forms of ARNs, each read once.
#[derive(Default)]
struct Forms(BTreeMap<&'static str, Pattern>);

impl Forms {
    /// For each resource whether an action can be on it.
    fn fit(&mut self, resources: &[(&Term, Pattern)], details: ActionDetails) -> Vec<bool> {
        let mut fitting = resources.iter().map(|(term, _)| term.is("*")).collect::<Vec<_>>();
        let mut open = |fits: &dyn Fn(&Term, &Pattern) -> bool| {
            let open = fitting.iter_mut().zip(resources).filter(|(known, _)| !**known);
            open.for_each(|(known, (term, pattern))| *known = fits(term, pattern));
        };
        match details.arns() {
            // A value that only the deployment knows may be `*`.
            None => open(&|term, _| term.as_text().is_none() && term.parts().len() == 1),
            Some(forms) => forms.into_iter().for_each(|form| {
                let form = self.0.entry(form).or_insert_with(|| Pattern::of_form(form));
                open(&|_, pattern| pattern.meets(form));
            }),
        }
        fitting
    }
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
