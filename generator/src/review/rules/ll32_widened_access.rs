//! LL32: access that became wider. Found by the comparison of two versions.

use super::{Acceptable, Look, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "LL32",
    slug: "widened-access",
    severity: Severity::Error,
    acceptance: Acceptable::WithReason,
    says: "access that was there is wider now: a condition, a Deny or a boundary is gone, or a value covers more; or it \
           cannot be compared",
    why: "a widening hides in a changed line; other tools show it as one line gone and another one new",
    counterparts: &["cdk diff shows remove and add"],
    remedy: "keep the limit, or accept the widening with a reason",
    look: Look::Compared,
};
