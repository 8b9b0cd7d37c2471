//! `review.accept`.

use std::collections::BTreeSet;

use crate::model::reading::Reading;
use crate::problem::SpecPath;
use crate::spec::{Accept, Review};
use crate::vocab::{AcceptedPlace, AcceptedReason, Checker, Date, RuleId};

/// A finding of the review that the spec accepts.
#[derive(Clone, Debug, PartialEq)]
pub struct AcceptedFinding {
    /// The rule.
    pub rule: RuleId,
    /// Where: STACK/ID, with /SID or /#n for one statement.
    pub at: AcceptedPlace,
    /// Only for this action.
    pub action: Option<String>,
    /// Only for this resource.
    pub resource: Option<String>,
    /// Why.
    pub reason: AcceptedReason,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub until: Date,
}

/// The acceptances, without those that were reported.
pub(crate) fn resolve(review: Option<&Review>, reading: &mut Reading) -> Vec<AcceptedFinding> {
    let list = review.and_then(|review| review.accept.as_deref()).unwrap_or_default();
    let path = SpecPath::root().key("review").key("accept");
    let items = list.iter().enumerate().filter_map(|(n, item)| Some((n, item.as_ref()?)));
    items.filter_map(|(n, item)| one(item, &path.item(n), reading)).collect()
}

/// The checkers of `review.suppress`.
pub(crate) fn suppress(review: Option<&Review>, reading: &mut Reading) -> BTreeSet<Checker> {
    let list = review.and_then(|review| review.suppress.as_deref()).unwrap_or_default();
    let path = SpecPath::root().key("review").key("suppress");
    reading.words(list, &path).into_iter().map(|(_, checker)| checker).collect()
}

fn one(item: &Accept, path: &SpecPath, reading: &mut Reading) -> Option<AcceptedFinding> {
    let rule = reading.word(item.rule.as_ref(), &path.key("rule"));
    let at = reading.word(item.at.as_ref(), &path.key("at"));
    let reason = reading.word(item.reason.as_ref(), &path.key("reason"));
    let until = reading.word(item.until.as_ref(), &path.key("until"));
    let (action, resource) = (item.action.clone(), item.resource.clone());
    let owner = item.owner.clone();
    Some(AcceptedFinding {
        rule: rule?,
        at: at?,
        action,
        resource,
        reason: reason?,
        owner: owner?,
        until: until?,
    })
}
