//! LL22: links to somebody else's database.

use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Node, Part, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL22",
    slug: "link-target-mismatch",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a resource link points to another account, database or Region than the spec's lake",
    why: "queries would read data from an owner that nobody expects, under the name of the lake",
    counterparts: &[],
    remedy: "let `TargetDatabase` name the lake account and its Security Lake database of the same Region",
    look: Look::WithSpec(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let Some(known) = subject.integration else { return };
    let lake = &known.lake.account;
    let databases = known.regions.lake().into_iter().map(|region| known.database(region));
    let databases = databases.collect::<Vec<_>>();
    for (stack, terms) in subject.stacks.iter().zip(&subject.terms) {
        for link in stack.template.of_kind("AWS::Glue::Database") {
            let Some(target) = link.property(&["DatabaseInput", "TargetDatabase"]) else { continue };
            let mut complain = |key: &str, what: String| {
                let line = target.get(key).and_then(|node| node.line).or(target.line);
                found.at_resource(stack, link, line, what).about_resource(key);
            };
            let term = |key: &str| target.get(key).map(|node: &Node| terms.term(node)).unwrap_or_default();
            let catalog = term("CatalogId");
            if !catalog.is(lake.as_str()) {
                complain(
                    "CatalogId",
                    format!("the link points to account `{catalog}`, the lake is `{lake}`"),
                );
            }
            let database = term("DatabaseName");
            if !each_value(&database).iter().all(|name| databases.contains(name)) {
                complain(
                    "DatabaseName",
                    format!("`{database}` is no database of the lake in a Region of the spec"),
                );
            }
            let region = term("Region");
            let is_own = region == Term::default() || region == Term::of(Part::Ref("AWS::Region".to_owned()));
            let is_lake = known.regions.lake().iter().any(|lake| region.is(&lake.to_string()));
            if !is_own && !is_lake {
                complain(
                    "Region",
                    format!("the link points to Region `{region}`, which is none of the lake's"),
                );
            }
        }
    }
}

/// What a name can be: for one that is looked up by Region each that the mapping holds.
fn each_value(name: &Term) -> Vec<String> {
    match name.parts() {
        [Part::Lookup(lookup)] => lookup.values.values().cloned().collect(),
        _ => vec![name.to_string()],
    }
}
