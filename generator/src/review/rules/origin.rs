//! Which key of a spec a finding in our templates comes from.

use super::{Rule, ll31_new_access};
use crate::model::Integration;
use crate::problem::SpecPath;
use crate::review::Place;

/// The key of the spec that a change comes from.
pub fn origin_of_change(place: &Place, integration: &Integration) -> SpecPath {
    origin(&ll31_new_access::RULE, place, integration)
}

/// The key of the spec to change: of what the resource was made, else how the stack is deployed.
pub fn origin(rule: &Rule, place: &Place, integration: &Integration) -> SpecPath {
    let root = SpecPath::root();
    let (stack, id) = (place.stack.trim_start_matches("stack-sets/"), place.resource_id.as_str());
    let side = if stack.starts_with("lake") { "lake" } else { "detective" };
    let deploy = || root.key("deploy").key(side);
    let detective = |key: &str| root.key("detective").key(key);
    if ["ServiceRole", "ExecutionRole"].iter().any(|start| id.starts_with(start)) {
        return deploy().key("execution_role");
    }
    match id {
        _ if id.starts_with("Deployer") => deploy(),
        _ if id.ends_with("Set") || id.starts_with("Administration") => root.key("rollout").key("stack_sets"),
        _ if id.starts_with("LakeFormationSubscriber") => match rule.id {
            "LL12" => root.key("lake").key("subscriber").key("external_id"),
            "LL21" => root.key("lake").key("sources"),
            _ => root.key("lake").key("subscriber"),
        },
        _ if id.starts_with("Acceptor") => root.key("handoff").key("acceptance"),
        _ if id.starts_with("Reader") => root.key("handoff").key("share_arn"),
        _ if id.starts_with("Crawler") || id.starts_with("Evidence") => detective("crawler"),
        _ if id.starts_with("Results") => detective("results"),
        "Workgroup" => detective("workgroup"),
        "LinkDatabase" => root.key("lake").key("account"),
        _ if id.starts_with("Analyst") || id.starts_with("Setup") => detective("principals"),
        _ => match id.strip_prefix("Grant") {
            Some(rest) => {
                let principals = &integration.detective.principals;
                let n = principals.iter().position(|one| rest.starts_with(one.label().as_str()));
                n.map_or_else(|| detective("principals"), |n| detective("principals").item(n))
            }
            None => root.key(side).key("account"),
        },
    }
}
