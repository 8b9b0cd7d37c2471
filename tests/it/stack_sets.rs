//! StackSets, Git sync and Customizations for Control Tower: what goes into a stack set can be deployed by one, whatever
//! the spec; what is written for other programs is what they take.

mod access;
mod commands;
mod files;
mod formats;

use std::collections::BTreeSet;

use lakelink::check::Rendered;
use lakelink::model::Side;
use lakelink::model::rollout::StackSet;
use lakelink::render::json;
use lakelink::template::{Section, Template};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value};

use crate::limits::COMMERCIAL;
use crate::support::{checked, principal};

/// Lake Regions, with a home Region among them or not.
const REGIONS: [&str; 4] = ["eu-central-1", "eu-west-1", "us-east-1", "ap-southeast-2"];
/// Regions with a console apart.
const CONSOLES: [&str; 2] = ["af-south-1", "me-south-1"];

const LAKE: &str = "111122223333";
const DETECTIVE: &str = "444455556666";

/// Everything of a spec that reaches a template of a set, at random.
#[derive(Clone, Debug)]
struct Choices {
    regions: Vec<&'static str>,
    consoles: Vec<&'static str>,
    home: Option<&'static str>,
    sources: Vec<&'static str>,
    principals: Vec<String>,
    collection: &'static str,
    is_existing: bool,
    detective: Vec<&'static str>,
    results: &'static str,
    is_pinned: bool,
    is_accepted_by_organization: bool,
    is_self_managed: bool,
    tags: &'static str,
}

fn choices() -> impl Strategy<Value = Choices> {
    let places = (
        subsequence(REGIONS.to_vec(), 1..=4).prop_shuffle(),
        subsequence(CONSOLES.to_vec(), 0..=2),
        select(vec![None, Some("eu-west-1"), Some("us-east-1")]),
    );
    let lake = (
        subsequence(vec!["eks_audit", "waf", "route53", "s3_data"], 0..=4),
        select(vec!["", "  collection: {accounts: all}\n", "  collection: {accounts: ['777788889999']}\n"]),
        any::<bool>(),
    );
    let detective = (
        prop::collection::btree_set(principal(), 1..4),
        subsequence(
            vec![
                "attach_policy: roles",
                "workgroup: none",
                "queries: false",
                "crawler: evidence",
                "lake_formation: {grant_on: link}",
            ],
            0..=5,
        ),
        select(vec![
            "",
            "encryption: kms",
            "break_glass: ['arn:aws:iam::444455556666:role/Glass']",
            "own",
            "theirs",
        ]),
    );
    let handoff = (any::<bool>(), any::<bool>(), any::<bool>(), select(vec!["", "tags: {team: a}\n"]));
    (places, lake, detective, handoff).prop_map(|(places, lake, detective, handoff)| {
        let (is_pinned, is_accepted_by_organization, is_self_managed, tags) = handoff;
        // What only goes with pinned shares.
        let is_pinned = is_pinned || lake.2 || is_accepted_by_organization;
        Choices {
            consoles: if is_pinned { places.1 } else { Vec::new() },
            regions: places.0,
            home: places.2,
            sources: lake.0,
            collection: lake.1,
            is_existing: lake.2,
            principals: detective.0.into_iter().collect(),
            detective: detective.1,
            results: detective.2,
            is_pinned,
            is_accepted_by_organization,
            is_self_managed,
            tags,
        }
    })
}

impl Choices {
    fn per_region(&self, value: impl Fn(&str) -> String) -> String {
        let entries = self.regions.iter().map(|region| format!("{region}: '{}'", value(region)));
        format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
    }

    fn results(&self) -> String {
        let key = |region: &str| {
            format!("arn:aws:kms:{region}:{DETECTIVE}:key/1234abcd-12ab-34cd-56ef-1234567890ab")
        };
        match self.results {
            "" => String::new(),
            "own" => format!("  results: {{encryption: {}}}\n", self.per_region(key)),
            "theirs" => format!(
                "  results: {{bucket: {}, encryption: {}}}\n",
                self.per_region(|region| format!("house-{region}")),
                self.per_region(key),
            ),
            other => format!("  results: {{{other}}}\n"),
        }
    }

    fn spec(&self) -> String {
        let consoles = self
            .consoles
            .iter()
            .map(|console| format!("{{lake: {}, detective: {console}}}", self.regions[0]));
        let regions =
            self.regions.iter().map(ToString::to_string).chain(consoles).collect::<Vec<_>>().join(", ");
        let home = self.home.map(|home| format!("home_region: {home}\n")).unwrap_or_default();
        let sources = [vec!["cloud_trail_mgmt", "vpc_flow"], self.sources.clone()].concat().join(", ");
        let subscriber =
            if self.is_existing { "existing: true" } else { "external_id: 7f3c9a51-random-detective" };
        let principals = self.principals.iter().map(|arn| format!("    - {arn}\n")).collect::<String>();
        let detective = self.detective.iter().map(|line| format!("  {line}\n")).collect::<String>();
        let share = |region: &str| {
            format!("arn:aws:ram:{region}:{LAKE}:resource-share/8d1d1aef-db53-5851-a125-0c6f2ff85521")
        };
        let acceptance = if self.is_accepted_by_organization { "organization" } else { "lambda" };
        let share = if self.is_pinned {
            format!("share_arn: pinned, shares: {}", self.per_region(share))
        } else {
            "share_arn: discover".to_owned()
        };
        let lake_role =
            format!("  lake: {{execution_role: 'arn:aws:iam::{LAKE}:role/stacksets-exec-custom-ours'}}\n");
        let lake_role =
            if self.is_existing && self.collection.is_empty() { String::new() } else { lake_role };
        let sets = if self.is_self_managed {
            "{permission_model: self_managed, administration_role: 'arn:aws:iam::777788889999:role/a/Administration'}"
        } else {
            "{management_account: '999999999999', auto_deployment: true, organizational_units: {lake: ou-ab12-cdefghij, detective: ou-ab12-klmnopqr}}"
        };
        format!(
            "name: random\nregions: [{regions}]\n{home}organization: {{id: o-a1b2c3d4e5}}\n\
             lake:\n  account: '{LAKE}'\n  sources: [{sources}]\n  subscriber: {{{subscriber}}}\n{}\
             detective:\n  account: '{DETECTIVE}'\n  principals:\n{principals}{detective}{}\
             handoff: {{{share}, acceptance: {acceptance}}}\n\
             deploy:\n{lake_role}  detective: {{execution_role: 'arn:aws:iam::{DETECTIVE}:role/stacksets-exec-custom-ours'}}\n\
             rollout:\n  method: stack_sets\n  stack_sets: {sets}\noutputs: [stack_sets]\n{}",
            self.collection,
            self.results(),
            self.tags,
        )
    }
}

/// The document of a template by its sections.
fn document(template: &Template) -> Map<String, Value> {
    let sections: Vec<Section> = template.sections();
    serde_json::from_str(&json::compact(&sections)).unwrap()
}

/// Every text of a value that does not stand under a key of principals, and every key.
fn texts<'a>(value: &'a Value, texts: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| self::texts(item, texts)),
        Value::Object(entries) => {
            entries.iter().filter(|(key, _)| !is_of_principals(key)).for_each(|(key, value)| {
                texts.push(key);
                self::texts(value, texts);
            })
        }
        _ => {}
    }
}

fn is_of_principals(key: &str) -> bool {
    ["Principal", "aws:PrincipalArn", "SubscriberIdentity", "DataLakePrincipal"].contains(&key)
}

/// What keeps a template from being deployed by a stack set into any account and Region of it: macros, nested stacks, and
/// what is true in one place only.
fn wrong_for_a_set(template: &Template, account: &str, regions: &[&str]) -> Vec<String> {
    let document = document(template);
    let known = [
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Mappings",
        "Conditions",
        "Resources",
        "Outputs",
    ];
    let mut wrong = Vec::new();
    wrong.extend(document.keys().filter(|key| !known.contains(&key.as_str())).cloned());
    for resource in document["Resources"].as_object().unwrap().values() {
        let kind = resource["Type"].as_str().unwrap();
        if kind.starts_with("AWS::CloudFormation::") || kind.ends_with("::MODULE") {
            wrong.push(kind.to_owned());
        }
    }
    for (section, value) in document.iter().filter(|(section, _)| *section != "Mappings") {
        let mut found = Vec::new();
        texts(value, &mut found);
        for text in found {
            let is_macro =
                ["Fn::Transform", "Fn::ForEach", "AWS::Include"].iter().any(|word| text.starts_with(word));
            let is_here = text.contains(account)
                || regions
                    .iter()
                    .any(|region| text.contains(region) || text.contains(&region.replace('-', "_")));
            if is_macro || is_here {
                wrong.push(format!("{section}: {text}"));
            }
        }
    }
    wrong
}

/// What is wrong with the list of sets.
fn wrong_sets(rendered: &Rendered, sets: &[StackSet]) -> Vec<String> {
    let integration = &rendered.integration;
    let mut wrong = Vec::new();
    let regional =
        rendered.stacks.iter().filter(|written| !written.stack.is_roles()).map(|written| written.stack);
    if sets.iter().map(|set| set.stack).collect::<BTreeSet<_>>() != regional.collect() {
        wrong.push("each Regional stack has its set".to_owned());
    }
    for (n, set) in sets.iter().enumerate() {
        let is_home_first = !set.regions.contains(&integration.regions.home())
            || set.regions[0] == integration.regions.home();
        let are_all =
            set.regions.iter().collect::<BTreeSet<_>>() == integration.regions_of(set.stack).iter().collect();
        let before = n.checked_sub(1).map(|before| &sets[before]);
        let is_after = set.after.as_ref() == before.map(|before| &before.name);
        let is_lake_first =
            set.stack.side() == Side::Detective || sets[..n].iter().all(|set| set.stack.side() == Side::Lake);
        if !(is_home_first && are_all && is_after && is_lake_first && set.capabilities().is_empty()) {
            wrong.push(format!("{set:?}"));
        }
    }
    wrong
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_into_a_set_can_be_deployed_by_one(choices in choices()) {
        let checked = checked("random.yaml", &choices.spec());
        let errors = checked.problems.iter().filter(|problem| problem.severity() == lakelink::problem::Severity::Error);
        // Names that IAM takes for one, and a principal that would deploy.
        let errors = errors.filter(|problem| !["LS045", "LS090"].contains(&problem.code.id())).collect::<Vec<_>>();
        prop_assert!(errors.is_empty(), "{errors:?}\n{}", choices.spec());
        let Some(rendered) = checked.rendered else { return Ok(()) };
        let sets = rendered.integration.stack_set_list();
        prop_assert_eq!(wrong_sets(&rendered, &sets), Vec::<String>::new());
        let regions = [choices.regions, choices.consoles].concat();
        for set in sets {
            let written = rendered.stacks.iter().find(|written| written.stack == set.stack).unwrap();
            let is_iam = |resource: &&lakelink::template::Resource| resource.kind.as_str().starts_with("AWS::IAM::");
            prop_assert!(written.template.resources().find(is_iam).is_none(), "a set needs no capability");
            let wrong = wrong_for_a_set(&written.template, set.account.as_str(), &regions);
            prop_assert!(wrong.is_empty(), "{}: {wrong:#?}", set.name);
        }
    }
}

/// The roles of stack sets grow with the Regions, like the others: what is too large is refused.
#[test]
fn a_role_that_would_be_too_large_is_refused() {
    let text = format!(
        "name: abcdefghijklmnopqrst\nregions: [{}]\nlake:\n  account: '{LAKE}'\n  subscriber: {{external_id: {}}}\n\
         detective:\n  account: '{DETECTIVE}'\n  principals: ['arn:aws:iam::{DETECTIVE}:role/One']\n  \
         results: {{encryption: kms}}\n  crawler: evidence\nhandoff: {{share_arn: discover, acceptance: lambda}}\ndeploy:\n  \
         role_path: /{}/\n  lake: {{execution_role: 'arn:aws:iam::{LAKE}:role/x'}}\n  \
         detective: {{execution_role: 'arn:aws:iam::{DETECTIVE}:role/x'}}\nrollout:\n  stack_sets:\n    \
         {{permission_model: self_managed, administration_role: 'arn:aws:iam::777788889999:role/y'}}\noutputs: [stack_sets]\n",
        COMMERCIAL.join(", "),
        "x".repeat(64),
        ["p".repeat(64), "p".repeat(64), "p".repeat(64)].join("/"),
    );
    let checked = checked("large.yaml", &text);
    for problem in &checked.problems {
        assert_eq!(problem.code.id(), "LS090", "{problem:?}");
    }
    let Some(rendered) = checked.rendered else { return };
    for (file, text) in lakelink::render::stack_sets::files(&rendered.integration, &rendered.stacks).unwrap()
    {
        let most = if file.ends_with(".template.json") { 1_000_000 } else { 51_200 };
        assert!(text.len() <= most, "{file}: {}", text.len());
    }
}
