//! The words of the run-book as templates.
//!
//! A process reads them anew, and handlebars is slow at that: it takes hundreds of instructions for each letter between
//! two tags, and tens of thousands for a tag. So it reads one tag of each form, by itself: `{{#if crawler.name}}` is `{{#if x}}`
//! with another path. What stands between tags, and which tag closes which, is found here. A test holds the run-books
//! against those that handlebars makes of whole sections.

use std::collections::BTreeMap;

use handlebars::template::{Parameter, TemplateElement};
use handlebars::{Path, PathSeg, Template, TemplateError, TemplateErrorReason};
use memchr::memmem;

const ELSE: &str = "{{else}}";

/// Reads words, and remembers the forms of the tags in them.
#[derive(Default)]
pub(super) struct Reader {
    forms: BTreeMap<Form, TemplateElement>,
}

/// What makes the form of a tag: what stands before its path, and what the path goes up to; of a tag that has not one path, all
/// of it.
type Form = (&'static str, &'static str);

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
        let (form, path) = match last_path(tag) {
            Some((before, path)) => ((before, ups(path)), Some(path)),
            None => ((tag, ""), None),
        };
        let mut element = match self.forms.get(&form) {
            Some(element) => element.clone(),
            None => {
                let ((before, ups), path) = (form, if path.is_some() { "x}}" } else { "" });
                let element =
                    Template::compile(&format!("{before}{ups}{path}{}", closing(tag)))?.elements.pop();
                let element = element.ok_or_else(|| mismatch("", tag))?;
                self.forms.insert(form, element.clone());
                element
            }
        };
        if let Some(path) = path {
            point(&mut element, path);
        }
        Ok(element)
    }
}

/// `{{#if ` and `../crawler.name` of `{{#if ../crawler.name}}`: what stands before the one path of a tag, and that path.
fn last_path(tag: &'static str) -> Option<(&'static str, &'static str)> {
    let inner = tag.strip_suffix("}}").filter(|inner| !inner.contains(['>', '=']))?;
    let start = inner.rfind(['{', ' '])? + 1;
    let (before, path) = inner.split_at(start);
    let names = &path[ups(path).len()..];
    let is_plain = |char: char| char.is_ascii_lowercase() || char == '_' || char == '.';
    (names != "this" && names.chars().all(is_plain)).then_some((before, path))
}

/// `../../` of `../../home`, and `@root/` of `@root/home`: what a path goes up to.
fn ups(path: &'static str) -> &'static str {
    &path[..path.rfind('/').map_or(0, |slash| slash + 1)]
}

/// Gives the element of a form its path.
fn point(element: &mut TemplateElement, path: &'static str) {
    let (TemplateElement::Expression(inner) | TemplateElement::HelperBlock(inner)) = element else { return };
    let place = inner.params.last_mut().unwrap_or(&mut inner.name);
    if let Parameter::Path(Path::Relative((steps, raw))) = place {
        steps.retain(|step| matches!(step, PathSeg::Ruled(_)));
        let names = path[ups(path).len()..].split('.');
        steps.extend(names.map(|name| PathSeg::Named(name.to_owned())));
        path.clone_into(raw);
    }
}

/// Words cut at their tags. A tag that stands alone on a line takes the line with it, unless it is a value.
fn pieces(words: &'static str) -> Vec<Piece> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for at in memmem::find_iter(words.as_bytes(), "{{") {
        let end = memmem::find(&words.as_bytes()[at..], b"}}").map_or(words.len(), |length| at + length + 2);
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

#[cfg(test)]
mod tests {
    use handlebars::Template;

    use super::super::{PARTS, SECTIONS};
    use super::{Reader, closing, pieces};

    #[test]
    fn a_tag_is_what_handlebars_makes_of_it() {
        let (mut reader, mut count) = (Reader::default(), 0);
        for (name, words) in SECTIONS.iter().chain(PARTS) {
            let tags = pieces(words).into_iter().map(|(_, tag)| tag);
            for tag in tags.filter(|tag| !tag.is_empty() && *tag != super::ELSE && !tag.starts_with("{{/")) {
                let whole = Template::compile(&format!("{tag}{}", closing(tag))).unwrap();
                assert_eq!(Some(&reader.tag(tag).unwrap()), whole.elements.first(), "{tag} in {name}");
                count += 1;
            }
        }
        assert!(count > 500 && reader.forms.len() < 80, "{count} tags of {} forms", reader.forms.len());
    }
}
