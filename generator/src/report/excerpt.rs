//! The lines around the places of a problem, as a piece that is cheap to draw.
//!
//! annotate-snippets walks all the text that it is given, for every problem, so it is given little: the lines that
//! hold a place and what is between them, and of a long line only the part that can be on the screen.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use crate::document::Text;
use crate::problem::visible;

/// How many lines may lie between the places of one piece.
const MAX_LINES: usize = 500;

/// The length in bytes from which a line is cut.
const MAX_LINE: usize = 1000;

/// How much of a long line is kept before and behind the start of a place: more than the renderer's width, so that
/// the renderer sees that there is more, and says so.
const REACH: usize = 300;

/// A part of the text to underline, within one line.
pub(super) struct Mark {
    pub(super) span: Range<usize>,
    pub(super) label: Option<String>,
    /// Whether it is the place of the problem itself.
    pub(super) main: bool,
}

/// A piece of the text with places in it.
pub(super) struct Excerpt {
    /// The number of the first line.
    line: usize,
    source: String,
    /// The marks, with bytes of `source`.
    marks: Vec<Mark>,
}

impl Excerpt {
    /// The piece that shows the place of a problem, together with those of the other places that fit in. The rest
    /// comes back.
    pub(super) fn new(text: &Text, main: Mark, others: impl Iterator<Item = Mark>) -> (Self, Vec<Mark>) {
        let mut lines = Lines::of(text, &main);
        let mut inside = vec![main];
        let mut outside = Vec::new();
        for mark in others {
            match lines.with(text, &mark) {
                Some(wider) => {
                    lines = wider;
                    inside.push(mark);
                }
                None => outside.push(mark),
            }
        }
        (lines.excerpt(text, inside), outside)
    }

    /// How many digits the widest line number has that is shown.
    pub(super) fn digits(&self) -> usize {
        let last = self.line + self.source.lines().count().saturating_sub(1);
        last.to_string().len()
    }

    /// The piece as annotate-snippets takes it.
    pub(super) fn snippet<'a>(self) -> Snippet<'a, Annotation<'a>> {
        let annotations = self.marks.into_iter().map(|mark| {
            let kind = if mark.main { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(mark.span).label(mark.label)
        });
        Snippet::source(self.source).line_start(self.line).annotations(annotations)
    }

    /// Adds the next line, with its own among the marks; the other marks come back.
    fn add_line(&mut self, text: &Text, line: &Range<usize>, marks: Vec<Mark>) -> Vec<Mark> {
        let (here, elsewhere): (Vec<_>, _) =
            marks.into_iter().partition(|mark| line.start <= mark.span.start && mark.span.start <= line.end);
        let kept = kept(text, line, here.first());
        let shift = |byte: usize| self.source.len() + byte.clamp(kept.start, kept.end) - kept.start;
        let here: Vec<_> = here
            .into_iter()
            .map(|mark| Mark { span: shift(mark.span.start)..shift(mark.span.end), ..mark })
            .collect();
        self.marks.extend(here);
        self.source.extend(text.as_str().get(kept).unwrap_or_default().chars().map(harmless));
        self.source.push('\n');
        elsewhere
    }
}

/// The numbers of the lines of a piece, first and last.
#[derive(Clone, Copy)]
struct Lines {
    first: usize,
    last: usize,
}

impl Lines {
    fn of(text: &Text, mark: &Mark) -> Self {
        let line = text.position(mark.span.start).line;
        Self { first: line, last: line }
    }

    /// These lines together with the one of a further mark, if that is still a small piece. A line that is cut can
    /// only show one mark.
    fn with(self, text: &Text, mark: &Mark) -> Option<Self> {
        let other = Self::of(text, mark);
        let both = Self { first: self.first.min(other.first), last: self.last.max(other.last) };
        let whole = |line| text.line(line).len() <= MAX_LINE;
        (both.last - both.first <= MAX_LINES && whole(other.first) && whole(self.first)).then_some(both)
    }

    fn excerpt(self, text: &Text, mut marks: Vec<Mark>) -> Excerpt {
        let mut excerpt = Excerpt { line: self.first, source: String::new(), marks: Vec::new() };
        for number in self.first..=self.last {
            marks = excerpt.add_line(text, &text.line(number), marks);
        }
        excerpt
    }
}

/// A character as it may be drawn, of as many bytes, so that the marks stay where they are. Those of one byte are left
/// to annotate-snippets, which has a sign for each; it lets the controls above ASCII pass, and terminals obey them.
fn harmless(char: char) -> char {
    match char.len_utf8() {
        2 if !visible(char).eq([char]) => '·',
        3 if !visible(char).eq([char]) => char::REPLACEMENT_CHARACTER,
        _ => char,
    }
}

/// The part of a line to keep: all of it, or what is within reach of its mark.
fn kept(text: &Text, line: &Range<usize>, mark: Option<&Mark>) -> Range<usize> {
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let near = mark.map_or(line.start, |mark| mark.span.start);
    let start = text.as_str().floor_char_boundary(near.saturating_sub(REACH));
    let end = text.as_str().ceil_char_boundary(near + REACH);
    start.max(line.start)..end.min(line.end)
}
