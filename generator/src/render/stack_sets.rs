//! `stack-sets/`: the sets as resources of a parent template, the same sets as input of the AWS CLI, the templates that
//! they deploy in JSON, and the roles as which StackSets works.
//!
//! The inputs hold no operation id: the CLI makes one for each call, and a committed one could be used once only.

use serde_json::{Map, Value, json};

use crate::model::Integration;
use crate::model::rollout::{FAILURE_TOLERANCE, MAX_CONCURRENT_PERCENTAGE, Permissions, StackSet};
use crate::render::{json, yaml};
use crate::stacks::{Gap, SetTemplate, StackTemplate, made_role, set_description, stack_set_templates};
use crate::vocab::Region;

/// The files below `out/<name>/`, each with its text; none if the integration has no stack sets.
///
/// # Errors
/// [`Gap`], which no legal spec gives.
pub fn files(integration: &Integration, stacks: &[StackTemplate]) -> Result<Vec<(String, String)>, Gap> {
    let mut files = Vec::new();
    let mut put = |name: String, text| files.push((format!("stack-sets/{name}"), text));
    let templates = stack_set_templates(integration, stacks)?;
    for SetTemplate { stem, template, .. } in &templates {
        put(format!("{stem}.template.yaml"), yaml::template(template));
    }
    for set in integration.stack_set_list() {
        let stem = set.stack.stem();
        if let Some(written) = stacks.iter().find(|written| written.stack == set.stack) {
            put(format!("{stem}.template.json"), json::pretty(&written.template.sections()));
        }
        put(format!("{stem}.create-stack-set.json"), text(&create_stack_set(integration, &set, &templates)));
        for region in &set.regions {
            let input = create_stack_instances(&set, *region);
            put(format!("{stem}.create-stack-instances.{region}.json"), text(&input));
        }
    }
    Ok(files)
}

fn text(input: &Value) -> String {
    format!("{input:#}\n")
}

/// The input of `create-stack-set`. The template is given beside it, by `--template-body`.
fn create_stack_set(integration: &Integration, set: &StackSet, templates: &[SetTemplate]) -> Value {
    let mut input = called(set);
    let mut put = |key: &str, value| input.insert(key.to_owned(), value);
    put("Description", json!(set_description(integration, set, made_role(set, templates))));
    match &set.permissions {
        Permissions::ServiceManaged { .. } => {
            put("PermissionModel", json!("SERVICE_MANAGED"));
            // Turned on once the stacks are there, when the ARN of the set before is known.
            put("AutoDeployment", json!({ "Enabled": false }));
        }
        Permissions::SelfManaged { administration_role, execution_role } => {
            put("PermissionModel", json!("SELF_MANAGED"));
            put("AdministrationRoleARN", json!(administration_role.to_string()));
            put("ExecutionRoleName", json!(execution_role));
        }
    }
    if !set.capabilities().is_empty() {
        put("Capabilities", json!(set.capabilities()));
    }
    put("ManagedExecution", json!({ "Active": true }));
    if !integration.tags.is_empty() {
        let tags = integration.tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value }));
        put("Tags", tags.collect());
    }
    Value::Object(input)
}

/// The input of `create-stack-instances` for one Region.
fn create_stack_instances(set: &StackSet, region: Region) -> Value {
    let mut input = called(set);
    let account = json!([set.account.as_str()]);
    match &set.permissions {
        Permissions::ServiceManaged { unit, .. } => input.insert(
            "DeploymentTargets".to_owned(),
            json!({
                "OrganizationalUnitIds": [unit.as_str()],
                "Accounts": account,
                "AccountFilterType": "INTERSECTION",
            }),
        ),
        Permissions::SelfManaged { .. } => input.insert("Accounts".to_owned(), account),
    };
    input.insert("Regions".to_owned(), json!([region.as_str()]));
    let preferences = json!({
        "RegionConcurrencyType": "SEQUENTIAL",
        "RegionOrder": [region.as_str()],
        "FailureToleranceCount": FAILURE_TOLERANCE,
        "MaxConcurrentPercentage": MAX_CONCURRENT_PERCENTAGE,
    });
    input.insert("OperationPreferences".to_owned(), preferences);
    Value::Object(input)
}

/// What goes with every call about a set.
fn called(set: &StackSet) -> Map<String, Value> {
    let mut input = Map::from_iter([("StackSetName".to_owned(), json!(set.name))]);
    if let Permissions::ServiceManaged { call_as, .. } = &set.permissions {
        input.insert("CallAs".to_owned(), json!(call_as.api_name()));
    }
    input
}
