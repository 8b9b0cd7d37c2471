//! Amazon Security Lake.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::{AccountId, ExternalId, LogSource, SourceVersion, SubscriberName};

/// The data lake of the stack's account and Region; each has one.
const DATA_LAKE: &str =
    "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default";

/// A log source that is collected. Only the accounts change in place; another version is a replacement, and the old
/// one is deleted first (registry schema: `createOnlyProperties`, `replacementStrategy`).
#[derive(Clone, Debug)]
pub struct AwsLogSource<'a> {
    /// The source.
    pub source: LogSource,
    /// In which version.
    pub version: SourceVersion,
    /// From which accounts; `None` for all.
    pub accounts: Option<&'a [AccountId]>,
}

impl Properties for AwsLogSource<'_> {
    const KIND: Kind = Kind::SecurityLakeLogSource;

    fn properties(&self) -> Value {
        let accounts =
            self.accounts.map(|list| ("Accounts", Value::texts(list.iter().map(AccountId::as_str))));
        let properties = [
            ("DataLakeArn", Value::sub(DATA_LAKE)),
            ("SourceName", Value::text(self.source.api_name())),
            ("SourceVersion", self.version.as_str().into()),
        ];
        Value::map(properties.into_iter().chain(accounts))
    }
}

/// A subscriber that queries through Lake Formation. The access type is no property: Security Lake cannot change it,
/// so another one would be another resource with another logical id.
#[derive(Clone, Debug)]
pub struct Subscriber<'a> {
    /// Its name.
    pub name: &'a SubscriberName,
    /// What it is, for people who look at the list of subscribers.
    pub description: String,
    /// The account that reads.
    pub principal: &'a AccountId,
    /// The external id of that account.
    pub external_id: &'a ExternalId,
    /// What it reads.
    pub sources: &'a [LogSource],
    /// In which version.
    pub version: SourceVersion,
}

impl Properties for Subscriber<'_> {
    const KIND: Kind = Kind::SecurityLakeSubscriber;

    fn properties(&self) -> Value {
        let source = |source: &LogSource| {
            let body = [
                ("SourceName", Value::text(source.api_name())),
                ("SourceVersion", self.version.as_str().into()),
            ];
            Value::map([("AwsLogSource", Value::map(body).flow())])
        };
        Value::map([
            ("SubscriberName", Value::text(self.name.as_str())),
            ("SubscriberDescription", Value::text(&self.description)),
            ("DataLakeArn", Value::sub(DATA_LAKE)),
            ("AccessTypes", Value::texts(["LAKEFORMATION"]).flow()),
            (
                "SubscriberIdentity",
                Value::map([
                    ("Principal", Value::text(self.principal.as_str())),
                    ("ExternalId", Value::text(self.external_id.as_str())),
                ]),
            ),
            ("Sources", Value::List(self.sources.iter().map(source).collect())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::{AwsLogSource, Subscriber};
    use crate::resources::tests::shown;
    use crate::vocab::{AccountId, ExternalId, LogSource, SourceVersion, SubscriberName, Word};

    fn subscriber(sources: &[LogSource], version: SourceVersion) -> String {
        shown(&Subscriber {
            name: &SubscriberName::read("lakelink-acme").unwrap(),
            description: "Amazon Detective".into(),
            principal: &AccountId::read("444455556666").unwrap(),
            external_id: &ExternalId::read("7f3c9a51-acme").unwrap(),
            sources,
            version,
        })
    }

    #[test]
    fn a_log_source_of_two_accounts() {
        let accounts = ["111122223333", "444455556666"].map(|id| AccountId::read(id).unwrap());
        let source = AwsLogSource {
            source: LogSource::VpcFlow,
            version: SourceVersion::V2,
            accounts: Some(&accounts),
        };
        insta::assert_snapshot!(shown(&source), @r#"
        AWS::SecurityLake::AwsLogSource {
          "DataLakeArn": {
            "Fn::Sub": "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default"
          },
          "SourceName": "VPC_FLOW",
          "SourceVersion": "2.0",
          "Accounts": [
            "111122223333",
            "444455556666"
          ]
        }
        "#);
    }

    #[test]
    fn a_log_source_of_all_accounts_names_none() {
        let source = AwsLogSource { source: LogSource::EksAudit, version: SourceVersion::V2, accounts: None };
        insta::assert_snapshot!(shown(&source), @r#"
        AWS::SecurityLake::AwsLogSource {
          "DataLakeArn": {
            "Fn::Sub": "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default"
          },
          "SourceName": "EKS_AUDIT",
          "SourceVersion": "2.0"
        }
        "#);
    }

    #[test]
    fn one_source_of_version_1() {
        insta::assert_snapshot!(subscriber(&[LogSource::VpcFlow], SourceVersion::V1), @r#"
        AWS::SecurityLake::Subscriber {
          "SubscriberName": "lakelink-acme",
          "SubscriberDescription": "Amazon Detective",
          "DataLakeArn": {
            "Fn::Sub": "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default"
          },
          "AccessTypes": [
            "LAKEFORMATION"
          ],
          "SubscriberIdentity": {
            "Principal": "444455556666",
            "ExternalId": "7f3c9a51-acme"
          },
          "Sources": [
            {
              "AwsLogSource": {
                "SourceName": "VPC_FLOW",
                "SourceVersion": "1.0"
              }
            }
          ]
        }
        "#);
    }

    #[test]
    fn three_sources_of_version_2() {
        let sources = [LogSource::CloudTrailManagement, LogSource::VpcFlow, LogSource::EksAudit];
        insta::assert_snapshot!(subscriber(&sources, SourceVersion::V2), @r#"
        AWS::SecurityLake::Subscriber {
          "SubscriberName": "lakelink-acme",
          "SubscriberDescription": "Amazon Detective",
          "DataLakeArn": {
            "Fn::Sub": "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default"
          },
          "AccessTypes": [
            "LAKEFORMATION"
          ],
          "SubscriberIdentity": {
            "Principal": "444455556666",
            "ExternalId": "7f3c9a51-acme"
          },
          "Sources": [
            {
              "AwsLogSource": {
                "SourceName": "CLOUD_TRAIL_MGMT",
                "SourceVersion": "2.0"
              }
            },
            {
              "AwsLogSource": {
                "SourceName": "VPC_FLOW",
                "SourceVersion": "2.0"
              }
            },
            {
              "AwsLogSource": {
                "SourceName": "EKS_AUDIT",
                "SourceVersion": "2.0"
              }
            }
          ]
        }
        "#);
    }
}
