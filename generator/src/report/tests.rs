use proptest::prelude::*;

use super::*;
use crate::problem::{Code, Fault, shown};

fn account() -> SpecPath {
    SpecPath::root().key("lake").key("account")
}

fn not_an_account(text: &str) -> Problem {
    let message = format!("{} is not an AWS account id", shown(text));
    Fault::new(Code::AccountId, message, "write the 12 digits of the account in quotes").at(account())
}

/// The problems of a text that is well-formed, as people see them.
fn looks(text: &str, problems: &[Problem]) -> String {
    let document = Document::read(text.as_bytes()).expect("well-formed");
    super::text(&[FileProblems { file: "acme.yaml", source: Source::Document(&document), problems }], false)
}

/// The problems of bytes that are refused, as people see them.
fn refused(bytes: &[u8]) -> String {
    let problems = Document::read(bytes).expect_err("refused");
    super::text(
        &[FileProblems { file: "acme.yaml", source: Source::Bytes(bytes), problems: &problems }],
        false,
    )
}

#[test]
fn a_wrong_value() {
    let text = "name: acme\nlake:\n  account: \"12\"\n";
    insta::assert_snapshot!(looks(text, &[not_an_account("12")]), @r#"
    error[LS022]: `12` is not an AWS account id
     --> acme.yaml:3:12
      |
    3 |   account: "12"
      |            ^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
}

#[test]
fn a_missing_key() {
    let text = "name: acme\nlake:\n  source_version: \"2.0\"\n";
    let fault = Fault::new(Code::MissingKey, "the key `account` is missing", "add `account` to `lake`");
    insta::assert_snapshot!(looks(text, &[fault.at(account())]), @r#"
    error[LS013]: the key `account` is missing
     --> acme.yaml:2:1
      |
    2 | lake:
      | ^^^^ `account` belongs in here
      |
      = at: lake.account
      = help: add `account` to `lake`
    "#);
}

#[test]
fn a_key_that_stands_twice() {
    insta::assert_snapshot!(refused(b"name: acme\nlake: {}\nname: other\n"), @r#"
    error[LS010]: the key `name` stands twice
     --> acme.yaml:3:1
      |
    1 | name: acme
      | ---- first written here
    2 | lake: {}
    3 | name: other
      | ^^^^ written again here
      |
      = at: name
      = help: keep one of the two
    "#);
    let apart = format!("name: acme\n{}name: other\n", "# filler\n".repeat(100));
    insta::assert_snapshot!(refused(apart.as_bytes()), @r#"
    error[LS010]: the key `name` stands twice
       --> acme.yaml:102:1
        |
      1 | name: acme
        | ---- first written here
    ...
    102 | name: other
        | ^^^^ written again here
        |
        = at: name
        = help: keep one of the two
    "#);
    let far = format!("name: acme\n{}name: other\n", "# filler\n".repeat(1000));
    insta::assert_snapshot!(refused(far.as_bytes()), @r#"
    error[LS010]: the key `name` stands twice
        --> acme.yaml:1002:1
         |
    1002 | name: other
         | ^^^^ written again here
         |
         = note: first written here: line 1, column 1
         = at: name
         = help: keep one of the two
    "#);
}

#[test]
fn a_long_line() {
    let filler = |name: &str| format!("{name}: {}", "x".repeat(300_000));
    let text = format!("{{{}, lake: {{account: \"12\"}}, {}, {}}}", filler("a"), filler("b"), filler("c"));
    insta::assert_snapshot!(looks(&text, &[not_an_account("12")]), @r#"
    error[LS022]: `12` is not an AWS account id
     --> acme.yaml:1:300023
      |
    1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, lake: {account: "12"}, b: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
      |                                                        ^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
    let text = format!("lake: {{account: \"{}\"}}", "1".repeat(100_000));
    insta::assert_snapshot!(looks(&text, &[not_an_account(&"1".repeat(100_000))]), @r#"
    error[LS022]: `111111111111111111111111111111111111111111111111111111111111…` is not an AWS account id
     --> acme.yaml:1:17
      |
    1 | ...t: "11111111111111111111111111111111111111111111...111111111111111111111111111111111111111111111
      |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
}

#[test]
fn windows_line_ends() {
    let text = "\u{FEFF}name: acme\r\nlake:\r\n  account: \"12\"\r\n";
    insta::assert_snapshot!(looks(text, &[not_an_account("12")]), @r#"
    error[LS022]: `12` is not an AWS account id
     --> acme.yaml:3:12
      |
    3 |   account: "12"
      |            ^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
}

#[test]
fn other_letters_before_the_caret() {
    let text = "lake: {name: \"grün 日本 é\", account: \"12\"}\n";
    insta::assert_snapshot!(looks(text, &[not_an_account("12")]), @r#"
    error[LS022]: `12` is not an AWS account id
     --> acme.yaml:1:36
      |
    1 | lake: {name: "grün 日本 é", account: "12"}
      |                                      ^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
}

#[test]
fn a_tab_before_the_caret() {
    insta::assert_snapshot!(looks("lake: {\taccount:\t\"12\" }\n", &[not_an_account("12")]), @r#"
    error[LS022]: `12` is not an AWS account id
     --> acme.yaml:1:18
      |
    1 | lake: {    account:    "12" }
      |                        ^^^^ not an AWS account id
      |
      = at: lake.account
      = help: write the 12 digits of the account in quotes
    "#);
}

#[test]
fn files_that_are_not_text() {
    insta::assert_snapshot!(refused(&[b'x'; crate::document::MAX_BYTES + 1]), @r#"
    error[LS001]: the file is larger than 1 MiB
     --> acme.yaml:1:1
     = help: a spec takes a few kilobytes: check the file, or write one file per integration
    "#);
    insta::assert_snapshot!(refused(b"name: acme\n# caf\xE9\n"), @r#"
    error[LS002]: byte 0xE9 is not UTF-8 text
     --> acme.yaml:2:6
      |
    2 | # caf�
      |      ^
      |
      = help: save the file as UTF-8; it may be Latin-1 or Windows-1252 now
    "#);
    insta::assert_snapshot!(refused(b"\xFF\xFEn\0a\0"), @r#"
    error[LS002]: the file is UTF-16 text
     --> acme.yaml:1:1
     = help: save the file as UTF-8
    "#);
    insta::assert_snapshot!(refused(b""), @r#"
    error[LS005]: the file holds no document
     --> acme.yaml:1:1
     = help: write a spec into it, or start with `lakelink init`
    "#);
    insta::assert_snapshot!(refused(b"a: \x1B[31mred\n"), @r#"
    error[LS003]: the file holds the character U+001B
     --> acme.yaml:1:4
      |
    1 | a: ␛[31mred
      |    ^
      |
      = help: remove it; within double quotes it can be written as an escape, like "\u001B"
    "#);
}

#[test]
fn the_end_of_the_text() {
    insta::assert_snapshot!(refused(b"a: [1,\n"), @r#"
    error[LS004]: a value is missing here, or a bracket is not closed
     --> acme.yaml:2:1
      |
    2 |
      | ^
      |
      = help: check commas and brackets
    "#);
}

#[test]
fn a_place_in_another_file() {
    let fault = Fault::new(Code::SameName, "the name `acme` is taken", "give one of the two another name");
    let problem = fault.at(SpecPath::root().key("name")).note("`b.yaml` has the same name");
    insta::assert_snapshot!(looks("name: acme\n", &[problem]), @r#"
    error[LS080]: the name `acme` is taken
     --> acme.yaml:1:7
      |
    1 | name: acme
      |       ^^^^
      |
      = at: name
      = note: `b.yaml` has the same name
      = help: give one of the two another name
    "#);
}

#[test]
fn a_problem_of_several_specs() {
    let broken = |count: usize| {
        let specs = (0..count).map(|n| format!("s{n}.yaml")).collect();
        let shown = looks("lake: {account: \"12\"}\n", &[Problem { specs, ..not_an_account("12") }]);
        shown.lines().find(|line| line.contains("breaks")).map(str::to_owned)
    };
    assert_eq!(broken(0), None);
    assert_eq!(broken(2).as_deref(), Some("  = note: breaks s0.yaml, s1.yaml"));
    let many = "  = note: breaks 10000 specs: s0.yaml, s1.yaml, s2.yaml, s3.yaml, s4.yaml, …";
    assert_eq!(broken(10_000).as_deref(), Some(many));
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let shown = looks("lake: {account: \"\\e[31m\"}", &[not_an_account("\u{1b}[31m\n\u{85}")]);
    assert!(!shown.chars().any(|char| char.is_control() && char != '\n'));
    assert!(shown.contains(r"`\u{1b}[31m\n\u{85}`"));
}

#[test]
fn colours_only_when_styled() {
    let document = Document::read(b"lake: {account: \"12\"}").unwrap();
    let problems = [not_an_account("12")];
    let files =
        [FileProblems { file: "acme.yaml", source: Source::Document(&document), problems: &problems }];
    assert!(super::text(&files, true).contains('\u{1b}'));
    assert!(super::text(&files, false).is_ascii());
}

#[test]
fn sorts_by_place_and_code() {
    let document = Document::read("é: 1\nlake: {account: x}\n".as_bytes()).unwrap();
    let root = SpecPath::root();
    let problem = |code, path: &SpecPath| Fault::new(code, "m", "h").at(path.clone());
    let problems = [
        problem(Code::AccountId, &account()).note("n"),
        problem(Code::SourceNotRead, &root.key("é")),
        problem(Code::MissingKey, &root.key("é")),
    ];
    let other = [problem(Code::Empty, &root)];
    let files = [
        FileProblems { file: "b.yaml", source: Source::Document(&document), problems: &problems },
        FileProblems { file: "a.yaml", source: Source::Bytes(b""), problems: &other },
        FileProblems { file: "c.yaml", source: Source::Document(&document), problems: &[] },
    ];
    insta::assert_json_snapshot!(json(&files), @r#"
    {
      "problems": [
        {
          "file": "b.yaml",
          "line": 1,
          "column": 4,
          "path": "\"é\"",
          "code": "LS013",
          "severity": "error",
          "message": "m",
          "help": "h"
        },
        {
          "file": "b.yaml",
          "line": 1,
          "column": 4,
          "path": "\"é\"",
          "code": "LS058",
          "severity": "warning",
          "message": "m",
          "help": "h"
        },
        {
          "file": "b.yaml",
          "line": 2,
          "column": 17,
          "path": "lake.account",
          "code": "LS022",
          "severity": "error",
          "message": "m",
          "help": "h",
          "note": "n"
        },
        {
          "file": "a.yaml",
          "line": 1,
          "column": 1,
          "path": "",
          "code": "LS005",
          "severity": "error",
          "message": "m",
          "help": "h"
        }
      ]
    }
    "#);
    assert_eq!(summary(&files), "3 errors, 1 warning in 2 files");
    assert_eq!(summary(&files[1..2]), "1 error in 1 file");
    assert_eq!(summary(&files[2..]), "no problems in 1 file");
}

#[test]
fn every_one_of_many_problems_is_shown() {
    let text = format!("{{{}}}", "a, ".repeat(20_000));
    let shown = refused(text.as_bytes());
    assert_eq!(shown.matches("LS010").count(), 19_999);
    let lines = "a: 1\n".repeat(20_000);
    assert_eq!(refused(lines.as_bytes()).matches("LS010").count(), 19_999);
}

proptest! {
    #[test]
    fn any_problem_can_be_shown(
        text in "([a-c1é日\u{200d}\u{301}]|: |:|\n|\r\n|\r|  |- |\\[|\\]|\\{|\\}|, |\"|'|#|&a|\\*a|!t|\\||\\? |---|\t|\u{1b}){0,40}",
        start in 0usize..60,
        length in 0usize..60,
    ) {
        let document = Document::read(text.as_bytes());
        let (source, mut problems) = match &document {
            Ok(document) => {
                let mut problems = Vec::new();
                crate::document::check(document, &serde_json::json!({"type": "object", "additionalProperties": false}), &mut problems);
                (Source::Document(document), problems)
            }
            Err(problems) => (Source::Bytes(text.as_bytes()), problems.clone()),
        };
        let anywhere = Fault::new(Code::Syntax, text.clone(), text.clone()).at(SpecPath::root());
        let also = (At::Bytes(length..start), SpecPath::root(), text.clone());
        problems.push(Problem { also: vec![also], ..anywhere.at_bytes(start..start + length) });
        for styled in [false, true] {
            let shown = super::text(&[FileProblems { file: &text, source, problems: &problems }], styled);
            prop_assert!(shown.contains("-->"));
        }
        let listed = json(&[FileProblems { file: &text, source, problems: &problems }]);
        prop_assert_eq!(listed["problems"].as_array().map(Vec::len), Some(problems.len()));
    }
}
