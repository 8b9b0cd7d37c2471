//! `rollout`: stacks or StackSets.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::Text;
use crate::vocab::{AccountId, CallAs, OrganizationalUnit, PermissionModel, RoleArn, RolloutMethod};

/// How the stacks are rolled out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// Stacks, or StackSets, which take the output `stack_sets`.
    #[serde(default)]
    #[schemars(with = "Text<RolloutMethod>", extend("default" = "stacks"))]
    pub method: Option<Text<RolloutMethod>>,
    /// Settings of the StackSets.
    #[serde(default)]
    #[schemars(with = "StackSets")]
    pub stack_sets: Option<StackSets>,
}

/// Settings of the StackSets.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StackSets {
    /// Who manages their permissions.
    #[serde(default)]
    #[schemars(with = "Text<PermissionModel>", extend("default" = "service_managed"))]
    pub permission_model: Option<Text<PermissionModel>>,
    /// As whom they are called.
    #[serde(default)]
    #[schemars(with = "Text<CallAs>", extend("default" = "delegated_admin"))]
    pub call_as: Option<Text<CallAs>>,
    /// The organizational units that hold the two accounts.
    #[serde(default)]
    #[schemars(with = "OrganizationalUnits")]
    pub organizational_units: Option<OrganizationalUnits>,
    /// The management account of the organization; with `service_managed`.
    #[serde(default)]
    #[schemars(with = "Text<AccountId>")]
    pub management_account: Option<Text<AccountId>>,
    /// Whether StackSets deploys by itself when an account joins an organizational unit: to every such account, so use
    /// units that hold one account; with `service_managed`.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = false))]
    pub auto_deployment: Option<bool>,
    /// The role as which StackSets assumes the execution roles, in the account of the sets; with `self_managed`.
    #[serde(default)]
    #[schemars(with = "Text<RoleArn>")]
    pub administration_role: Option<Text<RoleArn>>,
}

/// The organizational units that hold the two accounts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationalUnits {
    /// The unit of the lake account.
    #[serde(default)]
    #[schemars(with = "Text<OrganizationalUnit>")]
    pub lake: Option<Text<OrganizationalUnit>>,
    /// The unit of the Detective account.
    #[serde(default)]
    #[schemars(with = "Text<OrganizationalUnit>")]
    pub detective: Option<Text<OrganizationalUnit>>,
}
