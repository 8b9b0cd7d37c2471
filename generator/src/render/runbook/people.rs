//! Those who query, as the run-book addresses them.

use serde::Serialize;

use super::account::profile_name;
use super::shell::quoted;
use crate::model::{Integration, Principal};
use crate::vocab::{Partition, PrincipalArn, PrincipalKind};

/// A principal of the spec.
#[derive(Serialize)]
pub(super) struct Person {
    arn: String,
    spoken: String,
    name_word: String,
    is_user: bool,
}

impl Person {
    /// The person behind a principal.
    pub(super) fn of(principal: &Principal) -> Self {
        let arn = principal.arn();
        Self {
            arn: arn.to_string(),
            spoken: principal.spoken(),
            name_word: quoted(PrincipalArn::name(arn)),
            is_user: arn.kind() == PrincipalKind::User,
        }
    }
}

/// A permission set of IAM Identity Center, known by the role that it made.
#[derive(Serialize)]
pub(super) struct PermissionSet {
    name: String,
    name_word: String,
    role: String,
    /// Where Identity Center lives.
    region: String,
}

impl PermissionSet {
    /// The permission set behind a principal.
    pub(super) fn of(integration: &Integration, principal: &Principal) -> Self {
        let arn = principal.arn();
        let name = set_name(arn);
        Self {
            name_word: quoted(&name),
            name,
            role: PrincipalArn::name(arn).to_owned(),
            region: identity_center_region(integration, arn),
        }
    }
}

/// The permission set's name; a role that is not named after one stands for itself.
fn set_name(arn: &PrincipalArn) -> String {
    arn.permission_set().unwrap_or(PrincipalArn::name(arn)).to_owned()
}

/// The last part of the path is the Region of Identity Center, except for `us-east-1`, which is left out (IAM
/// Identity Center user guide, `referencingpermissionsets`).
fn identity_center_region(integration: &Integration, arn: &PrincipalArn) -> String {
    let last = arn.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    match (last, integration.regions.partition()) {
        ("sso.amazonaws.com", Partition::Aws) => "us-east-1".to_owned(),
        ("sso.amazonaws.com", Partition::GovCloud) => integration.regions.home().to_string(),
        (region, _) => region.to_owned(),
    }
}

/// The profile that the test queries run with: the first principal of the spec.
#[derive(Serialize)]
pub(super) struct Analyst {
    profile: String,
    arn: String,
    name: String,
    is_role: bool,
    is_permission_set: bool,
    is_user: bool,
}

impl Analyst {
    /// The first of those who query.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        let arn = integration.detective.principals.first()?.arn();
        let kind = arn.kind();
        Some(Self {
            profile: profile_name(integration, "analyst"),
            arn: arn.to_string(),
            name: set_name(arn),
            is_role: kind == PrincipalKind::Role,
            is_permission_set: kind == PrincipalKind::PermissionSet,
            is_user: kind == PrincipalKind::User,
        })
    }
}
