//! Stacks that are deployed in other Regions than before: the template may be the same, and says something in each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::Borrowed;
use crate::review::Statement;
use crate::vocab::Region;

/// The Regions that the stacks of integrations are deployed in, by both names, as far as specs say so.
pub(crate) type Regions = BTreeMap<(String, String), BTreeSet<Region>>;

/// The Regions of stacks in two versions; none where one has no such stack.
type InBoth<'a> = BTreeMap<(&'a str, &'a str), [Option<&'a BTreeSet<Region>>; 2]>;

/// What both versions say in each Region by itself, of stacks whose Regions differ. A stack that one version does not have is one of
/// them: its Regions may have gone to a stack of another integration.
pub(super) struct Apart<'a> {
    stacks: InBoth<'a>,
    before: Vec<Statement>,
    after: Vec<Statement>,
}

impl<'a> Apart<'a> {
    /// None if there is no such stack.
    pub(super) fn of(before: &Borrowed<'a>, after: &Borrowed<'a>) -> Option<Self> {
        let (then, now) = (before.regions?, after.regions?);
        let stacks = then.keys().chain(now.keys()).filter_map(|stack| {
            let both = [then.get(stack), now.get(stack)];
            (both[0] != both[1]).then_some(((stack.0.as_str(), stack.1.as_str()), both))
        });
        let stacks = stacks.collect::<InBoth<'_>>();
        if stacks.is_empty() {
            return None;
        }
        let spelled = |version: &Borrowed<'_>, which: usize| {
            let moved = version.statements.iter().filter_map(|one| Some((one, find(&stacks, one)?[which]?)));
            let each = moved.flat_map(|(one, regions)| {
                let mut each = regions.iter().map(|region| one.in_region(*region)).collect::<Vec<_>>();
                // What has no word of its Region is the same in all.
                each.dedup();
                each
            });
            each.collect::<Vec<_>>()
        };
        let (before, after) = (spelled(before, 0), spelled(after, 1));
        Some(Self { stacks, before, after })
    }

    /// Both versions with this in the place of what it is of.
    pub(super) fn instead<'b>(
        &'b self,
        before: &Borrowed<'b>,
        after: &Borrowed<'b>,
    ) -> (Borrowed<'b>, Borrowed<'b>) {
        let of = |version: &Borrowed<'b>, apart: &'b [Statement]| {
            let stay = version.statements.iter().copied().filter(|one| find(&self.stacks, one).is_none());
            Borrowed { statements: stay.chain(apart).collect(), ..version.clone() }
        };
        (of(before, &self.before), of(after, &self.after))
    }
}

/// The Regions of the stack that a statement is of, if they differ.
fn find<'a>(stacks: &InBoth<'a>, one: &Statement) -> Option<[Option<&'a BTreeSet<Region>>; 2]> {
    stacks.get(&(one.place.integration.as_deref()?, one.place.stack.as_str())).copied()
}
