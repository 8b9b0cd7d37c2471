//! ARNs of IAM identities, and ARNs in parts: they are taken apart and put together here and in `resource_arn`, and
//! nowhere else.

use std::fmt;

use schemars::{Schema, json_schema};

use crate::problem::{Code, Fault, shown};
use crate::vocab::{AccountId, Partition, Word};

/// The longest principal that Lake Formation takes, for grants and as administrator (`DataLakePrincipalString` in its API
/// and in the CloudFormation schema of `AWS::LakeFormation::PrincipalPermissions`).
pub const LONGEST_PRINCIPAL: usize = 255;

/// The five leading parts of an ARN and the rest.
pub(super) struct Parts<'a> {
    pub(super) partition: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) resource: &'a str,
}

pub(super) fn parts(text: &str) -> Option<Parts<'_>> {
    let mut fields = text.splitn(6, ':');
    (fields.next()? == "arn").then_some(())?;
    Some(Parts {
        partition: fields.next()?,
        service: fields.next()?,
        region: fields.next()?,
        account: fields.next()?,
        resource: fields.next()?,
    })
}

pub(super) fn partition(text: &str) -> Option<Partition> {
    [Partition::Aws, Partition::GovCloud].into_iter().find(|known| known.as_str() == text)
}

/// Path and name of an IAM identity are made of these characters (IAM API, `pathType` and `roleNameType`).
fn iam_path_and_name(text: &str) -> Option<(String, String)> {
    let (path, name) = match text.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), text),
    };
    let name_is_good = (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c));
    let path_is_good =
        path.len() <= 512 && !path.contains("//") && path.chars().all(|c| ('!'..='~').contains(&c));
    (name_is_good && path_is_good).then(|| (path, name.to_owned()))
}

/// What kind of IAM identity a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// A role of the account's own.
    Role,
    /// The role of an IAM Identity Center permission set.
    PermissionSet,
    /// A user.
    User,
}

/// The ARN of an IAM role or user that queries: no session, no group, no root, no wildcard.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PrincipalArn {
    partition: Partition,
    account: AccountId,
    kind: PrincipalKind,
    path: String,
    name: String,
}

/// Whether a role is called as IAM Identity Center calls those of its permission sets.
fn is_permission_set_role(name: &str) -> bool {
    let parts = name.strip_prefix("AWSReservedSSO_").and_then(|rest| rest.rsplit_once('_'));
    parts.is_some_and(|(_, suffix)| suffix.len() == 16 && suffix.chars().all(|c| c.is_ascii_hexdigit()))
}

/// The command that prints the ARN of a role with its path.
fn ask_for_role(name: &str) -> String {
    format!("`aws iam get-role --role-name {name} --query Role.Arn --output text` prints it")
}

/// Path of the roles that IAM Identity Center makes (IAM Identity Center user guide, `referencingpermissionsets`).
const PERMISSION_SET_PATH: &str = "/aws-reserved/sso.amazonaws.com/";

impl PrincipalArn {
    const PATTERN: &'static str = r"^arn:(aws|aws-us-gov):iam::[0-9]{12}:(role|user)/[!-)+->@-~]+$";

    /// The account that the principal lives in.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The partition of the ARN.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// Role, permission set or user.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The IAM path, `/` for none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The name without the path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the permission set, out of `AWSReservedSSO_<name>_<16 hex digits>`.
    pub fn permission_set(&self) -> Option<&str> {
        let (name, _) = self.name.strip_prefix("AWSReservedSSO_")?.rsplit_once('_')?;
        (self.kind == PrincipalKind::PermissionSet).then_some(name)
    }

    fn resource(&self) -> String {
        let kind = if self.kind == PrincipalKind::User { "user" } else { "role" };
        format!("{kind}{}{}", self.path, self.name)
    }
}

impl fmt::Display for PrincipalArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:iam::{}:{}", self.partition, self.account, self.resource())
    }
}

impl Word for PrincipalArn {
    fn name() -> std::borrow::Cow<'static, str> {
        "PrincipalArn".into()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "description": "The ARN of an IAM role or user of the Detective account; roles of IAM Identity Center with their full path.",
            "pattern": Self::PATTERN, "maxLength": LONGEST_PRINCIPAL,
            "examples": [
                "arn:aws:iam::444455556666:role/SecurityAnalyst",
                "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_SecurityAnalyst_0123456789abcdef",
            ],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        const EXAMPLE: &str =
            "write the ARN of a role or a user, like arn:aws:iam::444455556666:role/SecurityAnalyst";
        let malformed =
            || Fault::new(Code::PrincipalArn, format!("{} is not an IAM ARN", shown(text)), EXAMPLE);
        if text == "*" || text.contains(['*', '?']) {
            return Err(Fault::new(
                Code::WildcardPrincipal,
                format!("{} holds a wildcard", shown(text)),
                "name each role or user: Lake Formation grants go to exact principals",
            ));
        }
        let arn = parts(text).ok_or_else(malformed)?;
        if arn.service == "sts" {
            let role = arn.resource.strip_prefix("assumed-role/").and_then(|rest| rest.split('/').next());
            return Err(Fault::new(
                Code::SessionPrincipal,
                format!("{} is a session, not a role", shown(text)),
                format!("write the ARN of the role behind it: {}", ask_for_role(role.unwrap_or("NAME"))),
            ));
        }
        let partition = partition(arn.partition).ok_or_else(malformed)?;
        if arn.service != "iam" || !arn.region.is_empty() {
            return Err(malformed());
        }
        let account = AccountId::read(arn.account).map_err(|_| malformed())?;
        let (kind, rest) = match arn.resource.split_once('/') {
            Some(("role", rest)) => (PrincipalKind::Role, rest),
            Some(("user", rest)) => (PrincipalKind::User, rest),
            _ => {
                return Err(Fault::new(
                    Code::PrincipalKind,
                    format!("{} is neither a role nor a user", shown(text)),
                    "Detective queries as a role or a user: name those, not a group, a provider or the account root",
                ));
            }
        };
        let (path, name) = iam_path_and_name(rest).ok_or_else(malformed)?;
        let is_permission_set = kind == PrincipalKind::Role && path.starts_with(PERMISSION_SET_PATH);
        let is_named_like_one = is_permission_set_role(&name);
        if kind == PrincipalKind::Role && is_permission_set != is_named_like_one {
            return Err(Fault::new(
                Code::PrincipalArn,
                format!("{} is only half of a role of IAM Identity Center", shown(text)),
                format!("such a role has a path and ends in 16 digits: {}", ask_for_role(&name)),
            ));
        }
        if path.starts_with("/aws-service-role/") {
            return Err(Fault::new(
                Code::PrincipalKind,
                format!("{} is the role of an AWS service", shown(text)),
                "Detective queries as a role or a user of people: name those",
            ));
        }
        let kind = if is_permission_set { PrincipalKind::PermissionSet } else { kind };
        if text.len() > LONGEST_PRINCIPAL {
            return Err(Fault::new(
                Code::ArnTooLong,
                format!("the ARN has {} characters", text.len()),
                format!(
                    "Lake Formation takes principals of at most {LONGEST_PRINCIPAL} characters: use a role with a shorter path"
                ),
            ));
        }
        Ok(Self { partition, account, kind, path, name })
    }
}

/// The ARN of an IAM role that deploys, or that CloudFormation runs as.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoleArn {
    partition: Partition,
    account: AccountId,
    path: String,
    name: String,
}

impl RoleArn {
    const PATTERN: &'static str = r"^arn:(aws|aws-us-gov):iam::[0-9]{12}:role/[!-)+->@-~]+$";

    /// The account that the role lives in.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The partition of the ARN.
    pub fn partition(&self) -> Partition {
        self.partition
    }

    /// The name with its path, without a leading slash: what follows `role/` in the ARN.
    pub fn path_and_name(&self) -> String {
        format!("{}{}", &self.path[1..], self.name)
    }

    /// The name without the path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The IAM path, `/` for none.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// A role of this name without a path.
    pub fn without_path(&self) -> Self {
        Self { path: "/".to_owned(), ..self.clone() }
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:iam::{}:role{}{}", self.partition, self.account, self.path, self.name)
    }
}

impl Word for RoleArn {
    fn name() -> std::borrow::Cow<'static, str> {
        "RoleArn".into()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string", "description": "The ARN of an IAM role.",
            "pattern": Self::PATTERN, "examples": ["arn:aws:iam::111122223333:role/SecDeploy"],
        })
    }

    fn read(text: &str) -> Result<Self, Fault> {
        let read = || {
            let arn = parts(text)?;
            let role = arn.resource.strip_prefix("role/")?;
            (arn.service == "iam" && arn.region.is_empty() && !text.contains(['*', '?'])).then_some(())?;
            let (path, name) = iam_path_and_name(role)?;
            let account = AccountId::read(arn.account).ok()?;
            Some(Self { partition: partition(arn.partition)?, account, path, name })
        };
        read().ok_or_else(|| {
            Fault::new(
                Code::RoleArn,
                format!("{} is not the ARN of an IAM role", shown(text)),
                "write it like arn:aws:iam::111122223333:role/SecDeploy",
            )
        })
    }
}
