//! Amazon Security Lake.

use crate::resources::{Kind, Properties};
use crate::template::Value;
use crate::vocab::{AccountId, ExternalId, LogSource, SourceVersion, SubscriberName};

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
        let lake = "arn:${AWS::Partition}:securitylake:${AWS::Region}:${AWS::AccountId}:data-lake/default";
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
            ("DataLakeArn", Value::sub(lake)),
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
    use super::Subscriber;
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
