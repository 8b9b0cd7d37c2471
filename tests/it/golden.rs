//! `out/` is the golden file of whole templates: it is what the examples give, byte for byte.

use lakelink::stacks::stack_set_templates;

use crate::env;
use crate::support::{examples, lakelink};

#[test]
fn out_is_what_the_examples_give() {
    let ran = lakelink(env::root(), &["generate", "examples", "--check"]);
    assert_eq!(ran.code, 0, "run `cargo run -- generate examples --prune`\n{}{}", ran.stdout, ran.stderr);
}

#[test]
fn the_schema_is_committed() {
    let ran = lakelink(env::root(), &["schema", "--check", "schemas/lakelink.schema.json"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
}

/// Logical ids, physical names, parameters and outputs are a promise: they change only with the layout number.
#[test]
fn names_are_part_of_the_layout() {
    let mut names = format!("layout {}\n", lakelink::template::LAYOUT);
    for rendered in examples() {
        let integration = &rendered.integration;
        let stacks = rendered.stacks.iter();
        let stacks = stacks.map(|written| (integration.stack_name(written.stack), &written.template));
        let sets = stack_set_templates(integration, &rendered.stacks).unwrap();
        let sets =
            sets.iter().map(|set| (format!("lakelink-{}-{}", integration.name, set.stem), &set.template));
        for (name, template) in stacks.chain(sets) {
            names.push_str(&format!("\n{name}\n"));
            for parameter in &template.parameters {
                names.push_str(&format!("  parameter {}\n", parameter.name));
            }
            for resource in template.resources() {
                let document = lakelink::render::json::to_json(&resource.properties);
                let physical = [
                    "RoleName",
                    "StackSetName",
                    "ManagedPolicyName",
                    "BucketName",
                    "SubscriberName",
                    "FunctionName",
                    "LogGroupName",
                    "Name",
                ];
                let physical = physical.iter().find_map(|key| document.get(key)).map(ToString::to_string);
                names.push_str(&format!("  {} {}\n", resource.id, physical.unwrap_or_default()));
            }
            for output in &template.outputs {
                names.push_str(&format!("  output {}\n", output.name));
            }
        }
    }
    insta::assert_snapshot!(names);
}

#[test]
fn the_same_spec_gives_the_same_bytes_from_any_folder() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(env::root().join("examples/organization.yaml")).unwrap();
    lakelink::files::write(&folder.path().join("deep/down/organization.yaml"), &text).unwrap();
    let ran = lakelink(folder.path(), &["generate", "deep/down/organization.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for file in ["lake.template.yaml", "detective.template.yaml", "RUNBOOK.md"] {
        let made = std::fs::read(folder.path().join("out/organization").join(file)).unwrap();
        let committed = std::fs::read(env::root().join("out/organization").join(file)).unwrap();
        assert_eq!(made, committed, "{file}");
    }
}
