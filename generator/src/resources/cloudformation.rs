//! AWS CloudFormation: stack sets.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::{AccountId, CallAs, OrganizationalUnit, Region};

/// A stack set with its instances: one account, Region after Region, and no failure is tolerated.
#[derive(Clone, Debug)]
pub struct StackSet<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is. CloudFormation looks at the properties only, so this must change with the template.
    pub description: String,
    /// Who deploys.
    pub permissions: Permissions<'a>,
    /// The account that it deploys to.
    pub account: &'a AccountId,
    /// The Regions, in their order.
    pub regions: &'a [Region],
    /// What the template needs.
    pub capabilities: &'a [&'static str],
    /// How many accounts may fail before an operation stops.
    pub failure_tolerance: u32,
    /// How many accounts are worked on at a time, in percent.
    pub max_concurrent_percentage: u32,
    /// Tags of the set and of its stacks.
    pub tags: Vec<(&'a str, &'a str)>,
    /// Where the template lies.
    pub template_url: Value,
}

/// Who deploys the stacks of a set.
#[derive(Clone, Debug)]
pub enum Permissions<'a> {
    /// AWS Organizations.
    ServiceManaged {
        /// As whom the set is made.
        call_as: CallAs,
        /// The organizational unit that holds the account.
        unit: &'a OrganizationalUnit,
        /// What accounts that join the unit get.
        auto_deployment: AutoDeployment,
    },
    /// Roles of one's own.
    SelfManaged {
        /// The ARN of the administration role.
        administration_role: Value,
        /// The name of the execution role.
        execution_role: &'a str,
    },
}

/// What StackSets does by itself when an account joins an organizational unit.
#[derive(Clone, Debug)]
pub enum AutoDeployment {
    /// Nothing.
    Off,
    /// It deploys the stacks, after those of other sets. When an account leaves they stay.
    After(Vec<Value>),
}

impl AutoDeployment {
    fn value(&self) -> Value {
        match self {
            Self::Off => Value::map([("Enabled", Value::from(false))]),
            Self::After(sets) => {
                let mut entries = vec![
                    ("Enabled", Value::from(true)),
                    // Without it an account that is moved loses its stacks.
                    ("RetainStacksOnAccountRemoval", Value::from(true)),
                ];
                if !sets.is_empty() {
                    entries.push(("DependsOn", Value::List(sets.clone())));
                }
                Value::map(entries)
            }
        }
    }
}

/// The word of the API for whom a call is made as.
pub fn call_as(call_as: CallAs) -> &'static str {
    match call_as {
        CallAs::Self_ => "SELF",
        CallAs::DelegatedAdmin => "DELEGATED_ADMIN",
    }
}

impl Properties for StackSet<'_> {
    const KIND: Kind = Kind::CloudFormationStackSet;

    fn properties(&self) -> Value {
        let mut entries = vec![
            ("StackSetName", Value::text(self.name)),
            ("Description", Value::text(&self.description)),
            ("TemplateURL", self.template_url.clone()),
        ];
        match &self.permissions {
            Permissions::ServiceManaged { call_as, auto_deployment, .. } => entries.extend([
                ("PermissionModel", Value::text("SERVICE_MANAGED")),
                ("CallAs", Value::text(self::call_as(*call_as))),
                ("AutoDeployment", auto_deployment.value()),
            ]),
            Permissions::SelfManaged { administration_role, execution_role } => entries.extend([
                ("PermissionModel", Value::text("SELF_MANAGED")),
                ("AdministrationRoleARN", administration_role.clone()),
                ("ExecutionRoleName", Value::text(*execution_role)),
            ]),
        }
        if !self.capabilities.is_empty() {
            entries.push(("Capabilities", Value::texts(self.capabilities.iter().copied())));
        }
        let regions = || self.regions.iter().map(Value::from).collect::<Vec<_>>();
        entries.extend([
            ("ManagedExecution", Value::map([("Active", Value::from(true))])),
            (
                "OperationPreferences",
                Value::map([
                    ("RegionConcurrencyType", Value::text("SEQUENTIAL")),
                    ("RegionOrder", Value::List(regions())),
                    ("FailureToleranceCount", Value::from(self.failure_tolerance)),
                    ("MaxConcurrentPercentage", Value::from(self.max_concurrent_percentage)),
                ]),
            ),
            (
                "StackInstancesGroup",
                Value::List(vec![Value::map([
                    ("DeploymentTargets", self.targets()),
                    ("Regions", Value::List(regions())),
                ])]),
            ),
        ]);
        if !self.tags.is_empty() {
            let tag = |(key, value): &(&str, &str)| {
                Value::map([("Key", Value::text(*key)), ("Value", Value::text(*value))])
            };
            entries.push(("Tags", Value::List(self.tags.iter().map(tag).collect())));
        }
        Value::map(entries)
    }
}

impl StackSet<'_> {
    /// Exactly one account: the organizational unit, and of that only this one.
    fn targets(&self) -> Value {
        let accounts = ("Accounts", Value::texts([self.account.as_str()]));
        match &self.permissions {
            Permissions::ServiceManaged { unit, .. } => Value::map([
                ("OrganizationalUnitIds", Value::texts([unit.as_str()])),
                accounts,
                ("AccountFilterType", Value::text("INTERSECTION")),
            ]),
            Permissions::SelfManaged { .. } => Value::map([accounts]),
        }
    }
}
