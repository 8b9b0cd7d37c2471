//! Everybody and every action that two versions name, so that statements of both are sets over one universe.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::context::{Test, wild};
use super::glob::{Glob, Token, fits};
use super::region::{Actions, Bits, Named, Shape};
use super::symbols::{Home, Symbols};
use crate::iam::{ActionTable, Knowledge};
use crate::review::{Condition, Principal, Scope, Statement, Term, Via};

/// Permissions that `ALL` stands for (Lake Formation developer guide, "Lake Formation permissions reference"); rights of an
/// administrator and on tags and locations are none of them.
const OF_ALL: [&str; 8] =
    ["ALTER", "CREATE_DATABASE", "CREATE_TABLE", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"];

/// A principal as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Everybody,
    /// The kind and the name.
    Named(u8, Glob),
}

/// An action as it is compared: what kind of thing gives it, and its text.
type Act = (Option<Via>, Glob);

/// What is common to two versions.
#[derive(Default)]
pub(super) struct World {
    symbols: Symbols,
    who: BTreeMap<Who, usize>,
    actions: BTreeMap<Act, usize>,
    patterns: BTreeMap<Act, Bits>,
}

/// A statement and what its words stand for.
pub(super) struct Meant {
    pub(super) shape: Shape,
    /// Each principal, action and resource that it names; one for the rest that it means.
    pub(super) who: Vec<Bits>,
    pub(super) actions: Vec<Actions>,
    pub(super) resources: Vec<Named>,
}

impl World {
    /// The world of statements, each with its stack.
    pub(super) fn of<'a>(statements: impl Iterator<Item = (&'a Statement, Home)>) -> Self {
        let mut world = Self::default();
        for (statement, home) in statements {
            for principal in statement.principals.named() {
                let who = world.principal(principal, statement, home);
                // The first is anybody who is not named.
                let next = world.who.len() + 1;
                world.who.entry(who).or_insert(next);
            }
            for action in statement.actions.named() {
                let (via, pattern) = world.action(action, statement, home);
                for text in known_actions(&pattern, via.is_none().then_some(action)) {
                    let next = world.actions.len();
                    world.actions.entry((via, text)).or_insert(next);
                }
            }
        }
        world
    }

    /// What a statement of this world means.
    pub(super) fn meant(&mut self, statement: &Statement, home: Home) -> Meant {
        let who = statement.principals.named().iter().map(|principal| {
            let who = self.principal(principal, statement, home);
            self.who_bits(&who)
        });
        let (who, who_shape) = scoped(who.collect(), &statement.principals, self.who.len() + 1);
        let (actions, actions_shape) = self.actions(statement, home);
        let globs = statement.resources.named().iter();
        let globs = globs.map(|term| wild(self.symbols.tokens(term, &statement.account, home), true));
        let globs = globs.collect::<Vec<_>>();
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

    fn principal(&mut self, principal: &Principal, statement: &Statement, home: Home) -> Who {
        let (kind, term) = match principal {
            Principal::Everybody => return Who::Everybody,
            Principal::Account(term) => (0, term),
            Principal::Arn(term) => (1, term),
            Principal::HolderOf(term) => (2, term),
            Principal::Service(term) => (3, term),
            Principal::Federated(term) => (4, term),
            Principal::Other(term) => (5, term),
        };
        Who::Named(kind, self.symbols.tokens(term, &statement.account, home))
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

    /// In small letters for IAM, which compares actions so; others by what gives them.
    fn action(&mut self, action: &Term, statement: &Statement, home: Home) -> Act {
        let tokens = self.symbols.tokens(action, &statement.account, home);
        if !statement.via.has_iam_actions() {
            return (Some(statement.via), tokens);
        }
        let lower = |token| match token {
            Token::Char(char) => Token::Char(char.to_ascii_lowercase()),
            other => other,
        };
        let pattern = wild(tokens.into_iter().map(lower).collect(), true);
        (None, if pattern == glob("*:*") { glob("*") } else { pattern })
    }

    fn actions(&mut self, statement: &Statement, home: Home) -> (Vec<Actions>, Actions) {
        let (mut bits, mut globs) = (Vec::new(), Vec::new());
        for term in statement.actions.named() {
            let action = self.action(term, statement, home);
            let is_listed = action.0.is_some() || term.as_text().is_some_and(is_in_table);
            globs.push((!is_listed).then(|| action.1.clone()));
            bits.push(self.action_bits(action));
        }
        let bound = self.actions.len();
        let nothing = || Named::Only(Rc::new(Vec::new()));
        let (_, others) = named(globs.iter().flatten().cloned().collect(), &statement.actions);
        let (bits, known) = scoped(bits, &statement.actions, bound);
        let all = Actions { known, others };
        let each = match &statement.actions {
            Scope::AllBut(_) => vec![all.clone()],
            Scope::Only(_) => {
                let each = bits.into_iter().zip(globs).map(|(known, glob)| Actions {
                    known,
                    others: glob.map_or_else(nothing, |glob| Named::Only(Rc::new(vec![glob]))),
                });
                each.collect()
            }
        };
        (each, all)
    }

    fn action_bits(&mut self, known: Act) -> Bits {
        let bound = self.actions.len();
        if let Some(bits) = self.patterns.get(&known) {
            return bits.clone();
        }
        let (via, pattern) = &known;
        let is_all = *via == Some(Via::LakeFormation);
        let numbers = self.actions.iter().filter(|((other, text), _)| {
            via == other
                && if via.is_some() {
                    pattern == text || (is_all && is_of_all(pattern, text))
                } else {
                    fits(pattern, text)
                }
        });
        let bits = Bits::of(bound, numbers.map(|(_, number)| *number));
        self.patterns.insert(known, bits.clone());
        bits
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

/// Whether the table has the service of an action, so that what a pattern stands for can be listed.
fn is_in_table(action: &str) -> bool {
    action != "*" && ActionTable::get().knows(action) != Knowledge::UnknownService
}

fn glob(text: &str) -> Glob {
    wild(text.chars().map(Token::Char).collect(), true)
}

/// Patterns as what is named, or as the rest: each alone, and all of them.
fn named<T>(globs: Vec<Glob>, scope: &Scope<T>) -> (Vec<Named>, Named) {
    let all = Rc::new(globs.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect());
    match scope {
        Scope::Only(_) => {
            let each = globs.into_iter().map(|glob| Named::Only(Rc::new(vec![glob])));
            (each.collect(), Named::Only(all))
        }
        Scope::AllBut(_) => (vec![Named::AllBut(Rc::clone(&all))], Named::AllBut(all)),
    }
}

/// The actions that a pattern names, as far as that can be listed: itself, or what the table has for it.
fn known_actions(pattern: &Glob, iam: Option<&Term>) -> Vec<Glob> {
    if !pattern.iter().any(|token| matches!(token, Token::Many { .. } | Token::One { .. })) {
        return vec![pattern.clone()];
    }
    let known = iam.and_then(Term::as_text).and_then(|text| ActionTable::get().expanded(text));
    let known = known.unwrap_or_default().into_iter();
    known.map(|action| action.to_lowercase().chars().map(Token::Char).collect()).collect()
}

/// Whether the first is `ALL` and the second is part of it; with the grant option, if both have it.
fn is_of_all(all: &Glob, other: &Glob) -> bool {
    let is = |text: &Glob, word: &str| *text == word.chars().map(Token::Char).collect::<Vec<_>>();
    ["", Statement::GRANTABLE].iter().any(|option| {
        is(all, &format!("ALL{option}")) && OF_ALL.iter().any(|word| is(other, &format!("{word}{option}")))
    })
}
