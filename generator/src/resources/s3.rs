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

#[cfg(test)]
mod tests {
    use super::{Bucket, BucketPolicy};
    use crate::policy::{Condition, Document, Statement};
    use crate::render::json::to_json;
    use crate::resources::tests::shown;
    use crate::template::{LogicalId, Value};

    #[test]
    fn a_bucket_encrypts_with_a_key() {
        let key = Some(Value::GetAtt("ResultsKey".into(), "Arn"));
        let bucket = Bucket { name: Value::text("results"), key, retention_days: 30, tags: Vec::new() };
        insta::assert_snapshot!(to_json(&bucket.encryption()), @r#"{"ServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":{"Fn::GetAtt":["ResultsKey","Arn"]}},"BucketKeyEnabled":true}"#);
    }

    #[test]
    fn a_bucket_is_private_and_forgets() {
        let bucket = Bucket {
            name: Value::text("lakelink-acme-444455556666-us-east-1"),
            key: None,
            retention_days: 30,
            tags: vec![("lakelink:integration", "acme".into())],
        };
        insta::assert_snapshot!(shown(&bucket), @r#"
        AWS::S3::Bucket {
          "BucketName": "lakelink-acme-444455556666-us-east-1",
          "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": true,
            "BlockPublicPolicy": true,
            "IgnorePublicAcls": true,
            "RestrictPublicBuckets": true
          },
          "OwnershipControls": {
            "Rules": [
              {
                "ObjectOwnership": "BucketOwnerEnforced"
              }
            ]
          },
          "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
              {
                "ServerSideEncryptionByDefault": {
                  "SSEAlgorithm": "AES256"
                }
              }
            ]
          },
          "VersioningConfiguration": {
            "Status": "Enabled"
          },
          "LifecycleConfiguration": {
            "Rules": [
              {
                "Id": "ExpireResults",
                "Status": "Enabled",
                "ExpirationInDays": 30,
                "NoncurrentVersionExpiration": {
                  "NoncurrentDays": 7
                },
                "AbortIncompleteMultipartUpload": {
                  "DaysAfterInitiation": 1
                }
              },
              {
                "Id": "RemoveDeleteMarkers",
                "Status": "Enabled",
                "ExpiredObjectDeleteMarker": true
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
    fn a_bucket_policy_refers_to_its_bucket() {
        let bucket = LogicalId::of(&["ResultsBucket"]);
        let deny = Statement::deny("DenyWithoutTls", ["s3:*"], vec![Value::sub("${ResultsBucket.Arn}/*")]);
        let deny = deny.when(Condition::one("Bool", "aws:SecureTransport", "false"));
        let policy = BucketPolicy { bucket: &bucket, document: Document(vec![deny]) };
        insta::assert_snapshot!(shown(&policy), @r#"
        AWS::S3::BucketPolicy {
          "Bucket": {
            "Ref": "ResultsBucket"
          },
          "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
              {
                "Sid": "DenyWithoutTls",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": {
                  "Fn::Sub": "${ResultsBucket.Arn}/*"
                },
                "Condition": {
                  "Bool": {
                    "aws:SecureTransport": "false"
                  }
                }
              }
            ]
          }
        }
        "#);
    }
}
