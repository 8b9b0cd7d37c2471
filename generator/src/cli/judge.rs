//! What the rules find in specs and in templates, each finding with its places.

use std::collections::BTreeMap;

use memchr::memmem;

use crate::check::Places;
use crate::cli::findings::{Located, Spot};
use crate::model::{AcceptedFinding, Integration};
use crate::problem::SpecPath;
use crate::render::yaml;
use crate::review::rules::{self, Finding, Rule, Subject};
use crate::review::{self, Access, Account, Change, Place, Stack, Template};
use crate::stacks::{SetTemplate, StackTemplate};
use crate::vocab::{AccountId, Date, IntegrationName};

/// What a spec allows, and what the rules find in it.
pub(crate) struct Reviewed {
    pub(crate) name: IntegrationName,
    pub(crate) access: Access,
    pub(crate) findings: Vec<Located>,
    /// For changes of it, which are found later.
    pub(crate) origins: Option<Origins>,
    /// The templates that were given with it.
    pub(crate) given: Vec<String>,
}

/// The template of a stack as it is written to a file.
pub(crate) struct Written {
    pub(crate) file: String,
    pub(crate) text: String,
    /// Whether it was read from there.
    pub(crate) is_given: bool,
}

/// Where things of a spec stand, and which changes it accepts.
pub(crate) struct Origins {
    pub(crate) name: String,
    accepted: Vec<AcceptedFinding>,
    acceptances: Vec<Spot>,
    today: Date,
    /// The template of each stack.
    templates: BTreeMap<String, Written>,
    /// The key that a resource comes from, by stack and logical id.
    keys: BTreeMap<(String, String), Spot>,
    spec: Spot,
}

impl Origins {
    /// Marks the changes that the spec accepts; what it accepts in vain is found.
    pub(crate) fn accept(&self, changes: &mut [Change]) -> Vec<Located> {
        let is_its = |change: &&mut Change| {
            change.place().is_some_and(|place| place.integration.as_deref() == Some(&self.name))
        };
        let mut its = changes.iter_mut().filter(is_its).collect::<Vec<_>>();
        let stale = rules::accept_changes(&mut its, &self.accepted, &self.today);
        let stale = stale.into_iter().map(|(n, finding)| self.stale(n, finding));
        stale.collect()
    }

    fn stale(&self, n: usize, mut finding: Finding) -> Located {
        finding.place.integration = Some(self.name.clone());
        let spec = self.acceptances.get(n).cloned();
        Located { finding, spec, template: None }
    }

    /// A finding about a change, with its places as of now.
    pub(crate) fn locate(&self, finding: Finding) -> Located {
        let Place { stack, resource_id, .. } = &finding.place;
        let spec = self.keys.get(&(stack.clone(), resource_id.clone())).unwrap_or(&self.spec).clone();
        let template = self.templates.get(stack).and_then(|Written { file, text, .. }| {
            let line = Lines::of(text).line(&finding.place)?;
            Some(Spot { file: file.clone(), line: Some(line) })
        });
        Located { finding, spec: Some(spec), template }
    }
}

/// Where `generate` puts the template of a stack.
pub(crate) fn generated(integration: &str, stack: &str) -> String {
    format!("out/{integration}/{stack}.template.yaml")
}

impl AsRef<IntegrationName> for Reviewed {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

impl Reviewed {
    /// What the stacks of a spec allow, without a look at it: nobody is told what was wrong with another version.
    pub(crate) fn unjudged(integration: Integration, stacks: &[Stack], written: &[Written]) -> Self {
        let access = review::access_together(stacks);
        let given = given(written);
        Self { name: integration.name, access, findings: Vec::new(), origins: None, given }
    }

    /// Reviews the stacks of a spec. `written` are their templates, in the same order; they are kept if changes are to be
    /// placed.
    pub(crate) fn of(
        integration: Integration,
        stacks: &[Stack],
        written: Vec<Written>,
        places: &Places<'_>,
        today: &Date,
        for_changes: bool,
    ) -> Self {
        let access = review::access_together(stacks);
        let mut found = rules::judge(&Subject::new(stacks, &access.statements, Some(&integration)));
        let stale = rules::accept(&mut found, &integration.accepted, Some(today));
        let in_spec = |path: &SpecPath| {
            let (file, line) = places.of(path);
            Spot { file, line }
        };
        let lines = stacks
            .iter()
            .zip(&written)
            .map(|(stack, written)| (stack.name.as_str(), (written.file.as_str(), Lines::of(&written.text))));
        let lines = lines.collect::<BTreeMap<_, _>>();
        let mut findings = Vec::with_capacity(found.len() + stale.len());
        for finding in found {
            let template = lines.get(finding.place.stack.as_str()).map(|(file, lines)| Spot {
                file: (*file).to_owned(),
                line: finding.place.line.or_else(|| lines.line(&finding.place)),
            });
            let spec = Some(in_spec(&rules::origin(finding.rule, &finding.place, &integration)));
            findings.push(Located { finding, spec, template });
        }
        let accept = SpecPath::root().key("review").key("accept");
        let numbers = 0..integration.accepted.len();
        let mut origins = Origins {
            name: integration.name.to_string(),
            acceptances: numbers.map(|n| in_spec(&accept.item(n))).collect(),
            accepted: integration.accepted.clone(),
            today: today.clone(),
            templates: BTreeMap::new(),
            keys: BTreeMap::new(),
            spec: in_spec(&SpecPath::root()),
        };
        findings.extend(stale.into_iter().map(|(n, finding)| origins.stale(n, finding)));
        let given = given(&written);
        for (stack, written) in stacks.iter().zip(written).filter(|_| for_changes) {
            origins.templates.insert(stack.name.clone(), written);
            for resource in stack.template.resources() {
                let (stack, resource_id) = (stack.name.clone(), resource.id.clone());
                let place = Place { stack, resource_id, ..Place::default() };
                let key = in_spec(&rules::origin_of_change(&place, &integration));
                origins.keys.insert((place.stack, place.resource_id), key);
            }
        }
        Self { name: integration.name, access, findings, origins: Some(origins), given }
    }
}

fn given(written: &[Written]) -> Vec<String> {
    written.iter().filter(|one| one.is_given).map(|one| one.file.clone()).collect()
}

/// The stacks of a spec as the review reads them, each with its template as it is written to a file: those of the spec, and
/// what goes with its stack sets.
pub(crate) fn stacks_of(
    integration: &Integration,
    stacks: &[StackTemplate],
    sets: Vec<SetTemplate>,
) -> Vec<(Stack, String)> {
    let read = |name: String, account: &AccountId, template: &crate::template::Template| {
        Some(Stack {
            integration: Some(integration.name.to_string()),
            name,
            account: Account::Known(account.clone()),
            template: Template::ours(template)?,
        })
    };
    let of_spec = stacks.iter().filter_map(|stack| {
        let account = integration.account(stack.stack.side());
        Some((read(stack.stack.stem().to_owned(), account, &stack.template)?, stack.draft().to_owned()))
    });
    let others = sets.into_iter().filter(|_| integration.outputs.stack_sets).filter_map(
        |SetTemplate { stem, account, template }| {
            Some((read(format!("stack-sets/{stem}"), &account, &template)?, yaml::template(&template)))
        },
    );
    of_spec.chain(others).collect()
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

/// The lines of a template of ours: statements that were not read from text have no line of their own.
struct Lines<'a> {
    /// Where each resource begins: its line, from 1, and the text behind that up to what stands no further in.
    resources: BTreeMap<&'a str, (usize, &'a str)>,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        let mut resources = BTreeMap::new();
        // A resource stands two blanks in: the text is cut before each line that does.
        let starts = memmem::find_iter(text.as_bytes(), "\n  ").map(|at| at + 1);
        let starts = starts.filter(|start| !text[start + 2..].starts_with(' '));
        let (mut line, mut start) = (1, 0);
        for next in starts.chain([text.len()]) {
            let piece = &text[std::mem::replace(&mut start, next)..next];
            let (head, behind) = piece.split_once('\n').unwrap_or((piece, ""));
            if let Some(id) = head.strip_prefix("  ").and_then(|id| id.trim_end().strip_suffix(':')) {
                // Of two lines that look alike the first counts.
                resources.entry(id).or_insert((line, behind));
            }
            line += line_ends(piece);
        }
        Self { resources }
    }

    /// The line of a finding: of its statement, else of its resource. A statement begins with its Sid, as `render` puts it.
    fn line(&self, place: &Place) -> Option<usize> {
        let (line, behind) = *self.resources.get(place.resource_id.as_str())?;
        let statement = place.label.word().and_then(|word| {
            let sid = format!("- Sid: {word}");
            let is_whole = |at: &usize| {
                let (before, after) = (&behind[..*at], &behind[at + sid.len()..]);
                let before = before.trim_end_matches(' ');
                (before.is_empty() || before.ends_with('\n'))
                    && (after.is_empty() || after.starts_with(['\r', '\n']))
            };
            memmem::find_iter(behind.as_bytes(), &sid).find(is_whole)
        });
        Some(line + statement.map_or(0, |at| 1 + line_ends(&behind[..at])))
    }
}

fn line_ends(text: &str) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes()).count()
}
