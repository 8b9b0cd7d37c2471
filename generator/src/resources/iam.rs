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

#[cfg(test)]
mod tests {
    use super::{ManagedPolicy, Role};
    use crate::policy::{Document, Statement};
    use crate::resources::tests::shown;
    use crate::template::{LogicalId, Value};

    #[test]
    fn a_role_has_the_managed_policies_of_its_template() {
        let role = Role {
            name: "lakelink-acme-lake-cfn".into(),
            path: "/lakelink/".into(),
            description: "CloudFormation runs as this role".into(),
            trust: Document(vec![Statement::trust("CloudFormationOnly", "cloudformation.amazonaws.com")]),
            policies: vec![LogicalId::of(&["LinkPolicy"]), LogicalId::of(&["GrantsPolicy"])],
            boundary: None,
        };
        insta::assert_snapshot!(shown(&role), @r#"
        AWS::IAM::Role {
          "RoleName": "lakelink-acme-lake-cfn",
          "Path": "/lakelink/",
          "Description": "CloudFormation runs as this role",
          "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
              {
                "Sid": "CloudFormationOnly",
                "Effect": "Allow",
                "Principal": {
                  "Service": "cloudformation.amazonaws.com"
                },
                "Action": "sts:AssumeRole"
              }
            ]
          },
          "ManagedPolicyArns": [
            {
              "Ref": "LinkPolicy"
            },
            {
              "Ref": "GrantsPolicy"
            }
          ]
        }
        "#);
    }

    #[test]
    fn a_boundary_comes_last() {
        let role = Role {
            name: "r".into(),
            path: "/".into(),
            description: "d".into(),
            trust: Document(Vec::new()),
            policies: Vec::new(),
            boundary: Some(Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/SecBoundary")),
        };
        insta::assert_snapshot!(shown(&role), @r#"
        AWS::IAM::Role {
          "RoleName": "r",
          "Path": "/",
          "Description": "d",
          "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": []
          },
          "ManagedPolicyArns": [],
          "PermissionsBoundary": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/SecBoundary"
          }
        }
        "#);
    }

    fn managed_policy(roles: Vec<String>) -> String {
        let allow = Statement::allow("ListBuckets", ["s3:ListAllMyBuckets"], vec![Value::text("*")]);
        shown(&ManagedPolicy {
            name: "lakelink-acme-analyst".into(),
            path: "/lakelink/".into(),
            description: "Queries logs".into(),
            roles,
            document: Document(vec![allow]),
        })
    }

    #[test]
    fn a_managed_policy_holds_its_document() {
        insta::assert_snapshot!(managed_policy(Vec::new()), @r#"
        AWS::IAM::ManagedPolicy {
          "ManagedPolicyName": "lakelink-acme-analyst",
          "Path": "/lakelink/",
          "Description": "Queries logs",
          "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
              {
                "Sid": "ListBuckets",
                "Effect": "Allow",
                "Action": "s3:ListAllMyBuckets",
                "Resource": "*"
              }
            ]
          }
        }
        "#);
    }

    #[test]
    fn a_managed_policy_may_be_attached_to_roles() {
        let roles = ["SecurityAnalyst", "incident-response"].map(str::to_owned).to_vec();
        insta::assert_snapshot!(managed_policy(roles), @r#"
        AWS::IAM::ManagedPolicy {
          "ManagedPolicyName": "lakelink-acme-analyst",
          "Path": "/lakelink/",
          "Description": "Queries logs",
          "Roles": [
            "SecurityAnalyst",
            "incident-response"
          ],
          "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
              {
                "Sid": "ListBuckets",
                "Effect": "Allow",
                "Action": "s3:ListAllMyBuckets",
                "Resource": "*"
              }
            ]
          }
        }
        "#);
    }
}
