//! What a person must allow, and what the flags that allow it do; and in which order rights go.

use lakelink::check::Rendered;
use lakelink::model::{Side, Stack};
use lakelink::vocab::{Region, Word as _};
use serde_json::{Value, json};

use super::shop::{SPEC, Shop, minimum, says, twofold};
use crate::support::{rendered, spec};

pub(super) fn body(rendered: &Rendered, stack: Stack) -> String {
    rendered.stacks.iter().find(|one| one.stack == stack).unwrap().yaml()
}

/// A template with one piece of it changed.
pub(super) fn changed(body: &str, old: &str, new: &str) -> String {
    assert_eq!(body.matches(old).count(), 1, "{old}");
    body.replace(old, new)
}

/// Somebody updates a stack of ours by hand, and waits for it or not.
pub(super) fn update_by_hand(shop: &Shop, stack: Stack, body: &str, waits: bool) {
    let name = shop.integration.stack_name(stack);
    let told = stack == Stack::Detective;
    let told = told.then_some(["--parameters", "ParameterKey=ResourceShareArn,UsePreviousValue=true"]);
    let mut arguments =
        vec!["cloudformation", "update-stack", "--stack-name", &name, "--template-body", body];
    arguments.extend(told.into_iter().flatten());
    shop.aws(stack.side(), &arguments);
    if waits {
        shop.aws(stack.side(), &["cloudformation", "wait", "stack-update-complete", "--stack-name", &name]);
    }
}

/// How often the change sets of a stack were executed, by the log of calls.
fn executed(shop: &Shop, stack: Stack) -> usize {
    let name = shop.integration.stack_name(stack);
    shop.world
        .writes()
        .iter()
        .filter(|write| **write == format!("cloudformation:ExecuteChangeSet {name}"))
        .count()
}

#[test]
fn what_holds_data_is_removed_only_if_a_person_allows_it() {
    let by_key = spec("", "  results: {encryption: kms}\n", "");
    let mut shop = Shop::open(&by_key, &[]);
    shop.deploy();
    // A template that does not keep the key.
    let mut ours = body(&rendered(SPEC, &by_key), Stack::Detective);
    for head in
        ["  ResultsKey:\n    Type: AWS::KMS::Key\n", "  ResultsKeyAlias:\n    Type: AWS::KMS::Alias\n"]
    {
        ours = changed(&ours, &format!("{head}    DeletionPolicy: RetainExceptOnCreate\n"), head);
    }
    update_by_hand(&shop, Stack::Detective, &ours, true);
    shop.change(&minimum(""));
    let flag = "--allow-remove detective/ResultsKey";
    let said = ["`detective/ResultsKey` (AWS::KMS::Key) would be removed", flag];
    says(&shop.ends(11, "plan", &[]).stdout, &said);
    let others = ["--allow-remove", "detective/ResultsKeyAlias", "--allow-replace", "detective/ResultsKey"];
    for more in [&[][..], &others] {
        shop.world.forget_calls();
        says(&shop.ends(11, "deploy", &[&["--yes"], more].concat()).stderr, &said);
        assert_eq!(executed(&shop, Stack::Detective), 0);
    }
    assert_eq!(enabled_keys(&shop), 1);
    shop.ends(0, "deploy", &["--yes", "--allow-remove", "detective/ResultsKey"]);
    assert_eq!(enabled_keys(&shop), 0);
    shop.check();
}

fn enabled_keys(shop: &Shop) -> usize {
    let state = shop.state(Side::Detective);
    state["kms_keys"].as_object().unwrap().values().filter(|key| key["state"] == "Enabled").count()
}

/// Each thing is allowed by its own name, and by nothing else.
#[test]
fn log_sources_are_made_anew_only_if_a_person_allows_it() {
    let text = spec("  collection: {accounts: all}\n", "", "");
    let mut shop = Shop::open(&text, &[]);
    shop.deploy();
    shop.change(&text.replace("  collection:", "  source_version: '1.0'\n  collection:"));
    let (first, other) = ("lake-collection/LogSourceCloudTrailMgmt", "lake-collection/LogSourceVpcFlow");
    let anew = |id: &str| format!("`{id}` (AWS::SecurityLake::AwsLogSource) would be made anew");
    let plan = shop.ends(11, "plan", &[]).stdout;
    says(&plan, &[&anew(first), &anew(other)]);
    shop.world.forget_calls();
    let ran = shop.ends(11, "deploy", &["--yes", "--allow-replace", first, "--allow-remove", other]);
    says(&ran.stderr, &[&anew(other), &format!("--allow-replace {other} allows it")]);
    assert!(!ran.stderr.contains(&anew(first)), "{}", ran.stderr);
    assert_eq!(executed(&shop, Stack::LakeCollection), 0);
    shop.ends(0, "deploy", &["--yes", "--allow-replace", first, "--allow-replace", other]);
    shop.check();
    for wrong in ["LogSourceVpcFlow", "lakes/LogSourceVpcFlow", "lake/"] {
        says(&shop.ends(2, "deploy", &["--allow-replace", wrong]).stderr, &["write it as STACK/ID"]);
    }
}

#[test]
fn an_older_layout_is_brought_to_this_one_only_if_a_person_says_so() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Detective);
    let of_layout = |layout: &str| {
        let older = changed(&ours, "    Layout: 1\n", &format!("    Layout: {layout}\n"));
        changed(&older, "ExpirationInDays: 90", &format!("ExpirationInDays: 8{layout}"))
    };
    update_by_hand(&shop, Stack::Detective, &of_layout("0"), true);
    let ran = shop.program().only_reads(11, &["deploy", SPEC, "--yes"]);
    says(&ran.stderr, &["has layout 0, this lakelink makes 1", "--upgrade"]);
    shop.ends(0, "deploy", &["--yes", "--upgrade"]);
    shop.check();
    update_by_hand(&shop, Stack::Detective, &of_layout("2"), true);
    let ran = shop.program().only_reads(11, &["deploy", SPEC, "--yes", "--upgrade"]);
    says(&ran.stderr, &["has layout 2 and this lakelink knows 1", "use a newer lakelink"]);
}

/// One Region stops at the first look; the other one then has its lake stack still to make, and the rest is left out.
#[test]
fn the_first_failure_ends_every_region_if_a_person_says_so() {
    let shop = Shop::open(&twofold(), &[]);
    let name = shop.integration.stack_name(Stack::Lake);
    let theirs = json!({ "Resources": { "Theirs": { "Type": "AWS::SSM::Parameter", "Properties": { "Type": "String", "Value": "1" } } } });
    let theirs = theirs.to_string();
    shop.aws(
        Side::Lake,
        &["cloudformation", "create-stack", "--stack-name", &name, "--template-body", &theirs],
    );
    let detective = |shop: &Shop| {
        let state = shop.state_in(Side::Detective, Region::read("eu-west-1").unwrap());
        state["stacks"][shop.integration.stack_name(Stack::Detective)]["status"].clone()
    };
    let ran = shop.ends(11, "deploy", &["--yes", "--fail-fast", "--format", "json"]);
    let events = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let skipped = events.filter(|event| event["status"] == "skipped").collect::<Vec<_>>();
    let [one] = &skipped[..] else { panic!("{}", ran.stdout) };
    assert_eq!((&one["stack"], &one["region"]), (&json!("detective"), &json!("eu-west-1")));
    assert_eq!(detective(&shop), Value::Null);
    shop.ends(11, "deploy", &["--yes"]);
    assert_eq!(detective(&shop), "CREATE_COMPLETE", "without the flag the other Region finishes");
}

/// Somebody else works on a stack for longer than a person wants to wait.
#[test]
fn a_busy_stack_is_waited_for_as_long_as_a_person_says() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Lake);
    let gate = "Resources:\n  Gate:\n    Type: AWS::CloudFormation::WaitCondition\n    CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT1H}}\n";
    update_by_hand(&shop, Stack::Lake, &changed(&ours, "Resources:\n", gate), false);
    says(
        &shop.program().only_reads(11, &["plan", SPEC]).stdout,
        &["UPDATE_IN_PROGRESS: another operation goes on"],
    );
    let ran = shop.program().only_reads(7, &["deploy", SPEC, "--yes", "--timeout", "0"]);
    says(
        &ran.stderr,
        &["UPDATE_IN_PROGRESS: another operation goes on", "still running when the time was over"],
    );
    let name = shop.integration.stack_name(Stack::Lake);
    let signal =
        ["cloudformation", "signal-resource", "--stack-name", &name, "--logical-resource-id", "Gate"];
    shop.aws(Side::Lake, &[&signal[..], &["--unique-id", "1", "--status", "SUCCESS"]].concat());
    shop.deploy();
}

/// The flag is for dead stacks, and for those that it names.
#[test]
fn nothing_but_the_named_dead_stack_is_made_again() {
    let shop = Shop::open(&minimum(""), &[]);
    let kind = "AWS::LakeFormation::PrincipalPermissions";
    shop.fault(&[json!({ "type": kind, "on": "create", "message": "it would not", "times": 1 })]);
    shop.ends(1, "deploy", &["--yes"]);
    let ran = shop.program().only_reads(11, &["deploy", SPEC, "--yes", "--recreate-failed", "lake"]);
    says(&ran.stderr, &["ROLLBACK_COMPLETE", "--recreate-failed detective"]);
    shop.ends(0, "deploy", &["--yes", "--recreate-failed", "detective"]);
    shop.program().only_reads(
        0,
        &["deploy", SPEC, "--yes", "--recreate-failed", "detective", "--recreate-failed", "lake"],
    );
    shop.check();
}

/// What takes rights away waits for every Region; while one has failed, the rights stay.
#[test]
fn rights_go_after_the_last_region() {
    let mut shop = Shop::open(&twofold(), &[]);
    shop.deploy();
    shop.change(&twofold().replace("detective:\n", "detective:\n  queries: false\n"));
    let before = shop.state(Side::Detective)["iam"].clone();
    shop.fault(&[json!({ "action": "CreateChangeSet", "region": "eu-west-1", "code": "ValidationError", "message": "not today", "times": 1 })]);
    shop.world.forget_calls();
    says(&shop.ends(1, "deploy", &["--yes"]).stderr, &["not today"]);
    assert_eq!((executed(&shop, Stack::Detective), executed(&shop, Stack::DetectiveRoles)), (1, 0));
    assert_eq!(shop.state(Side::Detective)["iam"], before);
    shop.ends(0, "deploy", &["--yes"]);
    assert_eq!((executed(&shop, Stack::Detective), executed(&shop, Stack::DetectiveRoles)), (2, 1));
    let writes = shop.world.writes();
    let mut executions = writes.iter().filter(|write| write.contains("ExecuteChangeSet"));
    assert!(executions.next_back().unwrap().ends_with("-detective-roles"), "{:?}", shop.world.writes());
    shop.check();
}

/// Not even a removal goes on without the roles stacks, which would stay behind.
#[test]
fn a_home_region_that_moved_stops_every_command() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    shop.change(&minimum("home_region: eu-west-1\n"));
    let stem = shop.integration.stack_name(Stack::LakeRoles);
    for command in
        [&["plan", SPEC][..], &["status", SPEC], &["deploy", SPEC, "--yes"], &["destroy", SPEC, "--yes"]]
    {
        let ran = shop.program().only_reads(11, command);
        says(
            &ran.stderr,
            &[
                &stem[..stem.len() - "lake-roles".len()],
                "is in `us-east-1`",
                "write `home_region: us-east-1`",
            ],
        );
    }
    // Who changes nothing about roles is not kept from it.
    shop.program().only_reads(0, &["deploy", SPEC, "--only", "lake"]);
}
