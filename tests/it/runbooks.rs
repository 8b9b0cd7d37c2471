//! What must hold for the run-book of every example and of many other specs, whatever deploys them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use lakelink::model::Integration;
use lakelink::render::runbook::runbook;
use regex_lite::Regex;

use crate::support::{examples, rendered};

/// What deploys, as which role.
const TOOLS: [(&str, &str, &str); 6] = [
    ("stacks", "", ""),
    ("git_sync", "Pipeline", "outputs: [templates, runbook, git_sync]"),
    ("cfct", "AWSControlTowerExecution", "outputs: [templates, runbook, cfct]"),
    ("by roles of one's own", "Sets", SELF_MANAGED),
    ("by made roles", "stacksets-exec-custom-sets", SERVICE_MANAGED),
    ("by AWS's role", "stacksets-exec-0123456789abcdef0123456789abcdef", SERVICE_MANAGED),
];
const SELF_MANAGED: &str = "rollout: {method: stack_sets, stack_sets: {permission_model: self_managed, administration_role: \"arn:aws:iam::999900001111:role/Administration\"}}\noutputs: [templates, runbook, stack_sets]";
const SERVICE_MANAGED: &str = "rollout: {method: stack_sets, stack_sets: {management_account: \"999900001111\", auto_deployment: true, organizational_units: {lake: ou-ab12-lake0000, detective: ou-ab12-detect00}}}\noutputs: [templates, runbook, stack_sets]";

/// How the share travels.
const HANDOFFS: [&str; 4] = [
    "acceptance: cli, share_arn: pinned, shares: SHARES",
    "acceptance: lambda, share_arn: pinned, shares: SHARES",
    "acceptance: organization, share_arn: pinned, shares: SHARES",
    "acceptance: lambda, share_arn: discover",
];

/// What else a spec may have: in the lake account, and whoever queries.
const REST: [(&str, &str); 4] = [
    ("subscriber: {external_id: 7f3c9a51-acme-detective}", "role/SecurityAnalyst"),
    ("subscriber: {external_id: 7f3c9a51-acme-detective}, collection: {accounts: all}", "user/irene"),
    ("subscriber: {existing: true}, collection: {accounts: all}", SET),
    ("subscriber: {existing: true}", "role/SecurityAnalyst"),
];
const SET: &str = "role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Hunter_0123456789abcdef";

/// The run-books, each with what it is of.
static ALL: LazyLock<Vec<(String, Integration, String)>> = LazyLock::new(|| {
    let written = |what: String, integration: Integration| {
        let text = runbook(&integration).unwrap();
        (what, integration, text)
    };
    let examples = examples().into_iter().map(|one| one.integration);
    let mut all = examples.map(|one| written(one.name.to_string(), one)).collect::<Vec<_>>();
    for (tool, role, outputs) in TOOLS {
        for (handoff, (lake, who)) in
            HANDOFFS.into_iter().flat_map(|handoff| REST.map(|rest| (handoff, rest)))
        {
            // Nobody accepts by the CLI between two sets of StackSets, and a function does not look for somebody else's.
            let is_refused = outputs.contains("stack_sets") && handoff.contains("cli")
                || lake.contains("existing") && handoff.contains("discover");
            if !is_refused {
                let integration = rendered("acme.yaml", &spec(role, outputs, handoff, lake, who)).integration;
                all.push(written(format!("{tool}: {handoff}; {lake}"), integration));
            }
        }
    }
    all
});

fn spec(role: &str, outputs: &str, handoff: &str, lake: &str, who: &str) -> String {
    let share = "{us-east-1: \"arn:aws:ram:us-east-1:111122223333:resource-share/12345678-1234-1234-1234-123456789012\"}";
    let role_of = |account: &str| format!("{{execution_role: \"arn:aws:iam::{account}:role/{role}\"}}");
    let deploy = if role.is_empty() {
        String::new()
    } else {
        format!("deploy: {{lake: {}, detective: {}}}", role_of("111122223333"), role_of("444455556666"))
    };
    format!(
        "name: acme\nregions: [us-east-1]\norganization: {{id: o-a1b2c3d4e5}}\nlake: {{account: \"111122223333\", {lake}}}\n\
         detective: {{account: \"444455556666\", principals: [\"arn:aws:iam::444455556666:{who}\"]}}\n\
         handoff: {{{}}}\n{deploy}\n{outputs}\n",
        handoff.replace("SHARES", share)
    )
}

/// The first group of a pattern, wherever it is found.
fn found<'a>(pattern: &str, text: &'a str) -> BTreeSet<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect()
}

#[test]
fn profiles_are_defined_where_they_are_used() {
    for (what, _, text) in ALL.iter() {
        let defined = found(r"(?m)^\[profile (\S+)\]$", text);
        let used = found(r"--profile ([a-z0-9-]+)", text);
        assert_eq!(defined, used, "{what}");
        assert!(defined.len() >= 3, "{defined:?}");
    }
}

#[test]
fn chapters_that_are_linked_are_there() {
    let mut links = 0;
    for (what, _, text) in ALL.iter() {
        let titles = found(r"(?m)^##+ (.+)$", text);
        let anchors = titles.iter().map(|title| title.to_lowercase().replace(' ', "-").replace(':', ""));
        let anchors = anchors.collect::<BTreeSet<_>>();
        for anchor in found(r"\]\(#([^)]+)\)", text) {
            assert!(anchors.contains(anchor), "{what}: {anchor}");
            links += 1;
        }
    }
    assert!(links >= 20, "{links}");
}

/// CloudFormation cannot be passed the execution roles of stack sets, so there are no commands that would try.
#[test]
fn what_is_in_stack_sets_is_deployed_in_no_other_way() {
    let mut seen = BTreeSet::new();
    for (what, integration, text) in ALL.iter() {
        let regional = "--template-file ((?:lake|detective)(?:-collection|-console)?[.]template[.]yaml)";
        let deleted = "delete-stack --stack-name (lakelink-[a-z0-9-]+-(?:lake|lake-collection|detective|detective-console))\\s";
        let is_in_sets = integration.set_owner().is_some();
        for commands in [found(regional, text), found(deleted, text)] {
            assert_eq!(commands.is_empty(), is_in_sets, "{what}: {commands:?}");
        }
        assert_eq!(text.contains("`service_role` to an ARN"), !text.contains("\n## Roll out by "), "{what}");
        seen.insert(is_in_sets);
    }
    assert_eq!(seen.len(), 2);
}

/// What stands in Deploy for a moment between two stacks of another tool, that tool's chapter sends for; and for nothing else.
#[test]
fn chapters_say_when_to_wait() {
    let mut seen = BTreeSet::new();
    for (what, _, text) in ALL.iter().filter(|(_, one, _)| one.set_owner().is_some()) {
        let deploy = section(text, "Deploy");
        let chapter = section(text, "Roll out by ");
        for (heading, words) in [
            (": the share\n", "share under Deploy"),
            (": the sources are collected\n", "sources are collected"),
        ] {
            let stands = deploy.contains(heading);
            assert_eq!(stands, chapter.contains(words), "{what}: {words} in {chapter}");
            seen.insert((heading, stands));
        }
        let says = deploy.contains("It says when to run what follows here.");
        assert_eq!(says, !found(r"\n### ([a-z]+(?:-[a-z]+)+-\d: )", deploy).is_empty(), "{what}");
    }
    assert_eq!(seen.len(), 4);
}

/// A chapter whose title begins like this.
fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("\n## {title}")).unwrap_or_else(|| panic!("no {title}"));
    rest.split_once("\n## ").map_or(rest, |(section, _)| section)
}
