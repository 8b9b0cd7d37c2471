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
    RenderErrorReason, Template, TemplateError,
};

use crate::model::Integration;
use crate::parallel::in_parallel;

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

/// The words as templates.
///
/// handlebars is slow at reading: letter by letter, and for the place of each tag it counts the lines from the start,
/// anew for every process. So most words are only counted in a template and stand beside, templates are short, and
/// they are read side by side.
struct Book {
    pen: Handlebars<'static>,
    /// For each section, how many pieces it has.
    sections: Vec<(&'static str, usize)>,
    /// Words between tags.
    beside: Vec<&'static str>,
}

impl Book {
    fn read() -> Result<Self, TemplateError> {
        let mut book = Self { pen: pen(), sections: Vec::new(), beside: Vec::new() };
        let parts = PARTS.iter().map(|(name, words)| ((*name).to_owned(), book.template(words)));
        let mut templates = parts.collect::<Vec<_>>();
        for (section, words) in SECTIONS {
            let pieces = pieces(&book.template(words));
            book.sections.push((section, pieces.len()));
            templates
                .extend(pieces.into_iter().enumerate().map(|(n, piece)| (piece_name(section, n), piece)));
        }
        let read = in_parallel(&templates, |(_, template)| Template::compile(template));
        for ((name, _), template) in templates.iter().zip(read) {
            book.pen.register_template(name, template?);
        }
        Ok(book)
    }

    /// A template with the long words left out. White space at their ends stays, for tags may stand alone on a line.
    fn template(&mut self, words: &'static str) -> String {
        let mut template = String::new();
        for (n, piece) in words.split("{{").enumerate() {
            let (tag, after) = match piece.split_once("}}") {
                Some((tag, after)) if n > 0 => (tag, after),
                _ => ("", piece),
            };
            if n > 0 {
                template.extend(["{{", tag, "}}"]);
            }
            let core = after.trim();
            if core.len() > SHORT {
                let before = after.len() - after.trim_start().len();
                let [open, close] = MARKS;
                template.push_str(&after[..before]);
                template.push_str(&format!("{open}{}{close}", self.beside.len()));
                template.push_str(&after[before + core.len()..]);
                self.beside.push(core);
            } else {
                template.push_str(after);
            }
        }
        template
    }

    fn fill_in(&self, view: &Context) -> Result<String, RenderError> {
        let mut sections = Vec::new();
        for (section, count) in &self.sections {
            let pieces = (0..*count).map(|n| self.pen.render_with_context(&piece_name(section, n), view));
            sections.push(self.put_in(&pieces.collect::<Result<String, _>>()?));
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

/// The name of a piece of a section.
fn piece_name(section: &str, n: usize) -> String {
    format!("{section} {n}")
}

/// A template cut at every line that is in no block.
fn pieces(template: &str) -> Vec<String> {
    let (mut pieces, mut open) = (Vec::<String>::new(), 0);
    for line in template.split_inclusive('\n') {
        match pieces.last_mut() {
            Some(piece) if open > 0 => piece.push_str(line),
            _ => pieces.push(line.to_owned()),
        }
        open += line.matches("{{#").count();
        open -= line.matches("{{/").count().min(open);
    }
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

/// Reads the words, which is more work than filling them in for one spec: it can be begun before that.
pub fn read_words() {
    LazyLock::force(&BOOK);
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
