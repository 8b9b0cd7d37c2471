//! `lake`.

use crate::model::reading::Reading;
use crate::model::{Deployment, Lake, defaults, not_yet};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{Accounts, Collection, Spec, Subscriber, Text};
use crate::vocab::{AccountId, ExternalId, IntegrationName, LogSource, SourceVersion, SubscriberName, Word};

/// The lake account of the spec, if it can be used.
pub(crate) fn resolve(
    spec: &Spec,
    name: Option<&IntegrationName>,
    deployment: Option<Deployment>,
    reading: &mut Reading,
) -> Option<Lake> {
    let path = SpecPath::root().key("lake");
    let lake = spec.lake.as_ref()?;
    let account = reading.word(lake.account.as_ref(), &path.key("account"));
    let version_path = path.key("source_version");
    let version = reading.word_or(lake.source_version.as_ref(), &version_path, defaults::SOURCE_VERSION);
    let sources = sources(lake.sources.as_deref(), version, &path.key("sources"), reading);
    if let Some(collection) = &lake.collection {
        check_collection(collection, &path.key("collection"), reading);
    }
    let subscriber_path = path.key("subscriber");
    let (subscriber, external_id) = subscriber(lake.subscriber.as_ref(), name, &subscriber_path, reading);
    if let Some(id) = &external_id {
        check_external_id(id, &subscriber_path.key("external_id"), reading);
    }
    Some(Lake {
        account: account?,
        source_version: version?,
        sources: sources?,
        subscriber: subscriber?,
        external_id: external_id?,
        deployment: deployment?,
    })
}

fn sources(
    list: Option<&[Option<Text<LogSource>>]>,
    version: Option<SourceVersion>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Vec<LogSource>> {
    let Some(list) = list else { return Some(defaults::SOURCES.to_vec()) };
    let read = reading.words(list, path);
    for (n, (path, source)) in read.iter().enumerate() {
        if let Some((first, _)) = read[..n].iter().find(|(_, earlier)| earlier == source) {
            let fault = Fault::new(
                Code::DuplicateSource,
                format!("`{source}` stands twice"),
                "leave one of them out",
            );
            reading.report(fault.at(path.clone()).also(first.clone(), "first here"));
        }
        if version.is_some_and(|version| !source.exists_in(version)) {
            let help = "set `lake.source_version: \"2.0\"`, or leave the source out";
            let message = format!("`{source}` exists in source version 2.0 only");
            reading.fault(Code::SourceNeedsVersion2, path, message, help);
        }
        if !source.read_by_detective() {
            let help =
                "it is shared with the principals and can be queried in Athena; leave it out if nobody does";
            reading.fault(Code::SourceNotRead, path, format!("Detective does not read `{source}`"), help);
        }
    }
    let complete = read.len() == list.len();
    if complete {
        check_required(&read, path, reading);
    }
    complete.then(|| read.into_iter().map(|(_, source)| source).collect())
}

fn check_required(read: &[(SpecPath, LogSource)], path: &SpecPath, reading: &mut Reading) {
    for needed in LogSource::ALL.iter().filter(|source| source.needed_by_detective()) {
        if !read.iter().any(|(_, source)| source == needed) {
            let message = format!("`{needed}` is missing: Detective needs it");
            reading.fault(Code::RequiredSource, path, message, format!("add `{needed}` to the list"));
        }
    }
}

fn subscriber(
    subscriber: Option<&Subscriber>,
    integration: Option<&IntegrationName>,
    path: &SpecPath,
    reading: &mut Reading,
) -> (Option<SubscriberName>, Option<ExternalId>) {
    let nothing = Subscriber::default();
    let given = subscriber.unwrap_or(&nothing);
    let name_path = path.key("name");
    let name = match &given.name {
        None => default_subscriber(integration),
        Some(text) => reading.word(Some(text), &name_path),
    };
    let id_path = path.key("external_id");
    let id = reading.word(given.external_id.as_ref(), &id_path);
    if given.existing == Some(true) {
        for (path, key) in [(&name_path, given.name.is_some()), (&id_path, given.external_id.is_some())] {
            if key {
                let help = "leave it out: whoever makes the subscriber chooses it";
                reading.fault(
                    Code::ExistingSubscriber,
                    path,
                    "an existing subscriber has this already",
                    help,
                );
            }
        }
        reading.report(not_yet::problem("a subscriber that exists", &path.key("existing")));
    } else if given.external_id.is_none() {
        let help = "open Integrations in the Detective console of the Detective account, copy the external id, and write \
                    `external_id: …` under `lake.subscriber`";
        reading.report(Fault::new(Code::NoExternalId, "the subscriber has no external id", help).at(id_path));
    }
    (name, id)
}

/// The subscriber's name in a spec that gives none.
pub(crate) fn default_subscriber(integration: Option<&IntegrationName>) -> Option<SubscriberName> {
    SubscriberName::read(&format!("lakelink-{}", integration?)).ok()
}

fn check_external_id(id: &ExternalId, path: &SpecPath, reading: &mut Reading) {
    let text = id.as_str();
    let help = "copy the one that the Integrations page of the Detective console shows";
    if text == defaults::EXTERNAL_ID_PLACEHOLDER {
        reading.fault(Code::NoExternalId, path, "the external id is still the one of `init`", help);
        return;
    }
    if AccountId::read(text).is_ok() {
        let message = format!("the external id `{text}` is an account id, which can be guessed");
        reading.fault(Code::GuessableExternalId, path, message, help);
    } else if text.len() < defaults::SHORT_EXTERNAL_ID {
        let message = format!("the external id has {} characters", text.len());
        reading.fault(Code::ShortExternalId, path, message, help);
    }
}

fn check_collection(collection: &Collection, path: &SpecPath, reading: &mut Reading) {
    let accounts = path.key("accounts");
    match &collection.accounts {
        None => {}
        Some(Accounts::All(text)) => drop(reading.word(Some(text), &accounts)),
        Some(Accounts::Listed(list)) => drop(reading.words(list, &accounts)),
    }
    reading.report(not_yet::problem("collection", path));
}
