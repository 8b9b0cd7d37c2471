//! The run-book: everything that a person does to deploy, use, change and remove an integration, with every name
//! filled in. The words stand in `prose/runbook/`, one file for each section, what is filled in comes from `view`.

mod account;
mod evidence;
mod handoff;
mod others;
mod people;
mod region;
mod shell;
#[cfg(test)]
mod tests;
mod tools;
mod view;
mod words;

use std::sync::{LazyLock, OnceLock};

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
    Renderable, StringOutput, Template,
};

use serde_json::Value;

use self::words::Reader;
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
    "with-cdk"
    "with-parameters"
    "stack-sets"
    "git-sync"
    "cfct"
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
    "parts/finish"
    "parts/list-sources"
    "parts/region/accept"
    "parts/region/collected"
    "parts/region/collection"
    "parts/region/console"
    "parts/region/detective"
    "parts/region/lake"
    "parts/region/share"
    "parts/run-query"
    "parts/tags"
    "parts/take-out"
];

/// All words, each read once for all run-books of a run.
static BOOK: LazyLock<Result<Book, String>> = LazyLock::new(Book::read);

/// The words as templates.
struct Book {
    pen: Handlebars<'static>,
    sections: Vec<Section>,
}

/// The words of a section.
struct Section {
    words: &'static str,
    /// What an integration has that needs it, where all of it is one `{{#if …}}`: of most run-books it is no part.
    only_with: Option<&'static str>,
    template: OnceLock<Result<Template, String>>,
}

impl Section {
    fn of(words: &'static str) -> Self {
        let only_with = words.strip_prefix("{{#if ").and_then(|rest| Some(rest.split_once("}}\n")?.0));
        Self { words, only_with, template: OnceLock::new() }
    }

    /// Whether an integration has a use for it. Whatever is not plainly nothing is left to its own `{{#if …}}`.
    fn is_for(&self, view: &Value) -> bool {
        !matches!(self.only_with.and_then(|name| view.get(name)), Some(Value::Null | Value::Bool(false)))
    }

    fn template(&self, reader: &mut Reader) -> Result<&Template, String> {
        let read = || reader.read(self.words).map_err(|error| error.to_string());
        self.template.get_or_init(read).as_ref().map_err(Clone::clone)
    }
}

impl Book {
    fn read() -> Result<Self, String> {
        let (mut pen, mut reader) = (pen(), Reader::default());
        for (name, part) in PARTS {
            pen.register_template(name, reader.read(part).map_err(|error| error.to_string())?);
        }
        let sections = SECTIONS.iter().map(|(_, words)| Section::of(words)).collect::<Vec<_>>();
        for section in sections.iter().filter(|section| section.only_with.is_none()) {
            section.template(&mut reader)?;
        }
        Ok(Self { pen, sections })
    }

    fn fill_in(&self, view: &Context) -> Result<String, String> {
        let (mut sections, mut reader) = (Vec::new(), Reader::default());
        for section in self.sections.iter().filter(|section| section.is_for(view.data())) {
            let (words, mut text) = (section.template(&mut reader)?, StringOutput::new());
            words
                .render(&self.pen, view, &mut RenderContext::new(None), &mut text)
                .map_err(|error| error.to_string())?;
            sections.push(text.into_string().map_err(|error| error.to_string())?);
        }
        // A section may find by itself that an integration has no use for it.
        sections.retain(|section| !section.is_empty());
        Ok(sections.join("\n"))
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
    let book = BOOK.as_ref().map_err(|error| Unrenderable(error.clone()))?;
    let view =
        Context::wraps(view::View::of(integration)).map_err(|error| Unrenderable(error.to_string()))?;
    book.fill_in(&view).map_err(Unrenderable)
}

/// Reads the words that all run-books have, which is more work than filling them in for one spec: it can be begun before
/// that.
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
