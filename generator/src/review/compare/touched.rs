//! What has to be compared: of most statements that stand in both versions nothing that changed depends.

use std::collections::{BTreeMap, BTreeSet};

use super::homes::{Group, is_same};
use super::symbols::{Home, Symbols};
use super::world::Who;
use crate::review::{Principal, Scope, Statement};

/// A statement and its stack.
type Placed<'a> = (&'a Statement, Home);

/// A group without the statements that both versions have in one place and that are about nobody whom a change is about. They
/// add nothing to a change and take nothing from one.
pub(super) fn touched<'a>(group: Group<'a>) -> Group<'a> {
    let by_place = |side: &[Placed<'a>]| {
        side.iter().map(|(one, home)| ((&one.place, *home), *one)).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (by_place(&group.before), by_place(&group.after));
    let stands_in = |side: &BTreeMap<_, &Statement>, (one, home): &Placed<'a>| {
        side.get(&(&one.place, *home)).is_some_and(|other| is_same(one, other))
    };
    let stays = |one: &Placed<'a>| stands_in(&before, one) && stands_in(&after, one);
    let mut symbols = Symbols::default();
    let mut whom = BTreeSet::new();
    for (statement, home) in group.before.iter().chain(&group.after).filter(|one| !stays(one)) {
        match named(statement, *home, &mut symbols) {
            Some(names) => whom.extend(names),
            None => return group,
        }
    }
    let mut is_touched = |one: &Placed<'a>| {
        !stays(one)
            || named(one.0, one.1, &mut symbols)
                .is_none_or(|names| names.iter().any(|who| whom.contains(who)))
    };
    Group {
        before: group.before.into_iter().filter(&mut is_touched).collect(),
        after: group.after.into_iter().filter(&mut is_touched).collect(),
    }
}

/// Whom a statement is about; none if that is not a list of names: everybody, all but some, what a mapping says.
fn named(statement: &Statement, home: Home, symbols: &mut Symbols) -> Option<Vec<Who>> {
    let Scope::Only(principals) = &statement.principals else { return None };
    let is_known = |principal: &Principal| principal.term().is_some_and(|term| term.lookups().is_empty());
    principals
        .iter()
        .map(|principal| is_known(principal).then(|| Who::of(principal, &statement.account, home, symbols)))
        .collect()
}
