//! `review.suppress`: policies name every resource where IAM takes no other for their actions. The review accepts that by its
//! table of actions (LL04); checkers that know no table are told so in `Metadata`.
//!
//! The forms and the names of the rules are those of cfn_nag (`IamManagedPolicyWildcardResourceRule`) and of the registry of
//! rules of AWS CloudFormation Guard. Not proven: neither rule runs in our tests.

use std::collections::BTreeSet;

use crate::resources::Kind;
use crate::template::{Template, Value};
use crate::vocab::Checker;

const REASON: &str = "IAM takes no other resource for these actions (lakelink review, LL04)";

/// Tells these checkers which managed policies are meant to name every resource.
pub(super) fn tell(checkers: &BTreeSet<Checker>, template: &mut Template) {
    if checkers.is_empty() {
        return;
    }
    for resource in template.groups.iter_mut().flat_map(|group| &mut group.resources) {
        if resource.kind == Kind::IamManagedPolicy && names_everything(&resource.properties) {
            resource.metadata = Some(Value::map(checkers.iter().map(|checker| entry(*checker))));
        }
    }
}

fn entry(checker: Checker) -> (&'static str, Value) {
    match checker {
        Checker::CfnGuard => {
            let rules = Value::texts(["IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE"]);
            ("guard", Value::map([("SuppressedRules", rules)]))
        }
        Checker::CfnNag => {
            let rule = Value::map([("id", Value::text("W13")), ("reason", Value::text(REASON))]);
            ("cfn_nag", Value::map([("rules_to_suppress", Value::List(vec![rule]))]))
        }
    }
}

/// Whether a policy in these properties has `Resource: '*'`.
fn names_everything(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.iter().any(|(key, value)| {
            let is_everything = key == "Resource" && *value == Value::text("*");
            is_everything || names_everything(value)
        }),
        Value::List(items) => items.iter().any(names_everything),
        _ => false,
    }
}
