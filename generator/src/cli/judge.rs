//! What the rules find in specs and in templates, each finding with its places.

use std::collections::BTreeMap;

use crate::check::Places;
use crate::cli::findings::{Located, Spot};
use crate::model::Integration;
use crate::problem::SpecPath;
use crate::review::rules::{self, Finding, Rule, Subject};
use crate::review::{self, Access, Place, Stack};
use crate::vocab::{Date, IntegrationName};

/// What a spec allows, and what the rules find in it.
pub(crate) struct Reviewed {
    name: IntegrationName,
    pub(crate) access: Access,
    pub(crate) findings: Vec<Located>,
}

impl AsRef<IntegrationName> for Reviewed {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

impl Reviewed {
    /// What the stacks of a spec allow, without a look at it: nobody is told what was wrong with another version.
    pub(crate) fn unjudged(integration: Integration, stacks: &[Stack]) -> Self {
        let access = review::access_together(stacks);
        Self { name: integration.name, access, findings: Vec::new() }
    }

    /// Reviews the stacks of a spec. `texts` are their templates as they are written to files, in the same order.
    pub(crate) fn of(
        integration: Integration,
        stacks: &[Stack],
        texts: &[String],
        places: &Places<'_>,
        today: &Date,
    ) -> Self {
        let access = review::access_together(stacks);
        let mut found = rules::judge(&Subject::new(stacks, &access.statements, Some(&integration)));
        let stale = rules::accept(&mut found, &integration.accepted, today);
        let in_spec = |path: &SpecPath| {
            let (file, line) = places.of(path);
            Some(Spot { file, line })
        };
        let texts =
            stacks.iter().map(|stack| stack.name.as_str()).zip(texts.iter().map(|text| Lines::of(text)));
        let texts = texts.collect::<BTreeMap<_, _>>();
        let line_of = |finding: &Finding| texts.get(finding.place.stack.as_str())?.line(&finding.place);
        let mut findings = Vec::with_capacity(found.len() + stale.len());
        for finding in found {
            let stem = &finding.place.stack;
            let file = format!("out/{}/{stem}.template.yaml", integration.name);
            let template = Some(Spot { file, line: line_of(&finding) });
            let spec = in_spec(&rules::origin(&finding, &integration));
            findings.push(Located { finding, spec, template });
        }
        let accept = SpecPath::root().key("review").key("accept");
        findings.extend(stale.into_iter().map(|(n, mut finding)| {
            finding.place.integration = Some(integration.name.to_string());
            Located { finding, spec: in_spec(&accept.item(n)), template: None }
        }));
        Self { name: integration.name, access, findings }
    }
}

/// What the rules find in a template by itself.
pub(crate) fn template(stack: &Stack, file: &str) -> (Access, Vec<Located>) {
    let stacks = std::slice::from_ref(stack);
    let access = review::access_together(stacks);
    let found = rules::judge(&Subject::new(stacks, &access.statements, None));
    let located = found.into_iter().map(|finding| {
        let line = finding.place.line;
        Located { finding, spec: None, template: Some(Spot { file: file.to_owned(), line }) }
    });
    let located = located.collect();
    (access, located)
}

/// The rules that look at nothing without a spec.
pub(crate) fn not_looked_at() -> Vec<&'static str> {
    rules::RULES.iter().filter(|rule| rule.needs_spec()).map(|rule: &&Rule| rule.id).collect()
}

/// The lines of a template of ours, whose statements were not read from text.
struct Lines<'a> {
    lines: Vec<&'a str>,
    /// Where each resource begins.
    resources: BTreeMap<&'a str, usize>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let lines = text.lines().collect::<Vec<_>>();
        // Backwards: of two lines that look alike the first counts.
        let heads = lines.iter().enumerate().rev().filter_map(|(n, line)| {
            let id = line.strip_prefix("  ")?.strip_suffix(':')?;
            Some((id, n))
        });
        let resources = heads.collect();
        Self { lines, resources }
    }

    /// The line of a finding: of its statement, else of its resource. It stands where `render` puts it: a resource two
    /// blanks in, a statement begins with its Sid.
    fn line(&self, place: &Place) -> Option<usize> {
        let first = *self.resources.get(place.resource_id.as_str())?;
        let sid = place.label.word().map(|word| format!("- Sid: {word}"));
        let is_within = |line: &&&str| line.is_empty() || line.starts_with("   ");
        let mut within = self.lines[first + 1..].iter().take_while(is_within);
        let statement = sid.and_then(|sid| within.position(|line| line.trim_start() == sid));
        Some(statement.map_or(first, |n| first + 1 + n) + 1)
    }
}
