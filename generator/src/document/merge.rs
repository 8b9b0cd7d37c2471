//! Several documents as one: a file laid over the files that it builds on.
//!
//! Maps are merged key by key; of everything else the later file has its way. A written null (`~`) takes a key away
//! that was inherited. Every node of the result knows the file that it stands in.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_yaml::Value;

use super::tree::{Content, Node, Place, Style};
use super::{Document, FileId};
use crate::problem::{SpecPath, Step};

/// A file laid over the files that it builds on. What takes a key away is still in there: a file that is laid over
/// another one later takes it away from that one too.
#[derive(Clone, Debug)]
pub struct Layers {
    root: Node,
}

impl Layers {
    /// Lays a document over what it builds on, in order: the last one lies on top, right under the document.
    pub fn new<'a>(bases: impl IntoIterator<Item = &'a Self>, document: &Document) -> Self {
        let mut root = empty(document.file());
        for base in bases {
            root.lay(&base.root);
        }
        root.lay(&document.root);
        Self { root }
    }

    /// Leaves out the values at these paths, and mappings that have nothing else in them.
    #[must_use]
    pub fn without(mut self, paths: &[SpecPath]) -> Self {
        for path in paths {
            self.root.leave_out(path.steps());
        }
        self
    }

    /// The document that this is in the end: what takes a key away has done so. `own` is the file on top.
    pub fn merged(mut self, own: FileId) -> Merged {
        self.root.take_away();
        Merged { root: self.root, own }
    }
}

/// A document that several files make together.
#[derive(Clone, Debug)]
pub struct Merged {
    pub(super) root: Node,
    own: FileId,
}

impl Merged {
    /// Whether something stands at a path and is not in `good`, which [`super::check_merged`] gave: it was reported.
    pub fn is_left_out(&self, good: &Value, path: &SpecPath) -> bool {
        self.root.is_left_out(good, path)
    }

    /// The file in which the value at a path stands, or would be written: the items of a list stand in one file, and
    /// what is nowhere belongs into the file on top.
    pub fn file(&self, path: &SpecPath) -> FileId {
        let mut node = &self.root;
        let mut absent = self.own;
        for step in path.steps() {
            if matches!(node.content, Content::List(_)) {
                absent = node.file;
            }
            match node.child(step) {
                Some(child) => node = child,
                None => return absent,
            }
        }
        node.file
    }
}

fn empty(file: FileId) -> Node {
    let place = Place { key: None, value: 0..0, style: Style::Map };
    Node { file, place, content: Content::Map(BTreeMap::new()) }
}

impl Node {
    /// Lays a node over this one. The depth of documents is limited, so this may recurse.
    fn lay(&mut self, over: &Self) {
        let (Content::Map(below), Content::Map(above)) = (&mut self.content, &over.content) else {
            *self = over.clone();
            return;
        };
        for (key, node) in above {
            match below.entry(key.clone()) {
                Entry::Occupied(mut entry) => entry.get_mut().lay(node),
                Entry::Vacant(entry) => drop(entry.insert(node.clone())),
            }
        }
        self.file = over.file;
        self.place = over.place.clone();
    }

    /// Takes keys away, here and in the mappings below; null in a list is a mistake of another kind.
    fn take_away(&mut self) {
        let Content::Map(entries) = &mut self.content else { return };
        entries.retain(|_, node| !node.is_removal());
        entries.values_mut().for_each(|node| node.take_away());
    }

    fn leave_out(&mut self, steps: &[Step]) {
        let (Content::Map(entries), [Step::Key(key), below @ ..]) = (&mut self.content, steps) else {
            return;
        };
        let Some(node) = entries.get_mut(key) else { return };
        node.leave_out(below);
        let is_empty = matches!(&node.content, Content::Map(entries) if entries.is_empty());
        if below.is_empty() || is_empty {
            entries.remove(key);
        }
    }
}
