//! What goes wrong on the way: the run survives it, or says what it was, and the next run finishes.

use std::process::Stdio;

use lakelink::deploy::causes::explain;
use lakelink::model::{Side, Stack};
use serde_json::{Value, json};

use super::{ADMINISTRATOR, Fleet, MANAGEMENT, REGIONS, changed, self_managed, service_managed};
use crate::world::shop::{SPEC, minimum, says};

const WRITES: [&str; 5] =
    ["CreateStackSet", "CreateStackInstances", "UpdateStackSet", "DeleteStackInstances", "DeleteStackSet"];
const READS: [&str; 6] = [
    "GetCallerIdentity",
    "DescribeStackSet",
    "ListStackInstances",
    "ListStackSetOperations",
    "DescribeStackSetOperation",
    "ListStackSetOperationResults",
];
const KIND: &str = "AWS::LakeFormation::PrincipalPermissions";
const REASON: &str = "Invalid principal, arn:aws:iam::444455556666:role/SecurityAnalyst (Service: LakeFormation, Status Code: 400)";

/// A whole life in which every call fails like this once.
fn survives(fault: &Value, actions: &[&str]) {
    let mut fleet = Fleet::open(&self_managed());
    let faults = actions.iter().map(|action| {
        let mut fault = fault.clone();
        fault["action"] = json!(action);
        fault["times"] = json!(1);
        fault
    });
    fleet.fault(&faults.collect::<Vec<_>>());
    fleet.rollout(0, &["--yes"]);
    fleet.change(&changed(&self_managed()));
    fleet.rollout(0, &["--yes"]);
    fleet.check();
    fleet.rollout(0, &["--remove", "--yes"]);
    fleet.all_faults_happened();
    fleet.check_removed();
}

#[test]
fn throttling_is_survived() {
    let calls = [&WRITES[..], &READS].concat();
    survives(&json!({ "code": "Throttling", "message": "Rate exceeded", "status": 400 }), &calls);
}

#[test]
fn a_write_without_an_answer_is_done_once() {
    survives(&json!({ "code": "InternalFailure", "message": "lost", "status": 500, "after": true }), &WRITES);
}

#[test]
fn a_region_that_fails_is_explained_and_the_next_run_goes_on() {
    let fleet = Fleet::open(&self_managed());
    let known = explain(KIND, REASON).unwrap();
    let failing =
        json!({ "type": KIND, "on": "create", "region": "eu-west-1", "message": REASON, "times": 1 });
    fleet.fault(&[failing]);
    let ran = fleet.rollout(1, &["--yes", "--format", "json"]);
    let events = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let events = events.collect::<Vec<_>>();
    assert_eq!(
        (&events.last().unwrap()["event"], &events.last().unwrap()["exit"]),
        (&json!("summary"), &json!(1))
    );
    let of = |region: &str| {
        let mut told =
            events.iter().filter(|event| event["event"] == "instance" && event["stack"] == "detective");
        told.find(|event| event["region"] == region && event["status"] != "running").unwrap().clone()
    };
    let words = REGIONS.map(|region| of(region)["status"].clone());
    assert_eq!(words, ["done", "failed", "cancelled"].map(Value::from));
    assert_eq!(of("eu-west-1")["account"], "444455556666");
    says(of("eu-west-1")["reason"].as_str().unwrap(), &[REASON, KIND, known.cause, known.cure]);
    let status = fleet.status();
    assert_eq!((&status["sets"][0]["in_step"], &status["sets"][1]["in_step"]), (&json!(true), &json!(false)));
    says(
        &fleet.only_reads(0, &["--status"]).stdout,
        &["OUTDATED    CANCELLED", "OUTDATED    FAILED", REASON],
    );
    says(&fleet.only_reads(11, &[]).stderr, &["deploy to eu-west-1, ap-northeast-1"]);
    fleet.rollout(0, &["--yes"]);
    fleet.check();
}

/// What needs a set that fails is not begun, in neither direction.
#[test]
fn what_comes_after_a_failure_is_left_out() {
    let fleet = Fleet::open(&self_managed());
    let kind = "AWS::SecurityLake::Subscriber";
    fleet.fault(&[
        json!({ "type": kind, "on": "create", "region": "us-east-1", "message": "it would not", "times": 1 }),
    ]);
    says(
        &fleet.rollout(1, &["--yes"]).stderr,
        &["it would not", "failed: 111122223333 in us-east-1", "skipped"],
    );
    assert_eq!(fleet.owner().as_object().unwrap().len(), 1);
    fleet.rollout(0, &["--yes"]);
    fleet.fault(&[
        json!({ "type": KIND, "on": "delete", "region": "us-east-1", "message": "not now", "times": 1 }),
    ]);
    says(&fleet.rollout(1, &["--remove", "--yes"]).stderr, &["not now", "skipped"]);
    says(&fleet.only_reads(11, &["--yes"]).stderr, &["INOPERABLE", "--retain-stacks"]);
    says(&fleet.only_reads(0, &["--status"]).stdout, &["INOPERABLE", "stop: "]);
    fleet.rollout(0, &["--remove", "--yes"]);
    fleet.check_removed();
}

#[test]
fn an_operation_of_somebody_else_is_waited_for() {
    let fleet = Fleet::open(&self_managed());
    fleet.rollout(0, &["--yes"]);
    fleet.world.fault(&json!({ "hold_operations": true }));
    let set = fleet.integration.stack_name(Stack::Lake);
    let theirs =
        ["update-stack-set", "--use-previous-template", "--operation-id", "theirs", "--stack-set-name", &set];
    let role = ["--administration-role-arn", "arn:aws:iam::777788889999:role/Administration"];
    fleet.aws(&[&["cloudformation"], &theirs[..], &role].concat());
    let ran = fleet.only_reads(7, &["--yes", "--timeout", "0"]);
    says(&ran.stderr, &["operation `theirs` goes on", "run the command again"]);
    fleet.world.fault(&json!({ "hold_operations": false }));
    fleet.only_reads(0, &["--yes"]);
    fleet.check();
    what_somebody_else_takes_back_ends_the_run(fleet, &set, &role);
}

/// While the program's update goes on, somebody puts the old template in line behind it.
fn what_somebody_else_takes_back_ends_the_run(mut fleet: Fleet, set: &str, role: &[&str]) {
    let template = |fleet: &Fleet| fleet.owner()[set]["template"].as_str().unwrap().to_owned();
    let before = template(&fleet);
    fleet.change(&changed(&self_managed()));
    fleet.world.fault(&json!({ "hold_operations": true }));
    let program = fleet.program();
    let mut command = program.command(&["rollout", SPEC, "--yes"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while template(&fleet) == before {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it updated the set");
    }
    let theirs = ["update-stack-set", "--stack-set-name", set, "--template-body", &before];
    fleet.aws(&[&["cloudformation"], &theirs[..], role].concat());
    fleet.world.fault(&json!({ "hold_operations": false }));
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let still =
        "the operation succeeded, and the set still has another template: somebody else may change it";
    says(&said, &[still, "lakelink rollout --status"]);
    assert_eq!(template(&fleet), before);
}

#[test]
fn two_runs_at_once_end_well() {
    let fleet = Fleet::open(&self_managed());
    for more in [&["--yes"][..], &["--yes", "--remove"]] {
        let program = fleet.program();
        let start = || {
            let mut command = program.command(&[&["rollout", SPEC], more].concat());
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        };
        for child in [start(), start()] {
            let output = child.wait_with_output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{more:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        if more.len() == 1 {
            fleet.check();
        }
    }
    fleet.check_removed();
}

#[test]
fn drift_is_looked_for_and_told() {
    let fleet = Fleet::open(&self_managed());
    fleet.rollout(0, &["--yes"]);
    says(&fleet.only_reads(0, &["--status"]).stdout, &["drift NOT_CHECKED"]);
    let bucket = "lakelink-variant-444455556666-eu-west-1";
    fleet.aws_as(
        Side::Detective,
        &[
            "s3api",
            "put-bucket-versioning",
            "--bucket",
            bucket,
            "--versioning-configuration",
            "Status=Suspended",
        ],
    );
    let status = fleet.only_reads(0, &["--status", "--drift", "--format", "json"]).stdout;
    let status = serde_json::from_str::<Value>(&status).unwrap();
    let drift = |set: usize| {
        status["sets"][set]["instances"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["region"].as_str().unwrap().to_owned(), one["drift"].clone()))
            .collect::<Value>()
    };
    let all =
        |other: &str| json!({ "us-east-1": "IN_SYNC", "eu-west-1": other, "ap-northeast-1": "IN_SYNC" });
    assert_eq!((drift(0), drift(1)), (all("IN_SYNC"), all("DRIFTED")));
    of_a_folder(&fleet);
}

/// Beside the one that has drifted: one that is not there, one that these credentials are not for, one without sets.
fn of_a_folder(fleet: &Fleet) {
    let own = self_managed().replace("variant", "own");
    let write = |name: &str, text: &str| {
        lakelink::files::write(&fleet.folder.path().join(format!("{name}.yaml")), text).unwrap();
    };
    write("own", &own.replace("444455556666", "555566667777"));
    let other = own.replace("own", "other").replace(ADMINISTRATOR, MANAGEMENT);
    write("other", &other.replace("444455556666", "666677778888"));
    write("without", &minimum("").replace("variant", "without").replace("444455556666", "888877776666"));
    let program = fleet.program();
    let ran = program.only_reads(5, &["rollout", ".", "--status"]);
    insta::assert_snapshot!("status_of_a_folder_of_sets", ran.stdout);
    let ran = program.only_reads(5, &["rollout", ".", "--status", "--format", "json"]);
    let status = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let names = status.as_array().unwrap().iter().map(|one| one["integration"].clone());
    assert_eq!(names.collect::<Value>(), json!(["other", "own", "variant"]));
    let reason = status[0]["error"].as_str().unwrap();
    says(reason, &["account `777788889999`, the stack sets live in `999900001111`"]);
    let ran = program.only_reads(2, &["rollout", "without.yaml", "--status", "--format", "json"]);
    let none = json!({ "integration": "without", "error": "it has no stack sets" });
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), none);
    let ran = program.only_reads(5, &["rollout", "other.yaml", "--yes", "--format", "json"]);
    let event = serde_json::from_str::<Value>(ran.stdout.lines().next().unwrap()).unwrap();
    let said = ["event", "integration", "account", "status", "reason"].map(|key| event[key].clone());
    assert_eq!(json!(said), json!(["integration", "other", MANAGEMENT, "refused", reason]));
}

/// What is no business of this spec, or not of these credentials, is left alone.
#[test]
fn what_is_somebody_elses_stays() {
    let mut fleet = Fleet::open(&self_managed());
    let ran = fleet.only_reads(5, &["--yes", "--profile", "lake"]);
    says(&ran.stderr, &["account `111122223333`, the stack sets live in `777788889999`", "--profile"]);
    let set = fleet.integration.stack_name(Stack::Detective);
    let body = r#"{"Resources": {"Theirs": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "1"}}}}"#;
    fleet.aws(&["cloudformation", "create-stack-set", "--stack-set-name", &set, "--template-body", body]);
    let stopped = ["nothing was written", &set, "not made from a template of lakelink"];
    says(&fleet.only_reads(11, &["--yes"]).stderr, &stopped);
    says(&fleet.only_reads(11, &["--remove", "--yes"]).stderr, &stopped);
    assert_eq!(fleet.owner()[&set]["template"], body);
    fleet.aws(&["cloudformation", "delete-stack-set", "--stack-set-name", &set]);
    fleet.rollout(0, &["--yes"]);
    // An instance in a Region that the spec does not have any more is named, and goes with the set.
    fleet.change(&self_managed().replace(", ap-northeast-1", ""));
    says(&fleet.only_reads(0, &["--status"]).stdout, &["ap-northeast-1", "not in the spec"]);
    let said = fleet.only_reads(11, &["--yes"]).stderr;
    says(&said, &["the spec has no ap-northeast-1 any more"]);
    let command = said.lines().find_map(|line| line.trim().strip_prefix("aws ")).unwrap();
    fleet.aws(&command.split(' ').collect::<Vec<_>>());
    let is_there = || fleet.status()["sets"][1]["instances"].as_array().unwrap().len() == REGIONS.len();
    assert!((0..100).any(|_| !is_there()), "the command removes it");
    fleet.rollout(0, &["--yes"]);
    let left = fleet.only_reads(0, &["--yes"]).stderr;
    says(&left, &["not in the spec, and left as it is: 111122223333 in ap-northeast-1"]);
    assert!(!left.contains("444455556666 in ap-northeast-1"), "{left}");
    let removed = fleet.rollout(0, &["--remove", "--yes"]).stderr;
    says(&removed, &["    not in the spec, and removed with the set: 111122223333 in ap-northeast-1\n"]);
    assert!(!removed.contains("with the set: 444455556666"), "{removed}");
    fleet.check_removed();
}

/// There are no change sets of stack sets, so lakelink looks at the templates.
#[test]
fn what_holds_data_is_made_anew_only_if_it_is_named() {
    let with = |version: &str| {
        let lake =
            format!("lake:\n  collection: {{accounts: all}}\n  source_version: \"{version}\"\n  account");
        self_managed().replace("lake:\n  account", &lake)
    };
    let mut fleet = Fleet::open(&with("1.0"));
    fleet.rollout(0, &["--yes"]);
    fleet.change(&with("2.0"));
    let said = fleet.only_reads(11, &["--yes"]).stderr;
    let trail = "lake-collection/LogSourceCloudTrailMgmt";
    let anew = format!("`{trail}` (AWS::SecurityLake::AwsLogSource) would be made anew in every Region");
    says(&said, &["nothing was written", &anew, &format!("--allow-replace {trail} allows it")]);
    let said = fleet.only_reads(11, &["--yes", "--allow-replace", trail]).stderr;
    assert!(!said.contains(trail) && said.contains("lake-collection/LogSourceVpcFlow"), "{said}");
}

/// StackSets calls it a success when nobody is meant.
#[test]
fn a_unit_without_the_account_is_no_success() {
    let fleet = Fleet::open_with(&service_managed(), |seed| {
        seed["units"]["units"]["ou-ab12-lake0000"] = json!([MANAGEMENT]);
    });
    let ran = fleet.rollout(1, &["--yes"]);
    says(&ran.stderr, &["made nothing in us-east-1", "`ou-ab12-lake0000` holds account 111122223333"]);
}
