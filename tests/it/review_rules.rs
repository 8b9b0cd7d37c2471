//! The rules of the review: `tests/fixtures/review/rules` holds at least one bad and one good document for each.
//!
//! In a bad one `# found` ends each line where the rule finds something, `# found warning` and `# found note` where that
//! matters less. A template that begins with `# stack: STACK` is held against `spec.yaml` as that stack.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lakelink::model::{Integration, Stack as StackName};
use lakelink::review::rules::{Finding, RULES, Rule, Severity, Subject, judge};
use lakelink::review::{self, Account, Stack};

use crate::env;
use crate::support::{lakelink, rendered};

fn folder() -> PathBuf {
    env::root().join("tests/fixtures/review/rules")
}

/// The documents of a rule, bad or good.
fn documents(rule: &Rule, kind: &str) -> Vec<(String, String)> {
    let start = format!("{}.{kind}.", rule.id);
    let files = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files = files
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            name.starts_with(&start).then(|| (name, std::fs::read_to_string(&path).unwrap()))
        })
        .collect::<Vec<_>>();
    files.sort();
    files
}

fn spec() -> Integration {
    let text = std::fs::read_to_string(folder().join("spec.yaml")).unwrap();
    rendered("spec.yaml", &text).integration
}

/// What the rules find in a template; against the spec, if its first line says which stack it is.
pub(crate) fn found(text: &str) -> Vec<Finding> {
    let template = review::scan(text.as_bytes()).template().expect("a template");
    let stem = text.lines().next().and_then(|line| line.strip_prefix("# stack: "));
    let known = stem.map(|_| spec());
    let (name, account) = match (stem, &known) {
        (Some(stem), Some(known)) => {
            let stack = StackName::ALL.into_iter().find(|stack| stack.stem() == stem).expect("a stack");
            (stem, Account::Known(known.account(stack.side()).clone()))
        }
        _ => ("t", Account::This),
    };
    let integration = known.as_ref().map(|known| known.name.to_string());
    let stacks = [Stack { integration, name: name.into(), account, template }];
    let access = review::access_together(&stacks);
    judge(&Subject::new(&stacks, &access.statements, known.as_ref()))
}

fn of_rule(findings: &[Finding], rule: &Rule) -> BTreeSet<(usize, Severity)> {
    let findings = findings.iter().filter(|finding| finding.rule.id == rule.id);
    findings.map(|finding| (finding.place.line.unwrap(), finding.severity)).collect()
}

/// The lines that a document marks.
fn marked(rule: &Rule, text: &str) -> BTreeSet<(usize, Severity)> {
    let marks = text.lines().enumerate().filter_map(|(n, line)| Some((n + 1, line.split_once("# found")?.1)));
    let severity = |mark: &str| match mark.trim() {
        "note" => Severity::Note,
        "warning" => Severity::Warning,
        "" => rule.severity,
        other => panic!("`found {other}`"),
    };
    marks.map(|(line, mark)| (line, severity(mark))).collect()
}

/// The rules that look at templates: the comparison of versions and the acceptances have tests of their own.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(|rule| !["LL31", "LL32", "LL33"].contains(&rule.id))
}

#[test]
fn each_rule_finds_what_its_bad_documents_mark_and_nothing_in_its_good_ones() {
    for rule in rules() {
        let (bad, good) = (documents(rule, "bad"), documents(rule, "good"));
        assert!(!bad.is_empty() && !good.is_empty(), "{} has no bad and good document", rule.id);
        for (name, text) in bad {
            let findings = found(&text);
            assert_eq!(
                of_rule(&findings, rule),
                marked(rule, &text),
                "{name}: {:#?}",
                messages(&findings, rule)
            );
            assert!(!marked(rule, &text).is_empty(), "{name} marks nothing");
        }
        for (name, text) in good {
            let findings = found(&text);
            assert_eq!(of_rule(&findings, rule), BTreeSet::new(), "{name}: {:#?}", messages(&findings, rule));
        }
    }
}

fn messages(findings: &[Finding], rule: &Rule) -> Vec<String> {
    let findings = findings.iter().filter(|finding| finding.rule.id == rule.id);
    findings.map(|finding| format!("{}: {}", finding.place.line.unwrap(), finding.message)).collect()
}

#[test]
fn messages_say_what_is_wrong() {
    let mut text = String::new();
    for rule in rules() {
        for (name, document) in documents(rule, "bad") {
            text.push_str(&format!("{name}\n"));
            for message in messages(&found(&document), rule) {
                text.push_str(&format!("  {message}\n"));
            }
        }
    }
    insta::assert_snapshot!(text);
}

/// Nothing to mend and nothing to accept in what lakelink makes itself.
#[test]
fn our_own_output_has_no_open_error_or_warning() {
    let ran = lakelink(env::root(), &["review", "examples", "--format", "json", "--fail-on", "warning"]);
    let document = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let open = findings.iter().filter(|one| one["severity"] != "note" && one["accepted"].is_null());
    assert_eq!(open.map(|one| &one["message"]).collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    // The role that CloudFormation alone can be is named, in both accounts of each example.
    let named = findings.iter().filter(|one| one["rule"] == "LL17" && one["severity"] == "note").count();
    assert!(named >= 20, "{named}");
    // Every finding says where in the spec it comes from, and where in the template it stands.
    for one in findings {
        assert!(
            one["spec"]["line"].as_u64().unwrap() > 0 && one["template"]["line"].as_u64().unwrap() > 0,
            "{one}"
        );
    }
}

/// The lines of a template that a finding names are those of the file that `generate` writes.
#[test]
fn findings_stand_where_the_template_says_it() {
    let ran = lakelink(env::root(), &["review", "examples", "--format", "json"]);
    let document = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    let shown = lakelink(env::root(), &["review", "examples", "-v"]).stdout;
    for finding in document["findings"].as_array().unwrap() {
        let file = finding["template"]["file"].as_str().unwrap();
        let line = usize::try_from(finding["template"]["line"].as_u64().unwrap()).unwrap();
        // People are told the same place.
        assert!(shown.contains(&format!(" --> {file}:{line} (")), "{finding}");
        let file = env::root().join(file);
        let text = std::fs::read_to_string(file).unwrap();
        let (before, at) = (text.lines().take(line).collect::<Vec<_>>(), text.lines().nth(line - 1).unwrap());
        let resource = format!("  {}:", finding["resource"].as_str().unwrap());
        let is_resource = |line: &&&str| line.starts_with("  ") && !line.starts_with("   ");
        assert_eq!(before.iter().rev().find(is_resource), Some(&&*resource), "{finding}");
        match finding["statement"].as_str() {
            Some(sid) => assert_eq!(at.trim(), format!("- Sid: {sid}")),
            None => assert_eq!(at, resource),
        }
    }
}

fn reviewed(folder: &Path, arguments: &[&str]) -> (u8, serde_json::Value) {
    let ran = lakelink(folder, &[&["review", "--format", "json"], arguments].concat());
    let code = u8::try_from(ran.code).unwrap();
    (code, serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)))
}

#[test]
fn an_acceptance_holds_for_one_finding_until_its_day() {
    let bad = std::fs::read_to_string(folder().join("LL33.bad.yaml")).unwrap();
    let (code, document) = reviewed(&folder(), &["LL33.bad.yaml", "--as-of", "2027-01-01"]);
    assert_eq!(code, 10);
    let findings = document["findings"].as_array().unwrap();
    let stale = findings.iter().filter(|one| one["rule"] == "LL33").collect::<Vec<_>>();
    let lines = stale.iter().map(|one| usize::try_from(one["spec"]["line"].as_u64().unwrap()).unwrap());
    let rule = Rule::find("LL33").unwrap();
    assert_eq!(
        lines.collect::<BTreeSet<_>>(),
        marked(rule, &bad).into_iter().map(|(line, _)| line).collect()
    );
    insta::assert_snapshot!(
        stale.iter().map(|one| one["message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
    );
    // The last day counts, the day after it does not.
    for (day, expected) in [("2027-01-01", 0), ("2027-01-02", 10)] {
        let (code, document) =
            reviewed(&folder(), &["LL33.good.yaml", "--as-of", day, "--fail-on", "warning"]);
        assert_eq!(code, expected, "{day}");
        let findings = document["findings"].as_array().unwrap();
        let accepted = &findings.iter().find(|one| one["rule"] == "LL12").unwrap()["accepted"];
        assert_eq!(accepted["owner"] == "secops", expected == 0, "{accepted}");
        assert_eq!(findings.iter().filter(|one| one["rule"] == "LL33").count(), usize::from(expected == 10));
    }
}

#[test]
fn the_least_severity_that_fails_can_be_chosen() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, statement: &str| {
        let text = format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Statement: [{statement}]}}\n"
        );
        lakelink::files::write(&folder.path().join(name), &text).unwrap();
    };
    write("warning.yaml", "{Effect: Allow, Action: glue:GetDatabase, Resource: '*'}");
    write("error.yaml", "{Effect: Allow, Action: 'glue:*', Resource: '*'}");
    write("explained.yaml", "{Effect: Allow, Action: ram:ListResources, Resource: '*'}");
    for (file, codes) in
        [("warning.yaml", [10, 10, 0]), ("error.yaml", [10, 10, 10]), ("explained.yaml", [0, 0, 0])]
    {
        for (least, code) in ["note", "warning", "error"].into_iter().zip(codes) {
            let ran = lakelink(folder.path(), &["review", file, "--fail-on", least]);
            assert_eq!(ran.code, code, "{file} {least}");
        }
    }
    assert_eq!(lakelink(folder.path(), &["review", "warning.yaml"]).code, 0);
    let text = lakelink(folder.path(), &["review", "error.yaml"]);
    insta::assert_snapshot!(format!("{}{}", text.stdout, text.stderr));
    let document = reviewed(folder.path(), &["error.yaml"]).1;
    assert_eq!(
        document["not_looked_at"],
        serde_json::json!(["LL11", "LL14", "LL16", "LL21", "LL22", "LL33"])
    );
    assert_eq!(reviewed(&self::folder(), &["LL33.good.yaml"]).1["not_looked_at"], serde_json::json!([]));
}

#[test]
fn rules_are_explained() {
    let mut text = String::new();
    for rule in RULES {
        let ran = lakelink(env::root(), &["review", "--explain", rule.id]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        text.push_str(&format!("{}\n", ran.stdout));
    }
    insta::assert_snapshot!(text);
    assert_eq!(lakelink(env::root(), &["review", "--explain", "LL34"]).code, 2);
}

/// A finding points at the key of the spec that it comes from, in whichever of its files that stands.
#[test]
fn findings_point_at_the_spec() {
    let base = "lake:\n  account: \"111122223333\"\n  subscriber:\n    external_id: short-id\n";
    let spec = "name: acme\nextends: base.yaml\nregions: [us-east-1]\ndetective:\n  account: \"444455556666\"\n  \
                principals:\n    - arn:aws:iam::444455556666:role/One\n    - arn:aws:iam::444455556666:role/Two\n  \
                lake_formation: {grant_on: link}\n  results: {retention_days: 30}\n";
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("base.yaml", base), ("acme.yaml", spec)] {
        lakelink::files::write(&folder.path().join(name), text).unwrap();
    }
    let (_, document) = reviewed(folder.path(), &["acme.yaml"]);
    let findings = document["findings"].as_array().unwrap();
    let place = |rule: &str| {
        let finding = findings.iter().find(|one| one["rule"] == rule).unwrap();
        let file = finding["spec"]["file"].as_str().unwrap();
        let line = usize::try_from(finding["spec"]["line"].as_u64().unwrap()).unwrap();
        let text = if file == "base.yaml" { base } else { spec };
        format!("{file} {}", text.lines().nth(line - 1).unwrap().trim())
    };
    assert_eq!(place("LL12"), "base.yaml external_id: short-id");
    assert_eq!(place("LL27"), "acme.yaml results: {retention_days: 30}");
    assert_eq!(place("LL29"), "acme.yaml principals:");
}

/// A stack with the defects of the one that AWS publishes gives every rule that they were found by.
#[test]
fn the_defects_of_the_published_stack_are_found() {
    let path = env::root().join("tests/fixtures/review/published.yaml");
    let text = std::fs::read_to_string(path).unwrap();
    let findings = found(&text);
    let shown = findings.iter().filter(|one| one.rule.id != "LL04").map(|one| {
        let line = one.place.line.unwrap();
        format!("{} {} {}:{line} {}", one.rule.id, one.severity.word(), one.place.resource_id, one.message)
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"));
    // The table at the top of the file.
    let rows = text.lines().filter_map(|line| line.strip_prefix("# ")?.rsplit_once("LL").map(|(_, end)| end));
    let mut wanted = BTreeSet::new();
    for row in rows {
        let (number, severity) = row.split_once(", a ").unwrap_or((row, "error"));
        wanted.insert((format!("LL{number}"), severity.to_owned()));
    }
    assert_eq!(wanted.len(), 12);
    for (rule, severity) in wanted {
        let of_rule = findings.iter().filter(|one| one.rule.id == rule).collect::<Vec<_>>();
        assert!(!of_rule.is_empty(), "{rule}");
        let is_said = severity == "error" || of_rule.iter().all(|one| one.severity.word() == severity);
        assert!(is_said, "{rule} {severity}");
    }
}

/// What is on the disk is reviewed with the spec that it came from: once, as accepted there, and at its own lines.
#[test]
fn templates_of_ours_are_reviewed_with_their_spec() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    std::fs::create_dir(home.join("specs")).unwrap();
    std::fs::copy(folder().join("LL33.good.yaml"), home.join("specs/acme.yaml")).unwrap();
    assert_eq!(lakelink(home, &["generate", "specs"]).code, 0);
    let day = ["--as-of", "2027-01-01", "--fail-on", "warning"];
    let review = |paths: &[&str]| reviewed(home, &[paths, &day].concat());
    let (_, rendered) = review(&["specs"]);
    let (code, together) = review(&["out", "specs"]);
    assert_eq!(code, 0, "{}", together["findings"]);
    // A file that was read knows the line of each property, and findings are in the order of lines.
    let without_lines = |document: &serde_json::Value| {
        let mut findings = document["findings"].as_array().unwrap().clone();
        for finding in &mut findings {
            finding["template"]["line"].take();
        }
        findings.iter().map(ToString::to_string).collect::<BTreeSet<_>>()
    };
    assert!(without_lines(&together) == without_lines(&rendered));
    assert!(together["access"] == rendered["access"]);
    let roles = home.join("out/acme/lake-roles.template.yaml");
    let edited = std::fs::read_to_string(&roles).unwrap().replacen("iam:GetRole\n", "iam:*\n", 1);
    let differs = "warning: `out/acme/lake-roles.template.yaml` is not what its spec gives now; it is reviewed as it is, `lakelink generate`";
    let told = |paths: &[&str]| {
        let ran = lakelink(home, &[&["review", "-q"], paths].concat());
        (ran.stderr.matches("is not what").count(), ran.stderr.contains(differs))
    };
    assert_eq!(told(&["out", "specs"]), (0, false));
    lakelink::files::write(&roles, &edited).unwrap();
    assert_eq!(told(&["out", "specs"]), (1, true));
    let shown = |format: &str| lakelink(home, &["review", "out", "specs", "--format", format]).stdout;
    assert!(
        shown("markdown").contains("**Warning:** `out/acme/lake-roles.template.yaml` is not"),
        "{}",
        shown("markdown")
    );
    let document = serde_json::from_str::<serde_json::Value>(&shown("json")).unwrap();
    assert_eq!(document["differing"], serde_json::json!(["out/acme/lake-roles.template.yaml"]));
    // Of another version it is what was deployed.
    assert_eq!(told(&["out", "specs", "--against", "."]), (1, true));
    let (code, together) = review(&["out", "specs"]);
    assert_eq!(code, 10);
    let findings = together["findings"].as_array().unwrap();
    let found = findings.iter().find(|one| one["rule"] == "LL02").unwrap();
    let line = found["template"]["line"].as_u64().unwrap();
    assert_eq!(found["template"]["file"], "out/acme/lake-roles.template.yaml");
    assert!(found["spec"]["file"] == "specs/acme.yaml" && found["account"] == "111122223333", "{found}");
    let at = edited.lines().position(|text| text.ends_with("iam:*")).unwrap();
    assert!((1..at).contains(&usize::try_from(line).unwrap()), "{found}");
    // Another spec accepts nothing for it, and has its own stacks.
    std::fs::rename(home.join("specs/acme.yaml"), home.join("specs/other.yaml")).unwrap();
    let (_, apart) = review(&["out", "specs"]);
    assert!(apart["access"].as_array().unwrap().len() > together["access"].as_array().unwrap().len());
}

/// `review.suppress` tells other checkers exactly what LL04 accepts by the table of actions.
#[test]
fn checkers_that_are_asked_for_are_told_what_the_table_accepts() {
    let example = std::fs::read_to_string(env::root().join("examples/self-managed.yaml")).unwrap();
    let told = |text: &str| {
        let spec = rendered("self-managed.yaml", text);
        let resources = spec.stacks.iter().flat_map(|one| {
            let with = one.template.resources().filter(|resource| resource.metadata.is_some());
            with.map(|resource| (one.stack.stem().to_owned(), resource.id.to_string()))
        });
        (resources.collect::<BTreeSet<_>>(), spec)
    };
    assert_eq!(told(&example).0, BTreeSet::new());
    let (told, spec) = told(&format!("{example}\nreview: {{suppress: [cfn_guard, cfn_nag]}}\n"));
    let stacks = spec.stacks.iter().map(|one| Stack {
        integration: None,
        name: one.stack.stem().to_owned(),
        account: Account::Known(spec.integration.account(one.stack.side()).clone()),
        template: review::Template::ours(&one.template).unwrap(),
    });
    let mut stacks = stacks.collect::<Vec<_>>();
    let mut told = told;
    for set in lakelink::stacks::stack_set_templates(&spec.integration, &spec.stacks).unwrap() {
        let with = set.template.resources().filter(|resource| resource.metadata.is_some());
        told.extend(with.map(|resource| (set.stem.clone(), resource.id.to_string())));
        let template = review::Template::ours(&set.template).unwrap();
        let account = Account::Known(set.account);
        stacks.push(Stack { integration: None, name: set.stem, account, template });
    }
    let access = review::access_together(&stacks);
    let findings = judge(&Subject::new(&stacks, &access.statements, Some(&spec.integration)));
    let accepted = findings.iter().filter(|finding| finding.rule.id == "LL04");
    let accepted = accepted.map(|finding| (finding.place.stack.clone(), finding.place.resource_id.clone()));
    assert_eq!(told, accepted.collect());
    let forms =
        ["guard:\n        SuppressedRules:\n", "cfn_nag:\n        rules_to_suppress:\n          - id: W13\n"];
    let yaml = spec.stacks.iter().map(lakelink::stacks::StackTemplate::yaml).collect::<String>();
    let in_stacks =
        told.iter().filter(|(stem, _)| spec.stacks.iter().any(|one| one.stack.stem() == stem)).count();
    assert!(in_stacks > 2 && told.len() > in_stacks, "{told:?}");
    assert!(forms.iter().all(|form| yaml.matches(form).count() == in_stacks), "{told:?}");
}
