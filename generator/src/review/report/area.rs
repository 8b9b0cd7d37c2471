//! What access is about, in a few words: the columns of the matrix, and how far it goes, its letters.

use std::collections::BTreeSet;

use crate::iam::ActionTable;
use crate::review::{Statement, Via};

/// What access is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Area {
    Tables,
    Queries,
    Results,
    Keys,
    Catalogue,
    LakeFormation,
    Sharing,
    Stacks,
    Roles,
    Parameters,
    Functions,
    Other,
}

impl Area {
    /// By the action, the resource in short, and where it is said.
    pub(super) fn of(action: &str, resource: &str, via: Via) -> Self {
        match via {
            Via::LakeFormation if action.ends_with("ADMIN") => return Self::LakeFormation,
            Via::LakeFormation if resource.starts_with("table/") => return Self::Tables,
            Via::LakeFormation => return Self::Catalogue,
            Via::Subscriber => return Self::Tables,
            Via::Ram => return Self::Sharing,
            Via::PublicAccess => return Self::Results,
            Via::PassRole | Via::AssumeRole => return Self::Roles,
            _ => {}
        }
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        match service {
            "athena" => Self::Queries,
            "s3" => Self::Results,
            "kms" => Self::Keys,
            "glue" => Self::Catalogue,
            "lakeformation" => Self::LakeFormation,
            "securitylake" | "ram" | "events" | "sqs" => Self::Sharing,
            "cloudformation" => Self::Stacks,
            "iam" | "sts" | Statement::HAS_POLICY => Self::Roles,
            "ssm" => Self::Parameters,
            "lambda" | "logs" => Self::Functions,
            _ => Self::Other,
        }
    }

    /// The words for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tables => "data in tables",
            Self::Queries => "queries (Athena)",
            Self::Results => "results bucket (S3)",
            Self::Keys => "keys (KMS)",
            Self::Catalogue => "catalogue (Glue)",
            Self::LakeFormation => "grants and settings (Lake Formation)",
            Self::Sharing => "subscriber and shares",
            Self::Stacks => "stacks",
            Self::Roles => "roles and policies (IAM)",
            Self::Parameters => "parameters (SSM)",
            Self::Functions => "functions and logs",
            Self::Other => "other services",
        }
    }
}

/// Reads data for who has a Lake Formation permission, and gives nothing to others: the permission is what counts. The
/// table calls it Write.
const DATA_ACCESS: &str = "lakeformation:GetDataAccess";

/// How far access goes, from little to much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Sees or lists.
    Reads,
    /// Makes, changes, deletes.
    Changes,
    /// Gives or takes away access.
    Gives,
    /// Does everything that a role can.
    ActsAs,
}

impl Reach {
    /// How far an action goes. A pattern, and what the table does not know, may be anything.
    pub(super) fn of(action: &str, via: Via) -> BTreeSet<Self> {
        let one = |reach| BTreeSet::from([reach]);
        if matches!(via, Via::PassRole | Via::AssumeRole) || action.starts_with("sts:AssumeRole") {
            return one(Self::ActsAs);
        }
        match via {
            Via::LakeFormation => {
                let permission = action.trim_end_matches(Statement::GRANTABLE);
                let reach = match permission {
                    "SELECT" | "DESCRIBE" | "READ_ONLY_ADMIN" => Self::Reads,
                    "ADMIN" => Self::Gives,
                    _ => Self::Changes,
                };
                return if permission == action { one(reach) } else { BTreeSet::from([reach, Self::Gives]) };
            }
            Via::Subscriber | Via::Ram => return one(Self::Reads),
            _ => {}
        }
        match action {
            DATA_ACCESS => return BTreeSet::new(),
            "iam:PassRole" => return one(Self::ActsAs),
            // The table calls all use of a key a change, and none is.
            "kms:Decrypt" | "kms:Encrypt" | "kms:GenerateDataKey" | "kms:GenerateDataKey*" => {
                return one(Self::Reads);
            }
            _ => {}
        }
        match ActionTable::get().details(action) {
            Some(details) if !details.changes() => one(Self::Reads),
            Some(_) if gives_access(action) => one(Self::Gives),
            Some(_) => one(Self::Changes),
            None => BTreeSet::from([Self::Reads, Self::Changes, Self::Gives]),
        }
    }

    /// The letter in the matrix.
    pub(super) fn letter(self) -> char {
        match self {
            Self::Reads => 'r',
            Self::Changes => 'w',
            Self::Gives => 'g',
            Self::ActsAs => 'a',
        }
    }

    /// The verb.
    pub(super) fn verb(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Changes => "changes",
            Self::Gives => "gives access to",
            Self::ActsAs => "acts as",
        }
    }
}

/// Whether an action that changes something changes who may do what. A list of our own: the tables of AWS and of others
/// disagree about it.
fn gives_access(action: &str) -> bool {
    match action.split_once(':') {
        Some(("iam", _)) => true,
        Some(("ram", name)) => {
            !["Accept", "Reject", "Tag", "Untag"].iter().any(|start| name.starts_with(start))
        }
        Some(("lakeformation", name)) => {
            ["Grant", "Revoke", "BatchGrant", "BatchRevoke", "PutDataLakeSettings"]
                .iter()
                .any(|start| name.starts_with(start))
        }
        Some(("kms", name)) => ["CreateGrant", "PutKeyPolicy"].contains(&name),
        Some(("s3", name)) => {
            ["PutBucketPolicy", "DeleteBucketPolicy", "PutBucketPublicAccessBlock"].contains(&name)
        }
        Some(("glue", name)) => ["PutResourcePolicy", "DeleteResourcePolicy"].contains(&name),
        Some(("lambda", name)) => ["AddPermission", "RemovePermission"].contains(&name),
        Some(("sqs", "SetQueueAttributes")) => true,
        _ => false,
    }
}
