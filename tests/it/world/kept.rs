//! What a removal keeps is taken over by the next deploy; what is somebody else's is not.

use lakelink::model::Side;
use serde_json::{Value, json};

use super::shop::{SPEC, Shop, minimum, says};

#[test]
fn a_bucket_of_somebody_else_stops_the_deploy() {
    let name = "lakelink-variant-444455556666-us-east-1";
    let shop = Shop::open(&minimum(""), &[]);
    shop.aws(Side::Detective, &["s3api", "create-bucket", "--bucket", name]);
    let ran = shop.ends(11, "deploy", &["--yes"]);
    assert!(ran.stderr.contains(name), "{}", ran.said());
    let bucket = &shop.state(Side::Detective)["buckets"][name];
    assert_eq!((&bucket["policy"], &bucket["tags"]), (&json!(null), &json!({})), "it is as it was");
}

/// The parameters of the console name their owner, which is told before the stack is made.
#[test]
fn a_console_that_reads_another_stack_stops_the_deploy() {
    let shop = Shop::open(&minimum(""), &[]);
    let owner = "arn:aws:cloudformation:us-east-1:444455556666:stack/theirs/5f0c";
    let parameter =
        ["ssm", "put-parameter", "--type", "String", "--value", owner, "--name", "/Detective/SLI/StackId"];
    shop.aws(Side::Detective, &parameter);
    let words = [
        "those of `arn:aws:cloudformation:us-east-1:444455556666:stack/theirs/5f0c`",
        "remove that one first",
    ];
    says(&shop.ends(11, "plan", &[]).stdout, &words);
    says(&shop.program().only_reads(11, &["deploy", SPEC, "--yes"]).stderr, &words);
}

/// A log source that is on for other accounts is somebody else's; one that is on for the same is taken over.
#[test]
fn a_log_source_of_somebody_else_stops_the_deploy() {
    let text = |accounts: &str| {
        let collection = format!("lake:\n  collection:\n    accounts: {accounts}\n");
        minimum("").replace("lake:\n", &collection)
    };
    let mut shop = Shop::open(&text("[\"444400001234\"]"), &[]);
    shop.deploy();
    shop.ends(0, "destroy", &["--yes"]);
    let collected = |shop: &Shop| shop.state(Side::Lake)["security_lake"]["source_accounts"].clone();
    let before = collected(&shop);
    shop.change(&text("[\"444400005678\"]"));
    let words = ["`CLOUD_TRAIL_MGMT|2.0` is on in us-east-1 for 444400001234", "it is not taken over"];
    says(&shop.ends(11, "deploy", &["--yes"]).stderr, &words);
    says(&shop.ends(11, "plan", &[]).stdout, &words);
    assert_eq!(collected(&shop), before);
    shop.change(&text("[\"444400001234\"]"));
    shop.deploy();
}

/// A source that leaves the spec stays on; the stack takes it back when the spec has it again, if it is as the spec says.
#[test]
fn a_log_source_that_comes_back_is_taken_over() {
    let text = |accounts: &str, sources: &str| {
        let lake = format!("lake:\n  sources: {sources}\n  collection:\n    accounts: {accounts}\n");
        minimum("").replace("lake:\n", &lake)
    };
    let (one, two) = ("[\"444400001234\"]", "[\"444400005678\"]");
    let (both, less) = ("[cloud_trail_mgmt, vpc_flow, route53]", "[cloud_trail_mgmt, vpc_flow]");
    let mut shop = Shop::open(&text(one, both), &[]);
    shop.deploy();
    shop.change(&text(one, less));
    shop.ends(0, "deploy", &["--yes"]);
    // What the stack holds may change with the same run.
    shop.change(&text(two, both));
    let words = ["`ROUTE53|2.0` is on in us-east-1 for 444400001234", "it is not taken over"];
    says(&shop.ends(11, "plan", &[]).stdout, &words);
    says(&shop.ends(11, "deploy", &["--yes"]).stderr, &words);
    shop.change(&text(one, both));
    shop.deploy();
    shop.change(&text(two, both));
    shop.deploy();
}

/// The service role that CloudFormation no longer acts as is no administrator any more.
#[test]
fn another_execution_role_takes_over() {
    let text = minimum("").replace(
        "name: variant\n",
        "name: variant\ndeploy:\n  detective:\n    execution_role: arn:aws:iam::444455556666:role/Theirs\n",
    );
    let mut shop = Shop::open(&text, &[]);
    shop.change(&minimum(""));
    shop.deploy();
    shop.change(&text);
    shop.ends(0, "deploy", &["--yes"]);
    let admins = &shop.state(Side::Detective)["lake_formation"]["administrators"];
    assert_eq!(admins, &json!(["arn:aws:iam::444455556666:role/Theirs"]));
    shop.program().only_reads(0, &["deploy", SPEC]);
}

/// Before, and as it is: what CloudFormation has left, one event each.
#[test]
fn what_stays_is_named() {
    let text = minimum("").replace("detective:\n", "detective:\n  results:\n    encryption: kms\n");
    let shop = Shop::open(&text, &[]);
    shop.deploy();
    let ran = shop.ends(11, "destroy", &[]);
    says(
        &ran.stderr,
        &[
            "detective          but for bucket `lakelink-variant-444455556666-us-east-1`, key `alias/lakelink-variant`",
        ],
    );
    let ran = shop.ends(11, "destroy", &["--only", "lake"]);
    says(&ran.stderr, &["without the lake stack a Detective stack that is left reads nothing any more"]);
    let events = shop.ends(0, "destroy", &["--yes", "--format", "json"]).stdout;
    let events = events.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let kept = events.filter(|event| event["event"] == "kept").collect::<Vec<_>>();
    assert!(
        kept.iter().all(|event| event["status"] == "stays" && event["stack"] == "detective"),
        "{kept:#?}"
    );
    let kept = kept.iter().map(|event| event["reason"].as_str().unwrap()).collect::<Vec<_>>().join("\n");
    says(
        &kept,
        &[
            "AWS::S3::Bucket  lakelink-variant-444455556666-us-east-1",
            "AWS::KMS::Key  ",
            "AWS::KMS::Alias  alias/",
        ],
    );
    assert!(!kept.contains("DataLakeSettings"), "{kept}");
}

/// Also where no stack is left that needs it: a deleted role on the list would stop everybody's later changes.
#[test]
fn a_role_without_stacks_leaves_the_administrators_before_it_goes() {
    let theirs = minimum("").replace(
        "name: variant\n",
        "name: variant\ndeploy:\n  detective:\n    execution_role: arn:aws:iam::444455556666:role/Theirs\n",
    );
    let mut shop = Shop::open(&theirs, &[]);
    shop.change(&minimum(""));
    shop.deploy();
    shop.ends(0, "destroy", &["--yes", "--only", "detective"]);
    shop.change(&theirs);
    let ran = shop.ends(0, "deploy", &["--yes", "--only", "roles"]);
    says(&ran.stderr, &["left  arn:aws:iam::444455556666:role/lakelink/lakelink-variant-detective-cfn"]);
    assert_eq!(shop.state(Side::Detective)["lake_formation"]["administrators"], json!([]));
    shop.deploy();
}
