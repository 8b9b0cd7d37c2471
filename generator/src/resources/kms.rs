//! AWS Key Management Service.

use crate::policy::Document;
use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// A symmetric key that rotates by itself.
#[derive(Clone, Debug)]
pub struct Key {
    /// What it is for.
    pub description: String,
    /// Its policy.
    pub policy: Document,
    /// Tags, by key.
    pub tags: Vec<(&'static str, String)>,
}

impl Properties for Key {
    const KIND: Kind = Kind::KmsKey;

    fn properties(&self) -> Value {
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| Value::map([("Key", Value::text(*key)), ("Value", Value::text(value))]));
        Value::map([
            ("Description", Value::text(&self.description)),
            ("EnableKeyRotation", Value::Bool(true)),
            ("KeyPolicy", self.policy.value()),
            ("Tags", Value::List(tags.collect())),
        ])
    }
}

/// The name of a key in the same template.
#[derive(Clone, Debug)]
pub struct Alias<'a> {
    /// The name, with `alias/` in front.
    pub name: String,
    /// The key.
    pub key: &'a LogicalId,
}

impl Properties for Alias<'_> {
    const KIND: Kind = Kind::KmsAlias;

    fn properties(&self) -> Value {
        Value::map([
            ("AliasName", Value::text(&self.name)),
            ("TargetKeyId", Value::Ref(self.key.to_string())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{Alias, Key};
    use crate::policy::{Document, Statement};
    use crate::resources::tests::shown;
    use crate::template::LogicalId;

    #[test]
    fn a_key_rotates() {
        let policy = Document(vec![Statement::allow_account("AccountAdministers", ["kms:DescribeKey"])]);
        let key = Key {
            description: "Results".into(),
            policy,
            tags: vec![("lakelink:integration", "acme".into())],
        };
        insta::assert_snapshot!(shown(&key), @r#"
        AWS::KMS::Key {
          "Description": "Results",
          "EnableKeyRotation": true,
          "KeyPolicy": {
            "Version": "2012-10-17",
            "Statement": [
              {
                "Sid": "AccountAdministers",
                "Effect": "Allow",
                "Principal": {
                  "AWS": {
                    "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"
                  }
                },
                "Action": "kms:DescribeKey",
                "Resource": "*"
              }
            ]
          },
          "Tags": [
            {
              "Key": "lakelink:integration",
              "Value": "acme"
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_alias_names_its_key() {
        let id = LogicalId::of(&["ResultsKey"]);
        let alias = Alias { name: "alias/lakelink-acme".into(), key: &id };
        insta::assert_snapshot!(shown(&alias), @r#"
        AWS::KMS::Alias {
          "AliasName": "alias/lakelink-acme",
          "TargetKeyId": {
            "Ref": "ResultsKey"
          }
        }
        "#);
    }
}
