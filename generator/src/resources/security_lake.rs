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
