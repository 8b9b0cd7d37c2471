//! The acceptor function has tests of its own, in its own language, against the real boto3.

use std::path::PathBuf;
use std::process::Command;

use lakelink::model::Stack;
use lakelink::render::json::to_json;
use serde_json::Value;

use crate::env;
use crate::support::examples;

#[test]
fn its_own_tests_pass() {
    let python = env::program(&env::venv("world"), "python");
    let mut command = Command::new(python);
    command.args(["-B", "-m", "unittest", "discover", "-s", "tests/acceptor"]).current_dir(env::root());
    let ran = env::run(&mut command);
    assert_eq!(ran.code, 0, "{}", ran.said());
    assert!(ran.said().contains("Ran ") && !ran.said().contains("Ran 0 tests"), "{}", ran.said());
}

/// No version of Python that AWS offers is kept longer than the one in the template, by cfn-lint's table.
#[test]
fn its_runtime_lasts_longest() {
    let packages =
        std::fs::read_dir(env::venv("cfn-lint").join("lib")).unwrap().next().unwrap().unwrap().path();
    let table: PathBuf =
        packages.join("site-packages/cfnlint/data/AdditionalSpecs/LmbdRuntimeLifecycle.json");
    let table: Value = serde_json::from_str(&std::fs::read_to_string(table).unwrap()).unwrap();
    let ends = |runtime: &str| table[runtime]["deprecated"].as_str().unwrap().to_owned();
    let discover = examples().into_iter().find(|one| one.integration.name.as_str() == "discover").unwrap();
    let detective = discover.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
    let function = detective.template.resources().find(|one| one.id.as_str() == "AcceptorFunction").unwrap();
    let runtime = to_json(&function.properties)["Runtime"].as_str().unwrap().to_owned();
    let pythons = table.as_object().unwrap().keys().filter(|name| name.starts_with("python"));
    let last = pythons.map(|name| ends(name)).max().unwrap();
    assert_eq!(ends(&runtime), last, "{runtime}");
    assert_eq!(table[&runtime]["successor"], Value::Null, "{runtime}");
}
