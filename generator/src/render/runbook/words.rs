//! The words of the run-book as templates.
//!
//! A process reads them anew, and handlebars is slow at that: it takes hundreds of instructions for each letter between
//! two tags, and tens of thousands for a tag. So what stands between tags, what a tag is made of, and which tag closes which
//! is found here, and whatever path is not plain is left to handlebars. No run-book has a use for all of the words: parts and
//! longer branches of blocks are read when a run-book gets to them. A test holds each tag against what handlebars makes of it, and another
//! the run-books against those that it makes of whole sections.

#[cfg(test)]
mod tests;

use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};

use handlebars::template::{
    ExpressionSpec, ExpressionSpecBuilder, HelperTemplate, Parameter, TemplateElement,
};
use handlebars::{
    BlockParamHolder, BlockParams, Context, Handlebars, Helper, HelperDef, HelperResult, Output, Path,
    PathSeg, RenderContext, RenderErrorReason, Renderable, Template, TemplateError, TemplateErrorReason,
};
use memchr::{memchr, memmem, memrchr};

use super::PARTS;

const ELSE: &str = "{{else}}";

/// The helpers [`Part`] and [`Block`], by names that no tag can have.
pub(super) const PART: &str = "@part";
pub(super) const BLOCK: &str = "@block";

/// A branch of a block with at least so many tags is read by itself.
const MANY: usize = 4;

/// What handlebars makes for a start.
static READER: LazyLock<Result<Reader, String>> =
    LazyLock::new(|| Reader::new().map_err(|error| error.to_string()));

/// Branches of blocks that are read by themselves.
static BLOCKS: Mutex<Vec<&'static Words>> = Mutex::new(Vec::new());

/// Words that are read when they are first rendered.
pub(super) struct Words {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
    template: OnceLock<Result<Template, String>>,
}

impl Words {
    pub(super) const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text, template: OnceLock::new() }
    }

    /// Fills them in.
    pub(super) fn render<'reg: 'rc, 'rc>(
        &'static self,
        pen: &'reg Handlebars<'reg>,
        view: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let template = self.template.get_or_init(|| read(self.text)).as_ref();
        template.map_err(|error| RenderErrorReason::Other(error.clone()))?.render(pen, view, state, out)
    }
}

/// A template of words.
pub(super) fn read(words: &'static str) -> Result<Template, String> {
    READER.as_ref().map_err(Clone::clone)?.read(words).map_err(|error| error.to_string())
}

/// What stands for a part, by its place in [`PARTS`], in what has been read. As in a partial, what is handed over has names of
/// its own in it.
pub(super) struct Part;

impl HelperDef for Part {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        pen: &'reg Handlebars<'reg>,
        view: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let part = number(helper).and_then(|n| PARTS.get(n));
        let part = part.ok_or(RenderErrorReason::ParamNotFoundForIndex("part", 0))?;
        let mut block = state.block().cloned().unwrap_or_default();
        block.set_block_params(BlockParams::new());
        for (name, value) in helper.hash() {
            block.set_block_param(name, BlockParamHolder::value(value.value().clone()));
        }
        state.push_block(block);
        let rendered = part.render(pen, view, state, out);
        state.pop_block();
        rendered
    }
}

/// What stands for a branch that is read by itself, by its place in [`BLOCKS`].
pub(super) struct Block;

impl HelperDef for Block {
    fn call<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        pen: &'reg Handlebars<'reg>,
        view: &'rc Context,
        state: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let at = |n: usize| BLOCKS.lock().unwrap_or_else(PoisonError::into_inner).get(n).copied();
        let block =
            number(helper).and_then(at).ok_or(RenderErrorReason::ParamNotFoundForIndex("block", 0))?;
        block.render(pen, view, state, out)
    }
}

fn number(helper: &Helper<'_>) -> Option<usize> {
    usize::try_from(helper.param(0)?.value().as_u64()?).ok()
}

/// Reads words.
struct Reader {
    /// A tag with nothing in it.
    blank: ExpressionSpec,
    /// The steps of what paths begin with.
    ups: Vec<(&'static str, Vec<PathSeg>)>,
}

/// Words, and the tag after them; `""` at the end.
struct Piece {
    /// Where the words begin.
    start: usize,
    words: &'static str,
    tag: &'static str,
    /// Whether the tag has a line of its own, as the end has.
    is_line: bool,
}

impl Reader {
    fn new() -> Result<Self, TemplateError> {
        let mut blank = ExpressionSpecBuilder::default();
        blank.name(Parameter::Name(String::new())).params(Vec::new()).hash(Default::default());
        let blank = blank.omit_pre_ws(false).omit_pro_ws(false).build();
        let blank = blank.map_err(|error| unreadable(&error.to_string()))?;
        let steps = |up: &'static str| match Parameter::parse(&format!("{up}x"))? {
            Parameter::Path(Path::Relative((mut steps, _))) => {
                steps.pop();
                Ok((up, steps))
            }
            _ => Err(unreadable(up)),
        };
        let ups = ["", "../", "../../", "@root/"].map(steps).into_iter().collect::<Result<_, _>>()?;
        Ok(Self { blank, ups })
    }

    /// A template of these words.
    ///
    /// # Errors
    /// A tag that handlebars cannot read, or one that closes nothing.
    fn read(&self, words: &'static str) -> Result<Template, TemplateError> {
        self.template(words, &pieces(words))
    }

    /// A template of pieces of `words`. The tag of the last one is what they end at.
    fn template(&self, words: &'static str, pieces: &[Piece]) -> Result<Template, TemplateError> {
        let mut template = Template::new();
        let mut n = 0;
        while let Some(piece) = pieces.get(n) {
            template.elements.push(TemplateElement::RawString(piece.words.to_owned()));
            n += 1;
            if n == pieces.len() {
                break;
            }
            let mut element = self.tag(piece.tag)?;
            if let TemplateElement::HelperBlock(block) = &mut element {
                let mut end = end_of_branch(pieces, n).ok_or_else(|| mismatch(piece.tag, ""))?;
                block.template = Some(self.branch(words, &pieces[n..=end], piece.is_line)?);
                if pieces[end].tag == ELSE {
                    let is_line = pieces[end].is_line;
                    n = end + 1;
                    end = end_of_branch(pieces, n).ok_or_else(|| mismatch(piece.tag, ""))?;
                    block.inverse = Some(self.branch(words, &pieces[n..=end], is_line)?);
                }
                if !closes(pieces[end].tag, piece.tag) {
                    return Err(mismatch(piece.tag, pieces[end].tag));
                }
                n = end + 1;
            }
            template.elements.push(element);
        }
        Ok(template)
    }

    /// A template of a branch of a block: of a long one, what stands for it until it is rendered. That must be whole lines, for
    /// a tag may have one of its own: `is_line` is whether the tag before it has one.
    fn branch(
        &self,
        words: &'static str,
        pieces: &[Piece],
        is_line: bool,
    ) -> Result<Template, TemplateError> {
        let (first, last) = match pieces {
            [first, .., last] if pieces.len() > MANY && is_line && last.is_line => (first, last),
            _ => return self.template(words, pieces),
        };
        let text = &words[first.start..last.start + last.words.len()];
        let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stand_in = Template::new();
        stand_in.elements.push(self.stand_in(blocks.len()));
        // As long as the program, like the text.
        blocks.push(Box::leak(Box::new(Words::new("", text))));
        Ok(stand_in)
    }

    /// What stands for a branch.
    fn stand_in(&self, number: usize) -> TemplateElement {
        let mut call = self.blank.clone();
        call.name = Parameter::Name(BLOCK.to_owned());
        call.params.push(Parameter::Literal(number.into()));
        TemplateElement::Expression(Box::new(HelperTemplate::new(call, false, false)))
    }

    /// What handlebars makes of a tag; of one that opens a block, of that block with nothing in it; of a part, what stands
    /// for it.
    fn tag(&self, tag: &'static str) -> Result<TemplateElement, TemplateError> {
        let inner = tag.strip_prefix("{{").and_then(|tag| tag.strip_suffix("}}"));
        let inner = inner.ok_or_else(|| unreadable(tag))?;
        Ok(match inner.as_bytes().first() {
            Some(b'#') => {
                let mut block = HelperTemplate::new(self.call(&inner[1..])?, true, false);
                block.template = Some(Template::new());
                TemplateElement::HelperBlock(Box::new(block))
            }
            Some(b'>') => {
                let mut part = self.call(inner[1..].trim_start())?;
                let name = part.name.as_name().unwrap_or_default();
                let number =
                    PARTS.iter().position(|part| part.name == name).ok_or_else(|| unreadable(tag))?;
                if !part.params.is_empty() {
                    return Err(unreadable(tag));
                }
                part.name = Parameter::Name(PART.to_owned());
                part.params.push(Parameter::Literal(number.into()));
                TemplateElement::Expression(Box::new(HelperTemplate::new(part, false, false)))
            }
            Some(b'/') => return Err(mismatch("", tag)),
            _ if tag == ELSE => return Err(mismatch("", tag)),
            _ => {
                let mut value = self.blank.clone();
                match inner.contains(' ') {
                    true => value = self.call(inner)?,
                    false => value.name = self.path(inner)?,
                }
                TemplateElement::Expression(Box::new(HelperTemplate::new(value, false, false)))
            }
        })
    }

    /// What handlebars makes of `if crawler.name`, and of `parts/tags tags=@root/tags`.
    fn call(&self, words_of: &'static str) -> Result<ExpressionSpec, TemplateError> {
        let (mut spec, mut words) = (self.blank.clone(), words_of.split(' '));
        let name = words.next().filter(|name| name.starts_with(|first: char| first.is_ascii_lowercase()));
        let name = name.filter(|name| *name != "else").ok_or_else(|| unreadable(words_of))?;
        spec.name = Parameter::Name(name.to_owned());
        for word in words {
            match word.split_once('=') {
                Some((key, path)) => drop(spec.hash.insert(key.to_owned(), self.path(path)?)),
                None => spec.params.push(self.path(word)?),
            }
        }
        Ok(spec)
    }

    /// What handlebars makes of a path.
    fn path(&self, path: &'static str) -> Result<Parameter, TemplateError> {
        let (up, names) = path.split_at(path.rfind('/').map_or(0, |slash| slash + 1));
        let is_plain = |name: &str| {
            let is_word = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            is_word && !matches!(name, "" | "this" | "true" | "false" | "null")
        };
        let steps = self.ups.iter().find(|(known, _)| *known == up);
        match steps.filter(|_| names.split('.').all(is_plain)) {
            Some((_, steps)) => {
                let mut steps = steps.clone();
                steps.extend(names.split('.').map(|name| PathSeg::Named(name.to_owned())));
                Ok(Parameter::Path(Path::Relative((steps, path.to_owned()))))
            }
            None => Parameter::parse(path),
        }
    }
}

/// The piece whose tag ends the branch that begins with piece `start`.
fn end_of_branch(pieces: &[Piece], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    (start..pieces.len()).find(|n| {
        let tag = pieces[*n].tag;
        if depth == 0 && (tag == ELSE || tag.starts_with("{{/")) {
            return true;
        }
        match tag.as_bytes().get(2) {
            Some(b'#') => depth += 1,
            Some(b'/') => depth -= 1,
            _ => {}
        }
        false
    })
}

/// Words cut at their tags. A tag that stands alone on a line takes the line with it, unless it is a value.
fn pieces(words: &'static str) -> Vec<Piece> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    for at in memmem::find_iter(words.as_bytes(), "{{") {
        // Within a tag, which is refused for it.
        if at < start {
            continue;
        }
        let end = memchr(b'}', &words.as_bytes()[at..]).map_or(words.len(), |length| at + length + 2);
        let tag = words.get(at..end).unwrap_or(&words[at..]);
        let end = at + tag.len();
        let is_value = !tag[2..].starts_with(['#', '/', '>']) && tag != ELSE;
        let whole_line = if is_value { None } else { line_of(words, at, end) };
        let (before, after) = whole_line.unwrap_or((at, end));
        pieces.push(Piece { start, words: &words[start..before], tag, is_line: whole_line.is_some() });
        start = after;
    }
    pieces.push(Piece { start, words: &words[start..], tag: "", is_line: true });
    pieces
}

/// Where the line starts and ends that this tag stands on, if it stands there alone.
fn line_of(words: &str, at: usize, end: usize) -> Option<(usize, usize)> {
    let before = memrchr(b'\n', &words.as_bytes()[..at]).map_or(0, |newline| newline + 1);
    let after = memchr(b'\n', &words.as_bytes()[end..]).map_or(words.len(), |newline| end + newline + 1);
    let is_alone = [&words[before..at], &words[end..after]].iter().all(|rest| rest.trim_ascii().is_empty());
    is_alone.then_some((before, after))
}

/// Whether `{{/if}}` closes `{{#if pinned}}`.
fn closes(end: &str, tag: &str) -> bool {
    let name = tag.strip_prefix("{{#").and_then(|tag| tag.split([' ', '}']).next());
    end.strip_prefix("{{/").and_then(|end| end.strip_suffix("}}")) == name && name.is_some()
}

fn unreadable(words: &str) -> TemplateError {
    TemplateError::of(TemplateErrorReason::InvalidParam(words.to_owned()))
}

fn mismatch(opened: &str, closed: &str) -> TemplateError {
    TemplateError::of(TemplateErrorReason::MismatchingClosedHelper(opened.to_owned(), closed.to_owned()))
}
