//! Values on a page: what stands on one line, what goes down the page, and the comments between.

use super::scalar::{Place, block_indicator, is_plain, is_visible, scalar};
use crate::template::Value;

/// Columns up to which a comment runs, and a function with arguments stays on its line.
const WIDTH: usize = 110;

/// Blanks to indent with, more than most lines need.
const BLANKS: &str = "                                ";

/// What a value follows, which decides where its first entry or item stands.
#[derive(Clone, Copy)]
enum Lead {
    /// `key:` or a tag: on a line of its own.
    Key,
    /// `-`: on the same line.
    Dash,
}

/// The text so far. Outside of a method of this type it ends with a complete line.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// The finished text.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// An empty line.
    pub(super) fn blank_line(&mut self) {
        self.0.push('\n');
    }

    /// One line of comment, whatever the text holds: a line break in it must not end the comment.
    pub(super) fn comment_line(&mut self, column: usize, text: &str) {
        self.indent(column);
        self.0.push_str("# ");
        if is_plain(text) {
            self.0.push_str(text);
        } else {
            self.0.extend(text.chars().map(|c| if is_visible(c) { c } else { '?' }));
        }
        self.0.push('\n');
    }

    /// A comment of as many lines as it needs; none if there is nothing to say.
    pub(super) fn comment(&mut self, column: usize, text: &str) {
        let room = WIDTH.saturating_sub(column + 2);
        for line in wrap(text, room) {
            self.comment_line(column, &line);
        }
    }

    /// `key:` alone, for entries that follow.
    pub(super) fn key(&mut self, column: usize, key: &str) {
        self.indent(column);
        self.push_key(key);
        self.0.push('\n');
    }

    /// `key: value`, over as many lines as it needs.
    pub(super) fn entry(&mut self, column: usize, key: &str, value: &Value) {
        self.indent(column);
        self.push_key(key);
        self.value(column + 2, Lead::Key, value);
    }

    /// What follows `key:` or `-`, up to the end of the line. `column` is where children of the value stand.
    fn value(&mut self, column: usize, lead: Lead, value: &Value) {
        match value {
            Value::List(items) if !items.is_empty() => {
                self.lead(column, lead);
                self.items(column, items);
            }
            Value::Map(entries) if !entries.is_empty() => {
                self.lead(column, lead);
                self.entries(column, entries);
            }
            Value::Block(text) => self.text(column, "", text),
            Value::Shared(value) => self.value(column, lead, value),
            Value::Sub(text, variables) if variables.is_empty() => self.text(column, "!Sub ", text),
            Value::Sub(text, variables) => {
                let arguments = [Value::Block(text.clone()), Value::Map(variables.clone())];
                let line = block_indicator(text).is_none().then(|| inline(value, Place::Block));
                self.function(column, "!Sub", &arguments, line);
            }
            Value::Join(delimiter, parts) => {
                let arguments = [Value::text(*delimiter), Value::List(parts.clone())];
                self.function(column, "!Join", &arguments, Some(inline(value, Place::Block)));
            }
            other => {
                self.0.push(' ');
                push(&mut self.0, other, Place::Block);
                self.0.push('\n');
            }
        }
    }

    /// A string that may be a block scalar.
    fn text(&mut self, column: usize, tag: &str, text: &str) {
        let Some(indicator) = block_indicator(text) else {
            self.0.extend([" ", tag, &scalar(text, Place::Block), "\n"]);
            return;
        };
        self.rest_of_line(&format!("{tag}{indicator}"));
        for line in text.lines() {
            if !line.is_empty() {
                self.indent(column);
                self.0.push_str(line);
            }
            self.0.push('\n');
        }
    }

    /// A function with several arguments: as the line that is given if it fits, else one argument below the other.
    fn function(&mut self, column: usize, tag: &str, arguments: &[Value], line: Option<String>) {
        match line {
            Some(line) if self.column() + 1 + line.chars().count() <= WIDTH => self.rest_of_line(&line),
            _ => {
                self.rest_of_line(tag);
                self.indent(column);
                self.items(column, arguments);
            }
        }
    }

    /// Items of a list; the first stands where the text ends now.
    fn items(&mut self, column: usize, items: &[Value]) {
        for (n, item) in items.iter().enumerate() {
            if n > 0 {
                self.indent(column);
            }
            self.0.push('-');
            self.value(column + 2, Lead::Dash, item);
        }
    }

    /// Entries of a mapping; the first stands where the text ends now.
    fn entries(&mut self, column: usize, entries: &[(String, Value)]) {
        for (n, (key, value)) in entries.iter().enumerate() {
            if n > 0 {
                self.indent(column);
            }
            self.push_key(key);
            self.value(column + 2, Lead::Key, value);
        }
    }

    /// Goes to where the first child of a value stands.
    fn lead(&mut self, column: usize, lead: Lead) {
        match lead {
            Lead::Dash => self.0.push(' '),
            Lead::Key => {
                self.0.push('\n');
                self.indent(column);
            }
        }
    }

    /// Keys of more than 1,024 characters would need a `?` before them; no name in CloudFormation is that long.
    fn push_key(&mut self, key: &str) {
        self.0.push_str(&scalar(key, Place::Block));
        self.0.push(':');
    }

    fn rest_of_line(&mut self, text: &str) {
        self.0.push(' ');
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn indent(&mut self, column: usize) {
        let mut left = column;
        while left > 0 {
            let blanks = &BLANKS[..left.min(BLANKS.len())];
            self.0.push_str(blanks);
            left -= blanks.len();
        }
    }

    /// Characters on the line that is being written.
    fn column(&self) -> usize {
        self.0.chars().rev().take_while(|&c| c != '\n').count()
    }
}

/// The value on one line.
fn inline(value: &Value, place: Place) -> String {
    let mut line = String::new();
    push(&mut line, value, place);
    line
}

/// Adds the value to a line.
fn push(line: &mut String, value: &Value, place: Place) {
    match value {
        Value::Text(text) | Value::Block(text) => line.push_str(&scalar(text, place)),
        Value::Number(number) => line.push_str(&number.to_string()),
        Value::Bool(bool) => line.push_str(if *bool { "true" } else { "false" }),
        Value::List(items) => push_sequence(line, items),
        Value::Map(entries) => push_mapping(line, entries),
        Value::Flow(value) => push(line, value, Place::Flow),
        Value::Shared(value) => push(line, value, place),
        Value::Ref(name) => {
            line.push_str("!Ref ");
            line.push_str(&scalar(name, place));
        }
        // Readers split at the first dot, which must not be one of the logical id.
        Value::GetAtt(id, attribute) if id.contains('.') => {
            line.push_str("!GetAtt ");
            push_sequence(line, &[Value::text(id), Value::text(*attribute)]);
        }
        Value::GetAtt(id, attribute) => {
            line.push_str("!GetAtt ");
            line.push_str(&scalar(&format!("{id}.{attribute}"), place));
        }
        Value::Sub(text, variables) if variables.is_empty() => {
            line.push_str("!Sub ");
            line.push_str(&scalar(text, place));
        }
        Value::Sub(text, variables) => {
            line.push_str("!Sub [");
            line.push_str(&scalar(text, Place::Flow));
            line.push_str(", ");
            push_mapping(line, variables);
            line.push(']');
        }
        Value::FindInMap(map, first, second) => {
            line.push_str("!FindInMap [");
            line.push_str(&scalar(map, Place::Flow));
            line.push_str(", ");
            push(line, first, Place::Flow);
            line.push_str(", ");
            line.push_str(&scalar(second, Place::Flow));
            line.push(']');
        }
        Value::Join(delimiter, parts) => {
            line.push_str("!Join [");
            line.push_str(&scalar(delimiter, Place::Flow));
            line.push_str(", ");
            push_sequence(line, parts);
            line.push(']');
        }
        Value::Equals(one, other) => {
            line.push_str("!Equals [");
            push(line, one, Place::Flow);
            line.push_str(", ");
            push(line, other, Place::Flow);
            line.push(']');
        }
    }
}

/// `[item, item]`.
fn push_sequence(line: &mut String, items: &[Value]) {
    line.push('[');
    for (n, item) in items.iter().enumerate() {
        line.push_str(if n > 0 { ", " } else { "" });
        push(line, item, Place::Flow);
    }
    line.push(']');
}

/// `{key: value, key: value}`.
fn push_mapping(line: &mut String, entries: &[(String, Value)]) {
    line.push('{');
    for (n, (key, value)) in entries.iter().enumerate() {
        line.push_str(if n > 0 { ", " } else { "" });
        line.push_str(&scalar(key, Place::Flow));
        line.push_str(": ");
        push(line, value, Place::Flow);
    }
    line.push('}');
}

/// Words put into lines of at most `room` characters; a longer word gets a line of its own.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    // Characters on the last line.
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + more <= room => {
                line.push(' ');
                line.push_str(word);
                length += 1 + more;
            }
            _ => {
                lines.push(word.to_owned());
                length = more;
            }
        }
    }
    lines
}
