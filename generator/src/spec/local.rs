//! The local file beside a spec: what belongs to one person's machine. Nothing in it reaches a generated file.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::Text;
use crate::vocab::ProfileName;

/// What one person deploys with.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// In the lake account.
    #[serde(default)]
    #[schemars(with = "LocalAccount")]
    pub lake: Option<LocalAccount>,
    /// In the Detective account.
    #[serde(default)]
    #[schemars(with = "LocalAccount")]
    pub detective: Option<LocalAccount>,
}

/// What one person deploys with in one account.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalAccount {
    /// The profile of the AWS CLI.
    #[schemars(with = "Text<ProfileName>")]
    pub profile: Option<Text<ProfileName>>,
}

impl Local {
    /// Reads a document that the shape check has been over.
    ///
    /// # Errors
    /// Never for such a document; the message of serde otherwise.
    pub fn read(value: serde_yaml::Value) -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_value(value)
    }
}
