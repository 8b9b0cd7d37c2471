//! `lake.collection`: the stack that turns the sources on.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::Text;
use crate::vocab::{AccountId, CollectionScope};

/// Turns the log sources on, by a stack of its own. They stay on when the stack goes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// The accounts to collect from; never implied.
    #[schemars(with = "Accounts")]
    pub accounts: Option<Accounts>,
}

/// All accounts, or the listed ones.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Accounts {
    /// Every account of the data lake.
    All(Text<CollectionScope>),
    /// These accounts.
    Listed(#[schemars(with = "Vec<Text<AccountId>>", length(min = 1))] Vec<Option<Text<AccountId>>>),
}
