//! AWS Systems Manager Parameter Store.

use crate::resources::{Kind, Properties};
use crate::template::Value;

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// One string.
    Text,
    /// Strings joined by commas.
    List,
}

/// A parameter of the standard tier.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, a path.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParameterKind,
    /// The value.
    pub value: Value,
    /// What it is, for people who look at the list of parameters.
    pub description: &'static str,
}

impl Properties for Parameter {
    const KIND: Kind = Kind::SsmParameter;

    fn properties(&self) -> Value {
        let kind = match self.kind {
            ParameterKind::Text => "String",
            ParameterKind::List => "StringList",
        };
        Value::map([
            ("Name", Value::text(self.name)),
            ("Description", Value::text(self.description)),
            ("Type", Value::text(kind)),
            ("Tier", Value::text("Standard")),
            ("Value", self.value.clone()),
        ])
    }
}
