//! What one version allows or denies and the other does not, by the words of its statements.

use std::rc::Rc;

use super::glob::Exists;
use super::homes::{Group, is_same};
use super::region::{Region, Shape, minus};
use super::symbols::Home;
use super::world::{Meant, World};
use crate::policy::Effect;
use crate::review::{Account, Statement, Via};

/// A statement of one version, for one choice of what the deployment chooses.
pub(super) struct Said {
    pub(super) statement: Statement,
    home: Home,
    meant: Meant,
    /// Whether its stack does not say so in the other version.
    is_moved: bool,
}

impl Said {
    /// Whether what this says counts for what the other one, of the other version, says.
    fn counts_for(&self, other: &Self) -> bool {
        self.statement.via == other.statement.via
            && self.statement.effect == other.statement.effect
            && match &self.statement.account {
                Account::Known(_) => true,
                // Two stacks may be in two accounts.
                Account::This => self.home == other.home || self.is_moved,
            }
    }

    /// Whether it is a Deny that counts for the other one, of the same version.
    fn denies(&self, other: &Self) -> bool {
        let is_plain =
            |via| matches!(via, Via::Identity | Via::Trust | Via::Bucket | Via::Key | Via::Resource);
        self.statement.effect == Effect::Deny
            && is_plain(self.statement.via)
            && is_plain(other.statement.via)
            && (self.home == other.home || self.statement.account != Account::This)
    }
}

/// The words of a statement that something is about: numbers into what [`Meant`] has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) who: Vec<usize>,
    pub(super) actions: Vec<usize>,
    pub(super) resources: Vec<usize>,
}

impl Words {
    /// Both, if they differ in one list at most: else they would be more than the two.
    fn joined(&self, other: &Self) -> Option<Self> {
        let differ =
            [self.who != other.who, self.actions != other.actions, self.resources != other.resources];
        (differ.into_iter().filter(|differs| *differs).count() < 2).then(|| Self {
            who: union(&self.who, &other.who),
            actions: union(&self.actions, &other.actions),
            resources: union(&self.resources, &other.resources),
        })
    }
}

fn union(one: &[usize], other: &[usize]) -> Vec<usize> {
    let mut all = [one, other].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// What a statement says that the other version does not say.
pub(super) struct Part {
    /// Which statement of its version.
    pub(super) said: usize,
    /// The statement of the other version that says something of the kind about the same.
    pub(super) partner: Option<usize>,
    pub(super) words: Words,
    /// What it is, exactly.
    regions: Vec<Rc<Region>>,
    /// Whether that is certain.
    pub(super) is_certain: bool,
}

/// Both versions of a group.
pub(super) struct Versions {
    pub(super) before: Vec<Said>,
    pub(super) after: Vec<Said>,
}

impl Versions {
    pub(super) fn of(group: &Group<'_>) -> Self {
        let spelled = |side: &[(&Statement, Home)]| {
            let all = side.iter().flat_map(|(statement, home)| {
                statement.spelled_out().into_iter().map(move |statement| (statement, *home))
            });
            all.collect::<Vec<_>>()
        };
        let (before, after) = (spelled(&group.before), spelled(&group.after));
        let mut world = World::of(before.iter().chain(&after).map(|(statement, home)| (statement, *home)));
        let moved = |side: &[(Statement, Home)], other: &[(Statement, Home)]| {
            let each = side.iter().map(|(statement, home)| {
                statement.account == Account::This
                    && !other.iter().any(|(other, there)| home == there && is_same(statement, other))
            });
            each.collect::<Vec<_>>()
        };
        let (moved_before, moved_after) = (moved(&before, &after), moved(&after, &before));
        let mut said = |side: Vec<(Statement, Home)>, moved: Vec<bool>| {
            let each = side.into_iter().zip(moved).map(|((statement, home), is_moved)| Said {
                meant: world.meant(&statement, home),
                statement,
                home,
                is_moved,
            });
            each.collect::<Vec<_>>()
        };
        Self { before: said(before, moved_before), after: said(after, moved_after) }
    }
}

/// What `one` says and `other` does not. What is denied in the same version anyway is left out.
pub(super) fn parts(one: &[Said], other: &[Said]) -> Vec<Part> {
    let mut all = Vec::new();
    for (number, said) in one.iter().enumerate() {
        let known = || other.iter().enumerate().filter(|(_, other)| other.counts_for(said));
        if known().any(|(_, other)| other.meant.shape == said.meant.shape) {
            continue;
        }
        let denied = one.iter().filter(|deny| said.statement.effect == Effect::Allow && deny.denies(said));
        let known_shapes = known().map(|(_, other)| &other.meant.shape);
        let left = minus(&said.meant.shape, known_shapes.chain(denied.map(|deny| &deny.meant.shape)));
        let (left, is_known) = match left {
            Some(left) => (left, true),
            None => (vec![Region::of(&said.meant.shape)], false),
        };
        let mut partners =
            known().filter(|(_, other)| is_near(&said.meant.shape, &other.meant)).collect::<Vec<_>>();
        partners.sort_by_key(|(_, other)| distance(&said.statement, &other.statement));
        let mut parts = Vec::new();
        for region in left.into_iter().map(Rc::new) {
            let part = |words, partner| Part {
                said: number,
                partner,
                words,
                regions: vec![Rc::clone(&region)],
                is_certain: is_known && region.exists == Exists::Yes,
            };
            allot(&said.meant, words(&said.meant, &region), &partners, &part, &mut parts);
        }
        join(&mut parts);
        all.extend(parts);
    }
    all
}

/// Whether some principal and some action are in both.
fn is_near(shape: &Shape, other: &Meant) -> bool {
    shape.who.meets(&other.shape.who) && shape.actions.meets(&other.shape.actions)
}

/// Small for statements that are likely two versions of one.
fn distance(one: &Statement, other: &Statement) -> (bool, bool, usize) {
    let (here, there) = (&one.place, &other.place);
    let is_elsewhere = (&here.stack, &here.resource_id) != (&there.stack, &there.resource_id);
    let differing = one.conditions.symmetric_difference(&other.conditions).count()
        + one.only_if.symmetric_difference(&other.only_if).count();
    (is_elsewhere, here.label != there.label, differing)
}

/// The words of a statement that a part of it needs.
fn words(meant: &Meant, region: &Region) -> Words {
    Words {
        who: chosen(&meant.who, |who| who.meets(&region.who)),
        actions: chosen(&meant.actions, |actions| region.is_of(actions)),
        resources: chosen(&meant.resources, |resources| region.is_on(resources)),
    }
}

fn chosen<T>(items: &[T], is_chosen: impl Fn(&T) -> bool) -> Vec<usize> {
    items.iter().enumerate().filter(|(_, item)| is_chosen(item)).map(|(number, _)| number).collect()
}

/// Gives the words of a part to the statements of the other version that are about the same; what is left is about
/// something of which nothing was said.
fn allot(
    meant: &Meant,
    words: Words,
    partners: &[(usize, &Said)],
    part: &impl Fn(Words, Option<usize>) -> Part,
    to: &mut Vec<Part>,
) {
    if words.who.is_empty() || words.actions.is_empty() || words.resources.is_empty() {
        return;
    }
    let Some(((number, partner), others)) = partners.split_first() else {
        to.push(part(words, None));
        return;
    };
    let (near, far) = split(meant, &words, &partner.meant);
    if near.who.is_empty() || near.actions.is_empty() || near.resources.is_empty() {
        allot(meant, words, others, part, to);
        return;
    }
    for rest in [
        Words { who: far.who, ..words.clone() },
        Words { who: near.who.clone(), actions: far.actions, resources: words.resources.clone() },
        Words { who: near.who.clone(), actions: near.actions.clone(), resources: far.resources },
    ] {
        allot(meant, rest, others, part, to);
    }
    to.push(part(near, Some(*number)));
}

/// The words that are about something that the other statement is about, too, and the others.
fn split(meant: &Meant, words: &Words, other: &Meant) -> (Words, Words) {
    let (who, no_who) = words.who.iter().partition(|number| meant.who[**number].meets(&other.shape.who));
    let (actions, no_actions) =
        words.actions.iter().partition(|number| meant.actions[**number].meets(&other.shape.actions));
    let (resources, no_resources) = words.resources.iter().partition(|number| {
        other.resources_as_read.iter().any(|there| meant.resources_as_read[**number].meets(there))
    });
    (Words { who, actions, resources }, Words { who: no_who, actions: no_actions, resources: no_resources })
}

fn join(parts: &mut Vec<Part>) {
    let mut done: Vec<Part> = Vec::new();
    while let Some(mut part) = parts.pop() {
        let mut changed = true;
        while changed {
            changed = false;
            let fits = done.iter().position(|other| {
                other.partner == part.partner
                    && other.is_certain == part.is_certain
                    && other.words.joined(&part.words).is_some()
            });
            if let Some(other) = fits.map(|at| done.swap_remove(at))
                && let Some(words) = part.words.joined(&other.words)
            {
                part.words = words;
                part.regions.extend(other.regions);
                changed = true;
            }
        }
        done.push(part);
    }
    *parts = done;
}

/// Whether two parts of two versions are about the same.
pub(super) fn overlap((said, part): (&Said, &Part), (other, theirs): (&Said, &Part)) -> bool {
    let is_near = |one: &Rc<Region>| theirs.regions.iter().any(|other| one.is_near(other));
    let is_on = |one: &usize| {
        let mut theirs = theirs.words.resources.iter();
        theirs.any(|their| said.meant.resources_as_read[*one].meets(&other.meant.resources_as_read[*their]))
    };
    part.regions.iter().any(is_near) && part.words.resources.iter().any(is_on)
}
