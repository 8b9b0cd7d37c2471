//! Stacks in states that only a person can end: what is said of them, and that the said cure helps.

use lakelink::deploy::causes::explain;
use lakelink::model::{Side, Stack};
use serde_json::json;

use super::check::check_removed;
use super::flags::{body, changed, update_by_hand};
use super::shop::{SPEC, Shop, minimum, says};
use crate::support::rendered;

const KIND: &str = "AWS::LakeFormation::PrincipalPermissions";
const REASON: &str =
    "Resource does not exist or requester is not authorized to access requested permissions.";

/// What `status`, `plan` and `deploy` say of a stack that nothing can be done with.
fn is_told(shop: &Shop, status: &str, words: &[&str]) {
    says(&shop.program().only_reads(0, &["status", SPEC]).stdout, &[status]);
    says(&shop.ends(11, "plan", &[]).stdout, &["stop: ", status]);
    says(&shop.program().only_reads(11, &["deploy", SPEC, "--yes"]).stderr, &[&[status], words].concat());
}

#[test]
fn a_removal_that_fails_is_told_and_the_next_one_finishes() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    shop.fault(&[json!({ "type": KIND, "on": "delete", "message": REASON, "times": 1 })]);
    let ran = shop.ends(1, "destroy", &["--yes"]);
    says(&ran.stderr, &["it ended in DELETE_FAILED", REASON, KIND]);
    assert_eq!(shop.stack(Stack::Lake), "CREATE_COMPLETE", "what the other reads stays");
    is_told(&shop, "DELETE_FAILED", &[REASON, "it can only be deleted", "--recreate-failed detective"]);
    shop.ends(0, "destroy", &["--yes"]);
    check_removed(&shop.integration, &shop.world);
}

#[test]
fn a_stack_that_a_removal_left_dead_is_made_again() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    shop.fault(&[json!({ "type": KIND, "on": "delete", "message": REASON, "times": 1 })]);
    shop.ends(1, "destroy", &["--yes", "--only", "detective"]);
    shop.fault(&[json!({ "type": KIND, "on": "delete", "message": REASON, "times": 1 })]);
    let again = ["--yes", "--recreate-failed", "detective"];
    says(&shop.ends(1, "deploy", &again).stderr, &["it cannot be deleted: DELETE_FAILED", REASON]);
    shop.all_faults_happened();
    shop.ends(0, "deploy", &again);
    shop.check();
}

#[test]
fn a_rollback_that_failed_is_gone_on_with_by_the_said_command() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let name = shop.integration.stack_name(Stack::Detective);
    let buckets = |shop: &Shop| shop.state(Side::Detective)["buckets"].clone();
    let before = buckets(&shop);
    // Somebody changes the bucket and something that fails later, and the bucket cannot be changed back.
    let ours = body(&rendered(SPEC, &minimum("")), Stack::Detective);
    let gate = "Resources:\n  Gate:\n    Type: AWS::CloudFormation::WaitCondition\n    DependsOn: ResultsBucket\n    CreationPolicy: {ResourceSignal: {Count: 1, Timeout: PT1H}}\n";
    let gated = changed(&ours, "\nResources:\n", &format!("\n{gate}"));
    update_by_hand(
        &shop,
        Stack::Detective,
        &changed(&gated, "ExpirationInDays: 90", "ExpirationInDays: 80"),
        false,
    );
    while buckets(&shop) == before {
        assert_eq!(shop.stack(Stack::Detective), "UPDATE_IN_PROGRESS", "it ended too early");
    }
    shop.fault(&[json!({ "type": "AWS::S3::Bucket", "on": "update", "message": REASON, "times": 1 })]);
    let signal =
        ["cloudformation", "signal-resource", "--stack-name", &name, "--logical-resource-id", "Gate"];
    let signal = [&signal[..], &["--unique-id", "1", "--status", "FAILURE"]].concat();
    loop {
        let ran = shop.try_aws(Side::Detective, &signal);
        if ran.code == 0 {
            break;
        }
        says(&ran.stderr, &["is not waiting for signals"]);
    }
    let command = "cloudformation continue-update-rollback --stack-name lakelink-variant-detective --region us-east-1 \
                   --role-arn arn:aws:iam::444455556666:role/lakelink/lakelink-variant-detective-cfn";
    is_told(&shop, "UPDATE_ROLLBACK_FAILED", &[REASON, "its rollback failed", &format!("`aws {command}`")]);
    shop.all_faults_happened();
    let known = explain("", "is in UPDATE_ROLLBACK_FAILED state").unwrap();
    says(known.cure, &["continue-update-rollback"]);
    shop.aws(Side::Detective, &command.split(' ').collect::<Vec<_>>());
    shop.aws(
        Side::Detective,
        &["cloudformation", "wait", "stack-rollback-complete", "--stack-name", "lakelink-variant-detective"],
    );
    assert_eq!(shop.stack(Stack::Detective), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(buckets(&shop), before);
    shop.program().only_reads(0, &["deploy", SPEC, "--yes"]);
}
