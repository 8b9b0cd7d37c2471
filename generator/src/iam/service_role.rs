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
    for action in HandlerTable::get().actions(kind)? {
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
