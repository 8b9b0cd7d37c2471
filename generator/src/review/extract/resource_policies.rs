//! Access that a resource other than a policy document gives: permissions of functions and layers, public access blocks
//! of buckets, event buses, roles that a service's own list names.

use super::policy::{aws_principal, principal};
use super::terms::Guards;
use super::{Reading, Said, always, iam};
use crate::policy::Effect;
use crate::review::{Condition, Part, Principal, Statement, Term, Via};

/// Reads a resource that is none of the services with a file of their own; gives the properties that it has read.
pub(super) fn read(reading: &mut Reading<'_, '_>) -> &'static [&'static str] {
    match reading.resource.kind.as_str() {
        "AWS::S3::Bucket" => {
            let bucket = reading.arn();
            public_access(reading, "PublicAccessBlockConfiguration", bucket);
            canned_acl(reading);
        }
        "AWS::S3::AccessPoint" | "AWS::S3::MultiRegionAccessPoint" => {
            let point = reading.arn();
            public_access(reading, "PublicAccessBlockConfiguration", point);
        }
        "AWS::Lambda::Permission" => function_permission(reading),
        "AWS::Lambda::LayerVersionPermission" => layer_permission(reading),
        "AWS::Events::EventBusPolicy" => event_bus_permission(reading),
        "AWS::SSO::PermissionSet" => {
            let own = reading.holder();
            for key in ["ManagedPolicies", "CustomerManagedPolicyReferences"] {
                iam::policies_by_arn(reading, key, &own, &iam::Attached::new());
            }
            iam::boundary(reading, own);
        }
        "AWS::SSO::Assignment" => assignment(reading),
        _ => {}
    }
    &[]
}

/// The four flags of a public access block, each that is on as a Deny.
pub(super) fn public_access(reading: &mut Reading<'_, '_>, key: &str, resource: Term) {
    for flag in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        let said = Said { effect: Effect::Deny, ..Said::allow(Via::PublicAccess) };
        let said = said.on_line(reading.property(&[key, flag]));
        let on = reading.texts(&[key, flag]).into_iter().filter(|(_, value)| !value.is("false"));
        for (guards, value) in on.collect::<Vec<_>>() {
            // A flag that only the deployment knows is a condition.
            let said = match value.as_text() {
                Some(_) => said.clone(),
                None => said.clone().when(Condition::new("Bool", flag, [value])),
            };
            let flag = vec![(guards, Term::text(flag))];
            reading.say_each(&said, always(Principal::Everybody), flag, always(resource.clone()));
        }
    }
}

/// An ACL by its name (`PublicRead`): the groups that it gives access are not spelled out.
fn canned_acl(reading: &mut Reading<'_, '_>) {
    let acls = reading.texts(&["AccessControl"]).into_iter().filter(|(_, acl)| !acl.is("Private"));
    let acls = acls.map(|(guards, acl)| (guards, Term::text("ACL ").followed_by(&acl))).collect::<Vec<_>>();
    let said = Said::allow(Via::Bucket).on_line(reading.property(&["AccessControl"]));
    for (guards, acl) in acls {
        let is_public = acl.as_text().is_none_or(|text| text.starts_with("ACL Public"));
        let whom = if is_public { Principal::Everybody } else { Principal::Other(acl.clone()) };
        let bucket = reading.arn();
        reading.say_each(&said, always(whom), vec![(guards, acl)], always(bucket));
    }
}

fn function_permission(reading: &mut Reading<'_, '_>) {
    let mut said = Said::allow(Via::Resource);
    for (property, operator, key) in [
        ("SourceAccount", "StringEquals", "aws:SourceAccount"),
        // CloudFormation's reference: "Lambda configures the comparison using the StringLike operator".
        ("SourceArn", "StringLike", "aws:SourceArn"),
        ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("EventSourceToken", "StringEquals", "lambda:EventSourceToken"),
        ("InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"),
    ] {
        if let Some(value) = reading.text(&[property]) {
            said = said.when(Condition::new(operator, key, [value]));
        }
    }
    let principals = reading.texts(&["Principal"]).into_iter().map(|(guards, term)| (guards, invoker(term)));
    let principals = principals.collect();
    let actions = reading.texts(&["Action"]);
    let functions = reading.texts(&["FunctionName"]);
    reading.say_each(&said, principals, actions, functions);
}

/// A principal that stands alone: a service by its name, an account, an ARN, or everybody.
fn invoker(term: Term) -> Principal {
    let is_service = term.parts().iter().any(|part| match part {
        Part::Text(text) => text.contains(".amazonaws.com") || text.contains(".amazon.com"),
        _ => false,
    });
    if is_service { Principal::Service(term) } else { aws_principal(term) }
}

fn layer_permission(reading: &mut Reading<'_, '_>) {
    let mut said = Said::allow(Via::Resource);
    if let Some(organization) = reading.text(&["OrganizationId"]) {
        said = said.when(Condition::new("StringEquals", "aws:PrincipalOrgID", [organization]));
    }
    let principals = iam::principals(reading.texts(&["Principal"]));
    let (actions, layers) = (reading.texts(&["Action"]), reading.texts(&["LayerVersionArn"]));
    reading.say_each(&said, principals, actions, layers);
}

/// Who in IAM Identity Center has a permission set in which account.
fn assignment(reading: &mut Reading<'_, '_>) {
    let said = Said::allow(Via::Identity);
    let said = match reading.text(&["TargetId"]) {
        Some(account) => said.when(Condition::new("StringEquals", "aws:PrincipalAccount", [account])),
        None => said,
    };
    let kind = reading.text(&["PrincipalType"]).unwrap_or_default().with(Part::Text(" ".to_owned()));
    let whom = reading.texts(&["PrincipalId"]).into_iter();
    let whom = whom.map(|(guards, id)| (guards, Principal::Other(kind.clone().followed_by(&id)))).collect();
    let sets = reading.texts(&["PermissionSetArn"]);
    reading.say_each(&said, whom, always(Term::text(Statement::ACTS_AS)), sets);
}

/// The older form, without `Statement`, which the walk over documents reads.
fn event_bus_permission(reading: &mut Reading<'_, '_>) {
    let mut said = Said::allow(Via::Resource);
    if let (Some(operator), Some(key), Some(value)) = (
        reading.text(&["Condition", "Type"]),
        reading.text(&["Condition", "Key"]),
        reading.text(&["Condition", "Value"]),
    ) {
        said = said.when(Condition::new(&operator.to_string(), &key.to_string(), [value]));
    }
    let principals = reading.texts(&["Principal"]).into_iter();
    let principals = principals.map(|(guards, term)| (guards, principal("AWS", term))).collect();
    let bus = match reading.property(&["EventBusName"]) {
        Some(_) => reading.texts(&["EventBusName"]),
        None => vec![(Guards::new(), Term::text("default"))],
    };
    let actions = reading.texts(&["Action"]);
    reading.say_each(&said, principals, actions, bus);
}
