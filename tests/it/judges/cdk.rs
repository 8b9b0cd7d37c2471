//! The CDK CLI reads the cloud assembly of every example: the newest version, and one of 2023.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use lakelink::check::Rendered;
use lakelink::render::cdk;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::env;
use crate::support::{checked, examples, rendered, spec, spec_for};

/// Packages of npm with the CDK CLI.
const NEWEST: &str = "aws-cdk";
const OF_2023: &str = "aws-cdk-2023";

/// What the CLI said to one command line.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Said {
    code: i32,
    stdout: String,
    stderr: String,
}

/// Runs the CLI for these command lines, in one process.
fn cli(package: &str, lines: &[Vec<String>]) -> Vec<Said> {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("node");
    command.arg(env::root().join("tests/judges/cdk.cjs")).arg(env::node_package(package));
    command.current_dir(home.path()).env_clear().envs(env::cdk_settings());
    command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home.path());
    let ran = env::run_with_input(&mut command, &json!(lines).to_string());
    assert_eq!(ran.code, 0, "{}", ran.said());
    serde_json::from_str(&ran.stdout).unwrap()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// An assembly on the disk.
struct Assembly {
    rendered: Rendered,
    folder: tempfile::TempDir,
}

impl Assembly {
    fn of(rendered: Rendered) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in cdk::files(&rendered.integration, &rendered.stacks) {
            lakelink::files::write(&folder.path().join(path), &text).unwrap();
        }
        Self { rendered, folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cdk")
    }

    fn line(&self, command: &[&str]) -> Vec<String> {
        let path = self.path();
        [words(command), words(&["--app", path.to_str().unwrap()])].concat()
    }

    fn files(&self) -> BTreeMap<PathBuf, String> {
        let entries = std::fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
    }

    fn manifest(&self) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path().join("manifest.json")).unwrap()).unwrap()
    }

    /// `REGION/STACK` of every stack, in the order in which they are deployed.
    fn stacks(&self) -> Vec<String> {
        let integration = &self.rendered.integration;
        let stacks = integration.stacks().into_iter();
        let stacks = stacks.flat_map(|stack| {
            integration.regions_of(stack).into_iter().map(move |region| format!("{region}/{}", stack.stem()))
        });
        stacks.collect()
    }

    /// The first of them for each stack, with its template in YAML.
    fn twins(&self) -> Vec<(String, String)> {
        let integration = &self.rendered.integration;
        let twin = |stack: &lakelink::stacks::StackTemplate| {
            let region = integration.regions_of(stack.stack)[0];
            format!("{region}/{}", stack.stack.stem())
        };
        self.rendered.stacks.iter().map(|stack| (twin(stack), stack.yaml())).collect()
    }
}

#[test]
fn the_newest_cli_takes_every_example_without_a_warning() {
    let assemblies = examples().into_iter().map(Assembly::of).collect::<Vec<_>>();
    let twins = tempfile::tempdir().unwrap();
    let mut lines = Vec::new();
    for assembly in &assemblies {
        lines.push(assembly.line(&["ls", "--long", "--json", "--show-dependencies"]));
        lines.push(assembly.line(&["synth"]));
        for (stack, yaml) in assembly.twins() {
            let twin = twins.path().join(format!("{}.yaml", lines.len()));
            lakelink::files::write(&twin, &yaml).unwrap();
            lines.push(assembly.line(&[
                "diff",
                "--exclusively",
                &stack,
                "--template",
                twin.to_str().unwrap(),
            ]));
        }
    }
    let before = assemblies.iter().map(Assembly::files).collect::<Vec<_>>();
    let mut said = cli(NEWEST, &lines).into_iter();
    for assembly in &assemblies {
        let name = assembly.rendered.integration.name.as_str();
        let Said { code, stdout, stderr } = said.next().unwrap();
        assert_eq!((code, stderr.as_str()), (0, ""), "{name}");
        check_list(assembly, &serde_json::from_str(&stdout).unwrap());
        let Said { code, stdout, stderr } = said.next().unwrap();
        let path = assembly.path();
        let is_quiet = stdout.is_empty()
            && stderr
                .starts_with(&format!("Successfully synthesized to {}\nSupply a stack id (", path.display()))
            && stderr.ends_with(") to display its template.\n")
            && stderr.lines().count() == 2;
        assert!(code == 0 && is_quiet, "{name}: {stdout}{stderr}");
        for (stack, _) in assembly.twins() {
            let Said { code, stdout, stderr } = said.next().unwrap();
            let head = format!("Stack {stack} (lakelink-{name}-{})", stack.split_once('/').unwrap().1);
            let same = format!(
                "{head}\nThere were no differences\n\n\n✨  Number of stacks with differences: 0\n\n"
            );
            assert_eq!((code, stdout.as_str(), stderr.as_str()), (0, "", same.as_str()), "{name}");
        }
    }
    assert_eq!(said.next(), None);
    assert_eq!(assemblies.iter().map(Assembly::files).collect::<Vec<_>>(), before, "it only reads");
}

/// Every stack is listed after all that go before it: roles, then in each Region the lake account, then Detective, then
/// consoles that read this lake.
fn check_list(assembly: &Assembly, list: &Value) {
    let integration = &assembly.rendered.integration;
    let mut seen = Vec::new();
    for entry in list.as_array().unwrap() {
        let (stack, physical) = entry["id"].as_str().unwrap().split_once(" (").unwrap();
        let (region, stem) = stack.split_once('/').unwrap();
        assert_eq!(physical, format!("lakelink-{}-{stem})", integration.name));
        let account =
            if stem.starts_with("lake") { &integration.lake.account } else { &integration.detective.account };
        assert_eq!(entry["environment"]["name"], format!("aws://{account}/{region}"));
        let pair = integration.regions.pairs().iter().find(|pair| pair.detective.as_str() == region);
        let lake = if stem == "detective-console" { pair.unwrap().lake.as_str() } else { region };
        let home = integration.regions.home().as_str();
        let before: &[&str] = match stem {
            "lake-roles" | "detective-roles" => &[],
            "lake-collection" => &["lake-roles", "detective-roles"],
            "lake" => &["lake-roles", "detective-roles", "lake-collection"],
            "detective" => &["lake-roles", "detective-roles", "lake-collection", "lake"],
            _ => &["lake-roles", "detective-roles", "lake-collection", "lake", "detective"],
        };
        let before = before.iter().map(|stem| match stem.strip_suffix("-roles") {
            Some(_) => format!("{home}/{stem}"),
            None => format!("{lake}/{stem}"),
        });
        let before = before.filter(|stack| assembly.stacks().contains(stack)).collect::<Vec<_>>();
        let id = |entry: &Value| entry["id"].as_str().unwrap().split(' ').next().unwrap().to_owned();
        let told = entry["dependencies"].as_array().unwrap().iter().map(id).collect::<Vec<_>>();
        assert_eq!(told, before, "{stack}");
        assert!(before.iter().all(|stack| seen.contains(stack)), "{stack} comes too early: {list:#}");
        seen.push(stack.to_owned());
    }
    let (mut listed, mut all) = (seen, assembly.stacks());
    listed.sort();
    all.sort();
    assert_eq!(listed, all);
}

#[test]
fn a_cli_of_2023_lists_every_example() {
    let assemblies = examples().into_iter().map(Assembly::of).collect::<Vec<_>>();
    let lines = assemblies.iter().map(|assembly| assembly.line(&["ls"])).collect::<Vec<_>>();
    for (assembly, said) in assemblies.iter().zip(cli(OF_2023, &lines)) {
        let (mut listed, mut all) =
            (said.stdout.lines().map(str::to_owned).collect::<Vec<_>>(), assembly.stacks());
        listed.sort();
        all.sort();
        assert_eq!((said.code, said.stderr.as_str(), listed), (0, "", all));
    }
}

#[test]
fn the_cli_bites() {
    let with = |from: &str, to: &str| {
        let assembly = Assembly::of(rendered("variant.yaml", &spec("", "", "")));
        let path = assembly.path().join("manifest.json");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        lakelink::files::write(&path, &text.replace(from, to)).unwrap();
        assembly
    };
    let newer = with("\"34.0.0\"", "\"36.0.0\"");
    let from_the_future = with("\"34.0.0\"", "\"99.0.0\"");
    let unknown = with("\"lakelink-variant-lake-us-east-1\": {", "\"other\": {");
    let list = |assembly: &Assembly| assembly.line(&["ls"]);
    let said = cli(NEWEST, &[list(&newer), list(&from_the_future), list(&unknown)]);
    assert_eq!(said[0].code, 0, "{said:#?}");
    assert!(said[1].code == 1 && said[1].stderr.contains("schema version"), "{said:#?}");
    assert!(said[2].code == 1 && said[2].stderr.contains("lakelink-variant-lake-us-east-1"), "{said:#?}");
    let said = cli(OF_2023, &[list(&newer)]);
    assert!(said[0].code == 1 && said[0].stderr.contains("schema version"), "{said:#?}");
}

/// A CLI takes a property that it does not know without a word.
#[test]
fn every_property_is_one_of_the_schema() {
    let schema =
        env::node_package("@aws-cdk/cloud-assembly-schema").join("schema/cloud-assembly.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(schema).unwrap()).unwrap();
    let known = |definition: &str, value: &Value| {
        let properties = schema["definitions"][definition]["properties"].as_object().unwrap();
        for key in value.as_object().unwrap().keys() {
            assert!(properties.contains_key(key), "{definition} has no `{key}`");
        }
    };
    for rendered in examples() {
        let mut manifest = Assembly::of(rendered).manifest();
        assert!(jsonschema::is_valid(&schema, &manifest), "{manifest:#}");
        let note = manifest.as_object_mut().unwrap().remove("note").unwrap();
        assert!(note.as_str().unwrap().starts_with("Generated by lakelink from "));
        known("AssemblyManifest", &manifest);
        for artifact in manifest["artifacts"].as_object().unwrap().values() {
            known("ArtifactManifest", artifact);
            known("AwsCloudFormationStackProperties", &artifact["properties"]);
        }
    }
}

#[test]
fn a_manifest_says_all_that_deploy_does() {
    let deploy = "deploy:
  lake: {role_arn: \"arn:aws:iam::111122223333:role/Deploy\"}
  detective:
    role_arn: \"arn:aws:iam::444455556666:role/Deploy\"
    admin_role_arn: \"arn:aws:iam::444455556666:role/Admin\"
    execution_role: \"arn:aws:iam::444455556666:role/cdk/Exec\"
    external_id: deploy-4711
tags: {team: security}
";
    let text = spec("  collection: {accounts: all}\n", "", deploy)
        .replace("[us-east-1]", "[us-east-1, {lake: us-east-1, detective: eu-west-1}]");
    let assembly = Assembly::of(rendered("variant.yaml", &text));
    let text = std::fs::read_to_string(assembly.path().join("manifest.json")).unwrap();
    insta::assert_snapshot!(text);
}

/// The CLI writes a template as YAML of its own before it compares its size with 50 KiB: with `outputs: cdk` that form must
/// keep the limit, too.
#[test]
fn the_largest_legal_templates_need_no_bucket() {
    let roles = |count: usize| {
        let name = |n: usize| format!("arn:aws:iam::444455556666:role/{n:02}{}", "a".repeat(62));
        (0..count).map(name).collect::<Vec<_>>()
    };
    let text = |count: usize, more: &str| {
        let sources = "  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]\n";
        spec_for(&roles(count), sources, "", &format!("{more}outputs: [cdk]\n"))
    };
    let function = "handoff: {acceptance: lambda}\n";
    let options = ["", function];
    let largest = |more: &str| {
        let is_legal = |count: &usize| checked("variant.yaml", &text(*count, more)).is_good();
        (1..).take_while(is_legal).last().unwrap()
    };
    let most = options.map(largest);
    let assemblies = [0, 1].map(|at| Assembly::of(rendered("variant.yaml", &text(most[at], options[at]))));
    let lines = assemblies.iter().map(|one| one.line(&["synth", "us-east-1/detective"])).collect::<Vec<_>>();
    let sizes = cli(NEWEST, &lines).into_iter().map(|said| said.stdout.len()).collect::<Vec<_>>();
    assert_eq!(most, [13, 10], "{sizes:?}");
    // A principal more, of some three thousand bytes, would be too much.
    assert!(sizes.iter().all(|size| (47_500..=51_200).contains(size)), "{sizes:?}");
    let problem = &checked("variant.yaml", &text(most[0] + 1, "")).problems[0];
    assert!(problem.message.contains(" bytes as the CDK CLI sends it, "), "{}", problem.message);
}
