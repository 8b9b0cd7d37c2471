//! The JSON Schema against a validator of its own, and against the language server that editors run.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::env;
use crate::support::{lakelink, specs_in};

mod language_server;

fn yaml(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok()
}

fn validator() -> jsonschema::Validator {
    let schema = lakelink::spec::json_schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    jsonschema::draft7::new(schema).unwrap()
}

/// The specs that are right: the examples, and fixtures for what no example has. Bases, which have no name, are none.
fn valid_specs() -> Vec<PathBuf> {
    let mut specs = [specs_in("examples"), specs_in(VALID)].concat();
    specs.retain(|path| !yaml(&std::fs::read_to_string(path).unwrap()).unwrap()["name"].is_null());
    specs
}

/// Fixtures whose keys and values are right, also where this version does not render them (LS079).
const VALID: &str = "tests/fixtures/valid";

#[test]
fn every_valid_spec_is_valid() {
    for path in valid_specs() {
        let spec = yaml(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let errors = validator().iter_errors(&spec).map(|error| error.to_string()).collect::<Vec<_>>();
        assert_eq!(errors, Vec::<String>::new(), "{}", path.display());
    }
}

/// Codes of what a schema can catch: the shape of the document and the form of single values. The rest needs two
/// places of a spec, or two specs.
const BY_SCHEMA: &[&str] = &[
    "LS012", "LS013", "LS014", "LS016", "LS017", "LS020", "LS021", "LS022", "LS023", "LS024", "LS025",
    "LS026", "LS027", "LS028", "LS029", "LS030", "LS031", "LS032", "LS034", "LS035", "LS038", "LS039",
    "LS040", "LS041", "LS042", "LS043", "LS046", "LS049", "LS070", "LS078", "LS101", "LS102", "LS103",
    "LS104", "LS105",
];

/// Fixtures of those codes that no pattern can catch.
const BEYOND_THE_SCHEMA: &[&str] = &[
    "LS031.alias.yaml",
    "LS033.two-slashes.yaml",
    "LS040.permission-set-without-its-digits.yaml",
    "LS040.permission-set-without-its-path.yaml",
    "LS043.service-role.yaml",
    "LS049.long-execution-role.yaml",
    "LS049.long-role-path.yaml",
    "LS078+LS079.no-such-day.yaml",
];

#[test]
fn every_fixture_that_a_schema_can_catch_is_invalid() {
    let mut caught = 0;
    for path in specs_in("tests/fixtures/invalid").into_iter().filter(|path| path.is_file()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        // Names that Amazon S3 keeps for itself fit the pattern.
        let by_schema = name.split('.').next().unwrap().split('+').any(|code| BY_SCHEMA.contains(&code));
        let by_schema = by_schema && !BEYOND_THE_SCHEMA.contains(&name.as_str());
        if by_schema {
            let spec = yaml(&std::fs::read_to_string(&path).unwrap()).unwrap();
            assert!(!validator().is_valid(&spec), "{name} passes the schema");
            caught += 1;
        }
    }
    assert!(caught >= 40, "{caught}");
}

#[test]
fn every_key_is_described() {
    fn walk(schema: &Value, path: &str, missing: &mut Vec<String>) {
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            if property["description"].as_str().is_none_or(str::is_empty) {
                missing.push(format!("{path}.{key}"));
            }
        }
        for (name, definition) in schema["definitions"].as_object().into_iter().flatten() {
            walk(definition, name, missing);
        }
    }
    let mut missing = Vec::new();
    walk(lakelink::spec::json_schema(), "", &mut missing);
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_valid_fixture_has_no_problem_but_that_it_is_not_rendered_yet() {
    for path in specs_in(VALID) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let ran = lakelink(path.parent().unwrap(), &["check", "--format", "json", name]);
        let document: Value = serde_json::from_str(&ran.stdout).unwrap();
        for problem in document["problems"].as_array().unwrap() {
            assert!(problem["severity"] == "warning" || problem["code"] == "LS079", "{problem:#}");
        }
    }
}

/// Keys of the schema: `definition.key`, without a definition for those at the top.
type Keys = BTreeSet<String>;

fn keys(name: &str, schema: &Value) -> Keys {
    let keys = schema["properties"].as_object().into_iter().flatten();
    keys.map(|(key, _)| format!("{name}.{key}")).collect()
}

/// Puts into `found` the keys that a value uses, by walking it and the schema side by side.
fn used(root: &Value, name: &str, schema: &Value, value: &Value, found: &mut Keys) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/definitions/");
        used(root, name, &root["definitions"][name], value, found);
    }
    for schema in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema[key].as_array()).flatten() {
        used(root, name, schema, value, found);
    }
    for (key, value) in value.as_object().into_iter().flatten() {
        if let Some(schema) = schema["properties"].get(key) {
            found.insert(format!("{name}.{key}"));
            used(root, name, schema, value, found);
        } else {
            used(root, name, &schema["additionalProperties"], value, found);
        }
    }
    for value in value.as_array().into_iter().flatten() {
        used(root, name, &schema["items"], value, found);
    }
}

#[test]
fn every_key_stands_in_an_example_or_in_a_valid_fixture() {
    let schema = lakelink::spec::json_schema();
    let mut all = keys("", schema);
    for (name, definition) in schema["definitions"].as_object().unwrap() {
        all.extend(keys(name, definition));
    }
    let mut found = Keys::new();
    for path in valid_specs() {
        let spec = yaml(&std::fs::read_to_string(&path).unwrap()).unwrap();
        used(schema, "", schema, &spec, &mut found);
    }
    let unused = all.difference(&found).collect::<Vec<_>>();
    assert_eq!(unused, Vec::<&String>::new(), "keys that no example and no valid fixture has");
}

#[test]
fn an_editor_offers_what_can_be_written() {
    let server = env::node().join("node_modules/.bin/yaml-language-server");
    let schema = env::root().join("schemas/lakelink.schema.json");
    let mut editor = language_server::Editor::open(&server, &schema);
    let top = editor.complete("name: acme\n\n", 1, 0);
    assert!(
        top.iter().any(|label| label == "regions") && top.iter().any(|label| label == "detective"),
        "{top:?}"
    );
    let lake = editor.complete("name: acme\nlake:\n  account: \"111122223333\"\n  \n", 3, 2);
    assert!(
        lake.iter().any(|label| label == "source_version") && !lake.iter().any(|label| label == "account"),
        "{lake:?}"
    );
    let acceptance = editor.complete("name: acme\nhandoff:\n  acceptance: \n", 2, 14);
    assert!(
        ["cli", "lambda", "organization"].iter().all(|word| acceptance.iter().any(|label| label == word)),
        "{acceptance:?}"
    );
}
