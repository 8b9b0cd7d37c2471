//! `lakelink review --format sarif|github`: what code scanning and the log of a workflow are told.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::env;
use crate::support::{ACME, lakelink};

/// What a second principal changes.
const CHANGES: [(&str, &str); 4] = [
    ("LL32", "detective/ResultsBucketPolicy/DenyObjectsToOthers"),
    ("LL31", "detective/GrantTwoCloudTrailMgmt"),
    ("LL31", "detective/GrantTwoLink"),
    ("LL31", "detective/GrantTwoVpcFlow"),
];

fn write(folder: &Path, name: &str, text: &str) {
    lakelink::files::write(&folder.join(name), text).unwrap();
}

fn second_principal() -> String {
    ACME.replace("SecurityAnalyst]", "SecurityAnalyst, arn:aws:iam::444455556666:role/Two]")
}

/// The spec with a second principal, and these acceptances.
fn accepting(entries: &[String]) -> String {
    format!("{}review:\n  accept:\n{}", second_principal(), entries.concat())
}

fn acceptance((rule, at): (&str, &str)) -> String {
    format!(
        "    - {{rule: {rule}, at: {at}, reason: the second analyst was approved, owner: secops, until: 2027-06-30}}\n"
    )
}

fn policy(statements: &str) -> String {
    format!(
        "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement:\n{statements}"
    )
}

fn json(folder: &Path, arguments: &[&str], format: &str) -> Value {
    let ran = lakelink(folder, &[&["review", "--format", format], arguments].concat());
    assert!([0, 10].contains(&ran.code), "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn results(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let log = json(folder, arguments, "sarif");
    valid(&log);
    log["runs"][0]["results"].as_array().unwrap().clone()
}

/// The schema of OASIS, as the crate serde-sarif 0.8.0 (MIT) carries it.
const SCHEMA: &str = include_str!("../fixtures/review/sarif-2.1.0.schema.json");

/// Fails unless a log is valid, and within what GitHub takes ("SARIF support for code scanning").
#[track_caller]
fn valid(log: &Value) {
    // One pattern of it, of a property that we do not use, has a bracket too many.
    let schema = serde_json::from_str(&SCHEMA.replace("{2}]?$", "{2}$")).unwrap();
    let schema = jsonschema::draft7::new(&schema).unwrap();
    let errors = schema.iter_errors(log).map(|error| format!("{}: {error}", error.instance_path()));
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for rule in rules {
        let length = |path: &str| rule.pointer(path).unwrap().as_str().unwrap().chars().count();
        assert!((1..=255).contains(&length("/name")), "{rule}");
        for path in ["/shortDescription/text", "/fullDescription/text"] {
            assert!((1..=1_024).contains(&length(path)), "{rule}");
        }
        assert!(length("/help/text") > 0 && length("/help/markdown") > 0, "{rule}");
        assert!(rule["properties"]["tags"].as_array().unwrap().len() <= 10, "{rule}");
        let number = rule["properties"]["security-severity"].as_str().unwrap().parse::<f64>().unwrap();
        let band = if number >= 7.0 {
            "error"
        } else if number >= 4.0 {
            "warning"
        } else {
            "note"
        };
        assert_eq!(rule["defaultConfiguration"]["level"], band, "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() <= 25_000);
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(result["message"]["text"].as_str().unwrap().chars().count() > 10, "{result}");
        for path in ["/locations/0", "/relatedLocations/0"] {
            let Some(location) = result.pointer(path) else { continue };
            let uri = location.pointer("/physicalLocation/artifactLocation/uri").unwrap().as_str().unwrap();
            assert!(!uri.starts_with('/') && !uri.contains(['\\', ' ', ':']) && !uri.contains(".."), "{uri}");
            assert!(location.pointer("/physicalLocation/region/startLine").unwrap().as_u64() >= Some(1));
        }
        assert!(result.get("suppressions").is_none());
        assert!(fingerprints.insert(fingerprint(result)), "two have the fingerprint of {result}");
    }
}

fn fingerprint(result: &Value) -> String {
    result["partialFingerprints"]["primaryLocationLineHash"].as_str().unwrap().to_owned()
}

fn line(result: &Value) -> u64 {
    result.pointer("/locations/0/physicalLocation/region/startLine").unwrap().as_u64().unwrap()
}

fn uri(result: &Value) -> &str {
    result.pointer("/locations/0/physicalLocation/artifactLocation/uri").unwrap().as_str().unwrap()
}

/// Each rule, level and number of times, of what is open.
type Open = BTreeMap<(String, String), usize>;

fn open_in_sarif(results: &[Value]) -> Open {
    let mut open = Open::new();
    for one in results {
        let [rule, level] = ["ruleId", "level"].map(|key| one[key].as_str().unwrap().to_owned());
        *open.entry((rule, level)).or_default() += 1;
    }
    open
}

fn open_in_json(document: &Value) -> Open {
    let mut open = Open::new();
    for one in document["findings"].as_array().unwrap() {
        if one["accepted"].is_null() {
            let [rule, level] = ["rule", "severity"].map(|key| one[key].as_str().unwrap().to_owned());
            *open.entry((rule, level)).or_default() += 1;
        }
    }
    for one in document["changes"].as_array().unwrap() {
        let Some(rule) = one["rule"].as_str().filter(|_| one["accepted"].is_null()) else { continue };
        let level = if rule == "LL31" { "warning" } else { "error" };
        *open.entry((rule.to_owned(), level.to_owned())).or_default() += 1;
    }
    open
}

/// Specs, templates of ours and of others, with and without changes: what is open is there, and nothing else.
#[test]
fn sarif_is_valid_and_holds_what_is_open() {
    let empty = tempfile::tempdir().unwrap();
    write(empty.path(), "none.yaml", "Resources: {T: {Type: AWS::SNS::Topic}}\n");
    let against = empty.path().to_str().unwrap();
    let mut seen = 0;
    for arguments in [
        &["examples", "--against", against][..],
        &["out/pinned", "--against", against],
        &["tests/fixtures/review/rules/LL33.bad.yaml"],
        &["tests/fixtures/review/rules/LL33.good.yaml"],
        &["tests/fixtures/review/published.yaml", "tests/fixtures/review/templates"],
    ] {
        let arguments = [arguments, &["--as-of", "2027-01-01"]].concat();
        let ran = lakelink(env::root(), &[&["review", "--format", "json"], &arguments[..]].concat());
        let Ok(document) = serde_json::from_str::<Value>(&ran.stdout) else { panic!("{}", ran.stderr) };
        let results = results(env::root(), &arguments);
        assert_eq!(open_in_sarif(&results), open_in_json(&document), "{arguments:?}");
        let levels = results.iter().map(|one| one["level"].as_str().unwrap());
        let order = levels.map(|level| ["error", "warning", "note"].iter().position(|one| *one == level));
        assert!(order.is_sorted(), "the most severe come first");
        seen += results.len();
    }
    assert!(seen > 200, "{seen}");
}

/// An alert is the same alert as long as it is about the same, wherever that stands.
#[test]
fn fingerprints_stay_when_lines_move() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let statement =
        |action: &str| format!("          - {{Effect: Allow, Action: '{action}', Resource: '*'}}\n");
    let template = policy(&[statement("glue:*"), statement("glue:*"), statement("s3:*")].concat());
    write(folder, "then/acme.yaml", ACME);
    write(folder, "then/t.yaml", &policy(&statement("sns:*")));
    write(folder, "now/acme.yaml", &second_principal());
    write(folder, "now/t.yaml", &template);
    let all = || results(folder, &["now", "--against", "then"]);
    let before = all();
    let known = |results: &[Value]| results.iter().map(fingerprint).collect::<BTreeSet<_>>();
    write(folder, "now/acme.yaml", &format!("# one\n\n# more\n{}", second_principal()));
    write(folder, "now/t.yaml", &format!("# one\n# two\n{template}"));
    let after = all();
    assert_eq!(known(&before), known(&after));
    for (before, after) in before.iter().zip(&after) {
        let moved = if uri(before) == "now/t.yaml" { 2 } else { 3 };
        assert_eq!(line(after), line(before) + moved, "{after}");
    }
    assert!(before.iter().any(|one| uri(one) == "now/t.yaml") && before.len() > CHANGES.len());
    // What it is about counts.
    write(folder, "now/t.yaml", &template.replace("s3:*", "sqs:*"));
    assert_ne!(known(&before), known(&all()));
}

/// Files are named from the root of the repository, whatever the arguments are.
#[test]
fn paths_are_those_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let bad = policy("          - {Effect: Allow, Action: 'glue:*', Resource: '*'}\n");
    for file in ["a b/c/t.yaml", "d/u.yaml", ".git/config"] {
        write(folder, file, &bad);
    }
    write(folder, "d/acme.yaml", &ACME.replace("7f3c9a51-acme-detective", "short-id"));
    let shown = |here: &str, arguments: &[&str]| {
        let results = results(&folder.join(here), arguments);
        let files = results.iter().map(|one| uri(one).to_owned()).collect::<BTreeSet<_>>();
        files.into_iter().collect::<Vec<_>>()
    };
    let whole = folder.join("d/u.yaml");
    assert_eq!(shown("", &["a b", "./d/../d/u.yaml"]), ["a%20b/c/t.yaml", "d/u.yaml"]);
    assert_eq!(shown("a b", &["c/t.yaml", "../d"]), ["a%20b/c/t.yaml", "d/acme.yaml", "d/u.yaml"]);
    assert_eq!(shown("a b", &[whole.to_str().unwrap()]), ["d/u.yaml"]);
    let related = results(&folder.join("d"), &["acme.yaml"]);
    let related = related[0].pointer("/relatedLocations/0/physicalLocation/artifactLocation/uri");
    assert!(related.unwrap().as_str().unwrap().starts_with("d/out/acme/"), "{related:?}");
    let ran = lakelink(&folder.join("a b"), &["review", "c/t.yaml", "--format", "github"]);
    assert!(ran.stdout.starts_with("::error file=a b/c/t.yaml,line=7,title=LL02 "), "{}", ran.stdout);
}

/// A workflow command, as the runner takes it apart (actions/runner, ActionCommand.cs).
fn command(line: &str) -> Option<(String, BTreeMap<String, String>, String)> {
    let (head, text) = line.strip_prefix("::")?.split_once("::")?;
    let (name, properties) = head.split_once(' ')?;
    let data = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let properties = properties.split(',').map(|property| {
        let (key, value) = property.split_once('=').unwrap();
        (key.to_owned(), data(&value.replace("%3A", ":").replace("%2C", ",")))
    });
    Some((name.to_owned(), properties.collect(), data(text)))
}

#[test]
fn workflow_commands_are_escaped_and_few() {
    let folder = tempfile::tempdir().unwrap();
    let file = "a,b:c%0A::d\n::error::e.yaml";
    let statements = (0..12).map(|n| {
        format!("          - {{Sid: '##[error]::error::%0A{n:02}', Effect: Allow, Action: ['glue:*', glue:GetDatabase], Resource: '*'}}\n")
    });
    write(folder.path(), file, &policy(&statements.collect::<String>()));
    let ran = lakelink(folder.path(), &["review", file, "--format", "github"]);
    assert_eq!(ran.code, 10);
    assert!(!ran.stdout.contains("##[e"), "{}", ran.stdout.replace("##[", "# #["));
    let mut levels = BTreeMap::<String, (usize, usize)>::new();
    let mut order = Vec::new();
    for line in ran.stdout.lines() {
        let (level, is_command) = match command(line) {
            Some((level, properties, text)) => {
                assert_eq!(properties["file"], file);
                let number = properties["line"].parse::<usize>().unwrap();
                assert!(text.contains(&format!("%0A{:02}", number - 7)), "{text}");
                assert!(properties["title"].starts_with("LL") && text.lines().count() == 3, "{line}");
                (level, true)
            }
            None => {
                assert!(!line.trim_start().starts_with("::"), "{line}");
                (line.split_once('[').unwrap().0.to_owned(), false)
            }
        };
        order.push(["error", "warning", "notice"].iter().position(|one| *one == level).unwrap());
        let (commands, lines) = levels.entry(level).or_default();
        *(if is_command { commands } else { lines }) += 1;
    }
    assert!(order.is_sorted());
    assert_eq!(levels["error"], (10, 2));
    assert_eq!(levels["warning"].0, 10);
    assert!(levels["warning"].1 > 0);
}

#[test]
fn the_log_of_a_workflow_reads_well() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "then/acme.yaml", ACME);
    write(folder, "now/acme.yaml", &second_principal());
    let ran = lakelink(folder, &["review", "now", "--against", "then", "--format", "github"]);
    insta::assert_snapshot!(format!("{}{}exit {}", ran.stdout, ran.stderr, ran.code));
}

/// An empty log would close every alert, and a half one some: a run that fails prints nothing to upload.
#[test]
fn a_failure_is_neither_a_finding_nor_success() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "acme.yaml", ACME);
    write(folder, "wrong.yaml", &ACME.replace("[us-east-1]", "[nowhere]"));
    write(folder, "broken.yaml", "Resources: {A: {Type: AWS::SNS::Topic}, B: [}\n");
    write(folder, "bad/acme.yaml", &ACME.replace("[us-east-1]", "[nowhere]"));
    write(folder, "t.yaml", &policy("          - {Effect: Allow, Action: 'glue:*', Resource: '*'}\n"));
    for (arguments, code) in [
        (&["t.yaml", "wrong.yaml"][..], 3),
        (&["t.yaml", "broken.yaml"], 3),
        (&["t.yaml", "missing.yaml"], 1),
        (&["t.yaml", "--against", "nosuch"], 2),
        (&["t.yaml", "acme.yaml", "--against", "bad"], 3),
        (&["--explain", "LL18"], 2),
    ] {
        for format in ["sarif", "github"] {
            // `git` is on the PATH of the tests.
            let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
            let ran =
                env::run(command.args(["review", "--format", format]).args(arguments).current_dir(folder));
            assert_eq!(ran.code, code, "{arguments:?}: {}", ran.stderr);
            assert_eq!(ran.stdout, "", "{arguments:?} {format}");
            assert!(ran.stderr.contains("error"), "{}", ran.stderr);
            assert!(!ran.stderr.lines().any(|line| line.starts_with("::")), "{}", ran.stderr);
        }
    }
    for command in [&["check", "acme.yaml"][..], &["generate", "acme.yaml"], &["schema"]] {
        let ran = lakelink(folder, &[command, &["--format", "sarif"]].concat());
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("only `review` prints `--format sarif`"), "{}", ran.stderr);
    }
}

#[test]
fn changes_are_accepted_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "then/acme.yaml", ACME);
    let all = CHANGES.map(acceptance);
    let against = |now: &str, more: &[&str]| {
        write(folder, "now/acme.yaml", now);
        let common = ["review", "now", "--against", "then", "--as-of", "2027-06-30", "--fail-on", "warning"];
        lakelink(folder, &[&common[..], more].concat())
    };
    assert_eq!(against(&second_principal(), &[]).code, 10);
    let ran = against(&accepting(&all), &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("accepted by secops until 2027-06-30: ").count(), 4, "{}", ran.stdout);
    assert!(ran.stderr.contains(" notes; 4 accepted, "), "{}", ran.stderr);
    let ran = against(&accepting(&all), &["--format", "markdown"]);
    assert!(ran.stdout.contains(" open; 4 accepted"), "{}", ran.stdout);
    let ran = against(&accepting(&all), &["--format", "sarif"]);
    let log = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let open = open_in_sarif(log["runs"][0]["results"].as_array().unwrap());
    assert!(open.keys().all(|(_, level)| level == "note"), "{open:?}");
    let ran = against(&accepting(&all), &["--format", "json"]);
    let document = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let accepted = &document["changes"][0]["accepted"];
    assert_eq!(accepted["owner"], "secops");
    assert_eq!(
        (&accepted["until"], &accepted["reason"]),
        (&"2027-06-30".into(), &"the second analyst was approved".into())
    );
    // One that is missing is open.
    let ran = against(&accepting(&all[1..]), &["--format", "github"]);
    assert_eq!(ran.code, 10);
    assert_eq!(ran.stdout.matches("::error ").count(), 1, "{}", ran.stdout);
    assert!(ran.stdout.starts_with("::error file=now/acme.yaml,line=6,title=LL32 "), "{}", ran.stdout);
    // One that holds for no change is stale, but only where changes are looked at, or once its day is over.
    let stale = |now: &str, arguments: &[&str]| {
        write(folder, "now/acme.yaml", now);
        let document = json(folder, &[&["now"], arguments].concat(), "json");
        let findings = document["findings"].as_array().unwrap();
        let stale = findings.iter().filter(|one| one["rule"] == "LL33");
        stale
            .map(|one| (one["spec"]["line"].as_u64().unwrap(), one["message"].as_str().unwrap().to_owned()))
            .collect::<Vec<_>>()
    };
    let one_too_many = accepting(&[all.concat(), acceptance(("LL31", "detective/GrantOneLink"))]);
    let day = ["--as-of", "2027-06-30"];
    let found = stale(&one_too_many, &[&["--against", "then"], &day[..]].concat());
    assert_eq!(found, [(15, "LL31 finds nothing at `detective/GrantOneLink`".to_owned())]);
    assert_eq!(stale(&one_too_many, &day), []);
    let late = ["--as-of", "2027-07-01"];
    for arguments in [&late[..], &["--against", "then", "--as-of", "2027-07-01"]] {
        let found = stale(&accepting(&all[..1]), arguments);
        let [(11, message)] = &found[..] else { panic!("{found:?}") };
        assert!(message.ends_with("ended on 2027-06-30"), "{message}");
    }
    // A change of another kind at the same place is not covered.
    let wrong = acceptance(("LL31", CHANGES[0].1));
    let found = stale(&accepting(&[wrong]), &[&["--against", "then"], &day[..]].concat());
    assert_eq!(found[0].0, 11);
}
