//! What a removal keeps is taken over by the next deploy; what is somebody else's is not.

use lakelink::model::Side;
use serde_json::json;

use super::check::check_removed;
use super::program::Program;
use super::server::World;
use super::shop::{SPEC, Shop, minimum};
use super::{deploy, example, seed};
use crate::env;

/// Deployed and removed twice; the second deploy finds what the first removal kept.
fn twice(name: &str) {
    let integration = &example(name).integration;
    let world = World::start(seed(integration));
    let program = Program::new(&world, env::root(), integration);
    let spec = &format!("examples/{name}.yaml");
    for _ in 0..2 {
        program.ends(0, &["deploy", spec, "--yes"]);
        deploy::check(integration, &world);
        program.only_reads(0, &["deploy", spec]);
        program.ends(0, &["destroy", spec, "--yes"]);
        check_removed(integration, &world);
    }
}

#[test]
#[ignore = "fails: a bucket that a destroy kept is not taken over: its name is no literal, so ImportExistingResources does not look at it"]
fn a_bucket_and_its_policy() {
    twice("two-accounts");
}

#[test]
#[ignore = "fails: the same, and a key needs ResourcesToImport"]
fn a_key_and_its_alias() {
    twice("fleet-bank");
}

#[test]
#[ignore = "fails: the same; whether log sources are taken over is not reached"]
fn log_sources() {
    twice("collection");
}

#[test]
#[ignore = "fails: it ends with 1, and the contract says 11"]
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
#[ignore = "fails: the service role stays an administrator"]
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
