//! A spec that changes, in a world that stays.

use std::collections::BTreeMap;

use lakelink::model::{Integration, Side, Stack};
use serde_json::Value;

use super::check::{check_region, check_roles};
use super::runbook::Runbook;
use super::server::World;
use super::{console, seed};
use crate::support::{lakelink, rendered};

/// The spec of the moment, named `variant`, in its one Region.
pub(super) struct Rollout {
    pub(super) world: World,
    folder: tempfile::TempDir,
    pub(super) integration: Integration,
}

impl Rollout {
    /// Generates the spec, in a world with all that it names; nothing is deployed yet. `more` is put into the seed of
    /// the world.
    pub(super) fn start(text: &str, more: &[(&str, Value)]) -> Self {
        let integration = rendered("variant.yaml", text).integration;
        let mut seed = seed(&integration);
        for (key, value) in more {
            seed[key] = value.clone();
        }
        let (world, folder) = (World::start(seed), tempfile::tempdir().unwrap());
        let mut rollout = Self { world, folder, integration };
        rollout.generate(text);
        rollout
    }

    pub(super) fn generate(&mut self, text: &str) {
        lakelink::files::write(&self.folder.path().join("variant.yaml"), text).unwrap();
        let ran = lakelink(self.folder.path(), &["generate", "variant.yaml"]);
        assert_eq!(ran.code, 0, "{}", ran.said());
        self.integration = rendered("variant.yaml", text).integration;
    }

    /// Deploys the spec by the blocks of Deploy, in their order, and checks what is there.
    pub(super) fn deploy(&mut self, text: &str) -> Value {
        self.generate(text);
        self.run("Deploy", |_| true);
        self.check()
    }

    /// The same, the roles stacks last, as the table under Change asks for where something is taken away.
    pub(super) fn deploy_roles_last(&mut self, text: &str) -> Value {
        self.generate(text);
        let is_roles = |heading: &str| heading.starts_with("Roles in ");
        self.run("Deploy", |heading| !is_roles(heading));
        self.run("Deploy", is_roles);
        self.check()
    }

    pub(super) fn runbook(&self) -> Runbook<'_> {
        Runbook::in_folder(&self.integration, &self.world, self.folder.path().join("out/variant"))
    }

    pub(super) fn run(&self, section: &str, wanted: impl Fn(&str) -> bool) {
        self.runbook().run(section, wanted);
    }

    /// Gives the function the time for one look: it fails only when no time is left for another.
    pub(super) fn hurry(&self) {
        let path = self.folder.path().join("out/variant/detective.template.yaml");
        let template = std::fs::read_to_string(&path).unwrap();
        assert!(template.contains(" Timeout: 600\n"));
        lakelink::files::write(&path, &template.replace(" Timeout: 600\n", " Timeout: 100\n")).unwrap();
    }

    /// The Detective stack, by its block, which must fail.
    pub(super) fn fail_detective(&self) {
        let ran = self.runbook().try_run("Deploy", |heading| heading.ends_with(": the Detective stack"));
        assert_ne!(ran.code, 0, "{}", ran.said());
    }

    pub(super) fn state(&self, side: Side) -> Value {
        self.world.state(self.integration.account(side), self.integration.regions.home())
    }

    /// The share that the lake stack made last.
    pub(super) fn share(&self) -> String {
        let lake = self.state(Side::Lake);
        let outputs = &lake["stacks"][self.integration.stack_name(Stack::Lake)]["outputs"];
        outputs["ResourceShareArn"].as_str().unwrap().to_owned()
    }

    /// Everything that the console and those who query need is there, for the share that there is now.
    pub(super) fn check(&self) -> Value {
        check_region(&self.integration, &self.world, self.integration.regions.home());
        for pair in self.integration.regions.pairs() {
            console::check(&self.integration, &self.world, *pair);
        }
        check_roles(&self.integration, &self.world);
        self.state(Side::Detective)
    }

    /// Logical and physical ids of the Detective stack: what is replaced has another physical id.
    pub(super) fn resources(&self) -> BTreeMap<String, String> {
        let ran = self
            .aws("list-stack-resources", "StackResourceSummaries[].[LogicalResourceId, PhysicalResourceId]");
        let pairs = ran.lines().map(|line| line.split_once('\t').unwrap());
        pairs.map(|(logical, physical)| (logical.to_owned(), physical.to_owned())).collect()
    }

    /// The reasons of failures in the events of the Detective stack.
    pub(super) fn failures(&self) -> String {
        self.aws(
            "describe-stack-events",
            "StackEvents[?ends_with(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]",
        )
    }

    /// What CloudFormation says of the Detective stack.
    fn aws(&self, operation: &str, query: &str) -> String {
        let ran = self.runbook().shell(&format!(
            "aws cloudformation {operation} --stack-name {} --output text --query \"{query}\" \
             --region us-east-1 --profile lakelink-variant-detective",
            self.integration.stack_name(Stack::Detective)
        ));
        assert_eq!(ran.code, 0, "{}", ran.said());
        ran.stdout
    }
}
