//! Whether a roles stack goes first or last. A stack removes what the spec no longer asks for, and CloudFormation's
//! service role must still be allowed to when it does.

use std::collections::BTreeSet;

use serde_yaml::Value;

use crate::deploy::diff::resources;
use crate::iam::HandlerTable;
use crate::vocab::{Region, Word as _};

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
    /// account: a right that none of them needs any more is not missed. A role that goes altogether goes last in any
    /// case, for it has to leave the Lake Formation administrators before.
    pub fn of(deployed: &str, wanted: &str, regional: &[(Region, String)]) -> Self {
        let (had, has, needed) = (rights(deployed), rights(wanted), removing(regional));
        let is_needed = |right: &Right| {
            let in_region =
                |region: &Region| right.region.as_deref().is_none_or(|one| one == region.as_str());
            needed.iter().any(|(region, action)| *action == right.action && in_region(region))
        };
        let loses = had.difference(&has).any(is_needed) || has.is_empty() && !had.is_empty();
        let gets = has.difference(&had).next().is_some();
        match (loses, gets) {
            (false, _) => Self::First,
            (true, false) => Self::Last,
            (true, true) => Self::Torn,
        }
    }
}

/// A right of a service role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Right {
    action: String,
    resource: String,
    /// None for every Region.
    region: Option<String>,
}

/// The Regions for which a roles template gives rights to the service role.
pub(crate) fn regions(body: &str) -> BTreeSet<Region> {
    let regions = rights(body).into_iter().filter_map(|right| right.region);
    regions.filter_map(|region| Region::read(&region).ok()).collect()
}

/// Whether a roles template takes something away from the service role.
pub(crate) fn takes_away(deployed: &str, wanted: &str) -> bool {
    !rights(deployed).is_subset(&rights(wanted))
}

/// Actions by which CloudFormation removes what these templates hold, and do not keep, with their Regions. Those that only
/// read are not among them: what is removed needs one that removes, too.
fn removing(regional: &[(Region, String)]) -> BTreeSet<(Region, &'static str)> {
    let mut removing = BTreeSet::new();
    for (region, body) in regional {
        for resource in resources(body).into_values() {
            let word = |key: &str| resource.get(key).and_then(Value::as_str).unwrap_or_default();
            if !word("DeletionPolicy").starts_with("Retain") {
                let actions = HandlerTable::get().actions(word("Type")).into_iter().flatten();
                removing.extend(actions.map(|action| (*region, *action)));
            }
        }
    }
    let reads = ["Describe", "Get", "List"];
    let name = |action: &'static str| action.split_once(':').map_or("", |(_, name)| name);
    removing.retain(|(_, action)| !reads.iter().any(|verb| name(action).starts_with(verb)));
    removing
}

/// What the service role may do. Regions stand in the conditions of its statements.
fn rights(body: &str) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    let resources = resources(body).into_iter().filter(|(id, _)| id.starts_with("ServiceRole"));
    for (_, resource) in resources {
        let document = resource.get("Properties").and_then(|properties| properties.get("PolicyDocument"));
        let statements = document.and_then(|document| document.get("Statement"));
        for statement in statements.and_then(Value::as_sequence).into_iter().flatten() {
            let equals = statement.get("Condition").and_then(|condition| condition.get("StringEquals"));
            let regions = listed(equals.and_then(|equals| equals.get("aws:RequestedRegion")));
            let regions =
                if regions.is_empty() { vec![None] } else { regions.into_iter().map(Some).collect() };
            for action in listed(statement.get("Action")) {
                for resource in listed(statement.get("Resource")) {
                    rights.extend(regions.iter().map(|region| Right {
                        action: action.clone(),
                        resource: resource.clone(),
                        region: region.clone(),
                    }));
                }
            }
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
    use super::{RolesOrder, regions, takes_away};
    use crate::vocab::{Region, Word as _};

    fn template(actions: &str, regions: &str) -> String {
        format!(
            "Resources:\n  ServiceRoleQueriesPolicy:\n    Properties:\n      PolicyDocument:\n        Statement:\n        - Action: [{actions}]\n          \
             Resource: [!Sub 'arn:x', '*']\n          Condition: {{StringEquals: {{'aws:RequestedRegion': {regions}}}}}\n  DeployerPolicy:\n    Properties:\n      \
             PolicyDocument:\n        Statement:\n        - {{Action: 'y:{}', Resource: '*'}}\n",
            actions.len()
        )
    }

    const HOME: &str = "us-east-1";
    const QUERY: &str = "Resources:\n  Query: {Type: AWS::Athena::NamedQuery}\n  Bucket: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n";

    fn order(deployed: &str, wanted: &str) -> RolesOrder {
        RolesOrder::of(deployed, wanted, &[(Region::read(HOME).unwrap(), QUERY.to_owned())])
    }

    #[test]
    fn what_takes_rights_away_comes_last() {
        let order = |deployed: &str, wanted: &str| order(&template(deployed, HOME), &template(wanted, HOME));
        let (delete, read) = ("athena:DeleteNamedQuery", "athena:GetNamedQuery");
        assert_eq!(order(delete, delete), RolesOrder::First);
        assert_eq!(order(delete, &format!("{delete}, a:B")), RolesOrder::First);
        assert_eq!(order(&format!("a:A, {delete}"), "a:A"), RolesOrder::Last);
        assert_eq!(order(delete, "a:B"), RolesOrder::Torn);
        // Nobody misses what only reads, or what is about a resource that stays.
        assert_eq!(order(read, "a:B"), RolesOrder::First);
        assert_eq!(order("s3:DeleteBucket", "a:B"), RolesOrder::First);
        let [deployed, wanted] = [delete, "a:B"].map(|actions| template(actions, HOME));
        assert_eq!(RolesOrder::of(&deployed, &wanted, &[]), RolesOrder::First);
        assert!(takes_away(&template(read, HOME), &wanted) && !takes_away(&wanted, &wanted));
    }

    /// The same right in another Region is another right.
    #[test]
    fn rights_are_rights_in_a_region() {
        let delete = |regions: &str| template("athena:DeleteNamedQuery", regions);
        let both = "[us-east-1, eu-west-1]";
        assert_eq!(order(&delete(HOME), &delete(both)), RolesOrder::First);
        assert_eq!(order(&delete(both), &delete(HOME)), RolesOrder::First, "nothing is deployed there");
        assert_eq!(order(&delete(both), &delete("eu-west-1")), RolesOrder::Last);
        assert_eq!(order(&delete(HOME), &delete("eu-west-1")), RolesOrder::Torn);
        assert_eq!(regions(&delete(both)).len(), 2);
    }

    /// It has to leave the Lake Formation administrators before.
    #[test]
    fn a_role_that_goes_altogether_goes_last() {
        let deployed = template("a:A", HOME);
        assert_eq!(RolesOrder::of(&deployed, "Resources: {}", &[]), RolesOrder::Last);
    }
}
