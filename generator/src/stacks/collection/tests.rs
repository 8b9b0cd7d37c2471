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
