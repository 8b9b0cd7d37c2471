//! In which order a change is deployed. A stack removes what the spec no longer asks for, and CloudFormation's service
//! role must still be allowed to when it does; the test world evaluates no policy and cannot see that. So the rights
//! are compared here, and the run-book must say `roles last` where some would be missed, and only there.

use std::collections::BTreeSet;

use lakelink::check::Rendered;
use lakelink::iam::HandlerTable;
use lakelink::model::Side;
use lakelink::render::json::to_json;
use lakelink::render::runbook;
use lakelink::template::Keep;
use serde_json::Value;

use crate::support::{rendered, spec};

/// An action of the service role, and a resource.
type Right = (Side, String, String);

fn listed(value: &Value) -> Vec<String> {
    let items = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), ToOwned::to_owned)).collect()
}

/// What the service roles may do.
fn rights(rendered: &Rendered) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for one in rendered.stacks.iter().filter(|one| one.stack.is_roles()) {
        let resources = one.template.resources();
        for resource in resources.filter(|one| one.id.as_str().starts_with("ServiceRole")) {
            let document = &to_json(&resource.properties)["PolicyDocument"];
            for statement in document["Statement"].as_array().into_iter().flatten() {
                for action in listed(&statement["Action"]) {
                    let on = listed(&statement["Resource"]).into_iter();
                    rights.extend(on.map(|resource| (one.stack.side(), action.clone(), resource)));
                }
            }
        }
    }
    assert!(rights.len() > 50, "{rights:?}");
    rights
}

/// Actions of the handlers of what a Regional stack removes or replaces, rather than to leave it. Those that only read
/// say nothing: what is removed loses an action that removes, too.
fn removing(rendered: &Rendered) -> BTreeSet<(Side, String)> {
    let mut actions = BTreeSet::new();
    for one in rendered.stacks.iter().filter(|one| !one.stack.is_roles()) {
        for resource in one.template.resources().filter(|resource| resource.keep == Keep::No) {
            let of_kind = HandlerTable::get().actions(resource.kind.as_str()).unwrap();
            let writing = of_kind.iter().filter(|action| !reads(action));
            actions.extend(writing.map(|action| (one.stack.side(), (*action).to_owned())));
        }
    }
    actions
}

fn reads(action: &str) -> bool {
    let (_, name) = action.split_once(':').unwrap();
    ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb))
}

/// The row of the table under Change whose first cell is `key`, as the run-book of the changed spec has it: that is
/// the one that a person reads who follows it.
fn row(after: &Rendered, key: &str) -> String {
    let text = runbook::runbook(&after.integration).unwrap();
    let (_, change) = text.split_once("\n## Change\n").unwrap();
    let change = change.split_once("\n## ").unwrap().0;
    let start = format!("| {key} | ");
    let rows = change.lines().filter(|line| line.starts_with(&start)).collect::<Vec<_>>();
    assert_eq!(rows.len(), 1, "{key} has a row of its own in {change}");
    rows[0].to_owned()
}

/// Holds the row against what the service roles lose.
fn follows_its_row(key: &str, before: &str, after: &str) {
    let (before, after) = (rendered("variant.yaml", before), rendered("variant.yaml", after));
    let (had, has, removing) = (rights(&before), rights(&after), removing(&before));
    let missed = had.difference(&has).filter(|(side, action, _)| removing.contains(&(*side, action.clone())));
    let missed = missed.collect::<Vec<_>>();
    let row = row(&after, key);
    assert_eq!(
        row.contains("**roles last**"),
        !missed.is_empty(),
        "{row}\nmissed if roles are first: {missed:#?}"
    );
    let needed = has.difference(&had).collect::<Vec<_>>();
    let in_two = missed.is_empty() || needed.is_empty() || row.contains("in two changes");
    assert!(in_two, "{row}\nmissed if roles are last: {needed:#?}");
}

fn with(detective: &str, more: &str) -> String {
    spec("", detective, more)
}

#[test]
fn options_turned_off_keep_the_rights_to_remove_them_until_the_end() {
    let function = "handoff: {acceptance: lambda}\n";
    let (bare, discover) = (with("", ""), with("", "handoff: {share_arn: discover, acceptance: lambda}\n"));
    follows_its_row("`detective.queries`: `false`", &bare, &with("  queries: false\n", ""));
    follows_its_row("`detective.crawler`: `none`", &with("  crawler: evidence\n", ""), &bare);
    follows_its_row("`handoff.acceptance`: from `lambda`", &with("", function), &bare);
    follows_its_row("`handoff.acceptance`: from `lambda`", &discover, &bare);
    let own = "  results: {encryption: kms, bucket: create}\n";
    let all = "  crawler: evidence\n";
    let off = "  queries: false\n  workgroup: none\n";
    let (on, off) = (with(&format!("{own}{all}"), function), with(&format!("{own}{off}"), ""));
    follows_its_row("`detective.crawler`: `none`", &on, &off);
}

#[test]
fn options_turned_on_get_their_rights_first() {
    let (bare, function) = (with("", ""), with("", "handoff: {acceptance: lambda}\n"));
    follows_its_row("`detective.queries`: `true`", &with("  queries: false\n", ""), &bare);
    follows_its_row(
        "`detective.crawler`: on, or another schedule",
        &bare,
        &with("  crawler: evidence\n", ""),
    );
    follows_its_row("`handoff.acceptance`: to `lambda`", &bare, &function);
    follows_its_row("`handoff.share_arn`", &bare, &with("", "handoff: {share_arn: stack_output}\n"));
    follows_its_row("`handoff.share_arn`", &with("", "handoff: {share_arn: stack_output}\n"), &bare);
}

/// The ready queries move to another workgroup: neither order has the rights for both, so there is a step in between.
#[test]
fn a_workgroup_goes_and_comes_in_two_changes() {
    let (key, bare) = ("`detective.workgroup`: to or from `none`", with("", ""));
    let none = with("  workgroup: none\n", "");
    let between = with("  workgroup: none\n  queries: false\n", "");
    follows_its_row(key, &bare, &none);
    follows_its_row(key, &none, &bare);
    follows_its_row(key, &bare, &between);
    follows_its_row(key, &none, &between);
    follows_its_row("`detective.queries`: `true`", &between, &none);
}

/// What holds data is kept and not removed, so nobody needs a right to remove it.
#[test]
fn buckets_and_keys_change_in_the_usual_order() {
    let results = |lines: &str| with(&format!("  results: {{{lines}}}\n"), "");
    let key = "encryption: \"arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab\"";
    let kinds = ["encryption: s3", "encryption: kms", key];
    for (before, after) in kinds.iter().flat_map(|one| kinds.iter().map(move |other| (one, other))) {
        follows_its_row("`detective.results.encryption`", &results(before), &results(after));
    }
    let buckets = [results("bucket: create"), results("bucket: house-results")];
    follows_its_row("`detective.results.bucket`", &buckets[0], &buckets[1]);
    follows_its_row("`detective.results.bucket`", &buckets[1], &buckets[0]);
    follows_its_row(
        "`detective.lake_formation.grant_on`",
        &buckets[0],
        &with("  lake_formation: {grant_on: link}\n", ""),
    );
}
