//! Every problem code has a fixture, a fixture gives exactly the codes that its name lists, and what the user sees
//! is a snapshot.
//!
//! A fixture is a file (or a folder, for problems between specs) called `CODE[+CODE…].what.yaml`. It is checked from
//! its own folder, so that paths in the output are short.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lakelink::problem::{Code, Severity};

use crate::env;
use crate::support::lakelink;

const FOLDER: &str = "tests/fixtures/invalid";

fn fixtures() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(env::root().join(FOLDER)).unwrap();
    let mut fixtures = entries.map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    fixtures.sort();
    fixtures
}

fn name(fixture: &Path) -> &str {
    fixture.file_name().unwrap().to_str().unwrap()
}

fn codes_in_name(fixture: &Path) -> BTreeSet<&str> {
    name(fixture).split('.').next().unwrap().split('+').collect()
}

#[test]
fn each_fixture_looks_like_its_snapshot() {
    for fixture in fixtures() {
        let ran = lakelink(&env::root().join(FOLDER), &["check", name(&fixture)]);
        let mut errors = Code::ALL.iter().filter(|code| code.severity() == Severity::Error);
        let codes = codes_in_name(&fixture);
        let only_warnings = !errors.any(|code| codes.contains(code.id()));
        assert_eq!(ran.code, if only_warnings { 0 } else { 3 }, "{}: {}", name(&fixture), ran.stdout);
        let stem = name(&fixture).trim_end_matches(".yaml").to_owned();
        insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots/problems", omit_expression => true }, {
            insta::assert_snapshot!(stem, ran.stdout);
        });
    }
}

#[test]
fn a_fixture_gives_exactly_the_codes_of_its_name() {
    for fixture in fixtures() {
        let ran = lakelink(&env::root().join(FOLDER), &["check", "--format", "json", name(&fixture)]);
        let document: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let problems = document["problems"].as_array().unwrap();
        let found = problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect::<BTreeSet<_>>();
        assert_eq!(found, codes_in_name(&fixture), "{}: {document:#}", name(&fixture));
        for problem in problems {
            assert!(
                problem["line"].as_u64().unwrap() >= 1 && problem["column"].as_u64().unwrap() >= 1,
                "{problem}"
            );
            let path = problem["path"].as_str().unwrap();
            assert!(
                !path.starts_with('.') && problem["help"].as_str().is_some_and(|help| !help.is_empty()),
                "{problem}"
            );
        }
    }
}

#[test]
fn every_snapshot_has_its_fixture() {
    let entries = std::fs::read_dir(env::root().join("tests/it/snapshots/problems")).unwrap();
    let files =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>();
    let fixtures = fixtures();
    let shown = |fixture: &PathBuf| format!("{}.snap", name(fixture).trim_end_matches(".yaml"));
    let expected = fixtures.iter().map(shown).collect::<BTreeSet<_>>();
    let orphans = files.iter().filter(|file| file.ends_with(".snap") && !expected.contains(*file));
    assert_eq!(orphans.collect::<Vec<_>>(), Vec::<&String>::new(), "remove them: their fixtures are gone");
}

#[test]
fn every_code_has_a_fixture() {
    let fixtures = fixtures();
    let covered = fixtures.iter().flat_map(|fixture| codes_in_name(fixture)).collect::<BTreeSet<_>>();
    // Large files are made by the tests in `hostile.rs`.
    let large = [Code::TooLarge, Code::TooManyProblems];
    let missing = Code::ALL.iter().filter(|code| !large.contains(code) && !covered.contains(code.id()));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&Code>::new());
    let numbers = Code::ALL.iter().map(|code| code.id()).collect::<Vec<_>>();
    assert!(
        numbers.is_sorted() && numbers.iter().collect::<BTreeSet<_>>().len() == numbers.len(),
        "{numbers:?}"
    );
    assert!(numbers.len() >= 80, "{}", numbers.len());
    let meanings = Code::ALL.iter().map(|code| code.meaning()).collect::<BTreeSet<_>>();
    assert_eq!(meanings.len(), numbers.len(), "two codes mean the same");
}

#[test]
fn the_documents_name_codes_that_there_are() {
    let known = Code::ALL.iter().map(|code| code.id()).collect::<BTreeSet<_>>();
    for file in ["ARCHITECTURE.md", "README.md", "CHANGELOG.md"] {
        let text = std::fs::read_to_string(env::root().join(file)).unwrap();
        let named = text.match_indices("LS").filter_map(|(at, _)| text.get(at..at + 5));
        let named = named.filter(|code| code[2..].bytes().all(|byte| byte.is_ascii_digit()));
        assert_eq!(
            named.filter(|code| !known.contains(code)).collect::<Vec<_>>(),
            Vec::<&str>::new(),
            "{file}"
        );
    }
}

#[test]
fn problems_of_all_files_come_in_one_run() {
    let ran = lakelink(&env::root().join(FOLDER), &["check", "LS021.capital.yaml", "LS050.equal.yaml"]);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stdout);
}
