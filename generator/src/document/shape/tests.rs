use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A schema as schemars writes one: definitions, described references, unions, maps with free keys.
fn schema() -> Json {
    json!({
        "definitions": {
            "AccountId": {"type": "string", "pattern": "^[0-9]{12}$", "examples": ["111122223333"]},
            "Method": {"type": "string", "oneOf": [{"const": "stacks"}, {"const": "stack_sets"}]},
            "Lake": {
                "type": "object",
                "properties": {
                    "account": {"allOf": [{"$ref": "#/definitions/AccountId"}], "description": "The lake account."},
                    "source_version": {"type": "string", "examples": ["2.0"]},
                    "sources": {"type": "array", "minItems": 1, "items": {"type": "string", "examples": ["vpc_flow"]}},
                },
                "required": ["account"],
                "additionalProperties": false,
            },
            "Pair": {
                "type": "object",
                "properties": {"lake": {"type": "string"}, "detective": {"type": "string"}},
                "additionalProperties": false,
            },
        },
        "type": "object",
        "properties": {
            "name": {"type": "string", "examples": ["acme"]},
            "lake": {"$ref": "#/definitions/Lake"},
            "regions": {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/Pair"}]},
            },
            "method": {"$ref": "#/definitions/Method"},
            "retention_days": {"type": "integer", "format": "uint32", "minimum": 0},
            "share": {"type": "number"},
            "queries": {"type": "boolean"},
            "maybe": {"type": ["string", "null"]},
            "perhaps": {"anyOf": [{"$ref": "#/definitions/Pair"}, {"type": "null"}]},
            "tags": {"type": "object", "additionalProperties": {"type": "string"}},
            "shares": {
                "type": "object",
                "patternProperties": {"^[a-z-]+$": {"type": "string"}},
                "additionalProperties": false,
            },
            "until": {"type": "string"},
            "anything": true,
            "loop": {"$ref": "#/properties/loop"},
        },
        "required": ["name", "lake"],
        "additionalProperties": false,
    })
}

/// Each problem as "code path: message; help", and the pruned value as JSON.
fn checked(text: &str) -> (Vec<String>, Json) {
    let document = Document::read(text.as_bytes()).expect("well-formed");
    let mut problems = Vec::new();
    let value = check(&document, &schema(), &mut problems);
    let told = problems.iter().map(|p| format!("{} {}: {}; {}", p.code, p.path, p.message, p.help)).collect();
    (told, serde_json::to_value(value).unwrap())
}

/// The problems of a document that has all required keys.
fn told(text: &str) -> Vec<String> {
    checked(&format!("name: acme\nlake: {{account: \"111122223333\"}}\n{text}")).0
}

#[test]
fn takes_what_fits() {
    let text = "
name: acme
lake: {account: '012345678901', source_version: \"2.0\", sources: [vpc_flow]}
regions: [us-east-1, {lake: us-east-1}]
method: nonsense
retention_days: -5
share: 2.5
queries: true
maybe: ~
perhaps:
tags: {team: security, \"1\": x}
shares: {us-east-1: arn}
until: 2027-06-30
anything: [1, {2a: x}]
loop: 1
";
    let (problems, value) = checked(text);
    assert_eq!(problems, Vec::<String>::new());
    let document = Document::read(text.as_bytes()).unwrap();
    assert_eq!(value, serde_json::to_value(document.value()).unwrap());
}

#[test]
fn reports_everything_at_once_and_keeps_the_rest() {
    let text = "
nmae: acme
lake:
  sources: []
  extra: 1
regions: [us-east-1, 12, {lake: 1, detective: eu-south-1}, [x], ]
queries: yes
tags: {team: security, cost: 012, empty: }
";
    let (problems, value) = checked(text);
    insta::assert_snapshot!(problems.join("\n"), @r#"
    LS012 nmae: the key `nmae` is not known; did you mean `name`? allowed here: `name`, `lake`, `regions`, `method`, `retention_days`, `share`, `queries`, `maybe`, `perhaps`, `tags`, `shares`, `until`, `anything`, `loop`
    LS017 lake.sources: the list is empty; add at least one item: text like `vpc_flow`
    LS012 lake.extra: the key `extra` is not known; allowed here: `account`, `source_version`, `sources`
    LS013 lake.account: the key `account` is missing; add `account` to `lake`: text like "111122223333"
    LS015 regions[1]: `12` reads as a number, text was wanted; write it in quotes: "12"
    LS015 regions[2].lake: `1` reads as a number, text was wanted; write it in quotes: "1"
    LS014 regions[3]: this is a list, text or a mapping was wanted; write text, or a mapping with keys such as `lake`, `detective`
    LS014 queries: `yes` is text, true or false was wanted; write `true`
    LS015 tags.cost: `012` reads as a number, text was wanted; write it in quotes: "012"
    LS016 tags.empty: the key `empty` has no value; write text; a key that is not required can be left out
    "#);
    assert_eq!(
        value,
        json!({
            "lake": {},
            "regions": ["us-east-1", null, {"detective": "eu-south-1"}, null],
            "tags": {"team": "security"},
        })
    );
}

#[test]
fn says_what_is_missing() {
    let (problems, value) = checked("regions: []");
    insta::assert_snapshot!(problems.join("\n"), @r#"
    LS013 name: the key `name` is missing; add `name` at the top level: text like `acme`
    LS013 lake: the key `lake` is missing; add `lake` at the top level: a mapping with keys such as `account`, `source_version`, `sources`
    "#);
    assert_eq!(value, json!({"regions": []}));
    let (problems, _) = checked("name: acme\nlake: {}");
    insta::assert_snapshot!(problems.join("\n"), @r#"LS013 lake.account: the key `account` is missing; add `account` to `lake`: text like "111122223333""#);
}

#[test]
fn points_at_unknown_keys() {
    let document = Document::read(b"name: acme\nlake: {account: 'x'}\nnames: x\n").unwrap();
    let mut problems = Vec::new();
    check(&document, &schema(), &mut problems);
    let span = document.span(&problems[0].at, &problems[0].path);
    assert_eq!(&document.text().as_str()[span], "names");
    insta::assert_snapshot!(problems[0].message, @"the key `names` is not known");
}

#[test]
fn wants_quotes_around_what_reads_as_a_number() {
    for text in ["123456789012", "012345678901", "2.0", "1e3", "0o14", "12:30:45", "1_000", ".5", "0x1F"] {
        let help = format!(
            "LS015 until: `{text}` reads as a number, text was wanted; write it in quotes: \"{text}\""
        );
        assert_eq!(told(&format!("until: {text}")), [help]);
        assert_eq!(told(&format!("until: '{text}'")), Vec::<String>::new());
        assert_eq!(told(&format!("until: |\n  {text}")), Vec::<String>::new());
    }
    for text in ["2027-06-30", "us-east-1", "7f3c9a51-acme", "yes", "10.0.0.0/8"] {
        assert_eq!(told(&format!("until: {text}")), Vec::<String>::new());
    }
}

#[test]
fn says_which_kind_was_wanted_and_what_to_write() {
    let texts = [
        "until: true",
        "until: [x]",
        "until: {a: b}",
        "regions: us-east-1",
        "regions: \"12\"",
        "regions: {a: b}",
        "regions: [[x]]",
        "method: [x]",
        "retention_days: \"90\"",
        "retention_days: 090",
        "retention_days: many",
        "method: true",
        "retention_days: 1.5",
        "retention_days: 99999999999999999999",
        "share: x",
        "queries: yes",
        "queries: 'off'",
        "queries: 1",
        "perhaps: x",
        "tags: [a]",
        "tags: x",
        "maybe: 1",
        "maybe: {a: b}",
    ];
    let told: Vec<_> = texts.iter().flat_map(|text| told(text)).collect();
    assert_eq!(told.len(), texts.len());
    insta::assert_snapshot!(told.join("\n"), @r#"
    LS014 until: `true` reads as true or false, text was wanted; write it in quotes: "true"
    LS014 until: this is a list, text was wanted; write text
    LS014 until: this is a mapping, text was wanted; write text
    LS014 regions: `us-east-1` is text, a list was wanted; write it as a list: [us-east-1]
    LS014 regions: `12` is text, a list was wanted; write it as a list: ["12"]
    LS014 regions: this is a mapping, a list was wanted; write a list
    LS014 regions[0]: this is a list, text or a mapping was wanted; write text, or a mapping with keys such as `lake`, `detective`
    LS014 method: this is a list, text was wanted; write one of `stacks`, `stack_sets`
    LS014 retention_days: `90` is text, a whole number was wanted; write it as a whole number: 90
    LS014 retention_days: `090` is text, a whole number was wanted; write it as a whole number: 90
    LS014 retention_days: `many` is text, a whole number was wanted; write a whole number
    LS014 method: `true` reads as true or false, text was wanted; write one of `stacks`, `stack_sets`
    LS014 retention_days: `1.5` reads as a number, a whole number was wanted; write a whole number
    LS030 retention_days: `99999999999999999999` is out of range; write a smaller number
    LS014 share: `x` is text, a number was wanted; write a number
    LS014 queries: `yes` is text, true or false was wanted; write `true`
    LS014 queries: `off` is text, true or false was wanted; write `false`
    LS014 queries: `1` reads as a number, true or false was wanted; write `true` or `false`
    LS014 perhaps: `x` is text, a mapping was wanted; write a mapping with keys such as `lake`, `detective`
    LS014 tags: this is a list, a mapping was wanted; write a mapping
    LS014 tags: `x` is text, a mapping was wanted; write a mapping
    LS015 maybe: `1` reads as a number, text was wanted; write it in quotes: "1"
    LS014 maybe: this is a mapping, text was wanted; write text
    "#);
}

#[test]
fn says_that_there_is_no_value() {
    let told = told("until:\nregions: [~]\nqueries: null\ntags:\n  a:\nmethod:\nperhaps:");
    insta::assert_snapshot!(told.join("\n"), @r#"
    LS016 until: the key `until` has no value; write text; a key that is not required can be left out
    LS016 regions[0]: `~` is no value; write text, or a mapping with keys such as `lake`, `detective`, or remove the item
    LS016 queries: `null` is no value; write `true` or `false`; a key that is not required can be left out
    LS016 tags.a: the key `a` has no value; write text; a key that is not required can be left out
    LS016 method: the key `method` has no value; write one of `stacks`, `stack_sets`; a key that is not required can be left out
    "#);
}

#[test]
fn says_that_the_document_is_of_the_wrong_kind() {
    let (problems, value) = checked("- a");
    insta::assert_snapshot!(problems.join("\n"), @"LS014 : this is a list, a mapping was wanted; write a mapping with keys such as `name`, `lake`, `regions`, `method`, `retention_days`, `share`, `queries`, `maybe`, `perhaps`, `tags`");
    assert_eq!(value, json!({}));
}

#[test]
fn shows_long_values_cut() {
    let long = "9".repeat(5000);
    let told = told(&format!("until: {long}"));
    assert!(told[0].len() < 200, "{}", told[0]);
}

/// Types as `check` asks for them, with the schema that schemars makes of them.
mod typed {
    use schemars::JsonSchema;
    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Spec {
        pub(super) name: Option<String>,
        #[schemars(with = "Vec<Region>")]
        pub(super) regions: Option<Vec<Option<Region>>>,
        #[schemars(range(min = 1, max = 90))]
        pub(super) days: Option<i64>,
        /// A described reference, which draft-07 wraps in `allOf`.
        #[schemars(with = "Lake")]
        pub(super) lake: Option<Lake>,
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(untagged)]
    pub(super) enum Region {
        One(String),
        Pair(Lake),
    }

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub(super) struct Lake {
        pub(super) lake: Option<String>,
    }
}

#[test]
fn what_is_left_can_be_read_into_types() {
    let schema =
        schemars::generate::SchemaSettings::draft07().into_generator().into_root_schema_for::<typed::Spec>();
    let text =
        "name: 012\nregions: [a, 1, {lake: b}, {lake: 2, pair: c}]\ndays: x\nlake: {lake: d}\nmore: 1\n";
    let document = Document::read(text.as_bytes()).unwrap();
    let mut problems = Vec::new();
    let value = check(&document, schema.as_value(), &mut problems);
    let codes: Vec<_> = problems.iter().map(|problem| problem.code.id()).collect();
    assert_eq!(codes, ["LS015", "LS015", "LS015", "LS012", "LS014", "LS012"]);
    let lake = |lake: Option<&str>| typed::Lake { lake: lake.map(str::to_owned) };
    let read: typed::Spec = serde_yaml::from_value(value).unwrap();
    let regions = [
        Some(typed::Region::One("a".to_owned())),
        None,
        Some(typed::Region::Pair(lake(Some("b")))),
        Some(typed::Region::Pair(lake(None))),
    ];
    let wanted =
        typed::Spec { regions: Some(regions.into()), lake: Some(lake(Some("d"))), ..Default::default() };
    assert_eq!(read, wanted);
}

/// A document that the schema takes in some places and refuses in others.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        "[a-z]{1,5}",
        "[0-9]{1,4}",
        Just("~".to_owned()),
        Just("true".to_owned()),
        Just("'1'".to_owned())
    ];
    let value = scalar.prop_recursive(3, 16, 3, |inner| {
        let keys = prop_oneof!["account|sources|lake|detective|name|zz"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::btree_map(keys, inner, 0..3).prop_map(|entries| {
                let entries: Vec<_> =
                    entries.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    });
    let keys =
        "name|lake|regions|method|retention_days|share|queries|maybe|perhaps|tags|shares|until|anything|zzz";
    prop::collection::btree_map(keys, value, 1..6)
        .prop_map(|entries| entries.into_iter().map(|(key, value)| format!("{key}: {value}\n")).collect())
}

proptest! {
    /// The pruned value is good: apart from keys that are missing, a validator finds nothing in it once the nulls
    /// that stand for bad items are gone, and a second check agrees.
    #[test]
    fn what_is_left_is_good(text in document()) {
        let document = Document::read(text.as_bytes()).expect("well-formed");
        let mut problems = Vec::new();
        let value = check(&document, &schema(), &mut problems);
        for problem in &problems {
            let span = document.span(&problem.at, &problem.path);
            prop_assert!(!document.text().as_str()[span].is_empty());
        }
        let left = serde_yaml::to_string(&value).unwrap();
        let left = Document::read(left.as_bytes()).expect("well-formed");
        let mut again = Vec::new();
        check(&left, &schema(), &mut again);
        again.retain(|problem| {
            let bad_item = problem.code == crate::problem::Code::NoValue;
            !bad_item && problem.code != crate::problem::Code::MissingKey
        });
        prop_assert!(again.is_empty(), "{:?}", again);
    }
}
