//! The key for query results.

use crate::model::{Duty, Encryption, Integration};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{Alias, Key, Properties};
use crate::stacks::{in_region, own_role_arn, ownership_tags, principals};
use crate::template::{Keep, LogicalId, Resource, Value};
use crate::vocab::Region;

/// Key of the ARN of a key that exists, in the mapping by Region.
pub(crate) const RESULTS_KEY: &str = "ResultsKey";

/// Administering the key, without using it. `PutKeyPolicy` keeps the account from locking itself out.
const ADMINISTER: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
];

/// The ARN of the key, and what is made for it.
pub(crate) fn resources(integration: &Integration) -> (Option<Value>, Vec<Resource>) {
    match integration.detective.encryption {
        Encryption::S3 => (None, Vec::new()),
        Encryption::Keys(_) => (Some(in_region(RESULTS_KEY)), Vec::new()),
        Encryption::OwnKey => {
            let id = LogicalId::of(&["ResultsKey"]);
            (Some(Value::GetAtt(id.to_string(), "Arn")), own_key(integration, &id))
        }
    }
}

/// The ARN of a key that exists, for the mapping.
pub(crate) fn existing(integration: &Integration, region: Region) -> Option<String> {
    match &integration.detective.encryption {
        Encryption::Keys(keys) => keys.get(&region).map(ToString::to_string),
        Encryption::S3 | Encryption::OwnKey => None,
    }
}

fn own_key(integration: &Integration, id: &LogicalId) -> Vec<Resource> {
    let key = Key {
        description: format!("Query results of lakelink {}", integration.name),
        policy: policy(integration),
        tags: ownership_tags(integration),
    };
    let alias = Alias { name: integration.key_alias(), key: id };
    let why = "Encrypts query results; kept with the bucket, since nothing in it could be read without it.";
    let key = Resource { keep: Keep::Data, ..key.named(id.clone(), why) };
    let why = "The name that the analyst policy knows the key by.";
    let alias = Resource { keep: Keep::Data, ..alias.named(LogicalId::of(&["ResultsKeyAlias"]), why) };
    vec![key, alias]
}

/// Principals are named by condition: one that does not exist yet, or that was deleted and made again, stops nothing.
fn policy(integration: &Integration) -> Document {
    let everybody = principals::everybody(integration).map(principals::arn).collect();
    let through_s3 = |sid, actions: &[&'static str], who| {
        Statement::allow_account(sid, actions.iter().copied())
            .when(Condition::any("ArnEquals", "aws:PrincipalArn", who))
            .when(Condition::one("StringEquals", "kms:CallerAccount", Value::account()))
            .when(Condition::one(
                "StringEquals",
                "kms:ViaService",
                Value::sub("s3.${AWS::Region}.amazonaws.com"),
            ))
    };
    let mut statements = vec![
        Statement::allow_account("AccountAdministers", ADMINISTER.iter().copied()),
        through_s3("PrincipalsThroughS3", &["kms:Decrypt", "kms:GenerateDataKey"], everybody),
    ];
    if integration.detective.crawler.is_some() {
        let crawler = vec![own_role_arn(integration, Duty::Crawler)];
        statements.push(through_s3("CrawlerThroughS3", &["kms:Decrypt"], crawler));
    }
    Document(statements)
}

/// What an identity policy lets do with the key, through Amazon S3; nothing for keys of Amazon S3.
pub(crate) fn statement(integration: &Integration, sid: &str, actions: &[&'static str]) -> Option<Statement> {
    // The key policy, or the house's own, pins the Region.
    let through_s3 = Condition::one("StringLike", "kms:ViaService", "s3.*.amazonaws.com");
    match &integration.detective.encryption {
        Encryption::S3 => None,
        Encryption::OwnKey => {
            // The ids of the keys are not known before they are made: their alias stands for them.
            let keys = vec![Value::sub("arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*")];
            let by_alias =
                Condition::one("ForAnyValue:StringEquals", "kms:ResourceAliases", integration.key_alias());
            Some(Statement::allow(sid, actions.iter().copied(), keys).when(by_alias).when(through_s3))
        }
        Encryption::Keys(keys) => {
            let arn =
                |(region, id)| format!("arn:${{AWS::Partition}}:kms:{region}:${{AWS::AccountId}}:key/{id}");
            let arns = keys.iter().map(|(region, key)| Value::sub(arn((region, key.id())))).collect();
            Some(Statement::allow(sid, actions.iter().copied(), arns).when(through_s3))
        }
    }
}
