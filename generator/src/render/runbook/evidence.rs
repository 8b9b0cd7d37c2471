//! Saved evidence in the run-book: the crawler, and how something is saved for it.

use serde::Serialize;

use super::view::api_calls;
use crate::model::{Duty, Integration};
use crate::vocab::Region;

/// The crawler, the same in every Region.
#[derive(Serialize)]
pub(super) struct CrawlerView {
    name: String,
    database: String,
    /// The ARN of its role.
    role: String,
    /// When it runs by itself.
    schedule: Option<String>,
}

impl CrawlerView {
    /// The view of the crawler, where there is one.
    pub(super) fn of(integration: &Integration) -> Option<Self> {
        let crawler = integration.detective.crawler.as_ref()?;
        let (partition, account) = (integration.regions.partition(), &integration.detective.account);
        Some(Self {
            name: integration.crawler(),
            database: integration.evidence_database(),
            role: format!("arn:{partition}:iam::{account}:role/{}", integration.own_role(Duty::Crawler)),
            schedule: crawler.schedule.as_ref().map(ToString::to_string),
        })
    }
}

/// The SQL that saves the sign-ins of the last day. `UNLOAD` writes where it is told even from a workgroup that is
/// enforced; a `CREATE TABLE AS` would be refused there (aws-sdk-pandas #1216, dbt-athena #176).
pub(super) fn evidence_sql(integration: &Integration, region: Region) -> String {
    let (rows, bucket) = (api_calls(integration, region), integration.results_bucket(region));
    format!(
        "UNLOAD (SELECT * {rows} AND api.operation = 'ConsoleLogin') \
         TO 's3://{bucket}/evidence/case_0042_sign_ins/' WITH (format = 'PARQUET')"
    )
}
