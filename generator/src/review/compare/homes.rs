//! Which stack of one version is which of the other, so that what stands in another file now is not new.

use std::collections::{BTreeMap, BTreeSet};

use super::Borrowed;
use super::symbols::Home;
use crate::review::{Account, Statement};

/// A stack by its integration and its name.
type Name<'a> = (Option<&'a str>, &'a str);

/// The stacks of two versions.
pub(super) struct Homes<'a> {
    before: BTreeMap<Name<'a>, Home>,
    after: BTreeMap<Name<'a>, Home>,
}

fn name(statement: &Statement) -> Name<'_> {
    (statement.place.integration.as_deref(), &statement.place.stack)
}

/// Whether both say the same, wherever they stand.
pub(super) fn is_same(one: &Statement, other: &Statement) -> bool {
    // What a spec allows that is as it was stands in one place.
    std::ptr::eq(one, other)
        || one.account == other.account
            && one.via == other.via
            && one.effect == other.effect
            && one.principals == other.principals
            && one.actions == other.actions
            && one.resources == other.resources
            && one.conditions == other.conditions
            && one.only_if == other.only_if
}

impl<'a> Homes<'a> {
    /// Pairs stacks by name. One that is gone and one that is new are the same if at least half of what the new one says is
    /// what the other said: a file with another name.
    pub(super) fn of(before: &Borrowed<'a>, after: &Borrowed<'a>) -> Self {
        let by_name = |access: &Borrowed<'a>| {
            let mut stacks: BTreeMap<Name<'a>, Vec<String>> = BTreeMap::new();
            for &statement in &access.statements {
                let Statement {
                    account,
                    via,
                    effect,
                    principals,
                    actions,
                    resources,
                    conditions,
                    only_if,
                    ..
                } = statement;
                let said = format!(
                    "{account:?}{via:?}{effect:?}{principals:?}{actions:?}{resources:?}{conditions:?}{only_if:?}"
                );
                stacks.entry(name(statement)).or_default().push(said);
            }
            stacks
        };
        let names = |access: &Borrowed<'a>| {
            let mut names = access.statements.iter().copied().map(name).collect::<Vec<_>>();
            // The statements of a stack stand together.
            names.dedup();
            names.into_iter().collect::<BTreeSet<_>>()
        };
        let (old, new) = (names(before), names(after));
        let mut homes = Self { before: BTreeMap::new(), after: BTreeMap::new() };
        for (home, name) in old.iter().enumerate() {
            homes.before.insert(*name, home);
        }
        let mut next = old.len();
        let is_moved =
            old.iter().any(|name| !new.contains(name)) && new.iter().any(|name| !old.contains(name));
        let (mut old_said, new_said) =
            if is_moved { (by_name(before), by_name(after)) } else { Default::default() };
        old_said.retain(|name, _| !new.contains(name));
        for name in new {
            let home = homes.before.get(&name).copied().or_else(|| {
                let said = new_said.get(&name)?.iter().collect::<BTreeSet<_>>();
                let best = old_said
                    .iter()
                    .map(|(old, texts)| (texts.iter().filter(|text| said.contains(text)).count(), old));
                let (_, old) = best
                    .max_by_key(|(count, _)| *count)
                    .filter(|(count, _)| count * 2 >= said.len().max(1))?;
                let old = *old;
                old_said.remove(&old);
                homes.before.get(&old).copied()
            });
            let home = home.unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            homes.after.insert(name, home);
        }
        homes
    }

    pub(super) fn before(&self, statement: &Statement) -> Home {
        self.before.get(&name(statement)).copied().unwrap_or_default()
    }

    pub(super) fn after(&self, statement: &Statement) -> Home {
        self.after.get(&name(statement)).copied().unwrap_or_default()
    }
}

/// Statements of one account, or of all stacks whose account is not known, with their stacks.
#[derive(Default)]
pub(super) struct Group<'a> {
    pub(super) before: Vec<(&'a Statement, Home)>,
    pub(super) after: Vec<(&'a Statement, Home)>,
}

/// What is to be compared with each other. Accounts, and stacks of unknown ones, in which nothing changed are left out.
pub(super) fn groups<'a>(before: &Borrowed<'a>, after: &Borrowed<'a>) -> Vec<Group<'a>> {
    let homes = Homes::of(before, after);
    let mut areas: BTreeMap<(&Account, Home), Group<'a>> = BTreeMap::new();
    let area = |statement: &'a Statement, home: Home| {
        let is_known = statement.account.id().is_some();
        (&statement.account, if is_known { 0 } else { home })
    };
    for &statement in &before.statements {
        let home = homes.before(statement);
        areas.entry(area(statement, home)).or_default().before.push((statement, home));
    }
    for &statement in &after.statements {
        let home = homes.after(statement);
        areas.entry(area(statement, home)).or_default().after.push((statement, home));
    }
    let mut groups: BTreeMap<&Account, Group<'a>> = BTreeMap::new();
    for ((account, _), area) in areas {
        let mut pairs = area.before.iter().zip(&area.after);
        let is_same = |((one, home), (other, other_home)): (&(&Statement, _), &(&Statement, _))| {
            home == other_home && is_same(one, other)
        };
        if area.before.len() == area.after.len() && pairs.all(is_same) {
            continue;
        }
        let group = groups.entry(account).or_default();
        group.before.extend(area.before);
        group.after.extend(area.after);
    }
    groups.into_values().collect()
}
