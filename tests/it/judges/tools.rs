//! How each judge is run, and how what it says becomes [`Finding`]s.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use super::{Finding, Twin};
use crate::env;

/// Exit codes of a judge that did its work: nothing found, or something found.
const CHECKOV_WORKED: [i32; 2] = [0, 1];
const GUARD_WORKED: [i32; 2] = [0, 19];

/// Runs cfn-lint, with its informational rules, over files that are for the same Regions.
///
/// Every rule is mandatory: what a template's `Metadata` tells cfn-lint to ignore is found all the same.
pub(super) fn cfn_lint(base: &Path, files: &[String], regions: &BTreeSet<String>) -> Vec<Finding> {
    let mut command = Command::new(env::program(&env::venv("cfn-lint"), "cfn-lint"));
    command.current_dir(base).args(["--include-checks", "I", "--mandatory-checks", "E", "W", "I"]);
    command.args(["--format", "json", "--regions"]).args(regions).arg("--").args(files);
    let ran = env::run(&mut command);
    // The exit code says which levels were found; whoever cannot work writes no JSON.
    list(&parse_json("cfn-lint", &ran))
        .iter()
        .map(|found| {
            let path: Vec<_> = list(&found["Location"]["Path"]).iter().map(text).collect();
            let resource = path.first().filter(|section| *section == "Resources").and_then(|_| path.get(1));
            Finding {
                template: text(&found["Filename"]),
                rule: text(&found["Rule"]["Id"]),
                resource: resource.cloned().unwrap_or_default(),
                message: text(&found["Message"]),
            }
        })
        .collect()
}

/// Runs checkov without any network; also returns the number of checks and of resources that it saw.
///
/// What it skips for `Metadata` in a template counts as found: `accepted.yaml` is the one place to accept.
pub(super) fn checkov(base: &Path, files: &[String]) -> (Vec<Finding>, u64, u64) {
    let mut command = Command::new(env::program(&env::venv("checkov"), "checkov"));
    // No `--quiet`: it hides skipped checks and files that checkov cannot read.
    command.current_dir(base).args(["--framework", "cloudformation", "--output", "json", "--compact"]);
    // `--skip-download` stops the guidelines' download, the variable the look for a newer version.
    command.arg("--skip-download").env("CKV_SKIP_PACKAGE_UPDATE_CHECK", "true").env_remove("BC_API_KEY");
    let ran = env::run(command.arg("--file").args(files));
    assert!(CHECKOV_WORKED.contains(&ran.code), "checkov did not work: {}", ran.said());
    let report = parse_json("checkov", &ran);
    let (results, summary) = (&report["results"], &report["summary"]);
    let failed =
        list(&results["failed_checks"]).iter().chain(list(&results["skipped_checks"])).map(|check| Finding {
            template: text(&check["file_path"]).trim_start_matches('/').to_owned(),
            rule: text(&check["check_id"]),
            // `AWS::S3::Bucket.ResultsBucket`
            resource: text(&check["resource"]).rsplit('.').next().unwrap_or_default().to_owned(),
            message: text(&check["check_name"]),
        });
    let unread = list(&results["parsing_errors"]).iter().map(|file| Finding {
        template: text(file),
        rule: "unreadable".to_owned(),
        resource: String::new(),
        message: "checkov cannot read this file".to_owned(),
    });
    let count = |key: &str| summary[key].as_u64().unwrap_or_default();
    let checks = count("passed") + count("failed") + count("skipped");
    (failed.chain(unread).collect(), checks, count("resource_count"))
}

/// Runs cfn-guard with the rules of AWS Control Tower; also returns the number of rules that had something to judge.
pub(super) fn guard(base: &Path, files: &[String]) -> (Vec<Finding>, usize) {
    let (binary, rules) = env::guard();
    let mut command = Command::new(binary);
    command.args(["validate", "--structured", "--output-format", "json", "--show-summary", "none"]);
    command.current_dir(base).arg("--rules").arg(rules).arg("--data").args(files);
    let ran = env::run(&mut command);
    assert!(GUARD_WORKED.contains(&ran.code), "cfn-guard did not work: {}", ran.said());
    let reports = parse_json("cfn-guard", &ran);
    assert_eq!(list(&reports).len(), files.len(), "cfn-guard left out a file: {}", ran.stderr);
    let base = base.canonicalize().expect("a folder to judge");
    let mut findings = BTreeSet::new();
    let mut judged = 0;
    for report in list(&reports) {
        let name = text(&report["name"]);
        let template =
            Path::new(&name).strip_prefix(&base).map_or(name.clone(), |path| path.display().to_string());
        judged += list(&report["compliant"]).len() + list(&report["not_compliant"]).len();
        findings
            .extend(list(&report["not_compliant"]).iter().flat_map(|rule| guard_findings(&template, rule)));
    }
    (findings.into_iter().collect(), judged)
}

/// One finding for each resource that a rule of cfn-guard turned down, under the rule's Control Tower id.
fn guard_findings(template: &str, rule: &Json) -> Vec<Finding> {
    let (mut resources, mut messages) = (BTreeSet::new(), Vec::new());
    walk(rule, &mut |key, value| match key {
        "path" => resources.extend(
            value.strip_prefix("/Resources/").and_then(|path| path.split('/').next()).map(str::to_owned),
        ),
        "custom_message" => messages.push(value.trim().to_owned()),
        _ => (),
    });
    // `[CT.S3.PR.1]: Require …`, then a line `[FIX]: …`
    let told =
        messages.iter().find_map(|message| message.lines().next()?.strip_prefix('[')?.split_once("]: "));
    let name = text(&rule["Rule"]["name"]);
    let (id, message) = told.map_or((name.as_str(), ""), |(id, message)| (id, message));
    if resources.is_empty() {
        resources.insert(String::new());
    }
    let finding = |resource| Finding {
        template: template.to_owned(),
        rule: id.to_owned(),
        resource,
        message: message.to_owned(),
    };
    resources.into_iter().map(finding).collect()
}

/// Shows every text in a JSON tree with its key.
fn walk(tree: &Json, visit: &mut impl FnMut(&str, &str)) {
    match tree {
        Json::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Json::Object(entries) => entries.iter().for_each(|(key, value)| match value {
            Json::String(value) => visit(key, value),
            value => walk(value, visit),
        }),
        _ => (),
    }
}

/// What parliament finds in policies: JSON as `tests/judges/parliament_findings.py` takes it.
pub(super) fn parliament(policies: &Json) -> Vec<Finding> {
    let mut command = Command::new(env::program(&env::venv("parliament"), "python"));
    // It imports what setuptools warns about.
    command.args(["-W", "ignore"]).arg(env::root().join("tests/judges/parliament_findings.py"));
    let ran = env::run_with_input(&mut command, &policies.to_string());
    assert!(ran.code == 0, "parliament did not work: {}", ran.said());
    serde_json::from_value(parse_json("parliament", &ran)).expect("the findings of parliament")
}

/// Lets one of our two readers compare twins.
fn reader(command: &mut Command, twins: &[Twin]) -> Vec<Finding> {
    let ran = env::run_with_input(command, &serde_json::to_string(twins).expect("texts"));
    assert!(ran.code == 0, "a reader did not work: {}", ran.said());
    serde_json::from_str(&ran.stdout).expect("the findings of a reader")
}

pub(super) fn yaml11(twins: &[Twin]) -> Vec<Finding> {
    let python = env::program(&env::venv("cfn-lint"), "python");
    reader(Command::new(python).arg(env::root().join("tests/judges/yaml11.py")), twins)
}

pub(super) fn yaml12(twins: &[Twin]) -> Vec<Finding> {
    reader(Command::new("node").arg(env::root().join("tests/judges/yaml12.mjs")).arg(env::node()), twins)
}

fn parse_json(judge: &str, ran: &env::Ran) -> Json {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{judge} wrote no JSON: {error}\n{}", ran.said()))
}

fn text(value: &Json) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}
