//! Every example by the program itself: deployed, found in step, removed, and each of that once more for nothing.

use std::collections::BTreeMap;

use lakelink::model::{Integration, Share, Stack};
use lakelink::vocab::Acceptance;
use serde_json::{Value, json};

use super::check::{check_region, check_removed, check_roles};
use super::program::Program;
use super::server::World;
use super::shop::{SPEC, says};
use super::{console, example, seed};
use crate::env;

macro_rules! examples {
    ($($test:ident $name:literal),*) => {
        $(#[test]
        fn $test() {
            there_and_back($name);
        })*

        #[test]
        fn every_example_is_deployed() {
            let examples = crate::support::examples().into_iter().map(|one| one.integration);
            // Those whose Regional stacks are in sets: see `sets`, and below.
            let examples = examples.filter(|integration| integration.set_owner().is_none());
            let names = examples.map(|integration| integration.name.to_string());
            assert_eq!(names.collect::<Vec<_>>(), [$($name),*]);
        }
    };
}

examples! {
    collection "collection", console_region "console-region", customer_key "customer-key", discover "discover",
    evidence_crawler "evidence-crawler", existing_bucket "existing-bucket", existing_subscriber "existing-subscriber",
    fleet_bank "fleet-bank", fleet_shop "fleet-shop", govcloud "govcloud", organization "organization",
    pinned "pinned", stack_output "stack-output", two_accounts "two-accounts"
}

fn there_and_back(name: &str) {
    let integration = &example(name).integration;
    let world = World::start(seed(integration));
    let program = Program::new(&world, env::root(), integration);
    let spec = &format!("examples/{name}.yaml");
    program.ends(6, &["plan", spec, "--detailed-exitcode"]);
    let stacks = &program.status(spec)["stacks"];
    let is_absent = |stack: &Value| stack["status"] == "ABSENT";
    assert!(stacks.as_array().unwrap().iter().all(is_absent), "a plan leaves nothing: {stacks:#}");
    program.only_reads(11, &["deploy", spec]);
    world.forget_calls();
    program.ends(0, &["deploy", spec, "--yes"]);
    check_calls(integration, &world);
    check(integration, &world);
    program.only_reads(0, &["deploy", spec]);
    check_status(integration, &program.status(spec));
    program.only_reads(0, &["plan", spec, "--detailed-exitcode"]);
    update(integration, &world);
    program.only_reads(11, &["destroy", spec]);
    program.ends(0, &["destroy", spec, "--yes"]);
    check_removed(integration, &world);
    program.only_reads(0, &["destroy", spec, "--yes"]);
    if matches!(integration.handoff.share, Share::Pinned(_)) && integration.has(Stack::Lake) {
        // A new subscriber makes a new share, which is not the pinned one.
        let said = program.ends(11, &["deploy", spec, "--yes"]).said();
        assert!(said.contains("and the lake stack made `arn:"), "{said}");
        return;
    }
    // What was kept is taken over.
    program.ends(0, &["deploy", spec, "--yes"]);
    check(integration, &world);
    program.only_reads(0, &["deploy", spec]);
    program.ends(0, &["destroy", spec, "--yes"]);
    check_removed(integration, &world);
}

/// Calls of a deployment for each of its stacks, at most: half of the 40 that are wanted, since the world answers Describe only when
/// something has ended. AWS throttles who asks for much.
const CALLS_OF_A_STACK: usize = 20;

fn check_calls(integration: &Integration, world: &World) {
    // As long as there are no roles stacks, those that have moved are looked for in every other Region.
    let home = integration.regions.home();
    let is_search = |call: &Value| {
        call["stack"].as_str().is_some_and(|stack| stack.ends_with("-roles"))
            && call["region"] != home.as_str()
    };
    let calls = world.calls().into_iter().filter(|call| call["function"] == false && !is_search(call));
    let calls = calls.collect::<Vec<_>>();
    let stacks = integration.stacks().into_iter();
    let stacks = stacks.map(|stack| integration.regions_of(stack).len()).sum::<usize>();
    assert!(calls.len() <= CALLS_OF_A_STACK * stacks, "{} calls for {stacks} stacks", calls.len());
    let mut of_each = BTreeMap::<_, usize>::new();
    for call in calls.iter().filter(|call| !call["stack"].is_null()) {
        *of_each.entry(["account", "region", "stack"].map(|key| call[key].to_string())).or_default() += 1;
    }
    assert_eq!(of_each.len(), stacks);
    assert!(of_each.values().all(|count| *count <= CALLS_OF_A_STACK), "{of_each:#?}");
}

/// Brings what is there to a spec that differs in every stack by its tags, and by its queries.
fn update(integration: &Integration, world: &World) {
    let folder = tempfile::tempdir().unwrap();
    for path in crate::support::specs_in("examples") {
        std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let mut changed = integration.clone();
    changed.detective.queries = !changed.detective.queries;
    changed.tags.insert("updated".into(), "yes".into());
    let (name, queries) = (&changed.name, changed.detective.queries);
    let text = format!(
        "name: {name}\nextends: {name}.yaml\ndetective: {{queries: {queries}}}\ntags: {{updated: \"yes\"}}\n"
    );
    lakelink::files::write(&folder.path().join(SPEC), &text).unwrap();
    let program = Program::new(world, folder.path(), &changed);
    program.ends(6, &["plan", SPEC, "--detailed-exitcode"]);
    program.ends(0, &["deploy", SPEC, "--yes"]);
    check(&changed, world);
    program.only_reads(0, &["deploy", SPEC]);
    check_status(&changed, &program.status(SPEC));
}

/// What the model says is there.
pub(super) fn check(integration: &Integration, world: &World) {
    for region in integration.regions.lake() {
        check_region(integration, world, region);
    }
    for pair in integration.regions.pairs() {
        console::check(integration, world, *pair);
    }
    check_roles(integration, world);
}

/// Every stack is there and in step, every share is accepted where somebody must accept it, every console is served.
pub(super) fn check_status(integration: &Integration, status: &Value) {
    assert_eq!(status["integration"], integration.name.as_str());
    let stacks = integration.stacks().into_iter();
    let expected = stacks.map(|stack| integration.regions_of(stack).len()).sum::<usize>();
    let stacks = status["stacks"].as_array().unwrap();
    assert_eq!(stacks.len(), expected, "{status:#}");
    assert!(stacks.iter().all(|stack| stack["in_step"] == true && stack["layout"] == 1), "{status:#}");
    let done = |stack: &Value| stack["status"].as_str().unwrap().ends_with("E_COMPLETE");
    assert!(stacks.iter().all(done), "{status:#}");
    let consoles = integration.regions.pairs().iter();
    let consoles = consoles.map(|pair| json!({ "region": pair.detective.as_str(), "complete": true }));
    assert_eq!(status["console"], consoles.collect::<Value>());
    let shares = status["shares"].as_array().unwrap();
    assert_eq!(shares.len(), integration.regions.lake().len());
    let is_organization = integration.handoff.acceptance == Acceptance::Organization;
    for share in shares {
        let invitation = if is_organization { Value::Null } else { json!("ACCEPTED") };
        assert_eq!(share["invitation"], invitation, "{status:#}");
        assert!(share["arn"].as_str().unwrap().contains(":resource-share/"), "{status:#}");
    }
}

/// What CfCT deploys is no matter of ours but for the roles stacks.
#[test]
fn of_cfct_only_the_roles_stacks() {
    let integration = &example("source-version-1").integration;
    let world = World::start(seed(integration));
    let program = Program::new(&world, env::root(), integration);
    let spec = "examples/source-version-1.yaml";
    let ran = program.run(&["deploy", spec, "--only", "lake", "--yes"]);
    assert_eq!(ran.code, 2, "{}", ran.said());
    says(&ran.stderr, &["its Regional stacks are rolled out by CfCT", "push `cfct/`"]);
    says(
        &program.ends(0, &["deploy", spec, "--yes"]).stderr,
        &["2 changed", "next: the Regional stacks, by CfCT"],
    );
    check_roles(integration, &world);
    let status = program.status(spec);
    assert_eq!(status["stacks"].as_array().unwrap().len(), 2, "{status:#}");
    says(&program.only_reads(0, &["status", spec]).stdout, &["the rest is in stack sets of CfCT"]);
    let destroy = program.only_reads(11, &["destroy", spec]);
    says(&destroy.stderr, &["2 stacks would be removed", "by its manifest"]);
    let ran = program.run(&["handoff", spec]);
    says(&ran.stderr, &["its lake stacks are in a stack set"]);
    says(&program.run(&["rollout", spec]).stderr, &["it has no stack sets"]);
    program.ends(0, &["destroy", spec, "--yes"]);
}
