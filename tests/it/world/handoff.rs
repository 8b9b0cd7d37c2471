//! Hand-offs that change, fail and are cured: what no example shows.

use lakelink::model::{Side, Stack};
use serde_json::{Value, json};

use super::rollout::Rollout;
use crate::support::spec;

fn handoff(external_id: &str, lines: &str) -> String {
    spec("", "", &format!("handoff:\n{lines}")).replace("7f3c9a51-variant-detective", external_id)
}

fn pinned(share: &str) -> String {
    format!("  share_arn: pinned\n  shares:\n    us-east-1: {share}\n  acceptance: lambda\n")
}

const FIRST: &str = "7f3c9a51-variant-detective";
const SECOND: &str = "0b1e6d24-variant-detective";
const PARAMETER: &str = "  acceptance: lambda\n";
const DISCOVER: &str = "  share_arn: discover\n  acceptance: lambda\n";
const STACK_OUTPUT: &str = "  share_arn: stack_output\n  acceptance: lambda\n";

/// Ids of what must not be replaced, and of what the accepted share is known by.
fn kept(state: &Value) -> Value {
    json!([
        state["lake_formation"]["permissions"],
        state["glue_databases"],
        state["functions"],
        state["buckets"]
    ])
}

#[test]
fn every_hand_off_follows_every_other_and_a_new_external_id() {
    let mut rollout = Rollout::start(&handoff(FIRST, PARAMETER), &[]);
    rollout.run("Deploy", |_| true);
    let before = rollout.check();
    let share = rollout.share();
    for lines in [pinned(&share).as_str(), DISCOVER, STACK_OUTPUT] {
        rollout.generate(&handoff(FIRST, lines));
        rollout.run("Deploy", |_| true);
        assert_eq!(kept(&rollout.check()), kept(&before), "{lines}");
        assert_eq!(rollout.share(), share, "{lines}");
    }
    // The template knows no share, yet the stack must see that it is another one.
    let mut share = share;
    for (external_id, lines) in [(SECOND, STACK_OUTPUT), (FIRST, DISCOVER)] {
        rollout.generate(&handoff(external_id, lines));
        rollout.run("Deploy", |_| true);
        rollout.check();
        assert_ne!(rollout.share(), share, "{lines}");
        share = rollout.share();
    }
}

/// An update that fails in the function goes back, although the share before it is gone; and once there is a new
/// subscriber, the same blocks succeed.
#[test]
fn a_dead_invitation_stops_an_update_and_strands_nothing() {
    let mut rollout = Rollout::start(&handoff(FIRST, PARAMETER), &[]);
    rollout.run("Deploy", |_| true);
    let before = rollout.check();
    rollout.generate(&handoff(SECOND, PARAMETER));
    rollout.run("Deploy", |heading| heading.ends_with(": the lake stack"));
    let invitations = rollout.state(Side::Detective)["ram"]["invitations"].clone();
    let pending = invitations.as_array().unwrap().iter().find(|one| one["status"] == "PENDING").unwrap();
    rollout.world.fault(&json!({ "stale_invitation": pending["arn"] }));
    let ran = rollout.runbook().try_run("Deploy", |heading| {
        heading.ends_with(": the share") || heading.ends_with(": the Detective stack")
    });
    assert_ne!(ran.code, 0, "{}", ran.said());
    let failures = rollout.failures();
    assert!(failures.contains("Recreate the subscriber in account 111122223333"), "{failures}");
    assert!(failures.contains("over 12 hours old"), "{failures}");
    let state = rollout.state(Side::Detective);
    let stack = &state["stacks"][rollout.integration.stack_name(Stack::Detective)];
    assert_eq!(stack["status"], "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(state["ssm_parameters"], before["ssm_parameters"]);
    rollout.run("Remove", |heading| heading.ends_with(": remove the lake stack"));
    rollout.run("Deploy", |_| true);
    rollout.check();
}

/// Two shares of the lake account with its database, one of somebody else, and lists with empty pages.
#[test]
fn several_shares_that_fit_are_not_accepted_until_one_is_pinned() {
    let share = |owner: &str| json!({ "owner": owner, "receiver": "444455556666", "region": "us-east-1", "tables": ["vpc_flow:2.0"] });
    let shares = json!([share("111122223333"), share("777788889999")]);
    let more = [("shares", shares), ("ram_empty_pages", json!(true))];
    let mut rollout = Rollout::start(&handoff(FIRST, DISCOVER), &more);
    rollout.run("Deploy", |heading| !heading.ends_with(": the Detective stack"));
    rollout.hurry();
    rollout.fail_detective();
    let failures = rollout.failures();
    assert!(failures.contains("Several shares fit, pin one (handoff.share_arn)"), "{failures}");
    assert!(failures.contains(&rollout.share()), "{failures}");
    let accepted = |rollout: &Rollout| {
        let invitations = rollout.state(Side::Detective)["ram"]["invitations"].clone();
        let all = invitations.as_array().unwrap().iter().filter(|one| one["status"] == "ACCEPTED");
        all.map(|one| one["share"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(accepted(&rollout), [""; 0]);
    rollout.run("Remove", |heading| heading.ends_with(": remove the Detective stack"));
    rollout.generate(&handoff(FIRST, &pinned(&rollout.share())));
    rollout.run("Deploy", |_| true);
    rollout.check();
    assert_eq!(accepted(&rollout), [rollout.share()]);
}
