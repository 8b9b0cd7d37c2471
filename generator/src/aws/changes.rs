//! Change sets: the only way in which lakelink changes a stack.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use aws_sdk_cloudformation::types::{
    Capability, ChangeAction, ChangeSetStatus, ChangeSetType, EventFilter, ExecutionStatus, HookFailureMode,
    OperationEvent, Parameter, PolicyAction, ResourceChange, ResourceToImport, Tag,
};

use crate::aws::{AwsError, Failure, Stacks};

/// What a change set is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    /// The name of the stack.
    pub(crate) stack: &'a str,
    /// The name of the change set. The token is of the call: after the set is removed, one of its name is a new one.
    pub(crate) name: &'a str,
    /// Whether the stack is new.
    pub(crate) is_new: bool,
    /// The template.
    pub(crate) body: &'a str,
    /// Values of its parameters.
    pub(crate) parameters: &'a BTreeMap<String, String>,
    /// Tags of the stack.
    pub(crate) tags: &'a BTreeMap<String, String>,
    /// Whether the template names IAM resources.
    pub(crate) names_iam: bool,
    /// The role that CloudFormation acts as; none for the caller's own rights.
    pub(crate) role: Option<&'a str>,
    /// What is there already and becomes the stack's, and nothing else with it.
    pub(crate) imports: &'a [Import],
    /// Whether what the template names without a function is taken over if it is there.
    pub(crate) takes_over: bool,
}

/// Something that is there already, and becomes a stack's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// Its logical id.
    pub(crate) id: &'static str,
    /// Its type.
    pub(crate) kind: &'static str,
    /// The property that names it, and the name.
    pub(crate) name: (&'static str, String),
}

/// A change set that is there.
#[derive(Clone, Debug)]
pub(crate) struct ChangeSet {
    /// Its ARN.
    pub(crate) id: String,
    /// The ARN of its stack.
    pub(crate) stack: String,
    /// How far it is.
    pub(crate) state: SetState,
    /// What it would do.
    pub(crate) changes: Vec<Change>,
}

/// How far a change set is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SetState {
    /// CloudFormation works on it.
    Pending,
    /// It can be executed.
    Ready,
    /// There is nothing to change.
    Empty,
    /// It was or is executed.
    Executed,
    /// Another change came first, or it cannot be made, for this reason.
    Failed(String),
}

/// What happens to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Add,
    Modify,
    Remove,
    /// Taken out of the stack, and left as it is.
    Leave,
    /// Was there before, and becomes the stack's.
    Import,
    /// Known only when it is done.
    Dynamic,
}

/// Whether a modified resource is made anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Replacement {
    No,
    Perhaps,
    Yes,
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    /// The logical id.
    pub(crate) id: String,
    /// The type.
    pub(crate) kind: String,
    /// What happens.
    pub(crate) action: Action,
    /// Whether it is made anew.
    pub(crate) replacement: Replacement,
}

impl Stacks {
    /// Begins a change set. `None` if there is one of that name already: it has the same content, so it is the same.
    pub(crate) async fn ask(&self, request: &Request<'_>) -> Result<Option<String>, AwsError> {
        let kind = match (request.imports, request.is_new) {
            ([_, ..], _) => ChangeSetType::Import,
            ([], true) => ChangeSetType::Create,
            ([], false) => ChangeSetType::Update,
        };
        let import = |one: &Import| {
            let import = ResourceToImport::builder().logical_resource_id(one.id).resource_type(one.kind);
            import.resource_identifier(one.name.0, &one.name.1).build()
        };
        let imports = (kind == ChangeSetType::Import).then(|| request.imports.iter().map(import).collect());
        let parameter = |(key, value): (&String, &String)| {
            Parameter::builder().parameter_key(key).parameter_value(value).build()
        };
        let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
        let capabilities = request.names_iam.then(|| vec![Capability::CapabilityNamedIam]);
        let call = self
            .client
            .create_change_set()
            .stack_name(request.stack)
            .change_set_name(request.name)
            .client_token(fresh(request.name))
            .change_set_type(kind)
            .template_body(request.body)
            .set_parameters(Some(request.parameters.iter().map(parameter).collect()))
            .set_tags(Some(request.tags.iter().map(tag).collect()))
            .set_capabilities(capabilities)
            .set_role_arn(request.role.map(ToOwned::to_owned))
            .set_resources_to_import(imports)
            .set_import_existing_resources(request.takes_over.then_some(true));
        match call.send().await.map_err(AwsError::of("CreateChangeSet")) {
            Ok(answer) => Ok(answer.id),
            Err(error) if error.code == "AlreadyExistsException" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What a change set would do, and how far it is; `None` if it is not there.
    pub(crate) async fn change_set(&self, stack: &str, name: &str) -> Result<Option<ChangeSet>, AwsError> {
        let mut changes = Vec::new();
        let mut token = None;
        loop {
            let call = self.client.describe_change_set().stack_name(stack).change_set_name(name);
            let answer = call.set_next_token(token).send().await.map_err(AwsError::of("DescribeChangeSet"));
            let page = match answer {
                Err(error) if error.is_gone() => return Ok(None),
                answer => answer?,
            };
            let of_page = page.changes.unwrap_or_default().into_iter();
            changes.extend(of_page.filter_map(|change| Some(Change::of(change.resource_change?))));
            token = page.next_token;
            if token.is_none() {
                let reason = page.status_reason.unwrap_or_default();
                return Ok(Some(ChangeSet {
                    id: page.change_set_id.unwrap_or_default(),
                    stack: page.stack_id.unwrap_or_default(),
                    state: SetState::of(page.status, page.execution_status, reason),
                    changes,
                }));
            }
        }
    }

    /// Begins the execution of a change set.
    pub(crate) async fn execute(&self, set: &ChangeSet, token: &str) -> Result<(), AwsError> {
        let call = self.client.execute_change_set().stack_name(&set.stack).change_set_name(&set.id);
        call.client_request_token(token).send().await.map_err(AwsError::of("ExecuteChangeSet")).map(drop)
    }

    /// Removes a change set that was not executed. One that is gone is removed.
    pub(crate) async fn forget(&self, stack: &str, name: &str) -> Result<(), AwsError> {
        let call = self.client.delete_change_set().stack_name(stack).change_set_name(name);
        match call.send().await.map_err(AwsError::of("DeleteChangeSet")) {
            Err(error) if !error.is_gone() => Err(error),
            _ => Ok(()),
        }
    }

    /// The names of the change sets of a stack that were not executed.
    pub(crate) async fn change_sets(&self, stack: &str) -> Result<Vec<String>, AwsError> {
        let mut names = Vec::new();
        let mut pages = self.client.list_change_sets().stack_name(stack).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(AwsError::of("ListChangeSets"))?;
            let open = page.summaries.unwrap_or_default().into_iter().filter(|set| {
                set.execution_status != Some(ExecutionStatus::ExecuteInProgress)
                    && set.execution_status != Some(ExecutionStatus::ExecuteComplete)
            });
            names.extend(open.filter_map(|set| set.change_set_name));
        }
        Ok(names)
    }

    /// What CloudFormation's early validation found wrong in a change set. A role may lack the right to ask, so that
    /// finds nothing, which is no error.
    pub(crate) async fn refusals(&self, set: &ChangeSet) -> Vec<Failure> {
        let filter = EventFilter::builder().failed_events(true).build();
        let call = self.client.describe_events().change_set_name(&set.id).filters(filter);
        let Ok(answer) = call.send().await else { return Vec::new() };
        let events = answer.operation_events.unwrap_or_default().into_iter();
        // A warning stands on change sets that are good, too.
        let is_warning =
            |event: &OperationEvent| event.validation_failure_mode == Some(HookFailureMode::Warn);
        let failures = events.filter(|event| !is_warning(event)).filter_map(|event| {
            let reason = event.validation_status_reason.or(event.resource_status_reason)?;
            Some(Failure {
                id: event.logical_resource_id.unwrap_or_default(),
                kind: event.resource_type.unwrap_or_default(),
                reason,
            })
        });
        failures.collect()
    }
}

/// A token that no other call has: for calls that mean something new each time.
pub(crate) fn fresh(word: &str) -> String {
    format!("{word}-{:016x}", RandomState::new().build_hasher().finish())
}

impl SetState {
    fn of(status: Option<ChangeSetStatus>, execution: Option<ExecutionStatus>, reason: String) -> Self {
        match (status, execution) {
            (Some(ChangeSetStatus::Failed), _) if is_about_nothing(&reason) => Self::Empty,
            (Some(ChangeSetStatus::Failed), _) => Self::Failed(reason),
            (_, Some(ExecutionStatus::Obsolete)) => {
                Self::Failed("another change of the stack came first".into())
            }
            (_, Some(ExecutionStatus::ExecuteComplete | ExecutionStatus::ExecuteInProgress)) => {
                Self::Executed
            }
            (_, Some(ExecutionStatus::ExecuteFailed)) => Self::Failed("its execution failed".into()),
            (Some(ChangeSetStatus::CreateComplete), _) => Self::Ready,
            _ => Self::Pending,
        }
    }
}

/// CloudFormation has two texts for "nothing to change", and no code.
fn is_about_nothing(reason: &str) -> bool {
    reason.contains("didn't contain changes") || reason.contains("No updates are to be performed")
}

impl Change {
    fn of(change: ResourceChange) -> Self {
        let leaves =
            matches!(change.policy_action, Some(PolicyAction::Retain | PolicyAction::ReplaceAndRetain));
        let action = match change.action {
            Some(ChangeAction::Add) => Action::Add,
            Some(ChangeAction::Remove) if leaves => Action::Leave,
            Some(ChangeAction::Remove) => Action::Remove,
            Some(ChangeAction::Import) => Action::Import,
            Some(ChangeAction::Modify) => Action::Modify,
            _ => Action::Dynamic,
        };
        let replacement = match change.replacement.as_ref().map(|word| word.as_str()) {
            Some("True") => Replacement::Yes,
            Some("Conditional") => Replacement::Perhaps,
            _ => Replacement::No,
        };
        Self {
            id: change.logical_resource_id.unwrap_or_default(),
            kind: change.resource_type.unwrap_or_default(),
            action,
            replacement,
        }
    }
}
