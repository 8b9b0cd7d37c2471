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
