//! Running the program as a user would, and reading specs as the program does.

use std::path::{Path, PathBuf};
use std::process::Command;

use lakelink::check::{Checked, Rendered, check};

use crate::env;

/// The program in `folder`, with nothing of this machine's environment that it could see.
pub(crate) fn lakelink(folder: &Path, arguments: &[&str]) -> env::Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
    command.args(arguments).current_dir(folder).env_clear().env("COLUMNS", "110");
    env::run(&mut command)
}

/// Every `*.yaml` directly in a folder of the project, sorted.
pub(crate) fn specs_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(env::root().join(folder)).unwrap();
    let mut specs = entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    specs.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    specs.sort();
    assert!(!specs.is_empty(), "no spec in {folder}");
    specs
}

/// A spec after every check, from its text.
pub(crate) fn checked(file: &str, text: &str) -> Checked {
    check(vec![(file.to_owned(), text.as_bytes().to_vec())]).unwrap().remove(0)
}

/// What a good spec gives; panics with the problems of a bad one.
pub(crate) fn rendered(file: &str, text: &str) -> Rendered {
    let mut checked = checked(file, text);
    let problems = checked.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>();
    checked.rendered.take().unwrap_or_else(|| panic!("{file} is not good: {problems:#?}"))
}

/// The examples, rendered.
pub(crate) fn examples() -> Vec<Rendered> {
    let read = |path: PathBuf| {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        rendered(&file, &std::fs::read_to_string(&path).unwrap())
    };
    specs_in("examples").into_iter().map(read).collect()
}

/// A spec of two accounts to vary: `lake`, `detective` and `more` are put in at their places, already indented.
pub(crate) fn spec(lake: &str, detective: &str, more: &str) -> String {
    format!(
        "name: variant\nregions: [us-east-1]\n\
         lake:\n  account: \"111122223333\"\n  subscriber:\n    external_id: 7f3c9a51-variant-detective\n{lake}\
         detective:\n  account: \"444455556666\"\n  principals:\n    - arn:aws:iam::444455556666:role/SecurityAnalyst\n{detective}{more}"
    )
}
