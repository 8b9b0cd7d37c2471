//! AWS Glue.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::{AccountId, Schedule};

/// A database of this account that stands for one of another account. The name stands in `DatabaseInput` only:
/// that is valid in every form of the schema.
#[derive(Clone, Debug)]
pub struct ResourceLink<'a> {
    /// The name, here and there.
    pub name: Value,
    /// The account that owns the database.
    pub owner: &'a AccountId,
}

impl Properties for ResourceLink<'_> {
    const KIND: Kind = Kind::GlueDatabase;

    fn properties(&self) -> Value {
        let target = Value::map([
            ("CatalogId", Value::text(self.owner.as_str())),
            ("DatabaseName", self.name.clone()),
        ]);
        Value::map([
            ("CatalogId", Value::account()),
            ("DatabaseInput", Value::map([("Name", self.name.clone()), ("TargetDatabase", target)])),
        ])
    }
}

/// A database of this account whose tables are for Lake Formation alone to open: without the empty list, each new
/// table would be open to whoever IAM lets in, as the default settings of an account have it.
#[derive(Clone, Debug)]
pub struct Database {
    /// The name: lower case.
    pub name: String,
    /// What it is for.
    pub description: String,
}

impl Properties for Database {
    const KIND: Kind = Kind::GlueDatabase;

    fn properties(&self) -> Value {
        let input = Value::map([
            ("Name", Value::text(&self.name)),
            ("Description", Value::text(&self.description)),
            ("CreateTableDefaultPermissions", Value::List(Vec::new())),
        ]);
        Value::map([("CatalogId", Value::account()), ("DatabaseInput", input)])
    }
}

/// A crawler that makes a table of each folder below a folder of a bucket.
#[derive(Clone, Debug)]
pub struct Crawler<'a> {
    /// The name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The ARN of its role.
    pub role: Value,
    /// The database that its tables go to.
    pub database: Value,
    /// The folder directly in the bucket: an `s3://` URL that ends in a slash.
    pub path: Value,
    /// What the names of its tables start with.
    pub table_prefix: &'static str,
    /// When it runs by itself.
    pub schedule: Option<&'a Schedule>,
}

impl Crawler<'_> {
    /// What Athena writes beside results (Athena guide, `querying-finding-output-files`).
    const EXCLUSIONS: [&'static str; 2] = ["**.metadata", "**-manifest.csv"];

    /// The bucket is level 1, the folder in it level 2, so each folder below is a table; files in it of one format
    /// are one table, whatever their columns (AWS Glue guide, `crawler-table-level`, `crawler-grouping-policy`).
    const CONFIGURATION: &'static str = r#"{"Version":1.0,"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":3}}"#;
}

impl Properties for Crawler<'_> {
    const KIND: Kind = Kind::GlueCrawler;

    fn properties(&self) -> Value {
        let target =
            Value::map([("Path", self.path.clone()), ("Exclusions", Value::texts(Self::EXCLUSIONS).flow())]);
        let changes =
            Value::map([("UpdateBehavior", "UPDATE_IN_DATABASE"), ("DeleteBehavior", "LOG")].map(to_value));
        let recrawl = Value::map([("RecrawlBehavior", "CRAWL_EVERYTHING")].map(to_value));
        let mut entries = vec![
            ("Name", Value::text(&self.name)),
            ("Description", Value::text(&self.description)),
            ("Role", self.role.clone()),
            ("DatabaseName", self.database.clone()),
            ("TablePrefix", Value::text(self.table_prefix)),
            ("Targets", Value::map([("S3Targets", Value::List(vec![target]))])),
            ("SchemaChangePolicy", changes.flow()),
            ("RecrawlPolicy", recrawl.flow()),
            ("Configuration", Value::text(Self::CONFIGURATION)),
        ];
        if let Some(schedule) = self.schedule {
            let expression = Value::map([("ScheduleExpression", Value::text(schedule.to_string()))]);
            entries.push(("Schedule", expression));
        }
        Value::map(entries)
    }
}

fn to_value((key, text): (&'static str, &'static str)) -> (&'static str, Value) {
    (key, Value::text(text))
}

#[cfg(test)]
mod tests {
    use super::{Crawler, Database, ResourceLink};
    use crate::resources::tests::shown;
    use crate::template::Value;
    use crate::vocab::{AccountId, Schedule, Word};

    #[test]
    fn a_link_has_the_name_of_what_it_stands_for() {
        let link = ResourceLink {
            name: Value::FindInMap("Region", Value::region().into(), "Database".into()),
            owner: &AccountId::read("111122223333").unwrap(),
        };
        insta::assert_snapshot!(shown(&link), @r#"
        AWS::Glue::Database {
          "CatalogId": {
            "Ref": "AWS::AccountId"
          },
          "DatabaseInput": {
            "Name": {
              "Fn::FindInMap": [
                "Region",
                {
                  "Ref": "AWS::Region"
                },
                "Database"
              ]
            },
            "TargetDatabase": {
              "CatalogId": "111122223333",
              "DatabaseName": {
                "Fn::FindInMap": [
                  "Region",
                  {
                    "Ref": "AWS::Region"
                  },
                  "Database"
                ]
              }
            }
          }
        }
        "#);
    }

    #[test]
    fn a_database_opens_no_table_to_iam() {
        let database =
            Database { name: "lakelink_acme_evidence".into(), description: "Saved evidence".into() };
        insta::assert_snapshot!(shown(&database), @r#"
        AWS::Glue::Database {
          "CatalogId": {
            "Ref": "AWS::AccountId"
          },
          "DatabaseInput": {
            "Name": "lakelink_acme_evidence",
            "Description": "Saved evidence",
            "CreateTableDefaultPermissions": []
          }
        }
        "#);
    }

    fn crawler(schedule: Option<&Schedule>) -> String {
        shown(&Crawler {
            name: "lakelink-acme-evidence".into(),
            description: "Saved evidence".into(),
            role: Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lakelink-acme-crawler"),
            database: Value::Ref("EvidenceDatabase".into()),
            path: Value::sub("s3://${ResultsBucket}/evidence/"),
            table_prefix: "evidence_",
            schedule,
        })
    }

    #[test]
    fn a_crawler_makes_a_table_of_each_folder() {
        insta::assert_snapshot!(crawler(None), @r#"
        AWS::Glue::Crawler {
          "Name": "lakelink-acme-evidence",
          "Description": "Saved evidence",
          "Role": {
            "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lakelink-acme-crawler"
          },
          "DatabaseName": {
            "Ref": "EvidenceDatabase"
          },
          "TablePrefix": "evidence_",
          "Targets": {
            "S3Targets": [
              {
                "Path": {
                  "Fn::Sub": "s3://${ResultsBucket}/evidence/"
                },
                "Exclusions": [
                  "**.metadata",
                  "**-manifest.csv"
                ]
              }
            ]
          },
          "SchemaChangePolicy": {
            "UpdateBehavior": "UPDATE_IN_DATABASE",
            "DeleteBehavior": "LOG"
          },
          "RecrawlPolicy": {
            "RecrawlBehavior": "CRAWL_EVERYTHING"
          },
          "Configuration": "{\"Version\":1.0,\"Grouping\":{\"TableGroupingPolicy\":\"CombineCompatibleSchemas\",\"TableLevelConfiguration\":3}}"
        }
        "#);
    }

    #[test]
    fn a_schedule_is_all_that_differs() {
        let schedule = Schedule::read("cron(0 6 * * ? *)").unwrap();
        let with = crawler(Some(&schedule));
        assert!(with.contains(r#""ScheduleExpression": "cron(0 6 * * ? *)""#), "{with}");
        assert!(!crawler(None).contains("Schedule"));
    }
}
