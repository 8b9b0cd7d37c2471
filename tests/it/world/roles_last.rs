//! Rights that a change takes from a service role go only when no Regional stack can need them any more.

use lakelink::model::Side;
use serde_json::Value;

use super::shop::{SPEC, Shop, says, twofold};

#[test]
fn rights_go_when_the_last_region_has_no_need_of_them() {
    let mut shop = Shop::open(&twofold(), &[]);
    shop.deploy();
    let rights = |shop: &Shop| -> Value { shop.state(Side::Detective)["iam"]["policies"].clone() };
    let before = rights(&shop);
    shop.change(&[&twofold(), "  workgroup: none\n  queries: false\n"].concat());

    let ran = shop.ends(11, "deploy", &["--yes", "--only", "roles"]);
    says(&ran.stderr, &["`lakelink-variant-detective` in us-east-1 may still need", "deploy that first"]);
    let ran = shop.ends(0, "deploy", &["--yes", "--region", "us-east-1"]);
    says(&ran.stderr, &["skipped", "`lakelink-variant-detective` in eu-west-1 may still need"]);
    assert_eq!(rights(&shop), before);
    assert_ne!(before, Value::Null);
    shop.ends(0, "deploy", &["--yes", "--region", "eu-west-1"]);
    assert_ne!(rights(&shop), before);
    shop.check();
    shop.program().only_reads(0, &["deploy", SPEC]);
}
