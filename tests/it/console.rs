//! What the Detective console and those who use it need, as far as it can be seen in the templates: what `world.rs`
//! sees only after a deployment is checked there.

use std::collections::BTreeSet;

use lakelink::check::Rendered;
use lakelink::model::Stack;
use lakelink::render::json::{compact, to_json};
use lakelink::resources::Kind;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{examples, rendered, spec};

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

/// What they need where there is a crawler, and nowhere else.
const CRAWLER: &[&str] = &["glue:GetCrawler", "glue:StartCrawler"];

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
        let crawler = CRAWLER.iter().filter(|_| rendered.integration.detective.crawler.is_some());
        let allowed = DOCUMENTED.iter().chain(BEYOND).chain(crawler);
        let allowed = allowed.map(ToString::to_string).collect::<BTreeSet<_>>();
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
            // Every table of our own database may be granted at once, never those that are shared.
            let all_evidence = r#""DatabaseName":{"Ref":"EvidenceDatabase"},"TableWildcard":{}"#;
            let plain = text.replace(all_evidence, "");
            for forbidden in [
                "\"Transform\"",
                "nodejs",
                "TableWildcard",
                "REPLACE",
                "AWS::CloudFormation::Stack\"",
                "Fn::Transform",
            ] {
                assert!(!plain.contains(forbidden), "{} holds {forbidden}", stack.stack.stem());
            }
            // Literal ARNs of the spec stand in `Mappings` only.
            let mut document: Value = serde_json::from_str(&text).unwrap();
            document.as_object_mut().unwrap().remove("Mappings");
            document.as_object_mut().unwrap().remove("Parameters");
            assert!(!document.to_string().contains("arn:aws"), "{} holds a literal ARN", stack.stack.stem());
            let parameters = stack.template.resources().filter(|one| one.kind == Kind::SsmParameter).count();
            let told = matches!(stack.stack, Stack::Detective | Stack::DetectiveConsole);
            assert_eq!(parameters, if told { 5 } else { 0 });
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

/// The ids of the five parameters in a stack, each with its condition.
fn parameters(rendered: &Rendered, stack: Stack) -> Vec<(String, Value)> {
    let stack = rendered.stacks.iter().find(|one| one.stack == stack).unwrap();
    let document: Value = serde_json::from_str(&compact(&stack.template.sections())).unwrap();
    let resources = document["Resources"].as_object().unwrap().iter();
    let parameters = resources.filter(|(_, resource)| resource["Type"] == "AWS::SSM::Parameter");
    parameters.map(|(id, resource)| (id.clone(), resource["Condition"].clone())).collect()
}

fn in_regions(regions: &str) -> Rendered {
    rendered(
        "variant.yaml",
        &spec("", "", "").replace("regions: [us-east-1]", &format!("regions: [{regions}]")),
    )
}

/// The Detective stack has the five where all its Regions have a console, a condition where some have, and neither
/// the five nor the share where none has.
#[test]
fn the_five_are_in_the_region_of_the_console() {
    let same = in_regions("ap-northeast-1, us-east-1");
    assert!(same.stacks.iter().all(|one| one.stack != Stack::DetectiveConsole));
    let everywhere = parameters(&same, Stack::Detective);
    assert!(everywhere.len() == 5 && everywhere.iter().all(|(_, condition)| condition.is_null()));

    let some = in_regions("ap-northeast-1, {lake: us-east-1, detective: eu-south-1}");
    let here = parameters(&some, Stack::Detective);
    assert!(here.len() == 5 && here.iter().all(|(_, condition)| condition == "ConsoleIsHere"), "{here:?}");
    assert_eq!(parameters(&some, Stack::DetectiveConsole), everywhere);

    let none =
        in_regions("{lake: us-east-1, detective: eu-south-1}, {lake: us-east-1, detective: us-west-2}");
    assert_eq!(parameters(&none, Stack::Detective), []);
    let stack = none.stacks.iter().find(|one| one.stack == Stack::Detective).unwrap();
    assert_eq!(
        (stack.template.parameters.as_slice(), stack.template.conditions.as_slice()),
        (&[][..], &[][..])
    );
    assert_eq!(parameters(&none, Stack::DetectiveConsole), everywhere);
}

/// What a console stack is told of each Region, and which shares it takes.
#[test]
fn a_console_apart_is_told_of_the_lake_that_it_reads() {
    let regions =
        "us-west-1, {lake: us-east-1, detective: eu-south-1}, {lake: us-west-1, detective: us-west-2}";
    let rendered = in_regions(regions);
    let stack = rendered.stacks.iter().find(|one| one.stack == Stack::DetectiveConsole).unwrap();
    let (_, mapping) = &stack.template.mappings[0];
    let lines = mapping.iter().map(|(region, names)| format!("{region}: {}\n", to_json(&names[0].1)));
    insta::assert_snapshot!(lines.collect::<String>(), @r#"
    eu-south-1: "amazon_security_lake_glue_db_us_east_1"
    us-west-2: "amazon_security_lake_glue_db_us_west_1"
    "#);
    let pattern = &stack.template.parameters[0].allowed_pattern;
    assert!(pattern.starts_with("^arn:aws:ram:(us-west-1|us-east-1):111122223333:"), "{pattern}");
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
        let mut grants = of_type("AWS::LakeFormation::PrincipalPermissions");
        // Detective needs no crawler.
        grants.remove("CrawlerGrant");
        assert!(!grants.is_empty());
        for parameter in of_type("AWS::SSM::Parameter") {
            let missing = &grants - &before(resources, &parameter);
            assert!(missing.is_empty(), "{parameter} does not wait for {missing:?}");
        }
    }
}

/// Where CloudFormation reads the share from the lake stack and nobody but the deployer accepts it, the template would
/// be the same for a new external id, and with it for a new share: the text of a parameter makes it another.
#[test]
fn a_new_external_id_is_seen_where_the_share_is_read_from_the_lake_stack() {
    let templates = |handoff: &str, external_id: &str| {
        let text = spec("", "", handoff).replace("7f3c9a51-variant-detective", external_id);
        let stacks = rendered("variant.yaml", &text).stacks;
        stacks.into_iter().find(|one| one.stack == Stack::Detective).unwrap().yaml()
    };
    let by_parameter = |external_id| templates("", external_id);
    assert_eq!(by_parameter("first-4711"), by_parameter("second-4711"));
    let read = |external_id| templates("handoff: {share_arn: stack_output}\n", external_id);
    let (first, second) = (read("first-4711"), read("second-4711"));
    // The digest of the whole is metadata: CloudFormation takes no update for that alone.
    let differing = first.lines().zip(second.lines());
    let differing =
        differing.filter(|(one, other)| one != other && !one.trim_start().starts_with("Digest: "));
    let differing = differing.map(|(one, other)| [one.trim(), other.trim()]).collect::<Vec<_>>();
    let described = |external_id| {
        format!("Description: The resource share of Security Lake for external id {external_id}")
    };
    assert_eq!(differing, [[described("first-4711"), described("second-4711")]]);
    assert_eq!(first.lines().count(), second.lines().count());
}
