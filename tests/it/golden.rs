//! `out/` is the golden file of whole templates: it is what the examples give, byte for byte.

use lakelink::stacks::stack_set_templates;
use serde_json::{Value, json};

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

/// What AWS CodePipeline reads as a template configuration, after the CloudFormation user guide
/// (`continuous-delivery-codepipeline-cfn-artifacts`): no package has a schema of it.
#[test]
fn parameter_files_have_the_form_of_a_template_configuration() {
    let texts = |most: u32, key: &str, value: u32| {
        json!({
            "type": "object", "maxProperties": most, "propertyNames": { "pattern": key },
            "additionalProperties": { "type": "string", "minLength": 1, "maxLength": value },
        })
    };
    let schema = json!({
        "type": "object", "required": ["Parameters", "Tags"], "additionalProperties": false,
        "properties": {
            "Parameters": texts(200, "^[A-Za-z0-9]{1,255}$", 4096),
            "Tags": texts(50, "^(?!aws:).{1,128}$", 256),
        },
    });
    let schema = jsonschema::validator_for(&schema).unwrap();
    for rendered in examples() {
        let integration = &rendered.integration;
        let files = lakelink::render::parameters::files(integration);
        let mut paths = Vec::new();
        for (path, text) in &files {
            let file: Value = serde_json::from_str(text).unwrap();
            assert!(schema.is_valid(&file), "{path}: {text}");
            assert_eq!(file["Tags"], json!(integration.tags));
            paths.push(path.clone());
        }
        let stacks = rendered.stacks.iter().map(|one| one.stack);
        let expected = stacks.flat_map(|stack| {
            let regions = integration.regions_of(stack).into_iter();
            regions.map(move |region| format!("parameters/{region}/{}.json", stack.stem()))
        });
        assert_eq!(paths, expected.collect::<Vec<_>>());
    }
    assert!(!schema.is_valid(&json!({ "Parameters": {}, "Tags": {}, "Note": "x" })));
    assert!(!schema.is_valid(&json!({ "Parameters": { "A": 1 }, "Tags": {} })));
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
