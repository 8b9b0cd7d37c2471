//! A run-book as a script: its shell blocks, run as a person would run them.

use std::path::PathBuf;
use std::process::Command;

use lakelink::model::{Integration, Side, StackSets};

use crate::env;
use crate::world::program::DELEGATED;
use crate::world::server::World;

/// The run-book of an integration, and where its commands go.
pub(crate) struct Runbook<'a> {
    text: String,
    folder: PathBuf,
    world: &'a World,
    home: tempfile::TempDir,
    /// Folders with commands that go before those of this machine and the AWS CLI of the tests.
    tools: Vec<PathBuf>,
}

impl<'a> Runbook<'a> {
    /// The committed run-book of an example.
    pub(crate) fn of(integration: &Integration, world: &'a World) -> Self {
        Self::in_folder(integration, world, env::root().join("out").join(integration.name.as_str()))
    }

    /// A run-book beside the templates that it names. The profiles get the credentials that the test world takes:
    /// an access key id is the account. Without a profile it is the lake account's.
    pub(crate) fn in_folder(integration: &Integration, world: &'a World, folder: PathBuf) -> Self {
        let profile = |side: Side, suffix: &str| {
            let (name, account) = (integration.name.as_str(), integration.account(side));
            let word =
                if suffix == "analyst" { "analyst".to_owned() } else { format!("{}{suffix}", side.word()) };
            format!(
                "[profile lakelink-{name}-{word}]\naws_access_key_id = {account}\naws_secret_access_key = test\ncli_pager =\n"
            )
        };
        let sets = match &integration.stack_sets {
            Some(StackSets::SelfManaged { administration_role }) => administration_role.account().as_str(),
            _ => DELEGATED,
        };
        let profiles = [
            format!(
                "[profile lakelink-{}-stack-sets]\naws_access_key_id = {sets}\naws_secret_access_key = test\n",
                integration.name
            ),
            profile(Side::Lake, ""),
            profile(Side::Lake, "-admin"),
            profile(Side::Detective, ""),
            profile(Side::Detective, "-admin"),
            profile(Side::Detective, "analyst"),
            format!(
                "[default]\naws_access_key_id = {}\naws_secret_access_key = test\n",
                integration.lake.account
            ),
        ];
        let home = tempfile::tempdir().unwrap();
        lakelink::files::write(&home.path().join("config"), &profiles.concat()).unwrap();
        let text = std::fs::read_to_string(folder.join("RUNBOOK.md")).unwrap();
        Self { text, folder, world, home, tools: Vec::new() }
    }

    /// The same, with the commands of a folder before all others.
    pub(crate) fn with_tools(mut self, folder: PathBuf) -> Self {
        self.tools.insert(0, folder);
        self
    }

    /// Runs the shell blocks under the headings of a section that `wanted` takes, in one shell, and fails where the
    /// first of them fails.
    pub(crate) fn run(&self, section: &str, wanted: impl Fn(&str) -> bool) -> env::Ran {
        let ran = self.try_run(section, wanted);
        assert_eq!(ran.code, 0, "{section}: {}", ran.said());
        ran
    }

    /// The same, where a block may be meant to fail.
    pub(crate) fn try_run(&self, section: &str, wanted: impl Fn(&str) -> bool) -> env::Ran {
        let blocks = self.blocks(section, wanted);
        assert!(!blocks.is_empty(), "the run-book has no commands under {section}");
        self.shell(&blocks.join("\n"))
    }

    /// Runs commands as the run-book says: bash that stops at the first failure.
    pub(crate) fn shell(&self, commands: &str) -> env::Ran {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let tools = self.tools.iter().map(PathBuf::as_path).chain([self.world.bin()]);
        let tools = tools.map(|folder| format!("{}:", folder.display())).collect::<String>();
        let path = format!("{tools}{}", inherited.to_string_lossy());
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", commands]).current_dir(&self.folder).env_clear();
        let (home, config) = (self.home.path(), self.home.path().join("config"));
        command.env("PATH", path).env("HOME", home).env("AWS_ENDPOINT_URL", self.world.endpoint());
        command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.env("AWS_EC2_METADATA_DISABLED", "true").envs(env::cdk_settings());
        env::run(&mut command)
    }

    /// The shell blocks under the headings of a section that `wanted` takes.
    pub(crate) fn blocks(&self, section: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let (_, rest) = self.text.split_once(&format!("\n## {section}\n")).unwrap();
        let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
        let parts = section.split("\n### ").skip(1).filter(|part| wanted(part.lines().next().unwrap()));
        let fenced = parts.flat_map(|part| part.split("\n```sh\n").skip(1));
        let blocks = fenced.map(|rest| rest.split_once("\n```").unwrap().0.to_owned());
        // The test world has no IAM Identity Center.
        blocks.filter(|block| !block.contains("aws sso-admin")).collect()
    }
}
