//! The other ways to roll out, as the run-book tells them: StackSets, Git sync, Customizations for Control Tower.

use serde::Serialize;

use super::account::{admin_profile_name, profile_name};
use super::view::and;
use crate::model::rollout::{self, Permissions, is_made_by_stack_sets};
use crate::model::{Integration, Share, Side, Stack, StackSets};
use crate::vocab::{CallAs, Region};

/// StackSets.
#[derive(Serialize)]
pub(super) struct StackSetsView {
    profile: String,
    /// The account that the sets are made in, in a sentence.
    account: String,
    parent: String,
    is_service_managed: bool,
    /// Whether a delegated administrator calls.
    is_delegated: bool,
    /// ` --call-as …` for every call about a set, where there is a choice.
    call_as: String,
    auto_deployment: bool,
    /// Of an organization; empty with roles of one's own.
    management_account: String,
    units: Vec<UnitView>,
    /// Whether StackSets makes the roles, of templates that it is given.
    gives_roles: bool,
    /// Whether somebody deploys the templates of the roles.
    are_roles_by_hand: bool,
    is_pinned: bool,
    /// Whether the parent stack can make the sets.
    has_parent: bool,
    sets: Vec<SetView>,
    /// The sets in the order of removal.
    removal: Vec<SetView>,
    roles: Vec<RoleView>,
    /// The roles in the order of removal.
    roles_back: Vec<RoleView>,
    /// Who may read the outputs of stacks in the lake account.
    lake_profile: String,
}

/// The organizational unit of an account.
#[derive(PartialEq, Serialize)]
struct UnitView {
    account: String,
    unit: String,
}

#[derive(Clone, Serialize)]
struct SetView {
    name: String,
    stem: &'static str,
    account: String,
    regions: Vec<&'static str>,
    /// The set before, if there is one.
    after: Option<String>,
    /// What its instances are, as arguments.
    targets: String,
    /// The template of its role as further arguments of a call, which a block before it has set; empty if it has none.
    role_options: String,
    is_collection: bool,
    /// Whether its stacks make the shares that the spec pins.
    makes_pinned_shares: bool,
}

/// A role that is to be made.
#[derive(Clone, Serialize)]
struct RoleView {
    file: String,
    stack: String,
    arn: String,
    name: String,
    account: String,
    profile: String,
    /// The sets that deploy as it, in a sentence.
    sets: String,
    /// The shell variable that gives it to a call.
    variable: String,
}

/// The shell variable with the arguments that give the role of an account to a call.
fn role_variable(side: Side) -> String {
    format!("{}_ROLE", side.word().to_uppercase())
}

impl StackSetsView {
    /// The view of the output; `None` if it is not written.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        let settings = integration.stack_sets.as_ref().filter(|_| integration.outputs.stack_sets)?;
        let sets = integration.stack_set_list();
        let views = sets.iter().map(|set| SetView::of(integration, set)).collect::<Vec<_>>();
        let profile = profile_name(integration, "stack-sets");
        let call_as = sets.iter().find_map(|set| match &set.permissions {
            Permissions::ServiceManaged { call_as, .. } => Some(format!(" --call-as {}", call_as.api_name())),
            Permissions::SelfManaged { .. } => None,
        });
        let (account, auto_deployment, mut roles) = match settings {
            StackSets::ServiceManaged(managed) => (
                match managed.call_as {
                    CallAs::DelegatedAdmin => "the delegated administrator of StackSets".to_owned(),
                    CallAs::Self_ => {
                        format!("the management account {}", managed.management_account)
                    }
                },
                managed.auto_deployment,
                Vec::new(),
            ),
            StackSets::SelfManaged { administration_role } => (
                format!("account {}", administration_role.account()),
                false,
                vec![RoleView {
                    file: "administration-role".to_owned(),
                    stack: stack(integration, "administration-role"),
                    arn: administration_role.to_string(),
                    name: administration_role.name().to_owned(),
                    account: administration_role.account().to_string(),
                    profile: profile.clone(),
                    sets: String::new(),
                    variable: String::new(),
                }],
            ),
        };
        for side in [Side::Lake, Side::Detective] {
            let of_side = sets.iter().filter(|set| set.stack.side() == side).map(|set| set.name.clone());
            let of_side = of_side.collect::<Vec<_>>();
            let role = integration.given_role(side);
            let role = role.filter(|role| !of_side.is_empty() && !is_made_by_stack_sets(role));
            roles.extend(role.map(|role| RoleView {
                file: format!("{}-execution-role", side.word()),
                stack: stack(integration, &format!("{}-execution-role", side.word())),
                arn: role.to_string(),
                name: role.name().to_owned(),
                account: role.account().to_string(),
                profile: profile_name(integration, &format!("{}-admin", side.word())),
                sets: and(&of_side),
                variable: role_variable(side),
            }));
        }
        let management_account = match settings {
            StackSets::ServiceManaged(managed) => Some(managed.management_account.to_string()),
            StackSets::SelfManaged { .. } => None,
        };
        let is_delegated = matches!(settings, StackSets::ServiceManaged(managed) if managed.call_as == CallAs::DelegatedAdmin);
        let mut units = sets.iter().filter_map(UnitView::of).collect::<Vec<_>>();
        units.dedup();
        let is_service_managed = management_account.is_some();
        let gives_roles = is_service_managed && !roles.is_empty();
        Some(Self {
            profile,
            account,
            parent: stack(integration, "stack-sets"),
            is_service_managed,
            is_delegated,
            management_account: management_account.unwrap_or_default(),
            units,
            gives_roles,
            are_roles_by_hand: !is_service_managed,
            has_parent: integration.has_parent_stack(),
            call_as: call_as.unwrap_or_default(),
            auto_deployment,
            is_pinned: integration.pins_own_shares(),
            removal: views.iter().rev().cloned().collect(),
            sets: views,
            roles_back: roles.iter().rev().cloned().collect(),
            roles,
            lake_profile: profile_name(integration, "lake-admin"),
        })
    }
}

fn stack(integration: &Integration, stem: &str) -> String {
    format!("lakelink-{}-{stem}", integration.name)
}

impl UnitView {
    fn of(set: &rollout::StackSet) -> Option<Self> {
        match &set.permissions {
            Permissions::ServiceManaged { unit, .. } => {
                Some(Self { account: set.account.to_string(), unit: unit.to_string() })
            }
            Permissions::SelfManaged { .. } => None,
        }
    }
}

impl SetView {
    fn of(integration: &Integration, set: &rollout::StackSet) -> Self {
        let account = &set.account;
        let targets = match &set.permissions {
            Permissions::ServiceManaged { unit, .. } => format!(
                "--deployment-targets OrganizationalUnitIds={unit},Accounts={account},AccountFilterType=INTERSECTION"
            ),
            Permissions::SelfManaged { .. } => format!("--accounts {account}"),
        };
        Self {
            name: set.name.clone(),
            stem: set.stack.stem(),
            account: account.to_string(),
            regions: set.regions.iter().map(|region| region.as_str()).collect(),
            after: set.after.clone(),
            targets,
            // Unset, it would be forgotten; empty, it is left out by somebody who says so.
            role_options: match &set.permissions {
                Permissions::ServiceManaged { execution_role: Some(_), .. } => {
                    format!(" ${{{}?set under Roles of StackSets}}", role_variable(set.stack.side()))
                }
                Permissions::ServiceManaged { .. } | Permissions::SelfManaged { .. } => String::new(),
            },
            is_collection: set.stack == Stack::LakeCollection,
            makes_pinned_shares: set.stack == Stack::Lake && integration.pins_own_shares(),
        }
    }
}

/// Git sync: each stack in each Region, in the order in which they are made.
#[derive(Serialize)]
pub(super) struct GitSyncView {
    links: Vec<LinkView>,
    stacks: Vec<SyncedStack>,
}

/// A repository link.
#[derive(Serialize)]
struct LinkView {
    /// The shell variable for its id.
    name: String,
    /// The shell variable with the ARN of the connection, as a value.
    connection: String,
    region: &'static str,
    profile: String,
}

#[derive(Serialize)]
struct SyncedStack {
    stack: String,
    account: String,
    region: &'static str,
    file: String,
    profile: String,
    /// The repository link of the account and Region, and the role of Git sync there, as variables of the shell.
    link: String,
    role: String,
}

impl GitSyncView {
    /// The view of the output; `None` if it is not written.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        integration.outputs.git_sync.then_some(())?;
        let sides = [Side::Lake, Side::Detective].into_iter();
        let stacks = sides.flat_map(|side| integration.regional_stacks(side));
        let in_regions = stacks.flat_map(|stack| {
            let regions = integration.home_first(integration.regions_of(stack)).into_iter();
            regions.map(move |region: Region| SyncedStack {
                stack: integration.stack_name(stack),
                account: integration.account(stack.side()).to_string(),
                region: region.as_str(),
                file: format!("{}/git-sync/{region}/{}.yaml", integration.folder(), stack.stem()),
                profile: admin_profile_name(integration, stack.side()),
                link: value(&variable(stack.side(), "LINK", region)),
                role: value(&format!("{}_SYNC_ROLE", stack.side().word().to_uppercase())),
            })
        });
        let sides = [Side::Lake, Side::Detective].into_iter();
        let links = sides.flat_map(|side| {
            let stacks = integration.regional_stacks(side).into_iter();
            let mut regions = stacks.flat_map(|stack| integration.regions_of(stack)).collect::<Vec<_>>();
            regions.sort_unstable();
            regions.dedup();
            integration.home_first(regions).into_iter().map(move |region| LinkView {
                name: variable(side, "LINK", region),
                connection: value(&variable(side, "CONNECTION", region)),
                region: region.as_str(),
                profile: admin_profile_name(integration, side),
            })
        });
        Some(Self { links: links.collect(), stacks: in_regions.collect() })
    }
}

/// A shell variable for something of an account and Region.
fn variable(side: Side, what: &str, region: Region) -> String {
    format!("{}_{what}_{region}", side.word()).to_uppercase().replace('-', "_")
}

/// The value of a shell variable, which must be set.
fn value(variable: &str) -> String {
    format!("${{{variable}:?}}")
}

/// Customizations for Control Tower.
#[derive(Serialize)]
pub(super) struct CfctView {
    /// Whether the manifest hands the share over.
    exports_share: bool,
}

impl CfctView {
    /// The view of the output; `None` if it is not written.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        let exports_share = integration.handoff.share == Share::Parameter;
        integration.outputs.cfct.then_some(Self { exports_share })
    }
}

/// A tool that deploys the Regional stacks in the place of lakelink, from what is committed.
#[derive(Serialize)]
pub(super) struct ToolView {
    name: &'static str,
    /// Its chapter of the run-book, as a link.
    chapter: &'static str,
}

impl ToolView {
    /// The tool that has an output; LS129 lets through one.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        let outputs = &integration.outputs;
        let git_sync = Self { name: "Git sync", chapter: "[Roll out by Git sync](#roll-out-by-git-sync)" };
        let cfct = Self {
            name: "CfCT",
            chapter: "[Roll out by Customizations for Control Tower](#roll-out-by-customizations-for-control-tower)",
        };
        outputs.cfct.then_some(cfct).or(outputs.git_sync.then_some(git_sync))
    }
}
