//! The run-book: everything that a person does to deploy, use, change and remove an integration, with every name
//! filled in. The words stand in `prose/RUNBOOK.md.hbs`, what is filled in comes from `view`.

mod account;
mod people;
mod region;
mod shell;
#[cfg(test)]
mod tests;
mod view;

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason,
};
use serde::Serialize;

use crate::model::Integration;

/// The words of the run-book.
const PROSE: &str = include_str!("../../prose/RUNBOOK.md.hbs");

/// The run-book could not be rendered: its words ask for something that is not there. That is an error in lakelink.
#[derive(Debug, thiserror::Error)]
#[error("the run-book cannot be rendered: {0}; this is an error in lakelink, please report it")]
pub struct Unrenderable(#[from] RenderError);

/// The run-book of an integration, as Markdown.
///
/// # Errors
/// [`Unrenderable`] if the words ask for something that is not there.
pub fn runbook(integration: &Integration) -> Result<String, Unrenderable> {
    Ok(fill_in(PROSE, &view::View::of(integration))?)
}

/// The words with the values of `view` filled in. A value that is missing is an error, never an empty place.
fn fill_in(words: &str, view: &impl Serialize) -> Result<String, RenderError> {
    let mut handlebars = Handlebars::new();
    handlebars.set_strict_mode(true);
    handlebars.register_escape_fn(handlebars::no_escape);
    handlebars.register_helper("cell", Box::new(cell));
    handlebars.render_template(words, view)
}

/// `{{cell text}}`: text for the cell of a table, where `|` would end the cell and a line break the table.
fn cell(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let missing = || RenderErrorReason::ParamNotFoundForIndex("cell", 0);
    let text = helper.param(0).and_then(|param| param.value().as_str()).ok_or_else(missing)?;
    out.write(&text.replace('|', "\\|").replace(['\r', '\n'], " "))?;
    Ok(())
}
