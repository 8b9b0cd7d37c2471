//! Whether an ARN or a pattern of ARNs can be one of a type.

use std::ops::Range;

use crate::review::{Part, Term};

/// A character of a pattern.
#[derive(Clone, Copy, PartialEq)]
enum Token {
    Char(char),
    /// Any number of characters.
    Any,
    /// Any number of characters but `/`.
    AnyName,
    /// One character.
    One,
}

impl Token {
    fn of(char: char) -> Self {
        match char {
            '*' => Self::Any,
            '?' => Self::One,
            char => Self::Char(char),
        }
    }

    /// What stands for a value. A bucket has no `/` in its name; what is behind one is an object.
    fn of_hole(name: &str) -> Self {
        if name == "BucketName" { Self::AnyName } else { Self::Any }
    }
}

/// An ARN, a pattern of ARNs, or the form of those of a resource type, ready to be held against others.
pub(super) struct Pattern {
    whole: Vec<Token>,
    /// Where its six fields are, if it is written as an ARN.
    fields: Option<[Range<usize>; 6]>,
}

impl Pattern {
    /// Of a resource in a statement. What only the deployment knows can be anything.
    pub(super) fn of(term: &Term) -> Self {
        Self::from(tokens(term))
    }

    /// Of a type in the table of actions, like `arn:${Partition}:s3:::${BucketName}`.
    pub(super) fn of_form(form: &str) -> Self {
        let (mut whole, mut rest) = (Vec::with_capacity(form.len()), form);
        while let Some((before, hole)) = rest.split_once("${") {
            let (name, behind) = hole.split_once('}').unwrap_or((hole, ""));
            whole.extend(before.chars().map(Token::of));
            whole.push(Token::of_hole(name));
            rest = behind;
        }
        whole.extend(rest.chars().map(Token::of));
        Self::from(whole)
    }

    fn from(whole: Vec<Token>) -> Self {
        let fields = fields(&whole);
        Self { whole, fields }
    }

    /// Whether something can have an ARN that fits both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        match (&self.fields, &other.fields) {
            // The service tells most of them apart.
            (Some(one), Some(theirs)) => [2, 5, 0, 1, 3, 4]
                .iter()
                .all(|n| overlap(&self.whole[one[*n].clone()], &other.whole[theirs[*n].clone()])),
            _ => overlap(&self.whole, &other.whole),
        }
    }
}

/// The fields of an ARN; what is behind the fifth colon is the resource, whatever it holds.
fn fields(whole: &[Token]) -> Option<[Range<usize>; 6]> {
    let mut colons = whole.iter().enumerate().filter(|(_, token)| **token == Token::Char(':'));
    let mut ends = [whole.len(); 6];
    for end in ends.iter_mut().take(5) {
        *end = colons.next()?.0;
    }
    let starts = [0, ends[0] + 1, ends[1] + 1, ends[2] + 1, ends[3] + 1, ends[4] + 1];
    let is_arn = whole[..ends[0]] == ['a', 'r', 'n'].map(Token::Char);
    is_arn.then(|| std::array::from_fn(|n| starts[n]..ends[n]))
}

fn tokens(term: &Term) -> Vec<Token> {
    let mut tokens = Vec::new();
    for part in term.parts() {
        match part {
            Part::Text(text) => {
                tokens.reserve(text.len());
                tokens.extend(text.chars().map(Token::of));
            }
            Part::Ref(name) => tokens.push(Token::of_hole(name)),
            _ => tokens.push(Token::Any),
        }
    }
    tokens
}

/// Whether some text fits both patterns.
fn overlap(one: &[Token], other: &[Token]) -> bool {
    // What is plain at the beginning of both must be equal; most pairs end here.
    let is_plain = |token: &Token| matches!(token, Token::Char(_));
    let plain = one.iter().zip(other).take_while(|(a, b)| is_plain(a) && is_plain(b));
    let mut same = 0;
    for (a, b) in plain {
        if a != b {
            return false;
        }
        same += 1;
    }
    let (one, other) = (&one[same..], &other[same..]);
    if (one.is_empty() && other.is_empty()) || *one == [Token::Any] || *other == [Token::Any] {
        return true;
    }
    let is_many = |token: Token| matches!(token, Token::Any | Token::AnyName);
    // reach[j]: `one[..i]` and `other[..j]` fit a common text.
    let mut reach = vec![false; other.len() + 1];
    reach[0] = true;
    for j in 0..other.len() {
        reach[j + 1] = reach[j] && is_many(other[j]);
    }
    let mut next = reach.clone();
    for &token in one {
        next[0] = reach[0] && is_many(token);
        for (j, &against) in other.iter().enumerate() {
            next[j + 1] = match (is_many(token), is_many(against)) {
                (true, true) => reach[j + 1] || next[j] || reach[j],
                (true, false) => reach[j + 1] || (next[j] && takes(token, against)),
                (false, true) => next[j] || (reach[j + 1] && takes(against, token)),
                (false, false) => {
                    reach[j] && (token == against || token == Token::One || against == Token::One)
                }
            };
        }
        std::mem::swap(&mut reach, &mut next);
    }
    reach[other.len()]
}

/// Whether one that stands for many characters can stand for this one, too.
fn takes(many: Token, one: Token) -> bool {
    many == Token::Any || one != Token::Char('/')
}

#[cfg(test)]
mod tests {
    use super::Pattern;
    use crate::review::{Part, Term};

    #[test]
    fn arns_fit_their_types() {
        let term = |text: &str| Term::sub(text, |name| Term::of(Part::Ref(name.to_owned())));
        let (bucket, object) =
            ("arn:${Partition}:s3:::${BucketName}", "arn:${Partition}:s3:::${BucketName}/${ObjectName}");
        let parameter =
            "arn:${Partition}:ssm:${Region}:${Account}:parameter/${ParameterNameWithoutLeadingSlash}";
        let group = "arn:${Partition}:logs:${Region}:${Account}:log-group:${LogGroupName}";
        for (arn, form, fits) in [
            ("arn:aws:s3:::b", bucket, true),
            ("arn:aws:s3:::b/*", bucket, false),
            ("arn:aws:s3:::b*", object, true),
            ("arn:aws:s3:::b", object, false),
            ("arn:aws:s3:::b/x", object, true),
            ("${Bucket}/*", object, true),
            ("arn:${AWS::Partition}:s3:::${B}", object, true),
            ("arn:aws:s3:::b", parameter, false),
            ("arn:aws:ssm:*:1:parameter/a/b", parameter, true),
            ("arn:aws:ssm:*:1:document/a", parameter, false),
            ("arn:aws:logs:*:1:log-group:/a:*", group, true),
            ("*", group, true),
        ] {
            assert_eq!(Pattern::of(&term(arn)).meets(&Pattern::of_form(form)), fits, "{arn} {form}");
        }
    }
}
