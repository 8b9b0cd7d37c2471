//! What the rules find in specs and in templates, each finding with its places.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

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
pub(crate) struct Written<'a> {
    pub(crate) file: String,
    pub(crate) text: Text<'a>,
}

/// The text of a template.
#[derive(Clone, Copy)]
pub(crate) enum Text<'a> {
    /// Read from its file.
    Given(&'a str),
    /// Of a stack, as it would be written.
    Stack(&'a StackTemplate),
    /// Of what goes with stack sets, as it would be written.
    Set(&'a SetTemplate),
}

impl<'a> Text<'a> {
    /// All of it.
    pub(crate) fn whole(self) -> Cow<'a, str> {
        match self {
            Self::Given(text) => text.into(),
            Self::Stack(stack) => stack.yaml().into(),
            Self::Set(set) => yaml::template(&set.template).into(),
        }
    }

    /// The lines, but for the digest: written now if they are not read from a file.
    fn lines(self) -> Cow<'a, str> {
        match self {
            Self::Given(text) => text.into(),
            Self::Stack(stack) => stack.draft().into(),
            Self::Set(set) => yaml::draft(&set.template).into(),
        }
    }
}

/// Which places in templates somebody will see: to find them, templates have to be written.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    /// Whether that of a finding is seen.
    pub(crate) of_finding: &'a (dyn Fn(&Finding) -> bool + Sync),
    /// What of changes, which are found later.
    pub(crate) of_changes: OfChanges,
}

/// What is seen of the places of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OfChanges {
    Nothing,
    /// The keys of the spec that they come from.
    Keys,
    /// These, and the lines of the templates.
    KeysAndLines,
}

/// Where things of a spec stand, and which changes it accepts.
pub(crate) struct Origins {
    pub(crate) name: String,
    accepted: Vec<AcceptedFinding>,
    acceptances: Vec<Spot>,
    today: Date,
    /// The file and the lines of the template of each stack, where somebody wants them.
    templates: BTreeMap<String, (String, String)>,
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
        let template = self.templates.get(stack).and_then(|(file, text)| {
            let line = Lines::of(text.into()).line(&finding.place)?;
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
    pub(crate) fn unjudged(integration: Integration, stacks: &[Stack], written: &[Written<'_>]) -> Self {
        let access = review::access_together(stacks);
        let given = given(written);
        Self { name: integration.name, access, findings: Vec::new(), origins: None, given }
    }

    /// Reviews the stacks of a spec. `written` are their templates, in the same order.
    pub(crate) fn of(
        integration: Integration,
        stacks: &[Stack],
        written: &[Written<'_>],
        places: &Places<'_>,
        today: &Date,
        wanted: Wanted<'_>,
    ) -> Self {
        let access = review::access_together(stacks);
        let mut found = rules::judge(&Subject::new(stacks, &access.statements, Some(&integration)));
        let stale = rules::accept(&mut found, &integration.accepted, Some(today));
        let in_spec = |path: &SpecPath| {
            let (file, line) = places.of(path);
            Spot { file, line }
        };
        let of_stack = stacks.iter().zip(written);
        let of_stack = of_stack.map(|(stack, written)| (stack.name.as_str(), (written, OnceCell::new())));
        let of_stack = of_stack.collect::<BTreeMap<_, _>>();
        let mut findings = Vec::with_capacity(found.len() + stale.len());
        for finding in found {
            let template = of_stack.get(finding.place.stack.as_str()).map(|(written, lines)| {
                let line = || lines.get_or_init(|| Lines::of(written.text.lines())).line(&finding.place);
                let is_wanted = (wanted.of_finding)(&finding);
                let line = finding.place.line.or_else(|| is_wanted.then(line).flatten());
                Spot { file: written.file.clone(), line }
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
        let seen =
            |least: OfChanges| wanted.of_changes == least || wanted.of_changes == OfChanges::KeysAndLines;
        for (stack, written) in stacks.iter().zip(written).filter(|_| seen(OfChanges::Keys)) {
            if seen(OfChanges::KeysAndLines) {
                let text = (written.file.clone(), written.text.lines().into_owned());
                origins.templates.insert(stack.name.clone(), text);
            }
            for resource in stack.template.resources() {
                let (stack, resource_id) = (stack.name.clone(), resource.id.clone());
                let place = Place { stack, resource_id, ..Place::default() };
                let key = in_spec(&rules::origin_of_change(&place, &integration));
                origins.keys.insert((place.stack, place.resource_id), key);
            }
        }
        Self { name: integration.name, access, findings, origins: Some(origins), given: given(written) }
    }
}

fn given(written: &[Written<'_>]) -> Vec<String> {
    let given = written.iter().filter(|one| matches!(one.text, Text::Given(_)));
    given.map(|one| one.file.clone()).collect()
}

/// The stacks of a spec as the review reads them, each with the text of its template: those of the spec, and what goes with its
/// stack sets.
pub(crate) fn stacks_of<'a>(
    integration: &Integration,
    stacks: &'a [StackTemplate],
    sets: &'a [SetTemplate],
) -> Vec<(Stack, Text<'a>)> {
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
        Some((read(stack.stack.stem().to_owned(), account, &stack.template)?, Text::Stack(stack)))
    });
    let others = sets.iter().filter(|_| integration.outputs.stack_sets);
    let others = others.filter_map(|set| {
        Some((read(format!("stack-sets/{}", set.stem), &set.account, &set.template)?, Text::Set(set)))
    });
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
    text: Cow<'a, str>,
    /// Where each resource begins: its line, from 1, and where the text behind that is, up to what stands no further in.
    resources: BTreeMap<String, (usize, Range<usize>)>,
}

impl<'a> Lines<'a> {
    fn of(text: Cow<'a, str>) -> Self {
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
                resources.entry(id.to_owned()).or_insert((line, next - behind.len()..next));
            }
            line += line_ends(piece);
        }
        Self { text, resources }
    }

    /// The line of a finding: of its statement, else of its resource. A statement begins with its Sid, as `render` puts it.
    fn line(&self, place: &Place) -> Option<usize> {
        let (line, behind) = self.resources.get(&place.resource_id)?;
        let behind = &self.text[behind.clone()];
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
