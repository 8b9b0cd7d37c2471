//! `lake`: the Security Lake account.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::{Collection, Text};
use crate::vocab::{AccountId, ExternalId, LogSource, SourceVersion, SubscriberName};

/// The Security Lake account: the delegated administrator of Security Lake.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lake {
    /// The account id.
    #[schemars(with = "Text<AccountId>")]
    pub account: Option<Text<AccountId>>,
    /// The version of every source.
    #[serde(default)]
    #[schemars(with = "Text<SourceVersion>", extend("default" = "2.0"))]
    pub source_version: Option<Text<SourceVersion>>,
    /// The log sources that are shared; `cloud_trail_mgmt` and `vpc_flow` are needed by Detective.
    #[serde(default)]
    #[schemars(with = "Vec<Text<LogSource>>", length(min = 1), extend("default" = ["cloud_trail_mgmt", "vpc_flow"]))]
    pub sources: Option<Vec<Option<Text<LogSource>>>>,
    /// The subscriber through which the Detective account reads.
    #[serde(default)]
    #[schemars(with = "Subscriber")]
    pub subscriber: Option<Subscriber>,
    /// Turns the sources on; absent: they are on already.
    #[serde(default)]
    #[schemars(with = "Collection")]
    pub collection: Option<Collection>,
}

/// The subscriber of Security Lake.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscriber {
    /// Its name; default `lakelink-<name>`.
    #[serde(default)]
    #[schemars(with = "Text<SubscriberName>")]
    pub name: Option<Text<SubscriberName>>,
    /// The external id that the Detective console shows; required unless the subscriber exists.
    #[serde(default)]
    #[schemars(with = "Text<ExternalId>")]
    pub external_id: Option<Text<ExternalId>>,
    /// Somebody else makes the subscriber: leave `name` and `external_id` out, and pin the shares under `handoff`. Without
    /// `collection` nothing is deployed in the lake account.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub existing: Option<bool>,
}
