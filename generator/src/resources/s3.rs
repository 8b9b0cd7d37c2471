//! Amazon S3.

use crate::policy::Document;
use crate::resources::{Kind, Properties};
use crate::template::{LogicalId, Value};

/// A private, versioned bucket whose objects expire.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: Value,
    /// The ARN of the key that encrypts objects; `None` for keys of Amazon S3.
    pub key: Option<Value>,
    /// Days after which objects expire.
    pub retention_days: u32,
    /// Tags, by key.
    pub tags: Vec<(&'static str, String)>,
}

/// Days that a version which expired, or was overwritten, stays: time to notice a mistake.
const NONCURRENT_DAYS: u32 = 7;

impl Properties for Bucket {
    const KIND: Kind = Kind::S3Bucket;

    fn properties(&self) -> Value {
        let on = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
        let ownership = Value::map([("ObjectOwnership", Value::text("BucketOwnerEnforced"))]);
        let tags = self
            .tags
            .iter()
            .map(|(key, value)| Value::map([("Key", Value::text(*key)), ("Value", Value::text(value))]));
        Value::map([
            ("BucketName", self.name.clone()),
            ("PublicAccessBlockConfiguration", Value::map(on.map(|key| (key, Value::Bool(true))))),
            ("OwnershipControls", Value::map([("Rules", Value::List(vec![ownership]))])),
            (
                "BucketEncryption",
                Value::map([("ServerSideEncryptionConfiguration", Value::List(vec![self.encryption()]))]),
            ),
            ("VersioningConfiguration", Value::map([("Status", Value::text("Enabled"))]).flow()),
            ("LifecycleConfiguration", self.lifecycle()),
            ("Tags", Value::List(tags.collect())),
        ])
    }
}

impl Bucket {
    fn encryption(&self) -> Value {
        let Some(key) = &self.key else {
            let by_s3 = Value::map([("SSEAlgorithm", Value::text("AES256"))]).flow();
            return Value::map([("ServerSideEncryptionByDefault", by_s3)]);
        };
        let by_kms = Value::map([("SSEAlgorithm", Value::text("aws:kms")), ("KMSMasterKeyID", key.clone())]);
        // A bucket key: one call to KMS for many objects.
        Value::map([("ServerSideEncryptionByDefault", by_kms), ("BucketKeyEnabled", Value::Bool(true))])
    }

    fn lifecycle(&self) -> Value {
        let noncurrent =
            Value::map([("NoncurrentDays", NONCURRENT_DAYS)].map(|(key, days)| (key, Value::from(days))));
        let expire = Value::map([
            ("Id", Value::text("ExpireResults")),
            ("Status", Value::text("Enabled")),
            ("ExpirationInDays", Value::from(self.retention_days)),
            ("NoncurrentVersionExpiration", noncurrent.flow()),
            ("AbortIncompleteMultipartUpload", Value::map([("DaysAfterInitiation", Value::from(1))]).flow()),
        ]);
        // A rule of its own: S3 does not take the marker flag beside a number of days.
        let markers = Value::map([
            ("Id", Value::text("RemoveDeleteMarkers")),
            ("Status", Value::text("Enabled")),
            ("ExpiredObjectDeleteMarker", Value::Bool(true)),
        ]);
        Value::map([("Rules", Value::List(vec![expire, markers]))])
    }
}

/// The policy of a bucket in the same template.
#[derive(Clone, Debug)]
pub struct BucketPolicy<'a> {
    /// The bucket.
    pub bucket: &'a LogicalId,
    /// The policy.
    pub document: Document,
}

impl Properties for BucketPolicy<'_> {
    const KIND: Kind = Kind::S3BucketPolicy;

    fn properties(&self) -> Value {
        Value::map([
            ("Bucket", Value::Ref(self.bucket.to_string())),
            ("PolicyDocument", self.document.value()),
        ])
    }
}
