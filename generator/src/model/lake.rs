//! `lake`.

use crate::model::reading::Reading;
use crate::model::{Collection, Deployment, Lake, Subscriber, defaults};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{self, Accounts, Spec, Text};
use crate::vocab::{
    AccountId, CollectionScope, ExternalId, IntegrationName, LogSource, SourceVersion, SubscriberName, Word,
};

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
    let collection =
        lake.collection.as_ref().map(|given| collection(given, &path.key("collection"), reading));
    let subscriber = subscriber(lake.subscriber.as_ref(), name, &path.key("subscriber"), reading);
    Some(Lake {
        account: account?,
        source_version: version?,
        sources: sources?,
        subscriber: subscriber?,
        collection: match collection {
            Some(collection) => Some(collection?),
            None => None,
        },
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
    given: Option<&spec::Subscriber>,
    integration: Option<&IntegrationName>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Subscriber> {
    let nothing = spec::Subscriber::default();
    let given = given.unwrap_or(&nothing);
    let (name_path, id_path) = (path.key("name"), path.key("external_id"));
    if given.existing == Some(true) {
        for (path, is_given) in [(&name_path, given.name.is_some()), (&id_path, given.external_id.is_some())]
        {
            if is_given {
                let help = "leave it out: whoever makes the subscriber chooses it";
                let message = "an existing subscriber has this already";
                reading.fault(Code::ExistingSubscriber, path, message, help);
            }
        }
        return Some(Subscriber::Existing);
    }
    let name = match &given.name {
        None => default_subscriber(integration),
        Some(text) => reading.word(Some(text), &name_path),
    };
    let external_id = reading.word(given.external_id.as_ref(), &id_path);
    match &external_id {
        Some(id) => check_external_id(id, &id_path, reading),
        None if given.external_id.is_none() => {
            let help = "open Integrations in the Detective console of the Detective account, copy the external id, and \
                        write `external_id: …` under `lake.subscriber`; with a subscriber that somebody else makes, \
                        write `existing: true`";
            reading.fault(Code::NoExternalId, &id_path, "the subscriber has no external id", help);
        }
        None => {}
    }
    Some(Subscriber::Ours { name: name?, external_id: external_id? })
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

fn collection(given: &spec::Collection, path: &SpecPath, reading: &mut Reading) -> Option<Collection> {
    let path = path.key("accounts");
    match given.accounts.as_ref()? {
        Accounts::All(text) => {
            let CollectionScope::All = reading.word(Some(text), &path)?;
            Some(Collection::All)
        }
        Accounts::Listed(list) => listed(list, &path, reading),
    }
}

fn listed(list: &[Option<Text<AccountId>>], path: &SpecPath, reading: &mut Reading) -> Option<Collection> {
    let read = reading.words(list, path);
    for (n, (path, account)) in read.iter().enumerate() {
        if let Some((first, _)) = read[..n].iter().find(|(_, earlier)| earlier == account) {
            let message = format!("account `{account}` stands twice");
            let fault = Fault::new(Code::DuplicateAccount, message, "leave one of them out");
            reading.report(fault.at(path.clone()).also(first.clone(), "first here"));
        }
    }
    let complete = read.len() == list.len();
    complete.then(|| Collection::Accounts(read.into_iter().map(|(_, account)| account).collect()))
}
