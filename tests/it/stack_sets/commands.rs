//! Commands of the AWS CLI in run-books, and in guides where the test world has no such service, go through its own models, with
//! the input files that they name; none is sent.

use std::process::Command;

use regex_lite::Regex;

use crate::env;
use crate::guides::Guide;

/// The commands of the AWS CLI in a run-book's chapters on other ways to roll out, and on the way back.
fn commands(name: &str) -> Vec<String> {
    let folder = format!("out/{name}");
    let text = std::fs::read_to_string(env::root().join(&folder).join("RUNBOOK.md")).unwrap();
    let chapters = text.split("\n## ");
    let chapters =
        chapters.filter(|chapter| chapter.starts_with("Roll out by ") || chapter.starts_with("Remove\n"));
    commands_in(&chapters.collect::<String>(), &folder)
}

/// The commands of the AWS CLI in a text, one a line. `deploy`, `wait` and `s3` make several calls of each: the test world
/// runs them.
fn commands_in(text: &str, folder: &str) -> Vec<String> {
    let text = text.replace("\\\n", " ");
    let command = Regex::new(r"aws (cloudformation|codeconnections) [^\n`]+").unwrap();
    let without_roles = Regex::new(r" \$\{[A-Z]+_ROLE\?[^}]+\}").unwrap();
    let link = Regex::new(r"\$\{[A-Z]+_LINK_[A-Z0-9_]+:\?\}").unwrap();
    let role = Regex::new(r"\$\{[A-Z]+_SYNC_ROLE:\?\}").unwrap();
    let id = "01234567-0123-0123-0123-012345678901";
    let commands = command.find_iter(&text).map(|found| {
        let command =
            found.as_str().trim_end_matches(')').replace("$OPERATION", id).replace("$1", "lakelink-a");
        let command = command.replace("$BEFORE", "arn:aws:cloudformation:a:1:stackset/a:b");
        let command = link.replace_all(&command, id);
        let command = role.replace_all(&command, "arn:aws:iam::111122223333:role/GitSync");
        // Options that these models do not have yet.
        let command = without_roles.replace_all(&command, "");
        command.replace("file://", &format!("file://{folder}/"))
    });
    // Prose names commands, too, without what they are given.
    let several = ["cloudformation deploy", "cloudformation wait"];
    let whole = commands.filter(|command| {
        command.contains(" --region ") && !several.iter().any(|part| command.contains(part))
    });
    whole.collect()
}

#[test]
fn the_aws_cli_takes_every_command_of_a_run_book_with_its_input() {
    let mut commands = ["service-managed", "self-managed", "pinned"].map(commands).concat();
    let guide = commands_in(&Guide::GitSync.only_read(), "out/pinned");
    assert_eq!(guide.len(), Guide::GitSync.only_read().matches("aws ").count(), "{guide:#?}");
    commands.extend(guide);
    let inputs = commands.iter().filter(|command| command.contains("--cli-input-json")).count();
    assert!(commands.len() > 30 && inputs >= 12, "{commands:#?}");
    let config = tempfile::NamedTempFile::new().unwrap();
    let profile = Regex::new(r"--profile (\S+)").unwrap();
    let profiles =
        commands.iter().filter_map(|command| Some(format!("[profile {}]\n", &profile.captures(command)?[1])));
    let profiles = profiles.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<String>();
    lakelink::files::write(config.path(), &profiles).unwrap();
    let mut check = Command::new(env::program(&env::venv("world"), "python"));
    check.arg(env::root().join("tests/judges/aws_commands.py")).current_dir(env::root()).env_clear();
    check.env("AWS_CONFIG_FILE", config.path());
    check.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let wrong = [
        "aws cloudformation create-stack-set --stack-set-name a --permission-model SERVICE --region us-east-1",
        "aws cloudformation create-stack-instances --cli-input-json file://out/self-managed/stack-sets/lake.create-stack-set.json --region us-east-1",
    ];
    let ran = env::run_with_input(&mut check, &format!("{}\n{}\n", commands.join("\n"), wrong.join("\n")));
    assert_eq!(ran.code, 1, "{}", ran.said());
    let found = ran.stdout.lines().filter(|line| line.starts_with("aws ")).collect::<Vec<_>>();
    assert_eq!(found, wrong, "only the last are wrong: {}", ran.said());
    for reason in ["CreateStackSet.PermissionModel: `SERVICE`", "Unknown parameter in input"] {
        assert!(ran.stdout.contains(reason), "{}", ran.said());
    }
}
