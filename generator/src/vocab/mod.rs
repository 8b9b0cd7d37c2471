//! The words that every stage may use: ids, ARNs, Regions, log sources. Each is a type with private fields, made
//! only by reading text, and the pattern that reads it is the pattern that the JSON Schema shows.
//!
//! Nothing here knows the spec, a template or a file.

#[macro_use]
mod macros;

mod arn;
mod choices;
mod crawler;
mod either;
mod ids;
mod region;
mod resource_arn;
mod schedule;
mod source;

use std::borrow::Cow;

use schemars::Schema;

use crate::problem::{Code, Fault, shown};

pub use arn::{LONGEST_PRINCIPAL, PrincipalArn, PrincipalKind, RoleArn};
pub use choices::{
    Acceptance, AttachPolicy, BucketOwner, CallAs, Checker, CollectionScope, CrawlerKind, EncryptionKind,
    GrantOn, OutputKind, PermissionModel, RolloutMethod, ServiceRole, ShareHandOff, WorkgroupNone,
};
pub use crawler::RefusedCrawler;
pub use either::Either;
pub use ids::{
    AcceptedPlace, AcceptedReason, AccountId, BaseFile, Bucket, Date, ExternalId, IntegrationName,
    OrganizationId, OrganizationalUnit, ProfileName, RolePath, RuleId, SubscriberName,
};
pub use region::{Partition, Region};
pub use resource_arn::{Boundary, KeyArn, ShareArn};
pub use schedule::Schedule;
pub use source::{LogSource, SourceVersion};

/// Text of the spec that stands for one thing.
pub trait Word: Sized {
    /// The name of the type in the JSON Schema.
    fn name() -> Cow<'static, str>;

    /// The JSON Schema of the text: pattern or allowed words, description, examples.
    fn schema() -> Schema;

    /// Reads the text.
    ///
    /// # Errors
    /// A [`Fault`] that says why the text is not this word and what to write.
    fn read(text: &str) -> Result<Self, Fault>;
}

/// The known word nearest to `text`, if it is near enough to be what was meant.
pub fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_ascii_lowercase().replace('-', "_");
    let scored = known.into_iter().map(|word| {
        let plain = word.to_ascii_lowercase().replace('-', "_");
        (strsim::damerau_levenshtein(&wanted, &plain), word)
    });
    let (distance, word) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 4).then_some(word)
}

/// The fault of a word that is none of the allowed ones.
pub(crate) fn not_one_of(code: Code, text: &str, what: &str, known: &[&str]) -> Fault {
    let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let help = match nearest(text, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`? allowed: {list}"),
        None => format!("allowed: {list}"),
    };
    Fault::new(code, format!("{} is not {what}", shown(text)), help)
}
