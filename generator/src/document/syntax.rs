//! What the YAML parser complains about, in words that help.

use std::ops::Range;

use saphyr_parser::ScanError;

use super::Text;
use crate::problem::{Code, Fault, Problem, SpecPath, shown};

/// A complaint of the parser by a part of its wording, what it means, and what to do. The first that fits counts.
/// A wording that changes with a new version of the parser only costs the better text.
const COMPLAINTS: &[(&str, &str, &str)] = &[
    ("tab", TAB, SPACES),
    ("valid YAML whitespace", "a tab stands where YAML wants a blank", "write a blank instead of the tab"),
    (
        "mapping values are not allowed",
        "a key and a value stand where none can be",
        "put text that holds `: ` in quotes, and check the indentation of this line and the one above",
    ),
    (
        "illegal placement of ':'",
        "a key and a value stand where none can be",
        "put text that holds `: ` in quotes, and check the indentation of this line and the one above",
    ),
    ("simple key expect", "this line is no `key: value`", "write a colon and a blank after the key"),
    ("unexpected end of stream", "a quote is not closed", "close the quote"),
    (
        "trailing content after double-quoted",
        "text goes on after its closing quote",
        "write `\\\"` for a quote within quotes",
    ),
    (
        "unknown escape",
        "not an escape of YAML",
        "write `\\\\` for a backslash within double quotes, or use single quotes",
    ),
    (
        "expected ',' or ']'",
        "a list in brackets is not closed, or a comma is missing",
        "check commas and brackets",
    ),
    (
        "expected ',' or '}'",
        "a mapping in braces is not closed, or a comma is missing",
        "check commas and braces",
    ),
    (
        "expected node content",
        "a value is missing here, or a bracket is not closed",
        "check commas and brackets",
    ),
    ("misplaced bracket", "a bracket closes nothing", "remove it, or put the text in quotes"),
    ("unexpected character", "text cannot start with this character", "put the text in quotes"),
    (
        "did not find expected '-'",
        "the list is broken off here",
        "indent every item of a list alike, each with its own `- `",
    ),
    (
        "did not find expected key",
        "the mapping is broken off here",
        "indent every key of a mapping alike, and write a colon after each",
    ),
    ("indentation", "the indentation does not fit", "indent the parts of one list or mapping alike"),
    ("directive", "this line is read as a YAML directive", "put text that starts with `%` in quotes"),
];

const TAB: &str = "a tab stands where YAML wants spaces";
const SPACES: &str = "indent with spaces";

/// The problem that a complaint of the parser is.
pub(super) fn problem(text: &Text, error: &ScanError) -> Problem {
    let start = text.byte_of(error.marker().index());
    let here = start..start;
    // These three wordings decide the code, so tests hold them fast.
    if error.info().contains("recursion limit") {
        return too_deep(here);
    }
    if error.info().contains("unknown anchor") {
        return anchor(text, start, '*');
    }
    if error.info().contains("handle wasn't declared") {
        let help = "leave the tag out; text that starts with `!` needs quotes";
        return at(Code::Tag, here, "a tag stands in the document".into(), help);
    }
    match COMPLAINTS.iter().find(|(wording, ..)| error.info().contains(wording)) {
        Some((_, message, help)) => at(Code::Syntax, here, (*message).to_owned(), help),
        None => {
            let message = format!("not well-formed YAML: {}", error.info());
            at(Code::Syntax, here, message, "check indentation, quotes and brackets around this place")
        }
    }
}

/// The problem of an anchor (`&`) or an alias (`*`) that stands at or soon after a byte.
pub(super) fn anchor(text: &Text, start: usize, sign: char) -> Problem {
    let range = word(text, start, sign);
    let what = if sign == '*' { "an alias" } else { "an anchor" };
    let message = format!("{} is {what}", shown(text.as_str().get(range.clone()).unwrap_or_default()));
    let help = format!("write the value itself; text that starts with `{sign}` needs quotes");
    at(Code::Anchor, range, message, &help)
}

/// The problem of a document that goes too deep.
pub(super) fn too_deep(range: Range<usize>) -> Problem {
    let message = "the document is nested deeper than 32 levels".to_owned();
    at(
        Code::TooDeep,
        range,
        message,
        "a spec needs no more than eight levels: check brackets and indentation",
    )
}

/// The problem of a tab that indents.
pub(super) fn tab(range: Range<usize>) -> Problem {
    at(Code::Syntax, range, TAB.to_owned(), SPACES)
}

/// The word that starts with `sign` at or after a byte.
pub(super) fn word(text: &Text, start: usize, sign: char) -> Range<usize> {
    let rest = text.as_str().get(start..).unwrap_or_default();
    let skipped = rest.find(sign).unwrap_or_default();
    let word = rest.get(skipped..).unwrap_or_default();
    let ends = |char: char| char.is_ascii_whitespace() || matches!(char, ',' | '[' | ']' | '{' | '}');
    let length = word.find(ends).unwrap_or(word.len());
    start + skipped..start + skipped + length
}

/// The length of the text in quotes that starts here, with its quotes.
pub(super) fn closing_quote(text: &str) -> usize {
    let quote = text.chars().next();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, char)) = chars.next() {
        let doubled =
            quote == Some('\'') && char == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'');
        let escape = quote == Some('"') && char == '\\';
        if doubled || escape {
            chars.next();
        } else if Some(char) == quote {
            return at + 1;
        }
    }
    text.len()
}

fn at(code: Code, range: Range<usize>, message: String, help: &str) -> Problem {
    Fault::new(code, message, help).at(SpecPath::root()).at_bytes(range)
}
