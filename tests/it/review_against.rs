//! `lakelink review --against`: specs and templates compared with a folder, and with a revision of git.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::env;
use crate::support::{ACME, git, lakelink};

const TEMPLATE: &str = "\
Resources:
  Reader:
    Type: AWS::IAM::Role
    Properties:
      RoleName: reader
      AssumeRolePolicyDocument:
        Statement:
          - Sid: Partner
            Effect: Allow
            Principal: {AWS: 'arn:aws:iam::999900001111:role/scanner'}
            Action: sts:AssumeRole
            Condition: {StringEquals: {sts:ExternalId: 0123456789abcdef}}
";

fn write(folder: &Path, name: &str, text: &str) {
    lakelink::files::write(&folder.join(name), text).unwrap();
}

/// What is printed, and the exit code, when the second text takes the place of the first.
fn changed(name: &str, before: &str, after: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("then/{name}"), before);
    write(folder.path(), &format!("now/{name}"), after);
    let ran = lakelink(folder.path(), &["review", "now", "--against", "then"]);
    format!("{}exit {}", ran.stdout + &ran.stderr, ran.code)
}

#[test]
fn a_principal_is_added_to_a_spec() {
    let more = ACME.replace("SecurityAnalyst]", "SecurityAnalyst, arn:aws:iam::444455556666:role/Forensics]");
    insta::assert_snapshot!(changed("acme.yaml", ACME, &more));
    let turned = ACME.replace("[arn:aws", "[arn:aws:iam::444455556666:role/Forensics, arn:aws");
    let same = changed("acme.yaml", &more, &turned);
    assert!(same.starts_with("no change of access\n") && same.ends_with("\nexit 0"), "{same}");
}

/// In colours of their weight, if there are colours.
#[test]
fn signs_have_the_colour_of_their_rule() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "then/role.yaml", TEMPLATE);
    write(folder.path(), "now/role.yaml", &TEMPLATE.replace("StringEquals", "StringEqualsIfExists"));
    let review = |color: &str| {
        lakelink(folder.path(), &["review", "now", "--against", "then", "--color", color]).stdout
    };
    let red = |text: &str| format!("\u{1b}[1m\u{1b}[31m{text}\u{1b}[0m");
    let colored = review("always");
    assert!(colored.starts_with(&red("<")) && colored.contains(&red("LL32")), "{colored}");
    let plain = review("never");
    assert!(!plain.contains('\u{1b}'), "{plain}");
    assert!(plain.contains("\n    LL32 role/Reader/Partner (trust) --> now/role.yaml:"), "{plain}");
}

#[test]
fn a_region_is_added_to_a_spec() {
    insta::assert_snapshot!(changed(
        "acme.yaml",
        ACME,
        &ACME.replace("[us-east-1]", "[us-east-1, eu-west-1]")
    ));
}

/// The template is the same: what it says of its own Region counts in each Region that it is deployed in.
#[test]
fn access_goes_with_its_region() {
    let two = ACME.replace("[us-east-1]", "[us-east-1, eu-west-1]");
    let gone = changed("acme.yaml", &two, ACME);
    for what in [
        "- 111122223333: account 444455556666 may no longer LAKEFORMATION on securitylake:eu-west-1:",
        "- 444455556666: role/lakelink/lakelink-acme-detective-cfn may no longer ADMIN on glue:eu-west-1:",
    ] {
        assert!(gone.contains(what), "{gone}");
    }
    // One for the other.
    let moved = changed("acme.yaml", ACME, &ACME.replace("[us-east-1]", "[eu-west-1]"));
    for what in [
        "+ 111122223333: account 444455556666 may LAKEFORMATION on securitylake:eu-west-1:",
        "\n- 111122223333: account 444455556666 may no longer LAKEFORMATION on securitylake:us-east-1:",
    ] {
        assert!(moved.contains(what), "{moved}");
    }
    // A key of ours is another one in each Region.
    let with_key = |spec: &str| format!("{spec}  results: {{encryption: kms}}\n");
    let more = changed("acme.yaml", &with_key(ACME), &with_key(&two));
    for what in [
        "${ResultsKey@eu-west-1.Arn}",
        "acme/detective/ResultsKey/PrincipalsThroughS3 (key) --> now/acme.yaml:9",
    ] {
        assert!(more.contains(what), "{more}");
    }
    assert!(!more.contains("ResultsKey@us-east-1"), "{more}");
}

/// One spec for two Regions, or two: our own advice where one is too large.
#[test]
fn a_spec_may_be_split_by_region() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = |name: &str, regions: &str| {
        let spec = ACME.replace("name: acme", &format!("name: {name}")).replace("[us-east-1]", regions);
        spec.replace("7f3c9a51-acme", &format!("7f3c9a51-{name}"))
    };
    write(folder, "one/acme.yaml", &spec("acme", "[us-east-1, eu-west-1]"));
    write(folder, "two/acme.yaml", &spec("acme", "[us-east-1]"));
    write(folder, "two/europe.yaml", &spec("europe", "[eu-west-1]"));
    let review = |now: &str, then: &str| lakelink(folder, &["review", now, "--against", then]).stdout;
    for (now, then) in [("one", "two"), ("two", "one")] {
        // People read the same tables; roles and external ids have other names.
        let shown = review(now, then);
        assert!(!shown.contains("SELECT") && shown.contains("LAKEFORMATION"), "{now} after {then}: {shown}");
    }
    // Another name and a Region more at once.
    write(folder, "three/acme.yaml", &spec("renamed", "[us-east-1, eu-west-1]"));
    write(folder, "four/acme.yaml", &spec("acme", "[us-east-1]"));
    let shown = review("three", "four");
    assert!(shown.contains("may LAKEFORMATION on securitylake:eu-west-1:"), "{shown}");
}

/// A spec that has the same text in both versions is rendered once; what else it is made of counts as much.
#[test]
fn a_spec_of_the_same_text_may_have_changed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let review = || lakelink(folder, &["review", "now", "--against", "then"]).stdout;
    let sources = |sources: &str| format!("lake: {{sources: [{sources}]}}\n");
    for version in ["then", "now"] {
        write(folder, &format!("{version}/acme.yaml"), &format!("extends: [a.yaml, b.yaml]\n{ACME}"));
        write(folder, &format!("{version}/a.yaml"), &sources("cloud_trail_mgmt, vpc_flow"));
        write(folder, &format!("{version}/b.yaml"), &sources("cloud_trail_mgmt, vpc_flow, eks_audit"));
    }
    assert!(review().starts_with("no change of access\n"), "{}", review());
    // Two bases change places: the later one wins.
    write(folder, "now/a.yaml", &sources("cloud_trail_mgmt, vpc_flow, eks_audit"));
    write(folder, "now/b.yaml", &sources("cloud_trail_mgmt, vpc_flow"));
    assert!(review().contains("EKS_AUDIT"), "{}", review());
    // What was deployed then is on the disk.
    write(folder, "then/a.yaml", &sources("cloud_trail_mgmt, vpc_flow, eks_audit"));
    write(folder, "then/b.yaml", &sources("cloud_trail_mgmt, vpc_flow"));
    assert!(review().starts_with("no change of access\n"), "{}", review());
    assert_eq!(lakelink(&folder.join("then"), &["generate", "acme.yaml"]).code, 0);
    let lake = "then/out/acme/lake.template.yaml";
    let text = std::fs::read_to_string(folder.join(lake)).unwrap();
    write(folder, lake, &text.replace("SourceName: VPC_FLOW", "SourceName: LAMBDA_EXECUTION"));
    let one_for_one = "\n1 new (+), 0 wider (<), 0 not comparable (?), 0 narrower (>), 1 gone (-)\n";
    assert!(review().contains(one_for_one), "{}", review());
}

/// What is the same in both versions is not looked at again; two specs that had one name are in conflict all the same.
#[test]
fn another_version_may_have_been_in_conflict() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for version in ["then", "now"] {
        write(folder, &format!("{version}/acme.yaml"), ACME);
    }
    write(folder, "then/copy.yaml", ACME);
    let ran = lakelink(folder, &["review", "now", "--against", "then"]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("", 3), "{}", ran.stderr);
    assert!(ran.stderr.contains("then/copy.yaml"), "{}", ran.stderr);
    let why = "error: what there was at `then` cannot be compared with\nhelp: name a version";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

#[test]
fn templates_are_paired_by_their_path() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "then/a/role.yaml", TEMPLATE);
    write(folder, "now/a/role.yaml", &TEMPLATE.replace("StringEquals", "StringEqualsIfExists"));
    write(
        folder,
        "now/b/role.yaml",
        &TEMPLATE.replace("name: reader", "name: other").replace("RoleName: reader", "RoleName: other"),
    );
    let run = |more: &[&str]| lakelink(folder, &[&["review", "now", "--against", "then"], more].concat());
    let ran = run(&["--format", "json"]);
    assert_eq!(ran.code, 10, "{}", ran.stderr);
    let document = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    assert_eq!(document["against"], json!({ "kind": "folder", "name": "then", "commit": null }));
    assert_eq!(
        document["summary"],
        json!({ "new": 1, "wider": 1, "narrower": 0, "gone": 0, "not_comparable": 0 })
    );
    let changes = document["changes"].as_array().unwrap();
    let shown = changes
        .iter()
        .map(|change| ["kind", "stack", "resource_id", "sid", "rule"].map(|key| change[key].clone()));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ["new", "b/role", "Reader", "Partner", "LL31"].map(Value::from),
            ["wider", "a/role", "Reader", "Partner", "LL32"].map(Value::from),
        ]
    );
    assert_eq!(changes[0]["before"], json!([]));
    assert_eq!(changes[1]["before"][0]["condition"], "StringEquals sts:ExternalId 0123456789abcdef");
    // Findings of what is there count beside the changes.
    write(folder, "then/a/role.yaml", &TEMPLATE.replace("StringEquals", "StringEqualsIfExists"));
    let summary = |now: &str, then: &str| {
        let ran = lakelink(folder, &["review", now, "--against", then, "--format", "json"]);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()["summary"].clone()
    };
    let one = |kind: &str| {
        let mut summary = json!({ "new": 0, "wider": 0, "narrower": 0, "gone": 0, "not_comparable": 0 });
        summary[kind] = json!(1);
        summary
    };
    assert_eq!((summary("now", "then"), summary("then", "now")), (one("new"), one("gone")));
}

/// lakelink with the PATH of the tests, on which git is.
fn with_git(folder: &Path, arguments: &[&str]) -> env::Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
    env::run(command.args(arguments).current_dir(folder))
}

#[test]
fn a_revision_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "specs/acme.yaml", &format!("extends: ../base/house.yaml\n{ACME}"));
    write(folder, "base/house.yaml", "tags: {team: security}\n");
    write(folder, "templates/role.yaml", TEMPLATE);
    git(folder, &["init", "-q", "-b", "main"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "first"]);
    let same = with_git(folder, &["review", "specs", "templates", "--against", "main"]);
    assert_eq!((same.stdout.as_str(), same.code), ("no change of access\n", 0), "{}", same.stderr);

    write(folder, "templates/role.yaml", &TEMPLATE.replace("role/scanner", "root"));
    let ran = with_git(
        &folder.join("specs"),
        &["review", "../templates/role.yaml", "--against", "main", "--format", "json"],
    );
    let document = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    assert_eq!(document["against"]["kind"], "revision");
    assert_eq!(document["against"]["commit"].as_str().unwrap().len(), 40);
    assert_eq!(
        (document["summary"]["new"].as_u64(), document["summary"]["gone"].as_u64()),
        (Some(1), Some(1))
    );
    assert_eq!(ran.code, 0);

    // A spec that was wrong is named as git names it.
    git(folder, &["checkout", "-q", "-b", "wrong"]);
    write(folder, "specs/acme.yaml", &ACME.replace("regions: [us-east-1]", "regions: [nowhere]"));
    git(folder, &["commit", "-q", "-a", "-m", "second"]);
    write(folder, "specs/acme.yaml", ACME);
    let wrong = with_git(folder, &["review", "specs", "--against", "HEAD"]);
    assert_eq!(wrong.code, 3);
    assert!(wrong.stderr.contains("HEAD:specs/acme.yaml:"), "{}", wrong.stderr);
}

#[test]
fn without_a_revision_it_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "role.yaml", TEMPLATE);
    let outside = with_git(folder, &["review", "role.yaml", "--against", "main"]);
    assert_eq!(outside.code, 2);
    assert!(outside.stderr.contains("is in no git repository"), "{}", outside.stderr);
    git(folder, &["init", "-q"]);
    let unknown = with_git(folder, &["review", "role.yaml", "--against", "--upload-pack=x"]);
    assert_eq!(unknown.code, 2);
    let unknown = with_git(folder, &["review", "role.yaml", "--against", "nosuch"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("neither a folder nor a revision"), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("a shallow clone holds few"), "{}", unknown.stderr);
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
    command.args(["review", "role.yaml", "--against", "main"]).current_dir(folder).env("PATH", folder);
    let missing = env::run(&mut command);
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("install git"), "{}", missing.stderr);
}

/// What was in a folder that holds nothing any more is gone; without another version it is a mistake to review it.
#[test]
fn the_last_spec_goes() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "then/acme.yaml", ACME);
    std::fs::create_dir(folder.path().join("now")).unwrap();
    let ran = lakelink(folder.path(), &["review", "now", "--against", "then"]);
    // Denials went with it, which counts as wider.
    assert_eq!(ran.code, 10, "{}", ran.stderr);
    assert!(ran.stdout.contains("\n- ") || ran.stdout.starts_with("- "), "{}", ran.stdout);
    assert_eq!(lakelink(folder.path(), &["review", "now"]).code, 2);
    // The other way round all is new, and that may be a folder that was mistyped.
    let ran = lakelink(folder.path(), &["review", "then", "--against", "now", "-q"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let why = "warning: there was neither a spec nor a template at `now`, so all access is new\n";
    assert!(ran.stderr.contains(why), "{}", ran.stderr);
}

/// Templates in place of specs, or the folder above: a plausible difference, and a wrong one.
#[test]
fn versions_that_have_nothing_in_common_are_said_to_be_so() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/acme.yaml", ACME);
    write(folder.path(), "templates/role.template", TEMPLATE);
    let told = |against: &str| {
        let ran = lakelink(folder.path(), &["review", "specs", "--against", against, "-q"]);
        ran.stderr.contains(&format!("warning: no stack of `{against}` has the name of one that is reviewed"))
    };
    assert!(told("templates"));
    write(folder.path(), "templates/acme.yaml", &ACME.replace("[us-east-1]", "[eu-west-1]"));
    assert!(!told("templates") && !told("specs"));
}

#[test]
fn a_spec_in_a_deeper_folder_is_named_as_not_reviewed() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "deeper/acme.yaml", ACME);
    write(folder.path(), "role.yaml", TEMPLATE);
    let ran = lakelink(folder.path(), &["review", "."]);
    assert!(
        ran.stderr.contains("not reviewed") && ran.stderr.contains("`deeper/acme.yaml`"),
        "{}",
        ran.stderr
    );
}
