//! `examples/ci`: a workflow and hooks that a platform team copies. They run here as far as they can without GitHub.

use std::path::Path;
use std::process::Command;

use serde_yaml::Value as Yaml;

use crate::env;
use crate::support::{ACME, git, lakelink};

const WORKFLOW: &str = "github-workflow.yaml";
const HOOKS: &str = ".pre-commit-hooks.yaml";
const CONFIG: &str = ".pre-commit-config.yaml";

fn read(file: &str) -> String {
    std::fs::read_to_string(env::root().join("examples/ci").join(file)).unwrap()
}

fn yaml(file: &str) -> Yaml {
    serde_yaml::from_str(&read(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn list(value: &Yaml) -> &[Yaml] {
    value.as_sequence().unwrap()
}

fn text(value: &Yaml) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?} is no text"))
}

fn steps<'a>(workflow: &'a Yaml, job: &str) -> &'a [Yaml] {
    list(&workflow["jobs"][job]["steps"])
}

/// Every shell text of the three files.
fn scripts() -> Vec<String> {
    let workflow = yaml(WORKFLOW);
    let jobs = workflow["jobs"].as_mapping().unwrap().values();
    let steps = jobs.flat_map(|job| list(&job["steps"]));
    let mut scripts =
        steps.filter_map(|step| step.get("run")).map(|run| text(run).to_owned()).collect::<Vec<_>>();
    let hooks = yaml(HOOKS);
    scripts.extend(list(&hooks).iter().map(|hook| text(&hook["entry"]).to_owned()));
    scripts
}

/// A command of a script that runs lakelink, up to where its output goes.
fn commands(script: &str) -> impl Iterator<Item = Vec<&str>> {
    script.lines().filter_map(|line| {
        let words = line.strip_prefix("lakelink ")?.split(' ');
        Some(words.take_while(|word| ![">", "|", "||", "&&"].contains(word)).collect())
    })
}

#[test]
fn every_command_is_one_of_ours() {
    let mut seen = 0;
    for script in scripts() {
        for arguments in commands(&script) {
            let ran = lakelink(env::root(), &[&arguments[..], &["--help"]].concat());
            assert_eq!(ran.code, 0, "{arguments:?}: {}", ran.stderr);
            seen += 1;
        }
    }
    assert_eq!(seen, 7);
}

#[test]
fn the_workflow_is_pinned_and_may_little() {
    let workflow = yaml(WORKFLOW);
    assert_eq!(workflow["permissions"], Yaml::Mapping(serde_yaml::Mapping::new()));
    for (job, more) in [("review", &["pull-requests"][..]), ("main", &[])] {
        let permissions = workflow["jobs"][job]["permissions"].as_mapping().unwrap();
        let writes = permissions.iter().filter(|(_, right)| text(right) == "write");
        let writes = writes.map(|(what, _)| text(what)).collect::<Vec<_>>();
        assert_eq!(writes, [&["security-events"], more].concat());
        for action in steps(&workflow, job).iter().filter_map(|step| step.get("uses")) {
            let (_, commit) = text(action).split_once('@').unwrap();
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{action:?}");
        }
    }
    // What a person of a pull request can write (a title, a branch) is put into no script.
    assert!(scripts().iter().all(|script| !script.contains("${{")));
}

#[test]
fn the_hooks_are_the_same_in_both_files() {
    let (hooks, config) = (yaml(HOOKS), yaml(CONFIG));
    assert_eq!(config["repos"][0]["hooks"], hooks);
    assert_eq!(config["repos"][0]["repo"], "local");
    for hook in list(&hooks) {
        assert!(
            ["id", "name", "entry", "language", "files"].iter().all(|key| hook[*key].is_string()),
            "{hook:?}"
        );
    }
}

/// A script as a runner starts it (`bash -e`), in the repository of a platform team.
fn run(folder: &Path, script: &str) -> env::Ran {
    let program = Path::new(env!("CARGO_BIN_EXE_lakelink")).parent().unwrap().display();
    let script = format!("PATH=\"$PWD/bin:{program}:$PATH\"\n{script}");
    let mut command = Command::new("bash");
    command.args(["-e", "-c", &script]).current_dir(folder);
    env::run(command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md")).env("NUMBER", "7"))
}

fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    lakelink::files::write(&folder.path().join("specs/acme.yaml"), ACME).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    git(folder.path(), &["init", "-q", "-b", "main"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    folder
}

/// A second principal: a change that widens access.
fn widen(folder: &Path) {
    let more = ACME.replace("SecurityAnalyst]", "SecurityAnalyst, arn:aws:iam::444455556666:role/Two]");
    lakelink::files::write(&folder.join("specs/acme.yaml"), &more).unwrap();
}

#[test]
fn the_hooks_stop_a_commit() {
    let folder = repository();
    let hooks = yaml(HOOKS);
    let codes =
        || list(&hooks).iter().map(|hook| run(folder.path(), text(&hook["entry"])).code).collect::<Vec<_>>();
    assert_eq!(codes(), [0, 0]);
    widen(folder.path());
    assert_eq!(codes(), [4, 10]);
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    assert_eq!(codes(), [0, 10]);
    // What is accepted holds for the whole branch, as it does in CI.
    let spec = folder.path().join("specs/acme.yaml");
    let widened = std::fs::read_to_string(&spec).unwrap();
    let accepted = format!(
        "{widened}review: {{accept: [{{rule: LL32, at: detective/ResultsBucketPolicy/DenyObjectsToOthers, \
         reason: the second analyst was approved, owner: secops, until: 9999-12-31}}]}}\n"
    );
    lakelink::files::write(&spec, &accepted).unwrap();
    git(folder.path(), &["checkout", "-q", "-b", "second-analyst"]);
    for message in ["second", "third"] {
        lakelink::files::write(&spec, &format!("{accepted}# {message}\n")).unwrap();
        assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
        assert_eq!(codes(), [0, 0], "{message}");
        git(folder.path(), &["commit", "-q", "-a", "-m", message]);
    }
}

#[test]
fn the_workflow_tells_findings_from_failures() {
    let folder = repository();
    let folder = folder.path();
    let workflow = yaml(WORKFLOW);
    // In place of GitHub: the comment is kept.
    let gh = "#!/bin/sh\nwhile [ \"$1\" != --body-file ]; do shift; done\ncp \"$2\" comment.md\n";
    lakelink::files::write(&folder.join("bin/gh"), gh).unwrap();
    assert_eq!(run(folder, "chmod +x bin/gh").code, 0);
    let codes = |job: &str| {
        let scripts = steps(&workflow, job).iter().filter_map(|step| step.get("run")).map(text);
        let scripts = scripts.filter(|script| !script.starts_with("cargo install"));
        scripts.map(|script| run(folder, script).code).collect::<Vec<_>>()
    };
    // An alert, a summary, a comment, the gate, the templates.
    widen(folder);
    git(folder, &["commit", "-q", "-a", "-m", "second"]);
    assert_eq!(codes("review"), [0, 0, 0, 10, 4]);
    assert_eq!(codes("main"), [0]);
    let log = || std::fs::read_to_string(folder.join("lakelink.sarif")).unwrap();
    assert!(run(folder, text(&steps(&workflow, "review")[2]["run"])).code == 0 && log().contains("\"LL32\""));
    let comment = std::fs::read_to_string(folder.join("comment.md")).unwrap();
    assert!(
        comment.contains("role/Two")
            && comment == std::fs::read_to_string(folder.join("summary.md")).unwrap()
    );
    assert_eq!(lakelink(folder, &["generate", "specs"]).code, 0);
    git(folder, &["commit", "-q", "-a", "-m", "third"]);
    assert_eq!(codes("review"), [0; 5]);
    // A run that fails ends the job, and leaves nothing that could be uploaded.
    lakelink::files::write(&folder.join("specs/acme.yaml"), &ACME.replace("us-east-1", "nowhere")).unwrap();
    assert_eq!(codes("review")[0], 1);
    assert_eq!(log(), "");
}
