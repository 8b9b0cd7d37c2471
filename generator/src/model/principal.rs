//! A principal that queries, with the words that tell it apart in logical ids and prose.

use sha2::{Digest, Sha256};

use crate::template::LogicalId;
use crate::vocab::{PrincipalArn, PrincipalKind};

/// A plain name up to this stands in logical ids as it is.
const LONGEST_NAME: usize = 24;
/// Other names are cut to this before their hash: a label stands in the template a dozen times.
const LONGEST_WORD: usize = 12;

/// Somebody who queries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal(PrincipalArn);

impl Principal {
    pub(crate) fn new(arn: PrincipalArn) -> Self {
        Self(arn)
    }

    /// The ARN.
    pub fn arn(&self) -> &PrincipalArn {
        &self.0
    }

    /// What the principal is called in logical ids and in the mapping of principals. It depends on this principal
    /// alone, so adding another one changes nothing here: a plain role of letters and digits keeps its name,
    /// everything else gets six digits of a hash behind it, since `sec-ops` and `SecOps`, a role and a user, or two
    /// paths would else be one word.
    pub fn label(&self) -> LogicalId {
        let arn = &self.0;
        // A plain name that ends like a hash could be the label of another principal.
        let ends_like_a_hash =
            arn.name().len() >= 6 && arn.name().chars().rev().take(6).all(|c| c.is_ascii_hexdigit());
        let plain = arn.name().chars().all(|c| c.is_ascii_alphanumeric()) && !ends_like_a_hash;
        let spoken = arn.permission_set().unwrap_or(arn.name());
        if plain && arn.kind() == PrincipalKind::Role && arn.path() == "/" && spoken.len() <= LONGEST_NAME {
            return LogicalId::of(&[spoken]);
        }
        let kind = match arn.kind() {
            PrincipalKind::Role => "",
            PrincipalKind::PermissionSet => "Sso",
            PrincipalKind::User => "User",
        };
        // Names are ASCII, so every byte is a character.
        let short = &spoken[..spoken.len().min(LONGEST_WORD)];
        LogicalId::of(&[kind, short, &self.fingerprint()])
    }

    /// What the principal is called in prose, like ``role `SecurityAnalyst` ``.
    pub fn spoken(&self) -> String {
        match (self.0.kind(), self.0.permission_set()) {
            (PrincipalKind::PermissionSet, Some(name)) => format!("permission set `{name}`"),
            (PrincipalKind::PermissionSet | PrincipalKind::Role, _) => format!("role `{}`", self.0.name()),
            (PrincipalKind::User, _) => format!("user `{}`", self.0.name()),
        }
    }

    fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.0.to_string().as_bytes());
        digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect()
    }
}
