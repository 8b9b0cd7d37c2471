//! What somebody who queries needs, and what somebody who opens the Integrations page needs.
//!
//! The actions are those of the Detective user guide, `securitylake-integration`, statements 1 to 5 and 7 (analyst)
//! and 6 (set-up); resources are narrowed to what this integration has. Beyond them: the multipart actions that
//! Athena's own managed policy has for results, reading our ready queries, and saved evidence.

use crate::model::{Duty, Integration, PRIMARY, Principal};
use crate::policy::{Condition, Document, Statement};
use crate::resources::{ManagedPolicy, Properties};
use crate::stacks::{bucket_arns, console, crawler, in_lake_regions, key};
use crate::template::{LogicalId, Resource, Value};
use crate::vocab::PrincipalKind;

/// The policy of analysts and the policy of whoever sets the integration up.
pub(crate) fn resources(integration: &Integration) -> Vec<Resource> {
    let policy = |duty, description: &str, roles, statements| ManagedPolicy {
        name: integration.iam_name(duty),
        path: integration.role_path.to_string(),
        description: description.to_owned(),
        roles,
        document: Document(statements),
    };
    let analyst = policy(
        Duty::Analyst,
        "Queries Security Lake logs from Amazon Detective and Amazon Athena",
        attached_roles(integration),
        analyst(integration),
    );
    let setup = policy(Duty::Setup, "Opens the Integrations page of Amazon Detective", Vec::new(), setup());
    vec![
        analyst.named(
            LogicalId::of(&["AnalystPolicy"]),
            "Attach it to the principals; Lake Formation decides which tables they read.",
        ),
        setup.named(
            LogicalId::of(&["SetupPolicy"]),
            "Only for whoever opens the Integrations page; nobody who queries needs it.",
        ),
    ]
}

/// The plain roles that the template attaches the policy to, if the spec wants it. Roles of IAM Identity Center take
/// theirs from the permission set; to attach to a user is not to be found in a template.
fn attached_roles(integration: &Integration) -> Vec<String> {
    let plain = |principal: &&Principal| principal.arn().kind() == PrincipalKind::Role;
    let roles =
        integration.detective.principals.iter().filter(plain).filter(|_| integration.detective.attach_policy);
    roles.map(|principal| principal.arn().name().to_owned()).collect()
}

fn analyst(integration: &Integration) -> Vec<Statement> {
    let buckets = bucket_arns(integration);
    let bucket_arns = buckets.iter().map(Value::sub).collect();
    let object_arns = buckets.iter().map(|arn| Value::sub(format!("{arn}/*"))).collect();
    let workgroup = |name: &str| {
        Value::sub(format!("arn:${{AWS::Partition}}:athena:*:${{AWS::AccountId}}:workgroup/{name}"))
    };
    let ours = integration.query_workgroup();
    let mut workgroups = vec![workgroup(PRIMARY)];
    if ours != PRIMARY {
        workgroups.push(workgroup(&ours));
    }
    // Queries run where the lake is, for a console apart, too; `FindIntegration` is for any Region of a console.
    let regional = in_lake_regions(integration);
    let mut statements = vec![
        Statement::allow("ListBuckets", ["s3:ListAllMyBuckets"], vec![Value::text("*")]),
        Statement::allow(
            "FindResultsBucket",
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            bucket_arns,
        ),
        Statement::allow(
            "ReadAndWriteResults",
            ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
            object_arns,
        ),
        Statement::allow(
            "ReadCatalog",
            [
                "glue:GetDatabase",
                "glue:GetDatabases",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:GetTables",
            ],
            catalog(integration),
        )
        .when(regional.clone()),
        // The console names no workgroup, so it most likely uses `primary` (the review says so).
        Statement::allow(
            "RunQueries",
            [
                "athena:BatchGetQueryExecution",
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetQueryRuntimeStatistics",
                "athena:GetWorkGroup",
                "athena:ListQueryExecutions",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            workgroups,
        )
        .when(regional.clone()),
        // IAM takes only `*` for these; Lake Formation's grants decide what can be read.
        Statement::allow(
            "ReadSharedData",
            [
                "athena:ListDataCatalogs",
                "athena:ListWorkGroups",
                "lakeformation:GetDataAccess",
                "ram:ListResources",
            ],
            vec![Value::text("*")],
        )
        .when(regional.clone()),
        Statement::allow(
            "FindIntegration",
            ["ssm:GetParametersByPath"],
            vec![Value::sub(format!(
                "arn:${{AWS::Partition}}:ssm:*:${{AWS::AccountId}}:parameter{}",
                console::PATH
            ))],
        ),
        // "See results in Amazon Athena" opens the console of Athena, which lists what there is.
        Statement::allow(
            "BrowseInAthena",
            [
                "athena:GetDataCatalog",
                "athena:GetDatabase",
                "athena:GetTableMetadata",
                "athena:ListDatabases",
                "athena:ListTableMetadata",
            ],
            vec![Value::sub("arn:${AWS::Partition}:athena:*:${AWS::AccountId}:datacatalog/AwsDataCatalog")],
        ),
        Statement::allow(
            "FindLakeAdministrator",
            ["organizations:ListDelegatedAdministrators"],
            vec![Value::text("*")],
        )
        .when(Condition::one(
            "StringEquals",
            "organizations:ServicePrincipal",
            "securitylake.amazonaws.com",
        )),
    ];
    statements.extend(key::statement(integration, "UseResultsKey", &["kms:Decrypt", "kms:GenerateDataKey"]));
    if integration.detective.crawler.is_some() {
        // Whoever saves evidence makes a table of it; what is crawled, and where to, is fixed.
        let run = ["glue:GetCrawler", "glue:StartCrawler"];
        statements.push(Statement::allow("CrawlEvidence", run, vec![crawler::arn(integration)]));
    }
    if integration.detective.queries {
        let read = ["athena:BatchGetNamedQuery", "athena:GetNamedQuery", "athena:ListNamedQueries"];
        statements.push(Statement::allow("ReadReadyQueries", read, vec![workgroup(&ours)]));
    }
    statements
}

/// The link and what it stands for: reading through a link asks for both catalogues. The names are Security Lake's,
/// with the Region in them; the condition on the Region picks the ones of this integration, and a list of exact names
/// for sixteen Regions and two accounts would not fit into a managed policy. Lake Formation decides on the tables.
/// Beside them, where a crawler makes tables of it, saved evidence.
fn catalog(integration: &Integration) -> Vec<Value> {
    let accounts = ["${AWS::AccountId}".to_owned(), integration.lake.account.to_string()];
    let arns = accounts.iter().flat_map(|account| {
        let arn = move |rest: &str| Value::sub(format!("arn:${{AWS::Partition}}:glue:*:{account}:{rest}"));
        [
            arn("catalog"),
            arn("database/amazon_security_lake_glue_db_*"),
            arn("table/amazon_security_lake_glue_db_*/amazon_security_lake_table_*"),
        ]
    });
    let evidence = integration.detective.crawler.as_ref().map(|_| crawler::in_catalogue(integration));
    arns.chain(evidence.into_iter().flatten()).collect()
}

fn setup() -> Vec<Statement> {
    vec![Statement::allow(
        "OpenIntegrationsPage",
        ["cloudformation:GetTemplateSummary", "iam:ListRoles"],
        vec![Value::text("*")],
    )]
}
