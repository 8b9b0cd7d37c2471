//! Problems as JSON.

use serde::Serialize;

use super::{FileProblems, Located};
use crate::document::Position;

/// The JSON document of `check --format json`.
#[derive(Serialize)]
struct Report<'a> {
    problems: Vec<Entry<'a>>,
}

/// One problem. Keys are only ever added.
#[derive(Serialize)]
struct Entry<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    path: String,
    code: &'static str,
    severity: &'static str,
    message: &'a str,
    help: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    /// The specs that build on the file and have the problem, too.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    specs: &'a [String],
}

/// Shows problems for programs: one JSON document, `{"problems": […]}`, in the order of [`super::text()`]. `path` is
/// empty for the document as a whole; `line` and `column` count from 1, columns in characters.
pub fn json(files: &[FileProblems<'_>]) -> serde_json::Value {
    let problems = files.iter().flat_map(entries).collect();
    serde_json::to_value(Report { problems }).unwrap_or_default()
}

fn entries<'a>(file: &FileProblems<'a>) -> Vec<Entry<'a>> {
    let located = Located::new(file);
    let entries = located.problems.iter().map(|(span, problem)| {
        let Position { line, column } = located.position(span.start);
        Entry {
            file: file.file,
            line,
            column,
            path: problem.path.to_string(),
            code: problem.code.id(),
            severity: problem.severity().word(),
            message: &problem.message,
            help: &problem.help,
            note: problem.note.as_deref(),
            specs: &problem.specs,
        }
    });
    entries.collect()
}
