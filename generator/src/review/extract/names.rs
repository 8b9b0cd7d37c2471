//! Names that a template gives its resources: what `Ref` and the ARN of such a resource are before it is there.
//!
//! Forms of ARNs are those of the service authorization reference (`generator/data/iam-actions`), what `Ref` gives is
//! the primary identifier of the type's registry schema.

use super::terms::Terms;
use crate::review::{Part, Resource, Term};

/// The type whose `Ref` is an ARN.
pub(super) const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// How long a name may be that stands in the place of each reference to it.
const MAX_NAME: usize = 512;

/// A name that is known.
pub(super) struct Name {
    /// What `Ref` gives.
    pub(super) reference: Term,
    /// The ARN, where its form is known.
    pub(super) arn: Option<Term>,
}

/// The name of a resource; none if the template leaves it to CloudFormation, or if it depends on a condition.
pub(super) fn of(terms: &Terms<'_>, resource: &Resource) -> Option<Name> {
    let property = |path: &[&str]| {
        let term = terms.term(resource.property(path)?);
        let is_plain = !term.parts().iter().any(|part| matches!(part, Part::Call(..)));
        (is_plain && term.to_string().len() <= MAX_NAME).then_some(term)
    };
    let arn = |service: &str, kind: &str, name: &Term| {
        Term::sub(&format!("arn:${{AWS::Partition}}:{service}{kind}"), |name| {
            Term::of(Part::Ref(name.into()))
        })
        .followed_by(name)
    };
    let iam = |kind: &str, name: &str| {
        let name = property(&[name])?;
        let path = match resource.property(&["Path"]) {
            Some(_) => property(&["Path"])?,
            None => Term::text("/"),
        };
        let arn = arn("iam::${AWS::AccountId}:", kind, &path).followed_by(&name);
        Some(Name { reference: name, arn: Some(arn) })
    };
    match resource.kind.as_str() {
        "AWS::IAM::Role" => iam("role", "RoleName"),
        "AWS::IAM::User" => iam("user", "UserName"),
        "AWS::IAM::Group" => iam("group", "GroupName"),
        MANAGED_POLICY => {
            let name = iam("policy", "ManagedPolicyName")?;
            Some(Name { reference: name.arn.clone()?, arn: name.arn })
        }
        "AWS::S3::Bucket" => {
            let name = property(&["BucketName"])?;
            Some(Name { arn: Some(arn("s3", ":::", &name)), reference: name })
        }
        "AWS::Lambda::Function" => {
            let name = property(&["FunctionName"])?;
            let arn = arn("lambda", ":${AWS::Region}:${AWS::AccountId}:function:", &name);
            Some(Name { reference: name, arn: Some(arn) })
        }
        "AWS::Glue::Database" => Some(Name { reference: property(&["DatabaseInput", "Name"])?, arn: None }),
        "AWS::Athena::WorkGroup" => {
            let name = property(&["Name"])?;
            let arn = arn("athena", ":${AWS::Region}:${AWS::AccountId}:workgroup/", &name);
            Some(Name { reference: name, arn: Some(arn) })
        }
        _ => None,
    }
}
