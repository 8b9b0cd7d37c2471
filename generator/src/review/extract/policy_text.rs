//! Policies that a template holds as text: JSON as a string, in `Fn::Sub`, put together by `Fn::Join`.

use super::terms::Terms;
use crate::review::source::{call, read_text};
use crate::review::{Content, Node, Unreadable};

/// The document that a value holds as text; none if it is no text that begins like JSON.
pub(super) fn document(terms: &Terms<'_>, node: &Node) -> Option<Result<Node, Unreadable>> {
    let argument = match node.function() {
        None => {
            let text = node.text().filter(|text| begins(text))?;
            return Some(read_text(text).map(|document| at_line(document, node.line)));
        }
        Some(("ToJsonString", argument)) => return Some(Ok(argument.clone())),
        Some(("Sub" | "Join", argument)) => argument,
        Some(_) => return None,
    };
    if !first_text(argument).is_some_and(begins) {
        return None;
    }
    let text = terms.as_sub(&terms.term(node));
    Some(read_text(&text).map(|document| at_line(filled(document), node.line)))
}

/// Whether a text is likely to be JSON with a policy in it.
fn begins(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// Whether a text, or one among the arguments of a function, speaks of statements.
pub(super) fn names_statements(node: &Node) -> bool {
    match &node.content {
        Content::Scalar(text) => text.contains("\"Statement\""),
        Content::List(items) => items.iter().any(names_statements),
        Content::Map(entries) => entries.iter().any(|(_, value)| names_statements(value)),
        Content::Null => false,
    }
}

/// The first text of a function's argument, however deep.
fn first_text(node: &Node) -> Option<&str> {
    match &node.content {
        Content::Scalar(text) if !text.is_empty() => Some(text),
        Content::List(items) => items.iter().find_map(first_text),
        _ => None,
    }
}

/// The same with each text as what `Fn::Sub` makes of it.
fn filled(node: Node) -> Node {
    let content = match node.content {
        Content::Scalar(text) if text.contains("${") => return call("Sub", Node::scalar(text)),
        Content::List(items) => Content::List(items.into_iter().map(filled).collect()),
        Content::Map(entries) => {
            Content::Map(entries.into_iter().map(|(key, value)| (key, filled(value))).collect())
        }
        other => other,
    };
    Node { line: node.line, content }
}

/// The same, every line being that of the text in the template.
fn at_line(node: Node, line: Option<usize>) -> Node {
    let content = match node.content {
        Content::List(items) => Content::List(items.into_iter().map(|item| at_line(item, line)).collect()),
        Content::Map(entries) => {
            Content::Map(entries.into_iter().map(|(key, value)| (key, at_line(value, line))).collect())
        }
        other => other,
    };
    Node { line, content }
}
