//! `cfct/`: a manifest of Customizations for AWS Control Tower, version 2021-03-15, with the templates in JSON. Format:
//! `source/src/cfct/validation/manifest-v2.schema.yaml` of aws-solutions/aws-control-tower-customizations.
//!
//! What CfCT exports of a stack has one name, so each Region has entries of its own. CfCT keeps their order when it is
//! set to deploy one after the other.

use crate::model::{Integration, Stack};
use crate::render::{json, yaml};
use crate::stacks::{StackTemplate, share_export};
use crate::template::{Section, Value};
use crate::vocab::Region;

/// The files below `out/<name>/`, each with its text.
pub fn files(integration: &Integration, stacks: &[StackTemplate]) -> Vec<(String, String)> {
    let mut files = vec![("cfct/manifest.yaml".to_owned(), manifest(integration, stacks))];
    for written in stacks.iter().filter(|written| !written.stack.is_roles()) {
        let name = format!("cfct/templates/{}.template.json", written.stack.stem());
        files.push((name, json::pretty(&written.template.sections())));
    }
    files
}

fn manifest(integration: &Integration, stacks: &[StackTemplate]) -> String {
    let lake_regions = integration.home_first(integration.regions.lake());
    let mut resources = Vec::new();
    for region in lake_regions {
        let here = [Stack::LakeCollection, Stack::Lake, Stack::Detective].into_iter();
        let here = here.filter_map(|stack| stacks.iter().find(|written| written.stack == stack));
        resources.extend(here.map(|written| entry(integration, written, region, region)));
    }
    for pair in integration.regions.apart() {
        let console = stacks.iter().filter(|written| written.stack == Stack::DetectiveConsole);
        resources.extend(console.map(|written| entry(integration, written, pair.detective, pair.lake)));
    }
    let sections = [
        Section::Plain("region", Value::from(&integration.regions.home())),
        Section::Plain("resources", Value::List(resources)),
    ];
    // A date of YAML, which CfCT does not take as text.
    yaml::document(&integration.spec_file, &sections) + "\nversion: 2021-03-15\n"
}

/// A stack in a Region, which reads the lake of another or of the same.
fn entry(integration: &Integration, written: &StackTemplate, region: Region, lake: Region) -> Value {
    let stack = written.stack;
    let exported = format!("/lakelink/{}/{lake}/resource-share-arn", integration.name);
    let account = integration.account(stack.side()).as_str();
    let mut entry = vec![
        ("name", Value::text(format!("{}-{region}", integration.stack_name(stack)))),
        ("resource_file", Value::text(format!("templates/{}.template.json", stack.stem()))),
        ("deploy_method", Value::text("stack_set")),
        ("deployment_targets", Value::map([("accounts", Value::texts([account]))])),
        ("regions", Value::texts([region.as_str()])),
    ];
    if let Some(parameter) = written.template.parameters.first() {
        let value = Value::text(format!("$[alfred_ssm_{exported}]"));
        let parameter = [("parameter_key", Value::text(parameter.name)), ("parameter_value", value)];
        entry.push(("parameters", Value::List(vec![Value::map(parameter)])));
    } else if let Some(output) = share_export(integration, stack) {
        let output = [("name", Value::text(exported)), ("value", Value::text(format!("$[output_{output}]")))];
        entry.push(("export_outputs", Value::List(vec![Value::map(output)])));
    }
    Value::map(entry)
}
