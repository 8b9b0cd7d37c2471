//! `review`: findings of the policy review that are accepted.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::Text;
use crate::vocab::{AcceptedPlace, AcceptedReason, Checker, Date, RuleId};

/// The policy review.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Accepted findings: exact, reasoned, dated.
    #[serde(default)]
    #[schemars(with = "Vec<Accept>")]
    pub accept: Option<Vec<Option<Accept>>>,
    /// Checkers that are told by the templates which policies name every resource because IAM takes no other for their
    /// actions. Not proven: lakelink's tests run neither of these rules.
    #[serde(default)]
    #[schemars(with = "Vec<Text<Checker>>")]
    pub suppress: Option<Vec<Option<Text<Checker>>>>,
}

/// An accepted finding.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The rule.
    #[schemars(with = "Text<RuleId>")]
    pub rule: Option<Text<RuleId>>,
    /// The place in the templates.
    #[schemars(with = "Text<AcceptedPlace>")]
    pub at: Option<Text<AcceptedPlace>>,
    /// Narrows the acceptance to one action.
    #[serde(default)]
    #[schemars(with = "String")]
    pub action: Option<String>,
    /// Narrows the acceptance to one resource.
    #[serde(default)]
    #[schemars(with = "String")]
    pub resource: Option<String>,
    /// Why, in at least 20 characters.
    #[schemars(with = "Text<AcceptedReason>")]
    pub reason: Option<Text<AcceptedReason>>,
    /// Who answers for it.
    #[schemars(with = "String")]
    pub owner: Option<String>,
    /// The last day on which it holds.
    #[schemars(with = "Text<Date>")]
    pub until: Option<Text<Date>>,
}
