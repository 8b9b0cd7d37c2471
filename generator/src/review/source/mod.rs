//! Templates as trees with lines: read from YAML or JSON text of anybody's making, or made from a template of ours.
//!
//! Functions have one form, the long one: `!GetAtt a.b`, `Fn::GetAtt: a.b` and `[a, b]` are `{"Fn::GetAtt": ["a", "b"]}`.
//! Anchors and merge keys, which CloudFormation itself refuses but tools before it resolve, are resolved.

mod events;
mod functions;
mod typed;

#[cfg(test)]
mod tests;

use std::fmt;

pub(super) use events::read_text;
pub use events::{MAX_BYTES, read};
pub(super) use functions::call;
pub(super) use typed::template;

/// A value of a template and the line that it starts in. Lines are no part of equality.
#[derive(Clone, Debug)]
pub struct Node {
    /// The line, from 1: of its key in a mapping, of itself elsewhere; none in what was not read from text.
    pub line: Option<usize>,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] holds. Numbers and truth values are text, as CloudFormation takes them for each other.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing: `key:`, `null`.
    Null,
    /// Text, a number, `true` or `false`.
    Scalar(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, each key once, in the order of the file.
    Map(Vec<(String, Node)>),
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl Node {
    /// Text.
    pub fn scalar(text: impl Into<String>) -> Self {
        Self { line: None, content: Content::Scalar(text.into()) }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value at the end of a way of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, if it is some.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The function and its argument, if this is a call of one: `Ref`, `Condition`, `Fn::…`.
    pub fn function(&self) -> Option<(&str, &Self)> {
        match self.entries() {
            [(name, argument)] if name == "Ref" || name == "Condition" || name.starts_with("Fn::") => {
                Some((name.strip_prefix("Fn::").unwrap_or(name), argument))
            }
            _ => None,
        }
    }

    /// Whether this is `Ref: AWS::NoValue`, which stands for nothing.
    pub fn is_no_value(&self) -> bool {
        matches!(self.function(), Some(("Ref", name)) if name.text() == Some("AWS::NoValue"))
    }
}

/// Why a file cannot be read as YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The column, from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (Some(line), Some(column)) => write!(f, "{line}:{column}: {}", self.message),
            (Some(line), None) => write!(f, "{line}: {}", self.message),
            _ => f.write_str(&self.message),
        }
    }
}
