//! `handoff`: how the resource share reaches the Detective stack.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::Text;
use crate::vocab::{Acceptance, ShareArn, ShareHandOff};

/// How the resource share ARN reaches the Detective stack, and who accepts the invitation.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOff {
    /// How the ARN is handed over.
    #[serde(default)]
    #[schemars(with = "Text<ShareHandOff>", extend("default" = "parameter"))]
    pub share_arn: Option<Text<ShareHandOff>>,
    /// With `pinned`: the ARN of the share in each lake Region.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Text<ShareArn>>")]
    pub shares: Option<BTreeMap<String, Text<ShareArn>>>,
    /// Who accepts the invitation.
    #[serde(default)]
    #[schemars(with = "Text<Acceptance>", extend("default" = "cli"))]
    pub acceptance: Option<Text<Acceptance>>,
}
