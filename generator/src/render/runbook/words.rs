//! The words of the run-book as templates.
//!
//! A process reads them anew, and handlebars is slow at that: it takes hundreds of instructions for each letter between
//! two tags, and tens of thousands for a tag. So it reads each tag once and by itself; what stands between tags, and which tag
//! closes which, is found here. A test holds the run-books against those that handlebars makes of whole sections.

use std::collections::BTreeMap;

use handlebars::template::TemplateElement;
use handlebars::{Template, TemplateError, TemplateErrorReason};

const ELSE: &str = "{{else}}";

/// Reads words, and remembers the tags in them.
#[derive(Default)]
pub(super) struct Reader {
    tags: BTreeMap<&'static str, TemplateElement>,
}

/// Words, and the tag after them; `""` at the end.
type Piece = (&'static str, &'static str);

impl Reader {
    /// A template of these words.
    ///
    /// # Errors
    /// A tag that handlebars cannot read, or one that closes nothing.
    pub(super) fn read(&mut self, words: &'static str) -> Result<Template, TemplateError> {
        let (template, end) = self.up_to_end(&mut pieces(words).into_iter())?;
        if end.is_empty() { Ok(template) } else { Err(mismatch("", end)) }
    }

    /// What stands before the tag that ends the block which is open, and that tag.
    fn up_to_end(
        &mut self,
        pieces: &mut impl Iterator<Item = Piece>,
    ) -> Result<(Template, &'static str), TemplateError> {
        let mut template = Template::new();
        while let Some((words, tag)) = pieces.next() {
            template.elements.push(TemplateElement::RawString(words.to_owned()));
            if tag.is_empty() || tag == ELSE || tag.starts_with("{{/") {
                return Ok((template, tag));
            }
            let mut element = self.tag(tag)?;
            if let TemplateElement::HelperBlock(block) = &mut element {
                let (inner, mut end) = self.up_to_end(pieces)?;
                block.template = Some(inner);
                if end == ELSE {
                    let (inverse, last) = self.up_to_end(pieces)?;
                    (block.inverse, end) = (Some(inverse), last);
                }
                if end != closing(tag) {
                    return Err(mismatch(tag, end));
                }
            }
            template.elements.push(element);
        }
        Ok((template, ""))
    }

    /// What handlebars makes of a tag; of one that opens a block, of that block with nothing in it.
    fn tag(&mut self, tag: &'static str) -> Result<TemplateElement, TemplateError> {
        if let Some(element) = self.tags.get(tag) {
            return Ok(element.clone());
        }
        let element = Template::compile(&format!("{tag}{}", closing(tag)))?.elements.pop();
        let element = element.ok_or_else(|| mismatch("", tag))?;
        self.tags.insert(tag, element.clone());
        Ok(element)
    }
}

/// Words cut at their tags. A tag that stands alone on a line takes the line with it, unless it is a value.
fn pieces(words: &'static str) -> Vec<Piece> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for (at, _) in words.match_indices("{{") {
        let end = words[at..].find("}}").map_or(words.len(), |length| at + length + 2);
        let tag = &words[at..end];
        let is_value = !tag[2..].starts_with(['#', '/', '>']) && tag != ELSE;
        let whole_line = if is_value { None } else { line_of(words, at, end) };
        let (before, after) = whole_line.unwrap_or((at, end));
        pieces.push((&words[start..before], tag));
        start = after;
    }
    pieces.push((&words[start..], ""));
    pieces
}

/// Where the line starts and ends that this tag stands on, if it stands there alone.
fn line_of(words: &str, at: usize, end: usize) -> Option<(usize, usize)> {
    let before = words[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let after = words[end..].find('\n').map_or(words.len(), |newline| end + newline + 1);
    let is_alone = [&words[before..at], &words[end..after]].iter().all(|rest| rest.trim_ascii().is_empty());
    is_alone.then_some((before, after))
}

/// `{{/if}}` for `{{#if pinned}}`; nothing for a tag that opens nothing.
fn closing(tag: &str) -> String {
    let name = tag.strip_prefix("{{#").and_then(|tag| tag.split([' ', '}']).next());
    name.map(|name| format!("{{{{/{name}}}}}")).unwrap_or_default()
}

fn mismatch(opened: &str, closed: &str) -> TemplateError {
    TemplateError::of(TemplateErrorReason::MismatchingClosedHelper(opened.to_owned(), closed.to_owned()))
}
