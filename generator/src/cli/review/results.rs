//! What is open, as CI wants it: findings and changes alike, most severe first, each with a fingerprint.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::All;
use super::repository::Repository;
use crate::cli::Stop;
use crate::cli::findings::{Located, Spot};
use crate::cli::terminal::{count, in_one_line};
use crate::review::rules::{self, Finding, Rule, Severity};
use crate::review::{Change, Place};

/// How much of a message is kept; a principal or a resource may be of any length.
const MAX_MESSAGE: usize = 1_000;

/// Something open.
pub(super) struct Outcome {
    pub(super) rule: &'static Rule,
    pub(super) severity: Severity,
    /// One line.
    pub(super) message: String,
    /// STACK/ID/SID.
    pub(super) at: String,
    /// What to change: the key of the spec, else the template.
    pub(super) spot: Spot,
    /// The template, where that is not what to change.
    pub(super) template: Option<Spot>,
    /// What it is known by when lines move: no other result of the run has the same.
    pub(super) fingerprint: String,
}

/// Open findings and changes, with paths from the root of the repository.
pub(super) fn of(all: &All, changes: &[Change]) -> Result<Vec<Outcome>, Stop> {
    let repository = Repository::here().map_err(Stop::Output)?;
    let changes = changes.iter().filter_map(rules::of_change).map(|finding| all.locate(finding));
    let changes = changes.collect::<Vec<_>>();
    let open = all.findings.iter().chain(&changes).filter(|one| one.finding.is_open(Severity::Note));
    let mut open = open.map(|one| outcome(one, &repository)).collect::<Vec<_>>();
    open.sort_by(|(_, one), (_, other)| order(one).cmp(&order(other)));
    mark(&mut open);
    Ok(open.into_iter().map(|(_, outcome)| outcome).collect())
}

/// One line of sums.
pub(super) fn summary(open: &[Outcome]) -> String {
    let number = |severity| open.iter().filter(|one| one.severity == severity).count();
    let [errors, warnings, notes] =
        [Severity::Error, Severity::Warning, Severity::Note].map(|one| count(number(one), one.word()));
    format!("{errors}, {warnings}, {notes} open")
}

fn order(one: &Outcome) -> impl Ord + '_ {
    (Reverse(one.severity), &one.spot.file, one.spot.line, one.rule.id, &one.at, &one.message)
}

/// A finding, with what it is about.
fn outcome(located: &Located, repository: &Repository) -> (Vec<String>, Outcome) {
    let Finding { rule, severity, place, message, action, resource, .. } = &located.finding;
    let from_root = |spot: &Spot| Spot { file: repository.path(&spot.file), line: spot.line };
    let mut spots = located.spec.iter().chain(&located.template).map(from_root);
    let nowhere = || Spot { file: place.stack.clone(), line: None };
    let spot = spots.next().unwrap_or_else(nowhere);
    let Place { integration, stack, resource_id, label, .. } = place;
    // What rows call a template depends on the arguments, its path does not.
    let whose = integration.as_ref().map_or_else(|| spot.file.clone(), |name| format!("{name}/{stack}"));
    let label = label.word().unwrap_or_default();
    let thing = [action, resource].map(|word| word.clone().unwrap_or_default()).join("\n");
    let identity = vec![rule.id.to_owned(), whose, resource_id.clone(), label, thing];
    let outcome = Outcome {
        rule,
        severity: *severity,
        message: cut(&in_one_line(message)),
        at: in_one_line(&place.to_string()),
        template: spots.next(),
        spot,
        fingerprint: String::new(),
    };
    (identity, outcome)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_MESSAGE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Gives each its fingerprint. Lines are no part of it; the message only where two are about the same; their order where
/// they say the same as well.
fn mark(open: &mut [(Vec<String>, Outcome)]) {
    let mut times = BTreeMap::<Vec<String>, usize>::new();
    for (identity, _) in &*open {
        *times.entry(identity.clone()).or_default() += 1;
    }
    let mut seen = BTreeMap::<Vec<String>, usize>::new();
    for (identity, outcome) in open {
        if times.get(identity).is_some_and(|times| *times > 1) {
            identity.push(outcome.message.clone());
        }
        let digest = Sha256::digest(identity.join("\0"));
        let digest = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        let number = seen.entry(identity.clone()).or_default();
        *number += 1;
        outcome.fingerprint = format!("{digest}:{number}");
    }
}

impl All {
    /// A finding about a change, with its places as of now.
    pub(super) fn locate(&self, finding: Finding) -> Located {
        let name = finding.place.integration.as_ref();
        if let Some(spec) = self.origins.iter().find(|spec| Some(&spec.name) == name) {
            return spec.locate(finding);
        }
        let line = finding.place.line;
        let template = self.files.get(&finding.place.stack).map(|file| Spot { file: file.clone(), line });
        Located { finding, spec: None, template }
    }
}
