//! The program at work in a world, as a person with a profile for each account.

use std::path::{Path, PathBuf};
use std::process::Command;

use lakelink::model::{Integration, StackSets};
use serde_json::Value;

use super::server::World;
use crate::env;

/// The delegated administrator of an organization, which no spec names.
pub(super) const DELEGATED: &str = "777788889999";

/// The program, in a folder of specs, with the credentials of two accounts.
pub(super) struct Program<'a> {
    world: &'a World,
    folder: PathBuf,
    home: tempfile::TempDir,
}

impl<'a> Program<'a> {
    /// In this folder. Profiles `lake` and `detective` are of the accounts of the spec, `administrator` of the one that holds or
    /// may call the stack sets: an access key id is the account.
    pub(super) fn new(world: &'a World, folder: &Path, integration: &Integration) -> Self {
        let home = tempfile::tempdir().unwrap();
        let profile = |name: &str, account: &str| {
            format!("[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = test\n")
        };
        let (lake, detective) = (integration.lake.account.as_str(), integration.detective.account.as_str());
        let administrator = match &integration.stack_sets {
            Some(StackSets::SelfManaged { administration_role }) => administration_role.account().as_str(),
            _ => DELEGATED,
        };
        let profiles = [("lake", lake), ("detective", detective), ("administrator", administrator)];
        let profiles = profiles.map(|(name, account)| profile(name, account)).concat();
        lakelink::files::write(&home.path().join("config"), &profiles).unwrap();
        Self { world, folder: folder.to_owned(), home }
    }

    /// Without standard input, and with nothing of this machine's environment.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
        command.args(arguments).current_dir(&self.folder).env_clear();
        command.env("AWS_ENDPOINT_URL", self.world.endpoint());
        command.env("AWS_CONFIG_FILE", self.home.path().join("config"));
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.home.path().join("none"));
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("LAKELINK_POLL_MS", "20");
        command.env("LAKELINK_LAKE_PROFILE", "lake").env("LAKELINK_DETECTIVE_PROFILE", "detective");
        command.env("LAKELINK_ROLLOUT_PROFILE", "administrator");
        command
    }

    /// Runs to its end.
    pub(super) fn run(&self, arguments: &[&str]) -> env::Ran {
        env::run(&mut self.command(arguments))
    }

    /// Runs to its end, which must be this exit code.
    pub(super) fn ends(&self, code: i32, arguments: &[&str]) -> env::Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.said());
        ran
    }

    /// The same, and writes nothing to AWS.
    pub(super) fn only_reads(&self, code: i32, arguments: &[&str]) -> env::Ran {
        self.world.forget_calls();
        let ran = self.ends(code, arguments);
        assert_eq!(self.world.writes(), [""; 0], "{arguments:?}");
        assert!(!self.world.calls().is_empty() || [2, 5].contains(&code), "{arguments:?} asked nothing");
        ran
    }

    /// What `status` says.
    pub(super) fn status(&self, spec: &str) -> Value {
        serde_json::from_str(&self.only_reads(0, &["status", spec, "--format", "json"]).stdout).unwrap()
    }
}
