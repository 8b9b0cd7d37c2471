//! The lake stack: the subscriber, and the right to make it.

use crate::model::{Integration, Side, Subscriber};
use crate::resources::{self, Administrator, Properties};
use crate::stacks::{description, execution_role_arn};
use crate::template::{Group, Keep, LogicalId, Output, Resource, Template, Value};
use crate::vocab::{ExternalId, SubscriberName};

/// The output that is the ARN of the share.
pub(crate) const SHARE_OUTPUT: &str = "ResourceShareArn";

/// The template of the lake stack; `None` if somebody else makes the subscriber.
pub(crate) fn template(integration: &Integration) -> Option<Template> {
    let Subscriber::Ours { name, external_id } = &integration.lake.subscriber else { return None };
    let administrator = administrator(integration, Side::Lake);
    let mut subscriber = subscriber(integration, name, external_id);
    subscriber.depends_on.push(administrator.id.clone());
    let outputs = outputs(&subscriber.id);
    Some(Template {
        generated_from: integration.spec_file.clone(),
        description: description(
            integration,
            "the Security Lake subscriber that shares logs with the Detective account",
        ),
        parameters: Vec::new(),
        mappings: Vec::new(),
        conditions: Vec::new(),
        groups: vec![
            Group { heading: "Lake Formation administrator".into(), resources: vec![administrator] },
            Group { heading: "Subscriber".into(), resources: vec![subscriber] },
        ],
        outputs,
    })
}

/// The role that CloudFormation acts as becomes an administrator: in the lake account to make the subscriber, in
/// the Detective account to grant. Kept, because taking it out of a list that others share is done by API, with a
/// look at what is there.
pub(crate) fn administrator(integration: &Integration, side: Side) -> Resource {
    let why = match side {
        Side::Lake => {
            "Security Lake lets only a data lake administrator make a subscriber; others stay as they are."
        }
        Side::Detective => {
            "Only a data lake administrator may grant what another account shares; analysts never become one."
        }
    };
    let role = execution_role_arn(integration, side);
    let resource = Administrator { role }.named(LogicalId::of(&["ExecutionRoleAdministrator"]), why);
    Resource { keep: Keep::Always, ..resource }
}

fn subscriber(integration: &Integration, name: &SubscriberName, external_id: &ExternalId) -> Resource {
    let lake = &integration.lake;
    let subscriber = resources::Subscriber {
        name,
        description: format!("Amazon Detective in account {} by lakelink", integration.detective.account),
        principal: &integration.detective.account,
        external_id,
        sources: &lake.sources,
        version: lake.source_version,
    };
    // The access type is part of the id: Security Lake cannot change it in place.
    let id = LogicalId::of(&["LakeFormationSubscriber"]);
    subscriber.named(id, "Shares the tables by AWS RAM; a new external id or account makes a new share.")
}

fn outputs(subscriber: &LogicalId) -> Vec<Output> {
    let output = |name, attribute, description: &str| Output {
        name,
        description: description.to_owned(),
        value: Value::GetAtt(subscriber.to_string(), attribute),
    };
    vec![
        output(SHARE_OUTPUT, "ResourceShareArn", "The resource share: pass it to the Detective stack"),
        output(
            "ResourceShareName",
            "ResourceShareName",
            "The name of the resource share, as its invitation shows it",
        ),
        output("SubscriberArn", "SubscriberArn", "The subscriber"),
    ]
}
