use proptest::prelude::*;
use serde_yaml::Value;

use super::*;
use crate::problem::{Code, Step};

fn read(text: &str) -> Document {
    Document::read(text.as_bytes()).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
}

fn problems(bytes: impl AsRef<[u8]>) -> Vec<Problem> {
    Document::read(bytes.as_ref()).err().unwrap_or_default()
}

/// Each problem as code, position, and spec path.
fn told(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let text = lossy_text(bytes.as_ref()).unwrap_or_else(|| Text::new(String::new()));
    let problems = problems(bytes);
    let told = problems.iter().map(|problem| {
        let At::Bytes(range) = &problem.at else { panic!("{problem:?} has no bytes") };
        let Position { line, column } = text.position(range.start);
        format!("{} {line}:{column} {}", problem.code, problem.path).trim_end().to_owned()
    });
    told.collect()
}

fn path(steps: &str) -> SpecPath {
    steps.split('/').filter(|step| !step.is_empty()).fold(SpecPath::root(), |path, step| match step.parse() {
        Ok(index) => path.item(index),
        Err(_) => path.key(step),
    })
}

/// The text at the key and at the value of a path.
fn at<'d>(document: &'d Document, steps: &str) -> (&'d str, &'d str) {
    let text = document.text().as_str();
    let place = document.place(&path(steps)).unwrap_or_else(|| panic!("{steps} is not there"));
    (place.key.clone().map_or("", |key| &text[key]), &text[place.value.clone()])
}

fn underlined<'d>(document: &'d Document, at: &At, steps: &str) -> &'d str {
    &document.text().as_str()[document.span(at, &path(steps))]
}

const SPEC: &str = "\
# a comment with é and 😀
name: acme  # é
lake:
  account: \"012345678901\"
  sources:
  - vpc_flow
  - 'eks_''audit'   # it's why
  text: |
    one
    two

  empty:
  flow: {a: [1, {b: x}], \"dotted.key[0]\": ü}
tags: {}
list:   # - a comment
  - # - another
  - a: 1
    b: 2
  - - deep
last: end
";

#[test]
fn knows_where_everything_stands() {
    let document = read(SPEC);
    assert_eq!(at(&document, "name"), ("name", "acme"));
    assert_eq!(at(&document, "lake/account"), ("account", "\"012345678901\""));
    assert_eq!(at(&document, "lake/sources"), ("sources", "- vpc_flow\n  - 'eks_''audit'"));
    assert_eq!(at(&document, "lake/sources/1"), ("", "'eks_''audit'"));
    assert_eq!(at(&document, "lake/text"), ("text", "one\n    two"));
    assert_eq!(at(&document, "lake/empty"), ("empty", ""));
    assert_eq!(at(&document, "lake/flow"), ("flow", "{a: [1, {b: x}], \"dotted.key[0]\": ü}"));
    assert_eq!(at(&document, "lake/flow/a"), ("a", "[1, {b: x}]"));
    assert_eq!(at(&document, "lake/flow/a/1/b"), ("b", "x"));
    assert_eq!(at(&document, "lake/flow/dotted.key[0]"), ("\"dotted.key[0]\"", "ü"));
    assert_eq!(at(&document, "tags"), ("tags", "{}"));
    assert_eq!(at(&document, "list/0"), ("", "-"));
    assert_eq!(at(&document, "list/1"), ("", "a: 1\n    b: 2"));
    assert_eq!(at(&document, "list/2/0"), ("", "deep"));
    assert_eq!(at(&document, "last"), ("last", "end"));
    assert_eq!(document.place(&path("nowhere")), None);
    assert_eq!(document.place(&path("name/0")), None);
}

#[test]
fn knows_how_everything_is_written() {
    let document = read(SPEC);
    let style = |steps| document.place(&path(steps)).map(|place| place.style);
    assert_eq!(style("name"), Some(Style::Plain));
    assert_eq!(style("lake/account"), Some(Style::Quoted));
    assert_eq!(style("lake/text"), Some(Style::Block));
    assert_eq!(style("lake/sources"), Some(Style::List));
    assert_eq!(style("lake/flow"), Some(Style::Map));
}

#[test]
fn reads_the_value_that_serde_yaml_reads() {
    let other: Value = serde_yaml::from_str(SPEC).unwrap();
    assert_eq!(read(SPEC).value(), other);
}

#[test]
fn keeps_the_order_of_keys() {
    let document = read("z: 1\na: 2\nm: 3\n");
    let value = document.value();
    let keys: Vec<_> = value.as_mapping().unwrap().keys().filter_map(Value::as_str).collect();
    assert_eq!(keys, ["z", "a", "m"]);
}

#[test]
fn underlines_values_or_what_is_nearest() {
    let document = read(SPEC);
    assert_eq!(underlined(&document, &At::Value, "name"), "acme");
    assert_eq!(underlined(&document, &At::Key, "name"), "name");
    assert_eq!(underlined(&document, &At::Value, "lake"), "lake");
    assert_eq!(underlined(&document, &At::Value, "lake/empty"), "empty");
    assert_eq!(underlined(&document, &At::Value, "lake/text"), "text");
    assert_eq!(underlined(&document, &At::Value, "lake/missing"), "lake");
    assert_eq!(underlined(&document, &At::Value, "lake/flow/missing/0/deeper"), "flow");
    assert_eq!(underlined(&document, &At::Value, "missing"), "name");
    assert_eq!(underlined(&document, &At::Value, ""), "name");
    assert_eq!(underlined(&document, &At::Key, "list/1"), "a");
    assert_eq!(underlined(&document, &At::Value, "list/0"), "-");
    assert_eq!(underlined(&document, &At::Value, "list/1/missing"), "a");
    assert_eq!(underlined(&document, &At::Bytes(2..3), ""), "a");
    assert_eq!(underlined(&document, &At::Bytes(9_999..10_000), ""), "");
}

#[test]
fn takes_a_byte_order_mark_and_windows_line_ends() {
    let document = read("\u{FEFF}a: 1\r\nb:\r\n  - x\r\n");
    assert_eq!(at(&document, "b/0"), ("", "x"));
    let place = document.place(&path("b/0")).unwrap();
    assert_eq!(document.text().position(place.value.start), Position { line: 3, column: 5 });
    assert_eq!(told("\u{FEFF}a: b: c\n"), ["LS004 1:5"]);
}

#[test]
fn refuses_what_is_not_text() {
    assert_eq!(told(vec![b'#'; MAX_BYTES + 1]), ["LS001 1:1"]);
    assert!(Document::read(&[b"a: b\n#".to_vec(), vec![b'#'; MAX_BYTES - 6]].concat()).is_ok());
    assert_eq!(told(b"a: b\nc: caf\xE9\n"), ["LS002 2:7"]);
    assert_eq!(told(b"\xFF\xFEa\0:\0"), ["LS002 1:1"]);
    assert_eq!(told(b"a\0:\0 \0b\0"), ["LS002 1:1"]);
    assert_eq!(told(b"\0a\0:\0 \0b"), ["LS002 1:1"]);
    assert!(problems(b"\xFE\xFF\0a")[0].message.contains("UTF-16"));
    assert!(problems(b"a: \xE9")[0].message.contains("0xE9"));
}

#[test]
fn refuses_control_characters() {
    assert_eq!(told("a: \u{1b}[31m\nb: \u{202e}x\n"), ["LS003 1:4", "LS003 2:4"]);
    assert_eq!(told("a: b\u{2028}c: d"), ["LS003 1:5"]);
    assert_eq!(told("a: b\n\u{FEFF}c: d"), ["LS003 2:1"]);
    assert_eq!(told("abc\0"), ["LS003 1:4"]);
    assert_eq!(problems(vec![0x01; 5000]).len(), 10);
}

#[test]
fn refuses_what_is_not_yaml() {
    assert_eq!(told("a: [1, 2\nb: 3\n"), ["LS004 2:2"]);
    assert_eq!(told("a: \"open\n"), ["LS004 1:4"]);
    assert_eq!(told("a: b: c"), ["LS004 1:5"]);
    assert_eq!(told("a: @b"), ["LS004 1:4"]);
    assert_eq!(told("a:\n  b: 1\n c: 2\n"), ["LS004 3:2"]);
    assert_eq!(told("a: 1\nb\n"), ["LS004 3:1"]);
    assert_eq!(told("a: ]"), ["LS004 1:4"]);
}

#[test]
fn names_a_tab_that_indents() {
    for text in ["a:\n\tb: 1\n", "a:\n  - x\n\t- y\n", "\ta: 1\n", "a:\n  b: 1\n\tc: 2\n"] {
        let found = problems(text);
        assert_eq!(found.len(), 1, "{text:?}");
        assert_eq!(found[0].code, Code::Syntax, "{text:?}");
        assert!(found[0].message.contains("tab"), "{text:?}: {}", found[0].message);
    }
    assert_eq!(problems("a:\tb")[0].message, "a tab stands where YAML wants a blank");
    read("a: \tb\t# c\nc: 'x\ty'\nd: {\te: f }\n");
}

#[test]
fn refuses_a_file_without_a_document() {
    for text in ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "~", "null\n"] {
        assert_eq!(told(text), ["LS005 1:1"], "{text:?}");
    }
    read("--- # start\na: b\n...\n");
    read("%YAML 1.2\n---\na: b\n");
}

#[test]
fn refuses_a_second_document() {
    assert_eq!(told("a: 1\n---\nb: 2\n"), ["LS009 2:1"]);
    assert_eq!(told("a: 1\n---\n"), ["LS009 2:1"]);
    assert_eq!(told("a: 1\n...\n---\n&x b: [\n"), ["LS009 3:1"]);
}

#[test]
fn refuses_anchors_aliases_and_tags_all_at_once() {
    let text = "a: &x 1\nb: *x\nc: !secret y\nd: !!str 5\n*x : 1\ne: [&y !z k, *nowhere]\n";
    assert_eq!(
        told(text),
        [
            "LS007 1:4 a",
            "LS007 2:4 b",
            "LS008 3:4 c",
            "LS008 4:4 d",
            "LS007 5:1",
            "LS007 6:5 e[0]",
            "LS008 6:8 e[0]",
            "LS007 6:14"
        ]
    );
    assert_eq!(told("a: *.example.com"), ["LS007 1:4"]);
    assert_eq!(told("a: !no!such x"), ["LS008 1:4"]);
    let messages: Vec<_> = problems(text).into_iter().map(|problem| problem.message).collect();
    assert_eq!(messages[0], "`&x` is an anchor");
    assert_eq!(messages[2], "`!secret` is a tag");
    assert_eq!(messages[6], "`!z` is a tag");
}

#[test]
fn refuses_duplicate_keys_with_both_places() {
    let text = "a: 1\nb: {c: 1, c: 2, \"c\": 3}\n\"a\":\n  d: 1\n  d: 2\n";
    assert_eq!(told(text), ["LS010 2:11 b.c", "LS010 2:17 b.c", "LS010 3:1 a", "LS010 5:3 a.d"]);
    let first = &problems(text)[2];
    assert_eq!(first.also, [(At::Bytes(0..1), SpecPath::root(), "first written here".to_owned())]);
}

#[test]
fn refuses_keys_that_are_not_text() {
    let text = "1: a\ntrue: b\n~: c\n012: d\n1e3: e\n[x]: f\n? {y: 1}\n: g\n\"2\": fine\nyes: fine\n: h\nz: {1: &a x}\n";
    assert_eq!(
        told(text),
        [
            "LS011 1:1",
            "LS011 2:1",
            "LS011 3:1",
            "LS011 4:1",
            "LS011 5:1",
            "LS011 6:1",
            "LS011 7:3",
            "LS011 11:1",
            "LS011 12:5 z",
            "LS007 12:8 z"
        ]
    );
    assert_eq!(problems("1: a")[0].help, "write it in quotes: \"1\"");
}

#[test]
fn refuses_depth_at_the_first_level_too_many() {
    read(&format!("{}x{}", "[".repeat(32), "]".repeat(32)));
    assert_eq!(told(format!("{}x{}", "[".repeat(33), "]".repeat(33))), ["LS006 1:33"]);
    let nested = (0..40).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>();
    assert_eq!(told(nested), ["LS006 33:33"]);
}

#[test]
fn hostile_files_are_read_or_refused() {
    let many = 100_000;
    let hostile = [
        "[".repeat(many),
        "{".repeat(many),
        "{a: ".repeat(many),
        "[{".repeat(many),
        "- ".repeat(many),
        "? ".repeat(many),
        "a: [".repeat(many),
        "[\n".repeat(many),
        "&a [".repeat(many),
        "!t [".repeat(many),
        "a: 1\n".repeat(many),
        format!("{{{}}}", "a, ".repeat(many)),
        format!("[{}]", "*a, ".repeat(many)),
        format!("[&a x, {}]", "*a, ".repeat(many)),
        format!("[{}]", "a: b, ".repeat(many)),
        format!("{}{}", "[".repeat(31), "a, ".repeat(many)),
        "\"".repeat(many),
        "a: \"".repeat(many),
        "\\\n".repeat(many),
        "#\n".repeat(many),
        "--- ".repeat(many),
        "---\n".repeat(many),
        "a\n".repeat(many),
        "a".repeat(MAX_BYTES),
        "é".repeat(MAX_BYTES / 2),
        "|\n".repeat(many),
        "%a\n".repeat(many),
        ": ".repeat(many),
        "'".repeat(many),
    ];
    for text in hostile {
        if let Err(problems) = Document::read(text.as_bytes()) {
            assert!(!problems.is_empty(), "{:?}… is refused without a word", text.get(..6));
        }
    }
}

fn check_spans(document: &Document, node: &tree::Node, path: &SpecPath) {
    let text = document.text().as_str();
    let place = document.place(path).expect("every node has a place");
    for range in [Some(&place.value), place.key.as_ref()].into_iter().flatten() {
        assert!(text.get(range.clone()).is_some(), "{path}: {range:?}");
    }
    for at in [At::Value, At::Key] {
        let span = document.span(&at, path);
        assert!(text.get(span.clone()).is_some_and(|part| !part.is_empty()), "{path}: {span:?}");
        assert!(!text[span].contains('\n'));
    }
    let written = &text[place.value.clone()];
    match &node.content {
        tree::Content::Scalar(value) if place.style == Style::Plain && !value.is_empty() => {
            assert!(written == value || written.contains(['\n', '\r', '\t']), "{path}: {written:?}");
        }
        tree::Content::Scalar(_) if place.style == Style::Quoted => {
            let (first, last) = (written.chars().next(), written.chars().last());
            assert!(
                written.len() > 1 && first == last && matches!(first, Some('"' | '\'')),
                "{path}: {written:?}"
            );
        }
        tree::Content::Scalar(_) => {}
        tree::Content::List(items) => {
            items.iter().enumerate().for_each(|(n, item)| check_spans(document, item, &path.item(n)));
        }
        tree::Content::Map(entries) => {
            entries.iter().for_each(|(key, node)| check_spans(document, node, &path.key(key)));
        }
    }
}

/// Whatever the bytes are: a document whose places are all good, or problems whose places are.
fn always_holds(bytes: &[u8]) {
    match Document::read(bytes) {
        Ok(document) => check_spans(&document, &document.root, &SpecPath::root()),
        Err(problems) => {
            assert!(!problems.is_empty());
            let Some(text) = lossy_text(bytes) else { return };
            for problem in problems {
                let ats = std::iter::once(problem.at).chain(problem.also.into_iter().map(|(at, ..)| at));
                for at in ats {
                    let At::Bytes(range) = at else { panic!("no bytes") };
                    assert!(range.start <= text.as_str().len(), "{range:?}");
                    assert!(text.as_str().get(text.underline(&range)).is_some(), "{range:?}");
                }
            }
        }
    }
}

/// Values such as a spec may have, four levels deep.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[ -~]{0,12}", "[a-z_]{1,8}", "[0-9:._e+-]{1,6}", "[a-zé😀\n #:-]{0,10}"];
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Sequence),
            prop::collection::btree_map(text.clone().prop_map(|key| format!("k{key}")), inner, 0..4)
                .prop_map(|entries| Value::Mapping(
                    entries.into_iter().map(|(k, v)| (k.into(), v)).collect()
                )),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_end_well(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        always_holds(&bytes);
    }

    #[test]
    fn any_text_ends_well(text in "\\PC{0,80}") {
        always_holds(text.as_bytes());
    }

    #[test]
    fn text_that_is_nearly_yaml_ends_well(text in "([a-c1é]|: |:|\n|\r\n|\r|  | |- |-|\\[|\\]|\\{|\\}|, |,|\"|'|#| #|&a|\\*a|!t|\\||>|\\? |---|\\.\\.\\.|\t|~|%|\\\\|@){0,40}") {
        always_holds(text.as_bytes());
    }

    #[test]
    fn reads_what_serde_yaml_writes(value in value()) {
        prop_assume!(!value.is_null());
        let text = serde_yaml::to_string(&value).unwrap();
        match Document::read(text.as_bytes()) {
            Ok(document) => {
                prop_assert_eq!(document.value(), value.clone(), "{}", text);
                check_spans(&document, &document.root, &SpecPath::root());
            }
            Err(problems) => prop_assert!(false, "{}: {:?}", text, problems),
        }
    }

    #[test]
    fn any_path_has_something_to_underline(steps in prop::collection::vec("[a-z]{1,2}|name|lake|flow|[0-3]", 0..5)) {
        let document = read(SPEC);
        let steps: Vec<_> = steps.iter().map(|s| s.parse().map_or(Step::Key(s.clone()), Step::Item)).collect();
        let path = steps.into_iter().fold(SpecPath::root(), |path, step| match step {
            Step::Key(key) => path.key(key),
            Step::Item(index) => path.item(index),
        });
        prop_assert!(!document.text().as_str()[document.span(&At::Value, &path)].is_empty());
    }
}
