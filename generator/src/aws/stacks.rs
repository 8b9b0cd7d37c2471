//! Stacks: what is there, what happened to it, and its end.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, Stack, StackEvent, TemplateStage};

use crate::aws::AwsError;

/// CloudFormation in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Stacks {
    pub(super) client: Client,
}

/// A stack that is there.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Its ARN, which stays with it when it is gone.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// CloudFormation's word for its state.
    pub(crate) status: String,
    /// Values of its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Its outputs.
    pub(crate) outputs: BTreeMap<String, String>,
    /// The role that it is changed as.
    pub(crate) role: Option<String>,
    /// Whether it refuses to be deleted.
    pub(crate) is_protected: bool,
    /// When it changed last, as a word that differs after every change.
    pub(crate) changed: String,
}

/// A resource that could not be made, changed or removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Its logical id.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: String,
    /// The reason, in AWS's words.
    pub(crate) reason: String,
}

impl Stacks {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// A stack, by its name or its ARN; a deleted one is not there.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<Found>, AwsError> {
        let answer = self.client.describe_stacks().stack_name(name).send().await;
        let stacks = match answer.map_err(AwsError::of("DescribeStacks")) {
            Ok(answer) => answer.stacks.unwrap_or_default(),
            Err(error) if error.is_gone() => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(stacks.into_iter().map(Found::of).find(|found| found.status != "DELETE_COMPLETE"))
    }

    /// The template as it was sent.
    pub(crate) async fn template(&self, id: &str) -> Result<String, AwsError> {
        let call = self.client.get_template().stack_name(id).template_stage(TemplateStage::Original);
        let answer = call.send().await.map_err(AwsError::of("GetTemplate"))?;
        Ok(answer.template_body.unwrap_or_default())
    }

    /// Resources that failed in the newest operation of a stack, in the order of their failures. What was cancelled
    /// because of another one says nothing and is left out.
    pub(crate) async fn failures(&self, id: &str) -> Result<Vec<Failure>, AwsError> {
        Ok(self.newest(id).await?.into_iter().filter_map(failure).collect())
    }

    /// What the deletion of a stack has left as it was: type and physical id.
    pub(crate) async fn left(&self, id: &str) -> Result<Vec<(String, String)>, AwsError> {
        let left = |event: StackEvent| {
            let is_left = event.resource_status == Some(ResourceStatus::DeleteSkipped);
            is_left.then_some((event.resource_type?, event.physical_resource_id?))
        };
        Ok(self.newest(id).await?.into_iter().filter_map(left).collect())
    }

    /// Events of the newest operation of a stack, in their order.
    async fn newest(&self, id: &str) -> Result<Vec<StackEvent>, AwsError> {
        let mut events = Vec::new();
        let mut pages = self.client.describe_stack_events().stack_name(id).into_paginator().send();
        'pages: while let Some(page) = pages.next().await {
            for event in page.map_err(AwsError::of("DescribeStackEvents"))?.stack_events.unwrap_or_default() {
                if begins_operation(&event) {
                    break 'pages;
                }
                events.push(event);
            }
        }
        events.reverse();
        Ok(events)
    }

    /// Begins the deletion of a stack, as its execution role. The token makes a repeated call harmless.
    pub(crate) async fn delete(&self, id: &str, role: Option<&str>, token: &str) -> Result<(), AwsError> {
        let call = self.client.delete_stack().stack_name(id).client_request_token(token);
        let call = call.set_role_arn(role.map(ToOwned::to_owned));
        call.send().await.map_err(AwsError::of("DeleteStack")).map(drop)
    }

    /// Turns termination protection on or off.
    pub(crate) async fn protect(&self, id: &str, is_protected: bool) -> Result<(), AwsError> {
        let call = self.client.update_termination_protection().stack_name(id);
        let call = call.enable_termination_protection(is_protected);
        call.send().await.map_err(AwsError::of("UpdateTerminationProtection")).map(drop)
    }

    /// Physical ids of what a stack holds, by logical id.
    pub(crate) async fn resources(&self, id: &str) -> Result<BTreeMap<String, String>, AwsError> {
        let mut resources = BTreeMap::new();
        let mut pages = self.client.list_stack_resources().stack_name(id).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(AwsError::of("ListStackResources"))?;
            let found = page.stack_resource_summaries.unwrap_or_default().into_iter();
            resources
                .extend(found.filter_map(|one| Some((one.logical_resource_id?, one.physical_resource_id?))));
        }
        Ok(resources)
    }
}

impl Found {
    fn of(stack: Stack) -> Self {
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        let tags = stack.tags.unwrap_or_default().into_iter();
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        let changed = stack.deletion_time.or(stack.last_updated_time).or(stack.creation_time);
        Self {
            id: stack.stack_id.unwrap_or_default(),
            name: stack.stack_name.unwrap_or_default(),
            status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            parameters: parameters
                .filter_map(|one| Some((one.parameter_key?, one.parameter_value?)))
                .collect(),
            tags: tags.filter_map(|one| Some((one.key?, one.value?))).collect(),
            outputs: outputs.filter_map(|one| Some((one.output_key?, one.output_value?))).collect(),
            role: stack.role_arn,
            is_protected: stack.enable_termination_protection.unwrap_or_default(),
            changed: changed.map(|time| time.as_nanos().to_string()).unwrap_or_default(),
        }
    }
}

/// Whether an event is of the stack itself and begins an operation: older events are of another one.
fn begins_operation(event: &StackEvent) -> bool {
    let begins = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"];
    let status = event.resource_status.as_ref().map(ResourceStatus::as_str);
    event.physical_resource_id == event.stack_id && status.is_some_and(|status| begins.contains(&status))
}

fn failure(event: StackEvent) -> Option<Failure> {
    let failed = event.resource_status.as_ref()?.as_str().ends_with("_FAILED");
    let reason = event.resource_status_reason.unwrap_or_default();
    let is_cancelled =
        ["Resource creation cancelled", "Resource update cancelled"].contains(&reason.as_str());
    (failed && !is_cancelled && event.physical_resource_id != event.stack_id).then(|| Failure {
        id: event.logical_resource_id.unwrap_or_default(),
        kind: event.resource_type.unwrap_or_default(),
        reason,
    })
}
