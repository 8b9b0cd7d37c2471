//! Whether a roles stack goes first or last. A stack removes what the spec no longer asks for, and CloudFormation's
//! service role must still be allowed to when it does.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::deploy::diff::resources;

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
    /// From the deployed roles template and the wanted one.
    pub fn of(deployed: &str, wanted: &str) -> Self {
        let (had, has) = (rights(deployed), rights(wanted));
        let (loses, gets) = (had.difference(&has).next().is_some(), has.difference(&had).next().is_some());
        match (loses, gets) {
            (false, _) => Self::First,
            (true, false) => Self::Last,
            (true, true) => Self::Torn,
        }
    }
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
    use super::RolesOrder;

    fn template(actions: &str) -> String {
        format!(
            "Resources:\n  ServiceRoleQueriesPolicy:\n    Properties:\n      PolicyDocument:\n        Statement:\n        - Action: [{actions}]\n          \
             Resource: [!Sub 'arn:x', '*']\n  DeployerPolicy:\n    Properties:\n      PolicyDocument:\n        Statement:\n        - {{Action: 'y:{}', Resource: '*'}}\n",
            actions.len()
        )
    }

    #[test]
    fn what_takes_rights_away_comes_last() {
        let order = |deployed: &str, wanted: &str| RolesOrder::of(&template(deployed), &template(wanted));
        assert_eq!(order("a:A", "a:A"), RolesOrder::First);
        assert_eq!(order("a:A", "a:A, a:B"), RolesOrder::First);
        assert_eq!(order("a:A, a:B", "a:A"), RolesOrder::Last);
        assert_eq!(order("a:A", "a:B"), RolesOrder::Torn);
    }
}
