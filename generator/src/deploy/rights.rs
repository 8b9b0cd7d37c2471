//! Whether a roles stack goes first or last. A stack removes what the spec no longer asks for, and CloudFormation's
//! service role must still be allowed to when it does.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::deploy::diff::resources;
use crate::iam::HandlerTable;

/// When the roles stack of an account is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolesOrder {
    /// Before the Regional stacks: they may need what is new.
    First,
    /// After them: they may need what goes.
    Last,
    /// The service role would lose some rights and get others; neither order has both.
    Torn,
}

impl RolesOrder {
    /// From the deployed roles template and the wanted one, and the templates of the deployed Regional stacks of the
    /// account: a right that none of them needs any more is not missed.
    pub fn of(deployed: &str, wanted: &str, regional: &[String]) -> Self {
        let (had, has, needed) = (rights(deployed), rights(wanted), removing(regional));
        let loses = had.difference(&has).any(|(action, _)| needed.contains(action.as_str()));
        let gets = has.difference(&had).next().is_some();
        match (loses, gets) {
            (false, _) => Self::First,
            (true, false) => Self::Last,
            (true, true) => Self::Torn,
        }
    }
}

/// Whether a roles template takes something away from the service role.
pub(crate) fn takes_away(deployed: &str, wanted: &str) -> bool {
    !rights(deployed).is_subset(&rights(wanted))
}

/// Actions by which CloudFormation removes what these templates hold, and do not keep. Those that only read are not
/// among them: what is removed needs one that removes, too.
fn removing(templates: &[String]) -> BTreeSet<&'static str> {
    let mut actions = BTreeSet::new();
    for (_, resource) in templates.iter().flat_map(|body| resources(body)) {
        let word = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
        if !word("DeletionPolicy").starts_with("Retain") {
            actions.extend(HandlerTable::get().actions(word("Type")).unwrap_or_default());
        }
    }
    let reads = ["Describe", "Get", "List"];
    let name = |action: &&str| action.split_once(':').map_or("", |(_, name)| name).to_owned();
    actions.retain(|action| !reads.iter().any(|verb| name(action).starts_with(verb)));
    actions
}

/// What the service role may do: actions, each with a resource.
fn rights(body: &str) -> BTreeSet<(String, String)> {
    let mut rights = BTreeSet::new();
    let resources = resources(body).into_iter().filter(|(id, _)| id.starts_with("ServiceRole"));
    for (_, resource) in resources {
        let document = resource.get("Properties").and_then(|properties| properties.get("PolicyDocument"));
        let statements = document.and_then(|document| document.get("Statement"));
        for statement in statements.and_then(Value::as_sequence).into_iter().flatten() {
            let (actions, on) = (listed(statement.get("Action")), listed(statement.get("Resource")));
            rights.extend(actions.iter().flat_map(|action| on.iter().map(|on| (action.clone(), on.clone()))));
        }
    }
    rights
}

fn listed(value: Option<&Value>) -> Vec<String> {
    let word = |value: &Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => serde_yaml::to_string(value).unwrap_or_default(),
    };
    match value {
        Some(Value::Sequence(items)) => items.iter().map(word).collect(),
        Some(value) => vec![word(value)],
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{RolesOrder, takes_away};

    fn template(actions: &str) -> String {
        format!(
            "Resources:\n  ServiceRoleQueriesPolicy:\n    Properties:\n      PolicyDocument:\n        Statement:\n        - Action: [{actions}]\n          \
             Resource: [!Sub 'arn:x', '*']\n  DeployerPolicy:\n    Properties:\n      PolicyDocument:\n        Statement:\n        - {{Action: 'y:{}', Resource: '*'}}\n",
            actions.len()
        )
    }

    const QUERY: &str = "Resources:\n  Query: {Type: AWS::Athena::NamedQuery}\n  Bucket: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n";

    #[test]
    fn what_takes_rights_away_comes_last() {
        let order = |deployed: &str, wanted: &str| {
            RolesOrder::of(&template(deployed), &template(wanted), &[QUERY.to_owned()])
        };
        let (delete, read) = ("athena:DeleteNamedQuery", "athena:GetNamedQuery");
        assert_eq!(order(delete, delete), RolesOrder::First);
        assert_eq!(order(delete, &format!("{delete}, a:B")), RolesOrder::First);
        assert_eq!(order(&format!("a:A, {delete}"), "a:A"), RolesOrder::Last);
        assert_eq!(order(delete, "a:B"), RolesOrder::Torn);
        // Nobody misses what only reads, or what is about a resource that stays.
        assert_eq!(order(read, "a:B"), RolesOrder::First);
        assert_eq!(order("s3:DeleteBucket", "a:B"), RolesOrder::First);
        assert_eq!(RolesOrder::of(&template(delete), &template("a:B"), &[]), RolesOrder::First);
        assert!(
            takes_away(&template(read), &template("a:B")) && !takes_away(&template(read), &template(read))
        );
    }
}
