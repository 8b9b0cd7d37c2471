//! A word that is one of two: `service_role` or a role ARN, `create` or a bucket name.

use std::borrow::Cow;

use schemars::{Schema, json_schema};

use crate::problem::Fault;
use crate::vocab::Word;

/// One of two kinds of word. The first is tried first; the fault of the second is what a reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Either<A, B> {
    /// The first kind.
    First(A),
    /// The second kind.
    Second(B),
}

impl<A: Word, B: Word> Word for Either<A, B> {
    fn name() -> Cow<'static, str> {
        format!("{}Or{}", A::name(), B::name()).into()
    }

    fn schema() -> Schema {
        json_schema!({ "anyOf": [A::schema(), B::schema()] })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let Err(first) = A::read(text).map(Self::First) else { return A::read(text).map(Self::First) };
        B::read(text).map(Self::Second).map_err(|second| {
            // A near miss of a fixed word ("service-role") is a typo of it, not a bad ARN.
            if first.help.starts_with("did you mean") { Fault { code: second.code, ..first } } else { second }
        })
    }
}
