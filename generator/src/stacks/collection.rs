//! The collection stack: it turns the log sources on, and leaves them on when it goes.

use crate::model::{Collection, Integration};
use crate::resources::{AwsLogSource, Properties};
use crate::stacks::description;
use crate::template::{Group, Keep, LogicalId, Resource, Template};
use crate::vocab::LogSource;

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

#[cfg(test)]
mod tests {
    use super::template;
    use crate::check::check;
    use crate::model::{Collection, Integration};
    use crate::template::{Keep, Template};
    use crate::vocab::{LogSource, SourceVersion};

    fn integration(collection: Option<Collection>) -> Integration {
        let spec = "name: acme\nregions: [us-east-1]\n\
            lake:\n  account: \"111122223333\"\n  sources: [vpc_flow, eks_audit, cloud_trail_mgmt]\n  \
            subscriber:\n    external_id: 7f3c9a51-acme-detective\n\
            detective:\n  account: \"444455556666\"\n  principals:\n    - arn:aws:iam::444455556666:role/SecurityAnalyst\n";
        let mut checked = check(vec![("acme.yaml".into(), spec.into())]).unwrap();
        let mut integration = checked.remove(0).rendered.unwrap().integration;
        integration.lake.collection = collection;
        integration
    }

    fn ids(template: &Template) -> Vec<&str> {
        template.resources().map(|resource| resource.id.as_str()).collect()
    }

    #[test]
    fn there_is_none_for_sources_that_are_on() {
        assert_eq!(template(&integration(None)), None);
    }

    #[test]
    fn each_source_waits_for_the_one_before_and_stays_on() {
        let template = template(&integration(Some(Collection::All))).unwrap();
        let ids = ids(&template);
        assert_eq!(ids, ["LogSourceVpcFlow", "LogSourceEksAudit", "LogSourceCloudTrailMgmt"]);
        for (n, resource) in template.resources().enumerate() {
            let before = n.checked_sub(1).map(|n| ids[n]);
            let waits_for = resource.depends_on.iter().map(|id| id.as_str());
            assert_eq!(waits_for.collect::<Vec<_>>(), Vec::from_iter(before));
            assert_eq!(resource.keep, Keep::Switch);
        }
    }

    #[test]
    fn ids_follow_neither_the_version_nor_the_accounts() {
        let mut integration = integration(Some(Collection::All));
        let all = template(&integration).unwrap();
        let one = vec![integration.lake.account.clone()];
        integration.lake.collection = Some(Collection::Accounts(one));
        integration.lake.source_version = SourceVersion::V1;
        integration.lake.sources.retain(|source| *source != LogSource::EksAudit);
        let listed = template(&integration).unwrap();
        assert!(ids(&listed).iter().all(|id| ids(&all).contains(id)), "{:?}", ids(&listed));
    }
}
