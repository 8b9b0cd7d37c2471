//! Amazon Athena.

use crate::resources::{Kind, Properties};
use crate::template::Value;

/// A workgroup that its users cannot overrule.
#[derive(Clone, Debug)]
pub struct WorkGroup {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where results go: an `s3://` URL.
    pub output: Value,
    /// The ARN of the key that encrypts results; `None` for keys of Amazon S3.
    pub key: Option<Value>,
    /// What one query may scan, in bytes.
    pub scan_limit_bytes: i64,
    /// Tags, by key.
    pub tags: Vec<(&'static str, String)>,
}

impl Properties for WorkGroup {
    const KIND: Kind = Kind::AthenaWorkGroup;

    fn properties(&self) -> Value {
        let results = Value::map([
            ("OutputLocation", self.output.clone()),
            ("ExpectedBucketOwner", Value::account()),
            ("EncryptionConfiguration", self.encryption()),
        ]);
        let configuration = Value::map([
            ("EnforceWorkGroupConfiguration", Value::Bool(true)),
            ("PublishCloudWatchMetricsEnabled", Value::Bool(true)),
            ("BytesScannedCutoffPerQuery", Value::Number(self.scan_limit_bytes)),
            ("ResultConfiguration", results),
        ]);
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| Value::map([("Key", Value::text(*key)), ("Value", Value::text(value))]));
        Value::map([
            ("Name", Value::text(&self.name)),
            ("Description", Value::text(&self.description)),
            // Else a workgroup in which anybody has ever run a query cannot be removed.
            ("RecursiveDeleteOption", Value::Bool(true)),
            ("WorkGroupConfiguration", configuration),
            ("Tags", Value::List(tags.collect())),
        ])
    }
}

impl WorkGroup {
    fn encryption(&self) -> Value {
        match &self.key {
            None => Value::map([("EncryptionOption", Value::text("SSE_S3"))]).flow(),
            Some(key) => Value::map([("EncryptionOption", Value::text("SSE_KMS")), ("KmsKey", key.clone())]),
        }
    }
}

/// A saved query.
#[derive(Clone, Debug)]
pub struct NamedQuery {
    /// Its name.
    pub name: String,
    /// What it answers, and what to fill in.
    pub description: String,
    /// The workgroup.
    pub workgroup: Value,
    /// The database that it runs in.
    pub database: Value,
    /// The SQL.
    pub sql: Value,
}

impl Properties for NamedQuery {
    const KIND: Kind = Kind::AthenaNamedQuery;

    fn properties(&self) -> Value {
        Value::map([
            ("Name", Value::text(&self.name)),
            ("Description", Value::text(&self.description)),
            ("WorkGroup", self.workgroup.clone()),
            ("Database", self.database.clone()),
            ("QueryString", self.sql.clone()),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{NamedQuery, WorkGroup};
    use crate::render::json::to_json;
    use crate::resources::tests::shown;
    use crate::template::Value;

    #[test]
    fn a_workgroup_is_enforced() {
        let workgroup = WorkGroup {
            name: "lakelink-acme".into(),
            description: "Logs".into(),
            output: Value::sub("s3://${ResultsBucket}/athena/"),
            key: None,
            scan_limit_bytes: 100_000_000_000,
            tags: vec![("lakelink:integration", "acme".into())],
        };
        insta::assert_snapshot!(shown(&workgroup), @r#"
        AWS::Athena::WorkGroup {
          "Name": "lakelink-acme",
          "Description": "Logs",
          "RecursiveDeleteOption": true,
          "WorkGroupConfiguration": {
            "EnforceWorkGroupConfiguration": true,
            "PublishCloudWatchMetricsEnabled": true,
            "BytesScannedCutoffPerQuery": 100000000000,
            "ResultConfiguration": {
              "OutputLocation": {
                "Fn::Sub": "s3://${ResultsBucket}/athena/"
              },
              "ExpectedBucketOwner": {
                "Ref": "AWS::AccountId"
              },
              "EncryptionConfiguration": {
                "EncryptionOption": "SSE_S3"
              }
            }
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
    fn a_workgroup_encrypts_with_a_key() {
        let workgroup = WorkGroup {
            name: "lakelink-acme".into(),
            description: "Logs".into(),
            output: Value::text("s3://results/athena/"),
            key: Some(Value::GetAtt("ResultsKey".into(), "Arn")),
            scan_limit_bytes: 1,
            tags: Vec::new(),
        };
        insta::assert_snapshot!(to_json(&workgroup.encryption()), @r#"{"EncryptionOption":"SSE_KMS","KmsKey":{"Fn::GetAtt":["ResultsKey","Arn"]}}"#);
    }

    #[test]
    fn a_query_is_saved_in_its_workgroup() {
        let query = NamedQuery {
            name: "lakelink-acme-newest".into(),
            description: "The newest record".into(),
            workgroup: Value::Ref("Workgroup".into()),
            database: Value::Ref("LinkDatabase".into()),
            sql: Value::Sub(
                "SELECT max(time_dt)\nFROM \"${Table}\"\n".into(),
                vec![("Table".into(), Value::FindInMap("Region", Value::region().into(), "Table".into()))],
            ),
        };
        insta::assert_snapshot!(shown(&query), @r#"
        AWS::Athena::NamedQuery {
          "Name": "lakelink-acme-newest",
          "Description": "The newest record",
          "WorkGroup": {
            "Ref": "Workgroup"
          },
          "Database": {
            "Ref": "LinkDatabase"
          },
          "QueryString": {
            "Fn::Sub": [
              "SELECT max(time_dt)\nFROM \"${Table}\"\n",
              {
                "Table": {
                  "Fn::FindInMap": [
                    "Region",
                    {
                      "Ref": "AWS::Region"
                    },
                    "Table"
                  ]
                }
              }
            ]
          }
        }
        "#);
    }
}
