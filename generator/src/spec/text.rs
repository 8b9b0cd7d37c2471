//! Text that stands for a word of [`crate::vocab`], not read yet.

use std::borrow::Cow;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use crate::problem::Fault;
use crate::vocab::Word;

/// Text that should be a `T`. It is read late, by [`Text::read`], so that one bad id does not hide the next; its
/// JSON Schema is `T`'s own.
pub struct Text<T> {
    raw: String,
    word: PhantomData<T>,
}

impl<T: Word> Text<T> {
    /// The text as it was written.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The word that the text stands for.
    ///
    /// # Errors
    /// What `T` says about text that it is not.
    pub fn read(&self) -> Result<T, Fault> {
        T::read(&self.raw)
    }
}

impl<T> std::fmt::Debug for Text<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.raw.fmt(f)
    }
}

impl<'de, T> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { raw: String::deserialize(deserializer)?, word: PhantomData })
    }
}

impl<T: Word> JsonSchema for Text<T> {
    fn schema_name() -> Cow<'static, str> {
        T::name()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        T::schema()
    }
}

/// A whole number of any size that YAML gives: ranges are judged by the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole(i128);

impl Whole {
    /// The number.
    pub fn get(self) -> i128 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Whole;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number")
            }

            fn visit_i64<E>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number.into()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(number.into()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
