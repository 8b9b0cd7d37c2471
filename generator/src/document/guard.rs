//! From bytes to text: what is refused before anything looks for YAML in it.

use std::ops::Range;

use super::Text;
use crate::problem::{Code, Fault, Problem, SpecPath};

/// The largest spec file that is read, in bytes. Whoever opens a file need not read more than one byte beyond it.
pub const MAX_BYTES: usize = 1 << 20;

/// How many control characters are named; a binary file would give one for every other byte.
const MAX_CONTROLS: usize = 10;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Reads the bytes of a spec file as text.
///
/// # Errors
/// The file is too large, not UTF-8, or holds characters that have no business in a spec.
pub(super) fn text(bytes: &[u8]) -> Result<Text, Vec<Problem>> {
    if bytes.len() > MAX_BYTES {
        let help = "a spec takes a few kilobytes: check the file, or write one file per integration";
        return Err(vec![problem(Code::TooLarge, 0..0, "the file is larger than 1 MiB".into(), help)]);
    }
    if is_utf16(bytes) {
        let help = "save the file as UTF-8";
        return Err(vec![problem(Code::NotUtf8, 0..0, "the file is UTF-16 text".into(), help)]);
    }
    let bytes = without_bom(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| vec![not_utf8(bytes, error.valid_up_to())])?;
    let controls: Vec<_> = control_characters(text).take(MAX_CONTROLS).collect();
    if controls.is_empty() { Ok(Text::new(text.to_owned())) } else { Err(controls) }
}

/// The text to show for a file that was refused: bytes that are not UTF-8 replaced, `None` where that would show
/// nothing of use. Offsets up to the first bad byte are the same as in the bytes after the byte order mark.
pub(crate) fn lossy_text(bytes: &[u8]) -> Option<Text> {
    let useful = bytes.len() <= MAX_BYTES && !is_utf16(bytes);
    useful.then(|| Text::new(String::from_utf8_lossy(without_bom(bytes)).into_owned()))
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

/// Whether the bytes start like UTF-16 or UTF-32: with its byte order mark, or with half a character of ASCII.
fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, _, ..] | [_, 0, ..])
}

fn not_utf8(bytes: &[u8], at: usize) -> Problem {
    let byte = bytes.get(at).copied().unwrap_or_default();
    problem(
        Code::NotUtf8,
        at..at + 1,
        format!("byte 0x{byte:02X} is not UTF-8 text"),
        "save the file as UTF-8; it may be Latin-1 or Windows-1252 now",
    )
}

/// A problem for each character that is not for specs: control characters, and those that make a text look other
/// than it is read (further line ends and byte order marks, changes of the writing direction).
fn control_characters(text: &str) -> impl Iterator<Item = Problem> {
    text.char_indices().filter(|(_, char)| is_refused(*char)).map(|(at, char)| {
        let message = format!("the file holds the character U+{:04X}", u32::from(char));
        let help = "remove it; within double quotes it can be written as an escape, like \"\\u001B\"";
        problem(Code::ControlCharacter, at..at + char.len_utf8(), message, help)
    })
}

fn is_refused(char: char) -> bool {
    match char {
        '\t' | '\n' | '\r' => false,
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => true,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        _ => char.is_control(),
    }
}

fn problem(code: Code, range: Range<usize>, message: String, help: &str) -> Problem {
    Fault::new(code, message, help).at(SpecPath::root()).at_bytes(range)
}
