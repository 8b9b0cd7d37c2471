//! The Detective stack: the link to the shared database, the grants, the results bucket, the queries, and what the
//! Detective console looks for.

use crate::model::{Integration, Share, Side};
use crate::resources::{Properties, ResourceLink, ShareAcceptance};
use crate::stacks::console::Console;
use crate::stacks::key::{self, RESULTS_KEY};
use crate::stacks::results::Results;
use crate::stacks::{
    REGION_MAP, acceptor, console, crawler, description, grants, in_region, lake, principals, queries,
    reader, results,
};
use crate::template::{Condition, Group, LogicalId, Mapping, Output, Parameter, Resource, Template, Value};
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
/// Key of where the Detective console is that reads this lake, and what it can say.
const CONSOLE: &str = "Console";
const HERE: &str = "here";
const ELSEWHERE: &str = "elsewhere";
/// The condition that it is in the stack's own Region.
const CONSOLE_IS_HERE: &str = "ConsoleIsHere";

/// The template of the Detective stack.
pub(crate) fn template(integration: &Integration) -> Template {
    let administrator = lake::administrator(integration, Side::Detective);
    let acceptance = acceptor::resources(integration);
    let accepted = acceptance.last().map(|acceptance| acceptance.id.clone());
    let link = link(integration, [administrator.id.clone()].into_iter().chain(accepted).collect());
    let grants = grants::resources(integration, &link.id);
    let results = results::resources(integration);
    let queries = queries::resources(integration, &results, &link.id);
    let evidence = crawler::resources(integration, &administrator.id, &results);
    let console = console(integration, &link.id, &results, &grants::last_of_each(&grants));
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
        conditions: conditions(integration),
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
            group("Saved evidence: Detective needs none of it", evidence),
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

/// In which of its Regions the stack makes what the console looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Consoles {
    Everywhere,
    Somewhere,
    Nowhere,
}

impl Consoles {
    fn of(integration: &Integration) -> Self {
        let detective = integration.regions.detective();
        let lake = integration.regions.lake();
        match lake.iter().filter(|region| detective.contains(region)).count() {
            0 => Self::Nowhere,
            count if count == lake.len() => Self::Everywhere,
            _ => Self::Somewhere,
        }
    }
}

/// The five parameters, last of all.
fn console(
    integration: &Integration,
    link: &LogicalId,
    results: &Results,
    last_grants: &[LogicalId],
) -> Vec<Resource> {
    let condition = match Consoles::of(integration) {
        Consoles::Everywhere => None,
        Consoles::Somewhere => Some(CONSOLE_IS_HERE),
        Consoles::Nowhere => return Vec::new(),
    };
    let console = Console {
        share: share(integration),
        bucket: results.bucket.clone(),
        database: Value::Ref(link.to_string()),
        condition,
        after: last_grants.iter().chain(&results.policy).cloned().collect(),
        why: "Waits for every grant and for the bucket policy; the other four wait for this one.",
    };
    console::resources(integration, console)
}

fn conditions(integration: &Integration) -> Vec<Condition> {
    if Consoles::of(integration) != Consoles::Somewhere {
        return Vec::new();
    }
    let is_here = Value::Equals(Box::new(in_region(CONSOLE)), Box::new(HERE.into()));
    vec![Condition {
        name: CONSOLE_IS_HERE,
        why: "Elsewhere the stack makes nothing that a console looks for: the console stack of another Region does."
            .into(),
        value: is_here,
    }]
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

/// Only the console is told the share, and the function that accepts it.
fn parameters(integration: &Integration) -> Vec<Parameter> {
    let is_used = Consoles::of(integration) != Consoles::Nowhere
        || integration.handoff.acceptance == Acceptance::Lambda;
    if integration.handoff.share != Share::Parameter || !is_used {
        return Vec::new();
    }
    let description = "The output ResourceShareArn of the lake stack in the same Region";
    vec![share_parameter(integration, &integration.regions.lake(), description)]
}

/// The pattern refuses the share of anybody but the lake account, and of a Region that is none of these, before a
/// resource is made. That it is of the very Region no pattern can say: the run-book takes it from the right stack.
pub(crate) fn share_parameter(integration: &Integration, regions: &[Region], description: &str) -> Parameter {
    let regions = regions.iter().map(|region| region.as_str()).collect::<Vec<_>>().join("|");
    let (partition, account) = (integration.regions.partition(), &integration.lake.account);
    let pattern =
        format!("^arn:{partition}:ram:({regions}):{account}:resource-share/{}$", ShareArn::ID_PATTERN);
    Parameter {
        name: SHARE_PARAMETER,
        description: description.to_owned(),
        allowed_pattern: pattern,
        constraint: format!(
            "must be the ARN of a resource share of account {account} in a Region of the spec"
        ),
    }
}

fn mapping(integration: &Integration) -> Mapping {
    let differs = Consoles::of(integration) == Consoles::Somewhere;
    let detective = integration.regions.detective();
    let by_region = integration.regions.lake().into_iter().map(|region| {
        let mut names = names(integration, region);
        let key = key::existing(integration, region);
        names.extend(key.map(|arn| (RESULTS_KEY.to_owned(), Value::text(arn))));
        names.extend(pinned_share(integration, region));
        let console = if detective.contains(&region) { HERE } else { ELSEWHERE };
        names.extend(differs.then(|| (CONSOLE.to_owned(), Value::text(console))));
        (region.to_string(), names)
    });
    (REGION_MAP, by_region.collect())
}

/// What is called how for a lake Region: the shared database, the results bucket, the shared tables.
pub(crate) fn names(integration: &Integration, region: Region) -> Vec<(String, Value)> {
    let lake = &integration.lake;
    let table = |source: &LogSource| source.table(lake.source_version, region);
    let mut names = vec![
        (DATABASE.to_owned(), Value::text(integration.database(region))),
        (RESULTS_BUCKET.to_owned(), Value::text(integration.results_bucket(region))),
    ];
    names.extend(lake.sources.iter().map(|source| (table_key(*source), Value::text(table(source)))));
    names
}

/// The share of a lake Region, where the spec pins it.
pub(crate) fn pinned_share(integration: &Integration, region: Region) -> Option<(String, Value)> {
    match &integration.handoff.share {
        Share::Parameter | Share::StackOutput | Share::Discovered => None,
        Share::Pinned(shares) => {
            shares.get(&region).map(|arn| (SHARE.to_owned(), Value::text(arn.to_string())))
        }
    }
}
