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

use std::sync::LazyLock;

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason,
    StringOutput,
};

use serde_json::Value;

use self::words::{Block, Part, Words};
use crate::model::Integration;

/// The words of a file in `prose/runbook/`, with its name.
macro_rules! words {
    ($($name:literal)*) => {
        [$(Words::new($name, include_str!(concat!("../../prose/runbook/", $name, ".md.hbs")))),*]
    };
}

/// The sections, in the order of the run-book.
static SECTIONS: [Words; 17] = words![
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
static PARTS: [Words; 17] = words![
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

/// Fills in values. A value that is missing is an error, never an empty place.
static PEN: LazyLock<Handlebars<'static>> = LazyLock::new(pen);

/// The run-book could not be rendered: its words ask for something that is not there. That is an error in lakelink.
#[derive(Debug, thiserror::Error)]
#[error("the run-book cannot be rendered: {0}; this is an error in lakelink, please report it")]
pub struct Unrenderable(String);

/// The run-book of an integration, as Markdown.
///
/// # Errors
/// [`Unrenderable`] if the words ask for something that is not there.
pub fn runbook(integration: &Integration) -> Result<String, Unrenderable> {
    let view =
        Context::wraps(view::View::of(integration)).map_err(|error| Unrenderable(error.to_string()))?;
    let mut sections = Vec::new();
    for section in SECTIONS.iter().filter(|section| is_for(section.text, view.data())) {
        let mut text = StringOutput::new();
        let rendered = section.render(&PEN, &view, &mut RenderContext::new(None), &mut text);
        rendered.map_err(|error| Unrenderable(error.to_string()))?;
        sections.push(text.into_string().map_err(|error| Unrenderable(error.to_string()))?);
    }
    // A section may find by itself that an integration has no use for it.
    sections.retain(|section| !section.is_empty());
    Ok(sections.join("\n"))
}

/// Whether an integration has a use for a section. One that is all of it one `{{#if …}}` is not read if it is for nothing;
/// whatever is not plainly nothing is left to the `{{#if …}}`.
fn is_for(words: &str, view: &Value) -> bool {
    let only_with = words.strip_prefix("{{#if ").and_then(|rest| Some(rest.split_once("}}\n")?.0));
    !matches!(only_with.and_then(|name| view.get(name)), Some(Value::Null | Value::Bool(false)))
}

fn pen() -> Handlebars<'static> {
    let mut pen = Handlebars::new();
    pen.set_strict_mode(true);
    pen.register_escape_fn(handlebars::no_escape);
    pen.register_helper("as_code", Box::new(Code { in_table: false }));
    pen.register_helper("cell", Box::new(Code { in_table: true }));
    pen.register_helper(words::PART, Box::new(Part));
    pen.register_helper(words::BLOCK, Box::new(Block));
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
