//! `detective`: the Detective account.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::defaults;
use crate::spec::{Text, Whole};
use crate::vocab::{
    AccountId, AttachPolicy, Bucket, BucketOwner, CrawlerKind, Either, EncryptionKind, GrantOn, KeyArn,
    PrincipalArn, Schedule, WorkgroupNone,
};

/// The Detective account: the delegated administrator of Detective.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Detective {
    /// The account id; differs from `lake.account`.
    #[schemars(with = "Text<AccountId>")]
    pub account: Option<Text<AccountId>>,
    /// The IAM roles and users of this account who query.
    #[schemars(with = "Vec<Text<PrincipalArn>>", length(min = 1))]
    pub principals: Option<Vec<Option<Text<PrincipalArn>>>>,
    /// Whether the template attaches the analyst policy.
    #[serde(default)]
    #[schemars(with = "Text<AttachPolicy>", extend("default" = "none"))]
    pub attach_policy: Option<Text<AttachPolicy>>,
    /// Where Amazon Athena puts query results.
    #[serde(default)]
    #[schemars(with = "Results")]
    pub results: Option<Results>,
    /// An enforced Athena workgroup beside `primary`.
    #[serde(default)]
    #[schemars(with = "Workgroup")]
    pub workgroup: Option<Workgroup>,
    /// Ready Athena queries for investigations.
    #[serde(default)]
    #[schemars(with = "bool", extend("default" = true))]
    pub queries: Option<bool>,
    /// A Glue crawler over `evidence/` of the results bucket; the integration itself needs none.
    #[serde(default)]
    #[schemars(with = "Crawler")]
    pub crawler: Option<Crawler>,
    /// How Lake Formation grants are made.
    #[serde(default)]
    #[schemars(with = "LakeFormation")]
    pub lake_formation: Option<LakeFormation>,
}

/// Where Amazon Athena puts query results.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Results {
    /// `create`, an existing bucket, or one for each lake Region.
    #[serde(default)]
    #[schemars(with = "PerRegion<Text<Either<BucketOwner, Bucket>>>", extend("default" = "create"))]
    pub bucket: Option<PerRegion<Text<Either<BucketOwner, Bucket>>>>,
    /// Days after which results are removed; only with `create`.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1, max = defaults::LONGEST_RETENTION_DAYS), extend("default" = defaults::RETENTION_DAYS))]
    pub retention_days: Option<Whole>,
    /// `s3`, `kms`, the ARN of a key, or one for each lake Region.
    #[serde(default)]
    #[schemars(with = "PerRegion<Text<Either<EncryptionKind, KeyArn>>>", extend("default" = "s3"))]
    pub encryption: Option<PerRegion<Text<Either<EncryptionKind, KeyArn>>>>,
    /// Further IAM principals that may read results.
    #[serde(default)]
    #[schemars(with = "Vec<Text<PrincipalArn>>")]
    pub break_glass: Option<Vec<Option<Text<PrincipalArn>>>>,
}

/// One value for every Region, or a map by lake Region.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum PerRegion<T> {
    /// One value.
    One(T),
    /// A value for each lake Region.
    Each(BTreeMap<String, T>),
}

/// The Athena workgroup: `none`, or its settings.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Workgroup {
    /// No workgroup of our own.
    None(Text<WorkgroupNone>),
    /// The settings of the workgroup.
    Settings(WorkgroupSettings),
}

/// The settings of the Athena workgroup.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkgroupSettings {
    /// The most that one query may scan, in gigabytes of 10^9 bytes.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1, max = defaults::LARGEST_SCAN_LIMIT_GB), extend("default" = defaults::SCAN_LIMIT_GB))]
    pub scan_limit_gb: Option<Whole>,
}

/// The Glue crawler: `none`, `evidence`, or its schedule.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Crawler {
    /// No crawler, or one that runs on demand.
    Kind(Text<CrawlerKind>),
    /// A crawler over evidence that runs by itself.
    Scheduled(CrawlerSchedule),
}

/// The schedule of the crawler.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrawlerSchedule {
    /// A cron of six fields, in UTC, at most hourly; without it the crawler runs on demand.
    #[serde(default)]
    #[schemars(with = "Text<Schedule>")]
    pub schedule: Option<Text<Schedule>>,
}

/// How Lake Formation grants are made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LakeFormation {
    /// Which catalogue the table grants name.
    #[serde(default)]
    #[schemars(with = "Text<GrantOn>", extend("default" = "target"))]
    pub grant_on: Option<Text<GrantOn>>,
}
