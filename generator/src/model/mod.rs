//! What a spec means: an [`Integration`], in which everything has a value and nothing is in conflict.
//!
//! No serde, no `Option` where a default exists, no place in a file. It is made by [`resolve()`] only.

mod accepted;
mod conflicts;
pub mod defaults;
mod deployers;
mod deployment;
mod detective;
mod handoff;
mod lake;
mod names;
mod not_yet;
mod out_folder;
mod principal;
mod reading;
mod regions;
mod resolve;
mod results;
pub mod rollout;
mod tags;

use std::collections::{BTreeMap, BTreeSet};

use crate::vocab::{
    Acceptance, AccountId, Boundary, Bucket, Checker, ExternalId, GrantOn, IntegrationName, KeyArn,
    LogSource, OrganizationId, Partition, Region, RoleArn, RolePath, Schedule, ShareArn, SourceVersion,
    SubscriberName,
};

pub use accepted::AcceptedFinding;
pub use conflicts::{Claim, claims, conflicts};
pub use deployers::SetOwner;
pub use names::{Duty, PRIMARY, Side, Stack};
pub use out_folder::OutFolder;
pub use principal::Principal;
pub use resolve::resolve;
pub use rollout::StackSets;

/// One integration of a lake account and a Detective account.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// The name.
    pub name: IntegrationName,
    /// The file name of the spec, without a folder.
    pub spec_file: String,
    /// Where its files lie.
    pub out: OutFolder,
    /// The Regions, in the order of the spec.
    pub regions: Regions,
    /// The organization of both accounts, where it is given.
    pub organization: Option<OrganizationId>,
    /// The Security Lake account.
    pub lake: Lake,
    /// The Detective account.
    pub detective: Detective,
    /// How the share gets from one to the other.
    pub handoff: HandOff,
    /// How its stack sets are run; `None` if it is rolled out as stacks only.
    pub stack_sets: Option<StackSets>,
    /// The IAM path of roles and policies.
    pub role_path: RolePath,
    /// Tags of every stack, by key.
    pub tags: BTreeMap<String, String>,
    /// What is written.
    pub outputs: Outputs,
    /// Findings of the review that are accepted, in the order of the spec. They reach no template.
    pub accepted: Vec<AcceptedFinding>,
    /// Checkers that the templates tell why policies name every resource.
    pub suppress: BTreeSet<Checker>,
}

impl AsRef<IntegrationName> for Integration {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

/// The Regions of an integration, as pairs: at least one, all of one partition. A Detective Region stands in one pair
/// only; one that is a lake Region too is paired with itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Regions {
    home: Region,
    pairs: Vec<RegionPair>,
}

/// A Detective Region, and the lake Region that it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionPair {
    /// Where the lake is, the link to it, and query results.
    pub lake: Region,
    /// Where the Detective console is.
    pub detective: Region,
}

impl RegionPair {
    /// Whether the Detective Region is no lake Region of the integration: a console Region.
    pub fn is_apart(self) -> bool {
        self.lake != self.detective
    }
}

impl Regions {
    /// Where the roles stacks live.
    pub fn home(&self) -> Region {
        self.home
    }

    /// Every pair, in the order of the spec.
    pub fn pairs(&self) -> &[RegionPair] {
        &self.pairs
    }

    /// The lake Regions, each once, in the order of the spec.
    pub fn lake(&self) -> Vec<Region> {
        let mut lake = Vec::new();
        for pair in &self.pairs {
            if !lake.contains(&pair.lake) {
                lake.push(pair.lake);
            }
        }
        lake
    }

    /// The Detective Regions, in the order of the spec.
    pub fn detective(&self) -> Vec<Region> {
        self.pairs.iter().map(|pair| pair.detective).collect()
    }

    /// The console Regions, in the order of the spec, each with the lake Region that it reads.
    pub fn apart(&self) -> impl Iterator<Item = RegionPair> {
        self.pairs.iter().copied().filter(|pair| pair.is_apart())
    }

    /// The first `count` pairs, at least one.
    pub(crate) fn first(&self, count: usize) -> Self {
        Self { home: self.home, pairs: self.pairs[..count.clamp(1, self.pairs.len())].to_vec() }
    }

    /// The partition of all of them.
    pub fn partition(&self) -> Partition {
        self.home.partition()
    }
}

/// The Security Lake account.
#[derive(Clone, Debug, PartialEq)]
pub struct Lake {
    /// Its id.
    pub account: AccountId,
    /// The version of every source.
    pub source_version: SourceVersion,
    /// The shared sources, in the order of the spec.
    pub sources: Vec<LogSource>,
    /// Who makes the subscriber.
    pub subscriber: Subscriber,
    /// From which accounts we turn the sources on; `None` if they are on already.
    pub collection: Option<Collection>,
    /// Who deploys there.
    pub deployment: Deployment,
}

/// The subscriber through which the Detective account reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscriber {
    /// The lake stack makes it.
    Ours {
        /// Its name.
        name: SubscriberName,
        /// Its external id, which the Detective console shows.
        external_id: ExternalId,
    },
    /// Somebody else makes it; then the shares are pinned.
    Existing,
}

impl Subscriber {
    /// The external id of a subscriber of ours.
    pub fn external_id(&self) -> Option<&ExternalId> {
        match self {
            Self::Ours { external_id, .. } => Some(external_id),
            Self::Existing => None,
        }
    }
}

/// The accounts that log sources are collected from.
#[derive(Clone, Debug, PartialEq)]
pub enum Collection {
    /// Every account of the data lake.
    All,
    /// These; at least one, each once.
    Accounts(Vec<AccountId>),
}

/// The Detective account.
#[derive(Clone, Debug, PartialEq)]
pub struct Detective {
    /// Its id; never the lake account's.
    pub account: AccountId,
    /// Who queries; at least one, each once, all of this account.
    pub principals: Vec<Principal>,
    /// Who else may touch query results; none of `principals`.
    pub break_glass: Vec<Principal>,
    /// Whether the analyst policy is attached to plain roles by the template.
    pub attach_policy: bool,
    /// Where query results go.
    pub bucket: ResultsBucket,
    /// How they are encrypted.
    pub encryption: Encryption,
    /// What one query of our workgroup may scan, in bytes; `None` for no workgroup beside `primary`.
    pub scan_limit_bytes: Option<i64>,
    /// Whether there are ready queries.
    pub queries: bool,
    /// The crawler over saved evidence, where there is one.
    pub crawler: Option<Crawler>,
    /// Which catalogue the table grants name.
    pub grant_on: GrantOn,
    /// Who deploys there.
    pub deployment: Deployment,
}

/// Where query results go.
#[derive(Clone, Debug, PartialEq)]
pub enum ResultsBucket {
    /// A bucket of lakelink's own in each Region.
    Ours {
        /// Days that results are kept.
        retention_days: u32,
    },
    /// A bucket that exists, in each Region; never changed.
    Existing(BTreeMap<Region, Bucket>),
}

impl ResultsBucket {
    fn ours(retention_days: u32) -> Self {
        Self::Ours { retention_days }
    }
}

/// How query results are encrypted.
#[derive(Clone, Debug, PartialEq)]
pub enum Encryption {
    /// With keys of Amazon S3.
    S3,
    /// With a key of lakelink's own in each Region.
    OwnKey,
    /// With a key that exists, in each Region.
    Keys(BTreeMap<Region, KeyArn>),
}

/// A crawler over `evidence/` of the results bucket, with a database of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Crawler {
    /// When it runs by itself; `None` for on demand only.
    pub schedule: Option<Schedule>,
}

/// How the share gets from the lake account to the Detective account. Only legal pairs come out of [`resolve()`].
#[derive(Clone, Debug, PartialEq)]
pub struct HandOff {
    /// Where the Detective stack has the ARN from.
    pub share: Share,
    /// Who accepts the invitation.
    pub acceptance: Acceptance,
}

/// Where the Detective stack has the ARN of the share from.
#[derive(Clone, Debug, PartialEq)]
pub enum Share {
    /// A parameter of the stack.
    Parameter,
    /// The template: one share for every Region of the integration.
    Pinned(BTreeMap<Region, ShareArn>),
    /// The lake stack: `Fn::GetStackOutput`.
    StackOutput,
    /// The function that accepts it; only with [`Acceptance::Lambda`].
    Discovered,
}

/// Who deploys in one account, and as whom CloudFormation acts.
#[derive(Clone, Debug, PartialEq)]
pub struct Deployment {
    /// The role to assume for the Regional stacks.
    pub role: Option<RoleArn>,
    /// The external id for assuming it.
    pub external_id: Option<ExternalId>,
    /// The role to assume for the roles stack, where it is another one.
    pub admin_role: Option<RoleArn>,
    /// As whom CloudFormation acts.
    pub execution: ExecutionRole,
    /// The boundary of every role made.
    pub boundary: Option<Boundary>,
}

/// As whom CloudFormation acts.
#[derive(Clone, Debug, PartialEq)]
pub enum ExecutionRole {
    /// The role that the roles template makes.
    Service,
    /// A role that exists.
    Given(RoleArn),
}

/// What is written under `out/<name>/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// The templates.
    pub templates: bool,
    /// `RUNBOOK.md`.
    pub runbook: bool,
    /// `REVIEW.md`, `access.json` and `access.svg`.
    pub review: bool,
    /// `parameters/`.
    pub parameters: bool,
    /// `cdk/`.
    pub cdk: bool,
    /// `stack-sets/`.
    pub stack_sets: bool,
    /// `git-sync/`.
    pub git_sync: bool,
    /// `cfct/`.
    pub cfct: bool,
}
