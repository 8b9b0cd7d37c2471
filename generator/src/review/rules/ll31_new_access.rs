//! LL31: access that was not there. Found by the comparison of two versions.

use super::{Acceptable, Look, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "LL31",
    slug: "new-access",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "a statement, a trust, a grant or a share gives access that the other version did not give",
    why: "new access is what a reviewer is asked to approve",
    counterparts: &["cdk diff --require-approval broadening", "IAM Access Analyzer CheckNoNewAccess"],
    remedy: "approve it, accept it with a reason, or take it away",
    look: Look::Compared,
};
