//! Other people's tools deploy an integration, by the commands of its run-book and of the guides.

use std::collections::BTreeSet;

use lakelink::model::{Side, Stack};
use serde_json::Value;

use super::deploy::{check, check_status};
use super::program::Program;
use super::rights::{Policies, two_roles};
use super::rollout::Rollout;
use super::runbook::Runbook;
use super::server::World;
use super::shop::minimum;
use super::{example, guides, seed};
use crate::env;
use crate::guides::Guide;
use crate::support::rendered;

const CDK: &str = "With the CDK CLI";
const PARAMETERS: &str = "With parameter files";

/// What the example is that these tools deploy in one go.
const EXAMPLE: &str = "stack-output";

fn cdk() -> std::path::PathBuf {
    env::node_package("aws-cdk").join("bin")
}

#[test]
fn the_cdk_cli_deploys_both_accounts_in_one_go() {
    let integration = &example(EXAMPLE).integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::of(integration, &world).with_tools(cdk());
    // The page has the commands of the chapter, and more.
    let script = Guide::Cdk.script();
    let chapter = runbook.blocks(CDK, |_| true);
    chapter.iter().for_each(|block| assert!(script.contains(block.as_str()), "{block}"));
    let folder = guides::folder(EXAMPLE);
    let ran = guides::shell(integration, &world, &folder).with_tools(cdk()).run(&script);
    assert_eq!(ran.code, 0, "{}", ran.said());
    // To its own template, and to all that was deployed.
    assert_eq!(ran.stderr.matches("Number of stacks with differences: 0").count(), 2, "{}", ran.said());
    check(integration, &world);
    let program = Program::new(&world, env::root(), integration);
    let spec = format!("examples/{EXAMPLE}.yaml");
    // Tags, execution roles and templates are those that `deploy` would have given; only it looks at no protection.
    check_status(integration, &program.status(&spec));
    let protected = runbook.shell(&format!(
        "aws cloudformation describe-stacks --stack-name {} --query 'Stacks[0].EnableTerminationProtection' \
         --region {} --profile lakelink-{EXAMPLE}-lake",
        integration.stack_name(Stack::Lake),
        integration.regions.home()
    ));
    assert_eq!(protected.stdout, "true\n", "{}", protected.said());
    program.only_reads(0, &["deploy", &spec]);
}

/// Step by step, as whoever has the deployer policies and no more.
#[test]
fn the_cdk_cli_is_handed_the_share() {
    let plain = minimum("outputs: [templates, runbook, cdk]\n");
    let roles = two_roles(&rendered("variant.yaml", &plain).integration);
    let rollout = Rollout::start(&(plain + &roles), &[]);
    let (integration, world) = (&rollout.integration, &rollout.world);
    let runbook = rollout.runbook().with_tools(cdk());
    let is_regional = |heading: &str| heading.starts_with("us-east-1: ");
    let is_detective = |heading: &str| heading.contains("the Detective account");
    runbook.run(CDK, |heading| !is_regional(heading));
    let policies = Policies::of(integration, world);
    let blocks = [
        runbook.blocks(CDK, |heading| is_regional(heading) && !is_detective(heading)),
        runbook.blocks("Deploy", |heading| heading.ends_with(": the share")),
        runbook.blocks(CDK, is_detective),
    ];
    let ran = runbook.shell(&blocks.concat().join("\n"));
    assert_eq!(ran.code, 0, "{}", ran.said());
    let mut calls = world.calls();
    calls.retain(|call| call["caller"].as_str().is_some_and(|caller| caller.ends_with(":role/Deployer")));
    assert!(calls.iter().any(|call| call["operation"] == "UpdateTerminationProtection"), "{calls:#?}");
    // It also looks for a bootstrap stack, and goes on if it may not (`ToolkitInfo.lookup` of aws-cdk 2.1148.1).
    let mut denied = policies.judge(integration, &calls).denied;
    denied.retain(|call| !(call.contains("DescribeStacks") && call.contains(":stack/CDKToolkit/*")));
    assert_eq!(denied, BTreeSet::new());
    rollout.check();
    let told = &rollout.state(Side::Detective)["stacks"][integration.stack_name(Stack::Detective)];
    assert_eq!(told["parameters"]["ResourceShareArn"], Value::from(rollout.share()));
}

#[test]
fn the_aws_cli_deploys_with_parameter_files() {
    let integration = &example(EXAMPLE).integration;
    let world = World::start(seed(integration));
    let runbook = Runbook::of(integration, &world).with_tools(env::aws_cli_v2());
    assert!(runbook.shell("aws --version").stdout.starts_with("aws-cli/2."));
    // The page shows one block of the chapter.
    let block = Guide::Parameters.script();
    assert!(runbook.blocks(PARAMETERS, |_| true).contains(&block), "{block}");
    runbook.run(PARAMETERS, |_| true);
    check(integration, &world);
}
