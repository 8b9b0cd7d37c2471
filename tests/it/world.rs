//! Every example is deployed in two accounts of the test world, by the very commands of its run-book and therefore
//! by change sets; the end state is held against the model; everything is removed again.
//!
//! What this proves and what it cannot: `tests/world/README.md`.

mod again;
mod asked;
mod changes;
mod check;
mod collection;
mod console;
mod deploy;
mod evaluator;
mod faults;
mod flags;
mod fleet;
mod foreign;
mod guides;
mod halves;
mod handoff;
mod kept;
mod keys;
mod kills;
mod program;
mod proved;
mod removal;
mod rights;
mod roles_last;
mod rollout;
mod runbook;
pub(crate) mod server;
mod sets;
mod shop;
mod stale;
mod states;
mod status;
mod tools;

use std::process::Command;

use lakelink::check::Rendered;
use lakelink::model::{Encryption, ExecutionRole, Integration, ResultsBucket, Side, Subscriber};
use lakelink::vocab::Acceptance;
use serde_json::{Value, json};

use crate::env;
use crate::support::{examples, lakelink};
use check::{check_region, check_removed, check_roles};
use runbook::Runbook;
use server::World;

#[test]
fn the_worlds_own_tests_pass() {
    let python = env::program(&env::venv("world"), "python");
    let ran = env::run(Command::new(python).arg(env::root().join("tests/world/selftest.py")));
    assert_eq!(ran.code, 0, "{}", ran.said());
}

#[test]
fn two_accounts() {
    deploy_and_remove("two-accounts");
}

#[test]
fn organization() {
    deploy_and_remove("organization");
}

#[test]
fn pinned() {
    deploy_and_remove("pinned");
}

#[test]
fn discover() {
    deploy_and_remove("discover");
}

#[test]
fn stack_output() {
    deploy_and_remove("stack-output");
}

/// Its run-book leaves the Regions to CfCT: without that, it has the blocks for them.
#[test]
fn source_version_1() {
    let text = std::fs::read_to_string(env::root().join("examples/source-version-1.yaml")).unwrap();
    assert!(text.contains(", cfct]"));
    let folder = tempfile::tempdir().unwrap();
    lakelink::files::write(&folder.path().join("a.yaml"), &text.replace(", cfct]", "]")).unwrap();
    let ran = lakelink(folder.path(), &["generate", "a.yaml"]);
    assert_eq!(ran.code, 0, "{}", ran.said());
    let integration = &example("source-version-1").integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::in_folder(integration, &world, folder.path().join("out/source-version-1"));
    there_and_back(integration, &world, &runbook);
}

#[test]
fn customer_key() {
    deploy_and_remove("customer-key");
}

#[test]
fn existing_bucket() {
    deploy_and_remove("existing-bucket");
}

#[test]
fn collection() {
    deploy_and_remove("collection");
}

#[test]
fn existing_subscriber() {
    deploy_and_remove("existing-subscriber");
}

#[test]
fn evidence_crawler() {
    deploy_and_remove("evidence-crawler");
}

#[test]
fn fleet_shop() {
    deploy_and_remove("fleet-shop");
}

#[test]
fn fleet_bank() {
    deploy_and_remove("fleet-bank");
}

#[test]
fn govcloud() {
    deploy_and_remove("govcloud");
}

#[test]
fn console_region() {
    deploy_and_remove("console-region");
}

fn example(name: &str) -> Rendered {
    examples().into_iter().find(|one| one.integration.name.as_str() == name).unwrap()
}

/// The part of the run-book that removes what a removal keeps.
const STAYS: &str = "What stays";

fn deploy_and_remove(name: &str) {
    let integration = &example(name).integration;
    let world = World::start(seed(integration));
    there_and_back(integration, &world, &Runbook::of(integration, &world));
}

fn there_and_back(integration: &Integration, world: &World, runbook: &Runbook<'_>) {
    // The world has no Detective of its own to be turned on.
    runbook.run("Before you start", |heading| heading != "Detective is on");
    runbook.run("Deploy", |_| true);
    let attached_by_template = integration.detective.attach_policy;
    if !attached_by_template {
        runbook.run("Attach the analyst policy", |_| true);
    }
    // The world's Athena runs no queries; what the console reads and what was granted is there.
    runbook.run("See that it works", |heading| !heading.ends_with("a query"));
    if integration.detective.crawler.is_some() {
        runbook.run("Saved evidence", |heading| heading.ends_with("with the crawler"));
    }
    for region in integration.regions.lake() {
        check_region(integration, world, region);
    }
    for pair in integration.regions.pairs() {
        console::check(integration, world, *pair);
    }
    let regions = [integration.regions.lake(), integration.regions.detective()].concat();
    let states = regions.iter().map(|region| world.state(&integration.detective.account, *region));
    let states = states.collect::<Vec<_>>();
    check_roles(integration, world);
    // Once more: every stack is in step, so nothing may change.
    runbook.run("Deploy", |_| true);
    for (region, before) in regions.iter().zip(&states) {
        assert_eq!(
            &world.state(&integration.detective.account, *region),
            before,
            "a second run changed {region}"
        );
    }
    runbook.run("Remove", |heading| heading != STAYS);
    check_removed(integration, world);
    if let ResultsBucket::Ours { .. } = integration.detective.bucket {
        runbook.run("Remove", |heading| heading == STAYS);
        for region in integration.regions.lake() {
            let state = world.state(&integration.detective.account, region);
            assert_eq!(state["buckets"], json!({}));
            if integration.lake.collection.is_some() {
                let lake = world.state(&integration.lake.account, region);
                assert_eq!(lake["security_lake"]["sources"], json!([]), "switched off by its block");
            }
        }
    }
}

/// What must be there before: the data lake, who queries, who deploys.
fn seed(integration: &Integration) -> Value {
    let regions = integration.regions.lake();
    let regions = regions.iter().map(|region| region.as_str()).collect::<Vec<_>>();
    let roles = |side| {
        let deployment = integration.deployment(side);
        let given = match &deployment.execution {
            ExecutionRole::Given(role) => Some(role.path_and_name()),
            ExecutionRole::Service => None,
        };
        // The run-book attaches the deployer policy to the role that deploys; `lakelink deploy` assumes both.
        let assumed = [&deployment.role, &deployment.admin_role].into_iter().flatten();
        given.into_iter().chain(assumed.map(lakelink::vocab::RoleArn::path_and_name)).collect::<Vec<_>>()
    };
    let mut detective_roles = roles(Side::Detective);
    let mut users = Vec::new();
    let everybody = integration.detective.principals.iter().chain(&integration.detective.break_glass);
    for principal in everybody {
        let arn = principal.arn().to_string();
        let (_, resource) = arn.rsplit_once(':').unwrap();
        match resource.split_once('/').unwrap() {
            ("role", name) => detective_roles.push(name.to_owned()),
            (_, name) => users.push(name.to_owned()),
        }
    }
    let mut buckets = serde_json::Map::new();
    if let ResultsBucket::Existing(names) = &integration.detective.bucket {
        buckets.extend(
            names.iter().map(|(region, name)| (name.to_string(), json!({ "region": region.as_str() }))),
        );
    }
    let mut keys = serde_json::Map::new();
    if let Encryption::Keys(arns) = &integration.detective.encryption {
        keys.extend(
            arns.iter().map(|(region, arn)| (arn.id().to_owned(), json!({ "region": region.as_str() }))),
        );
    }
    let mut lake = json!({ "lake_regions": regions });
    if integration.lake.collection.is_some() {
        lake["lake_sources"] = json!([]);
    }
    if integration.lake.subscriber == Subscriber::Existing {
        lake["subscribers"] = regions.iter().map(|region| collection::theirs(integration, region)).collect();
    }
    let (boundary, partition) = (["SecBoundary"], integration.regions.partition().as_str());
    lake["roles"] = json!(roles(Side::Lake));
    lake["policies"] = json!(boundary);
    lake["partition"] = json!(partition);
    json!({
        "organization": integration.handoff.acceptance == Acceptance::Organization,
        "accounts": {
            (integration.lake.account.as_str()): lake,
            (integration.detective.account.as_str()): {
                "roles": detective_roles, "users": users, "policies": boundary, "partition": partition,
                "buckets": buckets, "keys": keys,
            },
        },
    })
}
