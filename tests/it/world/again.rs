//! What an update left and the spec wants again: a stack that is there takes nothing over, a new one does, as the cure says.

use lakelink::deploy::causes::explain;
use lakelink::model::{Side, Stack};

use super::shop::{SPEC, Shop, minimum, says};
use crate::support::spec;

/// What is left behind by an update stops the next that wants it; the cure of the cause helps.
fn is_taken_over_by_a_new_stack(with: &str, without: &str, kind: &str, taken: &str) {
    let mut shop = Shop::open(with, &[]);
    let house = ["s3api", "create-bucket", "--bucket", "house-results"];
    shop.aws(Side::Detective, &house);
    shop.deploy();
    let key_of = |shop: &Shop| shop.state(Side::Detective)["kms_keys"].clone();
    let before = key_of(&shop);
    shop.change(without);
    shop.ends(0, "deploy", &["--yes"]);
    shop.change(with);
    let reason = format!("Resource of type '{kind}' with identifier '{taken}' already exists.");
    let known = explain(kind, &reason).unwrap();
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(&ran.stderr, &[taken, known.cause, known.cure]);
    says(known.cure, &["`lakelink destroy SPEC --only detective`, then `lakelink deploy`"]);
    shop.ends(0, "destroy", &["--yes", "--only", "detective"]);
    shop.ends(0, "deploy", &["--yes"]);
    super::deploy::check(&shop.integration, &shop.world);
    assert_eq!(key_of(&shop).as_object().unwrap().len(), before.as_object().unwrap().len(), "no second key");
    assert_eq!(shop.stack(Stack::Detective), "UPDATE_COMPLETE", "an import and the rest");
    shop.program().only_reads(0, &["deploy", SPEC]);
}

#[test]
fn a_bucket() {
    let house = spec("", "  results: {bucket: house-results}\n", "");
    let name = "lakelink-variant-444455556666-us-east-1";
    is_taken_over_by_a_new_stack(&minimum(""), &house, "AWS::S3::Bucket", name);
}

#[test]
fn a_key() {
    let key = spec("", "  results: {encryption: kms}\n", "");
    is_taken_over_by_a_new_stack(&key, &minimum(""), "AWS::KMS::Alias", "alias/lakelink-variant");
}
