//! From text to tree: the events of the YAML parser, and what a spec may not use of YAML.
//!
//! The parser is asked for one event after the other, never to load a document: loading recurses, and a hostile
//! file chooses how deep.

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::tree::{Content, Node, Place, Style};
use super::{FileId, Text, scalar, shape, syntax};
use crate::problem::{At, Code, Fault, Problem, SpecPath, shown};

/// How many collections may stand within each other.
const MAX_DEPTH: usize = 32;

/// What YAML takes for blank.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Reads the one document of the text of a file.
///
/// # Errors
/// Everything that is wrong with the YAML: the first syntax error, or the first level that is too deep, together
/// with every anchor, alias, tag, duplicate key and key that is not text up to there.
pub(super) fn tree(text: &Text, file: FileId) -> Result<Node, Vec<Problem>> {
    let mut builder = Builder { text, file, open: Vec::new(), root: None, problems: Vec::new() };
    for event in Parser::new_from_str(text.as_str()) {
        let goes_on = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => builder.refuse(syntax::problem(text, &error)),
        };
        if !goes_on {
            break;
        }
    }
    builder.finish()
}

/// A key of a mapping that is being read.
enum Key {
    /// The next node is a key.
    Wanted,
    /// The next node is the value of this key; the name is missing when the key was refused.
    Read(Option<String>, Range<usize>),
}

/// What an open collection holds so far.
enum Items {
    List(Vec<Node>),
    Map { entries: BTreeMap<String, Box<Node>>, key: Key },
}

/// A collection that is being read.
struct Open {
    start: usize,
    /// Where the last thing read within it ends.
    end: usize,
    /// Whether it stands in brackets or braces, so that its end has a place of its own.
    flow: bool,
    items: Items,
}

struct Builder<'t> {
    text: &'t Text,
    file: FileId,
    open: Vec<Open>,
    root: Option<Node>,
    problems: Vec<Problem>,
}

impl Builder<'_> {
    /// Takes one event in; false when reading ends here.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        let range = self.text.byte_of(span.start.index())..self.text.byte_of(span.end.index());
        match event {
            Event::DocumentStart(_) if self.root.is_some() => return self.second_document(range),
            Event::Alias(_) => {
                self.anchor(&range, '*');
                let name = self.slice(&range).to_owned();
                self.complete(self.node(range, Style::Plain, Content::Scalar(name)));
            }
            Event::Scalar(value, style, anchor, tag) => {
                self.decorations(&range, anchor, tag.is_some());
                self.scalar(range, value.into_owned(), style);
            }
            Event::SequenceStart(anchor, tag) => {
                self.decorations(&range, anchor, tag.is_some());
                return self.start(range, Items::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.decorations(&range, anchor, tag.is_some());
                return self.start(range, Items::Map { entries: BTreeMap::new(), key: Key::Wanted });
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.end),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
        true
    }

    /// The tree, or every problem found.
    fn finish(mut self) -> Result<Node, Vec<Problem>> {
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        match self.root.take() {
            Some(root) if !root.is_null() => Ok(root),
            _ => {
                let help = "write a spec into it, or start with `lakelink init`";
                Err(vec![self.problem(Code::Empty, 0..0, "the file holds no document".into(), help)])
            }
        }
    }

    fn start(&mut self, mut range: Range<usize>, items: Items) -> bool {
        if self.open.len() == MAX_DEPTH {
            return self.refuse(syntax::too_deep(range));
        }
        let flow = self.slice(&range).starts_with(['[', '{']);
        if matches!(items, Items::List(_)) && !flow {
            // The parser starts a list that is indented like its key behind the first dash.
            range.start = self.dash_of_list(range.start);
        }
        if !flow && self.is_behind_tab(range.start) {
            return self.refuse(syntax::tab(range));
        }
        self.open.push(Open { start: range.start, end: range.start, flow, items });
        true
    }

    /// Where the first dash of the list is that starts here or a little before.
    fn dash_of_list(&self, start: usize) -> usize {
        match self.open.last().map(|open| &open.items) {
            Some(Items::Map { key: Key::Read(_, key), .. }) => self.dash(key.end).unwrap_or(start),
            _ => start,
        }
    }

    /// Whether a tab indents what starts here. The parser lets the first line of a block have one.
    fn is_behind_tab(&self, start: usize) -> bool {
        let before = self.slice(&(0..start));
        let above = before.trim_end_matches([' ', '\t']);
        let starts_line = above.is_empty() || above.ends_with(['\n', '\r']);
        starts_line && before.get(above.len()..).is_some_and(|indent| indent.contains('\t'))
    }

    /// Ends the innermost collection. The parser ends a block collection where the next thing starts, often lines
    /// below, so only brackets and braces are believed.
    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let range = open.start..if open.flow { end.max(open.end) } else { open.end };
        self.complete(match open.items {
            Items::List(items) => self.node(range, Style::List, Content::List(items)),
            Items::Map { entries, .. } => self.node(range, Style::Map, Content::Map(entries)),
        });
    }

    fn scalar(&mut self, range: Range<usize>, value: String, style: ScalarStyle) {
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let written = self.slice(&range);
        let range = match style {
            Style::Plain if value.is_empty() => self.nothing(range),
            // The parser ends a text in quotes behind what follows it in its line, comment included.
            Style::Quoted => range.start..range.start + syntax::closing_quote(written),
            _ => range.start..range.start + written.trim_end_matches(BLANKS).len(),
        };
        self.complete(self.node(range, style, Content::Scalar(value)));
    }

    /// Where a value that is not there would stand: behind the colon of its key, or at the dash of its item. The
    /// parser names whatever comes next.
    fn nothing(&self, range: Range<usize>) -> Range<usize> {
        let Some(open) = self.open.last() else { return range.start..range.start };
        match &open.items {
            Items::Map { key: Key::Read(_, key), .. } => {
                let at = self.behind_colon(key.end);
                at..at
            }
            Items::Map { .. } => range.start..range.start,
            Items::List(_) => match self.dash(open.end) {
                Some(dash) => dash..dash + 1,
                None => open.end..open.end,
            },
        }
    }

    /// The byte behind the colon that follows a key; the end of the key if there is none.
    fn behind_colon(&self, key_end: usize) -> usize {
        let behind = self.text.as_str().get(key_end..).unwrap_or_default();
        let blanks = behind.len() - behind.trim_start_matches(BLANKS).len();
        let colon = behind.get(blanks..).is_some_and(|rest| rest.starts_with(':'));
        if colon { key_end + blanks + 1 } else { key_end }
    }

    /// Where the next dash is, if nothing but blanks, comments and a colon stand before it.
    fn dash(&self, mut from: usize) -> Option<usize> {
        loop {
            let rest = self.text.as_str().get(from..)?;
            let skipped = rest.trim_start_matches(|char| BLANKS.contains(&char) || char == ':');
            from += rest.len() - skipped.len();
            match skipped.chars().next()? {
                '-' => return Some(from),
                '#' => from += skipped.find(['\n', '\r'])?,
                _ => return None,
            }
        }
    }

    /// Puts a node that was read to its end where it belongs.
    fn complete(&mut self, mut node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        open.end = open.end.max(node.place.value.end);
        match &mut open.items {
            Items::List(items) => items.push(node),
            Items::Map { entries, key } => match std::mem::replace(key, Key::Wanted) {
                Key::Read(Some(name), range) => {
                    node.place.key = Some(range);
                    entries.entry(name).or_insert(Box::new(node));
                }
                Key::Read(None, _) => {}
                Key::Wanted => {
                    let read = key_of(node, entries);
                    *key = Key::Read(read.name, read.range);
                    // The path is that of the key only now.
                    let problem = read.problem.map(|problem| Problem { path: self.path(), ..problem });
                    self.problems.extend(problem);
                }
            },
        }
    }

    /// The path of the node that is being read, as far as its keys are text.
    fn path(&self) -> SpecPath {
        self.open.iter().fold(SpecPath::root(), |path, open| match &open.items {
            Items::List(items) => path.item(items.len()),
            Items::Map { key: Key::Read(Some(name), _), .. } => path.key(name),
            Items::Map { .. } => path,
        })
    }

    fn decorations(&mut self, range: &Range<usize>, anchor: usize, tag: bool) {
        if anchor > 0 {
            self.anchor(range, '&');
        }
        if tag {
            let tag = syntax::word(self.text, range.start, '!');
            let message = format!("{} is a tag", shown(self.slice(&tag)));
            let help = "leave the tag out; text that starts with `!` needs quotes";
            let problem = self.problem(Code::Tag, tag, message, help);
            self.problems.push(problem);
        }
    }

    fn anchor(&mut self, range: &Range<usize>, sign: char) {
        let problem = syntax::anchor(self.text, range.start, sign);
        self.problems.push(Problem { path: self.path(), ..problem });
    }

    fn second_document(&mut self, range: Range<usize>) -> bool {
        let message = "the file holds a second document".to_owned();
        let problem = self.problem(Code::SecondDocument, range, message, "write one file per integration");
        self.refuse(Problem { path: SpecPath::root(), ..problem })
    }

    /// Notes a problem after which there is nothing to read.
    fn refuse(&mut self, problem: Problem) -> bool {
        self.problems.push(problem);
        false
    }

    fn problem(&self, code: Code, range: Range<usize>, message: String, help: &str) -> Problem {
        Fault::new(code, message, help).at(self.path()).at_bytes(range)
    }

    fn node(&self, value: Range<usize>, style: Style, content: Content) -> Node {
        Node { file: self.file, place: Place { key: None, value, style }, content }
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.as_str().get(range.clone()).unwrap_or_default()
    }
}

/// A key that was read.
struct ReadKey {
    /// Its name; `None` when its value cannot be reached by a path.
    name: Option<String>,
    range: Range<usize>,
    /// What is wrong with it, still without its path.
    problem: Option<Problem>,
}

/// Reads a node as a key of a mapping that has these entries already.
fn key_of(node: Node, entries: &BTreeMap<String, Box<Node>>) -> ReadKey {
    let Place { value: range, style, .. } = node.place;
    let refused = |message: String, help: String| {
        let problem =
            Fault::new(Code::KeyNotText, message, help).at(SpecPath::root()).at_bytes(range.clone());
        ReadKey { name: None, range: range.clone(), problem: Some(problem) }
    };
    match node.content {
        Content::List(_) => refused("a list stands as a key".into(), "write a plain word as the key".into()),
        Content::Map(_) => {
            refused("a mapping stands as a key".into(), "write a plain word as the key".into())
        }
        Content::Scalar(name) if style == Style::Plain && name.is_empty() => {
            refused("a key is empty".into(), "write the key in front of the colon".into())
        }
        Content::Scalar(name) if style == Style::Plain && !is_text(&name) => {
            refused(format!("the key {} is not text", shown(&name)), shape::in_quotes(&name))
        }
        Content::Scalar(name) => {
            let first = entries.get(&name).and_then(|node| node.place.key.clone());
            let problem = first.map(|first| duplicate(&name, range.clone(), first));
            ReadKey { name: Some(name), range, problem }
        }
    }
}

fn is_text(name: &str) -> bool {
    scalar::resolve(name).is_string() && !scalar::reads_as_number(name)
}

fn duplicate(name: &str, range: Range<usize>, first: Range<usize>) -> Problem {
    let message = format!("the key {} stands twice", shown(name));
    let also = vec![(At::Bytes(first), SpecPath::root(), "first written here".to_owned())];
    let fault = Fault::new(Code::DuplicateKey, message, "keep one of the two");
    Problem { also, ..fault.at(SpecPath::root()).at_bytes(range) }
}
