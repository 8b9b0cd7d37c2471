//! The results bucket and who may touch what is in it.

use crate::model::Integration;
use crate::policy::{Condition, Document, Statement};
use crate::resources::{Bucket, BucketPolicy, Properties};
use crate::stacks::detective::RESULTS_BUCKET;
use crate::stacks::{in_region, ownership_tags, principals};
use crate::template::{Keep, LogicalId, Resource, Value};

/// The bucket and its policy, with the ids that others refer to.
pub(crate) struct Results {
    /// The bucket.
    pub(crate) bucket: LogicalId,
    /// Its policy.
    pub(crate) policy: LogicalId,
    /// Both, in the order of the file.
    pub(crate) resources: Vec<Resource>,
}

/// The results bucket of a Region.
pub(crate) fn resources(integration: &Integration) -> Results {
    let bucket = Bucket {
        name: in_region(RESULTS_BUCKET),
        retention_days: integration.detective.retention_days,
        tags: ownership_tags(integration),
    };
    let bucket_id = LogicalId::of(&["ResultsBucket"]);
    let policy_id = LogicalId::of(&["ResultsBucketPolicy"]);
    let why = "Holds raw log lines that somebody queried: private, versioned, gone after the retention.";
    let bucket = Resource { keep: Keep::Data, ..bucket.named(bucket_id.clone(), why) };
    let policy = BucketPolicy { bucket: &bucket_id, document: policy(integration, &bucket_id) };
    let why = "Keeps objects from everybody but the principals; administrators can still change this policy.";
    // Kept with the bucket: a kept bucket without its policy would lie open to the account.
    let policy = Resource { keep: Keep::Data, ..policy.named(policy_id.clone(), why) };
    Results { bucket: bucket_id, policy: policy_id, resources: vec![bucket, policy] }
}

/// Everything that the policy says is a `Deny`: what is allowed, the analyst policy allows.
fn policy(integration: &Integration, bucket: &LogicalId) -> Document {
    let bucket_arn = || Value::GetAtt(bucket.to_string(), "Arn");
    let objects = || Value::sub(format!("${{{bucket}.Arn}}/*"));
    let everything = || vec![bucket_arn(), objects()];
    let principals = principals::everybody(integration).map(principals::arn).collect();
    // On objects only, so that nobody is locked out of the bucket and its policy. By ARN and not by `Principal`: a
    // role that was deleted and made again still matches, and one that does not exist yet stops nothing.
    let others = Statement::deny("DenyObjectsToOthers", ["s3:*"], vec![objects()])
        .when(Condition::any("ArnNotEquals", "aws:PrincipalArn", principals))
        .when(Condition::one("BoolIfExists", "aws:PrincipalIsAWSService", "false"));
    Document(vec![
        Statement::deny("DenyWithoutTls", ["s3:*"], everything()).when(Condition::one(
            "Bool",
            "aws:SecureTransport",
            "false",
        )),
        Statement::deny("DenyOldTls", ["s3:*"], everything()).when(Condition::one(
            "NumericLessThan",
            "s3:TlsVersion",
            "1.2",
        )),
        others,
    ])
}
