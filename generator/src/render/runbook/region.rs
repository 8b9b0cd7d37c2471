//! A Region in the run-book.

use serde::Serialize;

use super::shell::{quoted, share_variable};
use super::view::count_sql;
use crate::model::{Integration, Share};
use crate::vocab::Region;

/// A Region, with the names that hold there.
#[derive(Serialize)]
pub(super) struct RegionView {
    code: &'static str,
    /// The shell variable for the ARN of the share.
    variable: String,
    /// The ARN of the share, where the spec pins it.
    pinned: Option<String>,
    database: String,
    tables: Vec<String>,
    table_names: String,
    bucket: String,
    count_sql_word: String,
}

impl RegionView {
    /// The view of a Region of the integration.
    pub(super) fn of(integration: &Integration, region: Region) -> Self {
        let lake = &integration.lake;
        let table = |source: &crate::vocab::LogSource| source.table(lake.source_version, region);
        let tables = lake.sources.iter().map(table).collect::<Vec<_>>();
        let pinned = match &integration.handoff.share {
            Share::Pinned(shares) => shares.get(&region).map(ToString::to_string),
            Share::Parameter | Share::StackOutput | Share::Discovered => None,
        };
        Self {
            code: region.as_str(),
            variable: share_variable(region),
            pinned,
            database: integration.database(region),
            table_names: tables.join(","),
            tables,
            bucket: integration.results_bucket(region),
            count_sql_word: quoted(&count_sql(integration, region)),
        }
    }
}
