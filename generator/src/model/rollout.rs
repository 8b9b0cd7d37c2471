//! `rollout`: how StackSets are run, and which stack sets an integration has. The output `stack_sets` and whatever
//! drives the sets work on this one list.
//!
//! Facts: the user guide of CloudFormation (`account-level-targets`, `stacksets-prereqs-self-managed`,
//! `stacksets-custom-execution-role`), the service model in botocore, the registry schema of `AWS::CloudFormation::StackSet`.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::model::{
    ExecutionRole, Integration, Share, Side, Stack, Subscriber, deployers, deployment, detective, handoff,
};
use crate::problem::{Code, Fault, SpecPath, shown};
use crate::spec::{self, Spec};
use crate::vocab::{
    AccountId, CallAs, OrganizationalUnit, OutputKind, Partition, PermissionModel, Region, RoleArn,
    RolloutMethod,
};

/// How the stack sets of an integration are run.
#[derive(Clone, Debug, PartialEq)]
pub enum StackSets {
    /// By AWS Organizations.
    ServiceManaged(ServiceManaged),
    /// By roles of one's own.
    SelfManaged {
        /// The role as which StackSets assumes the execution roles, in the account that the sets live in.
        administration_role: RoleArn,
    },
}

impl StackSets {
    /// Who assumes the execution roles: the account, and path and name of the role there, as after `role/` in its ARN. In an
    /// organization that is the role of StackSets in the management account (AWS managed policy
    /// `CloudFormationStackSetsOrgAdminServiceRolePolicy`).
    pub fn assumes(&self) -> (&AccountId, String) {
        match self {
            Self::ServiceManaged(managed) => {
                (&managed.management_account, ORGANIZATION_ADMINISTRATOR.to_owned())
            }
            Self::SelfManaged { administration_role } => {
                (administration_role.account(), administration_role.path_and_name())
            }
        }
    }
}

/// The role of StackSets in the management account.
const ORGANIZATION_ADMINISTRATOR: &str = "aws-service-role/stacksets.cloudformation.amazonaws.com/AWSServiceRoleForCloudFormationStackSetsOrgAdmin";

/// Stack sets by AWS Organizations. They live in the management account, whoever calls.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceManaged {
    /// As whom the sets are called: goes with every call.
    pub call_as: CallAs,
    /// The management account: neither of the two, for StackSets deploys nothing there.
    pub management_account: AccountId,
    /// Whether accounts that join an organizational unit get the stacks, too.
    pub auto_deployment: bool,
    /// The organizational unit of each account that has a set.
    units: BTreeMap<Side, OrganizationalUnit>,
}

/// A stack set: one template in one account, in one or more Regions.
#[derive(Clone, Debug, PartialEq)]
pub struct StackSet {
    /// Its name, and that of the stack which it stands for.
    pub name: String,
    /// The stack, and with it the template.
    pub stack: Stack,
    /// The account that it deploys to.
    pub account: AccountId,
    /// Who deploys.
    pub permissions: Permissions,
    /// The Regions, one after the other: the home Region first, where it is one of them.
    pub regions: Vec<Region>,
    /// The set whose operations must have succeeded before any of this one begins.
    pub after: Option<String>,
}

/// Who deploys the stacks of a set.
#[derive(Clone, Debug, PartialEq)]
pub enum Permissions {
    /// AWS Organizations.
    ServiceManaged {
        /// As whom the set is called: goes with every call.
        call_as: CallAs,
        /// The organizational unit that holds the account. With the account as `INTERSECTION` it hits just that.
        unit: OrganizationalUnit,
        /// The name of the role that StackSets makes there of our template; none where it is the one of StackSets' own.
        execution_role: Option<String>,
    },
    /// Roles of one's own.
    SelfManaged {
        /// The role as which StackSets assumes the other one, in the account that the set lives in.
        administration_role: RoleArn,
        /// The name of the role in the account that the set deploys to.
        execution_role: String,
    },
}

/// What an operation may do wrong before it stops: nothing.
pub const FAILURE_TOLERANCE: u32 = 0;
/// How many of the accounts of a Region are worked on at a time, in percent: a set has one.
pub const MAX_CONCURRENT_PERCENTAGE: u32 = 100;

impl StackSet {
    /// What its template needs: nothing, for IAM stands in the roles stacks, and those are in no set.
    pub fn capabilities(&self) -> &'static [&'static str] {
        if self.stack.is_roles() { &["CAPABILITY_NAMED_IAM"] } else { &[] }
    }
}

impl Integration {
    /// Its stack sets, in the order in which they are brought about; the other way round they are removed. None if it is
    /// rolled out as stacks only. The roles stacks are in no set: they go to the home Region once, by an IAM administrator,
    /// and a role that could deploy them could give itself any right.
    pub fn stack_set_list(&self) -> Vec<StackSet> {
        let Some(settings) = &self.stack_sets else { return Vec::new() };
        let mut sets = Vec::<StackSet>::new();
        for stack in self.stacks().into_iter().filter(|stack| !stack.is_roles()) {
            // `resolve` lets through only what has a unit, or a role, for each account with a stack.
            let Some(permissions) = self.permissions(settings, stack.side()) else { continue };
            sets.push(StackSet {
                name: self.stack_name(stack),
                stack,
                account: self.account(stack.side()).clone(),
                permissions,
                regions: self.home_first(self.regions_of(stack)),
                after: sets.last().map(|set| set.name.clone()),
            });
        }
        sets
    }

    /// Whether the lake set makes the shares that the spec pins, so that it comes before the spec is whole.
    pub fn pins_own_shares(&self) -> bool {
        matches!(self.handoff.share, Share::Pinned(_)) && self.lake.subscriber != Subscriber::Existing
    }

    /// Whether one stack can make all stack sets: not where the lake set comes first, and not where a set is given the
    /// template of its role, for which `AWS::CloudFormation::StackSet` has no property.
    pub fn has_parent_stack(&self) -> bool {
        let gives_role = |set: &StackSet| {
            matches!(set.permissions, Permissions::ServiceManaged { execution_role: Some(_), .. })
        };
        !self.pins_own_shares() && !self.stack_set_list().iter().any(gives_role)
    }

    fn permissions(&self, settings: &StackSets, side: Side) -> Option<Permissions> {
        Some(match settings {
            StackSets::ServiceManaged(managed) => Permissions::ServiceManaged {
                call_as: managed.call_as,
                unit: managed.units.get(&side)?.clone(),
                execution_role: self
                    .given_role(side)
                    .filter(|role| !is_made_by_stack_sets(role))
                    .map(|role| role.name().to_owned()),
            },
            StackSets::SelfManaged { administration_role } => Permissions::SelfManaged {
                administration_role: administration_role.clone(),
                execution_role: self.given_role(side)?.name().to_owned(),
            },
        })
    }

    /// The execution role of an account that the spec names by its ARN.
    pub fn given_role(&self, side: Side) -> Option<&RoleArn> {
        match &self.deployment(side).execution {
            ExecutionRole::Given(role) => Some(role),
            ExecutionRole::Service => None,
        }
    }

    /// Regions in their order, but for the home Region, which leads.
    pub(crate) fn home_first(&self, regions: Vec<Region>) -> Vec<Region> {
        let (home, others) =
            regions.into_iter().partition::<Vec<_>, _>(|region| *region == self.regions.home());
        [home, others].concat()
    }
}

/// How the name of a role begins that StackSets makes in an account of an organization by a template of ours (the API's
/// documentation of `ExecutionRoleName`, botocore 1.44.8).
pub const CUSTOM_ROLE: &str = "stacksets-exec-custom-";

/// Whether a role is the one that StackSets makes by itself: `stacksets-exec-` and a hash.
pub fn is_made_by_stack_sets(role: &RoleArn) -> bool {
    let hash = role.name().strip_prefix("stacksets-exec-");
    hash.is_some_and(|hash| hash.len() == 32 && hash.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Whether a spec is rolled out by StackSets, or has them rendered.
pub(crate) fn uses_stack_sets(spec: &Spec) -> bool {
    has_method(spec) || handoff::outputs(spec).any(|output| output == OutputKind::StackSets)
}

/// Whether a spec is rolled out by StackSets.
pub(crate) fn has_method(spec: &Spec) -> bool {
    let method = spec.rollout.as_ref().and_then(|rollout| rollout.method.as_ref());
    method.is_some_and(|method| method.read() == Ok(RolloutMethod::StackSets))
}

/// How the stack sets of the spec are run, if it has some that can be. `accounts` and `executions`: of the lake account,
/// then of the Detective account, as far as they can be read.
pub(crate) fn resolve(
    spec: &Spec,
    accounts: [Option<&AccountId>; 2],
    partition: Option<Partition>,
    executions: [Option<&ExecutionRole>; 2],
    reading: &mut Reading,
) -> Option<StackSets> {
    let path = SpecPath::root().key("rollout");
    let nothing = spec::Rollout::default();
    let rollout = spec.rollout.as_ref().unwrap_or(&nothing);
    reading.word(rollout.method.as_ref(), &path.key("method"));
    let nothing = spec::StackSets::default();
    let given = rollout.stack_sets.as_ref().unwrap_or(&nothing);
    let sides = sides(spec);
    deployers::check(spec, &sides, &executions, reading);
    let mut settings = Settings { path: path.key("stack_sets"), given, sides: &sides, reading };
    let model_path = settings.path.key("permission_model");
    let model = given.permission_model.as_ref();
    let model = settings.reading.word_or(model, &model_path, PermissionModel::ServiceManaged);
    let read = settings.read();
    if !uses_stack_sets(spec) {
        return None;
    }
    if let Some(role) = &read.administration_role
        && partition.is_some_and(|partition| partition != role.partition())
    {
        let path = settings.path.key("administration_role");
        detective::wrong_partition(&path, role.partition(), partition?, settings.reading);
    }
    check_tags(spec, settings.reading);
    let model = model?;
    settings.check_unused(model, &read);
    check_roles(model, &sides, &executions, settings.reading);
    match model {
        PermissionModel::ServiceManaged => settings.service_managed(read, accounts),
        PermissionModel::SelfManaged => settings.self_managed(read),
    }
}

/// Tags of stack sets (registry schema, `Tag`): fewer letters than elsewhere, and none without a value.
fn check_tags(spec: &Spec, reading: &mut Reading) {
    let takes = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-".contains(c);
    for (key, value) in spec.tags.iter().flatten() {
        if key.chars().all(takes) && !value.is_empty() {
            continue;
        }
        let message = format!("the tag {} is not one that stack sets take", shown(key));
        let help = "use ASCII letters, digits, blanks and `_.:/=+-` for the key, and a value";
        reading.report(
            Fault::new(Code::BadTag, message, help).at(SpecPath::root().key("tags").key(key)).at_key(),
        );
    }
}

/// The accounts that have a Regional stack.
pub(crate) fn sides(spec: &Spec) -> Vec<Side> {
    let lake = (!deployment::has_nothing_to_deploy(spec)).then_some(Side::Lake);
    lake.into_iter().chain([Side::Detective]).collect()
}

/// Whether StackSets can be the execution roles: it names them without a path, and in an organization by their prefix.
fn check_roles(
    model: PermissionModel,
    sides: &[Side],
    executions: &[Option<&ExecutionRole>; 2],
    reading: &mut Reading,
) {
    for side in sides {
        let Some(ExecutionRole::Given(role)) = executions[*side as usize] else { continue };
        let path = SpecPath::root().key("deploy").key(side.word()).key("execution_role");
        if role.path_and_name() != role.name() {
            let help = format!("use a role without a path: `{}`", role.without_path());
            let message = "StackSets names its execution role without a path";
            reading.fault(Code::UnreachableRole, &path, message, help);
        } else if model == PermissionModel::ServiceManaged
            && !role.name().starts_with(CUSTOM_ROLE)
            && !is_made_by_stack_sets(role)
        {
            let message = format!("StackSets makes no role in an organization but `{CUSTOM_ROLE}*`");
            let help = format!(
                "call it `{CUSTOM_ROLE}…`, or write the role `stacksets-exec-` and 32 digits that AWS has made"
            );
            reading.fault(Code::UnusualRole, &path, message, help);
        }
    }
}

/// The settings of the spec with their place.
struct Settings<'a> {
    path: SpecPath,
    given: &'a spec::StackSets,
    sides: &'a [Side],
    reading: &'a mut Reading,
}

/// What of them can be read.
struct Read {
    call_as: Option<CallAs>,
    management_account: Option<AccountId>,
    units: BTreeMap<Side, OrganizationalUnit>,
    administration_role: Option<RoleArn>,
}

impl Settings<'_> {
    fn read(&mut self) -> Read {
        let Self { path, given, reading, .. } = self;
        let nothing = spec::OrganizationalUnits::default();
        let units = given.organizational_units.as_ref().unwrap_or(&nothing);
        let path_of_units = path.key("organizational_units");
        let units = [(Side::Lake, &units.lake), (Side::Detective, &units.detective)].into_iter();
        let units = units.filter_map(|(side, unit)| {
            Some((side, reading.word(unit.as_ref(), &path_of_units.key(side.word()))?))
        });
        let units = units.collect();
        Read {
            units,
            call_as: reading.word(given.call_as.as_ref(), &path.key("call_as")),
            management_account: reading
                .word(given.management_account.as_ref(), &path.key("management_account")),
            administration_role: reading
                .word(given.administration_role.as_ref(), &path.key("administration_role")),
        }
    }

    /// Keys that the other permission model has.
    fn check_unused(&mut self, model: PermissionModel, read: &Read) {
        let given = self.given;
        let keys = match model {
            PermissionModel::ServiceManaged => {
                vec![("administration_role", given.administration_role.is_some())]
            }
            PermissionModel::SelfManaged => vec![
                ("call_as", read.call_as == Some(CallAs::DelegatedAdmin)),
                ("organizational_units", given.organizational_units.is_some()),
                ("management_account", given.management_account.is_some()),
                ("auto_deployment", given.auto_deployment == Some(true)),
            ],
        };
        for (key, _) in keys.into_iter().filter(|(_, is_given)| *is_given) {
            let message = format!("`{model}` stack sets have no `{key}`");
            let help = "leave it out, or write the other `permission_model`";
            self.reading.fault(Code::UnusedStackSetSetting, &self.path.key(key), message, help);
        }
    }

    fn missing(&mut self, path: SpecPath, message: impl Into<String>, help: impl Into<String>) {
        self.reading.fault(Code::MissingStackSetSetting, &path, message, help);
    }

    fn service_managed(&mut self, read: Read, accounts: [Option<&AccountId>; 2]) -> Option<StackSets> {
        let sides = self.sides;
        let given = self.given.organizational_units.as_ref();
        for side in sides {
            let text = match side {
                Side::Lake => given.and_then(|units| units.lake.as_ref()),
                Side::Detective => given.and_then(|units| units.detective.as_ref()),
            };
            if text.is_none() {
                let message = format!(
                    "service-managed stack sets need the organizational unit of the {} account",
                    side.word()
                );
                let help = "`aws organizations list-parents --child-id ACCOUNT` prints it";
                self.missing(self.path.key("organizational_units").key(side.word()), message, help);
            }
        }
        let path = self.path.key("management_account");
        if self.given.management_account.is_none() {
            let help =
                "`aws organizations describe-organization --query Organization.MasterAccountId` prints it";
            self.missing(path.clone(), "service-managed stack sets live in the management account", help);
        }
        let management_account = read.management_account?;
        for side in sides.iter().filter(|side| accounts[**side as usize] == Some(&management_account)) {
            let message = format!("`{management_account}` is the {} account", side.word());
            let help =
                "service-managed stack sets deploy nothing there: write `permission_model: self_managed`";
            self.reading.fault(Code::ManagementAccount, &path, message, help);
        }
        let are_complete = sides.iter().all(|side| read.units.contains_key(side));
        are_complete.then(|| {
            StackSets::ServiceManaged(ServiceManaged {
                call_as: read.call_as.unwrap_or(CallAs::DelegatedAdmin),
                management_account,
                auto_deployment: self.given.auto_deployment == Some(true),
                units: read.units,
            })
        })
    }

    fn self_managed(&mut self, read: Read) -> Option<StackSets> {
        if self.given.administration_role.is_none() {
            let help = "write the role of the account that the sets live in: `arn:aws:iam::…:role/…`";
            self.missing(
                self.path.key("administration_role"),
                "self-managed stack sets need an administration role",
                help,
            );
        }
        Some(StackSets::SelfManaged { administration_role: read.administration_role? })
    }
}
