//! What must hold for the run-book of every example, whatever deploys it.

use std::collections::BTreeSet;

use lakelink::model::Integration;
use regex_lite::Regex;

use crate::env;
use crate::support::examples;

fn runbooks() -> Vec<(Integration, String)> {
    let read = |integration: Integration| {
        let path = env::root().join("out").join(integration.name.as_str()).join("RUNBOOK.md");
        let text = std::fs::read_to_string(path).unwrap();
        (integration, text)
    };
    examples().into_iter().map(|example| read(example.integration)).collect()
}

/// The first group of a pattern, wherever it is found.
fn found<'a>(pattern: &str, text: &'a str) -> BTreeSet<&'a str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect()
}

#[test]
fn profiles_are_defined_where_they_are_used() {
    for (integration, text) in runbooks() {
        let defined = found(r"(?m)^\[profile (\S+)\]$", &text);
        let used = found(r"--profile ([a-z0-9-]+)", &text);
        assert_eq!(defined, used, "{}", integration.name);
        assert!(defined.len() >= 3, "{defined:?}");
    }
}

#[test]
fn chapters_that_are_linked_are_there() {
    let mut links = 0;
    for (integration, text) in runbooks() {
        let titles = found(r"(?m)^##+ (.+)$", &text);
        let anchors = titles.iter().map(|title| title.to_lowercase().replace(' ', "-").replace(':', ""));
        let anchors = anchors.collect::<BTreeSet<_>>();
        for anchor in found(r"\]\(#([^)]+)\)", &text) {
            assert!(anchors.contains(anchor), "{}: {anchor}", integration.name);
            links += 1;
        }
    }
    assert!(links >= 4, "{links}");
}

/// The execution roles of stack sets let nobody else be them, so there are no commands that would try.
#[test]
fn what_is_in_stack_sets_is_deployed_in_no_other_way() {
    let mut seen = BTreeSet::new();
    for (integration, text) in runbooks() {
        let regional =
            found(r"--template-file ((?:lake|detective)(?:-collection|-console)?\.template\.yaml)", &text);
        let is_in_sets = integration.set_owner().is_some();
        assert_eq!(regional.is_empty(), is_in_sets, "{}: {regional:?}", integration.name);
        assert_eq!(text.contains(": remove the Detective stack"), !is_in_sets, "{}", integration.name);
        seen.insert(is_in_sets);
    }
    assert_eq!(seen.len(), 2);
}
