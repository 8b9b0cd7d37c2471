//! What the rules find in specs and in templates, each finding with its places.

use crate::check::Places;
use crate::cli::findings::{Located, Spot};
use crate::model::Integration;
use crate::problem::SpecPath;
use crate::review::rules::{self, Finding, Rule, Subject};
use crate::review::{self, Access, Account, Place, Stack, Template};
use crate::stacks::StackTemplate;
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
        let stale = rules::accept(&mut found, &integration.accepted, Some(today));
        let in_spec = |path: &SpecPath| {
            let (file, line) = places.of(path);
            Some(Spot { file, line })
        };
        let line_of = |finding: &Finding| {
            let at = stacks.iter().position(|stack| stack.name == finding.place.stack)?;
            line(texts.get(at)?, &finding.place)
        };
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

/// The stacks of a spec as the review sees them, each with its account.
pub(crate) fn stacks_of(integration: &Integration, stacks: &[StackTemplate]) -> Vec<Stack> {
    let read = |stack: &StackTemplate| {
        Some(Stack {
            integration: Some(integration.name.to_string()),
            name: stack.stack.stem().to_owned(),
            account: Account::Known(integration.account(stack.stack.side()).clone()),
            template: Template::ours(&stack.template)?,
        })
    };
    stacks.iter().filter_map(read).collect()
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

/// The line of a finding in a template of ours, whose statements were not read from text: of its statement, else of its
/// resource. It stands where `render` puts it: a resource two blanks in, a statement begins with its Sid.
fn line(text: &str, place: &Place) -> Option<usize> {
    let resource = format!("  {}:", place.resource_id);
    let mut lines = text.lines().enumerate().skip_while(|(_, line)| *line != resource);
    let (first, _) = lines.next()?;
    let sid = place.label.word().map(|word| format!("- Sid: {word}"));
    let is_within = |line: &str| line.is_empty() || line.starts_with("   ");
    let mut within = lines.take_while(|(_, line)| is_within(line));
    let statement = sid.and_then(|sid| within.find(|(_, line)| line.trim_start() == sid));
    Some(statement.map_or(first, |(n, _)| n) + 1)
}
