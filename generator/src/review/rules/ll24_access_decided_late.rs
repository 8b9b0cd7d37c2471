//! LL24: access that only the deployment decides.

use std::collections::BTreeSet;

use super::by_code::{Handed, handed};
use super::ll17_lf_settings_writer::PUT;
use super::ll19_lf_grant_wider::GRANT;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Stack, Statement, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL24",
    slug: "access-decided-late",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "who may do what on what comes from a parameter or an `Fn::If`",
    why: "a reviewer approves the template and does not see who gets access; a pattern can hide in the parameter",
    counterparts: &["wanted in bridgecrewio/checkov#5102"],
    remedy: "write the value, or make it from the spec; values of conditions may come late",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| ![Via::PassRole, Via::AssumeRole].contains(&one.via)) {
        let Some(stack) = subject.stacks.iter().find(|stack| is_in(statement, stack)) else { continue };
        let parameters = parameters(statement, stack);
        if !parameters.is_empty() {
            let names = parameters.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("who may do what depends on {names}, which the deployment chooses");
            found.at(statement, message).about_resource(names);
        }
        let own = stack.template.resource(&statement.place.resource_id);
        let own = own.and_then(|resource| resource.condition.as_deref());
        let decided = statement.only_if.iter().filter(|guard| Some(guard.name.as_str()) != own);
        let conditions = decided.map(|guard| format!("`{}`", guard.name)).collect::<BTreeSet<_>>();
        if !conditions.is_empty() {
            let names = conditions.into_iter().collect::<Vec<_>>().join(", ");
            let message = format!("an `Fn::If` on {names} decides whether it is there");
            found.at(statement, message).about_resource(names);
        }
    }
    for action in [PUT, GRANT] {
        for Handed { stack, resource, key, line, value } in handed(subject, action) {
            let mut names = value.names().into_iter();
            if let Some(name) = names.find(|name| stack.template.parameter(name).is_some()) {
                let message = format!(
                    "whom code of `{}` gives access depends on `{name}`, which the deployment chooses",
                    resource.id
                );
                found.at_resource(stack, resource, line, message).about_resource(key);
            }
        }
    }
}

fn is_in(statement: &Statement, stack: &Stack) -> bool {
    statement.place.stack == stack.name && statement.place.integration == stack.integration
}

/// The parameters of the template in principals, actions and resources.
fn parameters(statement: &Statement, stack: &Stack) -> BTreeSet<String> {
    let principals = statement.principals.named().iter().filter_map(Principal::term);
    let terms = principals.chain(statement.actions.named()).chain(statement.resources.named());
    let names = terms.flat_map(|term| term.names());
    names.filter(|name| stack.template.parameter(name).is_some()).map(str::to_owned).collect()
}
