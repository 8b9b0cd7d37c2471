//! Rights that a change takes from a service role go only when no Regional stack can need them any more.

use lakelink::model::Side;
use serde_json::Value;

use super::shop::{SPEC, Shop, minimum, says, twofold};

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

/// The reader's trust is needed before the Detective stack changes, the rights of the lake's service role until after.
#[test]
fn execution_roles_that_change_together_change_one_after_the_other() {
    let text = |lines: &str| {
        let text = minimum("handoff: {share_arn: stack_output, acceptance: cli}\n");
        text.replace("name: variant\n", &format!("name: variant\ndeploy:\n{lines}"))
    };
    let theirs = |side: &str, account: &str| {
        format!("  {side}: {{execution_role: \"arn:aws:iam::{account}:role/Theirs\"}}\n")
    };
    let (lake, detective) = (theirs("lake", "111122223333"), theirs("detective", "444455556666"));
    let mut shop = Shop::open(&text(&[&*lake, &detective].concat()), &[]);
    shop.change(&text("  role_path: /lakelink/\n"));
    shop.deploy();
    shop.change(&text(&[&*lake, &detective].concat()));
    let words =
        ["`ReaderRole` of `lakelink-variant-lake-roles`", "for execution roles one account after the other"];
    says(&shop.ends(11, "plan", &[]).stdout, &words);
    says(&shop.program().only_reads(11, &["deploy", SPEC, "--yes"]).stderr, &words);
    shop.change(&text(&lake));
    shop.ends(0, "deploy", &["--yes"]);
    shop.change(&text(&[&*lake, &detective].concat()));
    shop.ends(0, "deploy", &["--yes"]);
    shop.program().only_reads(0, &["deploy", SPEC]);
}
