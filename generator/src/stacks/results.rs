//! The results bucket and who may touch what is in it.

use crate::model::{Duty, Integration, ResultsBucket};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{Bucket, BucketPolicy, Properties};
use crate::stacks::detective::RESULTS_BUCKET;
use crate::stacks::{crawler, in_region, key, own_role_arn, ownership_tags, principals};
use crate::template::{Keep, LogicalId, Resource, Value};

/// The folder that our workgroup writes to.
const OUTPUT: &str = "athena";

/// Where results go, and what is made for it.
pub(crate) struct Results {
    /// The name of the bucket.
    pub(crate) bucket: Value,
    /// The URL below which our workgroup writes.
    pub(crate) output: Value,
    /// The URL of the folder that a crawler reads.
    pub(crate) evidence: Value,
    /// The ARN of the key; `None` for keys of Amazon S3.
    pub(crate) key: Option<Value>,
    /// The policy of a bucket of ours.
    pub(crate) policy: Option<LogicalId>,
    /// Key, bucket and policy, in the order of the file.
    pub(crate) resources: Vec<Resource>,
}

/// The results bucket of a Region, and its key.
pub(crate) fn resources(integration: &Integration) -> Results {
    let (key, mut resources) = key::resources(integration);
    let retention_days = match &integration.detective.bucket {
        ResultsBucket::Ours { retention_days } => *retention_days,
        ResultsBucket::Existing(_) => {
            let bucket = in_region(RESULTS_BUCKET);
            let url = |folder| {
                Value::Sub(format!("s3://${{Bucket}}/{folder}/"), vec![("Bucket".into(), bucket.clone())])
            };
            let (output, evidence) = (url(OUTPUT), url(crawler::FOLDER));
            return Results { bucket, output, evidence, key, policy: None, resources };
        }
    };
    let bucket_id = LogicalId::of(&["ResultsBucket"]);
    let policy_id = LogicalId::of(&["ResultsBucketPolicy"]);
    let bucket = Bucket {
        name: in_region(RESULTS_BUCKET),
        key: key.clone(),
        retention_days,
        tags: ownership_tags(integration),
    };
    let why = "Holds raw log lines that somebody queried: private, versioned, gone after the retention.";
    resources.push(Resource { keep: Keep::Data, ..bucket.named(bucket_id.clone(), why) });
    let policy = BucketPolicy { bucket: &bucket_id, document: policy(integration, &bucket_id) };
    let why = "Keeps objects from everybody but the principals; administrators can still change this policy.";
    // Kept with the bucket: a kept bucket without its policy would lie open to the account.
    resources.push(Resource { keep: Keep::Data, ..policy.named(policy_id.clone(), why) });
    let url = |folder| Value::sub(format!("s3://${{{bucket_id}}}/{folder}/"));
    let (output, evidence) = (url(OUTPUT), url(crawler::FOLDER));
    let bucket = Value::Ref(bucket_id.to_string());
    Results { bucket, output, evidence, key, policy: Some(policy_id), resources }
}

/// Everything that the policy says is a `Deny`: what is allowed, the analyst policy allows.
fn policy(integration: &Integration, bucket: &LogicalId) -> Document {
    let bucket_arn = || Value::GetAtt(bucket.to_string(), "Arn");
    let objects = || Value::sub(format!("${{{bucket}.Arn}}/*"));
    let everything = || vec![bucket_arn(), objects()];
    // The crawler among them is narrowed to `evidence/` by its own policy.
    let crawler = integration.detective.crawler.as_ref().map(|_| own_role_arn(integration, Duty::Crawler));
    let principals = principals::everybody(integration).map(principals::arn).chain(crawler).collect();
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
