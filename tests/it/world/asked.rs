//! A person at a terminal: what is asked, and once more when something turns up that nobody could know before.

use std::process::Command;

use lakelink::model::{Side, Stack};

use super::shop::{SPEC, Shop, minimum, says};
use crate::env;

/// Runs the program in a terminal of its own, with these answers typed ahead.
fn typed(shop: &Shop, answers: &str, code: i32) -> String {
    let (command, program) = (["deploy", SPEC], shop.program());
    let inside = program.command(&command);
    let python = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    let mut outer = Command::new(shop.world.python());
    outer
        .args(["-c", python])
        .arg(inside.get_program())
        .args(command)
        .current_dir(shop.folder.path())
        .env_clear();
    outer.envs(inside.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let ran = env::run_with_input(&mut outer, answers);
    assert_eq!(ran.code, code, "{}", ran.said());
    ran.said()
}

#[test]
fn what_the_lake_stack_brings_with_it_is_asked_about_again() {
    let mut shop = Shop::open(&minimum(""), &[]);
    let said = typed(&shop, "y\n", 0);
    says(&said, &["deploy this? [y/N]", "4 changed"]);
    assert!(!said.contains("go on with this?"), "what only adds needs one answer:\n{said}");
    shop.check();

    let told = |shop: &Shop| {
        let stacks = &shop.state(Side::Detective)["stacks"];
        stacks[shop.integration.stack_name(Stack::Detective)]["parameters"].clone()
    };
    let before = told(&shop);
    shop.change(&minimum("").replace("7f3c9a51-variant-detective", "8f3c9a51-variant-detective"));
    says(&shop.ends(0, "plan", &[]).stdout, &["decided after the lake stack: it makes the share"]);
    let said = typed(&shop, "y\nn\n", 11);
    says(&said, &["go on with this? [y/N]", "~ ", "nobody said yes to what was known only now"]);
    assert_eq!(told(&shop), before, "nobody said yes");
    // Now it is known from the beginning.
    let said = typed(&shop, "y\n", 0);
    assert!(!said.contains("go on with this?"), "{said}");
    assert_ne!(told(&shop), before);
    shop.check();

    shop.change(&minimum(""));
    says(
        &typed(&shop, "y\ny\n", 0),
        &["    ~ LakeFormationSubscriber", "but for the share", "go on with this? [y/N]"],
    );
    shop.check();
}
