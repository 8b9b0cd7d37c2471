//! Strings as YAML scalars, such that a reader of YAML 1.1 and one of YAML 1.2 both see that string.
//!
//! CloudFormation reads YAML 1.1, where `yes` is a bool, `2012-10-17` a date and `12:30:45` a number. So the rule for
//! a bare scalar names what is safe, not what is dangerous.

use std::borrow::Cow;

/// Where a scalar stands: inside `[…]` and `{…}` fewer characters are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On its own, after `key:` or `-`.
    Block,
    /// Inside brackets or braces.
    Flow,
}

/// What some reader takes for a bool or for nothing, in any case.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// What a text holds: a bit for each kind of byte that is in it.
#[derive(Clone, Copy)]
struct Bytes(u8);

impl Bytes {
    /// Not visible in ASCII.
    const OTHER: u8 = 1;
    /// Means something to YAML inside of brackets and braces.
    const FLOW: u8 = 1 << 1;
    /// Means something before a blank, or at the end.
    const COLON: u8 = 1 << 2;
    /// Means something behind a blank.
    const HASH: u8 = 1 << 3;
    /// Means something at the end.
    const BLANK: u8 = 1 << 4;

    /// The kind of each byte; none of most.
    const KINDS: [u8; 256] = {
        let mut kinds = [Self::OTHER; 256];
        let mut byte = b' ';
        while byte <= b'~' {
            kinds[byte as usize] = match byte {
                b',' | b'[' | b']' | b'{' | b'}' | b'?' => Self::FLOW,
                b':' => Self::COLON,
                b'#' => Self::HASH,
                b' ' => Self::BLANK,
                _ => 0,
            };
            byte += 1;
        }
        kinds
    };

    /// Looks at each byte once: every key and every text of a template comes by here.
    fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |all, byte| all | Self::KINDS[usize::from(byte)]))
    }

    fn has(self, kind: u8) -> bool {
        self.0 & kind != 0
    }
}

/// The string on one line: bare, in single quotes, or in double quotes where characters must be escaped.
pub(super) fn scalar(text: &str, place: Place) -> Cow<'_, str> {
    let bytes = Bytes::of(text);
    if bytes.has(Bytes::OTHER) && !text.chars().all(is_visible) {
        double_quoted(text).into()
    } else if is_bare(text, bytes, place) {
        text.into()
    } else {
        format!("'{}'", text.replace('\'', "''")).into()
    }
}

/// The indicator of a block scalar (`|` with, `|-` without a newline at the end), if the text may be one.
///
/// Text of one line gains nothing from a block. Blanks at the end of a line are legal there but lost to editors;
/// blanks at the beginning would be taken for indentation.
pub(super) fn block_indicator(text: &str) -> Option<&'static str> {
    memchr::memchr(b'\n', text.as_bytes())?;
    let (lines, indicator) = text.strip_suffix('\n').map_or((text, "|-"), |lines| (lines, "|"));
    let begins_with_text = !lines.is_empty() && !lines.starts_with([' ', '\t', '\n']);
    let is_legal = begins_with_text && !lines.ends_with('\n');
    (is_legal && lines.split('\n').all(is_legal_line)).then_some(indicator)
}

/// Whether people see the character and no YAML reader gives it a meaning of its own.
///
/// Out are: control characters, the line breaks of Unicode, the byte order mark, and what is legal in YAML but has
/// no width or changes the direction of text, for it makes a template look like something that it is not.
pub(super) fn is_visible(c: char) -> bool {
    let is_printable = matches!(c, ' '..='~' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..);
    let has_no_width =
        matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{e0000}'..='\u{e007f}');
    let is_break_or_direction =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}');
    is_printable && c != '\u{feff}' && !has_no_width && !is_break_or_direction
}

/// Whether it is visible ASCII, as nearly everything is: much faster to see than for all of Unicode.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn is_bare(text: &str, bytes: Bytes, place: Place) -> bool {
    let begins_well = text.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '/' | '$'));
    begins_well && is_free(text, bytes, place) && !is_word(text)
}

/// Whether nothing in it means anything to YAML.
fn is_free(text: &str, bytes: Bytes, place: Place) -> bool {
    let means_something = bytes.has(Bytes::OTHER)
        || (bytes.has(Bytes::FLOW) && place == Place::Flow)
        || (bytes.has(Bytes::BLANK) && text.ends_with(' '))
        || (bytes.has(Bytes::COLON) && (text.ends_with(':') || text.contains(": ")))
        || (bytes.has(Bytes::HASH) && text.contains(" #"));
    !means_something
}

fn is_word(text: &str) -> bool {
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn is_legal_line(line: &str) -> bool {
    (is_plain(line) || line.chars().all(|c| is_visible(c) || c == '\t')) && !line.ends_with([' ', '\t'])
}

fn double_quoted(text: &str) -> String {
    let escaped: String = text.chars().map(escaped).collect();
    format!("\"{escaped}\"")
}

fn escaped(c: char) -> String {
    match c {
        '"' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if is_visible(c) => c.to_string(),
        c @ ..='\u{ff}' => format!("\\x{:02x}", u32::from(c)),
        c @ ..='\u{ffff}' => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    }
}
