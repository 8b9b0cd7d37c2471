//! A spec file as text: guards against what no spec needs, the places of everything, the shape of the whole.
//!
//! One parser reads the text, [`saphyr_parser`]; values, places and quotes all come out of its events. A second
//! reader beside it would be one that can disagree.
//!
//! Nothing here knows what a key means: [`check`] is told by a JSON Schema.

mod events;
mod guard;
mod merge;
mod scalar;
mod shape;
mod syntax;
mod text;
mod tree;

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde_yaml::Value;

pub use guard::MAX_BYTES;
pub use merge::{Layers, Merged};
pub use shape::{check, check_merged, check_own};
pub use text::{Position, Text};
pub use tree::{Place, Style};

pub(crate) use guard::lossy_text;

use crate::problem::{At, Problem, SpecPath};
use tree::{Content, Node};

/// The number of a file among those that are read together, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(usize);

impl FileId {
    /// The file at an index.
    pub fn new(index: usize) -> Self {
        Self(index)
    }

    /// The index.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A YAML document of the plain kind that specs are: no anchors, aliases, tags, duplicate keys, and every key text.
#[derive(Clone, Debug)]
pub struct Document {
    text: Text,
    root: Node,
}

impl Document {
    /// Reads the bytes of a spec file that is the only one. See [`Document::read_as`].
    ///
    /// # Errors
    /// As there.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        Self::read_as(FileId::default(), bytes)
    }

    /// Reads the bytes of one of several spec files. A byte order mark in front is left out, and no place counts it.
    ///
    /// # Errors
    /// Everything that keeps the file from being such a document (`LS001` to `LS011`). The places are byte ranges of
    /// the text without its byte order mark; there is at least one problem.
    pub fn read_as(file: FileId, bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let text = guard::text(bytes)?;
        let root = events::tree(&text, file)?;
        Ok(Self { text, root })
    }

    /// The number of the file.
    pub fn file(&self) -> FileId {
        self.root.file
    }

    /// The text, without its byte order mark.
    pub fn text(&self) -> &Text {
        &self.text
    }

    /// The document as a value: texts without quotes are read by the core schema of YAML 1.2, keys stay in the order
    /// of the file. Never null.
    pub fn value(&self) -> Value {
        self.root.value()
    }

    /// Whether the document is a mapping.
    pub fn is_mapping(&self) -> bool {
        matches!(self.root.content, Content::Map(_))
    }

    /// Whether a value stands at a path, other than null.
    pub fn is_set(&self, path: &SpecPath) -> bool {
        self.root.find(path).is_some_and(|node| !node.is_null())
    }

    /// Whether something stands at a path and is not in `good`, which [`check`] gave: it was reported.
    pub fn is_left_out(&self, good: &Value, path: &SpecPath) -> bool {
        self.root.is_left_out(good, path)
    }

    /// The text at a path, or each text of the list there, with the path of each; `None` for what is not text. Nothing
    /// for null or no value at all.
    pub fn texts(&self, path: &SpecPath) -> Vec<(SpecPath, Option<&str>)> {
        match self.root.find(path) {
            Some(Node { content: Content::List(items), .. }) => {
                items.iter().enumerate().map(|(n, item)| (path.item(n), item.text())).collect()
            }
            Some(node) if !node.is_null() => vec![(path.clone(), node.text())],
            _ => Vec::new(),
        }
    }

    /// Where the value at a path stands, if it is there.
    pub fn place(&self, path: &SpecPath) -> Option<&Place> {
        self.root.find(path).map(|node| &node.place)
    }

    /// What to underline for a place of a problem: within the text, on character boundaries, within one line, and
    /// empty only at the end of a line. For what is not there, such as a missing key, that is the nearest key above
    /// it; for a value of several lines its key, or else the first key or item in it.
    pub fn span(&self, at: &At, path: &SpecPath) -> Range<usize> {
        if let At::Bytes(range) = at {
            return self.text.underline(range);
        }
        let (node, found) = self.nearest(path);
        let place = &node.place;
        let value = found && *at == At::Value && self.is_one_line(place);
        self.text.underline(match &place.key {
            _ if value => &place.value,
            Some(key) => key,
            None => node.head(),
        })
    }

    /// The node at the path, or else the nearest one above it; and whether it is the path's own.
    fn nearest(&self, path: &SpecPath) -> (&Node, bool) {
        let mut above = path.clone();
        while let Some(parent) = above.parent() {
            if let Some(node) = self.root.find(&above) {
                return (node, above == *path);
            }
            above = parent;
        }
        (&self.root, path.parent().is_none())
    }

    /// Whether there is a value that can be underlined by itself: not nothing, and not several lines.
    fn is_one_line(&self, place: &Place) -> bool {
        let value = self.text.as_str().get(place.value.clone()).unwrap_or_default();
        !value.is_empty() && !value.contains(['\n', '\r'])
    }
}
