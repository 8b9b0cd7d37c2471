//! Findings of a review: where they stand, how they look.

use anstyle::{AnsiColor, Style};

use crate::cli::terminal::{count, in_one_line};
use crate::review::rules::{Finding, Rule, Severity};
use crate::review::{Accepted, Change};

/// Where something stands.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Spot {
    pub(crate) file: String,
    /// From 1, where it is known.
    pub(crate) line: Option<usize>,
}

/// A finding with the places that it is shown at.
pub(crate) struct Located {
    pub(crate) finding: Finding,
    /// The key of the spec to change, where there is a spec.
    pub(crate) spec: Option<Spot>,
    /// The template; none for what is wrong with the spec itself.
    pub(crate) template: Option<Spot>,
}

pub(crate) const ARROW: Style = AnsiColor::BrightBlue.on_default().bold();

/// How many findings of these are open, at each severity and above.
pub(crate) fn open(findings: &[Located], least: Severity) -> usize {
    findings.iter().filter(|located| located.finding.is_open(least)).count()
}

/// The findings as people read them. Notes, and what is accepted, are counted only, unless all is asked for.
pub(crate) fn text(findings: &[Located], all: bool) -> String {
    let mut sorted = findings.iter().filter(|located| is_shown(&located.finding, all)).collect::<Vec<_>>();
    sorted.sort_by_key(|located| std::cmp::Reverse(located.finding.severity));
    sorted.into_iter().map(one).collect()
}

/// How many findings of each kind there are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    errors: usize,
    warnings: usize,
    notes: usize,
    accepted: usize,
    explained: usize,
}

impl Sums {
    /// Of findings, and of the changes that count as such.
    pub(crate) fn of(findings: &[Located], changes: &[Change]) -> Self {
        let mut sums = Self::default();
        for Located { finding, .. } in findings {
            *match (&finding.accepted, finding.severity) {
                (Some(Accepted::BySpec { .. }), _) => &mut sums.accepted,
                (Some(Accepted::ByTable(_)), _) => &mut sums.explained,
                (None, Severity::Error) => &mut sums.errors,
                (None, Severity::Warning) => &mut sums.warnings,
                (None, Severity::Note) => &mut sums.notes,
            } += 1;
        }
        let changed = |rule| changes.iter().filter(|one| one.is_open() && one.rule() == Some(rule)).count();
        sums.errors += changed("LL32");
        sums.warnings += changed("LL31");
        sums.accepted += changes.iter().filter(|one| one.accepted.is_some()).count();
        sums
    }

    /// Both together.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            notes: self.notes + other.notes,
            accepted: self.accepted + other.accepted,
            explained: self.explained + other.explained,
        }
    }

    /// In one line.
    pub(crate) fn words(self, all: bool) -> String {
        let (errors, warnings) = (count(self.errors, "error"), count(self.warnings, "warning"));
        let (notes, accepted, explained) = (count(self.notes, "note"), self.accepted, self.explained);
        let how = if all { "" } else { " (-v shows notes and what is accepted)" };
        format!(
            "{errors}, {warnings}, {notes}; {accepted} accepted, {explained} explained by the table of actions{how}"
        )
    }
}

/// Whether people are told of it.
pub(crate) fn is_shown(finding: &Finding, all: bool) -> bool {
    all || finding.is_open(Severity::Warning)
}

fn one(located: &Located) -> String {
    let Finding { rule, severity, place, message, .. } = &located.finding;
    let style = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Green,
    };
    let (style, bold) = (style.on_default().bold(), Style::new().bold());
    let mut text =
        format!("{style}{}[{}]{style:#}{bold}: {}{bold:#}\n", severity.word(), rule.id, in_one_line(message));
    let mut line = |mark: &str, words: String| {
        text.push_str(&format!(" {ARROW}{mark}{ARROW:#} {}\n", in_one_line(&words)));
    };
    let label = place.label.word().map(|word| format!("/{word}")).unwrap_or_default();
    let at = format!("{}/{}{label}", place.stack, place.resource_id);
    if let Some(spot) = &located.spec {
        let at = if located.template.is_none() { format!(" ({at})") } else { String::new() };
        line("-->", format!("{}{at}", shown(spot)));
    }
    if let Some(spot) = &located.template {
        line("-->", format!("{} ({at})", shown(spot)));
    }
    match &located.finding.accepted {
        Some(accepted) => line("  =", accepted.to_string()),
        None => {
            line("  =", format!("why: {}", rule.why));
            line("  =", format!("help: {}", rule.remedy));
        }
    }
    text.push('\n');
    text
}

pub(crate) fn shown(spot: &Spot) -> String {
    match spot.line {
        Some(line) => format!("{}:{line}", spot.file),
        None => spot.file.clone(),
    }
}

/// A finding as JSON.
pub(crate) fn json(located: &Located) -> serde_json::Value {
    let Finding { rule, severity, account, place, message, action, resource, accepted, .. } =
        &located.finding;
    serde_json::json!({
        "rule": rule.id,
        "name": rule.slug,
        "severity": severity.word(),
        "account": account.to_string(),
        "integration": place.integration,
        "stack": place.stack,
        "resource": place.resource_id,
        "statement": place.label.word(),
        "message": message,
        "about": { "action": action, "resource": resource },
        "help": rule.remedy,
        "spec": located.spec,
        "template": located.template,
        "accepted": accepted.as_ref().map(Accepted::row),
    })
}

/// A rule in words.
pub(crate) fn explained(rule: &Rule) -> String {
    let Rule { id, slug, severity, says, why, counterparts, remedy, .. } = rule;
    let others = if counterparts.is_empty() {
        "none of the known tools looks at it".to_owned()
    } else {
        counterparts.join("; ")
    };
    let accepted = accepted_how(rule);
    let spec = if rule.needs_spec() { "Needs a spec, and says nothing without one.\n" } else { "" };
    format!(
        "{id} {slug} ({})\n\n{}.\n\nWhy: {why}.\nWhat to do: {remedy}.\nOther tools: {others}.\nAccepting it: {accepted}.\n{spec}",
        severity.word(),
        capital(says)
    )
}

fn accepted_how(rule: &Rule) -> &'static str {
    use crate::review::rules::Acceptable;
    match rule.acceptance {
        Acceptable::Never => "only where a finding says that it is a lesser one",
        Acceptable::WithReason => "in the spec under `review.accept`, with a reason, an owner and a last day",
        Acceptable::ByTable => "not needed, the table of actions does",
    }
}

pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().collect::<String>());
    first.unwrap_or_default() + chars.as_str()
}

/// A rule as JSON.
pub(crate) fn explained_as_json(rule: &Rule) -> serde_json::Value {
    serde_json::json!({
        "id": rule.id,
        "name": rule.slug,
        "severity": rule.severity.word(),
        "says": rule.says,
        "why": rule.why,
        "counterparts": rule.counterparts,
        "help": rule.remedy,
        "needs_spec": rule.needs_spec(),
    })
}
