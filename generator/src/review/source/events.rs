//! Text to tree, by the events of the parser that reads specs, too.
//!
//! This is not the reader of `document`: that one refuses what people write in templates (anchors, tags, tabs in JSON)
//! and knows each value's bytes, to underline them; here lines are enough, and the tree is another.

use std::borrow::Cow;
use std::collections::BTreeSet;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::{Content, Node, Unreadable, functions};

/// The largest file that is read, in bytes. CloudFormation takes templates of up to 1 MB, from a bucket (user guide,
/// `cloudformation-limits`); what is packaged later may be larger.
pub const MAX_BYTES: usize = 4 << 20;
/// How many collections may stand within each other, aliases put in.
const MAX_DEPTH: usize = 64;
/// How much the anchors and aliases of a file may copy, counted as values and bytes of text.
const MAX_COPIED: usize = 8 << 20;

/// Reads a YAML or JSON document.
///
/// # Errors
/// The first thing that keeps it from being one: with its line and column, if it has a place.
pub fn read(bytes: &[u8]) -> Result<Node, Unreadable> {
    let nowhere = |message: &str| Unreadable { line: None, column: None, message: message.to_owned() };
    if bytes.len() > MAX_BYTES {
        return Err(nowhere("the file is larger than 4 MiB; CloudFormation takes templates up to 1 MB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| nowhere("the file is not UTF-8 text"))?;
    read_text(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

/// The same for a text, such as a policy that is held as one.
pub(in crate::review) fn read_text(text: &str) -> Result<Node, Unreadable> {
    let text = as_yaml(text);
    let mut reader = Reader::default();
    for event in Parser::new_from_str(&text) {
        match event {
            Ok((event, span)) => {
                let done = reader.event(event, span);
                done.map_err(|message| refused(span, message))?;
            }
            Err(error) => {
                let (line, column) = (Some(error.marker().line()), Some(error.marker().col() + 1));
                let message = format!("not well-formed YAML: {}", error.info());
                return Err(Unreadable { line, column, message });
            }
        }
    }
    let empty = Unreadable { line: None, column: None, message: "the file holds no document".to_owned() };
    reader.root.map(|read| read.node).ok_or(empty)
}

fn refused(span: Span, message: String) -> Unreadable {
    Unreadable { line: Some(span.start.line()), column: Some(span.start.col() + 1), message }
}

/// JSON as YAML readers take it: a tab is a blank there, and no JSON text holds one. Its pairs of escapes for characters
/// beyond 16 bits, which YAML does not have, become the characters.
fn as_yaml(text: &str) -> Cow<'_, str> {
    let starts_as_json = text.trim_start().starts_with(['{', '[']);
    let differs = text.contains('\t') || text.contains("\\ud") || text.contains("\\uD");
    if !starts_as_json || !differs || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(with_pairs(&text.replace('\t', " ")))
}

fn with_pairs(text: &str) -> String {
    let mut done = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        done.push_str(&rest[..at]);
        let escape = &rest[at..];
        let pair = escape.get(..12).and_then(|pair| {
            let half = |pair: &str| u16::from_str_radix(pair.strip_prefix("\\u")?, 16).ok();
            let halves = [half(&pair[..6])?, half(pair.get(6..)?)?];
            char::decode_utf16(halves).next()?.ok().filter(|char| u32::from(*char) > 0xFFFF)
        });
        let length = match pair {
            Some(char) => {
                done.push(char);
                12
            }
            // The character behind a backslash is no backslash of its own.
            None => {
                let length = 1 + escape.chars().nth(1).map_or(0, char::len_utf8);
                done.push_str(&escape[..length]);
                length
            }
        };
        rest = &escape[length..];
    }
    done + rest
}

/// A value that was read to its end, and what an alias to it costs.
#[derive(Clone)]
struct Read {
    node: Node,
    /// Values and bytes of text in it.
    weight: usize,
    /// Collections within each other in it.
    depth: usize,
}

/// A collection that is being read.
struct Open {
    line: usize,
    anchor: usize,
    tag: Option<String>,
    weight: usize,
    depth: usize,
    items: Items,
}

enum Items {
    List(Vec<Node>),
    Map {
        entries: Vec<(String, Node)>,
        seen: BTreeSet<String>,
        /// The key whose value comes next, and its line.
        key: Option<(String, usize)>,
        /// What `<<` puts in, in order: the mapping's own keys and earlier ones win.
        merged: Vec<Node>,
    },
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    root: Option<Read>,
    anchors: std::collections::BTreeMap<usize, Read>,
    copied: usize,
}

impl Reader {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), String> {
        let line = span.start.line();
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err("the file holds a second document; a template is one".into())
            }
            Event::Alias(anchor) => self.alias(anchor, line),
            Event::Scalar(value, style, anchor, tag) => {
                let is_null =
                    style == ScalarStyle::Plain && matches!(&*value, "" | "~" | "null" | "Null" | "NULL");
                let tag = local(tag);
                let content = if is_null && tag.is_none() {
                    Content::Null
                } else {
                    Content::Scalar(value.into_owned())
                };
                let weight = 1 + if let Content::Scalar(text) = &content { text.len() } else { 0 };
                self.complete(line, anchor, tag, weight, 0, content)
            }
            Event::SequenceStart(anchor, tag) => self.start(line, anchor, tag, Items::List(Vec::new())),
            Event::MappingStart(anchor, tag) => {
                let (entries, seen, merged) = (Vec::new(), BTreeSet::new(), Vec::new());
                self.start(line, anchor, tag, Items::Map { entries, seen, key: None, merged })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            _ => Ok(()),
        }
    }

    fn start(
        &mut self,
        line: usize,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        items: Items,
    ) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(too_deep());
        }
        self.open.push(Open { line, anchor, tag: local(tag), weight: 1, depth: 0, items });
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let content = match open.items {
            Items::List(items) => Content::List(items),
            Items::Map { mut entries, mut seen, merged, .. } => {
                for node in &merged {
                    for (key, value) in node.entries() {
                        if seen.insert(key.clone()) {
                            entries.push((key.clone(), value.clone()));
                        }
                    }
                }
                Content::Map(entries)
            }
        };
        self.complete(open.line, open.anchor, open.tag, open.weight, open.depth + 1, content)
    }

    fn alias(&mut self, anchor: usize, line: usize) -> Result<(), String> {
        let Some(read) = self.anchors.get(&anchor).cloned() else {
            return Err("an alias stands within its own anchor".into());
        };
        self.copy(read.weight)?;
        self.put(Read { node: Node { line: Some(line), ..read.node }, ..read })
    }

    fn copy(&mut self, weight: usize) -> Result<(), String> {
        self.copied = self.copied.saturating_add(weight);
        if self.copied > MAX_COPIED {
            Err("its anchors and aliases make the file too large".into())
        } else {
            Ok(())
        }
    }

    fn complete(
        &mut self,
        line: usize,
        anchor: usize,
        tag: Option<String>,
        weight: usize,
        depth: usize,
        content: Content,
    ) -> Result<(), String> {
        let node = Node { line: Some(line), content };
        let (node, depth) = match tag {
            // A tag is a mapping with one key.
            Some(tag) => (functions::call(&tag, node), depth + 1),
            None => (functions::normal(node), depth),
        };
        let read = Read { node, weight, depth };
        if anchor > 0 {
            self.copy(read.weight)?;
            self.anchors.insert(anchor, read.clone());
        }
        self.put(read)
    }

    fn put(&mut self, mut read: Read) -> Result<(), String> {
        if self.open.len() + read.depth > MAX_DEPTH {
            return Err(too_deep());
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(read);
            return Ok(());
        };
        let is_key = matches!(&open.items, Items::Map { key: None, .. });
        if !is_key {
            open.depth = open.depth.max(read.depth);
        }
        open.weight = open.weight.saturating_add(read.weight);
        match &mut open.items {
            Items::List(items) => items.push(read.node),
            Items::Map { key: key @ None, .. } => {
                let line = read.node.line.unwrap_or_default();
                let Content::Scalar(name) = read.node.content else { return Err("a key is not text".into()) };
                *key = Some((name, line));
            }
            Items::Map { entries, seen, key, merged } => {
                let Some((name, line)) = key.take() else { return Ok(()) };
                if name == "<<" && matches!(read.node.content, Content::Map(_) | Content::List(_)) {
                    match read.node.content {
                        Content::List(nodes) => merged.extend(nodes),
                        _ => merged.push(read.node),
                    }
                    return Ok(());
                }
                if !seen.insert(name.clone()) {
                    return Err(format!(
                        "the key `{name}` stands twice in the mapping of line {}",
                        open.line
                    ));
                }
                read.node.line = Some(line);
                entries.push((name, read.node));
            }
        }
        Ok(())
    }
}

fn too_deep() -> String {
    format!("the file is nested deeper than {MAX_DEPTH} levels")
}

/// The name of a tag of CloudFormation; none for those of YAML itself (`!!str`), which change nothing here.
fn local(tag: Option<Cow<'_, Tag>>) -> Option<String> {
    let tag = tag?;
    (tag.handle == "!" && !tag.suffix.is_empty()).then(|| tag.suffix.clone())
}
