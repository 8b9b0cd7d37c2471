//! Every action that two versions name. Those of services in the table have numbers, and patterns are what the table has
//! for them; of other services nobody can list the actions, so patterns stay patterns.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::context::wild;
use super::glob::{Glob, Token};
use super::region::{Actions, Bits, Named, named};
use super::symbols::{Home, Symbols};
use crate::iam::ActionTable;
use crate::review::{Scope, Statement, Term, Via};

/// Permissions that `ALL` stands for (Lake Formation developer guide, "Lake Formation permissions reference"); rights of an
/// administrator and on tags and locations are none of them.
const OF_ALL: [&str; 8] =
    ["ALTER", "CREATE_DATABASE", "CREATE_TABLE", "DELETE", "DESCRIBE", "DROP", "INSERT", "SELECT"];

/// Actions by their text; what is no policy document has its own.
type Key = (Option<Via>, String);

/// The actions of two versions.
#[derive(Default)]
pub(super) struct Vocabulary {
    /// Those of IAM in small letters: it compares them so.
    numbers: BTreeMap<Key, usize>,
    listed: BTreeMap<Key, Vec<usize>>,
}

fn key(action: &Term, statement: &Statement, home: Home) -> Key {
    match action.as_text() {
        // A word of ours is none that `NotAction` leaves out or lets in.
        Some(text) if statement.via.has_iam_actions() && !Statement::is_word(text) => {
            (None, text.to_ascii_lowercase())
        }
        Some(text) => (Some(statement.via), text.to_owned()),
        // Names of a stack stand for something in that stack only.
        None => (Some(statement.via), format!("{home} {action}")),
    }
}

/// What the table has for an action of IAM, or the action itself; none if nobody knows all that it stands for.
fn in_table(action: &str) -> Option<Vec<String>> {
    let listed = ActionTable::get().expanded(action)?;
    if !action.contains(['*', '?']) {
        return Some(vec![action.to_owned()]);
    }
    let listed = listed.into_iter().map(|action| action.to_ascii_lowercase()).collect::<Vec<_>>();
    (!listed.is_empty()).then_some(listed)
}

impl Vocabulary {
    /// Takes in the actions of a statement.
    pub(super) fn learn(&mut self, statement: &Statement, home: Home) {
        for action in statement.actions.named() {
            let key = key(action, statement, home);
            if self.listed.contains_key(&key) {
                continue;
            }
            let texts = match key.0 {
                Some(via) if via.has_iam_actions() && action.as_text().is_none() => None,
                Some(_) => Some(vec![key.1.clone()]),
                None => in_table(&key.1),
            };
            let Some(texts) = texts else { continue };
            let number = |text| {
                let next = self.numbers.len();
                *self.numbers.entry((key.0, text)).or_insert(next)
            };
            let numbers = texts.into_iter().map(number).collect();
            self.listed.insert(key, numbers);
        }
    }

    /// Each action of a statement, and all of them: all statements have been learnt.
    pub(super) fn actions(
        &self,
        statement: &Statement,
        symbols: &mut Symbols,
        home: Home,
    ) -> (Vec<Actions>, Actions) {
        let bound = self.numbers.len();
        let (mut known, mut others) = (Vec::new(), Vec::new());
        for action in statement.actions.named() {
            let key = key(action, statement, home);
            match self.listed.get(&key) {
                Some(numbers) => {
                    known.push(Bits::of(bound, numbers.iter().copied().chain(self.of_all(&key))));
                    others.push(None);
                }
                None => {
                    let tokens =
                        symbols.tokens(action, &statement.account, home).into_iter().map(
                            |token| match token {
                                Token::Char(char) => Token::Char(char.to_ascii_lowercase()),
                                other => other,
                            },
                        );
                    let text = if key.1 == "*:*" { vec![Token::Char('*')] } else { tokens.collect::<Glob>() };
                    known.push(Bits::of(bound, self.fitting(&key)));
                    others.push(Some(wild(text, true)));
                }
            }
        }
        let (_, all_others) = named(others.iter().flatten().cloned().collect(), &statement.actions);
        let all_known = known.iter().fold(Bits::of(bound, []), |all, one| all.or(one));
        match &statement.actions {
            Scope::Only(_) => {
                let each = known.into_iter().zip(others).map(|(known, other)| Actions {
                    known,
                    others: Named::Only(Rc::new(other.into_iter().collect())),
                });
                (each.collect(), Actions { known: all_known, others: all_others })
            }
            Scope::AllBut(_) => {
                let own = (!statement.via.has_iam_actions()).then_some(statement.via);
                // All that there is of its kind: to a policy the words of grants and shares are no actions.
                let all = self.numbers.iter().filter(|((via, _), _)| *via == own);
                let all = Bits::of(bound, all.map(|(_, number)| *number));
                let rest = Actions { known: all.and_not(&all_known), others: all_others };
                (vec![rest.clone()], rest)
            }
        }
    }

    /// What is part of `ALL`; with the grant option, if that has it.
    fn of_all(&self, key: &Key) -> Vec<usize> {
        let (Some(Via::LakeFormation), Some(option)) = (key.0, key.1.strip_prefix("ALL")) else {
            return Vec::new();
        };
        let parts = OF_ALL.iter().filter_map(|word| self.numbers.get(&(key.0, format!("{word}{option}"))));
        parts.copied().collect()
    }

    /// The actions of the table that a pattern over several services fits. Whoever may do everything has every policy.
    fn fitting(&self, key: &Key) -> Vec<usize> {
        if key.0.is_some() || !key.1.contains(['*', '?']) {
            return Vec::new();
        }
        let pattern = Term::text(&key.1);
        let is_all = ["*", "*:*"].contains(&key.1.as_str());
        let of_iam = self
            .numbers
            .iter()
            .filter(|((via, text), _)| via.is_none() || (is_all && Statement::is_word(text)));
        let fitting = of_iam.filter(|((_, text), _)| is_all || pattern.covers(&Term::text(text)));
        fitting.map(|(_, number)| *number).collect()
    }
}
