//! Whether a policy allows a request: the small part of IAM that policies of ours use.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::iam::listed;

/// What somebody asks IAM for.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) action: String,
    /// None where IAM takes only `*`.
    pub(super) resource: Option<String>,
    /// Condition keys that the request has.
    pub(super) keys: BTreeMap<String, String>,
}

/// The statements of a policy document.
pub(super) fn statements(policy: &Value) -> impl Iterator<Item = &Value> {
    policy["Statement"].as_array().unwrap().iter()
}

impl Request {
    /// Whether some statement allows it. Nothing of ours denies; what this does not know stops the test.
    pub(super) fn is_allowed_by(&self, policy: &Value) -> bool {
        statements(policy).any(|statement| {
            let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
            let keys = statement.as_object().unwrap().keys();
            keys.for_each(|key| assert!(known.contains(&key.as_str()), "{statement}"));
            assert_eq!(statement["Effect"], "Allow", "{statement}");
            listed(&statement["Action"]).contains(&Value::from(self.action.as_str()))
                && listed(&statement["Resource"]).iter().any(|arn| self.is_about(arn.as_str().unwrap()))
                && self.meets(&statement["Condition"])
        })
    }

    fn is_about(&self, pattern: &str) -> bool {
        match &self.resource {
            Some(resource) => matches(pattern, resource),
            None => pattern == "*",
        }
    }

    /// Every operator, every key, one of its values. A key that the request has not is not met.
    fn meets(&self, conditions: &Value) -> bool {
        conditions.as_object().into_iter().flatten().all(|(operator, keys)| {
            let compare = match operator.as_str() {
                "StringEquals" => |wanted: &str, found: &str| wanted == found,
                "StringLike" | "ArnLike" | "ArnEquals" => matches,
                other => panic!("no operator `{other}` here"),
            };
            keys.as_object().unwrap().iter().all(|(key, wanted)| {
                let found = self.keys.get(key);
                found.is_some_and(|found| {
                    listed(wanted).iter().any(|one| compare(one.as_str().unwrap(), found))
                })
            })
        })
    }
}

/// `*` is any text. `?` and policy variables stand in no policy of ours.
fn matches(pattern: &str, text: &str) -> bool {
    assert!(!pattern.contains(['?', '$']), "{pattern}");
    let (first, rest) = pattern.split_once('*').map_or((pattern, None), |(first, rest)| (first, Some(rest)));
    let Some(text) = text.strip_prefix(first) else { return false };
    match rest {
        None => text.is_empty(),
        Some(rest) => {
            (0..=text.len()).any(|at| text.is_char_boundary(at) && matches(rest, text.get(at..).unwrap()))
        }
    }
}

#[test]
fn what_is_not_allowed_is_denied() {
    let policy = serde_json::json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Delete", "Effect": "Allow", "Action": ["cloudformation:DeleteStack"],
        "Resource": ["arn:aws:cloudformation:*:111122223333:stack/lakelink-acme-lake/*"],
        "Condition": { "StringEquals": { "cloudformation:RoleArn": "role", "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } },
    }] });
    let request = |action: &str, name: &str, keys: &[(&str, &str)]| Request {
        action: action.to_owned(),
        resource: Some(format!("arn:aws:cloudformation:us-east-1:111122223333:stack/{name}")),
        keys: keys.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    };
    let (delete, ours) = ("cloudformation:DeleteStack", "lakelink-acme-lake/1");
    let (role, region) = (("cloudformation:RoleArn", "role"), ("aws:RequestedRegion", "eu-west-1"));
    let tried = [
        request(delete, ours, &[role, region]),
        request("cloudformation:UpdateStack", ours, &[role, region]),
        request(delete, "lakelink-acme-lake-roles/1", &[role, region]),
        request(delete, ours, &[region]),
        request(delete, ours, &[("cloudformation:RoleArn", "other"), region]),
        request(delete, ours, &[role, ("aws:RequestedRegion", "eu-west-2")]),
        Request { resource: None, ..request(delete, ours, &[role, region]) },
    ];
    assert_eq!(tried.map(|one| one.is_allowed_by(&policy)), [true, false, false, false, false, false, false]);
}
