//! The roles stacks: all IAM of an account, once, in the home Region.

use crate::iam::{MissingType, derive};
use crate::model::{Duty, ExecutionRole, Integration, Side};
use crate::policy::{Document, Statement};
use crate::resources::{Kind, ManagedPolicy, Properties, Role};
use crate::stacks::{acceptor, analyst, crawler, deployer, description, reader, scopes};
use crate::template::{Group, LogicalId, Resource, Template, Value};
use crate::vocab::Boundary;

#[cfg(test)]
mod tests;

/// A managed policy of the service role: a duty, and the resource types that it deploys.
struct Part {
    /// The last word of the policy's name and id.
    word: &'static str,
    /// What it lets CloudFormation deploy.
    what: &'static str,
    /// The types, each with the first word of its Sids.
    kinds: &'static [(Kind, &'static str)],
}

/// The part that the hand-off of the share belongs to.
const HAND_OFF: &str = "HandOff";

/// The part that the key for query results belongs to.
const KEY: &str = "Key";

/// The parts of the service roles. Together they cover every type of the Regional templates; a type that stands in
/// none of them is an error of [`template`]. Split by duty, and so that each fits into a managed policy for every
/// Region that there is.
const PARTS: &[Part] = &[
    Part {
        word: "Administrator",
        what: "the Lake Formation administrator",
        kinds: &[(Kind::LakeFormationSettings, "Administrator")],
    },
    Part {
        word: HAND_OFF,
        what: "the hand-off of the share",
        kinds: &[
            (Kind::LogsLogGroup, "Log"),
            (Kind::LambdaFunction, "Function"),
            (Kind::CustomShareAcceptance, "Acceptance"),
        ],
    },
    Part { word: "Link", what: "the link", kinds: &[(Kind::GlueDatabase, "Link")] },
    Part { word: "Crawler", what: "the crawler", kinds: &[(Kind::GlueCrawler, "Crawler")] },
    Part {
        word: "Grants",
        what: "the Lake Formation grants",
        kinds: &[(Kind::LakeFormationPermissions, "Grants")],
    },
    Part {
        word: "Results",
        what: "the results bucket and its policy",
        kinds: &[(Kind::S3Bucket, "Bucket"), (Kind::S3BucketPolicy, "BucketPolicy")],
    },
    Part {
        word: KEY,
        what: "the key for query results",
        kinds: &[(Kind::KmsKey, "Key"), (Kind::KmsAlias, "Alias")],
    },
    Part {
        word: "Queries",
        what: "the workgroup, the ready queries and the console parameters",
        kinds: &[
            (Kind::AthenaWorkGroup, "Workgroup"),
            (Kind::AthenaNamedQuery, "Queries"),
            (Kind::SsmParameter, "Console"),
        ],
    },
    Part {
        word: "Collection",
        what: "the log sources",
        kinds: &[(Kind::SecurityLakeLogSource, "LogSource")],
    },
    Part {
        word: "Subscriber",
        what: "the subscriber, its share and its role",
        kinds: &[(Kind::SecurityLakeSubscriber, "Subscriber")],
    },
];

/// The template of a roles stack. `kinds` are the resource types that the Regional templates of the account contain.
///
/// # Errors
/// [`MissingType`] if the permissions of a type are not known.
pub(crate) fn template(
    integration: &Integration,
    side: Side,
    kinds: &[Kind],
) -> Result<Template, MissingType> {
    let mut groups = Vec::new();
    let has_service_role = integration.deployment(side).execution == ExecutionRole::Service;
    if has_service_role {
        groups.push(Group {
            heading: "CloudFormation service role: what the Regional stacks run as".into(),
            resources: service_role(integration, side, kinds)?,
        });
    }
    let hand_off = match side {
        Side::Lake => reader::iam(integration),
        Side::Detective => acceptor::iam(integration),
    };
    groups.push(Group { heading: "Hand-off of the share".into(), resources: hand_off });
    groups.push(Group { heading: "Deployer".into(), resources: vec![deployer::resource(integration, side)] });
    if side == Side::Detective {
        groups.push(Group { heading: "People".into(), resources: analyst::resources(integration) });
        if integration.detective.crawler.is_some() {
            groups.push(Group { heading: "Crawler".into(), resources: crawler::role(integration) });
        }
    }
    let text = match side {
        Side::Lake if has_service_role => {
            "IAM of the Security Lake account: service role and deployer policy"
        }
        Side::Lake => "IAM of the Security Lake account: deployer policy",
        Side::Detective if has_service_role => {
            "IAM of the Detective account: service role, deployer and analyst policies"
        }
        Side::Detective => "IAM of the Detective account: deployer and analyst policies",
    };
    Ok(Template {
        generated_from: integration.spec_file.clone(),
        description: description(integration, text),
        parameters: Vec::new(),
        mappings: Vec::new(),
        conditions: Vec::new(),
        groups,
        outputs: Vec::new(),
    })
}

fn service_role(integration: &Integration, side: Side, kinds: &[Kind]) -> Result<Vec<Resource>, MissingType> {
    let policies = policies(integration, side, kinds, Duty::Cloudformation(side), "ServiceRole")?;
    let role = role(integration, side, policies.iter().map(|policy| policy.id.clone()).collect());
    Ok([role].into_iter().chain(policies).collect())
}

/// What a role needs as which CloudFormation deploys Regional stacks of these types. `duty` and `id` are how the names
/// and the logical ids of the policies begin.
pub(crate) fn policies(
    integration: &Integration,
    side: Side,
    kinds: &[Kind],
    duty: Duty,
    id: &str,
) -> Result<Vec<Resource>, MissingType> {
    let covered = |kind: &Kind| PARTS.iter().any(|part| part.kinds.iter().any(|(known, _)| known == kind));
    if let Some(kind) = kinds.iter().find(|kind| !covered(kind)) {
        return Err(MissingType(format!("{} in PARTS", kind.as_str())));
    }
    let mut policies = Vec::new();
    for part in PARTS {
        let mut statements = part_statements(integration, side, part, kinds)?;
        // No handler reads the output of the lake stack, but CloudFormation itself.
        if part.word == HAND_OFF && side == Side::Detective {
            statements.extend(reader::assume(integration));
        }
        if part.word == KEY && !statements.is_empty() {
            statements.push(scopes::key_tags(integration));
        }
        if !statements.is_empty() {
            policies.push(part_policy(integration, part, statements, duty, id));
        }
    }
    Ok(policies)
}

fn part_statements(
    integration: &Integration,
    side: Side,
    part: &Part,
    kinds: &[Kind],
) -> Result<Vec<Statement>, MissingType> {
    let mut statements = Vec::new();
    for (kind, duty) in part.kinds.iter().filter(|(kind, _)| kinds.contains(kind)) {
        let everywhere = [scopes::regions(integration, *kind)];
        let scope = |service: &str, resource: &str, action: &str| {
            scopes::scope(integration, side, *kind, service, resource, action)
        };
        statements.extend(derive(kind.as_str(), duty, &everywhere, scope)?);
    }
    Ok(statements)
}

fn part_policy(
    integration: &Integration,
    part: &Part,
    statements: Vec<Statement>,
    duty: Duty,
    id: &str,
) -> Resource {
    let policy = ManagedPolicy {
        name: format!("{}-{}", integration.iam_name(duty), part.word.to_ascii_lowercase()),
        path: integration.role_path.to_string(),
        description: format!("Lets CloudFormation deploy {} of lakelink {}", part.what, integration.name),
        roles: Vec::new(),
        document: Document(statements),
    };
    let why = format!("What the resource handlers of CloudFormation call for {}.", part.what);
    policy.named(LogicalId::of(&[id, part.word, "Policy"]), why)
}

fn role(integration: &Integration, side: Side, policies: Vec<LogicalId>) -> Resource {
    let role = Role {
        name: integration.iam_name(Duty::Cloudformation(side)),
        path: integration.role_path.to_string(),
        description: format!(
            "CloudFormation runs the Regional {} stacks of lakelink {} as this role",
            side.word(),
            integration.name
        ),
        trust: Document(vec![Statement::trust("CloudFormationOnly", "cloudformation.amazonaws.com")]),
        policies,
        boundary: boundary(integration, side),
    };
    role.named(
        LogicalId::of(&["ServiceRole"]),
        "Only CloudFormation can be it, and only for who may pass it.",
    )
}

/// The permissions boundary of every role that is made in an account.
pub(crate) fn boundary(integration: &Integration, side: Side) -> Option<Value> {
    let (account, name) = match integration.deployment(side).boundary.as_ref()? {
        Boundary::Named(name) => ("${AWS::AccountId}", name),
        Boundary::Arn { account: None, path_and_name, .. } => ("aws", path_and_name),
        Boundary::Arn { account: Some(_), path_and_name, .. } => ("${AWS::AccountId}", path_and_name),
    };
    Some(Value::sub(format!("arn:${{AWS::Partition}}:iam::{account}:policy/{}", Value::literal(name))))
}
