//! What a change of the spec does to what is deployed, and what a stack refuses.

use lakelink::model::{Share, Stack};
use serde_json::json;

use super::runbook::Runbook;
use super::server::World;
use super::{check_link_and_grants, check_results, check_subscriber, example, seed};
use crate::env;
use crate::support::{lakelink, rendered};

/// A change that Security Lake takes in place keeps every logical id, and the stacks take it as an update.
#[test]
fn one_more_source_and_one_less_principal_are_updates() {
    let text = std::fs::read_to_string(env::root().join("examples/pinned.yaml")).unwrap();
    let changed = text.replace(
        "[cloud_trail_mgmt, vpc_flow, eks_audit]",
        "[cloud_trail_mgmt, vpc_flow, route53, eks_audit]",
    );
    let changed = changed.replace("    - arn:aws:iam::666677778888:user/on-call", "    #");
    assert_ne!(text, changed);
    let integration = &example("pinned").integration;
    let world = World::start(seed(integration));
    Runbook::of(integration, &world).run("Deploy", |_| true);
    let folder = tempfile::tempdir().unwrap();
    lakelink::files::write(&folder.path().join("pinned.yaml"), &changed).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "pinned.yaml"]).code, 0);
    let after = rendered("pinned.yaml", &changed).integration;
    Runbook::in_folder(&after, &world, folder.path().join("out/pinned")).run("Deploy", |_| true);
    let region = after.regions.home();
    let state = world.state(&after.detective.account, region);
    assert_eq!(state["stacks"][after.stack_name(Stack::Detective)]["status"], "UPDATE_COMPLETE");
    check_link_and_grants(&after, region, &state);
    check_results(&after, region, &state);
    let lake = world.state(&after.lake.account, region);
    check_subscriber(&after, &lake);
    let Share::Pinned(shares) = &after.handoff.share else { panic!("the example is pinned") };
    let share = &lake["stacks"][after.stack_name(Stack::Lake)]["outputs"]["ResourceShareArn"];
    assert_eq!(share, &json!(shares[&region].to_string()), "sources change in place: the share stays");
}

/// The pattern of the parameter refuses the share of somebody else before anything is made.
#[test]
fn somebody_elses_share_is_refused() {
    let integration = &example("two-accounts").integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::of(integration, &world);
    let foreign = "arn:aws:ram:us-east-1:999999999999:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521";
    let ran = runbook.shell(&format!(
        "aws cloudformation deploy --stack-name probe --template-file detective.template.yaml \
         --parameter-overrides ResourceShareArn={foreign} --region us-east-1 --profile lakelink-two-accounts-detective"
    ));
    assert_ne!(ran.code, 0);
    assert!(
        ran.said().contains("must be the ARN of a resource share of account 111122223333"),
        "{}",
        ran.said()
    );
}
