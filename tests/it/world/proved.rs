//! What `examples/aws/prove.sh` prints, typed into a shell: the program's lines can end as its answers say. What only AWS
//! can show is not shown here.

use std::process::Command;

use lakelink::deploy::causes::explain;
use lakelink::model::{Side, Stack};
use serde_json::Value;

use super::shop::{SPEC, Shop, minimum, says};
use crate::env;
use crate::prove::printed_for;

/// The commands of each check, by its word, and that of them all.
fn checks() -> Vec<(String, Vec<String>)> {
    let text = printed_for(SPEC, "variant");
    // What is set in further goes on with the answer above it.
    let commands = |text: &str| {
        let lines = text.lines().filter_map(|line| line.strip_prefix("    "));
        lines.filter(|line| !line.starts_with(' ')).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let mut parts = text.split("\n== ");
    let first = (String::new(), commands(parts.next().unwrap()));
    let checks = parts.map(|part| {
        let (word, rest) = part.split_once(" ==\n").unwrap();
        (word.to_owned(), commands(rest))
    });
    [first].into_iter().chain(checks).collect()
}

fn commands_of(word: &str) -> Vec<String> {
    checks().into_iter().find(|(name, _)| name == word).unwrap().1
}

/// A command as it is typed. A person at a terminal says yes where the program asks, which it does not in JSON.
fn types(shop: &Shop, line: &str) -> env::Ran {
    let asks = ["lakelink deploy", "lakelink destroy"].iter().any(|word| line.starts_with(word));
    let yes = if asks && !line.contains("--format json") { " --yes" } else { "" };
    let program = shop.program();
    let inside = program.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", &[line, yes].concat()]).current_dir(shop.folder.path()).env_clear();
    shell.envs(inside.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let folders = [inside.get_program().as_ref(), shop.world.bin().join("aws").as_path()]
        .map(|file: &std::path::Path| file.parent().unwrap().to_owned());
    let machine = std::env::var_os("PATH").unwrap();
    let path = folders.into_iter().chain(std::env::split_paths(&machine));
    shell.env("PATH", std::env::join_paths(path).unwrap()).env("AWS_DEFAULT_REGION", "us-east-1");
    env::run(&mut shell)
}

#[test]
fn every_line_of_the_program_ends_well() {
    let shop = Shop::open(&minimum(""), &[]);
    let mut played = 0;
    for (word, lines) in checks() {
        // These have their own tests below; this spec has no stack sets, whose guide runs the same lines.
        if ["deployer", "new-role", "validation", "set-roles"].contains(&word.as_str()) {
            continue;
        }
        let ours = lines.iter().filter(|line| line.starts_with("lakelink ")).collect::<Vec<_>>();
        let before = commands_of("");
        for line in before.iter().filter(|_| !ours.is_empty()).chain(ours.iter().copied()) {
            let ran = types(&shop, line);
            assert_eq!(ran.code, 0, "{word}: {line}: {}", ran.said());
            played += 1;
        }
    }
    assert!(played > 15, "{played}");
}

/// In accounts that have no role yet, where there is something to say yes to.
#[test]
fn a_deploy_in_json_is_not_asked() {
    let shop = Shop::open(&minimum(""), &[("new_role_calls", serde_json::json!(3))]);
    for line in commands_of("new-role") {
        let ran = types(&shop, &line);
        assert_eq!(ran.code, 0, "{line}: {}", ran.said());
        says(&ran.stdout, &["the role is new", "\"elapsed_ms\":"]);
    }
    shop.check();
}

/// Whoever deploys is asked about no roles stack, which its policy says nothing about.
#[test]
fn a_deployer_and_an_administrator_share_the_work() {
    let of = |side: &str, account: &str| {
        format!(
            "  {side}: {{role_arn: 'arn:aws:iam::{account}:role/Deployer', admin_role_arn: 'arn:aws:iam::{account}:role/Admin'}}\n"
        )
    };
    let deploy = ["deploy:\n", &of("lake", "111122223333"), &of("detective", "444455556666")].concat();
    let shop = Shop::open(&minimum(&deploy), &[]);
    shop.ends(0, "deploy", &["--yes", "--only", "roles"]);
    shop.world.forget_calls();
    for line in commands_of("deployer") {
        let ran = types(&shop, &line.replace("--role-name ROLE", "--role-name Deployer"));
        assert_eq!(ran.code, 0, "{line}: {}", ran.said());
    }
    let calls =
        shop.world.calls().into_iter().filter(|call| call["caller"].as_str().unwrap().contains("Deployer"));
    let stacks = calls.map(|call| call["stack"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>();
    assert!(stacks.len() > 20 && !stacks.iter().any(|stack| stack.ends_with("-roles")), "{stacks:?}");
    for side in [Side::Lake, Side::Detective] {
        let state = shop.state(side);
        let stacks = state["stacks"].as_object().unwrap().keys().collect::<Vec<_>>();
        assert!(matches!(stacks[..], [roles] if roles.ends_with("-roles")), "{stacks:?}");
    }
}

#[test]
fn a_taken_name_gets_as_far_as_cloudformation() {
    let shop = Shop::open(&minimum(""), &[]);
    let ran = commands_of("validation").iter().map(|line| types(&shop, line)).collect::<Vec<_>>();
    assert_eq!(ran.iter().map(|ran| ran.code).collect::<Vec<_>>(), [0, 1, 0]);
    let known = explain("AWS::SSM::Parameter", "/Detective/SLI/DatabaseName already exists").unwrap();
    says(&ran[1].stderr, &["/Detective/SLI/DatabaseName", known.cause, known.cure]);
    assert_eq!(shop.stack(Stack::Detective), Value::Null);
    shop.deploy();
}
