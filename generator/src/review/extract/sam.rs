//! What the transform AWS::Serverless makes of a function: its role and who may call it.

use super::iam;
use super::policy::{self, Frame};
use super::terms::Guards;
use super::{Reading, Said, always};
use crate::review::{Condition, Part, Principal, Statement, Term, Via};

/// Reads a resource of SAM; gives the properties that it has read.
pub(super) fn read(reading: &mut Reading<'_, '_>) -> &'static [&'static str] {
    let kind = reading.resource.kind.as_str();
    if !matches!(kind, "AWS::Serverless::Function" | "AWS::Serverless::StateMachine") {
        let what = format!("what AWS::Serverless makes of {kind} was not seen");
        reading.unread(reading.resource.line, what);
        return &[];
    }
    // The role is called after the function; with `Role`, there is none of its own.
    if reading.property(&["Role"]).is_none() {
        let role = Term::of(Part::GetAtt(format!("{}Role", reading.resource.id), "Arn".to_owned()));
        let own = Principal::Arn(role.clone());
        if let Some(trust) = reading.property(&["AssumeRolePolicyDocument"]) {
            let frame = Frame {
                via: Via::Trust,
                principals: Vec::new(),
                resource: role.clone(),
                star_is_resource: false,
            };
            policy::read(reading, trust, &frame, &Guards::new());
        }
        policies(reading, &own, &role);
        iam::boundary(reading, own);
    }
    if reading.property(&["Events"]).is_some() {
        reading
            .unread(reading.resource.line, "what AWS::Serverless lets call it for its `Events` was not seen");
    }
    if reading.text(&["FunctionUrlConfig", "AuthType"]).is_some_and(|kind| kind.is("NONE")) {
        let said = Said::allow(Via::Resource).on_line(reading.property(&["FunctionUrlConfig"]));
        let said =
            said.when(Condition::new("StringEquals", "lambda:FunctionUrlAuthType", [Term::text("NONE")]));
        let function = reading.arn();
        let action = always(Term::text("lambda:InvokeFunctionUrl"));
        reading.say_each(&said, always(Principal::Everybody), action, always(function));
    }
    &["Policies", "AssumeRolePolicyDocument", "PermissionsBoundary"]
}

/// Documents, names and ARNs of managed policies, and SAM's own policy templates.
fn policies(reading: &mut Reading<'_, '_>, own: &Principal, role: &Term) {
    let Some(list) = reading.property(&["Policies"]) else { return };
    let frame = Frame {
        via: Via::Identity,
        principals: always(own.clone()),
        resource: role.clone(),
        star_is_resource: false,
    };
    for (guards, entry) in reading.terms.branches(list) {
        if entry.get("Statement").is_some() {
            policy::read(reading, entry, &frame, &guards);
            continue;
        }
        let mut said = Said::allow(Via::Identity).on_line(Some(entry));
        said.guards = guards;
        let mut name = reading.terms.term(entry);
        if entry.function().is_none()
            && let [(template, parameters)] = entry.entries()
        {
            let parameters = parameters
                .entries()
                .iter()
                .map(|(key, value)| Term::text(format!("{key}=")).followed_by(&reading.terms.term(value)));
            name = Term::of(Part::Call(template.clone(), parameters.collect()));
        }
        let action = always(Term::text(Statement::HAS_POLICY));
        reading.say_each(&said, always(own.clone()), action, always(name));
    }
}
