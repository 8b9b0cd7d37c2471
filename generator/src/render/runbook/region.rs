//! A lake Region in the run-book, and the Detective Regions that read it.

use serde::Serialize;

use super::evidence::evidence_sql;
use super::shell::{quoted, share_variable};
use super::view::count_sql;
use crate::model::{Integration, RegionPair, Share, Stack};
use crate::vocab::Region;

/// A lake Region, with the names that hold there.
#[derive(Serialize)]
pub(super) struct RegionView {
    code: &'static str,
    /// The shell variable for the ARN of the share.
    variable: String,
    /// The ARN of the share, where the spec pins it.
    pinned: Option<String>,
    database: String,
    tables: Vec<String>,
    bucket: String,
    count_sql_word: String,
    /// The Detective Regions that read it.
    consoles: Vec<Console>,
    /// Whether it is one of them itself.
    has_console: bool,
    evidence_sql_word: String,
}

/// A Detective Region, and what its console is told of the lake Region that it reads.
#[derive(Serialize)]
pub(super) struct Console {
    code: &'static str,
    lake: &'static str,
    /// Whether the two are different Regions.
    is_apart: bool,
    /// The stack that tells it.
    stack: String,
    database: String,
    pinned: Option<String>,
    bucket: String,
    table_names: String,
    /// The shell variable for the ARN of the share.
    variable: String,
}

impl Console {
    /// The view of a pair of Regions.
    pub(super) fn of(integration: &Integration, pair: RegionPair) -> Self {
        let stack = if pair.is_apart() { Stack::DetectiveConsole } else { Stack::Detective };
        Self {
            code: pair.detective.as_str(),
            lake: pair.lake.as_str(),
            is_apart: pair.is_apart(),
            stack: integration.stack_name(stack),
            database: integration.database(pair.lake),
            pinned: pinned(integration, pair.lake),
            bucket: integration.results_bucket(pair.lake),
            table_names: tables(integration, pair.lake).join(","),
            variable: share_variable(pair.lake),
        }
    }
}

/// The ARN of the share of a lake Region, where the spec pins it.
fn pinned(integration: &Integration, lake: Region) -> Option<String> {
    match &integration.handoff.share {
        Share::Pinned(shares) => shares.get(&lake).map(ToString::to_string),
        Share::Parameter | Share::StackOutput | Share::Discovered => None,
    }
}

fn tables(integration: &Integration, lake: Region) -> Vec<String> {
    let version = integration.lake.source_version;
    integration.lake.sources.iter().map(|source| source.table(version, lake)).collect()
}

impl RegionView {
    /// The view of a lake Region of the integration.
    pub(super) fn of(integration: &Integration, region: Region) -> Self {
        let pairs = integration.regions.pairs().iter().filter(|pair| pair.lake == region);
        Self {
            code: region.as_str(),
            variable: share_variable(region),
            pinned: pinned(integration, region),
            database: integration.database(region),
            tables: tables(integration, region),
            bucket: integration.results_bucket(region),
            count_sql_word: quoted(&count_sql(integration, region)),
            evidence_sql_word: quoted(&evidence_sql(integration, region)),
            has_console: pairs.clone().any(|pair| !pair.is_apart()),
            consoles: pairs.map(|pair| Console::of(integration, *pair)).collect(),
        }
    }
}
