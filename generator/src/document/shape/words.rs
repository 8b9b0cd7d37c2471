//! What is wrong with a shape, and what to write instead.

use serde_json::Value as Json;

use super::schema::{Kind, Properties, Wanted};
use crate::document::scalar;
use crate::document::tree::{Content, Node, Style};
use crate::problem::{Code, Fault, SpecPath, Step, shown};

/// How many allowed words a help line lists.
const MAX_CHOICES: usize = 10;

pub(super) fn unknown_key(key: &str, nearest: Option<&str>, properties: &Properties<'_>) -> Fault {
    let known: Vec<_> = properties.known().map(|key| format!("`{key}`")).collect();
    let known = format!("allowed here: {}", known.join(", "));
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? {known}"),
        None => known,
    };
    Fault::new(Code::UnknownKey, format!("the key {} is not known", shown(key)), help)
}

pub(super) fn missing_key(key: &str, parent: &SpecPath, wanted: Option<&Wanted<'_>>) -> Fault {
    let place = match parent.steps() {
        [] => "at the top level".to_owned(),
        _ => format!("to `{parent}`"),
    };
    let what = wanted.map(|wanted| format!(": {}", phrases(wanted))).unwrap_or_default();
    Fault::new(Code::MissingKey, format!("the key `{key}` is missing"), format!("add `{key}` {place}{what}"))
}

/// The fault of a key or an item without a value; `may_remove` if `~` would be one.
pub(super) fn no_value(text: &str, path: &SpecPath, wanted: &Wanted<'_>, may_remove: bool) -> Fault {
    let message = match path.steps().last() {
        _ if !text.is_empty() => format!("{} is no value", shown(text)),
        Some(Step::Key(key)) => format!("the key {} has no value", shown(key)),
        _ => "an item has no value".to_owned(),
    };
    let or = match path.steps().last() {
        Some(Step::Item(_)) => ", or remove the item",
        _ if may_remove => "; `~` removes an inherited key",
        _ => "; a key that is not required can be left out",
    };
    Fault::new(Code::NoValue, message, format!("write {}{or}", phrases(wanted)))
}

pub(super) fn empty_list(item: &Wanted<'_>) -> Fault {
    let help = format!("add at least one item: {}", phrases(item));
    Fault::new(Code::EmptyList, "the list is empty", help)
}

pub(super) fn unquoted(text: &str) -> Fault {
    let message = format!("{} reads as a number, text was wanted", shown(text));
    Fault::new(Code::Unquoted, message, in_quotes(text))
}

pub(super) fn too_long(text: &str) -> Fault {
    Fault::new(Code::OutOfRange, format!("{} is out of range", shown(text)), "write a smaller number")
}

/// The fault of a value whose kind is not wanted.
pub(super) fn wrong_kind(node: &Node, wanted: &Wanted<'_>) -> Fault {
    let kinds = wanted.branches().iter().map(|(kind, _)| *kind).filter(|kind| *kind != Kind::Null);
    let mut kinds: Vec<_> = kinds.map(noun).collect();
    kinds.dedup();
    let message = format!("{}, {} was wanted", is(node), kinds.join(" or "));
    Fault::new(Code::WrongKind, message, how_to(node, wanted))
}

/// What a value is, as the start of a sentence.
fn is(node: &Node) -> String {
    let text = match &node.content {
        Content::Scalar(text) => text,
        Content::List(_) => return "this is a list".to_owned(),
        Content::Map(_) => return "this is a mapping".to_owned(),
    };
    match node.value() {
        serde_yaml::Value::Bool(_) => format!("{} reads as {}", shown(text), noun(Kind::Bool)),
        serde_yaml::Value::Number(_) => format!("{} reads as {}", shown(text), noun(Kind::Number)),
        _ => format!("{} is text", shown(text)),
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Whole => "a whole number",
        Kind::Number => "a number",
        Kind::Bool => "true or false",
        Kind::List => "a list",
        Kind::Map => "a mapping",
        Kind::Null => "nothing",
    }
}

/// What to write instead of a value of the wrong kind: the same thing written rightly, where that can be told.
fn how_to(node: &Node, wanted: &Wanted<'_>) -> String {
    let Content::Scalar(text) = &node.content else { return format!("write {}", phrases(wanted)) };
    if let (true, Ok(number)) = (wanted.takes(Kind::Whole), text.parse::<i64>()) {
        return format!("write it as a whole number: {number}");
    }
    if wanted.takes(Kind::Bool) {
        match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "true" => return "write `true`".to_owned(),
            "no" | "off" | "false" => return "write `false`".to_owned(),
            _ => {}
        }
    }
    if wanted.takes(Kind::Text) {
        let choices = wanted.branches().iter().flat_map(|(_, schema)| choices(schema)).collect::<Vec<_>>();
        // Quotes would only lead to the error that it is none of them.
        let is_none = !choices.is_empty() && !choices.contains(&format!("`{text}`"));
        return if is_none { format!("write {}", phrases(wanted)) } else { in_quotes(text) };
    }
    if wanted.takes(Kind::List) && is_short(text) {
        let item = if node.place.style == Style::Plain { text.clone() } else { format!("\"{text}\"") };
        return format!("write it as a list: [{item}]");
    }
    format!("write {}", phrases(wanted))
}

/// The advice to write a text in quotes, with the text itself if it can be shown.
pub(in crate::document) fn in_quotes(text: &str) -> String {
    match is_short(text) {
        true => format!("write it in quotes: \"{text}\""),
        false => "write it in quotes".to_owned(),
    }
}

/// Whether a text can be shown in a line, and stays one text when it stands in quotes or in a list.
fn is_short(text: &str) -> bool {
    text.len() <= 60 && !text.contains(['\n', ',', '[', ']', '{', '}', '"', '\\'])
}

/// Everything that is wanted, as the end of a sentence: "`all`, or a list".
fn phrases(wanted: &Wanted<'_>) -> String {
    let mut phrases: Vec<_> =
        wanted.branches().iter().filter_map(|(kind, schema)| phrase(*kind, schema)).collect();
    phrases.dedup();
    if phrases.is_empty() { "a value".to_owned() } else { phrases.join(", or ") }
}

fn phrase(kind: Kind, schema: &Json) -> Option<String> {
    Some(match kind {
        Kind::Null => return None,
        Kind::Text => match (choices(schema), example(schema)) {
            (choices, _) if choices.len() > 1 => format!("one of {}", choices.join(", ")),
            (choices, _) if !choices.is_empty() => choices.join(", "),
            (_, Some(example)) => format!("text like {example}"),
            _ => "text".to_owned(),
        },
        Kind::Bool => "`true` or `false`".to_owned(),
        Kind::Map => match keys(schema) {
            keys if keys.is_empty() => "a mapping".to_owned(),
            keys => format!("a mapping with keys such as {}", keys.join(", ")),
        },
        Kind::Whole | Kind::Number | Kind::List => noun(kind).to_owned(),
    })
}

/// The words of a closed list, in backticks.
fn choices(schema: &Json) -> Vec<String> {
    let parts = schema.get("oneOf").and_then(Json::as_array);
    let listed = schema.get("enum").and_then(Json::as_array);
    let words =
        parts.into_iter().flatten().filter_map(|part| part.get("const")).chain(listed.into_iter().flatten());
    let words = words.chain(schema.get("const")).filter_map(Json::as_str);
    words.take(MAX_CHOICES).map(|word| format!("`{word}`")).collect()
}

/// The first example of a text, in quotes if it needs them.
fn example(schema: &Json) -> Option<String> {
    let text = schema.get("examples")?.get(0)?.as_str()?;
    let quoted = scalar::reads_as_number(text) || !scalar::resolve(text).is_string();
    Some(if quoted { format!("\"{text}\"") } else { format!("`{text}`") })
}

fn keys(schema: &Json) -> Vec<String> {
    Properties::of(schema).known().take(MAX_CHOICES).map(|key| format!("`{key}`")).collect()
}
