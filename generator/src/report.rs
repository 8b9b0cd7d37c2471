//! How problems look: as text with the place in the file, as JSON, and in one line.

mod excerpt;
mod json;
mod text;

#[cfg(test)]
mod tests;

use std::ops::Range;

use crate::document::{Document, Position, Text, lossy_text};
use crate::problem::{At, Problem, Severity, SpecPath};

pub use json::json;
pub use text::text;

/// The problems of one file. A problem between two files belongs to the one that has to change, and names the other
/// one in [`Problem::note`].
#[derive(Clone, Copy, Debug)]
pub struct FileProblems<'a> {
    /// The path of the file as it was given.
    pub file: &'a str,
    /// The file itself.
    pub source: Source<'a>,
    /// What is wrong with it, in any order.
    pub problems: &'a [Problem],
}

/// The file that problems are about.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// One that was read.
    Document(&'a Document),
    /// One that [`Document::read`] refused.
    Bytes(&'a [u8]),
}

/// Counts problems in one line, like "2 errors, 1 warning in 1 file".
pub fn summary(files: &[FileProblems<'_>]) -> String {
    let count = |severity| {
        let problems = files.iter().flat_map(|file| file.problems);
        problems.filter(|problem| problem.severity() == severity).count()
    };
    let counts = [(count(Severity::Error), "error"), (count(Severity::Warning), "warning")];
    let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| plural(*n, what)).collect();
    if counts.is_empty() {
        return format!("no problems in {}", plural(files.len(), "file"));
    }
    let concerned = files.iter().filter(|file| !file.problems.is_empty()).count();
    format!("{} in {}", counts.join(", "), plural(concerned, "file"))
}

fn plural(n: usize, what: &str) -> String {
    if n == 1 { format!("{n} {what}") } else { format!("{n} {what}s") }
}

/// The text of a file, as far as there is one, and its problems with the bytes to underline, sorted by these and by
/// code.
struct Located<'a> {
    document: Option<&'a Document>,
    /// The text of a file that was refused.
    refused: Option<Text>,
    problems: Vec<(Range<usize>, &'a Problem)>,
}

impl<'a> Located<'a> {
    fn new(file: &FileProblems<'a>) -> Self {
        let (document, refused) = match file.source {
            Source::Document(document) => (Some(document), None),
            Source::Bytes(bytes) => (None, lossy_text(bytes)),
        };
        let mut located = Self { document, refused, problems: Vec::new() };
        let problems = file.problems.iter();
        located.problems =
            problems.map(|problem| (located.span(&problem.at, &problem.path), problem)).collect();
        located.problems.sort_by_key(|(span, problem)| (span.start, problem.code, span.end));
        located
    }

    fn text(&self) -> Option<&Text> {
        self.document.map(Document::text).or(self.refused.as_ref())
    }

    fn span(&self, at: &At, path: &SpecPath) -> Range<usize> {
        match (self.document, &self.refused, at) {
            (Some(document), ..) => document.span(at, path),
            (None, Some(text), At::Bytes(range)) => text.underline(range),
            _ => 0..0,
        }
    }

    fn position(&self, byte: usize) -> Position {
        self.text().map_or(Position { line: 1, column: 1 }, |text| text.position(byte))
    }
}
