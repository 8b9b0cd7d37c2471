//! Regions and partitions.
//!
//! Which Region has which service: endpoint data of botocore 1.43.11 and the CloudFormation registry schemas of
//! cfn-lint 1.58.0 (2026-10-20), which agree.

use std::fmt;

use schemars::{Schema, json_schema};

use crate::problem::{Code, Fault};
use crate::vocab::{Word, not_one_of};

/// A partition of AWS that has both services. China has neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Partition {
    /// The commercial Regions.
    Aws,
    /// AWS GovCloud (US).
    GovCloud,
}

impl Partition {
    /// The second field of an ARN.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::GovCloud => "aws-us-gov",
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which of the two services a Region has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Services {
    Both,
    SecurityLake,
    Detective,
    Neither,
}

const REGIONS: &[(&str, Services)] = &[
    ("af-south-1", Services::Detective),
    ("ap-east-1", Services::Detective),
    ("ap-east-2", Services::Neither),
    ("ap-northeast-1", Services::Both),
    ("ap-northeast-2", Services::Both),
    ("ap-northeast-3", Services::SecurityLake),
    ("ap-south-1", Services::Both),
    ("ap-south-2", Services::Neither),
    ("ap-southeast-1", Services::Both),
    ("ap-southeast-2", Services::Both),
    ("ap-southeast-3", Services::Neither),
    ("ap-southeast-4", Services::Neither),
    ("ap-southeast-5", Services::Neither),
    ("ap-southeast-6", Services::Neither),
    ("ap-southeast-7", Services::Neither),
    ("ca-central-1", Services::Both),
    ("ca-west-1", Services::Neither),
    ("eu-central-1", Services::Both),
    ("eu-central-2", Services::Neither),
    ("eu-north-1", Services::Both),
    ("eu-south-1", Services::Detective),
    ("eu-south-2", Services::Neither),
    ("eu-west-1", Services::Both),
    ("eu-west-2", Services::Both),
    ("eu-west-3", Services::Both),
    ("il-central-1", Services::Detective),
    ("me-central-1", Services::Neither),
    ("me-south-1", Services::Detective),
    ("mx-central-1", Services::Neither),
    ("sa-east-1", Services::Both),
    ("us-east-1", Services::Both),
    ("us-east-2", Services::Both),
    ("us-gov-east-1", Services::Both),
    ("us-gov-west-1", Services::Both),
    ("us-west-1", Services::Both),
    ("us-west-2", Services::Both),
];

/// An AWS Region that lakelink knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region(usize);

impl Region {
    /// Every Region, in alphabetical order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..REGIONS.len()).map(Self)
    }

    /// The Region's code, like `us-east-1`.
    pub fn as_str(self) -> &'static str {
        REGIONS[self.0].0
    }

    /// The code as it stands in names of Glue databases and tables: dashes become underscores.
    pub fn underscored(self) -> String {
        self.as_str().replace('-', "_")
    }

    /// The partition of the Region.
    pub fn partition(self) -> Partition {
        if self.as_str().starts_with("us-gov-") { Partition::GovCloud } else { Partition::Aws }
    }

    /// Whether Security Lake is there.
    pub fn has_security_lake(self) -> bool {
        matches!(REGIONS[self.0].1, Services::Both | Services::SecurityLake)
    }

    /// Whether Detective is there.
    pub fn has_detective(self) -> bool {
        matches!(REGIONS[self.0].1, Services::Both | Services::Detective)
    }
}

impl Word for Region {
    fn name() -> std::borrow::Cow<'static, str> {
        "Region".into()
    }

    fn schema() -> Schema {
        let codes = Self::all().map(Self::as_str).collect::<Vec<_>>();
        json_schema!({ "type": "string", "description": "An AWS Region code.", "enum": codes })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        Self::all().find(|region| region.as_str() == text).ok_or_else(|| {
            let usable = Self::all().filter(|region| region.has_security_lake() && region.has_detective());
            let usable = usable.map(Self::as_str).collect::<Vec<_>>();
            not_one_of(Code::UnknownRegion, text, "an AWS Region that lakelink knows", &usable)
        })
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
