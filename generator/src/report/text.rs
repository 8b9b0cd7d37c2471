//! Problems as people read them.

use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_LINE_NUM_STYLE, Style};
use annotate_snippets::{Group, Level, Message, Renderer};

use super::excerpt::{Excerpt, Mark};
use super::{FileProblems, Located};
use crate::document::Position;
use crate::problem::{Code, Problem, Severity, Step, shown, visible};

/// Shows problems for people: each with its code, its place, the line with a caret under the value, and what to do.
/// Files come in the order given, the problems of a file in the order of their places; an empty line follows each.
///
/// Without `styled` the frame is plain ASCII; with it there are colours in ANSI escapes.
pub fn text(files: &[FileProblems<'_>], styled: bool) -> String {
    let look = if styled {
        Look { renderer: Renderer::styled().hyperlink(false), arrow: DEFAULT_LINE_NUM_STYLE }
    } else {
        Look { renderer: Renderer::plain(), arrow: Style::new() }
    };
    let mut text = String::new();
    for file in files {
        let located = Located::new(file);
        for (span, problem) in &located.problems {
            text.push_str(&look.show(file.file, &located, span, problem));
        }
    }
    text
}

struct Look {
    renderer: Renderer,
    arrow: Style,
}

impl Look {
    /// One problem: title, place, lines, remarks. The arrow line is written here, since annotate-snippets would count
    /// the column in the part of a long line that it gets.
    fn show(&self, file: &str, located: &Located<'_>, span: &Range<usize>, problem: &Problem) -> String {
        let level = match problem.severity() {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.clone().primary_title(printable(&problem.message)).id(problem.code.id());
        let (excerpt, apart) = excerpt(located, span, problem);
        let gutter = excerpt.as_ref().map_or(1, Excerpt::digits);
        let body = Group::with_level(level)
            .elements(excerpt.map(Excerpt::snippet))
            .elements(apart.iter().map(|mark| elsewhere(located, mark)))
            .elements(remarks(problem));
        let Position { line, column } = located.position(span.start);
        let arrow = self.arrow;
        format!(
            "{}\n{:gutter$}{arrow}-->{arrow:#} {}:{line}:{column}\n{}\n\n",
            self.renderer.render(&[Group::with_title(title)]),
            "",
            printable(file),
            self.renderer.render(&[body]),
        )
    }
}

/// The lines with the place of a problem, if the file has lines, and what does not fit in there.
fn excerpt(located: &Located<'_>, span: &Range<usize>, problem: &Problem) -> (Option<Excerpt>, Vec<Mark>) {
    let main = Mark { span: span.clone(), label: label(problem), main: true };
    let others = problem.also.iter().map(|(at, path, label)| Mark {
        span: located.span(at, path),
        label: Some(printable(label)),
        main: false,
    });
    match located.text().filter(|text| !text.as_str().is_empty()) {
        Some(text) => {
            let (excerpt, apart) = Excerpt::new(text, main, others);
            (Some(excerpt), apart)
        }
        None => (None, Vec::new()),
    }
}

/// A few words beside the caret, where the message leaves something to say.
fn label(problem: &Problem) -> Option<String> {
    let label = match problem.code {
        Code::UnknownKey => "no such key here".to_owned(),
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

/// A further place of a problem that is too far from the first one to be drawn with it.
fn elsewhere(located: &Located<'_>, mark: &Mark) -> Message<'static> {
    let Position { line, column } = located.position(mark.span.start);
    let label = mark.label.as_deref().unwrap_or("see also");
    Level::NOTE.message(format!("{label}: line {line}, column {column}"))
}

/// How many specs a line lists.
const MAX_SPECS: usize = 5;

/// What stands below the lines: spec path, note, specs that build on the file, help.
fn remarks(problem: &Problem) -> impl Iterator<Item = Message<'static>> {
    let path = problem.path.parent().map(|_| problem.path.to_string());
    let path = path.map(|path| Level::NOTE.with_name("at").message(printable(&path)));
    let note = problem.note.as_deref().map(|note| Level::NOTE.message(printable(note)));
    let specs = specs(problem).map(|specs| Level::NOTE.message(printable(&specs)));
    path.into_iter().chain(note).chain(specs).chain([Level::HELP.message(printable(&problem.help))])
}

/// Which other specs have the problem, too.
fn specs(problem: &Problem) -> Option<String> {
    let (count, listed) = (problem.specs.len(), problem.specs.iter().take(MAX_SPECS));
    let listed = listed.map(String::as_str).collect::<Vec<_>>().join(", ");
    let does = if problem.severity() == Severity::Error { "breaks" } else { "concerns" };
    match count {
        0 => None,
        1..=MAX_SPECS => Some(format!("{does} {listed}")),
        _ => Some(format!("{does} {count} specs: {listed}, …")),
    }
}

/// A text in one line that cannot move the cursor.
fn printable(text: &str) -> String {
    text.chars().flat_map(visible).collect()
}
