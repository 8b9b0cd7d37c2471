//! Stack sets: what is there, and the calls that change them. Their instances are in `set_operations`.

use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::config::http::HttpRequest;
use aws_sdk_cloudformation::types::{
    AutoDeployment, CallAs, Capability, ManagedExecution, Parameter, PermissionModels, StackSet, Tag,
};

use crate::aws::set_operations::{begun, preferences};
use crate::aws::{AwsError, fresh};
use crate::vocab::Region;

/// The stack sets of one account and Region, or of an organization that this account acts for.
#[derive(Clone, Debug)]
pub(crate) struct StackSets {
    pub(super) client: Client,
    pub(super) call_as: CallAs,
}

/// What a stack set is or must be, but for its name and its instances.
#[derive(Clone, Debug)]
pub(crate) struct SetContent {
    /// What it is described by.
    pub(crate) description: String,
    /// The template.
    pub(crate) body: String,
    /// Values of its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// Tags of the set and its stacks.
    pub(crate) tags: BTreeMap<String, String>,
    /// What the template is allowed to do.
    pub(crate) capabilities: Vec<String>,
    /// By whom it is allowed.
    pub(crate) permissions: Permissions,
    /// The template that StackSets makes the execution role of; none if it makes none, and of a set that was found.
    pub(crate) role_template: Option<String>,
    /// Whether operations that come while others go on wait for their turn.
    pub(crate) queues: bool,
}

/// Who manages the permissions of a stack set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Permissions {
    /// AWS Organizations.
    Service {
        /// Whether accounts that join a unit get the stacks. `false` if they do not, else whether stacks stay when an account leaves.
        auto_deployment: Option<bool>,
        /// ARNs of the sets that come first where StackSets deploys by itself.
        depends_on: Vec<String>,
        /// The name of the role that StackSets makes in the accounts; none for its own.
        execution_role: Option<String>,
    },
    /// Roles of one's own.
    Own {
        /// The ARN of the role in the account of the set; none for AWS's default name.
        administration_role: Option<String>,
        /// The name of the role in the accounts that it deploys to; none for AWS's default name.
        execution_role: Option<String>,
    },
}

/// A stack set that is there.
#[derive(Clone, Debug)]
pub(crate) struct FoundSet {
    /// Its ARN, which no other set ever has.
    pub(crate) arn: String,
    /// What it is.
    pub(crate) content: SetContent,
}

impl StackSets {
    pub(super) fn new(config: &SdkConfig, is_delegated: bool) -> Self {
        let call_as = if is_delegated { CallAs::DelegatedAdmin } else { CallAs::SelfValue };
        Self { client: Client::new(config), call_as }
    }

    /// A stack set, by its name.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<FoundSet>, AwsError> {
        let call = self.client.describe_stack_set().stack_set_name(name).call_as(self.call_as.clone());
        match call.send().await.map_err(AwsError::of("DescribeStackSet")) {
            Ok(answer) => Ok(answer.stack_set.map(FoundSet::of)),
            Err(error) if error.code == "StackSetNotFoundException" => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a stack set without instances. One that somebody else has made meanwhile is there.
    pub(crate) async fn create(&self, name: &str, content: &SetContent) -> Result<(), AwsError> {
        let call = self
            .client
            .create_stack_set()
            .stack_set_name(name)
            .client_request_token(fresh(name))
            .call_as(self.call_as.clone())
            .description(&content.description)
            .template_body(&content.body)
            .set_parameters(Some(content.sdk_parameters()))
            .set_tags(Some(content.sdk_tags()))
            .set_capabilities(Some(content.sdk_capabilities()))
            .managed_execution(content.sdk_execution());
        let call = match &content.permissions {
            Permissions::Service { execution_role, .. } => call
                .permission_model(PermissionModels::ServiceManaged)
                .set_execution_role_name(execution_role.clone())
                .set_auto_deployment(content.permissions.sdk_auto_deployment()),
            Permissions::Own { administration_role, execution_role } => call
                .permission_model(PermissionModels::SelfManaged)
                .set_administration_role_arn(administration_role.clone())
                .set_execution_role_name(execution_role.clone()),
        };
        let more = content.role_field();
        let call = call.customize().mutate_request(move |request| add(&more, request));
        match call.send().await.map_err(AwsError::of("CreateStackSet")) {
            Err(error) if error.code != "NameAlreadyExistsException" => Err(error),
            _ => Ok(()),
        }
    }

    /// Begins to make a set, and every instance that it has, what it must be. The set changes whatever becomes of its instances.
    pub(crate) async fn update(
        &self,
        name: &str,
        content: &SetContent,
        order: &[Region],
        operation: &str,
    ) -> Result<(), AwsError> {
        let call = self
            .client
            .update_stack_set()
            .stack_set_name(name)
            .operation_id(operation)
            .call_as(self.call_as.clone())
            .description(&content.description)
            .template_body(&content.body)
            .set_parameters(Some(content.sdk_parameters()))
            .set_tags(Some(content.sdk_tags()))
            .set_capabilities(Some(content.sdk_capabilities()))
            .managed_execution(content.sdk_execution())
            .operation_preferences(preferences(order));
        let call = match &content.permissions {
            Permissions::Service { execution_role, .. } => call
                .set_execution_role_name(execution_role.clone())
                .set_auto_deployment(content.permissions.sdk_auto_deployment()),
            Permissions::Own { administration_role, execution_role } => call
                .set_administration_role_arn(administration_role.clone())
                .set_execution_role_name(execution_role.clone()),
        };
        let more = content.role_field();
        let call = call.customize().mutate_request(move |request| add(&more, request));
        begun(call.send().await.map_err(AwsError::of("UpdateStackSet")).map(drop))
    }

    /// Removes a set that has no instances. One that is gone is removed.
    pub(crate) async fn delete(&self, name: &str) -> Result<(), AwsError> {
        let call = self.client.delete_stack_set().stack_set_name(name).call_as(self.call_as.clone());
        match call.send().await.map_err(AwsError::of("DeleteStackSet")) {
            Err(error) if error.code != "StackSetNotFoundException" => Err(error),
            _ => Ok(()),
        }
    }
}

/// Adds fields to the form that a call sends, before it is signed.
fn add(fields: &str, request: &mut HttpRequest) {
    let form = request.body().bytes().map(|form| [form, fields.as_bytes()].concat());
    if let Some(form) = form.filter(|_| !fields.is_empty()) {
        request.headers_mut().insert("content-length", form.len().to_string());
        *request.body_mut() = form.into();
    }
}

impl SetContent {
    fn sdk_parameters(&self) -> Vec<Parameter> {
        let parameters = self.parameters.iter();
        parameters
            .map(|(key, value)| Parameter::builder().parameter_key(key).parameter_value(value).build())
            .collect()
    }

    fn sdk_tags(&self) -> Vec<Tag> {
        self.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
    }

    fn sdk_capabilities(&self) -> Vec<Capability> {
        self.capabilities.iter().map(|word| Capability::from(word.as_str())).collect()
    }

    /// The template of the execution role as a further field of a call's form; empty without one. The API has it (botocore
    /// 1.44.8), the newest SDK for Rust (1.136.0) does not.
    fn role_field(&self) -> String {
        let field =
            |template: &String| format!("&ExecutionRoleTemplateBody={}", urlencoding::encode(template));
        self.role_template.as_ref().map(field).unwrap_or_default()
    }

    fn sdk_execution(&self) -> ManagedExecution {
        ManagedExecution::builder().active(self.queues).build()
    }
}

impl Permissions {
    /// Whether both are of the same permission model.
    pub(crate) fn is_of_kind(&self, other: &Self) -> bool {
        matches!(self, Self::Service { .. }) == matches!(other, Self::Service { .. })
    }

    fn sdk_auto_deployment(&self) -> Option<AutoDeployment> {
        let Self::Service { auto_deployment, depends_on, .. } = self else { return None };
        let built = AutoDeployment::builder()
            .enabled(auto_deployment.is_some())
            .set_retain_stacks_on_account_removal(*auto_deployment);
        Some(built.set_depends_on((!depends_on.is_empty()).then(|| depends_on.clone())).build())
    }
}

impl FoundSet {
    fn of(set: StackSet) -> Self {
        let parameters = set.parameters.unwrap_or_default().into_iter();
        let tags = set.tags.unwrap_or_default().into_iter();
        let capabilities = set.capabilities.unwrap_or_default().into_iter();
        let permissions = match set.permission_model {
            Some(PermissionModels::ServiceManaged) => {
                let auto = set.auto_deployment;
                let enabled = auto.as_ref().filter(|auto| auto.enabled == Some(true));
                Permissions::Service {
                    auto_deployment: enabled
                        .map(|auto| auto.retain_stacks_on_account_removal.unwrap_or_default()),
                    depends_on: auto.and_then(|auto| auto.depends_on).unwrap_or_default(),
                    execution_role: set.execution_role_name,
                }
            }
            _ => Permissions::Own {
                administration_role: set.administration_role_arn,
                execution_role: set.execution_role_name,
            },
        };
        Self {
            arn: set.stack_set_arn.or(set.stack_set_id).unwrap_or_default(),
            content: SetContent {
                description: set.description.unwrap_or_default(),
                role_template: None,
                body: set.template_body.unwrap_or_default(),
                parameters: parameters
                    .filter_map(|one| Some((one.parameter_key?, one.parameter_value?)))
                    .collect(),
                tags: tags.filter_map(|one| Some((one.key?, one.value?))).collect(),
                capabilities: capabilities.map(|one| one.as_str().to_owned()).collect(),
                permissions,
                queues: set.managed_execution.and_then(|one| one.active).unwrap_or_default(),
            },
        }
    }
}
