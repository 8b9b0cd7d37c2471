//! AWS Identity and Access Management.

use crate::policy::Document;
use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// A role with managed policies of the same template.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// Who may assume it.
    pub trust: Document,
    /// Its managed policies.
    pub policies: Vec<LogicalId>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<Value>,
}

impl Properties for Role {
    const KIND: Kind = Kind::IamRole;

    fn properties(&self) -> Value {
        let policies = self.policies.iter().map(|id| Value::Ref(id.to_string())).collect();
        let mut entries = vec![
            ("RoleName", Value::text(&self.name)),
            ("Path", Value::text(&self.path)),
            ("Description", Value::text(&self.description)),
            ("AssumeRolePolicyDocument", self.trust.value()),
            ("ManagedPolicyArns", Value::List(policies)),
        ];
        if let Some(boundary) = &self.boundary {
            entries.push(("PermissionsBoundary", boundary.clone()));
        }
        Value::map(entries)
    }
}

/// A managed policy.
#[derive(Clone, Debug)]
pub struct ManagedPolicy {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: String,
    /// What it is for.
    pub description: String,
    /// The roles that it is attached to, by name.
    pub roles: Vec<String>,
    /// The policy.
    pub document: Document,
}

impl Properties for ManagedPolicy {
    const KIND: Kind = Kind::IamManagedPolicy;

    fn properties(&self) -> Value {
        let mut entries = vec![
            ("ManagedPolicyName", Value::text(&self.name)),
            ("Path", Value::text(&self.path)),
            ("Description", Value::text(&self.description)),
        ];
        if !self.roles.is_empty() {
            entries.push(("Roles", Value::texts(&self.roles)));
        }
        entries.push(("PolicyDocument", self.document.value()));
        Value::map(entries)
    }
}
