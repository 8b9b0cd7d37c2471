//! Sets of requests: what one statement is about, and what is left of it when others are taken away.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::context::{Test, can_be_met};
use super::glob::{Exists, Glob, Texts};
use crate::review::Scope;

/// Into how many pieces a statement may fall before the answer is "not known".
const MAX_PIECES: usize = 512;

/// A set of numbers below a bound that all sets of one kind share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The numbers below `bound` that `is_in` chooses.
    pub(super) fn of(bound: usize, numbers: impl IntoIterator<Item = usize>) -> Self {
        let mut words = vec![0; bound.div_ceil(64)];
        for number in numbers {
            if let Some(word) = words.get_mut(number / 64) {
                *word |= 1_u64 << (number % 64);
            }
        }
        Self(words)
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    pub(super) fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one | other).collect())
    }

    pub(super) fn and_not(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & !other).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    pub(super) fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| one & other != 0)
    }
}

/// What a statement is about: all requests that fit every part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    pub(super) who: Bits,
    pub(super) actions: Actions,
    pub(super) resources: Named,
    /// Conditions of the template by number, and whether each must hold.
    pub(super) guards: BTreeMap<u32, bool>,
    /// Conditions, each with the number of its key.
    pub(super) tests: Vec<(u32, Test)>,
}

/// Texts by patterns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Only(Rc<Vec<Glob>>),
    AllBut(Rc<Vec<Glob>>),
}

impl Named {
    fn of(&self, texts: Texts) -> Texts {
        match self {
            Self::Only(globs) => texts.within(globs),
            Self::AllBut(globs) => texts.without(globs),
        }
    }

    /// Whether something may be on both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        other.of(self.of(Texts::default())).exist() != Exists::No
    }

    fn not_of(&self, texts: Texts) -> Texts {
        match self {
            Self::Only(globs) => texts.without(globs),
            Self::AllBut(globs) => texts.within(globs),
        }
    }
}

/// Patterns as what is named, or as the rest: each alone, and all of them.
pub(super) fn named<T>(globs: Vec<Glob>, scope: &Scope<T>) -> (Vec<Named>, Named) {
    let all = Rc::new(globs.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect());
    match scope {
        Scope::Only(_) => {
            let each = globs.into_iter().map(|glob| Named::Only(Rc::new(vec![glob])));
            (each.collect(), Named::Only(all))
        }
        Scope::AllBut(_) => (vec![Named::AllBut(Rc::clone(&all))], Named::AllBut(all)),
    }
}

/// Actions: of the table by number, of services that are not in it by pattern.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Actions {
    pub(super) known: Bits,
    pub(super) others: Named,
}

impl Actions {
    /// Whether there may be an action in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.known.meets(&other.known) || self.others.meets(&other.others)
    }
}

/// What is asked of one key.
#[derive(Clone, Debug, Default)]
struct Tests {
    all: Vec<Test>,
    /// Whether they can be met, once somebody has asked.
    can_be_met: OnceCell<Exists>,
}

/// A part of what a statement is about.
#[derive(Clone, Debug)]
pub(super) struct Region {
    pub(super) who: Bits,
    known_actions: Bits,
    other_actions: Texts,
    resources: Texts,
    guards: BTreeMap<u32, bool>,
    context: BTreeMap<u32, Tests>,
    /// Whether there certainly is such a request.
    pub(super) exists: Exists,
}

impl Region {
    /// All that a statement is about; `exists` is not yet known of it.
    pub(super) fn of(shape: &Shape) -> Self {
        let mut region = Self {
            who: shape.who.clone(),
            known_actions: shape.actions.known.clone(),
            other_actions: shape.actions.others.of(Texts::default()),
            resources: shape.resources.of(Texts::default()),
            guards: shape.guards.clone(),
            context: BTreeMap::new(),
            exists: Exists::Unknown,
        };
        for (key, test) in &shape.tests {
            region.add(*key, test);
        }
        region.look();
        region
    }

    /// What is in both.
    pub(super) fn and(&self, shape: &Shape) -> Self {
        let mut both = self.clone();
        both.who = both.who.and(&shape.who);
        both.known_actions = both.known_actions.and(&shape.actions.known);
        both.exists = Exists::No;
        if both.who.is_empty() {
            return both;
        }
        for (guard, holds) in &shape.guards {
            if both.guards.insert(*guard, *holds).is_some_and(|known| known != *holds) {
                return both;
            }
        }
        both.other_actions = shape.actions.others.of(both.other_actions);
        both.resources = shape.resources.of(both.resources);
        for (key, test) in &shape.tests {
            both.add(*key, test);
        }
        both.look();
        both
    }

    /// What is left of it outside of a statement, in pieces that do not overlap.
    pub(super) fn and_not(self, shape: &Shape) -> Vec<Self> {
        let both = self.and(shape);
        if both.exists == Exists::No {
            return vec![self];
        }
        let mut left = Vec::new();
        let mut rest = self;
        let mut keep = |mut piece: Self| {
            piece.look();
            if piece.exists != Exists::No {
                left.push(piece);
            }
        };
        keep(Self { who: rest.who.and_not(&shape.who), ..rest.clone() });
        rest.who = both.who;
        keep(Self {
            known_actions: rest.known_actions.and_not(&shape.actions.known),
            other_actions: shape.actions.others.not_of(rest.other_actions.clone()),
            ..rest.clone()
        });
        (rest.known_actions, rest.other_actions) = (both.known_actions, both.other_actions);
        keep(Self { resources: shape.resources.not_of(rest.resources.clone()), ..rest.clone() });
        rest.resources = both.resources;
        for (guard, holds) in &shape.guards {
            if !rest.guards.contains_key(guard) {
                let mut outside = rest.clone();
                outside.guards.insert(*guard, !holds);
                keep(outside);
                rest.guards.insert(*guard, *holds);
            }
        }
        for (key, test) in &shape.tests {
            let mut outside = rest.clone();
            outside.add(*key, &test.negated());
            keep(outside);
            rest.add(*key, test);
        }
        left
    }

    fn add(&mut self, key: u32, test: &Test) {
        let tests = self.context.entry(key).or_default();
        if !tests.all.contains(test) {
            tests.all.push(test.clone());
            tests.can_be_met = OnceCell::new();
        }
    }

    fn look(&mut self) {
        self.exists = if self.who.is_empty() { Exists::No } else { Exists::Yes };
        let tests =
            self.context.values().map(|tests| *tests.can_be_met.get_or_init(|| can_be_met(&tests.all)));
        self.exists = tests.fold(self.exists, Exists::and);
        if self.exists != Exists::No && self.known_actions.is_empty() {
            self.exists = self.exists.and(self.other_actions.exist());
        }
        if self.exists != Exists::No {
            self.exists = self.exists.and(self.resources.exist());
        }
    }

    /// Whether some principal and some action are in both.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        self.who.meets(&other.who)
            && (self.known_actions.meets(&other.known_actions)
                || self.other_actions.clone().and(&other.other_actions).exist() != Exists::No)
    }

    /// Whether some of it is about one of these actions.
    pub(super) fn is_of(&self, actions: &Actions) -> bool {
        self.known_actions.meets(&actions.known)
            || actions.others.of(self.other_actions.clone()).exist() != Exists::No
    }

    /// Whether some of it is on one of these resources.
    pub(super) fn is_on(&self, resources: &Named) -> bool {
        resources.of(self.resources.clone()).exist() != Exists::No
    }
}

/// What is left of a statement when others are taken away; none if that cannot be said.
pub(super) fn minus<'a>(shape: &Shape, others: impl Iterator<Item = &'a Shape>) -> Option<Vec<Region>> {
    let whole = Region::of(shape);
    if whole.exists == Exists::No {
        return Some(Vec::new());
    }
    let mut left = vec![whole];
    for other in others.filter(|other| other.who.meets(&shape.who) && other.actions.meets(&shape.actions)) {
        left = left.into_iter().flat_map(|region| region.and_not(other)).collect();
        if left.is_empty() || left.len() > MAX_PIECES {
            break;
        }
    }
    (left.len() <= MAX_PIECES).then_some(left)
}
