//! A change of a statement: which words of it changed, and how.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::parts::{Part, Said, Words};
use super::words::shown_guard;
use super::{Change, Kind};
use crate::review::{Condition, Scope, Statement};

/// The change that a part is. Its words are those of the statement of before, if `is_before`, else of now.
pub(super) fn change(
    kind: Kind,
    before: Option<&Said>,
    after: Option<&Said>,
    part: &Part,
    is_before: bool,
) -> Change {
    let own = |said: Option<&Said>, is_own: bool| {
        let statement = said.map(|said| &said.statement)?;
        Some(if is_own { cut(statement, &part.words) } else { statement.clone() })
    };
    let (mut before, mut after) = (own(before, is_before), own(after, !is_before));
    let what = match (&before, &after) {
        (Some(before), Some(after)) => differences(before, after),
        _ => Vec::new(),
    };
    // Of the other statement, what is about the same.
    match (&mut before, &mut after) {
        (Some(before), Some(after)) if is_before => narrow(after, before),
        (Some(before), Some(after)) => narrow(before, after),
        _ => {}
    }
    Change {
        kind,
        before: before.into_iter().collect(),
        after: after.into_iter().collect(),
        what,
        unread: None,
        accepted: None,
    }
}

/// What is lost and what is gained on the same, as one change.
pub(super) fn sideways<'a>(
    lost: impl Iterator<Item = (&'a Said, &'a Part)>,
    gained: (&Said, &Part),
) -> Change {
    let cut = |(said, part): (&Said, &Part)| cut(&said.statement, &part.words);
    let (before, after) = (lost.map(cut).collect::<Vec<_>>(), cut(gained));
    let what = before.iter().flat_map(|before| differences(before, &after)).collect::<BTreeSet<_>>();
    Change {
        kind: Kind::NotComparable,
        before,
        after: vec![after],
        what: what.into_iter().collect(),
        unread: None,
        accepted: None,
    }
}

/// A statement with these of its words.
fn cut(statement: &Statement, words: &Words) -> Statement {
    Statement {
        principals: chosen(&statement.principals, &words.who),
        actions: chosen(&statement.actions, &words.actions),
        resources: chosen(&statement.resources, &words.resources),
        ..statement.clone()
    }
}

fn chosen<T: Clone + Ord>(scope: &Scope<T>, numbers: &[usize]) -> Scope<T> {
    match scope {
        Scope::Only(items) => {
            let items = items.iter().enumerate().filter(|(number, _)| numbers.contains(number));
            Scope::Only(items.map(|(_, item)| item.clone()).collect())
        }
        rest => rest.clone(),
    }
}

/// Leaves out of a statement what another one names and it does, too, but for that: in lists that share items, the rest.
fn narrow(statement: &mut Statement, to: &Statement) {
    statement.principals = shared(&statement.principals, &to.principals);
    statement.actions = shared(&statement.actions, &to.actions);
    statement.resources = shared(&statement.resources, &to.resources);
}

fn shared<T: Clone + Ord>(scope: &Scope<T>, other: &Scope<T>) -> Scope<T> {
    match (scope, other) {
        (Scope::Only(items), Scope::Only(others)) if others.is_subset(items) => Scope::Only(others.clone()),
        _ => scope.clone(),
    }
}

/// What is different between two statements about the same.
fn differences(before: &Statement, after: &Statement) -> Vec<String> {
    let mut what = Vec::new();
    for (word, old, new) in [
        ("principal", each(&before.principals), each(&after.principals)),
        ("action", each(&before.actions), each(&after.actions)),
        ("resource", each(&before.resources), each(&after.resources)),
    ] {
        let (old, new) = (old.into_iter().collect::<BTreeSet<_>>(), new.into_iter().collect::<BTreeSet<_>>());
        if !old.is_subset(&new) && !new.is_subset(&old) {
            let list = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
                one.difference(other).cloned().collect::<Vec<_>>().join(", ")
            };
            what.push(format!("{word} {} instead of {}", list(&new, &old), list(&old, &new)));
        }
    }
    conditions(before, after, &mut what);
    let name = |guard: &crate::review::Guard| (guard.name.clone(), guard.holds);
    let names = |one: &Statement| one.only_if.iter().map(name).collect::<BTreeSet<_>>();
    let (old, new) = (names(before), names(after));
    for guard in before.only_if.difference(&after.only_if) {
        if new.contains(&name(guard)) {
            what.push(format!("the template's {} means something else", guard.name));
        } else {
            what.push(format!("no longer only if {}", shown_guard(guard)));
        }
    }
    let added = after.only_if.difference(&before.only_if).filter(|guard| !old.contains(&name(guard)));
    what.extend(added.map(|guard| format!("now only if {}", shown_guard(guard))));
    if what.is_empty() {
        what.push("another statement takes away less or more than before".to_owned());
    }
    what
}

fn conditions(before: &Statement, after: &Statement, what: &mut Vec<String>) {
    let mut new = after.conditions.difference(&before.conditions).collect::<Vec<_>>();
    let is_alike = |one: &Condition, other: &Condition| one.key.eq_ignore_ascii_case(&other.key);
    for old in before.conditions.difference(&after.conditions) {
        match new.iter().position(|new| is_alike(old, new)) {
            Some(at) => {
                let new = new.remove(at);
                if new.values == old.values {
                    what.push(format!(
                        "condition {} {}: {} instead of {}",
                        new.key,
                        values(new),
                        new.operator,
                        old.operator
                    ));
                } else if new.operator == old.operator {
                    what.push(format!(
                        "condition {} {}: {} instead of {}",
                        new.operator,
                        new.key,
                        values(new),
                        values(old)
                    ));
                } else {
                    what.push(format!("condition {new} instead of {old}"));
                }
            }
            None => what.push(format!("condition dropped: {old}")),
        }
    }
    what.extend(new.into_iter().map(|new| format!("condition added: {new}")));
}

fn values(condition: &Condition) -> String {
    condition.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

/// The words of a list, `all but …` for the rest.
pub(super) fn each<T: Ord + Display>(scope: &Scope<T>) -> Vec<String> {
    let named = scope.named().iter().map(T::to_string).collect::<Vec<_>>();
    match scope {
        Scope::Only(_) => named,
        Scope::AllBut(_) => vec![format!("all but {}", named.join(", "))],
    }
}

/// Changes of one statement for several choices of the deployment, such as Regions, as one.
pub(super) fn gathered(changes: Vec<Change>) -> Vec<Change> {
    let mut done: Vec<Change> = Vec::new();
    for change in changes {
        match done.iter_mut().find(|known| is_one(known, &change)) {
            Some(known) => {
                add(&mut known.before, change.before);
                add(&mut known.after, change.after);
            }
            None => done.push(change),
        }
    }
    done
}

fn is_one(one: &Change, other: &Change) -> bool {
    let alike = |one: &[Statement], other: &[Statement]| match (one.first(), other.first()) {
        (Some(one), Some(other)) => {
            one.place == other.place
                && one.account == other.account
                && one.via == other.via
                && one.effect == other.effect
                && one.principals == other.principals
                && one.actions == other.actions
                && one.conditions == other.conditions
                && one.only_if == other.only_if
        }
        (None, None) => true,
        _ => false,
    };
    let both = !one.told().is_empty() && one.kind == other.kind && one.what == other.what;
    both && alike(&one.before, &other.before) && alike(&one.after, &other.after)
}

fn add(to: &mut Vec<Statement>, more: Vec<Statement>) {
    for one in more {
        if !to.contains(&one) {
            to.push(one);
        }
    }
}
