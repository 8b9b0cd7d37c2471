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

/// The words as templates.
struct Book {
    pen: Handlebars<'static>,
    sections: Vec<Vec<Piece>>,
}

/// A part of a section that can be filled in by itself.
enum Piece {
    /// Words in which there is nothing to fill in.
    Words(&'static str),
    /// The name of a template.
    Template(String),
}

impl Book {
    fn read() -> Result<Self, TemplateError> {
        let mut book = Self { pen: pen(), sections: Vec::new() };
        for (name, words) in PARTS {
            book.pen.register_template_string(name, words)?;
        }
        for (name, words) in SECTIONS {
            let mut section = Vec::new();
            for (n, piece) in pieces(words).into_iter().enumerate() {
                if piece.contains("{{") {
                    let name = format!("{name} {n}");
                    book.pen.register_template_string(&name, piece)?;
                    section.push(Piece::Template(name));
                } else {
                    section.push(Piece::Words(piece));
                }
            }
            book.sections.push(section);
        }
        Ok(book)
    }

    fn fill_in(&self, view: &Context) -> Result<String, RenderError> {
        let mut text = String::new();
        for section in &self.sections {
            let before = text.len();
            text.push_str(if before > 0 { "\n" } else { "" });
            let start = text.len();
            for piece in section {
                match piece {
                    Piece::Words(words) => text.push_str(words),
                    Piece::Template(name) => text.push_str(&self.pen.render_with_context(name, view)?),
                }
            }
            // A section that an integration has no use for is empty.
            if text.len() == start {
                text.truncate(before);
            }
        }
        Ok(text)
    }
}

/// The words cut at every line that is in no block. handlebars is slow at reading: words without anything to fill in it
/// reads letter by letter all the same, and for the place of each element it counts the lines from the start.
fn pieces(words: &'static str) -> Vec<&'static str> {
    let mut pieces = Vec::new();
    let (mut start, mut end, mut open) = (0, 0, 0);
    let mut is_plain = true;
    for line in words.split_inclusive('\n') {
        let goes_on = is_plain && !line.contains("{{");
        if open == 0 && !goes_on && end > start {
            pieces.push(&words[start..end]);
            start = end;
        }
        is_plain = open == 0 && !line.contains("{{");
        open += line.matches("{{#").count();
        open -= line.matches("{{/").count().min(open);
        end += line.len();
    }
    pieces.push(&words[start..]);
    pieces
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
