//! Other people's tools that deploy the stacks, as the run-book tells it.

use serde::Serialize;

use super::account::{admin_profile_name, file, profile_name};
use super::shell::{quoted, share_variable};
use super::view::and;
use crate::model::{Integration, Share, Stack};
use crate::vocab::{Acceptance, Region, RoleArn};

/// How the CDK CLI is called.
#[derive(Serialize)]
pub(super) struct CdkView {
    /// Whether one call does all: in both accounts there are roles to assume, the share needs no hand to carry it and
    /// nobody to accept it, and the Detective stack waits for it.
    in_one_go: bool,
    /// The roles that the CLI assumes, in a sentence; empty for none.
    roles: String,
    /// ` --profile NAME`; empty where the CLI assumes a role.
    lake_profile: String,
    lake_admin_profile: String,
    detective_profile: String,
    detective_admin_profile: String,
}

impl CdkView {
    /// The view of an integration that has a cloud assembly.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        integration.outputs.cdk.then(|| {
            let stacks = integration.stacks();
            let mut roles = Vec::new();
            for role in stacks.iter().filter_map(|stack| integration.assumed_role(*stack)) {
                let role = RoleArn::to_string(role);
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            let profile = |stack: Stack| match (integration.assumed_role(stack), stack.is_roles()) {
                (Some(_), _) => String::new(),
                (None, true) => format!(" --profile {}", admin_profile_name(integration, stack.side())),
                (None, false) => format!(" --profile {}", profile_name(integration, stack.side().word())),
            };
            Self {
                in_one_go: stacks.iter().all(|stack| integration.assumed_role(*stack).is_some())
                    && integration.handoff.acceptance == Acceptance::Lambda
                    && integration.handoff.share != Share::Parameter,
                roles: and(&roles),
                lake_profile: profile(Stack::Lake),
                lake_admin_profile: profile(Stack::LakeRoles),
                detective_profile: profile(Stack::Detective),
                detective_admin_profile: profile(Stack::DetectiveRoles),
            }
        })
    }
}

/// A stack in a Region, and how it is deployed with its parameter file.
#[derive(Serialize)]
pub(super) struct ParameterFile {
    region: &'static str,
    stack: &'static str,
    name: String,
    template: String,
    is_roles: bool,
    /// Whether its deletion cuts Detective off.
    is_protected: bool,
    /// The shell variable with what the file leaves out.
    variable: Option<String>,
    role_word: Option<String>,
    profile: String,
}

impl ParameterFile {
    /// All of an integration, in the order in which stacks are deployed in one Region after the other; none where it has
    /// no such files.
    pub(super) fn all(integration: &Integration, passes_share: bool) -> Option<Vec<Self>> {
        integration.outputs.parameters.then(|| {
            let (roles, regional): (Vec<_>, Vec<_>) =
                integration.stacks().into_iter().partition(|stack| stack.is_roles());
            let mut files = roles
                .into_iter()
                .map(|stack| Self::of(integration, stack, integration.regions.home(), passes_share))
                .collect::<Vec<_>>();
            for lake in integration.regions.lake() {
                for stack in &regional {
                    let regions = integration.regions_of(*stack).into_iter();
                    let regions =
                        regions.filter(|region| integration.lake_region_of(*stack, *region) == lake);
                    files.extend(regions.map(|region| Self::of(integration, *stack, region, passes_share)));
                }
            }
            files
        })
    }

    fn of(integration: &Integration, stack: Stack, region: Region, passes_share: bool) -> Self {
        let side = stack.side();
        let is_told = match stack {
            Stack::Detective => passes_share,
            Stack::DetectiveConsole => integration.handoff.share == Share::Parameter,
            Stack::LakeRoles | Stack::LakeCollection | Stack::Lake | Stack::DetectiveRoles => false,
        };
        Self {
            region: region.as_str(),
            stack: stack.stem(),
            name: integration.stack_name(stack),
            template: file(stack),
            is_roles: stack.is_roles(),
            is_protected: stack == Stack::Lake,
            variable: is_told.then(|| share_variable(integration.lake_region_of(stack, region))),
            role_word: (!stack.is_roles()).then(|| quoted(&integration.execution_role_arn(side))),
            profile: if stack.is_roles() {
                admin_profile_name(integration, side)
            } else {
                profile_name(integration, side.word())
            },
        }
    }
}

/// Whether a parameter file leaves the ARN of the share out.
pub(super) fn leaves_share_out(integration: &Integration, passes_share: bool) -> bool {
    passes_share || integration.handoff.share == Share::Parameter && integration.has(Stack::DetectiveConsole)
}
