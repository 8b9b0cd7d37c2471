//! A run-book as a script: its shell blocks, run as a person would run them.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use lakelink::model::{Integration, Side, StackSets};

use crate::env;
use crate::world::program::DELEGATED;
use crate::world::server::World;

/// Where somebody pastes commands: a folder, the profiles that run-books and guides name, and the tools.
pub(crate) struct Shell<'a> {
    folder: PathBuf,
    world: &'a World,
    home: tempfile::TempDir,
    /// Folders with commands that go before those of this machine and the AWS CLI of the tests.
    tools: Vec<PathBuf>,
}

impl<'a> Shell<'a> {
    /// The profiles get the credentials that the test world takes: an access key id is the account. Without a profile it
    /// is the lake account's.
    pub(crate) fn in_folder(integration: &Integration, world: &'a World, folder: PathBuf) -> Self {
        let (lake, detective) = (integration.account(Side::Lake), integration.account(Side::Detective));
        let sets = match &integration.stack_sets {
            Some(StackSets::SelfManaged { administration_role }) => administration_role.account().as_str(),
            _ => DELEGATED,
        };
        let (lake, detective) = (lake.as_str(), detective.as_str());
        let of_runbook = [
            ("stack-sets", sets),
            ("lake", lake),
            ("lake-admin", lake),
            ("detective", detective),
            ("detective-admin", detective),
            ("analyst", detective),
        ];
        let of_runbook = of_runbook
            .map(|(word, account)| (format!("profile lakelink-{}-{word}", integration.name), account));
        let of_guides = [("sets", sets), ("lake", lake), ("detective", detective)];
        let of_guides = of_guides.map(|(word, account)| (format!("profile {word}"), account));
        let all = of_runbook.into_iter().chain(of_guides).chain([("default".to_owned(), lake)]);
        let all = all.map(|(section, account)| {
            format!("[{section}]\naws_access_key_id = {account}\naws_secret_access_key = test\ncli_pager =\n")
        });
        let home = tempfile::tempdir().unwrap();
        lakelink::files::write(&home.path().join("config"), &all.collect::<String>()).unwrap();
        Self { folder, world, home, tools: Vec::new() }
    }

    /// The same, with the commands of a folder before all others.
    pub(crate) fn with_tools(mut self, folder: PathBuf) -> Self {
        self.tools.insert(0, folder);
        self
    }

    /// Runs commands as the run-book says: bash that stops at the first failure.
    pub(crate) fn run(&self, commands: &str) -> env::Ran {
        env::run(&mut self.command("bash", &["-euo", "pipefail", "-c", commands]))
    }

    /// The same in a terminal of its own, with these answers typed ahead.
    pub(crate) fn typed(&self, commands: &str, answers: &str) -> env::Ran {
        let python = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
        let inside = ["-c", python, "bash", "-euo", "pipefail", "-c", commands];
        env::run_with_input(&mut self.command(self.world.python(), &inside), answers)
    }

    fn command(&self, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let tools = self.tools.iter().map(PathBuf::as_path).chain([self.world.bin()]);
        let tools = tools.map(|folder| format!("{}:", folder.display())).collect::<String>();
        let path = format!("{tools}{}", inherited.to_string_lossy());
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).env_clear();
        let (home, config) = (self.home.path(), self.home.path().join("config"));
        command.env("PATH", path).env("HOME", home).env("AWS_ENDPOINT_URL", self.world.endpoint());
        command.env("AWS_CONFIG_FILE", config).env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("LAKELINK_POLL_MS", "20");
        command.envs(env::cdk_settings());
        command
    }
}

/// The run-book of an integration, and where its commands go.
pub(crate) struct Runbook<'a> {
    text: String,
    shell: Shell<'a>,
}

impl<'a> Runbook<'a> {
    /// The committed run-book of an example.
    pub(crate) fn of(integration: &Integration, world: &'a World) -> Self {
        Self::in_folder(integration, world, env::root().join("out").join(integration.name.as_str()))
    }

    /// A run-book beside the templates that it names.
    pub(crate) fn in_folder(integration: &Integration, world: &'a World, folder: PathBuf) -> Self {
        let text = std::fs::read_to_string(folder.join("RUNBOOK.md")).unwrap();
        Self { text, shell: Shell::in_folder(integration, world, folder) }
    }

    /// The same, with the commands of a folder before all others.
    pub(crate) fn with_tools(self, folder: PathBuf) -> Self {
        Self { shell: self.shell.with_tools(folder), ..self }
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

    /// Runs commands beside the templates.
    pub(crate) fn shell(&self, commands: &str) -> env::Ran {
        self.shell.run(commands)
    }

    /// What stands under a heading of a section.
    pub(crate) fn section(&self, section: &str, heading: &str) -> &str {
        self.parts(section).find(|part| part.lines().next() == Some(heading)).unwrap()
    }

    fn parts(&self, section: &str) -> impl Iterator<Item = &str> {
        let (_, rest) = self.text.split_once(&format!("\n## {section}\n")).unwrap();
        let section = rest.split_once("\n## ").map_or(rest, |(section, _)| section);
        section.split("\n### ").skip(1)
    }

    /// The shell blocks under the headings of a section that `wanted` takes.
    pub(crate) fn blocks(&self, section: &str, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let parts = self.parts(section).filter(|part| wanted(part.lines().next().unwrap()));
        let fenced = parts.flat_map(|part| part.split("\n```sh\n").skip(1));
        let blocks = fenced.map(|rest| rest.split_once("\n```").unwrap().0.to_owned());
        // The test world has no IAM Identity Center.
        blocks.filter(|block| !block.contains("aws sso-admin")).collect()
    }
}
