//! What comes from a spec or a template, made harmless in Markdown, Mermaid and SVG. None of it may end its place, start a
//! link, mention a person, or turn the direction of the text.

use std::fmt::Write as _;

use super::words::short;
use crate::review::Account;

/// Text as code in a line or in a cell of a table, between more backticks than it holds.
pub(crate) fn code(text: &str) -> String {
    let text = visible(text);
    // A bar ends a cell of a table even in code, and a backslash before it need not help: another may stand before that.
    if text.contains('|') {
        return format!("<code>{}</code>", entities(&text));
    }
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text that means nothing in HTML or Markdown.
fn entities(text: &str) -> String {
    let mut escaped = String::new();
    for char in text.chars() {
        if char.is_alphanumeric() || char == ' ' {
            escaped.push(char);
        } else {
            let _ = write!(escaped, "&#{};", u32::from(char));
        }
    }
    escaped
}

/// The same for what may be an ARN, which is said as in `account`.
pub(crate) fn value(text: &str, account: &Account) -> String {
    code(&short(text, account))
}

/// Prose that somebody else wrote: plain words as they are, everything else as code.
pub(crate) fn prose(text: &str) -> String {
    let text = visible(text);
    let mut parts: Vec<(bool, String)> = Vec::new();
    for word in text.split_whitespace() {
        let is_plain = is_plain(word);
        match parts.last_mut() {
            Some((plain, part)) if *plain == is_plain => {
                part.push(' ');
                part.push_str(word);
            }
            _ => parts.push((is_plain, word.to_owned())),
        }
    }
    let parts = parts.into_iter().map(|(is_plain, part)| if is_plain { part } else { code(&part) });
    parts.collect::<Vec<_>>().join(" ")
}

/// Letters and digits, with what may stand between and behind them in a sentence.
fn is_plain(word: &str) -> bool {
    let core = word.trim_start_matches('(').trim_end_matches([',', '.', ';', ':', ')', '?']);
    let is_letter = |char: char| char.is_alphanumeric() || char == '-' || char == '\'';
    core.starts_with(char::is_alphanumeric) && core.chars().all(is_letter)
}

/// Our own sentence with values in backticks, as messages of findings are. ARNs are said as in `account`.
pub(crate) fn message(text: &str, account: &Account) -> String {
    let mut parts = String::new();
    for (n, part) in text.split('`').enumerate() {
        // Behind an odd number of backticks is a value.
        parts.push_str(&if n % 2 == 1 { value(part, account) } else { sentence(part) });
    }
    parts
}

/// Words of ours with values among them.
pub(crate) fn sentence(text: &str) -> String {
    let mut escaped = String::new();
    for char in visible(text).chars() {
        match char {
            // What looks like an address would become a link: a comment takes it apart.
            ':' | '.' => {
                escaped.push(char);
                if ["www.", "http:", "https:"].iter().any(|start| escaped.ends_with(start)) {
                    escaped.push_str("<!-- -->");
                }
            }
            '<' => escaped.push_str("&lt;"),
            '&' => escaped.push_str("&amp;"),
            '@' => escaped.push_str("`@`"),
            '`' | '|' | '*' | '_' | '[' | ']' | '\\' | '~' | '#' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(char);
            }
            _ => escaped.push(char),
        }
    }
    escaped
}

/// Text in a quoted label of Mermaid, which has entity codes of its own (`#35;`).
pub(super) fn mermaid(text: &str) -> String {
    let mut escaped = String::new();
    for char in visible(text).chars() {
        if char.is_alphanumeric() || " .,:-_/()".contains(char) {
            escaped.push(char);
        } else {
            let _ = write!(escaped, "#{};", u32::from(char));
        }
    }
    escaped
}

/// Text in an element or an attribute of XML.
pub(super) fn xml(text: &str) -> String {
    let text = visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&apos;")
}

/// Text in one line. What is not seen, or changes how its neighbours are seen, is shown as a replacement character: so is
/// what XML cannot hold.
fn visible(text: &str) -> String {
    let shown = |char: char| match char {
        '\n' | '\r' | '\t' => ' ',
        '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{FFFE}'
        | '\u{FFFF}' => char::REPLACEMENT_CHARACTER,
        _ if char.is_control() => char::REPLACEMENT_CHARACTER,
        _ => char,
    };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_in_its_place() {
        assert_eq!(code("ab`c``d"), "```ab`c``d```");
        assert_eq!(code("a\\|<b>@c`"), "<code>a&#92;&#124;&#60;b&#62;&#64;c&#96;</code>");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb\u{202E}c"), "`a b\u{FFFD}c`");
        assert_eq!(prose("agreed, see <b>x</b> @team (SEC-12)."), "agreed, see `<b>x</b> @team` (SEC-12).");
        assert_eq!(
            prose("www.example.org | ![x](y)"),
            "<code>www&#46;example&#46;org &#124; &#33;&#91;x&#93;&#40;y&#41;</code>"
        );
        assert_eq!(
            message("trusts `a|b` and <c> @d www.x.org", &Account::This),
            "trusts <code>a&#124;b</code> and &lt;c> `@`d www.<!-- -->x.org"
        );
        assert_eq!(
            mermaid("a\"]; click x %%{init}%% `b`"),
            "a#34;#93;#59; click x #37;#37;#123;init#125;#37;#37; #96;b#96;"
        );
        assert_eq!(
            xml("</text><script a='\"'>&\u{1}"),
            "&lt;/text&gt;&lt;script a=&apos;&quot;&apos;&gt;&amp;\u{FFFD}"
        );
    }
}
