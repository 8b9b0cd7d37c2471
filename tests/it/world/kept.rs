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
