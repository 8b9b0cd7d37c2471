//! Access as a value: statements, whatever kind of resource makes them, and the flat rows that are made of them.

mod rows;
mod words;

use std::collections::BTreeSet;
use std::fmt;

pub use rows::{Row, rows};
pub use words::words;

use crate::policy::Effect;
use crate::review::Term;
use crate::vocab::{AccountId, Region};

/// What some templates allow, and what in them could not be looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// In the order of the templates, of their resources, and of the documents in each resource.
    pub statements: Vec<Statement>,
    /// What may give access and was not read.
    pub unread: Vec<Unread>,
}

/// One statement about access: of a policy document, or of what is none and means one (a Lake Formation grant, a share,
/// a subscriber, an attached policy, a flag that blocks public access).
///
/// It means: within `account`, and only if `only_if` holds, `principals` may (or, denied, may never) do `actions` on
/// `resources` when all `conditions` are met. Two statements with equal fields but for `place` are the same access.
/// A statement whose `Fn::If` has branches is several statements here, one for each branch.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The account that the stack is in.
    pub account: Account,
    /// What kind of thing says so.
    pub via: Via,
    /// Allow or deny.
    pub effect: Effect,
    /// Whom it is about.
    pub principals: Scope<Principal>,
    /// What they may do. IAM actions are written as the table of actions has them (`s3:GetObject`), patterns as in the
    /// template. For what is no policy document see [`Via`].
    pub actions: Scope<Term>,
    /// On what: ARNs and patterns of them. In a trust policy the role itself, in a key policy the key. Resources whose
    /// name the template says are named by it, not by their logical id.
    pub resources: Scope<Term>,
    /// What must be met, all of it.
    pub conditions: BTreeSet<Condition>,
    /// The conditions of the *template* under which it is there: its own `Fn::If` branches and the resource's `Condition`.
    pub only_if: BTreeSet<Guard>,
    /// Where it stands; no part of what it means.
    pub place: Place,
}

/// The account that a stack is in.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Known from the spec.
    Known(AccountId),
    /// Whichever the template is deployed to.
    #[default]
    This,
}

impl Account {
    /// The account id, where it is known.
    pub fn id(&self) -> Option<&str> {
        match self {
            Self::Known(id) => Some(id.as_str()),
            Self::This => None,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id().unwrap_or("this account"))
    }
}

/// What gives or takes away the access, with the words that [`Statement::actions`] and [`Statement::resources`] use
/// where there is no policy document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// A policy of a role, user, group or permission set. An attached policy whose text is not in the templates is the
    /// action [`Statement::HAS_POLICY`] on the ARN of the policy.
    Identity,
    /// A permissions boundary: a Deny of `*` on `*` outside of the policy, with the condition [`Condition::OUTSIDE_OF`]. So
    /// a boundary that goes is a Deny that goes. What the policy says is not repeated; of one of the same template there are
    /// its own statements.
    Boundary,
    /// The trust policy of a role.
    Trust,
    /// The policy of a bucket.
    Bucket,
    /// A flag of a public access block that is on: a Deny of the flag (`BlockPublicPolicy`) for everybody.
    PublicAccess,
    /// The policy of a key.
    Key,
    /// The policy of any other resource: queue, topic, function, secret, repository and so on.
    Resource,
    /// What only limits and never gives: the policy of a VPC endpoint or of an organization.
    Limit,
    /// Lake Formation. Actions are permissions as its API has them (`SELECT`, `ALL`), with the suffix
    /// [`Statement::GRANTABLE`] for the grant option; `ADMIN` and `READ_ONLY_ADMIN` for the two kinds of administrators.
    /// Resources are ARNs of Glue (`…:table/DATABASE/TABLE`, `*` for a wildcard), of a location or of a tag; columns,
    /// filters and tags of a grant are conditions.
    LakeFormation,
    /// A resource share: the action is the ARN of its permission, `default` where none is named.
    Ram,
    /// A subscriber of Security Lake. Actions are access types (`LAKEFORMATION`, `S3`), resources the data lake's ARN with
    /// `/` and the source (`CLOUD_TRAIL_MGMT@2.0`). The external id is a condition.
    Subscriber,
    /// Who may pass a role of the same templates to a service that runs as it: the action [`Statement::ACTS_AS`].
    PassRole,
    /// Who may assume a role of the same templates: the action [`Statement::ACTS_AS`].
    AssumeRole,
}

impl Via {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Trust => "trust",
            Self::Bucket => "bucket",
            Self::PublicAccess => "public_access",
            Self::Key => "key",
            Self::Resource => "resource",
            Self::Limit => "limit",
            Self::LakeFormation => "lake_formation",
            Self::Ram => "ram",
            Self::Subscriber => "subscriber",
            Self::PassRole => "pass_role",
            Self::AssumeRole => "assume_role",
        }
    }

    /// Whether actions are those of IAM, which the table of actions knows.
    pub fn has_iam_actions(self) -> bool {
        matches!(
            self,
            Self::Identity
                | Self::Trust
                | Self::Bucket
                | Self::Key
                | Self::Resource
                | Self::Limit
                | Self::Boundary
        )
    }
}

/// What a statement is about: these, or everything but these (`NotAction`, `NotResource`, `NotPrincipal`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope<T> {
    /// These; at least one.
    Only(BTreeSet<T>),
    /// Everything but these.
    AllBut(BTreeSet<T>),
}

impl<T: Ord> Scope<T> {
    /// Exactly one.
    pub fn one(item: T) -> Self {
        Self::Only(BTreeSet::from([item]))
    }

    /// What is named, either way.
    pub fn named(&self) -> &BTreeSet<T> {
        match self {
            Self::Only(items) | Self::AllBut(items) => items,
        }
    }

    /// What is named, if it is not the rest that is meant.
    pub fn only(&self) -> Option<&BTreeSet<T>> {
        match self {
            Self::Only(items) => Some(items),
            Self::AllBut(_) => None,
        }
    }
}

/// Whom a statement is about. One that is written in several ways is one value: an account id is its root, `*` is
/// `{"AWS": "*"}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Principal {
    /// Everybody, with or without credentials.
    Everybody,
    /// Everybody in an account to whom IAM gives the right there.
    Account(Term),
    /// A role, user or session, by ARN; one of the same template that has no name by `${LogicalId.Arn}`.
    Arn(Term),
    /// Whoever the managed policy with this ARN is attached to: the templates attach it to nobody.
    HolderOf(Term),
    /// A service of AWS.
    Service(Term),
    /// An identity provider.
    Federated(Term),
    /// What is none of these: a canonical user id, a Lake Formation group (`IAM_ALLOWED_PRINCIPALS`), an organization,
    /// whoever has been granted a tag.
    Other(Term),
}

impl Principal {
    /// What the name of it is made of; none for everybody.
    pub fn term(&self) -> Option<&Term> {
        match self {
            Self::Everybody => None,
            Self::Account(term)
            | Self::Arn(term)
            | Self::HolderOf(term)
            | Self::Service(term)
            | Self::Federated(term)
            | Self::Other(term) => Some(term),
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("*"),
            Self::Account(term) => write!(f, "account {term}"),
            Self::HolderOf(term) => write!(f, "holder of {term}"),
            Self::Arn(term) | Self::Service(term) | Self::Federated(term) | Self::Other(term) => {
                write!(f, "{term}")
            }
        }
    }
}

/// A condition of a statement: any of the values fits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Condition {
    /// The operator as it is written, with `IfExists` and `ForAllValues:`; or one of the words below.
    pub operator: String,
    /// The condition key as it is written; IAM compares keys without regard to case.
    pub key: String,
    /// The values.
    pub values: BTreeSet<Term>,
}

impl Condition {
    /// Operator of a block of conditions that does not stand in the template: without a key.
    pub const UNREAD: &'static str = "Unread";
    /// Operator of a boundary: the action is not in one of these policies.
    pub const OUTSIDE_OF: &'static str = "OutsideOf";
    /// Operator of a Lake Formation grant on these columns.
    pub const ONLY_COLUMNS: &'static str = "OnlyColumns";
    /// Operator of a Lake Formation grant on all columns but these.
    pub const ALL_COLUMNS_BUT: &'static str = "AllColumnsBut";
    /// Operator of a Lake Formation grant on what a data cells filter lets through.
    pub const CELLS_FILTER: &'static str = "CellsFilter";
    /// Operator of a Lake Formation grant on what has one of these values of a tag; the key is the tag's.
    pub const LF_TAG: &'static str = "LFTag";

    /// A condition on values.
    pub fn new(operator: &str, key: &str, values: impl IntoIterator<Item = Term>) -> Self {
        Self { operator: operator.to_owned(), key: key.to_owned(), values: values.into_iter().collect() }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.operator)?;
        if !self.key.is_empty() {
            write!(f, " {}", self.key)?;
        }
        for (n, value) in self.values.iter().enumerate() {
            write!(f, "{}{value}", if n == 0 { " " } else { " or " })?;
        }
        Ok(())
    }
}

/// A condition of the template that decides whether a statement is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guard {
    /// Its name.
    pub name: String,
    /// Whether it must be true, or false.
    pub holds: bool,
    /// What it is, with the conditions that it names put in: the same name can mean something else in the next version.
    pub means: String,
}

impl Guard {
    /// Whether both cannot be.
    pub fn contradicts(&self, other: &Self) -> bool {
        self.name == other.name && self.holds != other.holds
    }
}

impl fmt::Display for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.holds { "" } else { "not " }, self.name)
    }
}

/// Where a statement stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The integration, for templates that were rendered from a spec.
    pub integration: Option<String>,
    /// The stack: STACK of the contract for our templates, else the file's path without its ending.
    pub stack: String,
    /// The logical id.
    pub resource_id: String,
    /// Which statement of the resource.
    pub label: Label,
    /// The line in the template, from 1; none for a template that was not read from text.
    pub line: Option<usize>,
}

/// Which statement of a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Its Sid.
    Sid(String),
    /// It has none: its number, from 0, among all statements of the policy documents of the resource.
    Index(usize),
    /// It is not of a policy document.
    #[default]
    None,
}

impl Label {
    /// The Sid or `#n`.
    pub fn word(&self) -> Option<String> {
        match self {
            Self::Sid(sid) => Some(sid.clone()),
            Self::Index(index) => Some(format!("#{index}")),
            Self::None => None,
        }
    }
}

impl fmt::Display for Place {
    /// STACK/ID/SID, as an acceptance names it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.stack, self.resource_id)?;
        match self.label.word() {
            Some(word) => write!(f, "/{word}"),
            None => Ok(()),
        }
    }
}

/// Something that may give access and was not read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// Where; without a logical id for the whole template.
    pub place: Place,
    /// What, and why not.
    pub what: String,
}

impl Statement {
    /// The action of who can do everything that a role may: the resource is the role.
    pub const ACTS_AS: &'static str = "acts as";
    /// The action of who has a policy whose text is not in the templates: the resource is the policy.
    pub const HAS_POLICY: &'static str = "has policy";
    /// Whether it is one of these, and no action of a policy document.
    pub fn is_word(action: &str) -> bool {
        [Self::ACTS_AS, Self::HAS_POLICY].contains(&action)
    }

    /// Behind a Lake Formation permission that can be passed on.
    pub const GRANTABLE: &'static str = " WITH GRANT OPTION";

    /// The same for each value of a mapping that the deployment chooses: `Region[${AWS::Region}].Table` becomes one
    /// statement for each Region of the mapping, all lookups by one key together. A statement without lookups is itself.
    ///
    /// Compare what this gives: then a Region that is added is access that is added, and nothing else changes.
    pub fn spelled_out(&self) -> Vec<Self> {
        rows::spelled_out(self)
    }

    /// The same as it is where its stack is deployed in this Region. What the stack has in each Region, a resource or a
    /// parameter, has the Region behind its name.
    pub(super) fn in_region(&self, region: Region) -> Self {
        rows::with_terms(self, &|term| term.in_region(region))
    }
}
