//! The sources that we turn on, and the subscriber that somebody else makes.

use std::collections::BTreeMap;

use lakelink::model::{Collection, Integration, Stack};
use serde_json::{Value, json};

use super::check::{check_link_and_grants, check_subscriber, texts};
use super::runbook::Runbook;
use super::server::World;
use super::{example, seed};
use crate::env;
use crate::support::{lakelink, rendered};

/// Name and external id of somebody else's subscriber.
pub(super) const THEIRS: (&str, &str) = ("theirs", "0b5d8e3f-theirs");

/// Somebody else's subscriber in a Region, as the seed of a world has it.
pub(super) fn theirs(integration: &Integration, region: &str) -> Value {
    let lake = &integration.lake;
    let sources = lake.sources.iter().map(|source| format!("{source}:{}", lake.source_version));
    json!({
        "region": region, "name": THEIRS.0, "external_id": THEIRS.1,
        "principal": integration.detective.account.as_str(), "sources": sources.collect::<Vec<_>>(),
    })
}

/// What Security Lake collects is what the spec says, if it says so: before and after a removal.
pub(super) fn check(integration: &Integration, lake: &Value) {
    let Some(collection) = &integration.lake.collection else { return };
    let mut accounts = match collection {
        Collection::All => vec![integration.lake.account.to_string()],
        Collection::Accounts(list) => list.iter().map(ToString::to_string).collect(),
    };
    accounts.sort();
    let name = |source: &lakelink::vocab::LogSource| {
        format!("{} {}", source.api_name(), integration.lake.source_version)
    };
    let expected = integration.lake.sources.iter().map(|source| (name(source), accounts.clone()));
    assert_eq!(
        lake["security_lake"]["source_accounts"],
        json!(expected.collect::<BTreeMap<_, _>>()),
        "{collection:?}"
    );
}

/// Renders a changed example into a folder of its own and runs its blocks of Deploy.
fn deploy(world: &World, text: &str) -> Integration {
    let folder = tempfile::tempdir().unwrap();
    lakelink::files::write(&folder.path().join("collection.yaml"), text).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "collection.yaml"]).code, 0);
    let integration = rendered("collection.yaml", text).integration;
    Runbook::in_folder(&integration, world, folder.path().join("out/collection")).run("Deploy", |_| true);
    integration
}

/// The text with one piece of it changed.
fn changed(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    text.replace(old, new)
}

/// Each change of the table under Change that the collection stack has a part in, one after the other.
#[test]
fn sources_accounts_and_version_change_by_the_blocks_of_deploy() {
    let read = std::fs::read_to_string(env::root().join("examples/collection.yaml")).unwrap();
    let old = &example("collection").integration;
    let world = World::start(seed(old));
    let state = |integration: &Integration| {
        let region = integration.regions.home();
        let lake = world.state(&integration.lake.account, region);
        check_subscriber(integration, &lake);
        check_link_and_grants(integration, region, &world.state(&integration.detective.account, region));
        lake
    };
    let version_1 = changed(&read, "[cloud_trail_mgmt, vpc_flow, eks_audit]", "[cloud_trail_mgmt, vpc_flow]");
    let version_1 = changed(&version_1, "source_version: \"2.0\"", "source_version: \"1.0\"");
    let first = deploy(&world, &version_1);
    check(&first, &state(&first));

    let more = changed(&version_1, "[cloud_trail_mgmt, vpc_flow]", "[cloud_trail_mgmt, route53, vpc_flow]");
    let added = deploy(&world, &more);
    check(&added, &state(&added));

    let others = changed(&more, "- \"444400001234\"", "- \"444400005678\"\n      - \"444400004321\"");
    let listed = deploy(&world, &others);
    check(&listed, &state(&listed));

    let all = deploy(&world, &changed(&others, "source_version: \"1.0\"", "source_version: \"2.0\""));
    let lake = state(&all);
    check(&all, &lake);
    let stack = &lake["stacks"][all.stack_name(Stack::LakeCollection)];
    assert_eq!(stack["status"], "UPDATE_COMPLETE", "a new version is an update of the stack");

    // A source that leaves the spec leaves the subscriber, and is collected as before.
    let less = deploy(&world, &changed(&others.replace("\"1.0\"", "\"2.0\""), "route53, ", ""));
    let lake = state(&less);
    let collected = lake["security_lake"]["source_accounts"].as_object().unwrap();
    assert!(collected.contains_key("ROUTE53 2.0"), "{collected:?}");
    assert_eq!(collected.len(), less.lake.sources.len() + 1);
}

/// A source that is on already: the check before shows it, and the stack fails and switches nothing off.
#[test]
fn a_source_that_is_on_already_is_seen_before_and_stays_on() {
    let integration = &example("collection").integration;
    let mut seed = seed(integration);
    seed["accounts"][integration.lake.account.as_str()]["lake_sources"] = json!(["vpc_flow:2.0"]);
    let world = World::start(seed);
    let runbook = Runbook::of(integration, &world);
    let said = runbook.run("Before you start", |heading| heading == "The sources are not on yet");
    let lines = said.stdout.lines().collect::<Vec<_>>();
    assert_eq!(lines, ["eu-west-2 CLOUD_TRAIL_MGMT 0", "eu-west-2 VPC_FLOW 1", "eu-west-2 EKS_AUDIT 0"]);
    let blocks = |heading: &str| heading.starts_with("Roles") || heading.ends_with("the collection stack");
    let ran = runbook.shell(&runbook.blocks("Deploy", blocks).join("\n"));
    assert_ne!(ran.code, 0, "{}", ran.said());
    let lake = world.state(&integration.lake.account, integration.regions.home());
    let account = integration.lake.account.as_str();
    assert_eq!(texts(&lake["security_lake"]["sources"]), [format!("{account} VPC_FLOW 2.0")]);
}

/// What the check of somebody else's subscriber prints is what the run-book says that it prints.
#[test]
fn an_existing_subscriber_is_shown() {
    let integration = &example("existing-subscriber").integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::of(integration, &world);
    let said = runbook.run("Before you start", |heading| heading == "The subscriber exists");
    let account = &integration.detective.account;
    let sources = "CLOUD_TRAIL_MGMT:2.0 VPC_FLOW:2.0 EKS_AUDIT:2.0";
    let line = format!("{}\tACTIVE\tLAKEFORMATION\t{account}\t{}\t{sources}\n", THEIRS.0, THEIRS.1);
    assert_eq!(said.stdout, line);
}
