//! What a reviewer should stop at: one file for each rule, [`RULES`] the list of them.
//!
//! A rule is data (what it says, why, what to do) and one function from what is reviewed to findings. A finding is about
//! an exact thing: a statement, and where it matters an action and a resource of it. So an acceptance of one never
//! covers what is added later.

mod accept;
mod arns;
mod by_code;
mod compared;
mod finding;
mod ll01_unknown_action;
mod ll02_action_wildcard;
mod ll03_star_where_scopable;
mod ll04_explained_star;
mod ll05_arn_does_not_fit_action;
mod ll06_condition_not_supported;
mod ll07_weak_operator;
mod ll08_negated_element;
mod ll09_passrole_open;
mod ll10_wildcard_principal;
mod ll11_foreign_account;
mod ll12_external_id_missing;
mod ll13_service_without_source;
mod ll14_trust_not_in_duty;
mod ll15_accept_any_share;
mod ll16_accept_not_needed;
mod ll17_lf_settings_writer;
mod ll18_lf_admin_permanent;
mod ll19_lf_grant_wider;
mod ll20_lf_grant_option;
mod ll21_subscriber_wider;
mod ll22_link_target_mismatch;
mod ll23_deploy_role_admin;
mod ll24_access_decided_late;
mod ll25_foreign_code;
mod ll26_results_readable;
mod ll27_results_in_clear;
mod ll28_kms_open;
mod ll29_workgroup_escape;
mod ll30_analyst_can_change;
mod ll31_new_access;
mod ll32_widened_access;
mod ll33_stale_acceptance;
mod origin;
mod read;
mod registry;
mod results;
mod subject;

pub use accept::{accept, accept_changes};
pub use compared::of_change;
pub use finding::{Acceptable, Finding, Severity};
pub use origin::{origin, origin_of_change};
pub use registry::RULES;
pub use subject::Subject;

use finding::Found;

/// A rule of the review.
#[derive(Debug)]
pub struct Rule {
    /// Its stable id, like `LL18`.
    pub id: &'static str,
    /// Its name in a few words, like `lf-admin-permanent`.
    pub slug: &'static str,
    /// How much it matters; a finding may matter less.
    pub severity: Severity,
    /// Whether its findings can be accepted; a finding may differ.
    pub acceptance: Acceptable,
    /// What it finds.
    pub says: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What other tools call it; empty if they do not look.
    pub counterparts: &'static [&'static str],
    /// What to do.
    pub remedy: &'static str,
    look: Look,
}

/// Where a rule's findings come from.
#[derive(Debug)]
enum Look {
    /// Looking at what is there.
    Always(fn(&Subject<'_>, &mut Found)),
    /// The same, against what the spec says.
    WithSpec(fn(&Subject<'_>, &mut Found)),
    /// Comparing two versions.
    Compared,
    /// The acceptances of the spec.
    Acceptances,
}

impl Rule {
    /// The rule with an id, in any case.
    pub fn find(id: &str) -> Option<&'static Self> {
        RULES.iter().copied().find(|rule| rule.id.eq_ignore_ascii_case(id))
    }

    /// Whether it looks at nothing without a spec.
    pub fn needs_spec(&self) -> bool {
        matches!(self.look, Look::WithSpec(_) | Look::Acceptances)
    }
}

/// What the rules find, sorted by place, rule and thing. Those of two versions, and acceptances, are no part of it.
pub fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().copied() {
        let look = match rule.look {
            Look::Always(look) => look,
            Look::WithSpec(look) if subject.integration.is_some() => look,
            _ => continue,
        };
        let mut found = Found::of(rule);
        look(subject, &mut found);
        findings.extend(found.into_findings());
    }
    findings.sort_by(|one, other| one.key().cmp(&other.key()));
    findings.dedup_by(|one, other| one.key() == other.key());
    findings
}
