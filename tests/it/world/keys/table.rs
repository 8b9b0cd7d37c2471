//! The table for people: `schemas/changes.md`. `cargo test write_the_table -- --ignored` writes it anew.

use std::collections::{BTreeMap, BTreeSet};

use lakelink::deploy::RolesOrder;
use lakelink::deploy::changes::{Difference, Fate};
use lakelink::resources::create_only;
use serde_json::Value;

use super::rows::{GROUPS, Group, Row};
use super::{Effect, Place};
use crate::env;
use crate::support::examples;

const FILE: &str = "schemas/changes.md";

const HEAD: &str = "\
# What a change of the spec does

Generated from the model: each row is a pair of specs, rendered and compared. The tests play every row in the test world by `lakelink deploy`,
and see that it does just this. Whether a resource is changed in place or made anew is what the registry schema of its type says.

Signs are those of `lakelink plan`: `+` made, `~` changed in place, `!` made anew, `x` refused by CloudFormation, `-` removed, `o` taken out of the
stack and left as it is. A number before a type is how many of it, in one Region. What rests on a guess about AWS has a number in brackets, which stands below;
`plan` says it, too. What a person has to do beside `deploy` stands in the run-book, under Change.

| In the spec | Change | Does | To what | `deploy` | Guess |
|---|---|---|---|---|---|
";

/// Guesses, each with the number that it is referred to by.
#[derive(Default)]
struct Guesses(Vec<&'static str>);

impl Guesses {
    fn mark(&mut self, guess: &'static str) -> usize {
        let at = self.0.iter().position(|one| *one == guess);
        at.unwrap_or_else(|| {
            self.0.push(guess);
            self.0.len() - 1
        }) + 1
    }
}

/// `~Subscriber +3 NamedQuery`.
fn resources(difference: &Difference) -> String {
    let mut counts = BTreeMap::<(Fate, &str), usize>::new();
    for turn in difference.resources.values() {
        let kind = turn.kind.rsplit("::").next().unwrap();
        *counts.entry((turn.fate, kind)).or_default() += 1;
    }
    let words = counts.iter().map(|((fate, kind), count)| match count {
        1 => format!("`{}`{kind}", fate.sign()),
        _ => format!("`{}`{count} {kind}", fate.sign()),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn listed<'a>(places: impl IntoIterator<Item = &'a Place>) -> String {
    let stems = places.into_iter().map(|(stack, ..)| stack.stem()).collect::<BTreeSet<_>>();
    stems.into_iter().collect::<Vec<_>>().join(", ")
}

/// What a row does, in a few words.
fn does(effect: &Effect) -> String {
    let has = |fates: &[Fate]| effect.turns().any(|(_, _, turn)| fates.contains(&turn.fate));
    let is_changed = has(&[Fate::Changed]) || !effect.around.is_empty();
    let words = [
        ("replaces", has(&[Fate::Replaced])),
        ("changes in place", is_changed),
        ("adds", has(&[Fate::Made]) || !effect.new.is_empty()),
        ("removes", has(&[Fate::Removed])),
        ("leaves", has(&[Fate::Left]) || !effect.orphans.is_empty()),
    ];
    let words = words.iter().filter(|(_, is)| *is).map(|(word, _)| *word).collect::<Vec<_>>();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

fn what(effect: &Effect) -> String {
    let mut parts = BTreeMap::new();
    for ((stack, ..), difference) in
        effect.stays.iter().filter(|(_, difference)| !difference.resources.is_empty())
    {
        parts.insert(*stack, format!("{}: {}", stack.stem(), resources(difference)));
    }
    let mut parts = parts.into_values().collect::<Vec<_>>();
    parts.extend(effect.around.iter().map(|what| format!("each stack: {what}")));
    for (words, places) in [("new: ", &effect.new), ("left as they are: ", &effect.orphans)] {
        if !places.is_empty() {
            parts.push(format!("{words}{}", listed(places)));
        }
    }
    parts.join("; ")
}

fn line(group: &Group, row: &Row, guesses: &mut Guesses) -> String {
    let mut cells = vec![format!("`{}`", row.key), row.change.to_owned()];
    if let Some((code, text)) = row.refused {
        cells.extend([
            "refused".to_owned(),
            String::new(),
            format!("ends with {code}: “{text}”"),
            String::new(),
        ]);
    } else {
        let effect = Effect::of(&group.rendered(row.before), &group.rendered(row.after));
        let mut notes = Vec::new();
        let refusal = effect.refusal();
        notes.extend(refusal.map(|text| format!("ends with 11: “{text}”")));
        notes.extend(effect.flags().iter().map(|flag| format!("asks for `{}`", flag.join(" "))));
        if effect.order.values().any(|order| *order == RolesOrder::Last) {
            notes.push("roles last".to_owned());
        }
        let does = if refusal.is_some() { "refused".to_owned() } else { does(&effect) };
        if effect.new_share {
            notes.push("Security Lake makes another share".to_owned());
        }
        let marks = effect.unproven.iter().map(|guess| guesses.mark(guess)).collect::<BTreeSet<_>>();
        let marks = marks.into_iter().map(|mark| format!("[{mark}]")).collect::<Vec<_>>();
        cells.extend([does, what(&effect), notes.join("; "), marks.join(" ")]);
    }
    format!("| {} |\n", cells.join(" | "))
}

fn page() -> String {
    let mut guesses = Guesses::default();
    let rows = GROUPS.iter().flat_map(|group| group.rows.iter().map(move |row| (group, row)));
    let mut rows = rows.collect::<Vec<_>>();
    let order = keys(lakelink::spec::json_schema());
    rows.sort_by_key(|(_, row)| order.iter().position(|key| key == row.key));
    let lines = rows.into_iter().map(|(group, row)| line(group, row, &mut guesses)).collect::<String>();
    let notes = guesses.0.iter().enumerate().map(|(n, guess)| format!("- [{}] {guess}\n", n + 1));
    format!("{HEAD}{lines}\nGuesses about AWS, not proven:\n\n{}", notes.collect::<String>())
}

#[test]
fn the_table_is_what_the_code_gives() {
    let (committed, page) = (std::fs::read_to_string(env::root().join(FILE)).unwrap(), page());
    let differs = committed.lines().zip(page.lines()).find(|(old, new)| old != new);
    assert_eq!(differs, None, "`cargo test write_the_table -- --ignored` writes {FILE}; read what differs");
    assert_eq!(committed, page);
}

#[test]
#[ignore = "writes the page"]
fn write_the_table() {
    lakelink::files::write(&env::root().join(FILE), &page()).unwrap();
}

/// Every key of the schema, parents before what is in them, as a path in the spec.
fn keys(root: &Value) -> Vec<String> {
    fn walk(root: &Value, schema: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            walk(root, &root["definitions"][reference.trim_start_matches("#/definitions/")], path, found);
        }
        for schema in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema[key].as_array()).flatten() {
            walk(root, schema, path, found);
        }
        walk_items(root, &schema["items"], path, found);
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            found.push(path.clone());
            walk(root, schema, &path, found);
        }
    }
    fn walk_items(root: &Value, items: &Value, path: &str, found: &mut Vec<String>) {
        if items.is_object() {
            walk(root, items, path, found);
        }
    }
    let mut found = Vec::new();
    walk(root, root, "", &mut found);
    found
}

#[test]
fn every_key_has_a_row() {
    let keys = keys(lakelink::spec::json_schema());
    assert!(keys.len() > 50, "{keys:?}");
    let rows = GROUPS.iter().flat_map(|group| group.rows).collect::<Vec<_>>();
    let is_parent = |key: &String| keys.iter().any(|other| other.starts_with(&format!("{key}.")));
    let has_row = |key: &&String| {
        rows.iter()
            .any(|row| row.key == **key || row.change == "any" && key.starts_with(&format!("{}.", row.key)))
    };
    let without = keys.iter().filter(|key| !is_parent(key) && !has_row(key)).collect::<Vec<_>>();
    assert_eq!(without, Vec::<&String>::new(), "keys without a row");
    let unknown = rows.iter().filter(|row| !keys.contains(&row.key.to_owned())).map(|row| row.key);
    assert_eq!(unknown.collect::<Vec<_>>(), [""; 0], "rows of keys that there are not");
}

/// Which properties cannot be changed in place, by the registry schemas of cfn-lint, in every Region of ours.
#[test]
fn create_only_properties_are_those_of_the_schemas() {
    let packages =
        std::fs::read_dir(env::venv("cfn-lint").join("lib")).unwrap().next().unwrap().unwrap().path();
    let schemas = packages.join("site-packages/cfnlint/data/schemas");
    let read = |path: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(schemas.join(path)).unwrap()).unwrap()
    };
    let all = examples();
    let kinds = all.iter().flat_map(|one| &one.stacks).flat_map(|one| one.template.resources());
    let kinds = kinds.map(|resource| resource.kind.as_str()).filter(|kind| kind.starts_with("AWS::"));
    let kinds = kinds.collect::<BTreeSet<_>>();
    assert!(kinds.len() >= 17, "{kinds:?}");
    let mut seen = 0;
    for region in
        lakelink::vocab::Region::all().filter(|region| region.has_security_lake() || region.has_detective())
    {
        // cfn-lint leaves Regions out that AWS does not publish for the moment.
        if !schemas.join(format!("providers/{}.json", region.as_str())).exists() {
            continue;
        }
        let provided = read(&format!("providers/{}.json", region.as_str()));
        for kind in &kinds {
            // Not every Region has Security Lake.
            let Some(file) = provided[kind].as_str() else { continue };
            let schema = read(&format!("resources/{file}.json"));
            let name = |path: &Value| path.as_str().unwrap().trim_start_matches("/properties/").to_owned();
            let listed = schema["createOnlyProperties"].as_array().into_iter().flatten().map(name);
            let ours = create_only(kind).iter().map(|name| (*name).to_owned());
            assert_eq!(ours.collect::<BTreeSet<_>>(), listed.collect(), "{kind} in {region}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen}");
}
