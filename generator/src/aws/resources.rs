//! Resources that may be there already, whatever their type: AWS Cloud Control API.

use aws_config::SdkConfig;
use aws_sdk_cloudcontrol::Client;
use serde_json::Value;

use crate::aws::AwsError;

/// Cloud Control in one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    client: Client,
}

impl Resources {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// The properties of a resource, by its CloudFormation type and its primary identifier, read as `role`, else as
    /// the caller; `None` if it is not there.
    pub(crate) async fn get(
        &self,
        kind: &str,
        id: &str,
        role: Option<&str>,
    ) -> Result<Option<Value>, AwsError> {
        let call = self.client.get_resource().type_name(kind).identifier(id);
        let call = call.set_role_arn(role.map(ToOwned::to_owned));
        match call.send().await.map_err(AwsError::of("GetResource")) {
            Ok(answer) => {
                let text = answer.resource_description.and_then(|description| description.properties);
                Ok(text.map(|text| serde_json::from_str(&text).unwrap_or_default()))
            }
            Err(error) if error.code == "ResourceNotFoundException" => Ok(None),
            Err(error) => Err(error),
        }
    }
}
