//! What the service roles are narrowed to: for each resource type of IAM the ARNs of this integration.
//!
//! Where a name holds the Region, the Region field of the ARN is `*`: the name pins it, and policies stay inside
//! IAM's size for every Region that there is.

use crate::iam::Scope;
use crate::model::{Duty, Integration, Side};
use crate::policy::Condition;
use crate::resources::Kind;
use crate::stacks::{console, in_our_regions, own_role_arn, query_workgroup};
use crate::template::Value;

/// The scope of an action on a resource type of IAM (`service`, `resource`) for the handlers of `kind`; `None` if
/// nothing of ours is of that type.
pub(crate) fn scope(
    integration: &Integration,
    side: Side,
    kind: Kind,
    service: &str,
    resource: &str,
    action: &str,
) -> Option<Scope> {
    match (service, resource) {
        ("glue", _) => glue(integration, side, kind, resource),
        ("s3", "bucket") => Some(plain("Bucket", buckets(integration))),
        ("kms", "alias") => {
            let arn = arn("kms", "${AWS::AccountId}", &integration.key_alias());
            Some(regional(integration, "Alias", vec![arn]))
        }
        ("kms", "key") => Some(key(integration, kind, action)),
        ("athena", "workgroup") => {
            let arn =
                arn("athena", "${AWS::AccountId}", &format!("workgroup/{}", query_workgroup(integration)));
            Some(regional(integration, "Workgroup", vec![arn]))
        }
        ("lambda", "function") => {
            let arn = arn("lambda", "${AWS::AccountId}", &format!("function:{}", integration.acceptor()));
            Some(regional(integration, "Function", vec![arn]))
        }
        ("logs", "log-group") => {
            let group =
                arn("logs", "${AWS::AccountId}", &format!("log-group:{}", integration.acceptor_log()));
            let rest =
                arn("logs", "${AWS::AccountId}", &format!("log-group:{}:*", integration.acceptor_log()));
            Some(regional(integration, "Group", vec![group, rest]))
        }
        ("iam", "role") if kind == Kind::LambdaFunction => {
            let role = own_role_arn(integration, Duty::Acceptor);
            let service = Condition::one("StringEquals", "iam:PassedToService", "lambda.amazonaws.com");
            Some(Scope { label: "Role", arns: vec![role], conditions: vec![service] })
        }
        ("ssm", "parameter") => {
            let arns =
                console::NAMES.map(|name| arn("ssm", "${AWS::AccountId}", &format!("parameter{name}")));
            Some(regional(integration, "Parameter", arns.to_vec()))
        }
        _ => subscriber(integration, service, resource, action),
    }
}

fn plain(label: &'static str, arns: Vec<Value>) -> Scope {
    Scope { label, arns, conditions: Vec::new() }
}

fn regional(integration: &Integration, label: &'static str, arns: Vec<Value>) -> Scope {
    Scope { label, arns, conditions: vec![in_our_regions(integration)] }
}

fn arn(service: &str, account: &str, resource: &str) -> Value {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}:*:{account}:{resource}"))
}

fn buckets(integration: &Integration) -> Vec<Value> {
    let names = integration.regions.all().iter().map(|region| integration.results_bucket(*region));
    names.map(|name| Value::sub(format!("arn:${{AWS::Partition}}:s3:::{name}"))).collect()
}

/// Keys have ids of their own, so they are known by their tag. A key has none yet when it is tagged first, and none
/// when our alias is put on it.
fn key(integration: &Integration, kind: Kind, action: &str) -> Scope {
    let keys = vec![arn("kms", "${AWS::AccountId}", "key/*")];
    if kind == Kind::KmsAlias || action == "TagResource" {
        return regional(integration, "NewKey", keys);
    }
    let key = regional(integration, "Key", keys);
    let ours =
        Condition::one("StringEquals", "aws:ResourceTag/lakelink:integration", integration.name.as_str());
    Scope { conditions: [key.conditions, vec![ours]].concat(), ..key }
}

/// The link is of the stack's own account. A grant is on the link and on tables of the lake account, and which of
/// the two calls a handler makes on which is not documented, so it gets both on both. One label for all resource
/// types: an action on several of them is one statement.
fn glue(integration: &Integration, side: Side, kind: Kind, resource: &str) -> Option<Scope> {
    let own = "${AWS::AccountId}";
    let lake = integration.lake.account.as_str();
    let grants = side == Side::Detective && kind == Kind::LakeFormationPermissions;
    let (label, accounts) = if grants { ("Catalogs", vec![own, lake]) } else { ("Catalog", vec![own]) };
    let databases =
        integration.regions.all().iter().map(|region| integration.database(*region)).collect::<Vec<_>>();
    let each = |account: &str, prefix: &str, suffix: &str| {
        databases
            .iter()
            .map(|name| arn("glue", account, &format!("{prefix}/{name}{suffix}")))
            .collect::<Vec<_>>()
    };
    let in_account = |account: &str| match resource {
        "rootcatalog" => Some(vec![arn("glue", account, "catalog")]),
        "database" => Some(each(account, "database", "")),
        "table" => Some(each(account, "table", "/*")),
        "userdefinedfunction" => Some(each(account, "userDefinedFunction", "/*")),
        _ => None,
    };
    let arns = accounts.into_iter().map(in_account).collect::<Option<Vec<_>>>()?.concat();
    Some(plain(label, arns))
}

/// What Security Lake calls in the name of whoever makes a subscriber (Security Lake user guide,
/// `prereqs-query-subscriber`). Ids and suffixes are its own, so ARNs end in the prefixes that it uses.
fn subscriber(integration: &Integration, service: &str, resource: &str, action: &str) -> Option<Scope> {
    let own = |service: &str, resource: &str| arn(service, "${AWS::AccountId}", resource);
    let scope = match (service, resource) {
        ("securitylake", "subscriber") => {
            regional(integration, "Subscriber", vec![own("securitylake", "subscriber/*")])
        }
        ("ram", "resource-share") => {
            let share = regional(integration, "Share", vec![own("ram", "resource-share/*")]);
            let name = Condition::one("StringLike", "ram:ResourceShareName", "LakeFormation*");
            Scope { conditions: [share.conditions, vec![name]].concat(), ..share }
        }
        ("iam", "role") if action == "CreateServiceLinkedRole" => {
            let path = "role/aws-service-role/securitylake.amazonaws.com/*";
            let arn = Value::sub(format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{path}"));
            let service = Condition::one("StringEquals", "iam:AWSServiceName", "securitylake.amazonaws.com");
            Scope { label: "ServiceLinkedRole", arns: vec![arn], conditions: vec![service] }
        }
        ("iam", "role") => {
            let arn = "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AmazonSecurityLake-*";
            plain("Role", vec![Value::sub(arn)])
        }
        _ => return None,
    };
    Some(scope)
}
