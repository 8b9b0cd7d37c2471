//! Everybody and every action that two versions name, so that statements of both are sets over one universe.

use std::collections::BTreeMap;

use super::actions::Vocabulary;
use super::context::{Test, arn, wild};
use super::glob::Glob;
use super::region::{Actions, Bits, Named, Shape, named};
use super::symbols::{Home, Symbols};
use crate::review::{Account, Condition, Principal, Scope, Statement};

/// A principal as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Everybody,
    /// The kind and the name.
    Named(u8, Glob),
}

impl Who {
    /// A principal that a statement in an account names.
    pub(super) fn of(principal: &Principal, account: &Account, home: Home, symbols: &mut Symbols) -> Self {
        let (kind, term) = match principal {
            Principal::Everybody => return Self::Everybody,
            Principal::Account(term) => (0, term),
            Principal::Arn(term) => (1, term),
            Principal::HolderOf(term) => (2, term),
            Principal::Service(term) => (3, term),
            Principal::Federated(term) => (4, term),
            Principal::Other(term) => (5, term),
        };
        Self::Named(kind, symbols.tokens(term, account, home))
    }
}

/// What is common to two versions.
#[derive(Default)]
pub(super) struct World {
    symbols: Symbols,
    who: BTreeMap<Who, usize>,
    actions: Vocabulary,
}

/// A statement and what its words stand for.
pub(super) struct Meant {
    pub(super) shape: Shape,
    /// Each principal, action and resource that it names; one for the rest that it means.
    pub(super) who: Vec<Bits>,
    pub(super) actions: Vec<Actions>,
    pub(super) resources: Vec<Named>,
    /// The resources with wildcards that stay within a part of an ARN: what a reader takes them for. To tell what was there
    /// before, not what is covered.
    pub(super) resources_as_read: Vec<Named>,
}

impl World {
    /// The world of statements, each with its stack.
    pub(super) fn of<'a>(statements: impl Iterator<Item = (&'a Statement, Home)>) -> Self {
        let mut world = Self::default();
        for (statement, home) in statements {
            for principal in statement.principals.named() {
                let who = Who::of(principal, &statement.account, home, &mut world.symbols);
                // The first is anybody who is not named.
                let next = world.who.len() + 1;
                world.who.entry(who).or_insert(next);
            }
            world.actions.learn(statement, home);
        }
        world
    }

    /// What a statement of this world means.
    pub(super) fn meant(&mut self, statement: &Statement, home: Home) -> Meant {
        let who = statement.principals.named().iter().map(|principal| {
            let who = Who::of(principal, &statement.account, home, &mut self.symbols);
            self.who_bits(&who)
        });
        let (who, who_shape) = scoped(who.collect(), &statement.principals, self.who.len() + 1);
        let (actions, actions_shape) = self.actions.actions(statement, &mut self.symbols, home);
        let texts = statement.resources.named().iter();
        let texts = texts.map(|term| self.symbols.tokens(term, &statement.account, home)).collect::<Vec<_>>();
        let (resources_as_read, _) = named(texts.iter().cloned().map(arn).collect(), &statement.resources);
        let globs = texts.into_iter().map(|text| wild(text, true)).collect();
        let (resources, all) = named(globs, &statement.resources);
        let guards = statement.only_if.iter().map(|guard| self.symbols.guard(guard, home));
        let guards = guards.collect();
        let mut tests =
            statement.conditions.iter().map(|one| self.test(one, statement, home)).collect::<Vec<_>>();
        tests.sort();
        Meant {
            shape: Shape { who: who_shape, actions: actions_shape, resources: all, guards, tests },
            who,
            actions,
            resources,
            resources_as_read,
        }
    }

    fn test(&mut self, condition: &Condition, statement: &Statement, home: Home) -> (u32, Test) {
        // A block that does not stand in the template is one that nobody looks into.
        let operator = if condition.key.is_empty() { Condition::UNREAD } else { &condition.operator };
        let key = if condition.key.is_empty() { &condition.operator } else { &condition.key };
        let values = condition.values.iter().map(|term| self.symbols.tokens(term, &statement.account, home));
        let test = Test::new(operator, values.collect::<Vec<_>>().into_iter());
        (self.symbols.key(key), test)
    }

    /// Everybody is not said to be an identity provider or a group of Lake Formation. An account is not the roles in it: to
    /// name it leaves the decision to its own policies, to name a role does not.
    fn who_bits(&self, who: &Who) -> Bits {
        let bound = self.who.len() + 1;
        match who {
            Who::Everybody => {
                let others = self.who.iter().filter(|(who, _)| !matches!(who, Who::Named(4.., _)));
                Bits::of(bound, others.map(|(_, number)| *number).chain([0]))
            }
            named => Bits::of(bound, self.who.get(named).copied()),
        }
    }
}

/// The bits of each item and of all of them together; of the rest, if that is what is meant.
fn scoped<T>(items: Vec<Bits>, scope: &Scope<T>, bound: usize) -> (Vec<Bits>, Bits) {
    let nothing = Bits::of(bound, []);
    let all = items.iter().fold(nothing.clone(), |all, item| all.or(item));
    match scope {
        Scope::Only(_) => (items, all),
        Scope::AllBut(_) => {
            let rest = Bits::of(bound, 0..bound).and_not(&all);
            (vec![rest.clone()], rest)
        }
    }
}
