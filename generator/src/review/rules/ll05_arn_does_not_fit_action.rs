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
    let mut forms = Forms::new();
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
        let mut fits = Fits { forms: &mut forms, resources: &resources, meeting: BTreeMap::new() };
        for (action, details) in &known {
            let fitting = fits.of(*details);
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
type Forms = BTreeMap<&'static str, Pattern>;

/// Which resources of a statement actions can be on.
struct Fits<'a> {
    forms: &'a mut Forms,
    resources: &'a [(&'a Term, Pattern)],
    /// For each form whether each resource meets it: the actions of a statement mostly take the same forms.
    meeting: BTreeMap<&'static str, Vec<bool>>,
}

impl Fits<'_> {
    /// For each resource whether an action can be on it.
    fn of(&mut self, details: ActionDetails) -> Vec<bool> {
        let terms = self.resources.iter().map(|(term, _)| term);
        let Some(forms) = details.arns() else {
            // A value that only the deployment knows may be `*`.
            let may_be_star = |term: &Term| term.as_text().is_none() && term.parts().len() == 1;
            return terms.map(|term| term.is("*") || may_be_star(term)).collect();
        };
        let mut fitting = terms.map(|term| term.is("*")).collect::<Vec<_>>();
        for form in forms {
            fitting.iter_mut().zip(self.meeting(form)).for_each(|(fits, meets)| *fits |= meets);
        }
        fitting
    }

    fn meeting(&mut self, form: &'static str) -> &[bool] {
        self.meeting.entry(form).or_insert_with(|| {
            let form = self.forms.entry(form).or_insert_with(|| Pattern::of_form(form));
            self.resources.iter().map(|(_, pattern)| pattern.meets(form)).collect()
        })
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
