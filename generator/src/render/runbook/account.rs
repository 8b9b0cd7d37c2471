//! An account in the run-book: its stacks, its roles, the profiles that reach it.

use serde::Serialize;

use super::shell::quoted;
use super::view::policy_arn;
use crate::model::{Duty, ExecutionRole, Integration, Side, Stack};
use crate::vocab::{self, RoleArn};

/// One of the two accounts.
#[derive(Serialize)]
pub(super) struct Account {
    /// The key under `deploy` in the spec.
    side: &'static str,
    /// What the account's Regional stacks are called in prose.
    spoken: &'static str,
    id: String,
    profile: String,
    admin_profile: String,
    roles_stack: String,
    roles_file: String,
    /// The names of the Regional stacks, in the order in which they are deployed.
    stacks: Vec<String>,
    stack: String,
    file: String,
    execution_role: String,
    execution_role_word: String,
    /// Whether the execution role is the one that the roles stack makes.
    is_service_role: bool,
    /// Whether it has to leave the Lake Formation administrators, for it goes with the integration.
    is_taken_out: bool,
    deployer_policy: String,
    /// The name of the role that deploys, where the spec has one.
    deploy_role_word: Option<String>,
    /// The policies that people have attached, as words.
    policies: Vec<String>,
}

impl Account {
    /// The account of a side.
    pub(super) fn of(integration: &Integration, side: Side) -> Self {
        let (roles, stack, duties) = match side {
            Side::Lake => (Stack::LakeRoles, Stack::Lake, vec![Duty::Deployer(side)]),
            Side::Detective => (
                Stack::DetectiveRoles,
                Stack::Detective,
                vec![Duty::Deployer(side), Duty::Analyst, Duty::Setup],
            ),
        };
        let deployment = integration.deployment(side);
        let account = integration.account(side);
        let regional = integration.regional_stacks(side).into_iter();
        let stacks = regional.map(|stack| integration.stack_name(stack)).collect::<Vec<_>>();
        let execution_role = role_arn(integration, side, &integration.execution_role(side));
        Self {
            side: side.word(),
            spoken: match side {
                Side::Lake if stacks.len() == 1 => "lake stack",
                Side::Lake => "lake stacks",
                Side::Detective => "Detective stack",
            },
            id: account.to_string(),
            profile: profile_name(integration, side.word()),
            admin_profile: admin_profile_name(integration, side),
            roles_stack: integration.stack_name(roles),
            roles_file: file(roles),
            stacks,
            stack: integration.stack_name(stack),
            file: file(stack),
            execution_role_word: quoted(&execution_role),
            execution_role,
            is_service_role: deployment.execution == ExecutionRole::Service,
            is_taken_out: integration.makes_execution_role(side),
            deployer_policy: policy_arn(integration, Duty::Deployer(side)),
            deploy_role_word: deployment.role.as_ref().map(|role| quoted(RoleArn::name(role))),
            policies: duties.into_iter().map(|duty| quoted(&policy_arn(integration, duty))).collect(),
        }
    }
}

/// The ARN of a role of an account, from its path and name.
pub(super) fn role_arn(integration: &Integration, side: Side, role: &str) -> String {
    format!("arn:{}:iam::{}:role/{role}", integration.regions.partition(), integration.account(side))
}

/// The file of a stack's template.
pub(super) fn file(stack: Stack) -> String {
    format!("{}.template.yaml", stack.stem())
}

/// A profile of the AWS CLI.
#[derive(Serialize)]
pub(super) struct Profile {
    name: String,
    account: String,
    /// The role that it assumes, where the spec has one.
    role: Option<String>,
    external_id: Option<String>,
}

/// The profiles of those who deploy, in the order of the accounts. Where nothing is deployed, only of who looks.
pub(super) fn profiles(integration: &Integration) -> Vec<Profile> {
    let of_side = |side| {
        let deployment = integration.deployment(side);
        let profile = |name, role: Option<&RoleArn>| Profile {
            name,
            account: integration.account(side).to_string(),
            role: role.map(ToString::to_string),
            external_id: deployment.external_id.as_ref().map(ToString::to_string),
        };
        let role = deployment.role.as_ref();
        let deploys = !integration.regional_stacks(side).is_empty() && integration.set_owner().is_none();
        let deployer = deploys.then(|| profile(profile_name(integration, side.word()), role));
        let admin = profile(admin_profile_name(integration, side), deployment.admin_role.as_ref().or(role));
        deployer.into_iter().chain([admin])
    };
    [Side::Lake, Side::Detective].into_iter().flat_map(of_side).collect()
}

/// The name of a profile.
pub(super) fn profile_name(integration: &Integration, whose: &str) -> String {
    format!("lakelink-{}-{whose}", integration.name)
}

pub(super) fn admin_profile_name(integration: &Integration, side: Side) -> String {
    profile_name(integration, &format!("{}-admin", side.word()))
}

/// The permissions boundary of the roles of an account.
#[derive(Serialize)]
pub(super) struct Boundary {
    arn_word: String,
    profile: String,
}

impl Boundary {
    /// The boundary of a side, if it has one and a role is made there.
    pub(super) fn of(integration: &Integration, side: Side) -> Option<Self> {
        let deployment = integration.deployment(side);
        let boundary = deployment.boundary.as_ref()?;
        integration.makes_role(side).then_some(())?;
        let own = integration.account(side).as_str();
        let (account, policy) = match boundary {
            vocab::Boundary::Named(policy) => (own, policy),
            vocab::Boundary::Arn { account: None, path_and_name, .. } => ("aws", path_and_name),
            vocab::Boundary::Arn { account: Some(_), path_and_name, .. } => (own, path_and_name),
        };
        let arn = format!("arn:{}:iam::{account}:policy/{policy}", integration.regions.partition());
        Some(Self { arn_word: quoted(&arn), profile: admin_profile_name(integration, side) })
    }
}
