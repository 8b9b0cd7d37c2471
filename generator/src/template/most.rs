//! How large a template can be at most: to know that one is small enough takes less than to write it.

#[cfg(test)]
mod tests;

use super::{Entry, Section, Template, Value};

/// What stands above the sections and between them.
const HEAD: usize = 256;

/// No form of the template has more bytes: neither commented YAML nor compact JSON, nor the YAML that the CDK CLI makes of
/// it. Every value counts as YAML in blocks, with the long names of functions and with each text in quotes.
pub(crate) fn most_bytes(template: &Template) -> usize {
    let sections = template.draft();
    HEAD + text(&template.generated_from, 0) + sections.iter().map(section).sum::<usize>()
}

fn section(section: &Section) -> usize {
    match section {
        Section::Plain(key, value) => 1 + entry(key, value, 0),
        Section::Entries(key, entries) => {
            let entry = |Entry { key, value, heading, why }: &Entry| {
                let comments = [heading, why].into_iter().flatten();
                2 + comments.map(|text| comment(text)).sum::<usize>() + entry(key, value, 2)
            };
            1 + key.len() + 2 + entries.iter().map(entry).sum::<usize>()
        }
    }
}

/// A comment in lines of which each two together have more than a hundred bytes, with what stands around a heading.
fn comment(text: &str) -> usize {
    let lines = 1 + text.len() / 50;
    text.len() + lines * "  # \n".len() + "---  ---\n".len()
}

/// `key: value`, with a quote or a comma more.
fn entry(key: &str, of: &Value, indent: usize) -> usize {
    indent + text(key, indent) + 3 + value(of, indent + 2)
}

fn value(value: &Value, indent: usize) -> usize {
    let map = |entries: &[(String, Value)]| {
        3 + entries.iter().map(|(key, value)| entry(key, value, indent)).sum::<usize>()
    };
    let call = |name: &str, arguments: usize| indent + name.len() + 8 + arguments;
    let texts = |texts: &[&str]| texts.iter().map(|item| indent + 4 + text(item, indent + 4)).sum::<usize>();
    match value {
        Value::Text(of) | Value::Block(of) => text(of, indent) + 1,
        Value::Number(number) => number.to_string().len() + 1,
        Value::Bool(_) => "false\n".len(),
        Value::List(items) => list(items, indent),
        Value::Map(entries) => map(entries),
        Value::Flow(inner) => self::value(inner, indent),
        Value::Shared(inner) => self::value(inner, indent),
        Value::Ref(name) => call("Ref", text(name, indent)),
        Value::GetAtt(id, attribute) => call("Fn::GetAtt", texts(&[id, attribute])),
        Value::Sub(of, variables) if variables.is_empty() => call("Fn::Sub", text(of, indent + 2)),
        Value::Sub(of, variables) => call(
            "Fn::Sub",
            texts(&[of]) + indent + 4 + self::value(&Value::Map(variables.clone()), indent + 4),
        ),
        Value::FindInMap(map, first, second) => {
            call("Fn::FindInMap", texts(&[map, second]) + indent + 4 + self::value(first, indent + 4))
        }
        Value::Join(delimiter, parts) => {
            call("Fn::Join", texts(&[delimiter]) + indent + 4 + list(parts, indent + 4))
        }
        Value::Equals(one, other) => {
            let both = [one, other].map(|one| indent + 4 + self::value(one, indent + 4));
            call("Fn::Equals", both.iter().sum())
        }
    }
}

fn list(items: &[Value], indent: usize) -> usize {
    3 + items.iter().map(|item| indent + 3 + value(item, indent + 2)).sum::<usize>()
}

/// Bytes that some form escapes.
const ESCAPED: [bool; 256] = {
    let mut escaped = [true; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        escaped[byte as usize] = matches!(byte, b'\'' | b'"' | b'\\');
        byte += 1;
    }
    escaped
};

/// A text in quotes, or in a block if it has several lines. Nothing that is escaped takes more than six bytes for one.
fn text(text: &str, indent: usize) -> usize {
    let quoted = text.len() + 4;
    // Every text of a run comes by here, and nearly all hold nothing of the kind.
    if !text.bytes().fold(false, |any, byte| any | ESCAPED[usize::from(byte)]) {
        return quoted;
    }
    let escaped = text.bytes().filter(|byte| ESCAPED[usize::from(*byte)]).count();
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    quoted + 5 * escaped + if breaks > 0 { (breaks + 1) * indent } else { 0 }
}
