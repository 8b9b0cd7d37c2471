//! The crawler over saved evidence: a database of its own, the crawler that fills it, and the role that it is.
//!
//! Detective needs none of it. It reads `evidence/` of the results bucket and nothing that the lake account shares.

use crate::model::{Duty, Integration, Side};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{Crawler, Database, Grant, Granted, ManagedPolicy, Properties, Role};
use crate::stacks::results::Results;
use crate::stacks::{bucket_arns, key, own_role_arn, roles};
use crate::template::{LogicalId, Resource, Value};

/// The logical id of the database.
pub(crate) const DATABASE: &str = "EvidenceDatabase";
/// The folder of the results bucket that is crawled.
pub(crate) const FOLDER: &str = "evidence";

/// The database, what the crawler may do with it, and the crawler, where the spec wants one.
pub(crate) fn resources(
    integration: &Integration,
    administrator: &LogicalId,
    results: &Results,
) -> Vec<Resource> {
    let Some(crawler) = &integration.detective.crawler else { return Vec::new() };
    let database = Database {
        name: integration.evidence_database(),
        description: format!("Saved evidence of lakelink {}", integration.name),
    };
    let why = "Tables of saved evidence; Lake Formation alone decides who reads them.";
    let database = Resource {
        depends_on: vec![administrator.clone()],
        ..database.named(LogicalId::of(&[DATABASE]), why)
    };
    let name = || Value::Ref(DATABASE.into());
    let grant =
        Grant { principal: own_role_arn(integration, Duty::Crawler), on: Granted::Filling { name: name() } };
    let grant = grant.named(LogicalId::of(&["CrawlerGrant"]), "The crawler may make tables in it.");
    let crawler = Crawler {
        name: integration.crawler(),
        description: format!("Makes tables of the saved evidence of lakelink {}", integration.name),
        role: own_role_arn(integration, Duty::Crawler),
        database: name(),
        path: results.evidence.clone(),
        table_prefix: "evidence_",
        schedule: crawler.schedule.as_ref(),
    };
    let why = "Each folder under `evidence/` becomes a table. It deletes nothing.";
    let crawler = crawler.named(LogicalId::of(&["EvidenceCrawler"]), why);
    let first = [grant.id.clone()].into_iter().chain(results.policy.clone());
    let crawler = Resource { depends_on: first.collect(), ..crawler };
    vec![database, grant, crawler]
}

/// The role of the crawler and its policy, for the roles stack.
pub(crate) fn role(integration: &Integration) -> Vec<Resource> {
    let policy_id = LogicalId::of(&["CrawlerPolicy"]);
    let policy = ManagedPolicy {
        name: integration.iam_name(Duty::Crawler),
        path: integration.role_path.to_string(),
        description: format!(
            "Reads the saved evidence of lakelink {} and makes tables of it",
            integration.name
        ),
        roles: Vec::new(),
        document: Document(statements(integration)),
    };
    let role = Role {
        name: integration.iam_name(Duty::Crawler),
        path: integration.role_path.to_string(),
        description: format!(
            "AWS Glue crawls the saved evidence of lakelink {} as this role",
            integration.name
        ),
        // No condition on the source: that AWS Glue names one is not documented, and IAM passes no role to another
        // account's crawler.
        trust: Document(vec![Statement::trust("GlueOnly", "glue.amazonaws.com")]),
        policies: vec![policy_id.clone()],
        boundary: roles::boundary(integration, Side::Detective),
    };
    vec![
        role.named(LogicalId::of(&["CrawlerRole"]), "Only AWS Glue can be it, and only for who may pass it."),
        policy.named(policy_id, "In place of AWSGlueServiceRole, which is for every bucket and every table."),
    ]
}

/// Which actions a crawler calls is not documented beyond "AWSGlueServiceRole or a scoped-down version" (AWS Glue
/// guide, `crawler-prereqs`): these make and change tables and partitions, and delete none.
const CATALOGUE: &[&str] = &[
    "glue:BatchCreatePartition",
    "glue:BatchGetPartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:CreateTable",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "glue:UpdatePartition",
    "glue:UpdateTable",
];

fn statements(integration: &Integration) -> Vec<Statement> {
    let catalogue = [glue_arn("catalog")].into_iter().chain(in_catalogue(integration)).collect();
    let buckets = bucket_arns(integration);
    let objects = buckets.iter().map(|arn| Value::sub(format!("{arn}/{FOLDER}/*"))).collect();
    let buckets = buckets.iter().map(Value::sub).collect::<Vec<_>>();
    let group = "arn:${AWS::Partition}:logs:*:${AWS::AccountId}:log-group:/aws-glue/crawlers";
    let mut statements = vec![
        Statement::allow("FindBucket", ["s3:GetBucketLocation"], buckets.clone()),
        Statement::allow("ListEvidence", ["s3:ListBucket"], buckets).when(Condition::one(
            "StringLike",
            "s3:prefix",
            format!("{FOLDER}/*"),
        )),
        Statement::allow("ReadEvidence", ["s3:GetObject"], objects),
        Statement::allow("CatalogueEvidence", CATALOGUE.iter().copied(), catalogue),
        // The log group of every crawler in the account; there is no other.
        Statement::allow(
            "WriteLog",
            ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            vec![Value::sub(group), Value::sub(format!("{group}:*"))],
        ),
    ];
    statements.extend(key::statement(integration, "DecryptEvidence", &["kms:Decrypt"]));
    statements
}

/// The database of saved evidence and what is in it.
pub(crate) fn in_catalogue(integration: &Integration) -> [Value; 2] {
    let database = integration.evidence_database();
    [glue_arn(&format!("database/{database}")), glue_arn(&format!("table/{database}/*"))]
}

/// The ARN of the crawler.
pub(crate) fn arn(integration: &Integration) -> Value {
    glue_arn(&format!("crawler/{}", integration.crawler()))
}

/// Without a Region: these names are of this integration alone.
fn glue_arn(resource: &str) -> Value {
    Value::sub(format!("arn:${{AWS::Partition}}:glue:*:${{AWS::AccountId}}:{resource}"))
}
