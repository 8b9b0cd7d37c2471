//! A text of a template, as far as it is known before the template is deployed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Account;
use crate::vocab::Region;

/// A text with holes for what only the deployment knows. Equal texts are equal terms, whichever function wrote them:
/// `!Sub '${Bucket}/*'` and `!Join ['', [!Ref Bucket, '/*']]` are one term. It prints as `Fn::Sub` would take it:
/// `arn:${AWS::Partition}:s3:::${Bucket}`, and a `${` that is text (a policy variable) as `${!aws:username}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Term {
    /// Neighbours are not both text, and no text is empty.
    parts: Vec<Part>,
}

/// A piece of a [`Term`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// `Ref` to a parameter, a pseudo parameter, or a resource whose name the template does not say.
    Ref(String),
    /// `Fn::GetAtt`: logical id and attribute.
    GetAtt(String, String),
    /// A value of the template's own `Mappings`, by a key that only the deployment knows.
    Lookup(Lookup),
    /// Any other function with its arguments: `Fn::ImportValue`, `Fn::GetStackOutput`, `Fn::Select` of a parameter.
    Call(String, Vec<Term>),
}

/// `Fn::FindInMap` by a key that only the deployment knows, mostly the Region. Where both keys are known there is no
/// lookup: the value itself stands in the term.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// The whole call, for people: `Region[${AWS::Region}].ResultsBucket`.
    pub shown: String,
    /// The key that is not known.
    pub by: Box<Term>,
    /// What comes out for each key that the mapping has. Part of equality: a changed mapping is another term.
    pub values: Arc<BTreeMap<String, String>>,
}

impl Term {
    /// Text that stands for itself.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Part::Text(text.into()))
    }

    /// One part.
    pub fn of(part: Part) -> Self {
        let is_nothing = matches!(&part, Part::Text(text) if text.is_empty());
        // Room for one and no more: most terms have one, and there are tens of thousands.
        Self { parts: if is_nothing { Vec::new() } else { vec![part] } }
    }

    /// The same with a further part at its end.
    pub fn with(mut self, part: Part) -> Self {
        self.push(part);
        self
    }

    /// The same with another term at its end.
    pub fn followed_by(mut self, other: &Self) -> Self {
        self.parts.reserve(other.parts.len());
        other.parts.iter().cloned().for_each(|part| self.push(part));
        self
    }

    fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Text(text)) if text.is_empty() => {}
            (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
            (_, part) => self.parts.push(part),
        }
    }

    /// What `Fn::Sub` makes of a text: each `${Name}` is what `variable` gives for the name, `${!Name}` the text
    /// `${Name}`. What is no such place (`${` without an end) is text.
    pub fn sub(text: &str, mut variable: impl FnMut(&str) -> Self) -> Self {
        if memchr::memmem::find(text.as_bytes(), b"${").is_none() {
            return Self::text(text);
        }
        let mut term = Self::default();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, hole) = rest.split_at(at);
            term.push(Part::Text(before.to_owned()));
            let Some(end) = hole.find('}') else { break };
            let name = &hole[2..end];
            match name.strip_prefix('!') {
                Some(literal) => term.push(Part::Text(format!("${{{literal}}}"))),
                None => variable(name).parts.into_iter().for_each(|part| term.push(part)),
            }
            rest = &hole[end + 1..];
        }
        term.with(Part::Text(rest.to_owned()))
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The whole text, if nothing of it is left to the deployment.
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether this is exactly that text.
    pub fn is(&self, text: &str) -> bool {
        self.as_text() == Some(text)
    }

    /// The names that `Ref` and `Fn::GetAtt` use anywhere in it: parameters, pseudo parameters, resources.
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(_) => {}
                Part::Ref(name) | Part::GetAtt(name, _) => names.push(name.as_str()),
                Part::Lookup(lookup) => names.extend(lookup.by.names()),
                Part::Call(_, arguments) => names.extend(arguments.iter().flat_map(Self::names)),
            }
        }
        names
    }

    /// Whether this, taken as a pattern with `*` and `?`, certainly covers every text that `other` stands for; `other`
    /// may be a pattern itself. What is symbolic is covered by itself and by `*`.
    pub fn covers(&self, other: &Self) -> bool {
        if !self.is_pattern() {
            return self == other;
        }
        matches(&self.tokens(), &other.tokens(), |one, other| one == other)
    }

    /// The same without regard to case, as IAM compares actions.
    pub fn covers_in_any_case(&self, other: &Self) -> bool {
        if let (false, Some(one), Some(other)) = (self.is_pattern(), self.as_text(), other.as_text()) {
            return one.eq_ignore_ascii_case(other);
        }
        matches(&self.tokens(), &other.tokens(), |one, other| match (one, other) {
            (Token::Char(one), Token::Char(other)) => one.eq_ignore_ascii_case(other),
            _ => one == other,
        })
    }

    /// The same as it is in an account: with its id, where that is known, for `AWS::AccountId`, and `${AWS::Partition}` for
    /// the partition of an ARN, whichever it is. For comparing what stacks say of each other.
    pub fn in_account(&self, account: &Account) -> Self {
        let mut term = Self { parts: Vec::with_capacity(self.parts.len() + 2) };
        for (n, part) in self.parts.iter().enumerate() {
            match (part, account.id()) {
                (Part::Ref(name), Some(id)) if name == "AWS::AccountId" => {
                    term.push(Part::Text(id.to_owned()))
                }
                (Part::Text(text), _) if n == 0 && text.starts_with("arn:aws") => {
                    let Some((_, rest)) = text[4..].split_once(':') else {
                        term.push(part.clone());
                        continue;
                    };
                    term.push(Part::Text("arn:".to_owned()));
                    term.push(Part::Ref("AWS::Partition".to_owned()));
                    term.push(Part::Text(format!(":{rest}")));
                }
                _ => term.push(part.clone()),
            }
        }
        term
    }

    fn is_pattern(&self) -> bool {
        let has_wildcard = |text: &str| memchr::memchr2(b'*', b'?', text.as_bytes()).is_some();
        self.parts.iter().any(|part| matches!(part, Part::Text(text) if has_wildcard(text)))
    }

    fn tokens(&self) -> Vec<Token<'_>> {
        let mut tokens = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => tokens.extend(text.chars().map(Token::Char)),
                symbol => tokens.push(Token::Symbol(symbol)),
            }
        }
        tokens
    }

    /// The same with what `value` gives for each lookup that it knows.
    pub(super) fn looked_up(&self, value: &impl Fn(&Lookup) -> Option<String>) -> Self {
        self.parts.iter().fold(Self::default(), |term, part| match part {
            Part::Lookup(lookup) => match value(lookup) {
                Some(text) => term.with(Part::Text(text)),
                None => term.with(part.clone()),
            },
            Part::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| argument.looked_up(value)).collect();
                term.with(Part::Call(function.clone(), arguments))
            }
            other => term.with(other.clone()),
        })
    }

    /// The same where the deployment is in this Region; see [`super::Statement::in_region`].
    pub(super) fn in_region(&self, region: Region) -> Self {
        let here = Self::of(Part::Ref("AWS::Region".to_owned()));
        let text = |lookup: &Lookup| {
            (*lookup.by == here).then(|| lookup.values.get(region.as_str()).cloned()).flatten()
        };
        let named = |name: &str| format!("{name}@{region}");
        self.looked_up(&text).parts.into_iter().fold(Self::default(), |term, part| match part {
            Part::Ref(name) if name == "AWS::Region" => term.with(Part::Text(region.to_string())),
            Part::Ref(name) if !name.starts_with("AWS::") => term.with(Part::Ref(named(&name))),
            Part::GetAtt(name, attribute) => term.with(Part::GetAtt(named(&name), attribute)),
            Part::Call(function, arguments) => {
                let arguments = arguments.iter().map(|argument| argument.in_region(region)).collect();
                term.with(Part::Call(function, arguments))
            }
            other => term.with(other),
        })
    }

    /// Every lookup anywhere in it.
    pub(super) fn lookups(&self) -> Vec<&Lookup> {
        let mut lookups = Vec::new();
        for part in &self.parts {
            match part {
                Part::Lookup(lookup) => lookups.push(lookup),
                Part::Call(_, arguments) => lookups.extend(arguments.iter().flat_map(Self::lookups)),
                _ => {}
            }
        }
        lookups
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(&text.replace("${", "${!"))?,
                Part::Ref(name) => write!(f, "${{{name}}}")?,
                Part::GetAtt(id, attribute) => write!(f, "${{{id}.{attribute}}}")?,
                Part::Lookup(lookup) => write!(f, "${{{}}}", lookup.shown)?,
                Part::Call(function, arguments) => {
                    write!(f, "${{{function}(")?;
                    for (n, argument) in arguments.iter().enumerate() {
                        let comma = if n == 0 { "" } else { ", " };
                        write!(f, "{comma}{argument}")?;
                    }
                    f.write_str(")}")?;
                }
            }
        }
        Ok(())
    }
}

/// A character of a term, or what stands for unknown ones.
#[derive(PartialEq)]
enum Token<'a> {
    Char(char),
    Symbol(&'a Part),
}

/// Glob matching with one step back to the last `*`: no pattern makes it slower than the product of the lengths.
fn matches<'a>(
    pattern: &[Token<'a>],
    text: &[Token<'a>],
    same: impl Fn(&Token<'a>, &Token<'a>) -> bool,
) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        let fits = match (pattern.get(p), &text[t]) {
            (Some(Token::Char('*')), _) => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            // One character, but not the `*` of another pattern, nor a symbol, which may be several.
            (Some(Token::Char('?')), Token::Char(char)) => *char != '*',
            (Some(one), other) => same(one, other),
            (None, _) => false,
        };
        if fits {
            (p, t) = (p + 1, t + 1);
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, t) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|token| *token == Token::Char('*'))
}

#[cfg(test)]
mod tests {
    use super::{Part, Term};

    fn term(text: &str) -> Term {
        Term::sub(text, |name| match name.split_once('.') {
            Some((id, attribute)) => Term::of(Part::GetAtt(id.into(), attribute.into())),
            None => Term::of(Part::Ref(name.into())),
        })
    }

    #[test]
    fn what_it_prints_reads_as_itself() {
        for text in
            ["", "a", "${A}", "arn:${AWS::Partition}:s3:::${B.Arn}/*", "home/${!aws:username}/*", "$}"]
        {
            assert_eq!(term(text).to_string(), text);
            assert_eq!(term(&term(text).to_string()), term(text));
        }
        assert_eq!(term("${!aws:username}"), Term::text("${aws:username}"));
    }

    #[test]
    fn patterns_cover_texts_patterns_and_symbols() {
        let covers = |one: &str, other: &str| term(one).covers(&term(other));
        for (one, other) in [
            ("*", ""),
            ("*", "*"),
            ("*", "${A}"),
            ("a*", "abc"),
            ("a*c", "abc"),
            ("a*c", "a*bc"),
            ("a?c", "abc"),
            ("a?c", "a?c"),
            ("*b*", "abc"),
            ("${A}/*", "${A}/x"),
            ("*/x", "${A}/x"),
            ("a*b*c", "aXbXbc"),
        ] {
            assert!(covers(one, other), "{one} covers {other}");
        }
        for (one, other) in [
            ("", "*"),
            ("a", "*"),
            ("a?", "a*"),
            ("?", "${A}"),
            ("${A}", "${B}"),
            ("${A}", "A"),
            ("a*", "*a"),
            ("a", "A"),
            ("a*c", "abcd"),
            ("?", ""),
        ] {
            assert!(!covers(one, other), "{one} does not cover {other}");
        }
        assert!(term("S3:get*").covers_in_any_case(&term("s3:GetObject")));
    }
}
