//! LL33: acceptances that accept nothing. Found where acceptances are applied.

use super::{Acceptable, Look, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "LL33",
    slug: "stale-acceptance",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "an acceptance of the spec fits no finding or more than one, is past its day, or is of a rule that takes none",
    why: "an acceptance that nobody needs waits for a finding that nobody has seen",
    counterparts: &["asked for in cdklabs/cdk-nag#833, seen in github/gh-aw#38859"],
    remedy: "take it out, narrow it with `action` and `resource`, or renew `until` with the reason looked at again",
    look: Look::Acceptances,
};
