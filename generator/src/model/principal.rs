//! A principal that queries, with the words that tell it apart in logical ids and prose.

use sha2::{Digest, Sha256};

use crate::vocab::{PrincipalArn, PrincipalKind};

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

    /// What the principal is called in logical ids. It depends on this principal alone, so adding another one
    /// changes nothing here: a plain role of letters and digits keeps its name, everything else gets six digits of
    /// a hash behind it, since `sec-ops` and `SecOps`, a role and a user, or two paths would else be one word.
    pub fn label(&self) -> String {
        let arn = &self.0;
        let plain = arn.name().chars().all(|c| c.is_ascii_alphanumeric());
        let spoken = arn.permission_set().unwrap_or(arn.name());
        match arn.kind() {
            PrincipalKind::Role if plain && arn.path() == "/" => spoken.to_owned(),
            PrincipalKind::Role => format!("{spoken}-{}", self.fingerprint()),
            PrincipalKind::PermissionSet => format!("Sso-{spoken}-{}", self.fingerprint()),
            PrincipalKind::User => format!("User-{spoken}-{}", self.fingerprint()),
        }
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
