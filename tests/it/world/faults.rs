//! What goes wrong in AWS on the way: the run survives it, or says what it was, and the next run finishes.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use lakelink::deploy::causes::explain;
use lakelink::model::{Side, Stack};
use lakelink::vocab::{Region, Word as _};
use serde_json::{Value, json};

use super::check::check_removed;
use super::shop::{SPEC, Shop, minimum, says, twofold};
use crate::env;

/// Every kind of call of a whole deploy and destroy.
const WRITES: [&str; 6] = [
    "CreateChangeSet",
    "ExecuteChangeSet",
    "UpdateTerminationProtection",
    "acceptresourceshareinvitation",
    "DeleteStack",
    "PutDataLakeSettings",
];
const READS: [&str; 8] = [
    "GetCallerIdentity",
    "DescribeStacks",
    "GetTemplate",
    "DescribeChangeSet",
    "ListChangeSets",
    "listresources",
    "getresourceshareinvitations",
    "GetDataLakeSettings",
];

/// Deploys, finds in step and removes while every kind of call fails once.
fn survives(fault: &Value, actions: &[&str]) {
    let shop = Shop::open(&minimum(""), &[]);
    let faults = actions.iter().map(|action| {
        let mut fault = fault.clone();
        fault["action"] = json!(action);
        fault["times"] = json!(1);
        fault
    });
    shop.fault(&faults.collect::<Vec<_>>());
    shop.ends(0, "deploy", &["--yes"]);
    shop.check();
    shop.ends(0, "destroy", &["--yes"]);
    shop.all_faults_happened();
    check_removed(&shop.integration, &shop.world);
}

#[test]
fn throttling_is_survived() {
    let calls = [&WRITES[..], &READS].concat();
    survives(&json!({ "code": "Throttling", "message": "Rate exceeded", "status": 400 }), &calls);
}

#[test]
fn errors_of_the_server_are_survived() {
    let calls = [&WRITES[..], &READS].concat();
    survives(&json!({ "code": "InternalFailure", "message": "we failed", "status": 500 }), &calls);
    survives(&json!({ "code": "ServiceUnavailable", "message": "later", "status": 503 }), &calls);
}

#[test]
fn a_write_without_an_answer_is_done_once() {
    survives(&json!({ "code": "InternalFailure", "message": "lost", "status": 500, "after": true }), &WRITES);
}

#[test]
fn throttling_for_good_ends_the_run_and_not_the_work() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.fault(&[json!({ "action": "ExecuteChangeSet", "code": "Throttling", "message": "Rate exceeded", "times": 1000 })]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &["ExecuteChangeSet", "Rate exceeded"]);
    shop.fault(&[]);
    shop.deploy();
}

#[test]
fn credentials_that_end_on_the_way_are_named_and_the_next_run_goes_on() {
    let shop = Shop::open(&minimum(""), &[]);
    let account = shop.integration.detective.account.as_str();
    let expired = "The security token included in the request is expired";
    let fault = |action| json!({ "action": action, "account": account, "code": "ExpiredToken", "message": expired, "status": 403, "times": 99 });
    shop.fault(&[fault("listresources")]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &["is expired", "renew them and run the command again"]);
    assert_eq!(shop.stack(Stack::Lake), "CREATE_COMPLETE");
    shop.fault(&[]);
    shop.deploy();
    shop.fault(&[fault("DeleteStack")]);
    let ran = shop.ends(1, "destroy", &["--yes"]);
    says(&ran.stderr, &["is expired", "renew them and run the command again"]);
    shop.fault(&[]);
    shop.ends(0, "destroy", &["--yes"]);
    check_removed(&shop.integration, &shop.world);
}

/// Whose the console's parameters are: who may not ask goes on, who got no answer does not.
#[test]
fn an_owner_that_cannot_be_asked_for_is_not_taken_for_none() {
    let mut shop = Shop::open(&minimum(""), &[]);
    let fault = |code: &str, message: &str, times: u32| json!({ "action": "GetResource", "code": code, "message": message, "status": 400, "times": times });
    let forbidden =
        "User: arn:aws:iam::444455556666:user/eve is not authorized to perform: ssm:GetParameters";
    shop.fault(&[fault("GeneralServiceException", forbidden, 1)]);
    shop.ends(0, "deploy", &["--yes"]);
    shop.all_faults_happened();
    shop.change(&minimum("").replace("name: ", "name: other-"));
    shop.fault(&[fault("Throttling", "Rate exceeded", 99)]);
    let ran = shop.program().only_reads(1, &["deploy", SPEC, "--yes"]);
    says(&ran.stderr, &["GetResource: Rate exceeded"]);
    shop.fault(&[]);
    let ran = shop.program().only_reads(11, &["deploy", SPEC, "--yes"]);
    says(&ran.stderr, &["an account has one integration for each Region"]);
}

const REASON: &str = "Invalid principal, arn:aws:iam::444455556666:role/SecurityAnalyst (Service: LakeFormation, Status Code: 400)";
const KIND: &str = "AWS::LakeFormation::PrincipalPermissions";

#[test]
fn a_failing_resource_is_quoted_and_explained_and_its_dead_stack_made_again() {
    let shop = Shop::open(&minimum(""), &[]);
    let known = explain(KIND, REASON).unwrap();
    shop.fault(&[json!({ "type": KIND, "on": "create", "message": REASON, "times": 1 })]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &[REASON, known.cause, known.cure, KIND, "--recreate-failed detective"]);
    assert_eq!(shop.stack(Stack::Detective), "ROLLBACK_COMPLETE");
    let ran = shop.program().only_reads(11, &["deploy", SPEC, "--yes"]);
    says(&ran.stderr, &[REASON, known.cure, "ROLLBACK_COMPLETE", "--recreate-failed detective"]);
    says(&shop.ends(11, "plan", &[]).stdout, &["ROLLBACK_COMPLETE", "--recreate-failed detective"]);
    shop.ends(0, "deploy", &["--yes", "--recreate-failed", "detective"]);
    shop.check();
}

#[test]
fn an_update_that_fails_goes_back_and_the_next_run_makes_it() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let text = minimum("").replace("lake:\n", "lake:\n  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n");
    shop.change(&text);
    shop.fault(&[json!({ "type": KIND, "on": "create", "message": REASON, "times": 1 })]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &[REASON, "UPDATE_ROLLBACK_COMPLETE"]);
    assert!(!ran.stderr.contains("--recreate-failed"), "{}", ran.stderr);
    shop.deploy();
}

#[test]
fn half_a_deployment_is_removed() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.fault(&[json!({ "type": KIND, "on": "create", "message": REASON, "times": 1 })]);
    shop.ends(1, "deploy", &["--yes"]);
    shop.ends(0, "destroy", &["--yes"]);
    for side in [Side::Lake, Side::Detective] {
        let state = shop.state(side);
        assert_eq!(
            (&state["stacks"], &state["lake_formation"]["administrators"]),
            (&json!({}), &json!([])),
            "{side:?}"
        );
    }
    shop.deploy();
}

#[test]
fn one_region_fails_and_the_other_finishes() {
    let shop = Shop::open(&twofold(), &[]);
    let kind = "AWS::SecurityLake::Subscriber";
    shop.fault(&[
        json!({ "type": kind, "region": "us-east-1", "on": "create", "message": "it would not", "times": 1 }),
    ]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &["us-east-1", "it would not", "--recreate-failed lake"]);
    let [failed, other] = ["us-east-1", "eu-west-1"].map(|name| Region::read(name).unwrap());
    super::check::check_region(&shop.integration, &shop.world, other);
    assert_eq!(
        shop.state_in(Side::Detective, failed)["stacks"][shop.integration.stack_name(Stack::Detective)],
        Value::Null
    );
    shop.ends(0, "deploy", &["--yes", "--recreate-failed", "lake"]);
    shop.check();
}

/// Two people give the same command at once: one's operation is the other's stack that is busy.
#[test]
fn two_runs_at_once_end_well() {
    let shop = Shop::open(&minimum(""), &[]);
    let program = shop.program();
    for arguments in [["deploy", SPEC, "--yes"], ["destroy", SPEC, "--yes"]] {
        let start = || {
            program
                .command(&arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        for child in [start(), start()] {
            let output = child.wait_with_output().unwrap();
            assert_eq!(
                output.status.code(),
                Some(0),
                "{arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        if arguments[0] == "deploy" {
            shop.check();
        }
    }
    check_removed(&shop.integration, &shop.world);
}

#[test]
fn a_new_role_is_tried_until_it_works() {
    let shop = Shop::open(&minimum(""), &[("new_role_calls", json!(3))]);
    says(&shop.ends(7, "deploy", &["--yes", "--timeout", "0"]).stderr, &["run the command again"]);
    shop.deploy();
}

#[test]
fn a_stack_of_somebody_else_is_left_alone() {
    let shop = Shop::open(&minimum(""), &[]);
    let name = shop.integration.stack_name(Stack::Lake);
    let template = json!({ "Resources": { "Theirs": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": "1" } } } });
    shop.aws(
        Side::Lake,
        &["cloudformation", "create-stack", "--stack-name", &name, "--template-body", &template.to_string()],
    );
    says(&shop.ends(11, "plan", &[]).stdout, &["not lakelink's"]);
    says(&shop.ends(11, "deploy", &["--yes"]).stderr, &[&name, "not made from a template of lakelink"]);
    says(&shop.ends(11, "destroy", &["--yes"]).stderr, &[&name, "left as it is"]);
    let state = shop.state(Side::Lake);
    let stacks = state["stacks"].as_object().unwrap();
    assert_eq!(stacks[&name]["resources"], json!({ "Theirs": "AWS::SSM::Parameter" }));
}

/// Every line is JSON, and the last one is the summary with the exit code.
fn check_events(text: &str, code: i32) -> Vec<Value> {
    let events = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    let events = events.collect::<Vec<_>>();
    let (last, others) = events.split_last().unwrap();
    assert_eq!((&last["event"], &last["exit"]), (&json!("summary"), &json!(code)), "{text}");
    let keys = ["event", "account", "region", "stack", "status", "reason", "elapsed_ms"];
    for event in others {
        assert!(event["event"] != "summary" && keys.iter().all(|key| event.get(key).is_some()), "{event}");
    }
    events
}

#[test]
fn events_are_lines_of_json_whatever_happens() {
    let shop = Shop::open(&minimum(""), &[]);
    check_events(&shop.ends(11, "deploy", &["--format", "json"]).stdout, 11);
    shop.fault(&[json!({ "type": KIND, "on": "create", "message": REASON, "times": 1 })]);
    let failed = check_events(&shop.ends(1, "deploy", &["--yes", "--format", "json"]).stdout, 1);
    let of = |events: &[Value], stack: &str, status: &str| {
        events
            .iter()
            .filter(|event| event["stack"] == stack && event["status"] == status)
            .cloned()
            .collect::<Vec<_>>()
    };
    let [failure] = &of(&failed, "detective", "failed")[..] else { panic!("{failed:#?}") };
    says(failure["reason"].as_str().unwrap(), &[REASON]);
    let done = shop.ends(0, "deploy", &["--yes", "--recreate-failed", "detective", "--format", "json"]);
    let done = check_events(&done.stdout, 0);
    assert_eq!(
        (of(&done, "detective", "done").len(), of(&done, "lake", "in_step").len()),
        (1, 1),
        "{done:#?}"
    );
    check_events(&shop.ends(11, "destroy", &["--format", "json"]).stdout, 11);
    let gone = check_events(&shop.ends(0, "destroy", &["--yes", "--format", "json"]).stdout, 0);
    assert_eq!(of(&gone, "lake-roles", "deleted").len(), 1, "{gone:#?}");
    let ran = shop
        .program()
        .only_reads(5, &["deploy", SPEC, "--yes", "--format", "json", "--lake-profile", "detective"]);
    check_events(&ran.stdout, 5);
}

/// Ctrl-C: the program says what goes on, ends at once, and the same command goes on from there.
#[test]
fn an_interruption_is_explained() {
    let shop = Shop::open(&minimum(""), &[]);
    for (command, writes) in [("deploy", 5), ("destroy", 2)] {
        shop.world.forget_calls();
        shop.world.fault(&json!({ "hang_after_write": writes }));
        let program = shop.program();
        let mut command = program.command(&[command, SPEC, "--yes"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while shop.world.writes().len() < writes {
            assert_eq!(child.try_wait().unwrap(), None, "it ended too early");
            thread::sleep(Duration::from_millis(5));
        }
        let ran = env::run(Command::new("kill").args(["-INT", &child.id().to_string()]));
        assert_eq!(ran.code, 0, "{}", ran.said());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{said}");
        says(&said, &["interrupted", "the same command goes on from there"]);
        shop.fault(&[]);
        if writes == 5 {
            shop.deploy();
        }
    }
    shop.ends(0, "destroy", &["--yes"]);
    check_removed(&shop.integration, &shop.world);
}
