//! The statements of a CloudFormation service role, derived from the resource types that it deploys.

use std::collections::BTreeMap;

use crate::iam::{ActionTable, HandlerTable, MissingType, Resources};
use crate::policy::{Condition, Statement};
use crate::template::{LogicalId, Value};

/// What an action on one resource type of IAM is narrowed to.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The word for it in the Sid, like `Bucket`.
    pub label: &'static str,
    /// The ARNs.
    pub arns: Vec<Value>,
    /// Further conditions.
    pub conditions: Vec<Condition>,
}

/// Derives the statements for one resource type.
///
/// `duty` is the first word of every Sid. `scope` says what an action is narrowed to on a resource type of IAM
/// (service, type, action); `None` if the deployed things are of no such type. Scopes with one label share their
/// conditions and become one statement. `everywhere` narrows the actions that IAM cannot scope by ARN.
///
/// # Errors
/// [`MissingType`] if the handler table does not know the type, or if an action can be scoped but `scope` knows
/// none of its resource types: then the role would silently be wider or narrower than it should be.
pub fn derive(
    kind: &str,
    duty: &str,
    everywhere: &[Condition],
    scope: impl Fn(&str, &str, &str) -> Option<Scope>,
) -> Result<Vec<Statement>, MissingType> {
    let mut statements: BTreeMap<String, Statement> = BTreeMap::new();
    for &action in HandlerTable::get().actions(kind)? {
        let (service, name) = action.split_once(':').unwrap_or((action, ""));
        let scopes = match ActionTable::get().resources(action) {
            Some(Resources::Types(types)) => {
                let scopes =
                    types.iter().filter_map(|resource| scope(service, resource, name)).collect::<Vec<_>>();
                if scopes.is_empty() {
                    return Err(MissingType(format!("{kind}` ({action} on {}) in `scope", types.join(", "))));
                }
                scopes
            }
            _ => Vec::new(),
        };
        let sid = format!("{duty}{}", label(service, &scopes));
        let statement = statements.entry(sid.clone()).or_insert_with(|| {
            let mut statement = Statement::allow(sid, Vec::<String>::new(), Vec::new());
            statement.conditions = match scopes.first() {
                Some(scope) => scope.conditions.clone(),
                None => everywhere.to_vec(),
            };
            statement
        });
        if scopes.iter().any(|scope| scope.conditions != statement.conditions) {
            return Err(MissingType(format!("{kind}` ({action}: one label, two conditions) in `scope")));
        }
        let arns = scopes.iter().flat_map(|scope| scope.arns.clone());
        let arns = if scopes.is_empty() { vec![Value::text("*")] } else { arns.collect() };
        for arn in arns {
            if !statement.resources.contains(&arn) {
                statement.resources.push(arn);
            }
        }
        statement.actions.push(action.to_owned());
    }
    Ok(statements.into_values().collect())
}

/// `OnBucket` for scoped actions, `UnscopedRam` for those that IAM cannot scope.
fn label(service: &str, scopes: &[Scope]) -> String {
    if scopes.is_empty() {
        return format!("Unscoped{}", spoken(service));
    }
    let mut words = scopes.iter().map(|scope| scope.label).collect::<Vec<_>>();
    words.dedup();
    format!("On{}", words.concat())
}

/// A service as it is spoken of, where its prefix is several words.
fn spoken(service: &str) -> String {
    match service {
        "lakeformation" => "LakeFormation".to_owned(),
        "securitylake" => "SecurityLake".to_owned(),
        _ => LogicalId::of(&[service]).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, derive};
    use crate::iam::{HandlerTable, MissingType};
    use crate::policy::{Condition, Statement};
    use crate::template::Value;

    fn bucket(conditions: Vec<Condition>) -> Scope {
        Scope { label: "Bucket", arns: vec![Value::text("arn:aws:s3:::acme")], conditions }
    }

    fn in_region() -> Condition {
        Condition::one("StringEquals", "aws:RequestedRegion", "us-east-1")
    }

    #[test]
    fn an_unknown_type_is_named() {
        let missing = derive("AWS::Bogus::Thing", "Thing", &[], |_, _, _| Some(bucket(Vec::new())));
        assert_eq!(missing, Err(MissingType("AWS::Bogus::Thing".into())));
    }

    #[test]
    fn an_action_that_nothing_narrows_is_named() {
        let MissingType(what) = derive("AWS::S3::BucketPolicy", "Policy", &[], |_, _, _| None).unwrap_err();
        for word in ["AWS::S3::BucketPolicy", "s3:DeleteBucketPolicy", "bucket", "scope"] {
            assert!(what.contains(word), "{what}");
        }
    }

    #[test]
    fn actions_of_one_scope_are_one_statement() {
        let scope = |service: &str, resource: &str, _: &str| {
            (service == "s3" && resource == "bucket").then(|| bucket(vec![in_region()]))
        };
        let expected = Statement::allow(
            "PolicyOnBucket",
            HandlerTable::get().actions("AWS::S3::BucketPolicy").unwrap().iter().copied(),
            vec![Value::text("arn:aws:s3:::acme")],
        );
        let derived = derive("AWS::S3::BucketPolicy", "Policy", &[], scope);
        assert_eq!(derived, Ok(vec![expected.when(in_region())]));
    }

    #[test]
    fn what_iam_cannot_narrow_is_narrowed_everywhere_alike() {
        let derived = derive("AWS::LakeFormation::DataLakeSettings", "Admin", &[in_region()], |_, _, _| None);
        let derived = derived.unwrap();
        assert!(!derived.is_empty());
        for statement in derived {
            assert!(statement.sid.starts_with("AdminUnscoped"), "{}", statement.sid);
            assert_eq!(statement.resources, [Value::text("*")]);
            assert_eq!(statement.conditions, [in_region()]);
        }
    }
}
