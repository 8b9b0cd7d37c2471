//! What the rules find in specs and in templates, each finding with its places.

use std::collections::BTreeMap;

use crate::check::Places;
use crate::cli::findings::{Located, Spot};
use crate::model::Integration;
use crate::problem::SpecPath;
use crate::review::rules::{self, Finding, Rule, Subject};
use crate::review::{self, Access, Label, Stack, Template};
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
        let mut lines = Lines::new(stacks, texts);
        let mut findings = Vec::with_capacity(found.len() + stale.len());
        for finding in found {
            let stem = &finding.place.stack;
            let file = format!("out/{}/{stem}.template.yaml", integration.name);
            let template = Some(Spot { file, line: lines.of(&finding) });
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

/// Lines in templates of ours, which are rendered without any: found in the text where a finding asks for them.
struct Lines<'a> {
    stacks: &'a [Stack],
    texts: &'a [String],
    known: BTreeMap<&'a str, Option<Known>>,
}

/// The lines of a template.
struct Known {
    template: Template,
    statements: BTreeMap<(String, Label), usize>,
}

impl<'a> Lines<'a> {
    fn new(stacks: &'a [Stack], texts: &'a [String]) -> Self {
        Self { stacks, texts, known: BTreeMap::new() }
    }

    fn of(&mut self, finding: &Finding) -> Option<usize> {
        let place = &finding.place;
        let (n, stack) = self.stacks.iter().enumerate().find(|(_, stack)| stack.name == place.stack)?;
        let text = self.texts.get(n)?;
        let known = self.known.entry(&stack.name).or_insert_with(|| Known::of(stack, text)).as_ref()?;
        let statement = known.statements.get(&(place.resource_id.clone(), place.label.clone()));
        statement.copied().or_else(|| known.template.resource(&place.resource_id)?.line)
    }
}

impl Known {
    fn of(stack: &Stack, text: &str) -> Option<Self> {
        let template = review::scan(text.as_bytes()).template()?;
        let read = Stack { template: template.clone(), ..stack.clone() };
        let statements = review::access(&read).statements.into_iter().rev();
        let statements =
            statements.filter_map(|one| Some(((one.place.resource_id, one.place.label), one.place.line?)));
        let statements = statements.collect();
        Some(Self { template, statements })
    }
}
