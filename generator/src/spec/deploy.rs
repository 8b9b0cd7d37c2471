//! `deploy`: who deploys, and as whom CloudFormation acts.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::defaults;
use crate::spec::Text;
use crate::vocab::{Boundary, Either, ExternalId, RoleArn, RolePath, ServiceRole};

/// Who deploys, and as whom CloudFormation acts.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deploy {
    /// In the lake account.
    #[serde(default)]
    #[schemars(with = "AccountDeploy")]
    pub lake: Option<AccountDeploy>,
    /// In the Detective account.
    #[serde(default)]
    #[schemars(with = "AccountDeploy")]
    pub detective: Option<AccountDeploy>,
    /// The IAM path of every role and policy that lakelink makes.
    #[serde(default)]
    #[schemars(with = "Text<RolePath>", extend("default" = defaults::ROLE_PATH))]
    pub role_path: Option<Text<RolePath>>,
}

/// Who deploys in one account, and as whom CloudFormation acts there.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountDeploy {
    /// The role to assume for deploying; absent: the ambient credentials.
    #[serde(default)]
    #[schemars(with = "Text<RoleArn>")]
    pub role_arn: Option<Text<RoleArn>>,
    /// The external id that assuming `role_arn` or `admin_role_arn` takes.
    #[serde(default)]
    #[schemars(with = "Text<ExternalId>")]
    pub external_id: Option<Text<ExternalId>>,
    /// The role to assume for the roles stacks, instead of `role_arn`.
    #[serde(default)]
    #[schemars(with = "Text<RoleArn>")]
    pub admin_role_arn: Option<Text<RoleArn>>,
    /// As whom CloudFormation acts: `service_role`, or the ARN of a role of yours.
    #[serde(default)]
    #[schemars(with = "Text<Either<ServiceRole, RoleArn>>", extend("default" = "service_role"))]
    pub execution_role: Option<Text<Either<ServiceRole, RoleArn>>>,
    /// The permissions boundary of every role that lakelink makes in the account.
    #[serde(default)]
    #[schemars(with = "Text<Boundary>")]
    pub permissions_boundary: Option<Text<Boundary>>,
}
