//! Other people's judges on every template under `out/`: cfn-lint, checkov, cfn-guard, a YAML 1.1 and a YAML 1.2
//! reader. What they find must stand, with a reason, in `tests/judges/accepted.yaml`, and nothing else may.
//!
//! Each judge takes all files in one run (their start takes longer than their work), and for each a test on a
//! broken template proves that it bites.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::fs;
use std::path::{Path, PathBuf};

use lakelink::render::{json, yaml};
use lakelink::review::rules::RULES;
use lakelink::stacks::stack_set_templates;
use serde::Deserialize;
use serde_yaml::Value as Yaml;

use crate::env;
use crate::support::examples;

mod cdk;
mod opinions;
mod tools;

/// The names under which `accepted.yaml` knows the judges.
const JUDGES: [&str; 5] = ["cfn-lint", "checkov", "cfn-guard", "yaml11", "yaml12"];

/// One thing that a judge found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Finding {
    /// Path below the folder that was judged.
    template: String,
    rule: String,
    /// Logical id; empty for what stands outside the resources.
    resource: String,
    message: String,
}

impl Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}: {}", self.template, self.rule, self.resource, self.message)
    }
}

/// Both renderings of a template: its path below `out/`, YAML text, JSON text.
type Twin = (String, String, String);

/// One entry of `accepted.yaml`; in `template` and `resource` a `*` stands for any text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    judge: String,
    rule: String,
    template: String,
    resource: String,
    reason: String,
}

impl Accepted {
    fn covers(&self, finding: &Finding) -> bool {
        self.rule == finding.rule
            && matches(&self.template, &finding.template)
            && matches(&self.resource, &finding.resource)
    }
}

/// Whether `text` fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| matches(tail, &rest[at..]))
        }),
    }
}

fn accepted() -> Vec<Accepted> {
    let path = env::root().join("tests/judges/accepted.yaml");
    serde_yaml::from_str(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What is wrong between the findings of one judge and what is accepted of it.
fn verdict(judge: &str, findings: &[Finding], accepted: &[Accepted]) -> Vec<String> {
    let ours: Vec<_> = accepted.iter().filter(|entry| entry.judge == judge).collect();
    let new = findings.iter().filter(|finding| !ours.iter().any(|entry| entry.covers(finding)));
    let unused = ours.iter().filter(|entry| !findings.iter().any(|finding| entry.covers(finding)));
    new.map(|finding| format!("not accepted: {finding}"))
        .chain(unused.map(|entry| format!("accepted, but matches nothing: {entry:?}")))
        .collect()
}

/// Fails unless the findings are exactly what is accepted.
fn assert_accepted(judge: &str, findings: &[Finding]) {
    let wrong = verdict(judge, findings, &accepted());
    assert!(wrong.is_empty(), "{judge} and tests/judges/accepted.yaml disagree:\n{}", wrong.join("\n"));
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_yaml(path: &Path) -> Yaml {
    serde_yaml::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn out() -> PathBuf {
    env::root().join("out")
}

fn broken() -> PathBuf {
    env::root().join("tests/judges/broken")
}

/// `<spec>/<file>` of every commented template under `out/`, sorted; those in JSON say the same.
fn templates() -> Vec<String> {
    let entries = |dir: &Path| -> Vec<String> {
        let names = fs::read_dir(dir)
            .into_iter()
            .flatten()
            .map(|entry| entry.expect("a readable folder").file_name());
        names.map(|name| name.into_string().expect("a UTF-8 name")).collect()
    };
    let folders = entries(&out()).into_iter().flat_map(|name| [format!("{name}/stack-sets"), name]);
    let files = folders.flat_map(|folder| {
        entries(&out().join(&folder)).into_iter().map(move |file| format!("{folder}/{file}"))
    });
    let found: BTreeSet<_> = files.filter(|file| file.ends_with(".template.yaml")).collect();
    assert!(!found.is_empty(), "there is no template under {}; `cargo bless` makes them", out().display());
    found.into_iter().collect()
}

/// The specs in `examples/` that have a name (bases have none), by that name.
fn specs() -> BTreeMap<String, PathBuf> {
    let paths = fs::read_dir(env::root().join("examples"))
        .expect("examples/")
        .map(|entry| entry.expect("a file").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter_map(|path| Some((read_yaml(&path).get("name")?.as_str()?.to_owned(), path)))
        .collect()
}

/// A key of a spec, or of the last of its bases that has it: enough of `extends` for keys with scalars and lists.
fn spec_key(path: &Path, key: &str) -> Option<Yaml> {
    let spec = read_yaml(path);
    spec.get(key).cloned().or_else(|| {
        let bases = match spec.get("extends")? {
            Yaml::Sequence(bases) => bases.clone(),
            base => vec![base.clone()],
        };
        bases.iter().rev().find_map(|base| spec_key(&path.with_file_name(base.as_str()?), key))
    })
}

/// The Regions that a template is for, read from the spec and not from our own code, which might be wrong.
fn regions(template: &str, specs: &BTreeMap<String, PathBuf>) -> BTreeSet<String> {
    let (name, file) = template.split_once('/').expect("<spec>/<file>");
    let spec = specs.get(name).unwrap_or_else(|| panic!("no spec in examples/ is named {name}"));
    let pairs = spec_key(spec, "regions").unwrap_or_else(|| panic!("{name} has no regions"));
    let side = |side: &str| -> Vec<String> {
        let items = pairs.as_sequence().expect("regions is a list").iter();
        let named = items.filter_map(|item| {
            item.as_str().or_else(|| item.get(side).or_else(|| item.get("lake"))?.as_str())
        });
        named.map(ToOwned::to_owned).collect()
    };
    let (lake, detective) = (side("lake"), side("detective"));
    match file.trim_end_matches(".template.yaml") {
        stem if stem.ends_with("-roles") || stem.starts_with("stack-sets/") => {
            let home = spec_key(spec, "home_region").and_then(|home| home.as_str().map(ToOwned::to_owned));
            home.or_else(|| lake.first().cloned()).into_iter().collect()
        }
        "detective-console" => detective.into_iter().filter(|region| !lake.contains(region)).collect(),
        "lake" | "lake-collection" | "detective" => lake.into_iter().collect(),
        stack => panic!("for which Regions is {stack}?"),
    }
}

/// Both renderings of every template, as `generate` gives them.
fn twins() -> Vec<Twin> {
    let mut twins = Vec::new();
    for rendered in examples() {
        for stack in &rendered.stacks {
            let name = format!("{}/{}.template.yaml", rendered.integration.name, stack.stack.stem());
            twins.push((name, yaml::template(&stack.template), json::compact(&stack.template.sections())));
        }
        for set in stack_set_templates(&rendered.integration, &rendered.stacks).expect("no gap") {
            let name = format!("{}/stack-sets/{}.template.yaml", rendered.integration.name, set.stem);
            twins.push((name, yaml::template(&set.template), json::compact(&set.template.sections())));
        }
    }
    twins.sort();
    twins
}

/// What the judges say about every template under `out/`; each is run once, for all tests.
mod of_all {
    use std::sync::LazyLock;

    use super::{BTreeMap, Finding, out, regions, specs, templates, tools};

    /// Files that are for the same Regions go through cfn-lint together.
    pub(super) static CFN_LINT: LazyLock<Vec<Finding>> = LazyLock::new(|| {
        let specs = specs();
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for template in templates() {
            groups.entry(regions(&template, &specs)).or_default().push(template);
        }
        groups.iter().flat_map(|(regions, files)| tools::cfn_lint(&out(), files, regions)).collect()
    });
    /// See [`tools::checkov`].
    pub(super) static CHECKOV: LazyLock<(Vec<Finding>, u64, u64)> =
        LazyLock::new(|| tools::checkov(&out(), &templates()));
    /// See [`tools::guard`].
    pub(super) static GUARD: LazyLock<(Vec<Finding>, usize)> =
        LazyLock::new(|| tools::guard(&out(), &templates()));
}

#[test]
fn cfn_lint_finds_nothing_that_is_not_accepted() {
    assert_accepted("cfn-lint", &of_all::CFN_LINT);
}

#[test]
fn checkov_finds_nothing_that_is_not_accepted() {
    let files = templates();
    let (findings, checks, resources) = &*of_all::CHECKOV;
    let all = files
        .iter()
        .filter_map(|file| Some(read_yaml(&out().join(file)).get("Resources")?.as_mapping()?.len()));
    assert_eq!(*resources, all.sum::<usize>() as u64, "checkov has seen every resource of every template");
    assert!(*checks > 0, "checkov has checked something");
    assert_accepted("checkov", findings);
}

#[test]
fn cfn_guard_finds_nothing_that_is_not_accepted() {
    let (findings, judged) = &*of_all::GUARD;
    assert!(*judged > 0, "cfn-guard has judged something");
    assert_accepted("cfn-guard", findings);
}

#[test]
fn every_yaml_reader_sees_what_the_json_rendering_says() {
    let twins = twins();
    let names: Vec<_> = twins.iter().map(|(name, ..)| name.clone()).collect();
    assert_eq!(names, templates(), "every template has a twin");
    for (name, yaml, _) in &twins {
        assert!(
            *yaml == read(&out().join(name)),
            "out/{name} is not what is rendered; `cargo bless` renews it"
        );
    }
    assert_accepted("yaml11", &tools::yaml11(&twins));
    assert_accepted("yaml12", &tools::yaml12(&twins));
}

/// `file rule resource` of each finding.
fn bites(findings: &[Finding]) -> Vec<String> {
    let bite = |found: &Finding| format!("{} {} {}", found.template, found.rule, found.resource);
    findings.iter().map(bite).collect()
}

#[track_caller]
fn assert_bites(findings: &[Finding], expected: &[&str]) {
    let bites = bites(findings);
    for bite in expected {
        assert!(bites.iter().any(|found| found == bite), "{bite} is not among {bites:#?}");
    }
}

#[test]
fn cfn_lint_bites() {
    let files = ["property.template.yaml", "region.template.yaml"].map(str::to_owned);
    let bites_in =
        |region: &str| bites(&tools::cfn_lint(&broken(), &files, &BTreeSet::from([region.to_owned()])));
    let property = "property.template.yaml E3002 Parameter"; // although its `Metadata` says to ignore it
    assert_eq!(bites_in("us-east-1"), [property]);
    assert_eq!(bites_in("eu-south-1"), [property, "region.template.yaml E3006 Subscriber"]);
}

#[test]
fn checkov_bites() {
    let files = ["public.template.yaml", "unreadable.template.yaml"].map(str::to_owned);
    let (findings, checks, resources) = tools::checkov(&broken(), &files);
    let skipped = "public.template.yaml CKV_AWS_18 Bucket";
    let failed = "public.template.yaml CKV_AWS_20 Bucket";
    assert_bites(&findings, &[skipped, failed, "unreadable.template.yaml unreadable "]);
    assert!(checks > 0 && resources == 1, "{checks} checks of {resources} resources");
}

#[test]
fn cfn_guard_bites() {
    let (findings, _) = tools::guard(&broken(), &["public.template.yaml".to_owned()]);
    assert_bites(&findings, &["public.template.yaml CT.S3.PR.1 Bucket"]);
}

#[test]
fn the_yaml_readers_bite() {
    let text = |language: &str| read(&broken().join("yaml.template").with_added_extension(language));
    let twin = ("yaml".to_owned(), text("yaml"), text("json"));
    let (yaml11, yaml12) = (tools::yaml11(std::slice::from_ref(&twin)), tools::yaml12(&[twin]));
    assert_bites(&yaml11, &["yaml date ", "yaml bool Queue", "yaml key Queue"]);
    assert_bites(&yaml12, &["yaml number Queue"]);
}

/// Templates carry no suppressions of checkov and cfn-lint. One would come from an acceptance in the spec, and only where a
/// counterpart of the accepted rule fires: what these judges find in what is rendered here has no counterpart among
/// our rules. Once this fails, there is one to write into `Metadata`.
#[test]
fn no_rule_of_ours_has_a_counterpart_that_fires() {
    let counterparts = RULES.iter().flat_map(|rule| rule.counterparts.iter().copied()).collect::<Vec<_>>();
    let ids =
        counterparts.iter().flat_map(|counterpart| counterpart_ids(counterpart)).collect::<BTreeSet<_>>();
    assert!(
        ["CKV_AWS_19", "CKV_AWS_54", "CKV_AWS_111", "W3037", "I3510"].iter().all(|id| ids.contains(*id)),
        "{ids:?}"
    );
    let fired =
        accepted().into_iter().filter(|entry| ["checkov", "cfn-lint"].contains(&entry.judge.as_str()));
    for entry in fired {
        assert!(
            !ids.contains(&entry.rule),
            "a suppression of {} at {} could be generated",
            entry.rule,
            entry.resource
        );
    }
}

/// The ids in a counterpart: `checkov CKV_AWS_53 to CKV_AWS_56 for the flags only`.
fn counterpart_ids(counterpart: &str) -> Vec<String> {
    let words = counterpart.split([' ', ',', ':']).collect::<Vec<_>>();
    let number = |id: &str| id.rsplit_once('_').and_then(|(_, number)| number.parse::<u32>().ok());
    let range = words.windows(3).find_map(|words| match words {
        [from, "to", to] => Some((number(from)?..=number(to)?).map(|n| format!("CKV_AWS_{n}")).collect()),
        _ => None,
    });
    range.unwrap_or_else(|| words.iter().map(|word| (*word).to_owned()).collect())
}

#[test]
fn acceptance_is_exact() {
    let finding = |template: &str, resource: &str| Finding {
        template: template.to_owned(),
        rule: "R1".to_owned(),
        resource: resource.to_owned(),
        message: String::new(),
    };
    let entry = |judge: &str, template: &str, resource: &str| Accepted {
        judge: judge.to_owned(),
        rule: "R1".to_owned(),
        template: template.to_owned(),
        resource: resource.to_owned(),
        reason: String::new(),
    };
    let found = [finding("acme/lake.template.yaml", "Role"), finding("acme/lake.template.yaml", "Key")];
    let accepted = [entry("cfn-lint", "*/lake.template.yaml", "R*"), entry("checkov", "*", "*")];
    assert_eq!(verdict("checkov", &found, &accepted), [""; 0]);
    let [new] = &verdict("cfn-lint", &found, &accepted)[..] else { panic!("one is not covered") };
    assert!(new.starts_with("not accepted: acme/lake.template.yaml: R1 Key"), "{new}");
    let [unused] = &verdict("checkov", &[], &accepted)[..] else { panic!("one covers nothing") };
    assert!(unused.starts_with("accepted, but matches nothing"), "{unused}");
}

#[test]
fn every_acceptance_names_a_judge_and_a_reason() {
    for entry in accepted() {
        assert!(JUDGES.contains(&entry.judge.as_str()), "no judge has this name: {entry:?}");
        assert!(entry.reason.trim().len() >= 20, "at least 20 characters of why: {entry:?}");
    }
}
