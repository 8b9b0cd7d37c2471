//! What the user wrote. Shapes only: no defaults beyond "absent", no meaning, no places.
//!
//! Every value may be missing, because the shape check ([`crate::document::check`]) takes out what it has
//! reported: typed reading then never fails, and the model still judges all the rest. What is required is said in
//! the JSON Schema, which is made from these very types.

mod collection;
mod deploy;
mod detective;
mod handoff;
mod lake;
mod local;
mod review;
mod rollout;
mod schema;
mod text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::vocab::{BaseFile, IntegrationName, OrganizationId, OutputKind, Region};

pub use collection::{Accounts, Collection};
pub use deploy::{AccountDeploy, Deploy};
pub use detective::{Crawler, Detective, LakeFormation, PerRegion, Results, Workgroup, WorkgroupSettings};
pub use handoff::HandOff;
pub use lake::{Lake, Subscriber};
pub use local::{Local, LocalAccount};
pub use review::{Accept, Review};
pub use rollout::{OrganizationalUnits, Rollout, StackSets};
pub use schema::{json_schema, local_shape, shape};
pub use text::{Text, Whole};

/// One integration: one lake account, one Detective account, one or more Regions.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// The version of the spec format.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1, max = 1), extend("default" = 1))]
    pub version: Option<Whole>,
    /// The name of the integration: folder under `out/`, part of every physical name.
    #[schemars(with = "Text<IntegrationName>")]
    pub name: Option<Text<IntegrationName>>,
    /// Base specs that this one builds on: relative paths in the same git repository. Later ones win, this file most.
    #[serde(default)]
    #[schemars(with = "Extends")]
    pub extends: Option<Extends>,
    /// The Regions; each Detective Region once.
    #[schemars(with = "Vec<RegionItem>", length(min = 1))]
    pub regions: Option<Vec<Option<RegionItem>>>,
    /// The Region where the roles stacks live; default: the first of `regions`.
    #[serde(default)]
    #[schemars(with = "Text<Region>")]
    pub home_region: Option<Text<Region>>,
    /// The organization in AWS Organizations that both accounts belong to.
    #[serde(default)]
    #[schemars(with = "Organization")]
    pub organization: Option<Organization>,
    /// The Security Lake account.
    #[schemars(with = "Lake")]
    pub lake: Option<Lake>,
    /// The Detective account.
    #[schemars(with = "Detective")]
    pub detective: Option<Detective>,
    /// How the share reaches the Detective stack, and who accepts it.
    #[serde(default)]
    #[schemars(with = "HandOff")]
    pub handoff: Option<HandOff>,
    /// Who deploys, and as whom CloudFormation acts.
    #[serde(default)]
    #[schemars(with = "Deploy")]
    pub deploy: Option<Deploy>,
    /// How the stacks are rolled out.
    #[serde(default)]
    #[schemars(with = "Rollout")]
    pub rollout: Option<Rollout>,
    /// What is written under `out/`.
    #[serde(default)]
    #[schemars(with = "Vec<Text<OutputKind>>", length(min = 1), extend("default" = ["templates", "runbook"]))]
    pub outputs: Option<Vec<Option<Text<OutputKind>>>>,
    /// Tags of every stack, at most 40.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>", extend("maxProperties" = 40))]
    pub tags: Option<BTreeMap<String, String>>,
    /// Findings of the policy review that are accepted.
    #[serde(default)]
    #[schemars(with = "Review")]
    pub review: Option<Review>,
}

/// One base spec, or several in order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Extends {
    /// One base spec.
    One(Text<BaseFile>),
    /// Several, later ones winning.
    Many(#[schemars(with = "Vec<Text<BaseFile>>")] Vec<Option<Text<BaseFile>>>),
}

/// A Region, or a lake Region that is read from another Detective Region.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum RegionItem {
    /// Both sides in one Region.
    Same(Text<Region>),
    /// The two sides, named.
    Pair(RegionPair),
}

/// A lake Region and the Detective Region that reads it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegionPair {
    /// Where Security Lake keeps the data: with another `detective`, a rollup Region.
    #[schemars(with = "Text<Region>")]
    pub lake: Option<Text<Region>>,
    /// Where Detective reads it; default: the same Region. Another Region is experimental.
    #[serde(default)]
    #[schemars(with = "Text<Region>")]
    pub detective: Option<Text<Region>>,
}

/// The organization of both accounts.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// Its id.
    #[schemars(with = "Text<OrganizationId>")]
    pub id: Option<Text<OrganizationId>>,
}

impl Spec {
    /// Reads a document that the shape check has been over.
    ///
    /// # Errors
    /// Never for such a document; the message of serde otherwise.
    pub fn read(value: serde_yaml::Value) -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_value(value)
    }
}
