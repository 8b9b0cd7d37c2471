//! How problems look: as text with the place in the file, as JSON, and in one line.

mod excerpt;
mod json;

#[cfg(test)]
mod tests;

use std::ops::Range;

use annotate_snippets::{Element, Group, Level, Origin, Renderer};

use crate::document::{Document, Position, Text, lossy_text};
use crate::problem::{At, Code, Problem, Severity, SpecPath, Step, shown, visible};
use excerpt::Mark;

pub use json::json;

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

/// Shows problems for people: each with its code, its place, the line with a caret under the value, and what to do.
/// Files come in the order given, the problems of a file in the order of their places.
///
/// Without `styled` the frame is plain ASCII; with it there are colours in ANSI escapes.
pub fn text(files: &[FileProblems<'_>], styled: bool) -> String {
    let renderer = if styled { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
    let mut shown = String::new();
    for file in files {
        let located = Located::new(file);
        for (span, problem) in &located.problems {
            shown.push_str(&renderer.render(&[group(file.file, &located, span, problem)]));
            shown.push_str("\n\n");
        }
    }
    shown
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

/// The text of a file, as far as there is one, and its problems with their places, in order.
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

    /// The bytes to underline.
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

/// A problem as annotate-snippets takes it.
fn group<'a>(file: &'a str, located: &Located<'_>, span: &Range<usize>, problem: &Problem) -> Group<'a> {
    let level = match problem.severity() {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&problem.message)).id(problem.code.id());
    let group = title.elements(places(file, located, span, problem));
    let spec_path = problem
        .path
        .parent()
        .map(|_| Level::NOTE.with_name("at").message(printable(&problem.path.to_string())));
    let note = problem.note.as_deref().map(|note| Level::NOTE.message(printable(note)));
    group.elements(spec_path).elements(note).element(Level::HELP.message(printable(&problem.help)))
}

/// Where a problem and what belongs to it stand, with the lines if there is a text.
fn places<'a>(
    file: &'a str,
    located: &Located<'_>,
    span: &Range<usize>,
    problem: &Problem,
) -> Vec<Element<'a>> {
    let origin = |byte| {
        let Position { line, column } = located.position(byte);
        Element::from(Origin::path(file).line(line).char_column(column))
    };
    let Some(text) = located.text().filter(|text| !text.as_str().is_empty()) else {
        return vec![origin(span.start)];
    };
    let main = Mark { span: span.clone(), label: label(problem), main: true };
    let others = problem.also.iter().map(|(at, path, label)| Mark {
        span: located.span(at, path),
        label: Some(label.clone()),
        main: false,
    });
    let excerpts = excerpt::excerpts(text, main, others);
    excerpts.into_iter().flat_map(|excerpt| [origin(excerpt.start), excerpt.snippet().into()]).collect()
}

/// A few words beside the caret, where the message leaves something to say.
fn label(problem: &Problem) -> Option<String> {
    let label = match problem.code {
        Code::UnknownKey => "not a key of the spec".to_owned(),
        Code::MissingKey => match problem.path.steps().last() {
            Some(Step::Key(key)) => format!("{} belongs in here", shown(key)),
            _ => return None,
        },
        Code::DuplicateKey => "written again here".to_owned(),
        Code::Unquoted => "needs quotes".to_owned(),
        Code::NoValue => "nothing here".to_owned(),
        code => return code.meaning().starts_with("not ").then(|| code.meaning().to_owned()),
    };
    Some(label)
}

/// A text in one line that cannot move the cursor.
fn printable(text: &str) -> String {
    text.chars().flat_map(visible).collect()
}
