//! One small integration in a world of its own, and the program at work on it.

use std::process::Command;

use lakelink::model::{Integration, Side, Stack};
use lakelink::vocab::Region;
use serde_json::{Value, json};

use super::program::Program;
use super::server::World;
use super::{deploy, seed};
use crate::env;
use crate::support::{rendered, spec};

/// The file of the spec.
pub(super) const SPEC: &str = "variant.yaml";

/// An integration named `variant`. RAM gives empty pages between the others.
pub(super) struct Shop {
    pub(super) world: World,
    pub(super) folder: tempfile::TempDir,
    pub(super) integration: Integration,
}

/// The spec of one Region, with more at its end.
pub(super) fn minimum(more: &str) -> String {
    spec("", "", more)
}

/// The same in two Regions.
pub(super) fn twofold() -> String {
    minimum("").replace("[us-east-1]", "[us-east-1, eu-west-1]")
}

/// The text says all of these.
pub(super) fn says(text: &str, parts: &[&str]) {
    let missing = parts.iter().filter(|part| !text.contains(**part)).collect::<Vec<_>>();
    assert!(missing.is_empty(), "{missing:#?} is not said:\n{text}");
}

impl Shop {
    /// With nothing deployed; `more` is put into the seed of the world.
    pub(super) fn open(text: &str, more: &[(&str, Value)]) -> Self {
        let integration = rendered(SPEC, text).integration;
        let mut seed = seed(&integration);
        seed["ram_empty_pages"] = json!(true);
        for (key, value) in more {
            seed[key] = value.clone();
        }
        let shop = Self { world: World::start(seed), folder: tempfile::tempdir().unwrap(), integration };
        shop.write(SPEC, text);
        shop
    }

    pub(super) fn write(&self, file: &str, text: &str) {
        lakelink::files::write(&self.folder.path().join(file), text).unwrap();
    }

    /// The spec is another one from now on.
    pub(super) fn change(&mut self, text: &str) {
        self.write(SPEC, text);
        self.integration = rendered(SPEC, text).integration;
    }

    pub(super) fn program(&self) -> Program<'_> {
        Program::new(&self.world, self.folder.path(), &self.integration)
    }

    /// A command on the spec, which must end with this code.
    pub(super) fn ends(&self, code: i32, command: &str, more: &[&str]) -> env::Ran {
        self.program().ends(code, &[&[command, SPEC], more].concat())
    }

    /// The same with the credentials of one account only.
    pub(super) fn alone(&self, side: Side, code: i32, command: &str, more: &[&str]) -> env::Ran {
        let other = if side == Side::Lake { "LAKELINK_DETECTIVE_PROFILE" } else { "LAKELINK_LAKE_PROFILE" };
        let program = self.program();
        let ran = env::run(program.command(&[&[command, SPEC], more].concat()).env_remove(other));
        assert_eq!(ran.code, code, "{command} {more:?}: {}", ran.said());
        ran
    }

    /// Deploys to the end, and all is as the model says.
    pub(super) fn deploy(&self) {
        self.ends(0, "deploy", &["--yes"]);
        self.check();
    }

    pub(super) fn check(&self) {
        deploy::check(&self.integration, &self.world);
        deploy::check_status(&self.integration, &self.program().status(SPEC));
    }

    pub(super) fn state(&self, side: Side) -> Value {
        self.state_in(side, self.integration.regions.home())
    }

    pub(super) fn state_in(&self, side: Side, region: Region) -> Value {
        self.world.state(self.integration.account(side), region)
    }

    /// A command of AWS's own tool, in the home Region, as the account itself.
    pub(super) fn aws(&self, side: Side, arguments: &[&str]) -> env::Ran {
        let ran = self.try_aws(side, arguments);
        assert_eq!(ran.code, 0, "{}", ran.said());
        ran
    }

    /// The same, which may end badly.
    pub(super) fn try_aws(&self, side: Side, arguments: &[&str]) -> env::Ran {
        let mut command = Command::new(self.world.bin().join("aws"));
        command.args(arguments).env_clear().env("AWS_ENDPOINT_URL", self.world.endpoint());
        command.env("AWS_ACCESS_KEY_ID", self.integration.account(side).as_str());
        command
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_DEFAULT_REGION", self.integration.regions.home().as_str());
        env::run(&mut command)
    }

    /// The status of a stack in the home Region; null if it is not there.
    pub(super) fn stack(&self, stack: Stack) -> Value {
        self.state(stack.side())["stacks"][self.integration.stack_name(stack)]["status"].clone()
    }

    /// The only invitation of the lake account.
    pub(super) fn invitation(&self) -> Value {
        let invitations = self.state(Side::Detective)["ram"]["invitations"].clone();
        let lake = self.integration.lake.account.as_str();
        let mut ours = invitations.as_array().unwrap().iter().filter(|one| one["sender"] == lake);
        let (first, None) = (ours.next().unwrap().clone(), ours.next()) else { panic!("{invitations:#}") };
        first
    }

    /// Plans these faults and no other.
    pub(super) fn fault(&self, faults: &[Value]) {
        self.world.fault(&json!({ "clear": true }));
        faults.iter().for_each(|fault| self.world.fault(fault));
    }

    /// Every planned fault has happened as often as it was planned.
    pub(super) fn all_faults_happened(&self) {
        let faults = self.world.faults();
        let mut faults = faults.as_array().unwrap().iter();
        assert!(faults.len() > 0 && faults.all(|fault| fault["times"] == 0), "{:#}", self.world.faults());
    }
}
