//! Lake Formation's list of data lake administrators, of which one entry is ours.

use aws_config::SdkConfig;
use aws_sdk_lakeformation::Client;
use aws_sdk_lakeformation::types::DataLakePrincipal;

use crate::aws::AwsError;

/// The list of one account and Region.
#[derive(Clone, Debug)]
pub(crate) struct Administrators {
    client: Client,
}

impl Administrators {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// Who is on the list.
    pub(crate) async fn list(&self) -> Result<Vec<String>, AwsError> {
        let answer = self.client.get_data_lake_settings().send().await;
        let settings = answer.map_err(AwsError::of("GetDataLakeSettings"))?.data_lake_settings;
        let admins = settings.and_then(|settings| settings.data_lake_admins).unwrap_or_default();
        Ok(admins.into_iter().filter_map(|admin| admin.data_lake_principal_identifier).collect())
    }

    /// Takes a principal off the list and leaves all else as it is: reads, changes, writes. Whether it was on it.
    ///
    /// Lake Formation has no call for one entry and no lock, so the caller reads back: somebody may have written between.
    pub(crate) async fn take_out(&self, principal: &str) -> Result<bool, AwsError> {
        let answer = self.client.get_data_lake_settings().send().await;
        let Some(mut settings) = answer.map_err(AwsError::of("GetDataLakeSettings"))?.data_lake_settings
        else {
            return Ok(false);
        };
        let mut admins = settings.data_lake_admins.take().unwrap_or_default();
        let is_it = |admin: &DataLakePrincipal| admin.data_lake_principal_identifier() == Some(principal);
        if !admins.iter().any(is_it) {
            return Ok(false);
        }
        admins.retain(|admin| !is_it(admin));
        settings.data_lake_admins = Some(admins);
        let call = self.client.put_data_lake_settings().data_lake_settings(settings);
        call.send().await.map_err(AwsError::of("PutDataLakeSettings")).map(|_| true)
    }
}
