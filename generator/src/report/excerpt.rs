//! The lines around places of a text, in pieces that are cheap to draw.
//!
//! annotate-snippets walks all the text that it is given, for every problem, so it is given little: a few lines, and
//! of a long line only the part that can be on the screen.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use crate::document::Text;

/// How many lines may lie between two places that are drawn as one piece.
const NEAR: usize = 12;

/// How many bytes one piece may have.
const MAX_PIECE: usize = 4096;

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
    /// Where in the text its first mark starts.
    pub(super) start: usize,
    /// The number of the first line.
    line: usize,
    source: String,
    /// The marks, with bytes of `source`.
    marks: Vec<Mark>,
}

impl Excerpt {
    /// The piece as annotate-snippets takes it.
    pub(super) fn snippet<'a>(self) -> Snippet<'a, Annotation<'a>> {
        let annotations = self.marks.into_iter().map(|mark| {
            let kind = if mark.main { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(mark.span).label(mark.label)
        });
        Snippet::source(self.source).line_start(self.line).annotations(annotations)
    }
}

/// The pieces that show these places: the problem's own first, together with all that is near it.
pub(super) fn excerpts(text: &Text, main: Mark, others: impl Iterator<Item = Mark>) -> Vec<Excerpt> {
    let mut lines = Lines::of(text, &main);
    let mut together = vec![main];
    let mut apart = Vec::new();
    for mark in others {
        match lines.with(text, &mark) {
            Some(wider) => {
                lines = wider;
                together.push(mark);
            }
            None => apart.push(mark),
        }
    }
    let first = lines.excerpt(text, together);
    let rest = apart.into_iter().map(|mark| Lines::of(text, &mark).excerpt(text, vec![mark]));
    std::iter::once(first).chain(rest).collect()
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

    /// These lines and the line of a further mark, if that still is one small piece.
    fn with(self, text: &Text, mark: &Mark) -> Option<Self> {
        let other = Self::of(text, mark);
        let both = Self { first: self.first.min(other.first), last: self.last.max(other.last) };
        let size = text.line(both.last).end - text.line(both.first).start;
        (both.last - both.first <= NEAR && size <= MAX_PIECE).then_some(both)
    }

    fn excerpt(self, text: &Text, marks: Vec<Mark>) -> Excerpt {
        let start = marks.first().map_or(0, |mark| mark.span.start);
        let mut piece = Excerpt { start, line: self.first, source: String::new(), marks: Vec::new() };
        let mut marks = marks;
        for number in self.first..=self.last {
            let line = text.line(number);
            let (here, elsewhere) = marks
                .into_iter()
                .partition(|mark| line.start <= mark.span.start && mark.span.start <= line.end);
            marks = elsewhere;
            piece.add_line(text, line, here);
        }
        piece
    }
}

impl Excerpt {
    fn add_line(&mut self, text: &Text, line: Range<usize>, marks: Vec<Mark>) {
        let kept = kept(text, line, &marks);
        let shift = |byte: usize| self.source.len() + byte.clamp(kept.start, kept.end) - kept.start;
        let marks: Vec<_> = marks
            .into_iter()
            .map(|mark| Mark { span: shift(mark.span.start)..shift(mark.span.end), ..mark })
            .collect();
        self.marks.extend(marks);
        self.source.push_str(text.as_str().get(kept).unwrap_or_default());
        self.source.push('\n');
    }
}

/// The part of a line to keep: all of it, or what is within reach of its first mark.
fn kept(text: &Text, line: Range<usize>, marks: &[Mark]) -> Range<usize> {
    let near = marks.first().map_or(line.start, |mark| mark.span.start);
    if line.len() <= MAX_PIECE {
        return line;
    }
    let text = text.as_str();
    let start = text.floor_char_boundary(near.saturating_sub(REACH));
    let end = text.ceil_char_boundary(near + REACH);
    start.max(line.start)..end.min(line.end)
}
