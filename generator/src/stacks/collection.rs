//! The collection stack: it turns the log sources on, and leaves them on when it goes.

use crate::model::{Collection, Integration};
use crate::resources::{AwsLogSource, Properties};
use crate::stacks::description;
use crate::template::{Group, Keep, LogicalId, Resource, Template};
use crate::vocab::LogSource;

#[cfg(test)]
mod tests;

/// The template of the collection stack; `None` if the sources are on already.
pub(crate) fn template(integration: &Integration) -> Option<Template> {
    let collection = integration.lake.collection.as_ref()?;
    let mut resources: Vec<Resource> = Vec::new();
    for source in &integration.lake.sources {
        let before = resources.last().map(|resource| resource.id.clone());
        let resource = log_source(integration, collection, *source);
        resources.push(Resource { depends_on: before.into_iter().collect(), ..resource });
    }
    Some(Template {
        generated_from: integration.spec_file.clone(),
        description: description(integration, "the log sources that Security Lake collects"),
        parameters: Vec::new(),
        mappings: Vec::new(),
        conditions: Vec::new(),
        groups: vec![Group {
            heading: "Log sources, one after the other: a data lake takes one change at a time".into(),
            resources,
        }],
        outputs: Vec::new(),
    })
}

/// The id names neither version nor accounts: another version replaces the source, other accounts change it.
fn log_source(integration: &Integration, collection: &Collection, source: LogSource) -> Resource {
    let (accounts, why) = match collection {
        Collection::All => (None, "Collected from every account: leaving `Accounts` out means all of them."),
        Collection::Accounts(list) => {
            (Some(list.as_slice()), "Collected from these accounts only; the list changes in place.")
        }
    };
    let resource = AwsLogSource { source, version: integration.lake.source_version, accounts };
    let resource = resource.named(LogicalId::of(&["LogSource", source.label()]), why);
    Resource { keep: Keep::Switch, ..resource }
}
