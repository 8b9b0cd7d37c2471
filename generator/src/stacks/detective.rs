//! The Detective stack: the link to the shared database, the grants, the results bucket, the queries, and what the
//! Detective console looks for.

use crate::model::{Integration, Share, Side};
use crate::resources::{Properties, ResourceLink, ShareAcceptance};
use crate::stacks::key::{self, RESULTS_KEY};
use crate::stacks::{
    REGION_MAP, acceptor, console, description, grants, in_region, lake, principals, queries, reader, results,
};
use crate::template::{Group, LogicalId, Mapping, Output, Parameter, Resource, Template, Value};
use crate::vocab::{Acceptance, LogSource, Region, ShareArn};

/// The parameter that carries the share.
pub(crate) const SHARE_PARAMETER: &str = "ResourceShareArn";
/// The logical id of the link.
pub(crate) const LINK: &str = "LinkDatabase";
/// Key of the shared database, which is also the link's name.
pub(crate) const DATABASE: &str = "Database";
/// Key of the results bucket.
pub(crate) const RESULTS_BUCKET: &str = "ResultsBucket";
/// Key of the pinned share.
const SHARE: &str = "ResourceShareArn";

/// The template of the Detective stack.
pub(crate) fn template(integration: &Integration) -> Template {
    let administrator = lake::administrator(integration, Side::Detective);
    let acceptance = acceptor::resources(integration);
    let accepted = acceptance.last().map(|acceptance| acceptance.id.clone());
    let link = link(integration, [administrator.id.clone()].into_iter().chain(accepted).collect());
    let grants = grants::resources(integration, &link.id);
    let results = results::resources(integration);
    let queries = queries::resources(integration, &results, &link.id);
    let console = console::resources(integration, &link.id, &results, &grants::last_of_each(&grants));
    let output = Output {
        name: "ResultsBucketName",
        description: "Where Athena puts query results".into(),
        value: results.bucket.clone(),
    };
    Template {
        generated_from: integration.spec_file.clone(),
        description: description(
            integration,
            "access of the Detective account to the logs that Security Lake shares",
        ),
        parameters: parameters(integration),
        mappings: vec![principals::mapping(integration), mapping(integration)],
        groups: vec![
            group("Lake Formation administrator", vec![administrator]),
            group("Acceptance of the share", acceptance),
            group("Link to the shared database", vec![link]),
            group(
                "Lake Formation grants, one chain for each principal",
                grants.into_iter().flatten().collect(),
            ),
            group("Query results", results.resources),
            group("Athena workgroup and ready queries", queries),
            group(
                "What the Detective console looks for: made last, so that it shows Enabled only when all works",
                console,
            ),
        ],
        outputs: vec![output],
    }
}

fn group(heading: &str, resources: Vec<Resource>) -> Group {
    Group { heading: heading.to_owned(), resources }
}

/// Key of a source's table.
pub(crate) fn table_key(source: LogSource) -> String {
    format!("{}Table", source.label())
}

/// The share, as what comes after it names it: what was accepted, where the stack itself accepts.
pub(crate) fn share(integration: &Integration) -> Value {
    match known_share(integration) {
        Some(arn) if integration.handoff.acceptance != Acceptance::Lambda => arn,
        _ => Value::GetAtt(acceptor::ACCEPTANCE.to_owned(), ShareAcceptance::SHARE_ARN),
    }
}

/// The share that is handed over: the parameter, the pinned one of this Region, or the output of the lake stack.
pub(crate) fn known_share(integration: &Integration) -> Option<Value> {
    match integration.handoff.share {
        Share::Parameter => Some(Value::Ref(SHARE_PARAMETER.into())),
        Share::Pinned(_) => Some(in_region(SHARE)),
        Share::StackOutput => Some(reader::share(integration)),
        Share::Discovered => None,
    }
}

fn link(integration: &Integration, first: Vec<LogicalId>) -> Resource {
    let link = ResourceLink { name: in_region(DATABASE), owner: &integration.lake.account };
    let why = "Stands for the database in the lake account; it has the same name, which Detective expects.";
    let resource = link.named(LogicalId::of(&[LINK]), why);
    Resource { depends_on: first, ..resource }
}

/// The pattern refuses the share of anybody but the lake account, and of a Region that is none of the spec, before a
/// resource is made. That it is of this very Region no pattern can say: the run-book takes it from the right stack.
fn parameters(integration: &Integration) -> Vec<Parameter> {
    if integration.handoff.share != Share::Parameter {
        return Vec::new();
    }
    let regions =
        integration.regions.all().iter().map(|region| region.as_str()).collect::<Vec<_>>().join("|");
    let (partition, account) = (integration.regions.partition(), &integration.lake.account);
    let pattern =
        format!("^arn:{partition}:ram:({regions}):{account}:resource-share/{}$", ShareArn::ID_PATTERN);
    vec![Parameter {
        name: SHARE_PARAMETER,
        description: "The output ResourceShareArn of the lake stack in the same Region".into(),
        allowed_pattern: pattern,
        constraint: format!(
            "must be the ARN of a resource share of account {account} in a Region of the spec"
        ),
    }]
}

fn mapping(integration: &Integration) -> Mapping {
    let by_region =
        integration.regions.all().iter().map(|region| (region.to_string(), names(integration, *region)));
    (REGION_MAP, by_region.collect())
}

fn names(integration: &Integration, region: Region) -> Vec<(String, Value)> {
    let lake = &integration.lake;
    let table = |source: &LogSource| source.table(lake.source_version, region);
    let mut names = vec![
        (DATABASE.to_owned(), Value::text(integration.database(region))),
        (RESULTS_BUCKET.to_owned(), Value::text(integration.results_bucket(region))),
    ];
    names.extend(lake.sources.iter().map(|source| (table_key(*source), Value::text(table(source)))));
    names.extend(key::existing(integration, region).map(|arn| (RESULTS_KEY.to_owned(), Value::text(arn))));
    if let Share::Pinned(shares) = &integration.handoff.share
        && let Some(arn) = shares.get(&region)
    {
        names.push((SHARE.to_owned(), Value::text(arn.to_string())));
    }
    names
}
