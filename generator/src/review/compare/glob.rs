//! Texts that patterns stand for: whether there is one that fits these and none of those.
//!
//! Decided by walking the patterns together as automata, so that "covered by several patterns together" and "overlap of
//! two patterns" come out right, which no comparison of two patterns can say.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// How many states are looked at before the answer is "not known".
const MAX_STATES: usize = 20_000;

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// This character in either case.
    AnyCase(char),
    /// What only the deployment or the request knows: some text of its own that no other piece but `*` fits.
    Symbol(u32),
    /// `?`; within one part of an ARN no colon.
    One { colons: bool },
    /// `*`; within one part of an ARN no colon.
    Many { colons: bool },
}

/// A pattern.
pub(super) type Glob = Vec<Token>;

/// What is known about whether something exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Exists {
    /// It certainly does not.
    No,
    /// Not decided.
    Unknown,
    /// It certainly does.
    Yes,
}

impl Exists {
    /// Of two things that must both exist.
    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

/// Any text.
pub(super) const ANY: Token = Token::Many { colons: true };

/// Texts that fit at least one pattern of each list in `within`, and none of `without`.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    within: Vec<Rc<Vec<Glob>>>,
    without: Vec<Glob>,
    /// Whether there is one, once somebody has asked.
    exist: OnceCell<Exists>,
}

impl Texts {
    /// Those of them that fit one of the patterns.
    pub(super) fn within(mut self, globs: &Rc<Vec<Glob>>) -> Self {
        if globs.iter().any(|glob| *glob == [ANY]) || self.within.contains(globs) {
            return self;
        }
        let narrowed =
            self.within.iter().enumerate().find_map(|(at, known)| Some((at, in_both(known, globs)?)));
        match narrowed {
            Some((at, both)) => self.within[at] = Rc::new(both),
            None => self.within.push(Rc::clone(globs)),
        }
        self.exist = OnceCell::new();
        self
    }

    /// Those of them that fit none of the patterns.
    pub(super) fn without(mut self, globs: &[Glob]) -> Self {
        for glob in globs {
            if !self.without.contains(glob) {
                self.without.push(glob.clone());
                self.exist = OnceCell::new();
            }
        }
        self
    }

    /// Those that are in both.
    pub(super) fn and(self, other: &Self) -> Self {
        other.within.iter().fold(self, Self::within).without(&other.without)
    }

    /// Whether that is every text.
    pub(super) fn are_all(&self) -> bool {
        self.within.is_empty() && self.without.is_empty()
    }

    /// Whether there is such a text.
    pub(super) fn exist(&self) -> Exists {
        *self.exist.get_or_init(|| self.look())
    }

    fn look(&self) -> Exists {
        if self.without.iter().any(|glob| *glob == [ANY]) {
            return Exists::No;
        }
        if self.within.is_empty() && self.without.is_empty() {
            return Exists::Yes;
        }
        // Mostly a pattern is covered by one of the others, or a text of it shows that it is not.
        let mut open = self.clone();
        for (at, globs) in self.within.iter().enumerate() {
            let others = || self.within.iter().enumerate().filter(|(other, _)| *other != at);
            let mut left = Vec::new();
            for glob in globs.iter() {
                let text = example(glob, &[Token::Char('\u{1}'); 3]);
                let is_out = self.without.iter().any(|other| fits(other, &text));
                if !is_out && others().all(|(_, group)| group.iter().any(|other| fits(other, &text))) {
                    return Exists::Yes;
                }
                if !self.without.iter().any(|other| covers(other, glob)) {
                    left.push(glob.clone());
                }
            }
            if left.is_empty() {
                return Exists::No;
            }
            open.within[at] = Rc::new(left);
        }
        open.walk()
    }

    fn walk(&self) -> Exists {
        let start = State {
            within: self
                .within
                .iter()
                .map(|globs| globs.iter().map(|glob| closed(glob, [0])).collect())
                .collect(),
            without: self.without.iter().map(|glob| closed(glob, [0])).collect(),
        };
        let mut open = vec![start.clone()];
        let mut seen = BTreeSet::from([start]);
        while let Some(state) = open.pop() {
            if self.is_end(&state) {
                return Exists::Yes;
            }
            for letter in self.letters(&state) {
                let next = State {
                    within: step_each(&self.within, &state.within, letter),
                    without: self
                        .without
                        .iter()
                        .zip(&state.without)
                        .map(|(glob, at)| step(glob, at, letter))
                        .collect(),
                };
                let is_alive = next.within.iter().all(|group| group.iter().any(|at| !at.is_empty()));
                if is_alive && !seen.contains(&next) {
                    if seen.len() >= MAX_STATES {
                        return Exists::Unknown;
                    }
                    seen.insert(next.clone());
                    open.push(next);
                }
            }
        }
        Exists::No
    }

    fn is_end(&self, state: &State) -> bool {
        let ended = |glob: &Glob, at: &Places| at.last().is_some_and(|last| *last == glob.len());
        let within = self.within.iter().zip(&state.within);
        let mut within =
            within.map(|(globs, group)| globs.iter().zip(group).any(|(glob, at)| ended(glob, at)));
        within.all(|fits| fits) && !self.without.iter().zip(&state.without).any(|(glob, at)| ended(glob, at))
    }

    /// Every letter that makes a difference here; of those that make none, one. What fits no pattern at all comes last,
    /// so that it is tried first.
    fn letters(&self, state: &State) -> Vec<Letter> {
        let within = self.within.iter().zip(&state.within).flat_map(|(globs, group)| globs.iter().zip(group));
        let all = within.chain(self.without.iter().zip(&state.without));
        let mut letters = BTreeSet::new();
        for (glob, at) in all {
            for token in at.iter().filter_map(|place| glob.get(*place)) {
                match *token {
                    Token::Char(char) => {
                        letters.insert(Letter::Char(char));
                    }
                    Token::AnyCase(char) => {
                        letters.extend([Letter::Char(char), Letter::Char(char.to_ascii_uppercase())]);
                    }
                    Token::Symbol(symbol) => {
                        letters.insert(Letter::Symbol(symbol));
                    }
                    Token::One { colons } | Token::Many { colons } => {
                        if !colons {
                            letters.insert(Letter::Char(':'));
                        }
                    }
                }
            }
        }
        letters.into_iter().chain([Letter::Other]).collect()
    }
}

/// Where in a pattern a text may have led to, sorted.
type Places = Vec<usize>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    within: Vec<Vec<Places>>,
    without: Vec<Places>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Letter {
    Char(char),
    Symbol(u32),
    /// A character that no pattern has.
    Other,
}

fn step_each(globs: &[Rc<Vec<Glob>>], at: &[Vec<Places>], letter: Letter) -> Vec<Vec<Places>> {
    let groups = globs.iter().zip(at);
    groups
        .map(|(globs, group)| globs.iter().zip(group).map(|(glob, at)| step(glob, at, letter)).collect())
        .collect()
}

fn step(glob: &[Token], at: &Places, letter: Letter) -> Places {
    let next = at.iter().filter_map(|place| {
        let is_colon = letter == Letter::Char(':');
        match (*glob.get(*place)?, letter) {
            (Token::Char(one), Letter::Char(other)) => (one == other).then_some(place + 1),
            (Token::AnyCase(one), Letter::Char(other)) => {
                one.eq_ignore_ascii_case(&other).then_some(place + 1)
            }
            (Token::Symbol(one), Letter::Symbol(other)) => (one == other).then_some(place + 1),
            // A symbol may be several characters.
            (Token::One { .. }, Letter::Symbol(_)) => None,
            (Token::One { colons }, _) => (colons || !is_colon).then_some(place + 1),
            (Token::Many { colons }, _) => (colons || !is_colon).then_some(*place),
            _ => None,
        }
    });
    closed(glob, next)
}

/// The places with those behind each `*`, which may stand for nothing. What comes before the last `*` leads nowhere that
/// the `*` does not lead to.
fn closed(glob: &[Token], places: impl IntoIterator<Item = usize>) -> Places {
    let mut all = Places::new();
    for mut place in places {
        all.push(place);
        while matches!(glob.get(place), Some(Token::Many { .. })) {
            place += 1;
            all.push(place);
        }
    }
    all.sort_unstable();
    all.dedup();
    if let Some(last) = all.iter().rposition(|place| glob.get(*place) == Some(&ANY)) {
        all.drain(..last);
    }
    all
}

/// Whether a pattern fits a text of characters and symbols.
pub(super) fn fits(glob: &[Token], text: &[Token]) -> bool {
    // Most patterns begin, and most differ, with plain text.
    let plain = glob.iter().zip(text).take_while(|(one, other)| one == other).count();
    let (glob, text) = (&glob[plain..], &text[plain..]);
    if let Some(Token::Char(_) | Token::Symbol(_)) = glob.first() {
        return false;
    }
    let mut at = closed(glob, [0]);
    for token in text {
        if at.is_empty() {
            return false;
        }
        let letter = match *token {
            Token::Char(char) | Token::AnyCase(char) => Letter::Char(char),
            Token::Symbol(symbol) => Letter::Symbol(symbol),
            Token::One { .. } | Token::Many { .. } => Letter::Other,
        };
        at = step(glob, &at, letter);
    }
    at.last().is_some_and(|last| *last == glob.len())
}

/// A text that fits a pattern, with this for each `*`.
fn example(glob: &[Token], many: &[Token]) -> Glob {
    let token = |token: &Token| match *token {
        Token::Many { .. } => many.to_vec(),
        Token::One { .. } => vec![Token::Char('\u{1}')],
        Token::AnyCase(char) => vec![Token::Char(char)],
        other => vec![other],
    };
    glob.iter().flat_map(token).collect()
}

/// Whether one pattern certainly covers another one.
fn covers(glob: &[Token], other: &[Token]) -> bool {
    let is_in_part =
        |token: &Token| matches!(token, Token::Many { colons: false } | Token::One { colons: false });
    let is_any_case = |token: &Token| matches!(token, Token::AnyCase(_));
    !glob.iter().any(is_in_part)
        && !other.iter().any(is_any_case)
        && fits(glob, &example(other, &[Token::Symbol(u32::MAX)]))
}

/// The patterns of what is in both, where that are some of theirs.
fn in_both(one: &[Glob], other: &[Glob]) -> Option<Vec<Glob>> {
    let mut both = BTreeSet::new();
    for one in one {
        for other in other {
            if covers(other, one) {
                both.insert(one.clone());
            } else if covers(one, other) {
                both.insert(other.clone());
            } else if !are_apart(one, other) {
                return None;
            }
        }
    }
    Some(both.into_iter().collect())
}

/// Whether two patterns begin with text that is different.
fn are_apart(one: &[Token], other: &[Token]) -> bool {
    let is_text = |token: &Token| matches!(token, Token::Char(_) | Token::Symbol(_));
    let mut texts = one.iter().zip(other).take_while(|(one, other)| is_text(one) && is_text(other));
    texts.any(|(one, other)| one != other)
}

#[cfg(test)]
mod tests {
    use super::{ANY, Exists, Glob, Texts, Token};
    use std::rc::Rc;

    fn glob(text: &str) -> Glob {
        let token = |char| match char {
            '*' => ANY,
            '?' => Token::One { colons: true },
            '$' => Token::Symbol(1),
            char => Token::Char(char),
        };
        text.chars().map(token).collect()
    }

    fn left(within: &[&str], without: &[&str]) -> Exists {
        let texts =
            within.iter().fold(Texts::default(), |texts, one| texts.within(&Rc::new(vec![glob(one)])));
        texts.without(&without.iter().map(|one| glob(one)).collect::<Vec<_>>()).exist()
    }

    #[test]
    fn patterns_cover_alone_and_together() {
        for (within, without) in [
            (&["abc"][..], &["a*"][..]),
            (&["*?"], &["?*"]),
            (&["a*"], &["a", "a?*"]),
            (&["a*", "*b"], &["ab", "a*b"]),
            (&["a*", "b*"], &[]),
            (&["a$"], &["a*"]),
            (&["*", "x"], &["x"]),
        ] {
            assert_eq!(left(within, without), Exists::No, "{within:?} {without:?}");
        }
        for (within, without) in [
            (&["a*"][..], &["a?*"][..]),
            (&["a*"], &["a", "a??*"]),
            (&["*"], &["*a", "*b"]),
            (&["a*", "*b"], &["ab"]),
            (&["a*b*", "a*c*"], &[]),
            (&["a$"], &["a?"]),
            (&["a$"], &["ab"]),
            (&["ab"], &["a$"]),
        ] {
            assert_eq!(left(within, without), Exists::Yes, "{within:?} {without:?}");
        }
    }
}
