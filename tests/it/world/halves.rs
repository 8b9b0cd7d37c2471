//! Whose credentials, and the share on its way between two accounts that no one person holds.

use lakelink::model::{Side, Stack};
use serde_json::{Value, json};

use super::shop::{SPEC, Shop, minimum, says};
use crate::env;

#[test]
fn credentials_of_another_account_write_nothing() {
    let shop = Shop::open(&minimum(""), &[]);
    for command in ["plan", "deploy", "destroy", "status"] {
        let mut arguments = vec![command, SPEC, "--detective-profile", "lake"];
        arguments.extend(["deploy", "destroy"].contains(&command).then_some("--yes"));
        let ran = shop.program().only_reads(5, &arguments);
        says(
            &ran.stderr,
            &["profile `lake`", "111122223333", "444455556666", "nothing was written", "--detective-profile"],
        );
    }
}

#[test]
fn without_credentials_nothing_is_written() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.world.forget_calls();
    let ran = shop.alone(Side::Lake, 5, "deploy", &["--yes"]);
    says(
        &ran.stderr,
        &["no credentials for the detective account", "the ambient credentials", "nothing was written"],
    );
    assert_eq!(shop.world.writes(), [""; 0]);
}

const LAKE: [&str; 5] = ["--yes", "--only", "lake-roles", "--only", "lake"];
const DETECTIVE: [&str; 5] = ["--yes", "--only", "detective-roles", "--only", "detective"];

#[test]
fn each_half_by_those_who_hold_its_account() {
    let mut shop = Shop::open(&minimum(""), &[]);
    let ran = shop.alone(Side::Detective, 11, "deploy", &DETECTIVE);
    says(&ran.stderr, &["ARN of the share is not known", "share_arn: pinned"]);
    assert_eq!(shop.stack(Stack::Lake), Value::Null);
    shop.alone(Side::Lake, 0, "deploy", &LAKE);
    let ran = shop.alone(Side::Lake, 0, "handoff", &["--write", "shares.yaml"]);
    assert_eq!(ran.stdout, "");
    let ran = shop.alone(Side::Lake, 0, "handoff", &["--format", "json"]);
    let told = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let base = std::fs::read_to_string(shop.folder.path().join("shares.yaml")).unwrap();
    shop.write(SPEC, &format!("extends: shares.yaml\n{}", minimum("")));
    shop.alone(Side::Detective, 0, "deploy", &DETECTIVE);
    shop.check();
    // What is in the file is what is there.
    let (_, pinned) = base.split_once("handoff:").unwrap();
    assert_eq!(told, serde_yaml::from_str::<Value>(&base).unwrap());
    shop.change(&minimum(&format!("handoff:{pinned}")));
    shop.program().only_reads(0, &["deploy", SPEC]);
}

#[test]
fn the_detective_half_keeps_the_share_that_it_has() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    shop.world.forget_calls();
    shop.alone(Side::Detective, 0, "deploy", &["--only", "detective", "--only", "detective-roles"]);
    assert_eq!(shop.world.writes(), [""; 0], "it is in step");
    shop.change(&minimum("").replace("detective:\n", "detective:\n  queries: false\n"));
    shop.alone(Side::Detective, 0, "plan", &DETECTIVE[1..]);
    shop.alone(Side::Detective, 0, "deploy", &DETECTIVE);
    shop.check();
    shop.alone(Side::Detective, 0, "destroy", &["--yes", "--only", "detective", "--only", "detective-roles"]);
    shop.alone(Side::Lake, 0, "destroy", &["--yes", "--only", "lake", "--only", "lake-roles"]);
    super::check::check_removed(&shop.integration, &shop.world);
}

#[test]
fn a_stale_pin_is_found() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let stale = "arn:aws:ram:us-east-1:111122223333:resource-share/0a1b2c3d-0000-4000-8000-000000000001";
    shop.change(&minimum(&format!("handoff:\n  share_arn: pinned\n  shares: {{us-east-1: \"{stale}\"}}\n")));
    for arguments in [&["plan", SPEC][..], &["deploy", SPEC, "--yes"]] {
        let ran = shop.program().only_reads(11, arguments);
        says(&ran.said(), &[stale, "lakelink handoff --write"]);
    }
    let ran = shop.ends(0, "handoff", &[]);
    says(
        &ran.stdout,
        &["share_arn: pinned", "us-east-1: \"arn:aws:ram:us-east-1:111122223333:resource-share/"],
    );
    shop.change(&minimum(ran.stdout.split_once('\n').unwrap().1));
    shop.ends(0, "deploy", &["--yes"]);
    super::deploy::check(&shop.integration, &shop.world);
}

/// CloudFormation sees no change in a template whose resources come to the same, so it never becomes the deployed one.
#[test]
fn a_template_that_comes_to_the_same_is_in_step() {
    let mut shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let ran = shop.ends(0, "handoff", &[]);
    shop.change(&minimum(ran.stdout.split_once('\n').unwrap().1));
    shop.deploy();
    shop.program().only_reads(0, &["deploy", SPEC]);
}

#[test]
fn a_hand_off_of_nothing_says_what_to_do_first() {
    let shop = Shop::open(&minimum(""), &[]);
    says(
        &shop.ends(1, "handoff", &["--write", "shares.yaml"]).stderr,
        &["has made no share yet", "--only lake"],
    );
    assert!(!shop.folder.path().join("shares.yaml").exists());
}

/// Deploys the lake side, lets the invitation die, and follows what the program says.
fn dead(fault: &str) {
    let shop = Shop::open(&minimum(""), &[]);
    shop.alone(Side::Lake, 0, "deploy", &LAKE);
    shop.world.fault(&json!({ fault: shop.invitation()["arn"] }));
    let ran = shop.ends(11, "deploy", &["--yes"]);
    says(
        &ran.stderr,
        &["accepting it would give no access", "lakelink destroy SPEC --only lake --region us-east-1"],
    );
    assert_ne!(shop.invitation()["status"], "ACCEPTED");
    assert_eq!(shop.stack(Stack::Detective), Value::Null);
    shop.ends(0, "destroy", &["--yes", "--only", "lake", "--region", "us-east-1"]);
    shop.ends(0, "deploy", &["--yes"]);
    super::deploy::check(&shop.integration, &shop.world);
}

#[test]
fn an_invitation_that_is_over_twelve_hours_old_is_dead() {
    dead("stale_invitation");
}

#[test]
fn an_invitation_that_expired_is_dead() {
    dead("expired_invitation");
}

#[test]
fn an_invitation_that_was_rejected_is_dead() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.alone(Side::Lake, 0, "deploy", &LAKE);
    let arn = shop.invitation()["arn"].as_str().unwrap().to_owned();
    shop.aws(
        Side::Detective,
        &["ram", "reject-resource-share-invitation", "--resource-share-invitation-arn", &arn],
    );
    says(&shop.ends(11, "deploy", &["--yes"]).stderr, &["is REJECTED", "lakelink destroy SPEC --only lake"]);
}

#[test]
fn an_invitation_that_was_accepted_already_is_accepted() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.alone(Side::Lake, 0, "deploy", &LAKE);
    let arn = shop.invitation()["arn"].as_str().unwrap().to_owned();
    shop.aws(
        Side::Detective,
        &["ram", "accept-resource-share-invitation", "--resource-share-invitation-arn", &arn],
    );
    shop.world.forget_calls();
    shop.deploy();
    assert!(!shop.world.writes().iter().any(|write| write.contains("Accept")), "{:?}", shop.world.writes());
}

#[test]
fn an_invitation_of_somebody_else_is_never_accepted() {
    let share = json!({ "owner": "777788889999", "receiver": "444455556666", "region": "us-east-1", "tables": ["vpc_flow:2.0"] });
    let shop = Shop::open(&minimum(""), &[("shares", json!([share]))]);
    shop.deploy();
    let state = shop.state(Side::Detective);
    let mut theirs =
        state["ram"]["invitations"].as_array().unwrap().iter().filter(|one| one["sender"] == "777788889999");
    assert_eq!(theirs.next().unwrap()["status"], "PENDING");
    assert_eq!(shop.invitation()["status"], "ACCEPTED");
}

#[test]
fn no_invitation_and_no_access_names_the_organization() {
    let shop = Shop::open(&minimum(""), &[]);
    let absent = json!({ "action": "getresourceshareinvitations", "code": "ResourceShareInvitationArnNotFoundException", "message": "none", "times": 9999 });
    shop.fault(&[absent]);
    let ran = shop.ends(1, "deploy", &["--yes"]);
    says(
        &ran.stderr,
        &["does not see database", "there is no invitation either", "handoff.acceptance: organization"],
    );
    shop.fault(&[]);
    shop.deploy();
}

/// Inside an organization there is no invitation; a spec that does not know that works all the same.
#[test]
fn no_invitation_is_needed_inside_an_organization() {
    let shop = Shop::open(&minimum(""), &[("organization", json!(true))]);
    shop.ends(0, "deploy", &["--yes"]);
    super::deploy::check(&shop.integration, &shop.world);
}

#[test]
fn nobody_said_yes() {
    let shop = Shop::open(&minimum(""), &[]);
    says(&shop.program().only_reads(11, &["deploy", SPEC]).stderr, &["nobody said yes", "--yes"]);
    shop.deploy();
    says(&shop.program().only_reads(11, &["destroy", SPEC]).stderr, &["nobody said yes", "--yes"]);
    let ran = env::run_with_input(&mut shop.program().command(&["destroy", SPEC]), "y\n");
    assert_eq!(ran.code, 11, "a pipe is no person: {}", ran.said());
}

/// Roles stay as long as a stack is changed as them, and a Region that the spec has not is no Region to work in.
#[test]
fn roles_stay_while_a_stack_needs_them() {
    let shop = Shop::open(&minimum(""), &[]);
    shop.deploy();
    let ran = shop.program().only_reads(11, &["destroy", SPEC, "--only", "roles", "--yes"]);
    says(&ran.stderr, &["is still there and needs its role"]);
    for command in ["deploy", "destroy"] {
        let ran = shop.program().ends(2, &[command, SPEC, "--region", "eu-west-1", "--yes"]);
        says(&ran.stderr, &["no Region `eu-west-1` in the spec"]);
    }
    shop.program().only_reads(0, &["deploy", SPEC]);
}
