//! AWS Key Management Service.

use crate::policy::Document;
use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// A symmetric key that rotates by itself.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it is for.
    pub description: String,
    /// Its policy.
    pub policy: Document,
    /// Tags, by key.
    pub tags: Vec<(&'static str, String)>,
}

impl Properties for Key {
    const KIND: Kind = Kind::KmsKey;

    fn properties(&self) -> Value {
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| Value::map([("Key", Value::text(*key)), ("Value", Value::text(value))]));
        Value::map([
            ("Description", Value::text(&self.description)),
            ("EnableKeyRotation", Value::Bool(true)),
            ("KeyPolicy", self.policy.value()),
            ("Tags", Value::List(tags.collect())),
        ])
    }
}

/// The name of a key in the same template.
#[derive(Clone, Debug)]
pub struct Alias<'a> {
    /// The name, with `alias/` in front.
    pub name: String,
    /// The key.
    pub key: &'a LogicalId,
}

impl Properties for Alias<'_> {
    const KIND: Kind = Kind::KmsAlias;

    fn properties(&self) -> Value {
        Value::map([
            ("AliasName", Value::text(&self.name)),
            ("TargetKeyId", Value::Ref(self.key.to_string())),
        ])
    }
}
