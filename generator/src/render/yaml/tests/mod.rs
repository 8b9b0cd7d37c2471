//! What is written is read back: by `serde_yaml`, for any string in any position.
//!
//! `serde_yaml` reads YAML 1.2, so what only a reader of YAML 1.1 would take for something else is held against the
//! spelling itself, in [`quoted_where_a_reader_could_see_something_else`].

mod sample;
mod strings;

use proptest::prelude::*;
use proptest::{collection::vec, sample::select};

use super::document;
use super::scalar::{Place, block_indicator, scalar};
use crate::render::json::to_json;
use crate::template::{Entry, Section, Value};
use strings::{BARE, BARE_ON_THEIR_OWN, DECEPTIVE, INVISIBLE};

#[test]
fn quoted_where_a_reader_could_see_something_else() {
    let is_quoted = |text: &str| text.starts_with(['\'', '"']) && text.len() > 1;
    for text in DECEPTIVE.iter().chain(&INVISIBLE) {
        for place in [Place::Block, Place::Flow] {
            assert!(is_quoted(&scalar(text, place)), "{text:?} is bare in {place:?}");
        }
    }
    for text in INVISIBLE {
        assert!(scalar(text, Place::Block).starts_with('"'), "{text:?} is not escaped");
    }
    for text in BARE_ON_THEIR_OWN {
        assert_eq!(scalar(text, Place::Block), text);
        assert!(is_quoted(&scalar(text, Place::Flow)), "{text:?} is bare in a flow");
    }
    // A comma in a sentence is the difference between the two lists.
    for text in BARE.iter().filter(|text| !text.contains(',')) {
        assert_eq!(scalar(text, Place::Flow), **text);
    }
    for text in BARE {
        assert_eq!(scalar(text, Place::Block), text);
    }
}

#[test]
fn escapes_are_those_of_yaml() {
    let spelled = |text| scalar(text, Place::Block);
    assert_eq!(spelled("it's: 'so'"), "'it''s: ''so'''");
    assert_eq!(spelled("\"\\\n\r\t\0\u{85}\u{2028}\u{e0001}é"), r#""\"\\\n\r\t\x00\x85\u2028\U000e0001é""#);
}

#[test]
fn a_block_shows_all_that_is_in_it() {
    assert_eq!(block_indicator("a\n\n  b\n\tc\n"), Some("|"));
    assert_eq!(block_indicator("# a\nb: é"), Some("|-"));
    for text in
        ["", "\n", "a", "a\n\n", "\na\n", " a\nb", "\ta\nb", "a \nb\n", "a\n \nb", "a\r\nb", "a\n\u{feff}b"]
    {
        assert_eq!(block_indicator(text), None, "{text:?}");
    }
}

#[test]
fn hard_strings_survive_everywhere() {
    let all = || DECEPTIVE.iter().chain(&INVISIBLE).chain(&BARE).chain(&BARE_ON_THEIR_OWN);
    let positions = all().flat_map(|text| everywhere(text));
    assert_survives(&Value::List(positions.collect()));
    assert_survives(&Value::map(all().map(|text| (*text, Value::text(*text)))));
}

/// The string in every position that a value has for one.
fn everywhere(text: &str) -> Vec<Value> {
    let variables = || vec![(text.to_owned(), Value::text(text))];
    let values = [
        Value::text(text),
        Value::Block(text.into()),
        Value::map([(text, Value::Block(text.into()))]),
        Value::Ref(text.into()),
        Value::GetAtt(text.into(), "Arn"),
        Value::sub(text),
        Value::Sub(text.into(), variables()),
        Value::Sub(text.repeat(60), variables()),
        Value::FindInMap("Region", Box::new(Value::text(text)), text.into()),
        Value::Join(": ", vec![text.into(), text.repeat(60).into()]),
        Value::Equals(Box::new(text.into()), Box::new(Value::text(text))),
    ];
    values.iter().cloned().map(Value::flow).chain(values.iter().cloned()).collect()
}

/// Any string, with a liking for those that hurt.
fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        select([DECEPTIVE.as_slice(), INVISIBLE.as_slice()].concat()).prop_map(str::to_owned),
        vec(any::<char>(), 0..12).prop_map(String::from_iter),
        "[ \t\n\r:#'\"\\\\,\\[\\]{}&*!|>%@`~=<?.a-c0-3é\u{85}\u{2028}\u{feff}-]{0,12}",
        "([a-z\t][a-z #:-]{0,8}\n{0,2}){0,4}",
        "[a-zA-Z:/ ,-]{0,140}",
    ]
}

/// Entries whose keys differ, in any order.
fn entries(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<(String, Value)>> {
    vec((string(), value), 0..4).prop_map(|entries| {
        let mut seen = std::collections::BTreeSet::new();
        entries.into_iter().filter(|(key, _)| seen.insert(key.clone())).collect()
    })
}

fn value() -> impl Strategy<Value = Value> {
    let attribute = select(vec!["Arn", "Endpoint.Address", "", "a: b"]);
    let leaf = prop_oneof![
        string().prop_map(Value::Text),
        string().prop_map(Value::Block),
        any::<i64>().prop_map(Value::Number),
        any::<bool>().prop_map(Value::Bool),
        string().prop_map(Value::Ref),
        (string(), attribute).prop_map(|(id, attribute)| Value::GetAtt(id, attribute)),
        string().prop_map(Value::sub),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let word = select(vec![",", "", "\n", ": ", "Region", "no"]);
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::List),
            entries(inner.clone()).prop_map(Value::Map),
            inner.clone().prop_map(Value::flow),
            (string(), entries(inner.clone())).prop_map(|(text, variables)| Value::Sub(text, variables)),
            (word.clone(), inner.clone(), string()).prop_map(|(map, first, second)| Value::FindInMap(
                map,
                Box::new(first),
                second
            )),
            (word, vec(inner.clone(), 0..4)).prop_map(|(delimiter, parts)| Value::Join(delimiter, parts)),
            (inner.clone(), inner).prop_map(|(one, other)| Value::Equals(one.into(), other.into())),
        ]
    })
}

proptest! {
    #[test]
    fn any_string_survives(text in string()) {
        assert_survives(&Value::List(everywhere(&text)));
    }

    #[test]
    fn any_value_survives(value in value()) {
        assert_survives(&value);
    }

    #[test]
    fn comments_change_nothing(from in string(), heading in string(), why in string()) {
        let entry = Entry { key: "Key".into(), value: 1_u32.into(), heading: Some(heading), why: Some(why) };
        let text = document(&from, &[Section::Entries("Resources", vec![entry])]);
        prop_assert_eq!(read(&text), serde_json::json!({"Resources": {"Key": 1}}));
    }
}

/// Writes the value at the top of a document and below, and reads it back.
#[track_caller]
fn assert_survives(value: &Value) {
    let entry = Entry { key: "Key".into(), value: value.clone(), heading: None, why: None };
    let text = document("x.yaml", &[Section::Plain("A", value.clone()), Section::Entries("B", vec![entry])]);
    let json = to_json(value);
    let expected = serde_json::json!({"A": json, "B": {"Key": json}});
    // As text, since maps of `serde_json` are equal in whatever order.
    assert_eq!(read(&text).to_string(), expected.to_string(), "{text}");
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{text}");
}

fn read(yaml: &str) -> serde_json::Value {
    long_form(serde_yaml::from_str(yaml).unwrap_or_else(|error| panic!("{error}:\n{yaml}")))
}

/// What the reader gave, with short tags as functions by their long names.
fn long_form(value: serde_yaml::Value) -> serde_json::Value {
    match value {
        serde_yaml::Value::Sequence(items) => items.into_iter().map(long_form).collect(),
        serde_yaml::Value::Mapping(entries) => entries
            .into_iter()
            .map(|(key, value)| (key.as_str().unwrap().to_owned(), long_form(value)))
            .collect(),
        serde_yaml::Value::Tagged(tagged) => {
            let (name, argument) = match (tagged.tag.to_string().as_str(), long_form(tagged.value)) {
                ("!Ref", name) => ("Ref".to_owned(), name),
                ("!GetAtt", serde_json::Value::String(dotted)) => {
                    let (id, attribute) = dotted.split_once('.').unwrap();
                    ("Fn::GetAtt".to_owned(), serde_json::json!([id, attribute]))
                }
                (tag, argument) => (tag.replacen('!', "Fn::", 1), argument),
            };
            serde_json::json!({name: argument})
        }
        scalar => serde_json::to_value(scalar).unwrap(),
    }
}

#[test]
fn a_section_without_entries_is_an_empty_mapping() {
    let text = document("x.yaml", &[Section::Entries("Outputs", Vec::new())]);
    assert_eq!(text.lines().last(), Some("Outputs: {}"));
}
