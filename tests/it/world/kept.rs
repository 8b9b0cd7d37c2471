//! What a removal keeps is taken over by the next deploy; what is somebody else's is not.

use lakelink::model::Side;
use serde_json::json;

use super::shop::{SPEC, Shop, minimum};

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
