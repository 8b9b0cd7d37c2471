//! What is not what it was a moment ago: new roles that are not known yet, change sets and outputs that are gone, a full
//! disk.

use std::fs::File;
use std::process::Stdio;

use lakelink::model::{Side, Stack};
use serde_json::json;

use super::shop::{SPEC, Shop, minimum, says};

/// A new role that Lake Formation does not know in so many stacks.
fn unknown_role(times: u32) -> serde_json::Value {
    json!({
        "type": "AWS::LakeFormation::DataLakeSettings", "on": "create", "times": times,
        "message": "Invalid principal, arn:aws:iam::111122223333:role/lakelink/lakelink-variant-lake-cfn (Service: LakeFormation)",
    })
}

#[test]
fn a_stack_that_fails_for_its_new_role_is_made_once_more() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.fault(&[unknown_role(2)]);
    let ran = shop.ends(0, "deploy", &["--yes"]);
    says(&ran.stderr, &["Lake Formation does not know the new role yet"]);
    shop.all_faults_happened();
    shop.check();
}

#[test]
fn but_not_for_ever_and_not_for_an_old_role() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.fault(&[unknown_role(99)]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &["Invalid principal", "--recreate-failed lake"]);
    shop.fault(&[unknown_role(1)]);
    let ran = shop.ends(1, "deploy", &["--yes", "--only", "lake", "--recreate-failed", "lake"]);
    assert!(!ran.stderr.contains("does not know the new role"), "{}", ran.said());
    shop.ends(0, "deploy", &["--yes", "--recreate-failed", "lake"]);
    shop.check();
}

/// A grant on a table that the account does not see is refused, so every table is waited for, not only the database.
#[test]
fn a_share_that_shows_one_table_after_the_other_is_waited_for() {
    let shop = Shop::open(&minimum(""), &[("slow_shares", json!(true))]);
    shop.ends(0, "deploy", &["--yes"]);
    let looks = shop.world.calls().into_iter().filter(|call| call["operation"] == "ListResources").count();
    let (nothing, database, tables) = (1, 1, shop.integration.lake.sources.len());
    assert!(looks > nothing + database + tables, "{looks} looks, with the empty pages between");
    shop.check();
}

/// Somebody has taken the change set away, or it cannot be executed any more: it is made again.
#[test]
fn a_change_set_that_is_over_is_made_again() {
    for (code, message) in [
        ("ChangeSetNotFound", "ChangeSet [lakelink-0] does not exist"),
        (
            "InvalidChangeSetStatus",
            "ChangeSet [lakelink-0] cannot be executed in its current execution status of [OBSOLETE]",
        ),
    ] {
        let shop = Shop::open(&minimum(""), &[("other_change_sets", json!("obsolete"))]);
        shop.fault(&[json!({ "action": "ExecuteChangeSet", "code": code, "message": message, "status": 400, "times": 3 })]);
        shop.deploy();
        shop.all_faults_happened();
    }
}

/// The stack that is there was changed by hand and tells no share any more.
#[test]
fn an_output_that_is_missing_comes_back() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let name = shop.integration.stack_name(Stack::Lake);
    let body =
        crate::support::rendered(SPEC, &minimum("")).stacks.into_iter().find(|one| one.stack == Stack::Lake);
    let (body, outputs) = body
        .map(|one| one.yaml())
        .unwrap()
        .split_once("\nOutputs:")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    assert!(outputs.contains("ResourceShareArn"));
    let role = "arn:aws:iam::111122223333:role/lakelink/lakelink-variant-lake-cfn";
    shop.aws(
        Side::Lake,
        &[
            "cloudformation",
            "update-stack",
            "--stack-name",
            &name,
            "--template-body",
            &body,
            "--role-arn",
            role,
        ],
    );
    shop.aws(Side::Lake, &["cloudformation", "wait", "stack-update-complete", "--stack-name", &name]);
    assert_eq!(shop.state(Side::Lake)["stacks"][&name]["outputs"], json!({}));
    assert_eq!(shop.program().status(SPEC)["shares"][0]["arn"], json!(null));
    says(&shop.ends(0, "plan", &[]).stdout, &["outputs change"]);
    shop.deploy();
}

/// The run ends like one that was stopped; the next one finishes it.
#[test]
fn a_full_disk_loses_nothing() {
    let shop = Shop::open(&minimum(""), &[]);
    let program = shop.program();
    let mut command = program.command(&["deploy", SPEC, "--yes", "--format", "json"]);
    command.stdin(Stdio::null()).stdout(File::options().write(true).open("/dev/full").unwrap());
    let output = command.stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    says(&String::from_utf8_lossy(&output.stderr), &["No space left on device"]);
    shop.deploy();
}
