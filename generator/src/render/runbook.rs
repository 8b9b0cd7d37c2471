//! The run-book: everything that a person does to deploy, use, change and remove an integration, with every name
//! filled in. The words stand in `prose/runbook/`, one file for each section, what is filled in comes from `view`.

mod account;
mod evidence;
mod handoff;
mod people;
mod region;
mod shell;
#[cfg(test)]
mod tests;
mod view;

use std::sync::LazyLock;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderError,
    RenderErrorReason, TemplateError,
};

use crate::model::Integration;

/// The words of a file in `prose/runbook/`, with its name.
macro_rules! words {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../../prose/runbook/", $name, ".md.hbs")))),*]
    };
}

/// The sections, in the order of the run-book.
const SECTIONS: &[(&str, &str)] = words![
    "title"
    "at-a-glance"
    "before-you-start"
    "deploy"
    "attach-the-policy"
    "switch-on"
    "see-that-it-works"
    "evidence"
    "change"
    "remove"
    "cost"
    "trouble"
];

/// What sections have in common: `{{> parts/tags}}`.
const PARTS: &[(&str, &str)] = words![
    "parts/count-sources"
    "parts/delete-roles"
    "parts/deploy-roles"
    "parts/execution-role"
    "parts/find-permission-set"
    "parts/list-sources"
    "parts/run-query"
    "parts/tags"
    "parts/take-out"
];

/// All words, read once for all run-books of a run.
static BOOK: LazyLock<Result<Book, TemplateError>> = LazyLock::new(Book::read);

/// What encloses the number of words that are left out of a template. No spec can have these characters in it.
const MARKS: [char; 2] = ['\u{1}', '\u{2}'];

/// Shorter words stand in their template.
const SHORT: usize = 12;

/// The words as templates. Most of them are only counted there and stand beside: handlebars is slow at reading, letter
/// by letter, and for the place of each tag it counts lines from the start, anew for every process.
struct Book {
    pen: Handlebars<'static>,
    /// Words between tags.
    beside: Vec<&'static str>,
}

impl Book {
    fn read() -> Result<Self, TemplateError> {
        let mut book = Self { pen: pen(), beside: Vec::new() };
        for (name, words) in PARTS.iter().chain(SECTIONS) {
            let template = book.template(words);
            book.pen.register_template_string(name, template)?;
        }
        Ok(book)
    }

    /// A template with the long words left out.
    fn template(&mut self, words: &'static str) -> String {
        let mut template = String::new();
        let mut rest = words;
        while !rest.is_empty() {
            let (before, tag) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            self.leave_out(before, &mut template);
            let end = tag.find("}}").map_or(tag.len(), |end| end + "}}".len());
            template.push_str(&tag[..end]);
            rest = &tag[end..];
        }
        template
    }

    /// Adds words between tags to a template. White space at their ends stays, for tags may stand alone on a line.
    fn leave_out(&mut self, words: &'static str, template: &mut String) {
        let core = words.trim();
        match words.split_once(core) {
            Some((before, after)) if core.len() > SHORT => {
                let [open, close] = MARKS;
                template.push_str(&format!("{before}{open}{}{close}{after}", self.beside.len()));
                self.beside.push(core);
            }
            _ => template.push_str(words),
        }
    }

    fn fill_in(&self, view: &Context) -> Result<String, RenderError> {
        let mut sections = Vec::new();
        for (name, _) in SECTIONS {
            sections.push(self.put_in(&self.pen.render_with_context(name, view)?));
        }
        // A section that an integration has no use for is empty.
        sections.retain(|section| !section.is_empty());
        Ok(sections.join("\n"))
    }

    /// Puts in the words that were left out: between two marks stands their number.
    fn put_in(&self, text: &str) -> String {
        let pieces = text.split(MARKS).enumerate().map(|(n, piece)| match piece.parse::<usize>() {
            Ok(number) if n % 2 == 1 => self.beside.get(number).copied().unwrap_or_default(),
            _ => piece,
        });
        pieces.collect()
    }
}

/// The run-book could not be rendered: its words ask for something that is not there. That is an error in lakelink.
#[derive(Debug, thiserror::Error)]
#[error("the run-book cannot be rendered: {0}; this is an error in lakelink, please report it")]
pub struct Unrenderable(String);

/// The run-book of an integration, as Markdown.
///
/// # Errors
/// [`Unrenderable`] if the words ask for something that is not there.
pub fn runbook(integration: &Integration) -> Result<String, Unrenderable> {
    let book = BOOK.as_ref().map_err(|error| Unrenderable(error.to_string()))?;
    let filled_in = Context::wraps(view::View::of(integration)).and_then(|view| book.fill_in(&view));
    filled_in.map_err(|error| Unrenderable(error.to_string()))
}

/// Fills in values. A value that is missing is an error, never an empty place.
fn pen() -> Handlebars<'static> {
    let mut pen = Handlebars::new();
    pen.set_strict_mode(true);
    pen.register_escape_fn(handlebars::no_escape);
    pen.register_helper("as_code", Box::new(Code { in_table: false }));
    pen.register_helper("cell", Box::new(Code { in_table: true }));
    pen
}

/// Writes text as code: `{{as_code text}}` in a line, `{{cell text}}` in a table, where `|` ends a cell in code, too.
struct Code {
    in_table: bool,
}

impl HelperDef for Code {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let missing = || RenderErrorReason::ParamNotFoundForIndex("code", 0);
        let text = helper.param(0).and_then(|param| param.value().as_str()).ok_or_else(missing)?;
        let bar = if self.in_table { "\\|" } else { "|" };
        out.write(&code_span(&text.replace('|', bar)))?;
        Ok(())
    }
}

/// Text as code within a line, between more backticks than it holds itself: paths of IAM may hold any sign of ASCII.
fn code_span(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    let longest = text.split(|char| char != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
