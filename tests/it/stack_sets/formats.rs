//! Files for other programs against their formats. No package has a schema of Git sync's or of CfCT's; ours are in
//! `tests/fixtures/rollout`.

use std::path::{Path, PathBuf};

use lakelink::files::documents_in;
use lakelink::render::{cfct, git_sync, json, stack_sets};
use serde_json::Value;

use crate::env;
use crate::support::{examples, lakelink, rendered, spec};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// What a schema of ours finds in a YAML text.
fn errors(schema: &str, text: &str) -> Vec<String> {
    let schema =
        serde_json::from_str(&read(&env::root().join("tests/fixtures/rollout").join(schema))).unwrap();
    let document = serde_yaml::from_str::<Value>(text).unwrap();
    let validator = jsonschema::draft7::new(&schema).unwrap();
    validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The folders of this name under `out/`.
fn folders(name: &str) -> Vec<PathBuf> {
    let out = std::fs::read_dir(env::root().join("out")).unwrap();
    let folders = out.map(|entry| entry.unwrap().path().join(name)).filter(|path| path.is_dir());
    let folders = folders.collect::<Vec<_>>();
    assert!(!folders.is_empty(), "no {name}");
    folders
}

#[test]
fn deployment_files_are_what_git_sync_reads() {
    for file in folders("git-sync").iter().flat_map(|folder| documents_in(folder).unwrap()) {
        let text = read(&file);
        assert_eq!(errors("git-sync.schema.json", &text), Vec::<String>::new(), "{}", file.display());
        let named =
            serde_yaml::from_str::<Value>(&text).unwrap()["template-file-path"].as_str().unwrap().to_owned();
        assert!(env::root().join(&named).is_file(), "{named}");
    }
    // Another folder is named by them, and by the run-book.
    let copy = tempfile::tempdir().unwrap();
    let spec_file = env::root().join("examples/pinned.yaml");
    let at = |out: &str| {
        let arguments = ["generate", spec_file.to_str().unwrap(), "--out", out];
        assert_eq!(lakelink(copy.path(), &arguments).code, 0);
        let folder = copy.path().join(out).join("pinned");
        let file = read(&folder.join("git-sync/eu-central-1/lake.yaml"));
        (file, read(&folder.join("RUNBOOK.md")))
    };
    let (file, runbook) = at("./cloud/formation");
    assert!(file.contains("\ntemplate-file-path: cloud/formation/pinned/lake.template.yaml\n"), "{file}");
    assert!(runbook.contains(" --config-file cloud/formation/pinned/git-sync/eu-central-1/lake.yaml "));
    assert!(!runbook.contains("out/pinned"), "{runbook}");
    let absolute = copy.path().join("elsewhere");
    assert!(
        at(absolute.to_str().unwrap()).0.contains("\ntemplate-file-path: out/pinned/lake.template.yaml\n")
    );
    // Values are texts, whatever they look like.
    let pinned = rendered("variant.yaml", &spec("", "", "tags: {cost-center: \"4711\", on: \"true\"}\n"));
    for (file, text) in git_sync::files(&pinned.integration) {
        assert_eq!(errors("git-sync.schema.json", &text), Vec::<String>::new(), "{file}: {text}");
    }
    assert_eq!(errors("git-sync.schema.json", "template-file-path: a.yaml\ntags: {a: 4711}\n").len(), 1);
    assert_eq!(errors("git-sync.schema.json", "tags: {}\n").len(), 1);
}

/// The example pins its shares; here the manifest hands them over.
#[test]
fn a_manifest_is_what_cfct_reads() {
    for file in folders("cfct").iter().map(|folder| folder.join("manifest.yaml")) {
        assert_manifest(&read(&file), |template| file.with_file_name(template).is_file());
    }
    let text = spec("  collection: {accounts: all}\n", "", "handoff: {acceptance: lambda}\n").replace(
        "regions: [us-east-1]\n",
        "regions: [us-east-1, eu-west-1, {lake: us-east-1, detective: eu-south-1}]\nhome_region: eu-west-1\n",
    );
    let rendered = rendered("variant.yaml", &text);
    let files = cfct::files(&rendered.integration, &rendered.stacks);
    let (_, manifest) = &files[0];
    assert_manifest(manifest, |template| files.iter().any(|(file, _)| *file == format!("cfct/{template}")));
    insta::assert_snapshot!("cfct_manifest", manifest);
    let wrong = manifest.replace("deploy_method: stack_set", "deploy_method: scp");
    assert!(!errors("cfct-manifest-v2.schema.json", &wrong).is_empty());
}

fn assert_manifest(text: &str, is_there: impl Fn(&str) -> bool) {
    assert_eq!(errors("cfct-manifest-v2.schema.json", text), Vec::<String>::new(), "{text}");
    assert!(text.contains("\nversion: 2021-03-15\n"), "a date, no text");
    let manifest = serde_yaml::from_str::<Value>(text).unwrap();
    let entries = manifest["resources"].as_array().unwrap();
    let mut exported = Vec::new();
    let mut names = Vec::new();
    for entry in entries {
        assert!(is_there(entry["resource_file"].as_str().unwrap()), "{entry}");
        names.push(entry["name"].as_str().unwrap());
        // What a stack reads was exported by one before it.
        for parameter in entry["parameters"].as_array().into_iter().flatten() {
            let value = parameter["parameter_value"].as_str().unwrap();
            assert!(exported.iter().any(|name| value == format!("$[alfred_ssm_{name}]")), "{value}");
        }
        let outputs = entry["export_outputs"].as_array().into_iter().flatten();
        exported.extend(outputs.map(|output| output["name"].as_str().unwrap().to_owned()));
    }
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "a name is one stack set");
}

/// The templates in JSON say what the commented ones say.
#[test]
fn json_twins_are_the_templates() {
    let mut seen = 0;
    for example in examples() {
        let name = example.integration.name.as_str();
        for written in &example.stacks {
            let twin = json::pretty(&written.template.sections());
            for folder in ["stack-sets", "cfct/templates"] {
                let path = env::root().join("out").join(name).join(folder);
                let path = path.join(format!("{}.template.json", written.stack.stem()));
                if path.is_file() {
                    assert_eq!(read(&path), twin, "{}", path.display());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen >= 6, "{seen}");
}

/// A parent makes all sets at once, of roles that are there: not where the lake set comes before the shares, nor where a
/// set is given its role.
#[test]
fn a_parent_names_each_template_where_there_can_be_one() {
    let parent = |file: &str, change: &dyn Fn(&str) -> String| {
        let text = change(&read(&env::root().join("examples").join(file)));
        let spec = rendered(file, &text);
        let files = stack_sets::files(&spec.integration, &spec.stacks).unwrap();
        let found = files.into_iter().find(|(file, _)| file == "stack-sets/stack-sets.template.yaml");
        (found.map(|(_, text)| text), spec.integration.stack_set_list())
    };
    let as_it_is = |text: &str| text.to_owned();
    let pinned = |text: &str| {
        let share = |region| {
            format!(
                "{region}: \"arn:aws:ram:{region}:303030303030:resource-share/547af5e8-efd6-55a2-b761-2e023ceda487\""
            )
        };
        let shares = ["us-east-1", "us-west-2"].map(share).join(", ");
        text.replace("share_arn: discover", &format!("share_arn: pinned\n  shares: {{{shares}}}"))
    };
    let own_role = |text: &str| text.replace("exec-custom-lakelink", &format!("exec-{}", "0".repeat(32)));
    assert_eq!(parent("self-managed.yaml", &pinned).0, None);
    assert_eq!(parent("service-managed.yaml", &as_it_is).0, None);
    for (text, sets) in [parent("self-managed.yaml", &as_it_is), parent("service-managed.yaml", &own_role)] {
        let text = text.unwrap();
        for set in sets {
            let url = format!("TemplateURL: !Sub ${{TemplateLocation}}/{}.template.json", set.stack.stem());
            assert!(text.contains(&url) && text.contains(&format!("StackSetName: {}\n", set.name)), "{text}");
        }
    }
}
