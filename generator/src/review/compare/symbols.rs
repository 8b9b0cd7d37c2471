//! From terms to patterns that can be compared, one form for everything that means the same.

use std::collections::BTreeMap;

use super::glob::{Glob, Token};
use crate::review::{Account, Guard, Part, Term};

/// The stack that a term stands in: names of its parameters and resources mean something there only.
pub(super) type Home = usize;

/// Numbers for what only the deployment or the request knows, and for conditions and keys.
#[derive(Default)]
pub(super) struct Symbols {
    parts: BTreeMap<(Option<Home>, Part), u32>,
    guards: BTreeMap<(Home, String), u32>,
    keys: BTreeMap<String, u32>,
}

impl Symbols {
    /// A term as characters and symbols. The account is put in where it is known; the partition and the suffix of its
    /// service names are those of the stack, however they are written.
    pub(super) fn tokens(&mut self, term: &Term, account: &Account, home: Home) -> Glob {
        let mut tokens = Glob::new();
        for (n, part) in term.parts().iter().enumerate() {
            match part {
                Part::Text(text) => match text.strip_prefix("arn:aws:").filter(|_| n == 0) {
                    Some(rest) => {
                        self.text("arn:", &mut tokens);
                        tokens.push(self.symbol(None, Part::Ref("AWS::Partition".to_owned())));
                        self.text(&format!(":{rest}"), &mut tokens);
                    }
                    None => self.text(text, &mut tokens),
                },
                Part::Ref(name) if name == "AWS::URLSuffix" => self.text("amazonaws.com", &mut tokens),
                Part::Ref(name) if name == "AWS::AccountId" && account.id().is_some() => {
                    self.text(account.id().unwrap_or_default(), &mut tokens);
                }
                part => {
                    let is_global =
                        Term::of(part.clone()).names().iter().all(|name| name.starts_with("AWS::"));
                    tokens.push(self.symbol((!is_global).then_some(home), part.clone()));
                }
            }
        }
        tokens
    }

    /// Characters; a policy variable (`${aws:username}`, `${*}`) is a symbol, since the request knows it.
    fn text(&mut self, text: &str, tokens: &mut Glob) {
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, hole) = rest.split_at(at);
            let Some(end) = hole.find('}') else { break };
            tokens.extend(before.chars().map(Token::Char));
            tokens.push(self.symbol(None, Part::Text(hole[..=end].to_owned())));
            rest = &hole[end + 1..];
        }
        tokens.extend(rest.chars().map(Token::Char));
    }

    fn symbol(&mut self, home: Option<Home>, part: Part) -> Token {
        let next = number(self.parts.len());
        Token::Symbol(*self.parts.entry((home, part)).or_insert(next))
    }

    /// A condition of the template by what it means, and whether that must hold.
    pub(super) fn guard(&mut self, guard: &Guard, home: Home) -> (u32, bool) {
        let mut means = if guard.means.is_empty() { guard.name.as_str() } else { guard.means.as_str() };
        let mut holds = guard.holds;
        while let Some(inner) = means.strip_prefix("${Not(").and_then(|rest| rest.strip_suffix(")}")) {
            (means, holds) = (inner, !holds);
        }
        let next = number(self.guards.len());
        (*self.guards.entry((home, means.to_owned())).or_insert(next), holds)
    }

    /// A condition key; IAM compares keys without regard to case.
    pub(super) fn key(&mut self, key: &str) -> u32 {
        let next = number(self.keys.len());
        *self.keys.entry(key.to_lowercase()).or_insert(next)
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
