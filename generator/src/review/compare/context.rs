//! Conditions on one key of the request, as sets of values that meet them.
//!
//! Facts: IAM user guide, "Condition operators" and "Single-valued vs. multivalued context keys". A key that is not in
//! the request meets no condition but a negated one, one with `IfExists`, one with `ForAllValues`, and `Null: true`. In
//! operators on ARNs a wildcard stays within its part of the ARN. Whether `ForAnyValue` heeds `IfExists` is unproven: it is
//! taken to, which makes more of a change, not less.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::glob::{ANY, Exists, Glob, Texts, Token};

/// What one condition asks of the values that a request has for a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Test {
    /// Whether a request without the key meets it.
    on_nothing: bool,
    /// Whether one value must fit, or all of them.
    quantity: Quantity,
    /// Whether to fit is to be one of the values, or none of them.
    is_one_of: bool,
    values: Values,
    /// Whether it is written for a key with one value at most.
    is_for_one: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Quantity {
    One,
    All,
}

/// The values of a condition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Values {
    /// Texts that are compared as such.
    Texts(Rc<Vec<Glob>>),
    /// Values that are compared in a way that is not looked into: numbers, dates, addresses. Equal ones are equal, more
    /// of them are more.
    Opaque(String, BTreeSet<Glob>),
}

impl Test {
    /// A condition by its operator; `values` are plain characters and symbols.
    pub(super) fn new(operator: &str, values: impl Iterator<Item = Glob>) -> Self {
        let (several, rest) = match operator.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantity::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantity::One), rest),
            _ => (None, operator),
        };
        let (rest, if_exists) = match rest.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        let values = values.collect::<BTreeSet<_>>();
        if rest == "Null"
            && let Some(is_null) = null(&values)
        {
            // Every value fits, or none.
            let any = Values::Texts(Rc::new(vec![vec![ANY]]));
            let is_one_of = !is_null;
            return Self {
                on_nothing: is_null,
                quantity: Quantity::One,
                is_one_of,
                values: any,
                is_for_one: false,
            };
        }
        let (base, is_negated) = positive(rest);
        let form: Option<fn(Glob) -> Glob> = match base {
            "StringEquals" | "OnlyColumns" | "CellsFilter" | "LFTag" => Some(|value| value),
            "StringEqualsIgnoreCase" | "Bool" => Some(in_any_case),
            "StringLike" => Some(|value| wild(value, true)),
            "ArnEquals" | "ArnLike" => Some(arn),
            _ => None,
        };
        let values = match form {
            Some(form) => Values::Texts(Rc::new(values.into_iter().map(form).collect())),
            None => Values::Opaque(base.to_owned(), values),
        };
        let quantity = several.unwrap_or(if is_negated { Quantity::All } else { Quantity::One });
        let on_nothing = if_exists
            || match several {
                Some(Quantity::All) => true,
                Some(Quantity::One) => false,
                None => is_negated,
            };
        Self { on_nothing, quantity, is_one_of: !is_negated, values, is_for_one: several.is_none() }
    }

    /// Met exactly where this is not.
    pub(super) fn negated(&self) -> Self {
        let quantity = if self.quantity == Quantity::One { Quantity::All } else { Quantity::One };
        Self { on_nothing: !self.on_nothing, quantity, is_one_of: !self.is_one_of, ..self.clone() }
    }
}

/// Whether what a request has for a key can meet all of these.
pub(super) fn can_be_met(tests: &[Test]) -> Exists {
    if tests.iter().all(|test| test.on_nothing) {
        return Exists::Yes;
    }
    let (ones, alls) = tests.iter().partition::<Vec<_>, _>(|test| test.quantity == Quantity::One);
    if ones.len() < 2 || tests.iter().any(|test| test.is_for_one) {
        return value_for(ones.iter().chain(&alls).copied());
    }
    let each = ones.iter().map(|one| value_for(alls.iter().copied().chain([*one])));
    each.fold(Exists::Yes, Exists::and)
}

/// Whether one value fits all of these.
fn value_for<'a>(tests: impl Iterator<Item = &'a Test>) -> Exists {
    let (mut texts, mut opaque) = (Texts::default(), BTreeSet::new());
    for Test { is_one_of, values, .. } in tests {
        match values {
            Values::Texts(globs) if *is_one_of => texts = texts.within(globs),
            Values::Texts(globs) => texts = texts.without(globs),
            Values::Opaque(base, values) => {
                opaque.insert((*is_one_of, base, values));
            }
        }
    }
    let is_impossible = opaque.iter().any(|(is_one_of, base, values)| {
        let rest = opaque.iter().filter(|(other, kind, _)| !other && kind == base);
        let denied = rest.flat_map(|(_, _, denied)| denied.iter()).collect::<BTreeSet<_>>();
        *is_one_of && values.iter().all(|value| denied.contains(value))
    });
    match texts.exist() {
        Exists::No => Exists::No,
        _ if is_impossible => Exists::No,
        exists if opaque.is_empty() => exists,
        // One such condition alone can be met, and can be missed.
        _ if opaque.len() == 1 && texts.are_all() => Exists::Yes,
        _ => Exists::Unknown,
    }
}

fn null(values: &BTreeSet<Glob>) -> Option<bool> {
    let [value] = values.iter().collect::<Vec<_>>()[..] else { return None };
    let is = |word: &str| in_any_case(value.clone()) == word.chars().map(Token::AnyCase).collect::<Vec<_>>();
    is("true").then_some(true).or_else(|| is("false").then_some(false))
}

/// The operator without its `Not`, and whether it had one.
fn positive(operator: &str) -> (&str, bool) {
    match operator {
        "StringNotEquals" => ("StringEquals", true),
        "StringNotEqualsIgnoreCase" => ("StringEqualsIgnoreCase", true),
        "StringNotLike" => ("StringLike", true),
        "ArnNotEquals" | "ArnNotLike" => ("ArnLike", true),
        "NumericNotEquals" => ("NumericEquals", true),
        "DateNotEquals" => ("DateEquals", true),
        "NotIpAddress" => ("IpAddress", true),
        "AllColumnsBut" => ("OnlyColumns", true),
        other => (other, false),
    }
}

fn in_any_case(value: Glob) -> Glob {
    let token = |token| match token {
        Token::Char(char) => Token::AnyCase(char.to_ascii_lowercase()),
        other => other,
    };
    value.into_iter().map(token).collect()
}

/// `*` and `?` as wildcards.
pub(super) fn wild(value: Glob, colons: bool) -> Glob {
    let token = |token| match token {
        Token::Char('*') => Token::Many { colons },
        Token::Char('?') => Token::One { colons },
        other => other,
    };
    value.into_iter().map(token).collect()
}

/// A pattern of an ARN: five parts and the rest. `*` alone is every ARN.
pub(super) fn arn(value: Glob) -> Glob {
    if value == [Token::Char('*')] {
        return vec![ANY];
    }
    let mut colons = 0;
    let mut tokens = Glob::new();
    for token in value {
        colons += usize::from(token == Token::Char(':'));
        tokens.extend(wild(vec![token], colons >= 5));
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::super::glob::{Exists, Token};
    use super::{Test, can_be_met};

    fn test(operator: &str, values: &[&str]) -> Test {
        Test::new(operator, values.iter().map(|value| value.chars().map(Token::Char).collect()))
    }

    /// Whether `one` is met wherever `other` is.
    fn is_wider(one: (&str, &[&str]), other: (&str, &[&str])) -> Exists {
        can_be_met(&[test(other.0, other.1), test(one.0, one.1).negated()])
    }

    #[test]
    fn what_is_weaker_is_known() {
        for (one, other) in [
            (("StringEquals", &["a", "b"][..]), ("StringEquals", &["a"][..])),
            (("StringEqualsIfExists", &["a"]), ("StringEquals", &["a"])),
            (("StringLike", &["a*"]), ("StringEquals", &["ab"])),
            (("StringEqualsIgnoreCase", &["A"]), ("StringEquals", &["a"])),
            (("StringNotEquals", &["a"]), ("StringNotEquals", &["a", "b"])),
            (("StringNotEqualsIfExists", &["a"]), ("StringNotEquals", &["a"])),
            (("StringNotEquals", &["a"]), ("StringEquals", &["b"])),
            (("ForAllValues:StringEquals", &["a"]), ("StringEquals", &["a"])),
            (("ForAnyValue:StringEquals", &["a"]), ("StringEquals", &["a"])),
            (("ForAnyValue:StringEquals", &["a", "b"]), ("ForAnyValue:StringEquals", &["b"])),
            (("Null", &["false"]), ("StringLike", &["*"])),
            (("Null", &["true"]), ("Null", &["TRUE"])),
            (("ArnLike", &["arn:aws:s3:::*"]), ("ArnEquals", &["arn:aws:s3:::b"])),
            (("NumericLessThan", &["1", "2"]), ("NumericLessThan", &["2"])),
            (("NumericLessThanIfExists", &["2"]), ("NumericLessThan", &["2"])),
            (("AllColumnsBut", &["a"]), ("OnlyColumns", &["b"])),
        ] {
            assert_eq!(is_wider(one, other), Exists::No, "{one:?} {other:?}");
        }
        for (one, other) in [
            (("StringEquals", &["a"][..]), ("StringEquals", &["a", "b"][..])),
            (("StringEquals", &["a"]), ("StringEqualsIfExists", &["a"])),
            (("StringEquals", &["a"]), ("StringLike", &["*"])),
            (("StringLike", &["*"]), ("Null", &["true"])),
            (("StringEquals", &["a"]), ("ForAllValues:StringEquals", &["a"])),
            (("StringNotEquals", &["a", "b"]), ("StringNotEquals", &["a"])),
            (("ArnLike", &["arn:aws:*:role/x"]), ("ArnLike", &["arn:aws:iam::1:role/x"])),
            (("NumericLessThan", &["2"]), ("NumericLessThanIfExists", &["2"])),
        ] {
            assert_eq!(is_wider(one, other), Exists::Yes, "{one:?} {other:?}");
        }
        for (one, other) in [
            (("NumericLessThan", &["20"][..]), ("NumericLessThan", &["10"][..])),
            (("IpAddress", &["10.0.0.0/8"]), ("IpAddress", &["10.1.0.0/16"])),
        ] {
            assert_eq!(is_wider(one, other), Exists::Unknown, "{one:?} {other:?}");
        }
    }
}
