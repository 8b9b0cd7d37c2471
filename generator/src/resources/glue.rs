//! AWS Glue.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::AccountId;

/// A database of this account that stands for one of another account. The name stands in `DatabaseInput` only:
/// that is valid in every form of the schema.
#[derive(Clone, Debug)]
pub struct ResourceLink<'a> {
    /// The name, here and there.
    pub name: Value,
    /// The account that owns the database.
    pub owner: &'a AccountId,
}

impl Properties for ResourceLink<'_> {
    const KIND: Kind = Kind::GlueDatabase;

    fn properties(&self) -> Value {
        let target = Value::map([
            ("CatalogId", Value::text(self.owner.as_str())),
            ("DatabaseName", self.name.clone()),
        ]);
        Value::map([
            ("CatalogId", Value::account()),
            ("DatabaseInput", Value::map([("Name", self.name.clone()), ("TargetDatabase", target)])),
        ])
    }
}
