//! The command line: help, exit codes, files on disk.

use std::path::Path;

use crate::env;
use crate::support::lakelink;

fn write(folder: &Path, name: &str, text: &str) {
    lakelink::files::write(&folder.join(name), text).unwrap();
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn example() -> String {
    std::fs::read_to_string(env::root().join("examples/two-accounts.yaml")).unwrap()
}

#[test]
fn help_of_every_command() {
    let root = env::root();
    let mut help = String::new();
    let rendering = ["", "init", "check", "generate", "review", "schema", "completions", "man"];
    let deploying = ["plan", "deploy", "status", "destroy", "handoff", "rollout"];
    for command in rendering.into_iter().chain(deploying) {
        let arguments = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>();
        let ran = lakelink(root, &arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        help.push_str(&format!("$ lakelink {}\n{}\n", arguments.join(" "), ran.stdout));
    }
    insta::assert_snapshot!(help);
}

#[test]
fn wrong_usage_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["frobnicate"][..], &["check"], &["generate", "x.yaml", "--prune", "--check"], &["check", "."]]
    {
        assert_eq!(lakelink(folder.path(), arguments).code, 2, "{arguments:?}");
    }
}

/// What their stacks are called no spec says, and --only, of which other commands speak, this one has not.
#[test]
fn the_shares_of_stack_sets_are_not_handed_off() {
    let ran = lakelink(env::root(), &["handoff", "examples/self-managed.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("in a stack set") && ran.stderr.contains("Roll out by StackSets"),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("--only"), "{}", ran.stderr);
}

#[test]
fn a_file_that_is_not_there_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let ran = lakelink(folder.path(), &["check", "nowhere.yaml"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn generate_writes_once_and_then_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    let first = lakelink(folder.path(), &["generate", "specs"]);
    assert_eq!((first.code, first.stdout.as_str()), (0, ""));
    insta::assert_snapshot!("generate_first", first.stderr);
    let before =
        std::fs::metadata(folder.path().join("out/two-accounts/RUNBOOK.md")).unwrap().modified().unwrap();
    let second = lakelink(folder.path(), &["generate", "specs"]);
    insta::assert_snapshot!("generate_second", second.stderr);
    let after =
        std::fs::metadata(folder.path().join("out/two-accounts/RUNBOOK.md")).unwrap().modified().unwrap();
    assert_eq!(before, after);
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--check"]).code, 0);
}

#[test]
fn a_run_that_cannot_end_well_leaves_everything_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let seen = || {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
        names.sort();
        names
    };
    // Good by themselves, so their files are written before it shows that they cannot both be.
    write(folder.path(), "specs/a.yaml", &example());
    write(folder.path(), "specs/b.yaml", &example().replace("name: two-accounts", "name: other"));
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 3);
    assert_eq!(seen(), ["specs"]);
    // A file of somebody else in the last place.
    write(folder.path(), "specs/b.yaml", "");
    write(folder.path(), "out/two-accounts/RUNBOOK.md", "mine\n");
    assert_eq!(lakelink(folder.path(), &["generate", "specs/a.yaml"]).code, 1);
    assert_eq!(read(folder.path(), "out/two-accounts/RUNBOOK.md"), "mine\n");
    let entries = || std::fs::read_dir(folder.path().join("out")).unwrap().count();
    assert_eq!((seen(), entries()), (vec!["out".to_owned(), "specs".to_owned()], 1));
    // A folder there, or a link that leads somewhere else.
    std::fs::remove_file(folder.path().join("out/two-accounts/RUNBOOK.md")).unwrap();
    std::fs::create_dir(folder.path().join("out/two-accounts/RUNBOOK.md")).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs/a.yaml"]).code, 1);
    assert_eq!(
        (entries(), std::fs::read_dir(folder.path().join("out/two-accounts")).unwrap().count()),
        (1, 1)
    );
    std::fs::remove_dir_all(folder.path().join("out/two-accounts")).unwrap();
    std::fs::create_dir(folder.path().join("elsewhere")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../elsewhere", folder.path().join("out/two-accounts")).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs/a.yaml"]).code, 1);
    assert_eq!(std::fs::read_dir(folder.path().join("elsewhere")).unwrap().count(), 0);
}

#[test]
fn prune_removes_what_a_killed_run_left() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    write(folder.path(), "out/.lakelink-killed/.gitignore", "*\n");
    write(
        folder.path(),
        "out/.lakelink-killed/two-accounts/RUNBOOK.md",
        "<!-- Generated by lakelink from a.yaml. -->\n",
    );
    write(folder.path(), "out/.lakelink-mine/notes.txt", "not ours\n");
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    assert!(folder.path().join("out/.lakelink-killed").exists());
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    assert!(!folder.path().join("out/.lakelink-killed").exists());
    assert!(folder.path().join("out/.lakelink-mine/notes.txt").exists());
}

#[test]
fn check_shows_what_differs_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    let lake = read(folder.path(), "out/two-accounts/lake.template.yaml");
    write(folder.path(), "out/two-accounts/lake.template.yaml", &lake.replace("VPC_FLOW", "WAF"));
    std::fs::remove_file(folder.path().join("out/two-accounts/detective.template.yaml")).unwrap();
    write(folder.path(), "out/gone/lake.template.yaml", "# Generated by lakelink from gone.yaml.\n");
    write(folder.path(), "out/gone/notes.txt", "not ours\n");
    let ran = lakelink(folder.path(), &["generate", "specs", "--check"]);
    assert_eq!(ran.code, 4);
    assert!(!folder.path().join("out/two-accounts/detective.template.yaml").exists());
    assert!(ran.stdout.contains("-        - AwsLogSource: {SourceName: WAF"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("--- /dev/null\n+++ out/two-accounts/detective.template.yaml"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("--- out/gone/lake.template.yaml\n+++ /dev/null"), "{}", ran.stdout);
    insta::assert_snapshot!(ran.stderr);
}

#[test]
fn only_prune_removes_and_only_what_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    write(folder.path(), "out/gone/lake.template.yaml", "# Generated by lakelink from gone.yaml.\n");
    write(folder.path(), "out/gone/notes.txt", "not ours\n");
    write(folder.path(), "out/empty/RUNBOOK.md", "<!-- Generated by lakelink from gone.yaml. -->\n");
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    assert!(folder.path().join("out/gone/lake.template.yaml").exists());
    let single = lakelink(folder.path(), &["generate", "specs/a.yaml", "--prune"]);
    assert_eq!(single.code, 0);
    assert!(
        folder.path().join("out/gone/lake.template.yaml").exists(),
        "one spec does not speak for the others"
    );
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    assert!(!folder.path().join("out/gone/lake.template.yaml").exists());
    assert!(folder.path().join("out/gone/notes.txt").exists());
    assert!(!folder.path().join("out/empty").exists());
}

/// The example with these outputs only.
fn with_outputs(outputs: &str) -> String {
    let (text, line) = (example(), "outputs: [templates, runbook, review]");
    assert!(text.contains(line), "{text}");
    text.replace(line, &format!("outputs: {outputs}"))
}

#[test]
fn files_deeper_down_and_without_a_note_are_known_as_ours() {
    let folder = tempfile::tempdir().unwrap();
    let with_outputs = with_outputs("[runbook, cdk, parameters]");
    write(folder.path(), "specs/a.yaml", &with_outputs);
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    let ours = [
        ("cdk/manifest.json", "34.0.0", "35.0.0"),
        ("cdk/lake.template.json", "APPEND", "REPLACE"),
        ("parameters/us-east-1/detective.json", "\"Parameters\": {}", "\"Parameters\": {\"A\": \"b\"}"),
    ];
    let path = |file: &str| format!("out/two-accounts/{file}");
    for (file, from, to) in ours {
        let text = read(folder.path(), &path(file));
        assert!(text.contains(from), "{file}");
        write(folder.path(), &path(file), &text.replace(from, to));
    }
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--check"]).code, 4);
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--check"]).code, 0);

    let theirs = [
        ("cdk/read.1.2.lock", ""),
        ("cdk/mine.template.json", "{\"Resources\": {}}\n"),
        ("parameters/us-east-1/mine.json", "{\"Parameters\": {}, \"Tags\": {}, \"StackPolicy\": {}}\n"),
        ("settings/us-east-1/mine.json", "{\"Parameters\": {}, \"Tags\": {}}\n"),
    ];
    for (file, text) in theirs {
        write(folder.path(), &path(file), text);
    }
    write(folder.path(), "specs/a.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    for (file, _, _) in ours {
        assert!(!folder.path().join(path(file)).exists(), "{file}");
    }
    for (file, text) in theirs {
        assert_eq!(read(folder.path(), &path(file)), text);
        std::fs::remove_file(folder.path().join(path(file))).unwrap();
    }
    // A folder goes with the last file in it.
    write(folder.path(), "specs/a.yaml", &with_outputs);
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    write(folder.path(), "specs/a.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    assert!(!folder.path().join(path("parameters")).exists() && !folder.path().join(path("cdk")).exists());
}

#[cfg(unix)]
#[test]
fn no_file_goes_through_a_link_deeper_down() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &with_outputs("[parameters]"));
    std::fs::create_dir_all(folder.path().join("elsewhere/us-east-1")).unwrap();
    std::fs::create_dir_all(folder.path().join("out/two-accounts")).unwrap();
    let link = folder.path().join("out/two-accounts/parameters");
    std::os::unix::fs::symlink("../../elsewhere", link).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs/a.yaml"]).code, 1);
    assert_eq!(std::fs::read_dir(folder.path().join("elsewhere/us-east-1")).unwrap().count(), 0);
}

#[test]
fn a_renamed_integration_leaves_orphans_in_its_folder_of_specs() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    write(folder.path(), "specs/a.yaml", &example().replace("name: two-accounts", "name: renamed"));
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    assert!(!folder.path().join("out/two-accounts").exists());
    assert!(folder.path().join("out/renamed/RUNBOOK.md").exists());
}

#[test]
fn one_spec_does_not_prune_what_another_of_its_name_gave() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a/lakelink.yaml", &example());
    write(folder.path(), "b/lakelink.yaml", &example().replace("name: two-accounts", "name: other"));
    for spec in ["a/lakelink.yaml", "b/lakelink.yaml"] {
        assert_eq!(lakelink(folder.path(), &["generate", spec, "--prune"]).code, 0);
    }
    assert_eq!(lakelink(folder.path(), &["generate", "a/lakelink.yaml", "--check"]).code, 0);
    assert!(folder.path().join("out/two-accounts/RUNBOOK.md").exists());
    assert!(folder.path().join("out/other/RUNBOOK.md").exists());
}

#[test]
fn somebody_elses_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &example());
    write(folder.path(), "out/two-accounts/RUNBOOK.md", "mine\n");
    let ran = lakelink(folder.path(), &["generate", "a.yaml"]);
    assert_eq!(ran.code, 1);
    insta::assert_snapshot!(ran.stderr);
    assert_eq!(read(folder.path(), "out/two-accounts/RUNBOOK.md"), "mine\n");
    assert!(
        !folder.path().join("out/two-accounts/lake.template.yaml").exists(),
        "nothing else is written either"
    );
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_output_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    write(folder.path(), "elsewhere/lake.template.yaml", "# Generated by lakelink from gone.yaml.\n");
    std::fs::create_dir(folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", folder.path().join("out/link")).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    assert!(folder.path().join("elsewhere/lake.template.yaml").exists());
}

/// Passed over it would look like a spec that was taken out, and `--prune` would remove what it gave.
#[cfg(unix)]
#[test]
fn a_spec_whose_link_leads_nowhere_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    let other = example().replace("two-accounts", "other").replace("111122223333", "111122223334");
    write(folder.path(), "shared/b.yaml", &other.replace("444455556666", "444455556667"));
    std::os::unix::fs::symlink("../shared/b.yaml", folder.path().join("specs/b.yaml")).unwrap();
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    std::fs::remove_file(folder.path().join("shared/b.yaml")).unwrap();
    for arguments in [&["generate", "specs", "--prune"][..], &["review", "specs"]] {
        let ran = lakelink(folder.path(), arguments);
        assert_eq!((ran.stdout.as_str(), ran.code), ("", 1), "{}", ran.said());
        assert!(ran.stderr.contains("cannot follow the link `specs/b.yaml`"), "{}", ran.said());
    }
    assert!(folder.path().join("out/other/lake.template.yaml").exists());
    // Deeper, and what is no YAML, is no spec.
    std::fs::remove_file(folder.path().join("specs/b.yaml")).unwrap();
    std::fs::create_dir(folder.path().join("specs/deeper")).unwrap();
    for link in ["specs/deeper/b.yaml", "specs/b.json"] {
        std::os::unix::fs::symlink("../shared/b.yaml", folder.path().join(link)).unwrap();
    }
    assert_eq!(lakelink(folder.path(), &["review", "specs"]).code, 0);
}

#[test]
fn one_unreadable_file_hides_no_problem() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "bad.yaml", "name: B\n");
    let ran = lakelink(folder.path(), &["check", "nowhere.yaml", "bad.yaml"]);
    assert_eq!(ran.code, 3, "an invalid spec comes before an unreadable file");
    assert!(
        ran.stdout.contains("LS021") && ran.stderr.contains("cannot read `nowhere.yaml`"),
        "{}",
        ran.said()
    );
}

/// A reader that has seen enough must not turn a failure into a success.
#[cfg(unix)]
#[test]
fn a_closed_pipe_changes_no_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &example());
    write(folder.path(), "bad.yaml", &format!("name: B\n{}", "x: 1\n".repeat(20_000)));
    let program = env!("CARGO_BIN_EXE_lakelink");
    for (arguments, code) in [("generate a.yaml --check", 4), ("check bad.yaml", 3)] {
        let script = format!("set +e; '{program}' {arguments} 2>/dev/null | true; echo ${{PIPESTATUS[0]}}");
        let mut command = std::process::Command::new("bash");
        let ran = env::run(command.args(["-c", &script]).current_dir(folder.path()));
        assert_eq!(ran.stdout.trim(), code.to_string(), "{arguments}");
    }
}

#[test]
fn file_names_cannot_write_into_generated_files() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "x --> `a` \u{1b}[31m.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "."]).code, 0);
    let note = read(folder.path(), "out/two-accounts/RUNBOOK.md");
    assert!(
        note.starts_with("<!-- Generated by lakelink from x --? ?a? ??31m.yaml. -->\n"),
        "{}",
        &note[..80]
    );
}

#[test]
fn one_bad_spec_stops_all_writing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/a.yaml", &example());
    write(folder.path(), "specs/b.yaml", "name: B\n");
    let ran = lakelink(folder.path(), &["generate", "specs"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("LS021") && !folder.path().join("out").exists());
}

#[test]
fn generate_speaks_json() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.yaml", &example());
    let ran = lakelink(folder.path(), &["generate", "a.yaml", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    insta::assert_json_snapshot!(document);
}

#[test]
fn init_writes_a_spec_that_is_good_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let ran = lakelink(
        folder.path(),
        &["init", "specs", "--name", "blue", "--region", "eu-west-1", "--region", "us-east-1"],
    );
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    insta::assert_snapshot!("init_spec", read(folder.path(), "specs/blue.yaml"));
    assert!(read(folder.path(), "specs/lakelink.schema.json").contains("\"title\": \"lakelink spec\""));
    let asked = lakelink(folder.path(), &["check", "specs"]);
    assert!(
        asked.code == 3 && asked.stdout.contains("LS059"),
        "the external id is asked for: {}",
        asked.said()
    );
    assert!(!asked.stdout.contains("LS0") || asked.stdout.matches("error[").count() == 1, "{}", asked.stdout);
    let given = ["init", "more", "--external-id", "7f3c9a51-blue-detective", "--region", "us-gov-west-1"];
    assert_eq!(lakelink(folder.path(), &given).code, 0);
    assert_eq!(lakelink(folder.path(), &["check", "more"]).code, 0);
    write(folder.path(), "specs/blue.yaml", "mine\n");
    assert_eq!(lakelink(folder.path(), &["init", "specs", "--name", "blue"]).code, 2);
    assert_eq!(read(folder.path(), "specs/blue.yaml"), "mine\n");
}

#[test]
fn init_refuses_values_that_make_no_good_spec() {
    let folder = tempfile::tempdir().unwrap();
    let ran =
        lakelink(folder.path(), &["init", "--lake-account", "12\"\nname: evil", "--principal", "role/*"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn completions_and_man_pages_know_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = lakelink(folder.path(), &["completions", shell]);
        assert!(ran.code == 0 && ran.stdout.contains("generate"), "{shell}");
    }
    assert_eq!(lakelink(folder.path(), &["man", "man1"]).code, 0);
    let mut pages = std::fs::read_dir(folder.path().join("man1"))
        .unwrap()
        .map(|page| page.unwrap().file_name())
        .collect::<Vec<_>>();
    pages.sort();
    assert_eq!(pages.len(), 14, "{pages:?}");
    assert!(read(folder.path(), "man1/lakelink-generate.1").contains("lakelink generate"));
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let folder = env::root().join("tests/fixtures/invalid");
    let spec = "LS022.hyphens.yaml";
    assert!(!lakelink(&folder, &["check", spec]).stdout.contains('\u{1b}'));
    assert!(lakelink(&folder, &["check", spec, "--color", "always"]).stdout.contains('\u{1b}'));
}

/// `--yes` would lift what `--drift` requires: somebody who wants to look would change something.
#[test]
fn drift_is_looked_for_by_status_alone() {
    for more in [&["--yes"][..], &["--remove"], &[]] {
        let ran =
            lakelink(env::root(), &[&["rollout", "examples/self-managed.yaml", "--drift"], more].concat());
        assert_eq!(ran.code, 2, "{more:?}: {}", ran.stderr);
    }
}
