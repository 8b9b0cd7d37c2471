//! `deploy`.

use crate::model::detective::wrong_partition;
use crate::model::reading::Reading;
use crate::model::rollout::is_made_by_stack_sets;
use crate::model::{Deployment, ExecutionRole, Integration, Share, Side};
use crate::problem::{Code, SpecPath};
use crate::spec::{AccountDeploy, Spec};
use crate::vocab::{
    Acceptance, AccountId, Boundary, Either, LONGEST_PRINCIPAL, Partition, RoleArn, ServiceRole,
};

/// Where the external id belongs that the Detective console shows.
const SUBSCRIBER_ID: &str = "lake.subscriber.external_id";

/// Who deploys in one account, if that can be used.
pub(crate) fn resolve(
    spec: &Spec,
    side: Side,
    account: Option<&AccountId>,
    partition: Option<Partition>,
    reading: &mut Reading,
) -> Option<Deployment> {
    let path = SpecPath::root().key("deploy").key(side.word());
    let nothing = AccountDeploy::default();
    let deploy = spec.deploy.as_ref();
    let given = deploy
        .and_then(|deploy| if side == Side::Lake { deploy.lake.as_ref() } else { deploy.detective.as_ref() });
    let given = given.unwrap_or(&nothing);
    let mut role = |text, key| {
        let path = path.key(key);
        let role = reading.word::<RoleArn>(text, &path)?;
        check_role(&path, &role, side, account, partition, reading);
        Some(role)
    };
    let role_arn = role(given.role_arn.as_ref(), "role_arn");
    let admin_role = role(given.admin_role_arn.as_ref(), "admin_role_arn");
    let external_id = reading.word(given.external_id.as_ref(), &path.key("external_id"));
    if given.external_id.is_some() && given.role_arn.is_none() && given.admin_role_arn.is_none() {
        let message = "there is no role that this external id could help to assume";
        let help = format!(
            "write `role_arn` beside it, or leave it out; the subscriber's external id is `{SUBSCRIBER_ID}`"
        );
        reading.fault(Code::UnusedExternalId, &path.key("external_id"), message, help);
    }
    if side == Side::Lake && has_nothing_to_deploy(spec) {
        check_unused(given, &path, reading);
    }
    let execution_path = path.key("execution_role");
    let default = Either::First(ServiceRole::ServiceRole);
    let execution = reading.word_or(given.execution_role.as_ref(), &execution_path, default)?;
    let execution = match execution {
        Either::First(ServiceRole::ServiceRole) => ExecutionRole::Service,
        Either::Second(role) => {
            check_role(&execution_path, &role, side, account, partition, reading);
            check_length(&execution_path, &role.to_string(), reading);
            ExecutionRole::Given(role)
        }
    };
    let boundary_path = path.key("permissions_boundary");
    let boundary = reading.word(given.permissions_boundary.as_ref(), &boundary_path);
    if let Some(boundary) = &boundary {
        check_boundary(&boundary_path, boundary, account, partition, reading);
    }
    Some(Deployment { role: role_arn, external_id, admin_role, execution, boundary })
}

/// Whether the lake account gets no stack: somebody else's subscriber, and sources that are on.
pub(crate) fn has_nothing_to_deploy(spec: &Spec) -> bool {
    let lake = spec.lake.as_ref().filter(|lake| lake.collection.is_none());
    let subscriber = lake.and_then(|lake| lake.subscriber.as_ref());
    subscriber.is_some_and(|subscriber| subscriber.existing == Some(true))
}

impl Integration {
    /// Whether a template makes a role in an account: one that deploys, or one of the hand-off or the crawler.
    pub fn makes_role(&self, side: Side) -> bool {
        let of_duty = match side {
            Side::Lake => self.handoff.share == Share::StackOutput,
            Side::Detective => {
                self.handoff.acceptance == Acceptance::Lambda || self.detective.crawler.is_some()
            }
        };
        !self.regional_stacks(side).is_empty() && (of_duty || self.makes_execution_role(side))
    }

    /// Whether a template makes the execution role of an account: the roles stack's, or one for StackSets.
    pub fn makes_execution_role(&self, side: Side) -> bool {
        match &self.deployment(side).execution {
            ExecutionRole::Service => true,
            ExecutionRole::Given(role) => self.stack_sets.is_some() && !is_made_by_stack_sets(role),
        }
    }
}

fn check_unused(given: &AccountDeploy, path: &SpecPath, reading: &mut Reading) {
    let keys = [
        ("execution_role", given.execution_role.is_some()),
        ("permissions_boundary", given.permissions_boundary.is_some()),
    ];
    for (key, _) in keys.into_iter().filter(|(_, is_given)| *is_given) {
        let message = format!("nothing is deployed in the lake account that `{key}` could be for");
        let help = "leave it out: the subscriber exists; or let lakelink turn the log sources on by `lake.collection`";
        reading.fault(Code::NothingDeployed, &path.key(key), message, help);
    }
}

fn check_role(
    path: &SpecPath,
    role: &RoleArn,
    side: Side,
    account: Option<&AccountId>,
    partition: Option<Partition>,
    reading: &mut Reading,
) {
    if let Some(account) = account.filter(|account| *account != role.account()) {
        let message = format!(
            "the role is of account `{}`, the {} account is `{account}`",
            role.account(),
            side.word()
        );
        reading.fault(Code::ForeignRole, path, message, format!("name a role of account {account}"));
    }
    if let Some(partition) = partition.filter(|partition| *partition != role.partition()) {
        wrong_partition(path, role.partition(), partition, reading);
    }
}

/// Whom CloudFormation acts as becomes a Lake Formation administrator, and those have an ARN of limited length.
pub(crate) fn check_length(path: &SpecPath, arn: &str, reading: &mut Reading) {
    if arn.len() > LONGEST_PRINCIPAL {
        let message = format!("the ARN of the execution role has {} characters", arn.len());
        let more = arn.len() - LONGEST_PRINCIPAL;
        let help = format!(
            "Lake Formation takes administrators of at most {LONGEST_PRINCIPAL}: use an IAM path that is {more} shorter"
        );
        reading.fault(Code::ArnTooLong, path, message, help);
    }
}

fn check_boundary(
    path: &SpecPath,
    boundary: &Boundary,
    account: Option<&AccountId>,
    partition: Option<Partition>,
    reading: &mut Reading,
) {
    let Boundary::Arn { partition: found, account: owner, .. } = boundary else { return };
    if let (Some(owner), Some(account)) = (owner, account)
        && owner != account
    {
        let message = format!("the boundary is of account `{owner}`, the role of `{account}`");
        reading.fault(
            Code::ForeignRole,
            path,
            message,
            "a boundary is a policy of the role's own account, or of AWS",
        );
    }
    if let Some(partition) = partition.filter(|partition| partition != found) {
        wrong_partition(path, *found, partition, reading);
    }
}
