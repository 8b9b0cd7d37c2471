//! The roles of stack sets as the review sees them: only who is meant to may assume them.

use std::collections::BTreeSet;

use lakelink::check::Rendered;
use lakelink::model::Side;
use lakelink::render::yaml;
use lakelink::review::rules::{Severity, Subject, judge};
use lakelink::review::{self, Account, Stack};
use lakelink::stacks::stack_set_templates;

use crate::support::examples;

/// Rules whose errors are in the lake account's execution role when this is put for that.
fn found(example: &Rendered, this: &str, that: &str) -> BTreeSet<&'static str> {
    let integration = &example.integration;
    let sets = stack_set_templates(integration, &example.stacks).unwrap();
    let role = sets.iter().find(|set| set.stem == "lake-execution-role").unwrap();
    let text = yaml::template(&role.template);
    assert!(text.contains(that), "{text}");
    let template = review::scan(text.replace(that, this).as_bytes()).template().unwrap();
    let stacks = [Stack {
        integration: Some(integration.name.to_string()),
        name: "stack-sets/lake-execution-role".to_owned(),
        account: Account::Known(integration.account(Side::Lake).clone()),
        template,
    }];
    let access = review::access_together(&stacks);
    let findings = judge(&Subject::new(&stacks, &access.statements, Some(integration)));
    let errors = findings.into_iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| finding.rule.id).collect()
}

#[test]
fn nobody_but_stack_sets_may_be_an_execution_role() {
    for (name, account, role) in [
        ("self-managed", "505050505050", "role/lakelink-stack-sets-administration"),
        ("service-managed", "999999999999", "/AWSServiceRoleForCloudFormationStackSetsOrgAdmin"),
    ] {
        let example = examples().into_iter().find(|one| one.integration.name.as_str() == name).unwrap();
        assert_eq!(found(&example, role, role), BTreeSet::new());
        assert_eq!(found(&example, "role/other", role), BTreeSet::from(["LL14", "LL17"]));
        assert_eq!(
            found(&example, "111111111111", account),
            BTreeSet::from(["LL11", "LL12", "LL14", "LL17"])
        );
        assert_eq!(found(&example, "ArnLike", "ArnEquals"), BTreeSet::from(["LL12", "LL14", "LL17"]));
    }
}
