//! The five parameters that the Detective console reads with its user's credentials. Names, types and formats: the
//! custom resource of aws-samples/detective-security-lake-integration, `constant.mjs`. They lie in the Detective Region:
//! the Detective stack makes them where that is the lake Region too, the console stack where it is another one.

use crate::model::{Integration, Share};
use crate::resources::{Parameter, ParameterKind, Properties};
use crate::stacks::detective::table_key;
use crate::stacks::in_region;
use crate::template::{LogicalId, Resource, Value};

/// The path under which the console looks.
pub(crate) const PATH: &str = "/Detective/SLI";

/// The names of the five, in the order in which they are made.
pub(crate) const NAMES: [&str; 5] = [
    "/Detective/SLI/StackId",
    "/Detective/SLI/ResourceShareArn",
    "/Detective/SLI/S3Bucket",
    "/Detective/SLI/DatabaseName",
    "/Detective/SLI/TableNames",
];

/// What differs between the stacks that make the five.
pub(crate) struct Console {
    /// The ARN of the share.
    pub(crate) share: Value,
    /// The results bucket.
    pub(crate) bucket: Value,
    /// The shared database.
    pub(crate) database: Value,
    /// The condition of all five.
    pub(crate) condition: Option<&'static str>,
    /// What must be there before the first of them.
    pub(crate) after: Vec<LogicalId>,
    /// Why the first is as it is.
    pub(crate) why: &'static str,
}

/// The five parameters. The first waits for everything else, the others for the first.
pub(crate) fn resources(integration: &Integration, console: Console) -> Vec<Resource> {
    let [stack_id, share_arn, bucket, database, tables] = NAMES;
    let text = |name, value, description: &str| Parameter {
        name,
        kind: ParameterKind::Text,
        value,
        description: description.to_owned(),
    };
    let parameters = [
        (
            "StackIdParameter",
            text(stack_id, Value::Ref("AWS::StackId".into()), "The stack behind the integration"),
        ),
        ("ResourceShareArnParameter", text(share_arn, console.share, &share_description(integration))),
        ("S3BucketParameter", text(bucket, console.bucket, "The bucket for query results")),
        ("DatabaseNameParameter", text(database, console.database, "The shared database, and its link")),
        (
            "TableNamesParameter",
            Parameter {
                name: tables,
                kind: ParameterKind::List,
                value: table_names(integration),
                description: "The shared tables".to_owned(),
            },
        ),
    ];
    let why = [
        console.why,
        "Detective names the share by it.",
        "A bare name: no scheme, no prefix.",
        "The link has the name of the shared database.",
        "Joined by commas, without blanks.",
    ];
    let first = LogicalId::of(&["StackIdParameter"]);
    let resources = parameters.into_iter().zip(why).map(|((id, parameter), why)| {
        let id = LogicalId::of(&[id]);
        let depends_on = if id == first { console.after.clone() } else { vec![first.clone()] };
        Resource { condition: console.condition, depends_on, ..parameter.named(id, why) }
    });
    resources.collect()
}

/// Where CloudFormation reads the ARN from the lake stack, it must have something to change when a new external id
/// makes a new share: the template is the same but for this text. Parameter Store takes 1,024 characters of it.
fn share_description(integration: &Integration) -> String {
    let share = "The resource share of Security Lake";
    match (&integration.handoff.share, integration.lake.subscriber.external_id()) {
        (Share::StackOutput, Some(external_id)) => {
            let external_id = external_id.as_str().chars().take(900).collect::<String>();
            format!("{share} for external id {external_id}")
        }
        _ => share.to_owned(),
    }
}

fn table_names(integration: &Integration) -> Value {
    Value::Join(",", integration.lake.sources.iter().map(|source| in_region(&table_key(*source))).collect())
}
