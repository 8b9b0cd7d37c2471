//! The list of rules.

use super::Rule;

/// Every rule, by id.
pub static RULES: [&Rule; 33] = [
    &super::ll01_unknown_action::RULE,
    &super::ll02_action_wildcard::RULE,
    &super::ll03_star_where_scopable::RULE,
    &super::ll04_explained_star::RULE,
    &super::ll05_arn_does_not_fit_action::RULE,
    &super::ll06_condition_not_supported::RULE,
    &super::ll07_weak_operator::RULE,
    &super::ll08_negated_element::RULE,
    &super::ll09_passrole_open::RULE,
    &super::ll10_wildcard_principal::RULE,
    &super::ll11_foreign_account::RULE,
    &super::ll12_external_id_missing::RULE,
    &super::ll13_service_without_source::RULE,
    &super::ll14_trust_not_in_duty::RULE,
    &super::ll15_accept_any_share::RULE,
    &super::ll16_accept_not_needed::RULE,
    &super::ll17_lf_settings_writer::RULE,
    &super::ll18_lf_admin_permanent::RULE,
    &super::ll19_lf_grant_wider::RULE,
    &super::ll20_lf_grant_option::RULE,
    &super::ll21_subscriber_wider::RULE,
    &super::ll22_link_target_mismatch::RULE,
    &super::ll23_deploy_role_admin::RULE,
    &super::ll24_access_decided_late::RULE,
    &super::ll25_foreign_code::RULE,
    &super::ll26_results_readable::RULE,
    &super::ll27_results_in_clear::RULE,
    &super::ll28_kms_open::RULE,
    &super::ll29_workgroup_escape::RULE,
    &super::ll30_analyst_can_change::RULE,
    &super::ll31_new_access::RULE,
    &super::ll32_widened_access::RULE,
    &super::ll33_stale_acceptance::RULE,
];

#[cfg(test)]
mod tests {
    use super::RULES;

    #[test]
    fn each_rule_has_an_id_of_its_own_and_says_what_why_and_what_to_do() {
        for (n, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.id, format!("LL{:02}", n + 1));
            let texts = [rule.slug, rule.says, rule.why, rule.remedy];
            assert!(texts.iter().all(|text| !text.is_empty() && !text.contains("  ")), "{}", rule.id);
        }
    }
}
