//! A template of ours as a tree, without the way over text.

use super::{Content, Node, functions};
use crate::template::{Section, Template, Value};

/// The tree that reading the rendered template gives, but for its metadata, comments and lines.
pub(in crate::review) fn template(template: &Template) -> Node {
    let sections = template.content().into_iter().map(|section| match section {
        Section::Plain(key, value) => (key.to_owned(), node(&value)),
        Section::Entries(key, entries) => {
            let entries = entries.iter().map(|entry| (entry.key.clone(), node(&entry.value))).collect();
            (key.to_owned(), plain(Content::Map(entries)))
        }
    });
    plain(Content::Map(sections.collect()))
}

fn plain(content: Content) -> Node {
    Node { line: None, content }
}

/// A value of ours.
fn node(value: &Value) -> Node {
    let list = |items: &[Value]| plain(Content::List(items.iter().map(node).collect()));
    let map = |entries: &[(String, Value)]| {
        plain(Content::Map(entries.iter().map(|(key, value)| (key.clone(), node(value))).collect()))
    };
    match value {
        Value::Text(text) | Value::Block(text) => Node::scalar(text),
        Value::Number(number) => Node::scalar(number.to_string()),
        Value::Bool(bool) => Node::scalar(bool.to_string()),
        Value::List(items) => list(items),
        // A function that is written as a mapping.
        Value::Map(entries) => functions::normal(map(entries)),
        Value::Flow(value) => node(value),
        Value::Shared(value) => node(value),
        Value::Ref(name) => functions::call("Ref", Node::scalar(name)),
        Value::GetAtt(id, attribute) => {
            let pair = plain(Content::List(vec![Node::scalar(id), Node::scalar(*attribute)]));
            functions::call("GetAtt", pair)
        }
        Value::Sub(text, variables) => {
            functions::call("Sub", plain(Content::List(vec![Node::scalar(text), map(variables)])))
        }
        Value::FindInMap(name, first, second) => {
            let keys = vec![Node::scalar(*name), node(first), Node::scalar(second)];
            functions::call("FindInMap", plain(Content::List(keys)))
        }
        Value::Join(delimiter, parts) => {
            functions::call("Join", plain(Content::List(vec![Node::scalar(*delimiter), list(parts)])))
        }
        Value::Equals(one, other) => {
            functions::call("Equals", plain(Content::List(vec![node(one), node(other)])))
        }
    }
}
