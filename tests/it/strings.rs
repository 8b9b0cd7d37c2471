//! Text that means harm, in every key of the spec that takes text. The schema says which keys these are, so a new one
//! is covered by itself. Each is refused with its place, or arrives unharmed in YAML, JSON, tables and shell lines.

use std::process::Command;

use lakelink::check::Rendered;
use lakelink::render::{json, runbook, yaml};
use lakelink::report;
use serde_json::{Value, json};

use crate::support::{checked, read_template, spec};

/// What a shell, a table, a page, a reader of YAML or a terminal might take for something else.
const HARM: &[&str] = &[
    "$(touch canary)",
    "$(touch${IFS}canary)",
    "`touch${IFS}canary`",
    "';touch${IFS}canary;'",
    "\";touch${IFS}canary;\"",
    "${HOME}",
    "${AWS::AccountId}",
    "\\",
    "a|b",
    "<script>alert(1)</script>",
    "`<script>`",
    "``<script>``|",
    "<!-- -->",
    "```",
    "\n```sh\ntouch canary\n",
    "\n",
    "\0",
    "\u{7}",
    "\u{1b}[31m",
    "\u{2028}",
    "\u{202e}",
    "\u{feff}",
    "\u{200b}",
    "{{name}}",
    " #",
    ": ",
    "- item",
    "---",
    "*",
    "&a",
    "!tag",
    "~",
    "0x1F",
    "=",
    " ",
    "../..",
    "ümläut",
    "[link](javascript:alert(1))",
];

/// A way into the spec.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    /// A key that the spec chooses.
    AnyKey,
    Item,
}

/// A place for text: the way there, and an example of what stands there, unless it is one of a few words.
struct Place {
    way: Vec<Step>,
    example: Option<String>,
}

/// Every place for text in a schema. A key that the spec chooses is one, too.
fn places(root: &Value, schema: &Value, way: &[Step], found: &mut Vec<Place>) {
    let join = |step| [way, &[step]].concat();
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/definitions/");
        places(root, &root["definitions"][name], way, found);
    }
    for schema in ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema[key].as_array()).flatten() {
        places(root, schema, way, found);
    }
    for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
        places(root, schema, &join(Step::Key(key.clone())), found);
    }
    let patterns = schema["patternProperties"].as_object().into_iter().flatten().map(|(_, schema)| schema);
    for schema in patterns.chain(Some(&schema["additionalProperties"]).filter(|others| others.is_object())) {
        found.push(Place { way: join(Step::AnyKey), example: Some("team".into()) });
        places(root, schema, &join(Step::Key("us-east-1".into())), found);
    }
    if schema["items"].is_object() {
        places(root, &schema["items"], &join(Step::Item), found);
    }
    // One of a list of words has several schemas, all at one place.
    let is_text = schema["type"] == "string" || schema["const"].is_string();
    if is_text && found.iter().all(|place| place.way != way || !schema["examples"].is_null()) {
        let example = schema["examples"][0].as_str().map(ToOwned::to_owned);
        found.push(Place { way: way.to_vec(), example });
    }
}

/// Puts text at a place of a spec; a list gets it as a further item.
fn put(value: &mut Value, way: &[Step], text: &str) {
    let Some((step, rest)) = way.split_first() else {
        *value = text.into();
        return;
    };
    let empty = if *step == Step::Item { json!([]) } else { json!({}) };
    if value.is_array() != empty.is_array() || value.is_object() != empty.is_object() {
        *value = empty;
    }
    match step {
        Step::Key(key) => put(&mut value[key.as_str()], rest, text),
        Step::AnyKey => value[text] = "us-east-1".into(),
        Step::Item => {
            let items = value.as_array_mut().unwrap();
            items.push(Value::Null);
            put(items.last_mut().unwrap(), rest, text);
        }
    }
}

/// The text alone, and within an example: behind it, and as the last part but one of a name or an ARN.
fn variants(example: Option<&str>, harm: &str) -> Vec<String> {
    let Some(example) = example else { return vec![harm.to_owned()] };
    let (front, back) = example.split_at(example.rfind(['/', ':']).map_or(0, |at| at + 1));
    vec![harm.to_owned(), format!("{example}{harm}"), format!("{front}{harm}/{back}")]
}

#[test]
fn text_that_means_harm_is_refused_or_arrives_unharmed() {
    let schema = lakelink::spec::json_schema();
    let mut found = Vec::new();
    places(schema, schema, &[], &mut found);
    assert!(found.len() >= 50, "{}", found.len());
    let base: Value = serde_yaml::from_str(&spec("", "", "tags: {team: security}\n")).unwrap();
    let mut arrived = 0;
    for Place { way, example } in &found {
        for text in HARM.iter().flat_map(|harm| variants(example.as_deref(), harm)) {
            let mut value = base.clone();
            put(&mut value, way, &text);
            // JSON is YAML, and escapes what no file may hold as it is.
            let spec = serde_json::to_string(&value).unwrap();
            let spec = spec.replace('\u{7f}', "\\u007f");
            let checked = checked("acme.yaml", &spec);
            match &checked.rendered {
                Some(rendered) => {
                    unharmed(rendered, &text);
                    arrived += 1;
                }
                None => {
                    assert!(!checked.is_good(), "{way:?} {text:?} is neither refused nor rendered");
                    shown(&checked);
                }
            }
        }
    }
    assert!(arrived >= 100, "only {arrived} texts were taken");
}

/// A problem has a place, and nothing in it moves the cursor.
fn shown(checked: &lakelink::check::Checked) {
    let text = report::text(&[checked.report()], false);
    let odd = text.chars().find(|char| {
        char.is_control() && !"\n\t".contains(*char) || "\u{202e}\u{feff}\u{200b}".contains(*char)
    });
    assert_eq!(odd, None, "{text}");
    let document = report::json(&[checked.report()]);
    for problem in document["problems"].as_array().unwrap() {
        assert!(problem["line"].as_u64() >= Some(1) && problem["column"].as_u64() >= Some(1), "{problem}");
    }
}

fn unharmed(rendered: &Rendered, harm: &str) {
    for stack in &rendered.stacks {
        let text = yaml::template(&stack.template);
        let compact: Value = serde_json::from_str(&json::compact(&stack.template.sections())).unwrap();
        assert_eq!(read_template(&text), compact, "{harm:?}");
    }
    let text = runbook::runbook(&rendered.integration).unwrap();
    let odd = text.chars().find(|char| char.is_control() && !"\n\t".contains(*char));
    assert_eq!(odd, None, "{harm:?} in {text}");
    tables_are_whole(&text, harm);
    let words = words_of_shell_blocks(&text, harm);
    for (key, value) in &rendered.integration.tags {
        assert!(words.contains(&format!("{key}={value}")), "{key}={value}: {words:?}");
    }
    for principal in &rendered.integration.detective.principals {
        assert!(
            text.contains(&principal.arn().to_string()),
            "{harm:?}: {} is not in the run-book",
            principal.arn()
        );
    }
}

/// Rows of a table have as many cells as its head, and markup stands in code or not at all.
fn tables_are_whole(text: &str, harm: &str) {
    let mut cells = 0;
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.starts_with("```");
        let found = line.replace("\\|", "").matches('|').count();
        let is_row = !in_code && (line.starts_with("| ") || line.starts_with("|-"));
        assert!(!is_row || cells == 0 || found == cells, "{harm:?}: {line}");
        cells = if is_row { found } else { 0 };
        let outside_code = outside_code(line);
        let is_page = in_code || line.starts_with("<!--");
        assert!(
            is_page || !outside_code.contains("<script") && !outside_code.contains("](javascript"),
            "{harm:?}: {line}"
        );
    }
}

/// What stands in a line outside of code, which lies between two runs of as many backticks.
fn outside_code(mut line: &str) -> String {
    let mut outside = String::new();
    while let Some(start) = line.find('`') {
        let (before, rest) = line.split_at(start);
        let fence = rest.len() - rest.trim_start_matches('`').len();
        let code = &rest[fence..];
        let runs = code.match_indices('`').filter(|(at, _)| !code[..*at].ends_with('`'));
        let end = runs.map(|(at, _)| at).find(|at| {
            let run = &code[*at..];
            run.len() - run.trim_start_matches('`').len() == fence
        });
        outside.push_str(before);
        line = end.map_or(code, |end| &code[end + fence..]);
    }
    outside + line
}

/// Runs every shell block with an `aws` that prints its words, and gives these. Nothing that stands in a word is run.
fn words_of_shell_blocks(text: &str, harm: &str) -> Vec<String> {
    const STUB: &str =
        "aws() { printf '%s\\0' \"$@\" >>words; echo some-answer; }\nsleep() { :; }\npython3() { :; }\n";
    let folder = tempfile::tempdir().unwrap();
    let blocks =
        text.split("```sh\n").skip(1).map(|piece| piece.split_once("\n```").expect("a closed block").0);
    // Each for itself: how a block ends is a matter of what `aws` answers.
    let script = blocks.map(|block| format!("(\n{block}\n)\n")).collect::<String>();
    let parsed = Command::new("sh").args(["-nc", &script]).output().unwrap();
    assert!(parsed.status.success(), "{harm:?}: {script}");
    Command::new("bash")
        .args(["-c", &format!("{STUB}{script}")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(!folder.path().join("canary").exists(), "{harm:?} was run");
    let words = std::fs::read(folder.path().join("words")).unwrap_or_default();
    words.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}
