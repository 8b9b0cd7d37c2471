//! A text with quick ways between bytes, characters, lines and columns.
//!
//! Bytes are what the rest of the crate counts in; the YAML parser counts characters, people count lines and
//! columns. None of the ways here walks the whole text, since a hostile file can have a problem at every byte.

use std::ops::Range;

/// Every how many characters the byte offset is noted.
const STRIDE: usize = 32;

/// A place as people and editors name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, counted from 1.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
}

/// The text of a file, without a leading byte order mark.
#[derive(Clone, Debug)]
pub struct Text {
    text: String,
    /// Where each line starts; the first entry is 0.
    lines: Vec<usize>,
    /// Where every [`STRIDE`]th character starts; the first entry is 0.
    strides: Vec<usize>,
}

impl Text {
    /// Takes a text in. A line ends with LF, CR LF, or (as YAML has it) CR alone.
    pub fn new(text: String) -> Self {
        let lines = std::iter::once(0).chain(line_ends(&text)).collect();
        let strides = text.char_indices().step_by(STRIDE).map(|(at, _)| at).collect();
        Self { text, lines, strides }
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The line and column of a byte; one beyond the end counts as the end, one within a character as its start.
    pub fn position(&self, byte: usize) -> Position {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.line_start(line);
        Position { line, column: self.char_of(byte).saturating_sub(self.char_of(start)) + 1 }
    }

    /// The bytes of a line, counted from 1, without its end; empty at the end of the text for a line beyond it.
    pub fn line(&self, number: usize) -> Range<usize> {
        let start = self.line_start(number);
        let end = self.lines.get(number).copied().unwrap_or(self.text.len());
        let line = self.text.get(start..end).unwrap_or_default();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    }

    /// The part of a range that can be underlined: within the text, on character boundaries, up to the end of its
    /// first line, at least one character if the line has one there.
    pub fn underline(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(range.start);
        let line_end = self.line(self.position(start).line).end.max(start);
        let at_least = self.text.ceil_char_boundary((start + 1).min(line_end));
        let end = self.text.ceil_char_boundary(range.end.min(line_end));
        start..end.max(at_least)
    }

    /// Where the character with this number, counted from 0, starts; the end of the text if there are fewer.
    pub(super) fn byte_of(&self, char: usize) -> usize {
        let Some(&near) = self.strides.get(char / STRIDE) else { return self.text.len() };
        let rest = self.text.get(near..).unwrap_or_default();
        rest.char_indices().nth(char % STRIDE).map_or(self.text.len(), |(at, _)| near + at)
    }

    /// Where a line, counted from 1, starts; the end of the text for a line beyond it.
    fn line_start(&self, number: usize) -> usize {
        self.lines.get(number.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }

    /// How many characters stand before a byte, which is on a character boundary.
    fn char_of(&self, byte: usize) -> usize {
        let stride = self.strides.partition_point(|start| *start <= byte).saturating_sub(1);
        let near = self.strides.get(stride).copied().unwrap_or_default();
        stride * STRIDE + self.text.get(near..byte).unwrap_or_default().chars().count()
    }
}

/// Where each line after the first starts.
fn line_ends(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter_map(|(at, byte)| match byte {
        b'\n' => Some(at + 1),
        b'\r' if bytes.get(at + 1) != Some(&b'\n') => Some(at + 1),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn position(text: &str, byte: usize) -> (usize, usize) {
        let Position { line, column } = Text::new(text.to_owned()).position(byte);
        (line, column)
    }

    #[test]
    fn counts_lines_and_characters_from_one() {
        assert_eq!(position("", 0), (1, 1));
        assert_eq!(position("a: b\nc", 5), (2, 1));
        assert_eq!(position("ü: é!", 6), (1, 5));
        assert_eq!(position("ab", 99), (1, 3));
    }

    #[test]
    fn knows_every_line_end_of_yaml() {
        assert_eq!(position("a\r\nb", 3), (2, 1));
        assert_eq!(position("a\rb", 2), (2, 1));
        let text = Text::new("one\r\ntwo\n\nfour".to_owned());
        let lines: Vec<_> = (1..=5).map(|n| &text.as_str()[text.line(n)]).collect();
        assert_eq!(lines, ["one", "two", "", "four", ""]);
    }

    proptest! {
        #[test]
        fn agrees_with_counting_from_the_start(text in "[aé€😀\n]{0,900}", nth in 0usize..1000) {
            let indexed = Text::new(text.clone());
            let byte = text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at);
            prop_assert_eq!(indexed.byte_of(nth), byte);
            let before = &text[..byte];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            prop_assert_eq!(indexed.position(byte), Position { line, column });
        }
    }
}
