//! What the service roles are narrowed to: for each resource type of IAM the ARNs of this integration.
//!
//! Where a name holds the Region, the Region field of the ARN is `*`: the name pins it, and policies stay inside
//! IAM's size for every Region that there is.

use crate::iam::Scope;
use crate::model::{Duty, Integration, Side};
use crate::policy::{Condition, Statement};
use crate::resources::Kind;
use crate::stacks::{bucket_arns, console, crawler, in_lake_regions, in_regions, own_role_arn};
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
        _ if kind == Kind::GlueCrawler => crawler(integration, service, resource),
        ("glue", _) => glue(integration, side, kind, resource),
        ("s3", "bucket") => Some(plain("Bucket", bucket_arns(integration).iter().map(Value::sub).collect())),
        ("s3", "object") if kind == Kind::SecurityLakeLogSource => Some(lake_objects()),
        ("kms", "alias") => {
            let arn = arn("kms", "${AWS::AccountId}", &integration.key_alias());
            Some(regional(integration, "Alias", vec![arn]))
        }
        ("kms", "key") if kind == Kind::SecurityLakeLogSource => Some(lake_key(integration, action)),
        ("kms", "key") => Some(key(integration, kind, action)),
        ("athena", "workgroup") => {
            let arn =
                arn("athena", "${AWS::AccountId}", &format!("workgroup/{}", integration.query_workgroup()));
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
            Some(passed_role(integration, Duty::Acceptor, "lambda.amazonaws.com"))
        }
        ("ssm", "parameter") => {
            let arns =
                console::NAMES.map(|name| arn("ssm", "${AWS::AccountId}", &format!("parameter{name}")));
            Some(Scope {
                label: "Parameter",
                arns: arns.to_vec(),
                conditions: vec![regions(integration, kind)],
            })
        }
        ("securitylake", "data-lake") if kind == Kind::SecurityLakeLogSource => {
            let arn = arn("securitylake", "${AWS::AccountId}", "data-lake/default");
            Some(regional(integration, "DataLake", vec![arn]))
        }
        _ => security_lake(integration, service, resource, action),
    }
}

/// The condition that the handlers of `kind` work in the Regions where there is one.
pub(crate) fn regions(integration: &Integration, kind: Kind) -> Condition {
    match kind {
        Kind::SsmParameter => in_regions(&integration.regions.detective()),
        _ => in_lake_regions(integration),
    }
}

fn plain(label: &'static str, arns: Vec<Value>) -> Scope {
    Scope { label, arns, conditions: Vec::new() }
}

fn regional(integration: &Integration, label: &'static str, arns: Vec<Value>) -> Scope {
    Scope { label, arns, conditions: vec![in_lake_regions(integration)] }
}

fn arn(service: &str, account: &str, resource: &str) -> Value {
    Value::sub(format!("arn:${{AWS::Partition}}:{service}:*:{account}:{resource}"))
}

/// Keys have ids of their own, so they are known by their tag. Who makes a key with tags needs `TagResource` on every
/// key (KMS developer guide, `tag-permissions`); and no condition knows the key that our alias is put on.
fn key(integration: &Integration, kind: Kind, action: &str) -> Scope {
    match (kind, action) {
        (Kind::KmsAlias, _) => regional(integration, "NewKey", keys()),
        (_, "TagResource") => tagged(integration, "NewKey", "aws:RequestTag/lakelink:integration"),
        _ => tagged(integration, "Key", OUR_KEY),
    }
}

/// Tags that change later: the handler sends those only, without ours (`TagHelper` in aws-cloudformation's
/// `resource-providers-kms`). [`derive`](crate::iam::derive) knows one scope for an action.
pub(crate) fn key_tags(integration: &Integration) -> Statement {
    let Scope { arns, conditions, .. } = tagged(integration, "Key", OUR_KEY);
    Statement { conditions, ..Statement::allow("KeyTagsLater", ["kms:TagResource"], arns) }
}

/// The tag of ours on a key.
const OUR_KEY: &str = "aws:ResourceTag/lakelink:integration";

fn keys() -> Vec<Value> {
    vec![arn("kms", "${AWS::AccountId}", "key/*")]
}

/// Keys where `tag` is ours.
fn tagged(integration: &Integration, label: &'static str, tag: &'static str) -> Scope {
    let ours = Condition::one("StringEquals", tag, integration.name.as_str());
    Scope { label, arns: keys(), conditions: vec![in_lake_regions(integration), ours] }
}

/// The buckets of the data lake, whose names end in what Security Lake chooses.
const LAKE_BUCKETS: &str = "arn:${AWS::Partition}:s3:::aws-security-data-lake*";

/// The key of the data lake, if it has one: the spec does not know it, so it is known by who calls. Both conditions
/// are those of AWS's managed policy `AmazonSecurityLakeAdministrator`.
fn lake_key(integration: &Integration, action: &str) -> Scope {
    let (label, context) = match action {
        "CreateGrant" => ("LakeKeyGrant", Some(Value::sub(LAKE_BUCKETS))),
        _ => ("LakeKey", None),
    };
    let key = regional(integration, label, keys());
    let context =
        context.map(|bucket| Condition::one("StringLike", "kms:EncryptionContext:aws:s3:arn", bucket));
    Scope {
        conditions: key.conditions.into_iter().chain([by_security_lake()]).chain(context).collect(),
        ..key
    }
}

/// What is in those buckets, of the role's own account only (Security Lake user guide, `internal-sources`).
fn lake_objects() -> Scope {
    let own = Condition::one("StringEquals", "aws:ResourceAccount", Value::account());
    Scope { label: "LakeBuckets", arns: vec![Value::sub(LAKE_BUCKETS)], conditions: vec![own] }
}

/// A role of ours, which `service` alone may get.
fn passed_role(integration: &Integration, duty: Duty, service: &str) -> Scope {
    let passed = Condition::one("StringEquals", "iam:PassedToService", service);
    Scope { label: "Role", arns: vec![own_role_arn(integration, duty)], conditions: vec![passed] }
}

/// The crawler by its name, and its role.
fn crawler(integration: &Integration, service: &str, resource: &str) -> Option<Scope> {
    match (service, resource) {
        ("glue", "crawler") => Some(plain("Crawler", vec![crawler::arn(integration)])),
        ("iam", "role") => Some(passed_role(integration, Duty::Crawler, "glue.amazonaws.com")),
        _ => None,
    }
}

/// The link, and the database of saved evidence, are of the stack's own account. A grant is on them and on tables of
/// the lake account, and which of the two calls a handler makes on which is not documented, so it gets both on both.
/// One label for all resource types: an action on several of them is one statement.
fn glue(integration: &Integration, side: Side, kind: Kind, resource: &str) -> Option<Scope> {
    let own = "${AWS::AccountId}";
    let lake = integration.lake.account.as_str();
    let grants = side == Side::Detective && kind == Kind::LakeFormationPermissions;
    let (label, accounts) = if grants { ("Catalogs", vec![own, lake]) } else { ("Catalog", vec![own]) };
    let evidence = integration.detective.crawler.as_ref().map(|_| integration.evidence_database());
    let each = |account: &str, prefix: &str, suffix: &str| {
        let links = integration.regions.lake().into_iter().map(|region| integration.database(region));
        let databases = links.chain(evidence.clone().filter(|_| account == own));
        databases.map(|name| arn("glue", account, &format!("{prefix}/{name}{suffix}"))).collect::<Vec<_>>()
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

/// What Security Lake calls in the name of whoever turns a source on or makes a subscriber (Security Lake user guide,
/// `prereqs-query-subscriber`). Ids and suffixes are its own, so ARNs end in the prefixes that it uses.
fn security_lake(integration: &Integration, service: &str, resource: &str, action: &str) -> Option<Scope> {
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
        ("iam", "role") => security_lake_role(action),
        _ => return None,
    };
    Some(scope)
}

/// The roles that Security Lake makes. Without a condition the right to make one, and to say what it may do, would be the
/// right to do anything: so only Security Lake may use it, inside the boundary that it gives its roles. Both conditions
/// are those of AWS's managed policy `AmazonSecurityLakeAdministrator`. It has the first on `DeleteRole` as well; with that a
/// policy for every Region would have 6,236 characters, and IAM takes 6,144.
fn security_lake_role(action: &str) -> Scope {
    let boundary = Value::sub("arn:${AWS::Partition}:iam::aws:policy/AmazonSecurityLakePermissionsBoundary");
    let bounded = Condition::one("StringEquals", "iam:PermissionsBoundary", boundary);
    let (label, conditions) = match action {
        "CreateRole" | "PutRolePolicy" | "DeleteRolePolicy" => {
            ("RoleInBoundary", vec![bounded, by_security_lake()])
        }
        _ => ("Role", Vec::new()),
    };
    let arn = Value::sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/AmazonSecurityLake-*");
    Scope { label, arns: vec![arn], conditions }
}

/// That Security Lake calls, in the name of the caller.
fn by_security_lake() -> Condition {
    Condition::one("ForAnyValue:StringEquals", "aws:CalledVia", "securitylake.amazonaws.com")
}
