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
mod view;

use std::collections::BTreeMap;
use std::mem;
use std::sync::{LazyLock, OnceLock};

use handlebars::template::TemplateElement;
use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext, RenderError,
    RenderErrorReason, Renderable, StringOutput, Template, TemplateError,
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
    "parts/list-sources"
    "parts/region/accept"
    "parts/region/collection"
    "parts/region/console"
    "parts/region/detective"
    "parts/region/lake"
    "parts/region/share"
    "parts/run-query"
    "parts/stack-set-wait"
    "parts/tags"
    "parts/take-out"
];

/// All words, read once for all run-books of a run.
static BOOK: LazyLock<Result<Book, TemplateError>> = LazyLock::new(Book::read);

/// What is left out of a template stands in it as a letter of its own, from this one on. Unicode keeps them for private
/// use, and no word has them.
const FIRST_MARK: u32 = 0xE000;

/// The words as templates.
///
/// handlebars is slow at reading, and for the place of each tag it counts the lines from the start, anew for every
/// process. So templates are short, what stands between blocks is put in when a template has been read, and what stands
/// under a condition is read when an integration wants it.
struct Book {
    pen: Handlebars<'static>,
    /// The pieces of each section.
    sections: Vec<Vec<Piece>>,
    /// Words with their values, by the order of their marks.
    runs: Vec<&'static str>,
    /// Each value that runs ask for: `{{lake.id}}`.
    values: BTreeMap<&'static str, TemplateElement>,
}

/// What a section is cut into.
struct Piece {
    text: String,
    /// A JSON pointer to what the whole piece stands under.
    condition: Option<String>,
    template: OnceLock<Result<Template, TemplateError>>,
}

impl Book {
    fn read() -> Result<Self, TemplateError> {
        let mut runs = Vec::new();
        let parts = PARTS.iter().map(|(_, part)| marked(part, &mut runs)).collect::<Vec<_>>();
        let sections = SECTIONS.iter().map(|(_, section)| pieces(&marked(section, &mut runs))).collect();
        let values = values(&runs)?;
        let mut book = Self { pen: pen(), sections, runs, values };
        for ((name, _), template) in PARTS.iter().zip(in_parallel(&parts, |part| book.template(part))) {
            book.pen.register_template(name, template?);
        }
        book.turn_to(book.pieces().filter(|piece| piece.condition.is_none()));
        Ok(book)
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.sections.iter().flatten()
    }

    /// Reads these pieces, side by side, but for those that are read already.
    fn turn_to<'a>(&self, pieces: impl Iterator<Item = &'a Piece>) {
        let unread = pieces.filter(|piece| piece.template.get().is_none()).collect::<Vec<_>>();
        in_parallel(&unread, |piece| piece.template.get_or_init(|| self.template(&piece.text)).is_ok());
    }

    /// Reads a template and puts the runs in.
    fn template(&self, text: &str) -> Result<Template, TemplateError> {
        let mut template = Template::compile(text)?;
        self.put_in(&mut template);
        Ok(template)
    }

    fn put_in(&self, template: &mut Template) {
        let mut elements = Vec::new();
        for mut element in mem::take(&mut template.elements) {
            match &mut element {
                TemplateElement::RawString(text) => self.whole(text, &mut elements),
                TemplateElement::HelperBlock(block) => {
                    [&mut block.template, &mut block.inverse]
                        .into_iter()
                        .flatten()
                        .for_each(|part| self.put_in(part));
                    elements.push(element);
                }
                _ => elements.push(element),
            }
        }
        template.elements = elements;
    }

    /// Adds a text with what its marks stand for.
    fn whole(&self, text: &str, elements: &mut Vec<TemplateElement>) {
        let run = |mark| self.runs.get((u32::from(mark) as usize).checked_sub(FIRST_MARK as usize)?);
        let mut words = String::new();
        for char in text.chars() {
            let Some(run) = run(char) else {
                words.push(char);
                continue;
            };
            for piece in words_and_values(run) {
                match self.values.get(piece) {
                    Some(value) => {
                        elements.push(TemplateElement::RawString(mem::take(&mut words)));
                        elements.push(value.clone());
                    }
                    None => words.push_str(piece),
                }
            }
        }
        elements.push(TemplateElement::RawString(words));
    }

    fn fill_in(&self, view: &Context) -> Result<String, RenderError> {
        let is_wanted = |piece: &Piece| match &piece.condition {
            // What is not there at all is for handlebars to complain about.
            Some(condition) => view.data().pointer(condition).is_none_or(|value| value.is_truthy(false)),
            None => true,
        };
        self.turn_to(self.pieces().filter(|piece| is_wanted(piece)));
        let mut sections = Vec::new();
        for pieces in &self.sections {
            let mut section = StringOutput::new();
            for piece in pieces.iter().filter(|piece| is_wanted(piece)) {
                let template = piece.template.get_or_init(|| self.template(&piece.text)).as_ref();
                let template = template.map_err(|error| RenderErrorReason::Other(error.to_string()))?;
                template.render(&self.pen, view, &mut RenderContext::new(None), &mut section)?;
            }
            sections.push(section.into_string()?);
        }
        // A section that an integration has no use for is empty.
        sections.retain(|section| !section.is_empty());
        Ok(sections.join("\n"))
    }
}

/// A template with marks for what stands between its blocks. White space at the ends stays, for tags may stand alone on
/// a line.
fn marked(template: &'static str, runs: &mut Vec<&'static str>) -> String {
    let mut marked = String::new();
    let mut rest = template;
    while !rest.is_empty() {
        let (run, others) = rest.split_at(block(rest).unwrap_or(rest.len()));
        let core = run.trim();
        let (before, after) = run.split_at(run.len() - run.trim_start().len());
        let mark = u32::try_from(runs.len()).ok().and_then(|count| char::from_u32(FIRST_MARK + count));
        match mark {
            Some(mark) if !core.is_empty() => {
                marked.push_str(before);
                marked.push(mark);
                marked.push_str(&after[core.len()..]);
                runs.push(core);
            }
            _ => marked.push_str(run),
        }
        let (block, others) = others.split_at(others.find('}').map_or(others.len(), |end| end + 2));
        marked.push_str(block);
        rest = others;
    }
    marked
}

/// Where the first tag is that is more than a value: `{{#if`, `{{else}}`, `{{/if}}`, `{{> part}}`.
fn block(text: &str) -> Option<usize> {
    let is_block = |at: &usize| {
        let tag = text[*at..].strip_prefix("{{");
        tag.is_some_and(|tag| tag.starts_with(['#', '/', '>']) || tag.starts_with("else"))
    };
    // A single letter is found faster than two.
    text.match_indices('{').map(|(at, _)| at).find(is_block)
}

/// `Account {{lake.id}}.` is `Account `, `{{lake.id}}` and `.`.
fn words_and_values(run: &'static str) -> impl Iterator<Item = &'static str> {
    run.split_inclusive("}}").flat_map(|piece| {
        let (words, value) = piece.split_at(piece.find("{{").unwrap_or(piece.len()));
        [words, value]
    })
}

/// Every value that these runs ask for, read once.
fn values(runs: &[&'static str]) -> Result<BTreeMap<&'static str, TemplateElement>, TemplateError> {
    let mut tags = runs.iter().flat_map(|run| words_and_values(run)).collect::<Vec<_>>();
    tags.retain(|piece| piece.starts_with("{{"));
    tags.sort_unstable();
    tags.dedup();
    let mut values = BTreeMap::new();
    // One by one, for in a long text it takes long to count where a tag stands.
    for tag in tags {
        values.extend(Template::compile(tag)?.elements.pop().map(|value| (tag, value)));
    }
    Ok(values)
}

/// A template cut at every line that is in no block.
fn pieces(template: &str) -> Vec<Piece> {
    let (mut pieces, mut open) = (Vec::<String>::new(), 0);
    for line in template.split_inclusive('\n') {
        match pieces.last_mut() {
            Some(piece) if open > 0 => piece.push_str(line),
            _ => pieces.push(line.to_owned()),
        }
        open += line.matches("{{#").count();
        open -= line.matches("{{/").count().min(open);
    }
    let piece = |text: String| Piece { condition: condition(&text), text, template: OnceLock::new() };
    pieces.into_iter().map(piece).collect()
}

/// What a whole piece stands under: `/a/b` if it is `{{#if a.b}}`, lines, and the `{{/if}}` of that.
fn condition(piece: &str) -> Option<String> {
    let (condition, block) = piece.strip_prefix("{{#if ")?.split_once("}}\n")?;
    let mut open = 1;
    for tag in block.strip_suffix("{{/if}}\n")?.split("{{").skip(1) {
        match tag.as_bytes().first() {
            Some(b'#') => open += 1,
            Some(b'/') => open -= 1,
            _ if open == 1 && tag.starts_with("else") => return None,
            _ => {}
        }
        if open == 0 {
            return None;
        }
    }
    Some(format!("/{}", condition.replace('.', "/")))
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
