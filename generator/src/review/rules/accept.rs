//! Acceptances of the spec, applied.

use super::{Acceptable, Finding, Found, Look, Rule, ll33_stale_acceptance, of_change};
use crate::model::AcceptedFinding;
use crate::review::{Accepted, Account, Change, Label, Place};
use crate::vocab::Date;

/// Marks each finding that an acceptance is about, and finds every acceptance that holds for none: those are findings of
/// LL33, with the acceptance by its number in the spec. `today` is the day as of which acceptances hold; without one, none
/// has ended.
///
/// Acceptances of changes are only asked whether their day is over: the rest is for [`accept_changes`].
pub fn accept(
    findings: &mut [Finding],
    acceptances: &[AcceptedFinding],
    today: Option<&Date>,
) -> Vec<(usize, Finding)> {
    let here = |one: &AcceptedFinding| !is_of_change(one) || has_ended(one, today);
    apply_all(findings, acceptances, here, today)
}

/// The same for the changes of an integration since another version: marks them, and finds the acceptances of changes
/// that hold for none.
pub fn accept_changes(
    changes: &mut [&mut Change],
    acceptances: &[AcceptedFinding],
    today: &Date,
) -> Vec<(usize, Finding)> {
    let (numbers, mut findings): (Vec<_>, Vec<_>) =
        changes.iter().enumerate().filter_map(|(n, change)| Some((n, of_change(change)?))).unzip();
    let here = |one: &AcceptedFinding| is_of_change(one) && one.until >= *today;
    let stale = apply_all(&mut findings, acceptances, here, Some(today));
    for (n, finding) in numbers.into_iter().zip(findings) {
        changes[n].accepted = finding.accepted;
    }
    stale
}

fn is_of_change(acceptance: &AcceptedFinding) -> bool {
    Rule::find(acceptance.rule.as_str()).is_some_and(|rule| matches!(rule.look, Look::Compared))
}

fn has_ended(acceptance: &AcceptedFinding, today: Option<&Date>) -> bool {
    today.is_some_and(|today| acceptance.until < *today)
}

fn apply_all(
    findings: &mut [Finding],
    acceptances: &[AcceptedFinding],
    here: impl Fn(&AcceptedFinding) -> bool,
    today: Option<&Date>,
) -> Vec<(usize, Finding)> {
    let mut stale = Vec::new();
    for (n, acceptance) in acceptances.iter().enumerate().filter(|(_, one)| here(one)) {
        if let Err(why) = apply(findings, acceptance, today) {
            let mut found = Found::of(&ll33_stale_acceptance::RULE);
            found.push(Account::This, place(acceptance), why);
            stale.extend(found.into_findings().into_iter().map(|finding| (n, finding)));
        }
    }
    stale
}

fn apply(findings: &mut [Finding], acceptance: &AcceptedFinding, today: Option<&Date>) -> Result<(), String> {
    let id = acceptance.rule.as_str();
    let at = acceptance.at.as_str();
    let Some(rule) = Rule::find(id) else { return Err(format!("there is no rule `{id}`")) };
    if is_of_change(acceptance) && has_ended(acceptance, today) {
        return Err(format!("the acceptance of {id} at `{at}` ended on {}", acceptance.until.as_str()));
    }
    let fitting = findings.iter_mut().filter(|finding| is_about(acceptance, finding)).collect::<Vec<_>>();
    let count = fitting.len();
    let Ok([finding]) = <[&mut Finding; 1]>::try_from(fitting) else {
        return Err(match count {
            0 if rule.acceptance == Acceptable::Never => {
                format!("{id} finds nothing at `{at}`, and cannot be accepted")
            }
            0 => format!("{id} finds nothing at `{at}`"),
            _ => format!("{id} finds {count} things at `{at}`: say which by `action` and `resource`"),
        });
    };
    match finding.acceptable {
        Acceptable::Never => return Err(format!("{id} at `{at}` cannot be accepted: {}", rule.remedy)),
        Acceptable::ByTable => return Err(format!("{id} at `{at}` needs no acceptance")),
        Acceptable::WithReason => {}
    }
    if has_ended(acceptance, today) {
        return Err(format!("the acceptance of {id} at `{at}` ended on {}", acceptance.until.as_str()));
    }
    if finding.accepted.is_some() {
        return Err(format!("{id} at `{at}` is accepted twice"));
    }
    let (reason, owner, until) =
        (acceptance.reason.clone(), acceptance.owner.clone(), acceptance.until.clone());
    finding.accepted = Some(Accepted::BySpec { reason, owner, until });
    Ok(())
}

/// Whether an acceptance names the finding: its rule, its place and, where they are given, its action and resource.
fn is_about(acceptance: &AcceptedFinding, finding: &Finding) -> bool {
    let mut at = acceptance.at.as_str().splitn(3, '/');
    let place = &finding.place;
    let is_there = at.next() == Some(&place.stack) && at.next() == Some(&place.resource_id);
    let label = at.next();
    let is_labelled = label.is_none() || label == place.label.word().as_deref();
    let is = |wanted: &Option<String>, has: &Option<String>| wanted.is_none() || wanted == has;
    finding.rule.id == acceptance.rule.as_str()
        && is_there
        && is_labelled
        && is(&acceptance.action, &finding.action)
        && is(&acceptance.resource, &finding.resource)
}

fn place(acceptance: &AcceptedFinding) -> Place {
    let mut at = acceptance.at.as_str().splitn(3, '/').map(str::to_owned);
    let (stack, resource_id) = (at.next().unwrap_or_default(), at.next().unwrap_or_default());
    let label = match at.next() {
        None => Label::None,
        Some(label) => match label.strip_prefix('#').and_then(|index| index.parse().ok()) {
            Some(index) => Label::Index(index),
            None => Label::Sid(label),
        },
    };
    Place { integration: None, stack, resource_id, label, line: None }
}
