//! What the Detective console and those who use it need, as far as it can be seen in the templates: what `world.rs`
//! sees only after a deployment is checked there.

use std::collections::BTreeSet;

use lakelink::model::Stack;
use lakelink::render::json::{compact, to_json};
use lakelink::resources::Kind;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::examples;

/// The actions of the Detective user guide, page `securitylake-integration`, statements 1 to 5 and 7.
const DOCUMENTED: &[&str] = &[
    "athena:BatchGetQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetQueryRuntimeStatistics",
    "athena:GetWorkGroup",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "glue:GetDatabases",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
    "lakeformation:GetDataAccess",
    "organizations:ListDelegatedAdministrators",
    "ram:ListResources",
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListAllMyBuckets",
    "s3:PutObject",
    "ssm:GetParametersByPath",
];

/// What analysts need beyond that page: parts of large results, our ready queries, the console
/// of Athena, and the key of results where there is one.
const BEYOND: &[&str] = &[
    "athena:BatchGetNamedQuery",
    "athena:GetDataCatalog",
    "athena:GetDatabase",
    "athena:GetNamedQuery",
    "athena:GetTableMetadata",
    "athena:ListDataCatalogs",
    "athena:ListDatabases",
    "athena:ListNamedQueries",
    "athena:ListTableMetadata",
    "athena:ListWorkGroups",
    "glue:GetDatabase",
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:AbortMultipartUpload",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
];

fn statements(policy: &Value) -> &Vec<Value> {
    policy["PolicyDocument"]["Statement"].as_array().unwrap()
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let actions = statements(policy).iter().flat_map(|statement| listed(&statement["Action"]));
    actions.map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_analyst_policy_holds_the_documented_actions_and_little_more() {
    for rendered in examples() {
        let roles = rendered.stacks.iter().find(|one| one.stack == Stack::DetectiveRoles).unwrap();
        let policy = roles.template.resources().find(|one| one.id.as_str() == "AnalystPolicy").unwrap();
        let policy = to_json(&policy.properties);
        let documented = DOCUMENTED.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let allowed = DOCUMENTED.iter().chain(BEYOND).map(ToString::to_string).collect::<BTreeSet<_>>();
        let found = actions(&policy);
        assert!(found.is_superset(&documented) && found.is_subset(&allowed), "{found:#?}");
        let find = |sid: &str| statements(&policy).iter().find(|statement| statement["Sid"] == sid).unwrap();
        let path = &find("FindIntegration")["Resource"]["Fn::Sub"];
        assert!(path.as_str().unwrap().ends_with(":parameter/Detective/SLI"), "{path}");
        let condition =
            &find("FindLakeAdministrator")["Condition"]["StringEquals"]["organizations:ServicePrincipal"];
        assert_eq!(condition, "securitylake.amazonaws.com");
    }
}

#[test]
fn templates_are_plain() {
    for rendered in examples() {
        for stack in &rendered.stacks {
            let text = compact(&stack.template.sections());
            for forbidden in [
                "\"Transform\"",
                "nodejs",
                "TableWildcard",
                "REPLACE",
                "AWS::CloudFormation::Stack\"",
                "Fn::Transform",
            ] {
                assert!(!text.contains(forbidden), "{} holds {forbidden}", stack.stack.stem());
            }
            // Literal ARNs of the spec stand in `Mappings` only.
            let mut document: Value = serde_json::from_str(&text).unwrap();
            document.as_object_mut().unwrap().remove("Mappings");
            document.as_object_mut().unwrap().remove("Parameters");
            assert!(!document.to_string().contains("arn:aws"), "{} holds a literal ARN", stack.stack.stem());
            let parameters = stack.template.resources().filter(|one| one.kind == Kind::SsmParameter).count();
            assert_eq!(parameters, if stack.stack == Stack::Detective { 5 } else { 0 });
        }
    }
}

#[test]
fn the_digest_is_of_the_document_without_it() {
    for rendered in examples() {
        for stack in &rendered.stacks {
            let mut document: Value = serde_json::from_str(&compact(&stack.template.sections())).unwrap();
            let stamp = document.as_object_mut().unwrap().shift_remove("Metadata").unwrap();
            let digest = Sha256::digest(document.to_string().as_bytes());
            let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            assert_eq!(stamp["Lakelink"]["Digest"], digest, "{}", stack.stack.stem());
            assert_eq!(stamp["Lakelink"]["Layout"], lakelink::template::LAYOUT);
        }
    }
}

/// Everything that CloudFormation has made before a resource, by `DependsOn`.
fn before(resources: &Value, id: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![id.to_owned()];
    while let Some(id) = next.pop() {
        let depends = match &resources[&id]["DependsOn"] {
            Value::String(one) => vec![one.clone()],
            Value::Array(many) => many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
            _ => Vec::new(),
        };
        next.extend(depends.into_iter().filter(|one| found.insert(one.clone())));
    }
    found
}

/// A grant on the tables of another account needs the share; in an update, too, a new table must be seen first.
#[test]
fn the_link_and_with_it_every_grant_waits_for_the_acceptance() {
    let rendered = examples().into_iter().find(|one| one.integration.name.as_str() == "discover").unwrap();
    let detective = rendered.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
    let document: Value = serde_json::from_str(&compact(&detective.template.sections())).unwrap();
    assert!(before(&document["Resources"], "LinkDatabase").contains("ShareAcceptance"));
    let share = &document["Resources"]["ResourceShareArnParameter"]["Properties"]["Value"];
    assert_eq!(share["Fn::GetAtt"][0], "ShareAcceptance");
}

#[test]
fn the_console_sees_no_parameter_before_the_last_grant() {
    for rendered in examples() {
        let detective = rendered.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
        let document: Value = serde_json::from_str(&compact(&detective.template.sections())).unwrap();
        let resources = &document["Resources"];
        let of_type = |wanted: &str| {
            let all = resources.as_object().unwrap().iter();
            let found = all.filter(|(_, resource)| resource["Type"] == wanted).map(|(id, _)| id.clone());
            found.collect::<BTreeSet<_>>()
        };
        let grants = of_type("AWS::LakeFormation::PrincipalPermissions");
        assert!(!grants.is_empty());
        for parameter in of_type("AWS::SSM::Parameter") {
            let missing = &grants - &before(resources, &parameter);
            assert!(missing.is_empty(), "{parameter} does not wait for {missing:?}");
        }
    }
}
