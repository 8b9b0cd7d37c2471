//! Operations of stack sets: the instances that they make and remove, and what became of them.

use aws_sdk_cloudformation::types::{
    AccountFilterType, DeploymentTargets, RegionConcurrencyType, StackInstanceSummary,
    StackSetOperationPreferences, StackSetOperationResultStatus, StackSetOperationResultSummary,
    StackSetOperationStatus,
};

use crate::aws::{AwsError, StackSets};
use crate::model::rollout::{FAILURE_TOLERANCE, MAX_CONCURRENT_PERCENTAGE};
use crate::vocab::Region;

/// A stack of a set, or the attempt to have one.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// The account.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// CloudFormation's word for how it stands to the set.
    pub(crate) status: String,
    /// CloudFormation's word for what became of the newest operation here.
    pub(crate) detail: String,
    /// The organizational unit by which it was made; only of service-managed sets.
    pub(crate) unit: Option<String>,
    /// Why it is so, if AWS says.
    pub(crate) reason: Option<String>,
    /// Whether it was seen to differ from its template, in CloudFormation's word.
    pub(crate) drift: String,
}

/// Where an operation works: one account, in one or more Regions.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// The account.
    pub(crate) account: &'a str,
    /// The organizational unit that holds it; only of service-managed sets.
    pub(crate) unit: Option<&'a str>,
    /// The Regions, in the order in which they are worked on.
    pub(crate) regions: Vec<Region>,
}

/// How far an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progressed {
    /// It goes on, or waits for its turn.
    Open,
    Succeeded,
    /// More failed than it may.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

/// An operation of a set.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    /// Its id.
    pub(crate) id: String,
    /// How far it is.
    pub(crate) progressed: Progressed,
    /// When it began, in nanoseconds since 1970.
    begun: i128,
}

/// What an operation did in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct OperationResult {
    /// The account.
    pub(crate) account: String,
    /// The Region.
    pub(crate) region: String,
    /// What it did.
    pub(crate) status: ResultStatus,
    /// Why, if AWS says.
    pub(crate) reason: String,
}

/// What an operation did in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResultStatus {
    Pending,
    Running,
    Succeeded,
    Failed,
    /// Another place failed, or somebody stopped it, before this one was begun.
    Cancelled,
}

impl StackSets {
    /// The instances of a set, by account and Region.
    pub(crate) async fn instances(&self, name: &str) -> Result<Vec<Instance>, AwsError> {
        let call = self.client.list_stack_instances().stack_set_name(name).call_as(self.call_as.clone());
        let mut pages = call.into_paginator().send();
        let mut instances = Vec::new();
        while let Some(page) = pages.next().await {
            let page =
                unless_gone(page.map_err(AwsError::of("ListStackInstances")).map(|page| page.summaries))?;
            instances.extend(page.unwrap_or_default().into_iter().map(Instance::of));
        }
        Ok(instances)
    }

    /// Begins to make the instances at a place, or to bring those that are there and outdated.
    pub(crate) async fn bring(&self, name: &str, place: &Place<'_>, operation: &str) -> Result<(), AwsError> {
        let call = self.client.create_stack_instances().stack_set_name(name).operation_id(operation);
        let call = call.call_as(self.call_as.clone()).operation_preferences(preferences(&place.regions));
        let call = call.set_regions(Some(place.sdk_regions())).set_accounts(place.sdk_accounts());
        let call = call.set_deployment_targets(place.sdk_targets());
        begun(call.send().await.map_err(AwsError::of("CreateStackInstances")).map(drop))
    }

    /// Begins to remove the instances at a place, with their stacks.
    pub(crate) async fn remove(
        &self,
        name: &str,
        place: &Place<'_>,
        operation: &str,
    ) -> Result<(), AwsError> {
        let call = self.client.delete_stack_instances().stack_set_name(name).operation_id(operation);
        let call = call.call_as(self.call_as.clone()).operation_preferences(preferences(&place.regions));
        let call = call.set_regions(Some(place.sdk_regions())).set_accounts(place.sdk_accounts());
        let call = call.set_deployment_targets(place.sdk_targets()).retain_stacks(false);
        begun(call.send().await.map_err(AwsError::of("DeleteStackInstances")).map(drop))
    }

    /// Begins to look whether the stacks of a set are still what their template says.
    pub(crate) async fn detect_drift(&self, name: &str, operation: &str) -> Result<(), AwsError> {
        let call = self.client.detect_stack_set_drift().stack_set_name(name).operation_id(operation);
        let call = call.call_as(self.call_as.clone());
        begun(call.send().await.map_err(AwsError::of("DetectStackSetDrift")).map(drop))
    }

    /// The operations of a set, the newest first.
    pub(crate) async fn operations(&self, name: &str) -> Result<Vec<Operation>, AwsError> {
        let call = self.client.list_stack_set_operations().stack_set_name(name);
        let mut pages = call.call_as(self.call_as.clone()).into_paginator().send();
        let mut operations = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(AwsError::of("ListStackSetOperations")).map(|page| page.summaries);
            operations.extend(unless_gone(page)?.unwrap_or_default().into_iter().filter_map(|one| {
                let begun = one.creation_timestamp.map_or(0, |time| time.as_nanos());
                Some(Operation { id: one.operation_id?, progressed: Progressed::of(one.status), begun })
            }));
        }
        // No order is promised.
        operations.sort_by_key(|one| std::cmp::Reverse(one.begun));
        Ok(operations)
    }

    /// How far an operation is; `None` if there is none of this id.
    pub(crate) async fn progressed(
        &self,
        name: &str,
        operation: &str,
    ) -> Result<Option<Progressed>, AwsError> {
        let call = self.client.describe_stack_set_operation().stack_set_name(name).operation_id(operation);
        let call = call.call_as(self.call_as.clone());
        let answer = call.send().await.map_err(AwsError::of("DescribeStackSetOperation"));
        match unless_gone(answer.map(|answer| answer.stack_set_operation)) {
            Err(error) if error.code == "OperationNotFoundException" => Ok(None),
            answer => Ok(answer?.map(|one| Progressed::of(one.status))),
        }
    }

    /// What an operation did in each account and Region so far.
    pub(crate) async fn results(
        &self,
        name: &str,
        operation: &str,
    ) -> Result<Vec<OperationResult>, AwsError> {
        let call =
            self.client.list_stack_set_operation_results().stack_set_name(name).operation_id(operation);
        let mut pages = call.call_as(self.call_as.clone()).into_paginator().send();
        let mut results = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(AwsError::of("ListStackSetOperationResults")).map(|page| page.summaries);
            results.extend(unless_gone(page)?.unwrap_or_default().into_iter().map(OperationResult::of));
        }
        Ok(results)
    }
}

/// An operation of this id may be there, another one may be faster, or the set may be gone: what is seen next tells.
pub(super) fn begun(answer: Result<(), AwsError>) -> Result<(), AwsError> {
    let passes =
        ["OperationIdAlreadyExistsException", "OperationInProgressException", "StaleRequestException"];
    match unless_gone(answer) {
        Err(error) if !passes.contains(&error.code.as_str()) => Err(error),
        _ => Ok(()),
    }
}

/// Another run may have removed the set since it was seen: nothing is in it then.
fn unless_gone<T: Default>(answer: Result<T, AwsError>) -> Result<T, AwsError> {
    match answer {
        Err(error) if error.code == "StackSetNotFoundException" => Ok(T::default()),
        answer => answer,
    }
}

/// One Region after the other, and none after one that failed.
pub(super) fn preferences(order: &[Region]) -> StackSetOperationPreferences {
    let order = order.iter().map(ToString::to_string).collect::<Vec<_>>();
    StackSetOperationPreferences::builder()
        .region_concurrency_type(RegionConcurrencyType::Sequential)
        .set_region_order((!order.is_empty()).then_some(order))
        .failure_tolerance_count(i32::try_from(FAILURE_TOLERANCE).unwrap_or_default())
        .max_concurrent_percentage(i32::try_from(MAX_CONCURRENT_PERCENTAGE).unwrap_or(100))
        .build()
}

impl Instance {
    fn of(one: StackInstanceSummary) -> Self {
        let detail = one.stack_instance_status.and_then(|status| status.detailed_status);
        Self {
            account: one.account.unwrap_or_default(),
            region: one.region.unwrap_or_default(),
            status: one.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            detail: detail.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            unit: one.organizational_unit_id,
            reason: one.status_reason.filter(|reason| !reason.is_empty()),
            drift: one
                .drift_status
                .map_or_else(|| "NOT_CHECKED".to_owned(), |status| status.as_str().to_owned()),
        }
    }
}

impl Place<'_> {
    fn sdk_regions(&self) -> Vec<String> {
        self.regions.iter().map(ToString::to_string).collect()
    }

    fn sdk_accounts(&self) -> Option<Vec<String>> {
        self.unit.is_none().then(|| vec![self.account.to_owned()])
    }

    /// Exactly the one account of the unit (user guide, account level targets).
    fn sdk_targets(&self) -> Option<DeploymentTargets> {
        let targets = DeploymentTargets::builder()
            .organizational_unit_ids(self.unit?)
            .accounts(self.account)
            .account_filter_type(AccountFilterType::Intersection);
        Some(targets.build())
    }
}

impl Progressed {
    fn of(status: Option<StackSetOperationStatus>) -> Self {
        match status {
            Some(StackSetOperationStatus::Succeeded) => Self::Succeeded,
            Some(StackSetOperationStatus::Failed) => Self::Failed,
            Some(StackSetOperationStatus::Stopped) => Self::Stopped,
            _ => Self::Open,
        }
    }
}

impl OperationResult {
    fn of(one: StackSetOperationResultSummary) -> Self {
        let status = match one.status {
            Some(StackSetOperationResultStatus::Succeeded) => ResultStatus::Succeeded,
            Some(StackSetOperationResultStatus::Failed) => ResultStatus::Failed,
            Some(StackSetOperationResultStatus::Cancelled) => ResultStatus::Cancelled,
            Some(StackSetOperationResultStatus::Running) => ResultStatus::Running,
            _ => ResultStatus::Pending,
        };
        Self {
            account: one.account.unwrap_or_default(),
            region: one.region.unwrap_or_default(),
            status,
            reason: one.status_reason.unwrap_or_default(),
        }
    }
}
