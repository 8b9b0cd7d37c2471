//! The document as a tree that remembers where everything stands.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_yaml::{Mapping, Value};

use super::{FileId, scalar};
use crate::problem::{SpecPath, Step};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Text without quotes, or nothing at all.
    Plain,
    /// Text in single or double quotes.
    Quoted,
    /// Text after `|` or `>`.
    Block,
    /// A list, with dashes or in brackets.
    List,
    /// A mapping, in lines or in braces.
    Map,
}

/// Where a value stands, in bytes of the document's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The key, if the value is in a mapping.
    pub key: Option<Range<usize>>,
    /// The value, with its quotes or brackets, up to the end of its last child; of text after `|` the lines of the
    /// text; of a value that is not there (`key:`) an empty range behind the colon.
    pub value: Range<usize>,
    /// How the value is written.
    pub style: Style,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// The file that the place is in.
    pub(super) file: FileId,
    pub(super) place: Place,
    pub(super) content: Content,
}

/// What a [`Node`] holds.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Text, with quotes, escapes and folding undone.
    Scalar(String),
    /// The items of a list.
    List(Vec<Node>),
    /// The values of a mapping by key; boxed, since a map has room for eleven at least, and most hold a few.
    Map(BTreeMap<String, Box<Node>>),
}

impl Node {
    /// The value as serde knows it.
    pub(super) fn value(&self) -> Value {
        match &self.content {
            Content::Scalar(text) if self.place.style == Style::Plain => scalar::resolve(text),
            Content::Scalar(text) => Value::String(text.clone()),
            Content::List(items) => Value::Sequence(items.iter().map(Self::value).collect()),
            Content::Map(entries) => {
                in_order(entries).map(|(key, node)| (key.into(), node.value())).collect::<Mapping>().into()
            }
        }
    }

    /// The text that this is, if it is text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(text) if self.place.style != Style::Plain => Some(text),
            Content::Scalar(text) => scalar::resolve(text).is_string().then_some(text),
            _ => None,
        }
    }

    /// Whether this is null, written or left out.
    pub(super) fn is_null(&self) -> bool {
        match &self.content {
            Content::Scalar(text) => self.place.style == Style::Plain && scalar::resolve(text).is_null(),
            _ => false,
        }
    }

    /// Whether this is a written null, such as `~`: a key with it takes an inherited key away. A value that is left
    /// out does not, since it may have been forgotten.
    pub(super) fn is_removal(&self) -> bool {
        self.is_null() && !self.place.value.is_empty()
    }

    /// The first key or text in here, to point at a value of several lines.
    pub(super) fn head(&self) -> &Range<usize> {
        match &self.content {
            Content::Map(entries) => {
                let keys = entries.values().filter_map(|node| node.place.key.as_ref());
                keys.min_by_key(|key| key.start).unwrap_or(&self.place.value)
            }
            Content::List(items) => items.first().map_or(&self.place.value, Self::head),
            Content::Scalar(_) => &self.place.value,
        }
    }

    /// The node that a path leads to.
    pub(super) fn find(&self, path: &SpecPath) -> Option<&Self> {
        path.steps().iter().try_fold(self, Self::child)
    }

    /// Whether something stands at a path, or in place of a mapping above it, and is not in `good`, which was made of this.
    pub(super) fn is_left_out(&self, mut good: &Value, path: &SpecPath) -> bool {
        let mut node = self;
        for step in path.steps() {
            let Some(below) = node.child(step) else { return false };
            let kept = match step {
                Step::Key(key) => good.get(key.as_str()),
                Step::Item(index) => good.get(*index),
            };
            let Some(kept) = kept else { return true };
            (node, good) = (below, kept);
        }
        good.is_null() && !node.is_null()
    }

    /// The node one step below.
    pub(super) fn child(&self, step: &Step) -> Option<&Self> {
        match (&self.content, step) {
            (Content::Map(entries), Step::Key(key)) => entries.get(key).map(Box::as_ref),
            (Content::List(items), Step::Item(index)) => items.get(*index),
            _ => None,
        }
    }
}

/// The entries of a mapping in the order of the file; of several files in the order of these.
pub(super) fn in_order(entries: &BTreeMap<String, Box<Node>>) -> impl Iterator<Item = (&str, &Node)> {
    let mut entries: Vec<_> = entries.iter().map(|(key, node)| (key.as_str(), &**node)).collect();
    entries.sort_by_key(|(_, node)| (node.file, node.place.value.start));
    entries.into_iter()
}
