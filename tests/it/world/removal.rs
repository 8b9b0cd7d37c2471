//! Removal takes out of Lake Formation's settings what is ours and nothing else, whatever AWS does when their resource goes.

use lakelink::model::Side;
use serde_json::{Value, json};

use super::check::check_removed;
use super::shop::{Shop, minimum};

/// Settings that were there before, of each account, and an administrator among them.
fn set(shop: &Shop) {
    for side in [Side::Lake, Side::Detective] {
        let account = shop.integration.account(side);
        let trust = json!({ "Version": "2012-10-17", "Statement": [
            { "Effect": "Allow", "Principal": { "AWS": account.as_str() }, "Action": "sts:AssumeRole" }
        ] });
        shop.aws(
            side,
            &[
                "iam",
                "create-role",
                "--role-name",
                "Boss",
                "--assume-role-policy-document",
                &trust.to_string(),
            ],
        );
        let settings = json!({
            "DataLakeAdmins": [{ "DataLakePrincipalIdentifier": format!("arn:aws:iam::{account}:role/Boss") }],
            "CreateTableDefaultPermissions": [], "Parameters": { "CROSS_ACCOUNT_VERSION": "4" },
        });
        shop.aws(
            side,
            &["lakeformation", "put-data-lake-settings", "--data-lake-settings", &settings.to_string()],
        );
    }
}

fn settings(shop: &Shop) -> [Value; 2] {
    let of = |side| {
        let found = &shop.state(side)["lake_formation"];
        json!([found["administrators"], found["parameters"]])
    };
    [Side::Lake, Side::Detective].map(of)
}

fn only_ours_goes(mode: &str) {
    let shop = Shop::open(&minimum(""), &[("settings_removal", json!(mode))]);
    set(&shop);
    let before = settings(&shop);
    let is_set =
        |one: &Value| one[0].to_string().contains(":role/Boss") && one[1]["CROSS_ACCOUNT_VERSION"] == "4";
    assert!(before.iter().all(is_set), "{before:#?}");
    // The first creation goes back, which removes what a stack has made, and the stack is made again.
    let kind = "AWS::LakeFormation::PrincipalPermissions";
    shop.fault(&[
        json!({ "type": kind, "on": "create", "message": "it would not", "times": 1 }),
        json!({ "type": "AWS::SecurityLake::Subscriber", "on": "create", "message": "it would not", "times": 1 }),
    ]);
    shop.ends(1, "deploy", &["--yes"]);
    shop.ends(1, "deploy", &["--yes", "--recreate-failed", "lake"]);
    shop.ends(0, "deploy", &["--yes", "--recreate-failed", "detective"]);
    shop.all_faults_happened();
    let number = |one: &Value| one[0].as_array().unwrap().len();
    assert_eq!(settings(&shop).iter().map(number).collect::<Vec<_>>(), [2, 2], "theirs and ours");
    shop.ends(0, "destroy", &["--yes"]);
    assert_eq!(settings(&shop), before);
}

#[test]
fn where_aws_takes_out_what_the_resource_named() {
    only_ours_goes("takes_ours");
}

#[test]
fn where_aws_leaves_all_as_it_is() {
    only_ours_goes("leaves");
}

#[test]
fn where_aws_empties_all_settings() {
    only_ours_goes("wipes");
}

/// With nothing there before, nothing of ours is left in any of them.
#[test]
fn nothing_is_left_in_any_case() {
    for mode in ["takes_ours", "leaves", "wipes"] {
        let shop = Shop::open(&minimum(""), &[("settings_removal", json!(mode))]);
        shop.deploy();
        shop.ends(0, "destroy", &["--yes"]);
        check_removed(&shop.integration, &shop.world);
    }
}
