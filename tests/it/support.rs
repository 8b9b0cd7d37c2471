//! Running the program as a user would, and reading specs as the program does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use lakelink::check::{Checked, Found, Inputs, Rendered, check};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use serde_yaml::Value as Yaml;

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

/// The smallest spec, by itself.
pub(crate) const ACME: &str = "\
name: acme
regions: [us-east-1]
lake:
  account: \"111122223333\"
  subscriber: {external_id: 7f3c9a51-acme-detective}
detective:
  account: \"444455556666\"
  principals: [arn:aws:iam::444455556666:role/SecurityAnalyst]
";

/// A command of git, as somebody, in a repository.
pub(crate) fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    command.args(["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]);
    let ran = env::run(command.args(arguments));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

/// A spec after every check, from its text.
pub(crate) fn checked(file: &str, text: &str) -> Checked {
    check(vec![(file.to_owned(), text.as_bytes().to_vec())]).unwrap().remove(0)
}

/// What a good spec gives; panics with the problems of a bad one.
pub(crate) fn rendered(file: &str, text: &str) -> Rendered {
    good(checked(file, text))
}

fn good(mut checked: Checked) -> Rendered {
    let problems = checked.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>();
    checked.rendered.take().unwrap_or_else(|| panic!("{} is not good: {problems:#?}", checked.file))
}

/// The examples, rendered. Bases, which only others build on, are none.
pub(crate) fn examples() -> Vec<Rendered> {
    let mut inputs = Inputs::default();
    let mut files = BTreeMap::new();
    for path in specs_in("examples") {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        files.insert(file.clone(), inputs.ask(file, std::fs::read(&path).unwrap()));
    }
    while let Some(wanted) = inputs.wanted() {
        let found = Found::File(files[&wanted.name]);
        inputs.link(wanted, found);
    }
    let specs = check(inputs).unwrap().into_iter().filter(|checked| checked.is_spec);
    specs.map(good).collect()
}

/// A spec of two accounts to vary: `lake`, `detective` and `more` are put in at their places, already indented.
pub(crate) fn spec(lake: &str, detective: &str, more: &str) -> String {
    spec_for(&["arn:aws:iam::444455556666:role/SecurityAnalyst"], lake, detective, more)
}

/// The same, for these principals.
pub(crate) fn spec_for(principals: &[impl AsRef<str>], lake: &str, detective: &str, more: &str) -> String {
    let principals = principals.iter().map(|arn| format!("    - {}\n", arn.as_ref())).collect::<String>();
    format!(
        "name: variant\nregions: [us-east-1]\n\
         lake:\n  account: \"111122223333\"\n  subscriber:\n    external_id: 7f3c9a51-variant-detective\n{lake}\
         detective:\n  account: \"444455556666\"\n  principals:\n{principals}{detective}{more}"
    )
}

/// ARNs of every kind of principal.
pub(crate) fn principal() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]{1,64}".prop_map(|name| format!("arn:aws:iam::444455556666:role/{name}")),
        "[a-z]{1,60}/[A-Za-z0-9+=,.@_-]{1,64}".prop_map(|name| format!("arn:aws:iam::444455556666:role/{name}")),
        "[A-Za-z0-9+=,.@_-]{1,64}".prop_map(|name| format!("arn:aws:iam::444455556666:user/{name}")),
        ("[A-Za-z0-9+=,.@-]{1,32}", 0..u64::MAX).prop_map(|(name, suffix)| {
            format!("arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_{suffix:016x}")
        }),
    ]
}

/// A template that was written as YAML, with its functions by their long names: what the JSON form holds.
pub(crate) fn read_template(yaml: &str) -> Json {
    long_form(serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}:\n{yaml}")))
}

fn long_form(value: Yaml) -> Json {
    match value {
        Yaml::Sequence(items) => items.into_iter().map(long_form).collect(),
        Yaml::Mapping(entries) => entries
            .into_iter()
            .map(|(key, value)| (key.as_str().expect("keys are text").to_owned(), long_form(value)))
            .collect(),
        Yaml::Tagged(tagged) => {
            let (function, argument) = (tagged.tag.to_string(), long_form(tagged.value));
            match (function.as_str(), argument) {
                ("!Ref", name) => json!({"Ref": name}),
                ("!GetAtt", Json::String(dotted)) => {
                    json!({"Fn::GetAtt": dotted.splitn(2, '.').collect::<Vec<_>>()})
                }
                (tag, argument) => json!({tag.replacen('!', "Fn::", 1): argument}),
            }
        }
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}
