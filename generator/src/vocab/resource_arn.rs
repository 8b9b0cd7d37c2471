//! ARNs of what is not an IAM identity: resource shares, keys, permissions boundaries.

use std::fmt;

use schemars::{Schema, json_schema};

use crate::problem::{Code, Fault, shown};
use crate::vocab::arn::{partition, parts};
use crate::vocab::{AccountId, Partition, Region, Word};

/// The ARN of a resource share of AWS RAM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShareArn {
    partition: Partition,
    region: Region,
    account: AccountId,
    id: String,
}

impl ShareArn {
    /// What follows `resource-share/`: a UUID.
    pub const ID_PATTERN: &'static str = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

    /// The account that shares.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The Region of the share.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The partition of the ARN.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// Whether it stands for a share that is still to be made: its id is `00000000-0000-0000-0000-000000000000`.
    pub fn is_placeholder(&self) -> bool {
        self.id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
    }
}

impl fmt::Display for ShareArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:ram:{}:{}:resource-share/{}", self.partition, self.region, self.account, self.id)
    }
}

impl Word for ShareArn {
    fn name() -> std::borrow::Cow<'static, str> {
        "ShareArn".into()
    }

    fn schema() -> Schema {
        let pattern =
            format!("^arn:(aws|aws-us-gov):ram:[a-z0-9-]+:[0-9]{{12}}:resource-share/{}$", Self::ID_PATTERN);
        json_schema!({
            "type": "string", "description": "The ARN of the resource share that Security Lake made for the subscriber.",
            "pattern": pattern,
            "examples": ["arn:aws:ram:us-east-1:111122223333:resource-share/12345678-1234-1234-1234-123456789012"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let read = || {
            let arn = parts(text)?;
            let id = arn.resource.strip_prefix("resource-share/")?;
            let is_uuid = regex_lite::Regex::new(&format!("^{}$", Self::ID_PATTERN)).ok()?.is_match(id);
            (arn.service == "ram" && is_uuid).then_some(())?;
            Some(Self {
                partition: partition(arn.partition)?,
                region: Region::read(arn.region).ok()?,
                account: AccountId::read(arn.account).ok()?,
                id: id.to_owned(),
            })
        };
        read().ok_or_else(|| {
            Fault::new(
                Code::ShareArn,
                format!("{} is not the ARN of a resource share", shown(text)),
                "copy the output ResourceShareArn of the lake stack; it looks like \
                 arn:aws:ram:us-east-1:111122223333:resource-share/12345678-1234-1234-1234-123456789012",
            )
        })
    }
}

/// The ARN of a key in AWS KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyArn {
    region: Region,
    account: AccountId,
    text: String,
}

impl KeyArn {
    const PATTERN: &'static str = r"^arn:(aws|aws-us-gov):kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]{1,64}$";

    /// The Region of the key.
    pub fn region(&self) -> Region {
        self.region
    }

    /// The account of the key.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// What follows `key/`.
    pub fn id(&self) -> &str {
        self.text.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Word for KeyArn {
    fn name() -> std::borrow::Cow<'static, str> {
        "KeyArn".into()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string", "description": "The ARN of a key in AWS KMS.", "pattern": Self::PATTERN,
            "examples": ["arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let read = || {
            let arn = parts(text)?;
            let region = Region::read(arn.region).ok()?;
            let is_key = regex_lite::Regex::new(Self::PATTERN).ok()?.is_match(text);
            (is_key && arn.partition == region.partition().as_str()).then_some(())?;
            Some(Self { region, account: AccountId::read(arn.account).ok()?, text: text.to_owned() })
        };
        read().ok_or_else(|| {
            Fault::new(
                Code::UnknownWord,
                format!("{} is not an encryption of results", shown(text)),
                "write `s3`, `kms`, or the ARN of a key, like arn:aws:kms:us-east-1:444455556666:key/1234abcd-…",
            )
        })
    }
}

/// A permissions boundary: the ARN of a managed policy, or its name (with a path, where it has one).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Boundary {
    /// A policy of the account that the role lives in, by path and name.
    Named(String),
    /// A policy by ARN.
    Arn {
        /// The partition of the ARN.
        partition: Partition,
        /// The account in the ARN, `None` for a policy of AWS.
        account: Option<AccountId>,
        /// Path and name: what follows `policy/`.
        path_and_name: String,
    },
}

impl Word for Boundary {
    fn name() -> std::borrow::Cow<'static, str> {
        "Boundary".into()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "A permissions boundary for every role that lakelink makes in the account: the ARN or the name of a managed policy.",
            "pattern": r"^(arn:(aws|aws-us-gov):iam::([0-9]{12}|aws):policy/)?[A-Za-z0-9._+=,@/-]{1,512}$",
            "examples": ["SecBoundary", "arn:aws:iam::111122223333:policy/SecBoundary"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let named = |text: &str| iam_path_and_name_of_policy(text).then(|| text.to_owned());
        let read = || {
            if !text.starts_with("arn:") {
                return named(text).map(Self::Named);
            }
            let arn = parts(text)?;
            (arn.service == "iam" && arn.region.is_empty()).then_some(())?;
            let account = match arn.account {
                "aws" => None,
                account => Some(AccountId::read(account).ok()?),
            };
            let path_and_name = named(arn.resource.strip_prefix("policy/")?)?;
            Some(Self::Arn { partition: partition(arn.partition)?, account, path_and_name })
        };
        read().ok_or_else(|| {
            Fault::new(
                Code::Boundary,
                format!("{} is not a permissions boundary", shown(text)),
                "write the name of a managed policy, like SecBoundary, or its ARN",
            )
        })
    }
}

fn iam_path_and_name_of_policy(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c);
    let path_is_good = !text.starts_with('/') && !text.contains("//");
    (1..=128).contains(&name.len()) && text.len() <= 512 && path_is_good && text.chars().all(allowed)
}
