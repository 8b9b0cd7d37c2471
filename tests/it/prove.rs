//! `examples/aws/prove.sh`, which prints what only real AWS can show: it does no more than that, and what it prints is right.

use std::process::{Command, Stdio};

use regex_lite::Regex;
use serde_json::json;

use crate::env;
use crate::support::lakelink;
use crate::world::server::World;

const GOOD: [&str; 7] =
    ["specs/acme.yaml", "acme", "111122223333", "444455556666", "us-east-1", "lake", "detective"];

/// The script as a command, with nothing of this machine but its tools.
fn script(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::root().join("examples/aws/prove.sh"));
    command.args(arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command
}

fn printed() -> String {
    printed_for("specs/acme.yaml", "acme")
}

/// What the script prints for this spec of this name, in the accounts of [`GOOD`].
pub(crate) fn printed_for(file: &str, name: &str) -> String {
    let mut arguments = GOOD;
    (arguments[0], arguments[1]) = (file, name);
    let ran = env::run(&mut script(&arguments));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    ran.stdout
}

#[test]
fn it_calls_nobody_and_writes_nothing() {
    let world = World::start(json!({}));
    let folder = tempfile::tempdir().unwrap();
    let mut command = script(&GOOD);
    command.current_dir(folder.path()).env("AWS_ENDPOINT_URL", world.endpoint()).stdin(Stdio::null());
    command.env("AWS_ACCESS_KEY_ID", "111122223333").env("AWS_SECRET_ACCESS_KEY", "test");
    let ran = env::run(&mut command);
    assert_eq!((ran.code, ran.stdout), (0, printed()));
    assert_eq!(world.calls(), [json!(null); 0]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    // It has no command but the shell's own, and `tr`.
    let text = std::fs::read_to_string(env::root().join("examples/aws/prove.sh")).unwrap();
    let (code, _) = text.split_once("<<CHECKS\n").unwrap();
    for line in code.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        assert!(
            !["aws ", "lakelink ", "curl", "eval", "exec"].iter().any(|word| line.starts_with(word)),
            "{line}"
        );
    }
}

#[test]
fn wrong_arguments_are_told() {
    let with = |at: usize, value: &'static str| {
        let mut arguments = GOOD;
        arguments[at] = value;
        arguments.to_vec()
    };
    let wrong = [
        (Vec::new(), "usage: prove.sh SPEC NAME"),
        (GOOD[..6].to_vec(), "usage: prove.sh SPEC NAME"),
        (with(0, "a; b.yaml"), "`a; b.yaml` is no path of a spec"),
        (with(1, "Acme"), "`Acme` is no name of a spec"),
        (with(2, "11112222333"), "`11112222333` is no account id"),
        (with(3, "111122223333"), "two accounts are wanted"),
        (with(4, "$(x)"), "`$(x)` is no Region"),
        (with(6, ""), "`` is no profile"),
    ];
    for (arguments, said) in wrong {
        let ran = env::run(&mut script(&arguments));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
}

/// The AWS CLI takes every command of its, and the program every one of its own.
#[test]
fn every_command_can_be_given() {
    let text = printed();
    let commands =
        text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| !line.starts_with(' '));
    let (aws, ours) = commands.partition::<Vec<_>, _>(|line| line.starts_with("aws "));
    assert!(aws.len() > 50 && ours.len() > 10, "{text}");
    // Words that stand for earlier answers, where not every word would do.
    let id = "01234567-0123-0123-0123-012345678901";
    let aws = aws
        .join("\n")
        .replace("DETECTIVE_REGION", "eu-west-1")
        .replace("LAKE_JOB", id)
        .replace("DETECTIVE_JOB", id);
    let folder = tempfile::tempdir().unwrap();
    lakelink::files::write(&folder.path().join("BROKEN.yaml"), "Resources: {}\n").unwrap();
    let profiles =
        ["lake", "detective", "DEPLOYER", "ANALYST", "SETS"].map(|name| format!("[profile {name}]\n"));
    lakelink::files::write(&folder.path().join("config"), &profiles.concat()).unwrap();
    let mut check = Command::new(env::program(&env::venv("world"), "python"));
    check.arg(env::root().join("tests/judges/aws_commands.py")).current_dir(folder.path()).env_clear();
    check.env("AWS_CONFIG_FILE", folder.path().join("config"));
    check.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let ran = env::run_with_input(&mut check, &format!("{aws}\naws s3api list-buckts\n"));
    assert_eq!(ran.code, 1, "{}", ran.said());
    assert!(ran.stdout.starts_with("aws s3api list-buckts\n"), "only the last is wrong: {}", ran.said());
    for command in ours {
        let mut words = command.split(' ').skip(1);
        let help = lakelink(env::root(), &[words.next().unwrap(), "--help"]);
        assert_eq!(help.code, 0, "{command}");
        words
            .filter(|word| word.starts_with("--"))
            .for_each(|flag| assert!(help.stdout.contains(flag), "{command}"));
    }
}

/// Each check says what is open, what rests on it and what proves it; files that it names are there.
#[test]
fn each_check_is_whole() {
    let text = printed();
    let file = Regex::new(r"generator/[\w/.]+").unwrap();
    for check in text.split("\n== ").skip(1) {
        for part in [" ==\nopen:   ", "\nrests:  ", "\n    ", "\nanswer: "] {
            assert!(check.contains(part), "{part:?}: {check}");
        }
        for path in file.find_iter(check) {
            assert!(env::root().join(path.as_str()).exists(), "{}", path.as_str());
        }
    }
}

#[test]
fn its_list_is_the_one_of_the_readme() {
    let readme = std::fs::read_to_string(env::root().join("README.md")).unwrap();
    let (_, list) = readme.split_once("\nNot proven without real AWS").unwrap();
    let (list, _) = list.split_once("\n## ").unwrap();
    assert!(list.contains("(examples/aws/prove.sh)"));
    let of = |text: &str, pattern: &str| {
        let pattern = Regex::new(pattern).unwrap();
        pattern.captures_iter(text).map(|found| found[1].to_owned()).collect::<Vec<_>>()
    };
    let (told, printed) = (of(list, r"\n- `([a-z-]+)`: "), of(&printed(), r"\n== ([a-z-]+) ==\n"));
    assert_eq!(told, printed);
    assert_eq!(told.len(), list.matches("\n- ").count(), "each has its word");
}
