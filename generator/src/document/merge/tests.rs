use proptest::prelude::*;
use serde_yaml::Value;

use super::*;
use crate::problem::Problem;

fn read(file: usize, text: &str) -> Document {
    Document::read_as(FileId::new(file), text.as_bytes())
        .unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
}

/// The texts laid over each other, the last one on top; their files are numbered from 0.
fn merged(texts: &[&str]) -> Merged {
    let documents: Vec<_> = texts.iter().enumerate().map(|(n, text)| read(n, text)).collect();
    let (top, below) = documents.split_last().expect("there is a text");
    let below: Vec<_> = below.iter().map(|document| Layers::new([], document)).collect();
    Layers::new(&below, top).merged(top.file())
}

fn value(texts: &[&str]) -> Value {
    merged(texts).root.value()
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn path(steps: &str) -> SpecPath {
    steps.split('/').filter(|step| !step.is_empty()).fold(SpecPath::root(), |path, step| match step.parse() {
        Ok(index) => path.item(index),
        Err(_) => path.key(step),
    })
}

#[test]
fn maps_merge_key_by_key_and_the_later_file_wins() {
    let base = "lake: {account: a, sources: [x, y], subscriber: {name: n}}\ntags: {a: 1, b: 1}\n";
    let child = "lake: {account: b, sources: [z], subscriber: {external_id: e}}\ntags: {b: 2}\n";
    let both =
        "lake: {account: b, sources: [z], subscriber: {name: n, external_id: e}}\ntags: {a: 1, b: 2}\n";
    assert_eq!(value(&[base, child]), yaml(both));
    assert_eq!(value(&["a: 1\nb: 1\nc: 1\n", "b: 2\nc: 2\n", "c: 3\n"]), yaml("{a: 1, b: 2, c: 3}"));
}

#[test]
fn what_is_of_another_kind_is_replaced() {
    assert_eq!(
        value(&["a: {x: 1}\nb: [1]\nc: 1\n", "a: [2]\nb: {y: 2}\nc: {z: 2}\n"]),
        yaml("{a: [2], b: {y: 2}, c: {z: 2}}")
    );
    assert_eq!(value(&["a: [{x: 1, y: 1}]\n", "a: [{x: 2}]\n"]), yaml("a: [{x: 2}]"));
}

#[test]
fn a_written_null_takes_a_key_away() {
    assert_eq!(value(&["a: 1\nb: {c: 1, d: 1}\n", "a: ~\nb: {c: null}\n"]), yaml("b: {d: 1}"));
    assert_eq!(value(&["a: {b: 1}\n", "a: ~\n", "a: {c: 1}\n"]), yaml("a: {c: 1}"));
    assert_eq!(value(&["b: 1\n", "a: ~\nc: {d: ~}\n"]), yaml("{b: 1, c: {}}"));
    // Left out, in quotes, in a list: no such null.
    assert_eq!(value(&["a: 1\nb: 1\n", "a:\nb: '~'\nc: [~]\n"]), yaml("{a: ~, b: '~', c: [~]}"));
}

#[test]
fn some_things_are_not_inherited() {
    let base = read(0, "name: base\nextends: x.yaml\nreview: {accept: [1]}\ntags: {accept: a}\n");
    let layers = Layers::new([], &base).without(&[
        path("name"),
        path("extends"),
        path("review/accept"),
        path("gone/x"),
    ]);
    let child = read(1, "name: child\n");
    assert_eq!(
        Layers::new([&layers], &child).merged(child.file()).root.value(),
        yaml("{name: child, tags: {accept: a}}")
    );
}

#[test]
fn every_value_knows_its_file() {
    let merged = merged(&["a: {x: 1, y: 1}\nb: [{c: 1}]\nd: 1\ne: 1\n", "a: {y: 2}\nd: ~\n"]);
    let file = |steps| merged.file(&path(steps)).index();
    assert_eq!([file(""), file("a"), file("a/x"), file("a/y"), file("a/missing")], [1, 1, 0, 1, 1]);
    assert_eq!(
        [file("b"), file("b/0/c"), file("b/0/missing"), file("b/7"), file("e/missing/0")],
        [0, 0, 0, 0, 1]
    );
    assert_eq!([file("d"), file("missing"), file("e")], [1, 1, 0]);
}

#[test]
fn line_ends_and_byte_order_marks_make_no_difference() {
    assert_eq!(value(&["\u{FEFF}a: 1\r\nb:\r\n  c: 1\r\n", "b:\n  d: 1\n"]), yaml("{a: 1, b: {c: 1, d: 1}}"));
}

#[test]
fn a_base_of_another_kind_gives_way() {
    assert_eq!(value(&["[1, 2]", "a: 1"]), yaml("a: 1"));
    assert_eq!(value(&["a: 1", "text"]), yaml("text"));
}

/// A mapping as YAML, written in the order given. With `steady`, a key tells by its name whether it holds a mapping.
fn tree(steady: bool) -> impl Strategy<Value = Vec<(String, String)>> {
    let leaf = prop_oneof![
        Just("~".to_owned()),
        Just(String::new()),
        "[a-z0-9]{1,3}",
        Just("[~, {a: ~}]".to_owned())
    ];
    let entry = ("[a-d]", leaf).prop_map(|(key, value)| (key, value));
    let entries = |entry: BoxedStrategy<(String, String)>| {
        prop::collection::btree_map("[a-e]", entry, 0..5)
            .prop_map(|entries| entries.into_values().collect::<Vec<_>>())
    };
    let inner = entry.prop_recursive(4, 24, 4, move |inner| {
        let prefix = if steady { "m" } else { "" };
        let map = entries(inner.clone().boxed()).prop_map(|entries| flow(&unique(entries)));
        prop_oneof![inner, ("[a-d]", map).prop_map(move |(key, map)| (format!("{prefix}{key}"), map))]
    });
    entries(inner.boxed()).prop_map(unique)
}

/// Without keys that stand twice.
fn unique(mut entries: Vec<(String, String)>) -> Vec<(String, String)> {
    entries.sort();
    entries.dedup_by(|a, b| a.0 == b.0);
    entries
}

fn flow(entries: &[(String, String)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", entries.join(", "))
}

fn layers(file: usize, below: &[&Layers], entries: &[(String, String)]) -> Layers {
    Layers::new(below.iter().copied(), &read(file, &flow(entries)))
}

fn end(layers: &Layers) -> Value {
    sorted(layers.clone().merged(FileId::default()).root.value())
}

/// The same value with keys in alphabetical order, so that only what is there counts.
fn sorted(value: Value) -> Value {
    match value {
        Value::Mapping(entries) => {
            let entries: BTreeMap<_, _> = entries
                .into_iter()
                .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), sorted(value)))
                .collect();
            Value::Mapping(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
        }
        other => other,
    }
}

proptest! {
    /// A base that has a base of its own is as good as the two in order, wherever kinds do not change on the way.
    #[test]
    fn grouping_makes_no_difference(a in tree(true), b in tree(true), c in tree(true)) {
        let (first, second) = (layers(0, &[], &a), layers(1, &[], &b));
        let in_order = layers(2, &[&first, &second], &c);
        let grouped = layers(2, &[&layers(1, &[&first], &b)], &c);
        prop_assert_eq!(end(&in_order), end(&grouped));
        let (nothing, upper) = (layers(0, &[], &[]), layers(2, &[&second], &c));
        prop_assert_eq!(end(&layers(3, &[&first, &upper], &[])), end(&in_order));
        prop_assert_eq!(end(&layers(3, &[&nothing, &in_order], &[])), end(&in_order));
    }

    /// Whatever the files hold: merging ends well, twice is once, the order of keys is irrelevant, and what stands
    /// somewhere stands in the file that it is said to be in.
    #[test]
    fn any_trees_merge(a in tree(false), b in tree(false)) {
        let base = layers(0, &[], &a);
        let both = layers(1, &[&base], &b);
        prop_assert_eq!(end(&layers(1, &[&base, &base], &b)), end(&both));
        let backwards = |entries: &[(String, String)]| entries.iter().rev().cloned().collect::<Vec<_>>();
        let other = layers(1, &[&layers(0, &[], &backwards(&a))], &backwards(&b));
        prop_assert_eq!(end(&other), end(&both));
        let documents = [read(0, &flow(&a)), read(1, &flow(&b))];
        let merged = both.merged(FileId::new(1));
        check_files(&merged, &merged.root, &SpecPath::root(), &documents);
    }

    /// A document that is merged with nothing has the problems that it has by itself.
    #[test]
    fn two_looks_see_what_one_sees(entries in tree(false)) {
        let schema = serde_json::json!({
            "definitions": {"Map": {
                "type": "object",
                "properties": {"a": {"type": "string"}, "b": {"$ref": "#/definitions/Map"}, "d": {"type": "array", "items": {"$ref": "#/definitions/Map"}}},
                "required": ["b"],
                "additionalProperties": false,
            }},
            "$ref": "#/definitions/Map",
        });
        // Without anything inherited, taking away is a mistake in one look and none in two.
        let text = flow(&entries).replace(": ~", ": x");
        let document = read(0, &text);
        let told = |mut problems: Vec<Problem>| {
            problems.sort_by_key(|problem| (problem.path.clone(), problem.code));
            problems.into_iter().map(|problem| (problem.code, problem.path, problem.message)).collect::<Vec<_>>()
        };
        let (mut once, mut twice) = (Vec::new(), Vec::new());
        let value = super::super::check(&document, &schema, &mut once);
        super::super::check_own(&document, &schema, &mut twice);
        let merged = Layers::new([], &document).merged(document.file());
        prop_assert_eq!(sorted(super::super::check_merged(&merged, &schema, &mut twice)), sorted(value));
        prop_assert_eq!(told(twice), told(once), "{}", text);
    }
}

fn check_files(merged: &Merged, node: &Node, path: &SpecPath, documents: &[Document]) {
    let file = merged.file(path);
    assert_eq!(file, node.file);
    let place = documents[file.index()].place(path);
    assert!(place == Some(&node.place), "{path}: {place:?}");
    match &node.content {
        Content::Map(entries) => {
            entries.iter().for_each(|(key, node)| check_files(merged, node, &path.key(key), documents));
        }
        Content::List(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(n, item)| check_files(merged, item, &path.item(n), documents));
        }
        Content::Scalar(_) => {}
    }
}
