//! What the CDK CLI sends: not the file, but YAML of its own, in blocks and with the long names of functions. Above 50 KiB
//! of that it wants a bucket (`makeBodyParameter` of aws-cdk 2.1148.1).

use serde_json::Value;

use crate::render::json;
use crate::template::Section;

/// How many bytes that are, or a few more: of texts that might need quotes each is taken to have them.
pub(crate) fn bytes(sections: &[Section]) -> usize {
    block(&json::tree(sections), 0)
}

/// The lines of a map or a list, or a single value.
fn block(value: &Value, indent: usize) -> usize {
    match value {
        Value::Object(entries) if !entries.is_empty() => {
            entries.iter().map(|(key, value)| indent + text(key, 0) + 1 + after_key(value, indent)).sum()
        }
        // The dash and a space stand where the first line of the item is indented.
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .map(|item| {
                if is_scalar(item) { indent + 2 + scalar(item, indent) + 1 } else { block(item, indent + 2) }
            })
            .sum(),
        _ => scalar(value, indent) + 1,
    }
}

fn after_key(value: &Value, indent: usize) -> usize {
    if is_scalar(value) { 1 + scalar(value, indent) + 1 } else { 1 + block(value, indent + 2) }
}

/// Whether it stands on the line of its key: so do maps and lists with nothing in them.
fn is_scalar(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => true,
    }
}

fn scalar(value: &Value, indent: usize) -> usize {
    match value {
        Value::String(value) => text(value, indent),
        other => other.to_string().len(),
    }
}

fn text(value: &str, indent: usize) -> usize {
    if value.contains('\n') {
        // `|-` and the lines, but for the newline at the end.
        let lines = value.lines().map(|line| if line.is_empty() { 1 } else { indent + 2 + line.len() + 1 });
        return 2 + lines.sum::<usize>();
    }
    let is_plain = value.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && value.len() > 5
        && !value.ends_with(':')
        && ![": ", " #"].iter().any(|end| value.contains(end));
    if is_plain { value.len() } else { Value::from(value).to_string().len() }
}
