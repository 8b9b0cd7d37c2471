//! Access for other accounts: resource shares of AWS RAM, subscribers of Security Lake.

use super::policy::aws_principal;
use super::terms::Guards;
use super::{Reading, Said, always};
use crate::review::{Condition, Part, Principal, Term, Via};

/// Reads a share or a subscriber; gives the properties that it has read.
pub(super) fn read(reading: &mut Reading<'_, '_>) -> &'static [&'static str] {
    if reading.resource.kind == "AWS::RAM::ResourceShare" {
        share(reading)
    } else {
        subscriber(reading)
    }
    &[]
}

fn share(reading: &mut Reading<'_, '_>) {
    let principals = reading.texts(&["Principals"]).into_iter();
    let principals = principals.map(|(guards, term)| (guards, shared_with(term))).collect();
    let mut permissions = reading.texts(&["PermissionArns"]);
    if permissions.is_empty() {
        permissions = always(Term::text("default"));
    }
    let resources = reading.texts(&["ResourceArns"]);
    let mut said = Said::allow(Via::Ram);
    // Without the property, principals outside the organization are allowed (reference of the type).
    if let Some(value) = reading.text(&["AllowExternalPrincipals"]).filter(|value| !value.is("true")) {
        said = said.when(Condition::new("Bool", "ram:AllowsExternalPrincipals", [value]));
    }
    let sources = reading.texts(&["Sources"]);
    if !sources.is_empty() {
        let sources = sources.into_iter().map(|(_, source)| source);
        said = said.when(Condition::new("StringEquals", "aws:SourceAccount", sources));
    }
    reading.say_each(&said, principals, permissions, resources);
}

/// An account, a role, a service, or an organization or a unit of one.
fn shared_with(term: Term) -> Principal {
    let text = term.to_string();
    if text.contains(":organizations:") {
        Principal::Other(term)
    } else if text.ends_with(".amazonaws.com") {
        Principal::Service(term)
    } else {
        aws_principal(term)
    }
}

fn subscriber(reading: &mut Reading<'_, '_>) {
    let whom = reading.texts(&["SubscriberIdentity", "Principal"]).into_iter();
    let whom = whom.map(|(guards, term)| (guards, aws_principal(term))).collect();
    let mut said = Said::allow(Via::Subscriber);
    if let Some(id) = reading.text(&["SubscriberIdentity", "ExternalId"]) {
        said = said.when(Condition::new("StringEquals", "sts:ExternalId", [id]));
    }
    let lake = reading.text(&["DataLakeArn"]).unwrap_or_default().with(Part::Text("/".to_owned()));
    let mut sources: Vec<(Guards, Term)> = Vec::new();
    let terms = reading.terms;
    let branches = reading.property(&["Sources"]).map(|node| terms.branches(node)).unwrap_or_default();
    for (guards, entry) in branches {
        let kinds = ["AwsLogSource", "CustomLogSource"].into_iter().filter_map(|kind| entry.get(kind));
        let named = kinds.map(|source| {
            let text = |key| source.get(key).map(|node| terms.term(node));
            let name = text("SourceName").unwrap_or_default();
            match text("SourceVersion") {
                Some(version) => name.with(Part::Text("@".to_owned())).followed_by(&version),
                None => name,
            }
        });
        let named = named.collect::<Vec<_>>();
        // A source in a form that is not known counts as it stands.
        let named = if named.is_empty() { vec![terms.term(entry)] } else { named };
        sources.extend(named.into_iter().map(|name| (guards.clone(), lake.clone().followed_by(&name))));
    }
    let actions = reading.texts(&["AccessTypes"]);
    reading.say_each(&said, whom, actions, sources);
}
