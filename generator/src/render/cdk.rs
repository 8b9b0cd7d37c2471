//! `outputs: cdk`: a cloud assembly, which is what the CDK CLI deploys: a manifest and templates. No CDK app is behind it, and
//! the accounts need no bootstrap: a template that is large enough for a bucket is refused (`sent_bytes`).
//!
//! The format is that of `@aws-cdk/cloud-assembly-schema`. A CLI takes properties that it does not know without a word, so
//! their names are held against that schema in the tests.

mod sent;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::files::NOTE;
use crate::model::{Integration, Stack};
use crate::render::json;
use crate::stacks::StackTemplate;
pub(crate) use sent::bytes as sent_bytes;

use crate::vocab::{ExternalId, Region, RoleArn};

/// The version of the schema. A CLI refuses what is above its own and takes what is below: 2.100.0, of 2023, takes this
/// one and refuses 36.0.0.
const VERSION: &str = "34.0.0";

#[derive(Serialize)]
struct Manifest<'a> {
    /// JSON has no comments.
    note: String,
    version: &'static str,
    #[serde(serialize_with = "by_id")]
    artifacts: Vec<(String, Artifact<'a>)>,
}

/// A stack in a Region.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    environment: String,
    /// What stacks are picked by on the command line.
    display_name: String,
    properties: Properties<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    template_file: String,
    stack_name: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    termination_protection: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assume_role_external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cloud_formation_execution_role_arn: Option<String>,
}

/// The files, by their paths below the folder of the integration. `stacks` are all its stacks.
pub fn files(integration: &Integration, stacks: &[StackTemplate]) -> Vec<(String, String)> {
    let manifest = Manifest {
        note: format!("{NOTE}{}.", integration.spec_file),
        version: VERSION,
        artifacts: artifacts(integration),
    };
    let template = |one: &StackTemplate| {
        (format!("cdk/{}", template_file(one.stack)), json::pretty(&one.template.sections()))
    };
    let manifest = ("cdk/manifest.json".to_owned(), json::document(&manifest));
    [manifest].into_iter().chain(stacks.iter().map(template)).collect()
}

/// In the order in which stacks are deployed.
fn artifacts(integration: &Integration) -> Vec<(String, Artifact<'_>)> {
    let stacks = integration.stacks().into_iter();
    let artifacts = stacks.flat_map(|stack| {
        let regions = integration.regions_of(stack).into_iter();
        regions.map(move |region| (id(integration, stack, region), artifact(integration, stack, region)))
    });
    artifacts.collect()
}

fn artifact(integration: &Integration, stack: Stack, region: Region) -> Artifact<'_> {
    let (account, role) = (integration.account(stack.side()), integration.assumed_role(stack));
    let external_id = integration.deployment(stack.side()).external_id.as_ref();
    Artifact {
        kind: "aws:cloudformation:stack",
        environment: format!("aws://{account}/{region}"),
        display_name: format!("{region}/{}", stack.stem()),
        properties: Properties {
            template_file: template_file(stack),
            stack_name: integration.stack_name(stack),
            tags: &integration.tags,
            // Its deletion cuts Detective off.
            termination_protection: (stack == Stack::Lake).then_some(true),
            assume_role_arn: role.map(RoleArn::to_string),
            assume_role_external_id: role.and(external_id).map(ExternalId::to_string),
            cloud_formation_execution_role_arn: (!stack.is_roles())
                .then(|| integration.execution_role_arn(stack.side())),
        },
        dependencies: dependencies(integration, stack, region),
    }
}

/// All that goes before a stack, not only what goes right before: if a part is chosen on the command line, its order
/// stays.
fn dependencies(integration: &Integration, stack: Stack, region: Region) -> Vec<String> {
    if stack.is_roles() {
        return Vec::new();
    }
    let lake = integration.lake_region_of(stack, region);
    let before = integration.stacks().into_iter().take_while(|other| *other != stack);
    let before = before.map(|other| {
        let region = if other.is_roles() { integration.regions.home() } else { lake };
        id(integration, other, region)
    });
    before.collect()
}

fn id(integration: &Integration, stack: Stack, region: Region) -> String {
    format!("{}-{region}", integration.stack_name(stack))
}

fn template_file(stack: Stack) -> String {
    format!("{}.template.json", stack.stem())
}

fn by_id<S: Serializer>(artifacts: &[(String, Artifact<'_>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(artifacts.iter().map(|(id, artifact)| (id, artifact)))
}
