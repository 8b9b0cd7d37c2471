//! Problems where they stand: what several specs have in common because they build on one file is told once, there.

use std::collections::{BTreeMap, BTreeSet};

use super::inputs::Input;
use crate::document::{Document, FileId, Merged};
use crate::problem::{At, Code, Fault, Problem, SpecPath};

/// How many problems of one file are shown: more help nobody, and a hostile file has half a million.
const MAX_PROBLEMS: usize = 200;

/// How many different remarks on one problem are kept.
const MAX_REMARKS: usize = 3;

/// Problems of files, each once, with the specs that have them.
#[derive(Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    /// Where in the list a problem is.
    known: BTreeMap<Key, usize>,
}

/// What makes two problems one: they say the same of the same place. Advice may differ from spec to spec.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key(FileId, Code, SpecPath, (u8, usize, usize), String);

impl Key {
    fn of(file: FileId, problem: &Problem) -> Self {
        let at = match &problem.at {
            At::Value => (0, 0, 0),
            At::Key => (1, 0, 0),
            At::Bytes(range) => (2, range.start, range.end),
        };
        Self(file, problem.code, problem.path.clone(), at, problem.message.clone())
    }
}

struct Finding {
    file: FileId,
    problem: Problem,
    specs: BTreeSet<FileId>,
    notes: Vec<String>,
    helps: Vec<String>,
}

impl Findings {
    /// Adds a problem of a file that these specs have.
    pub(super) fn add(&mut self, file: FileId, problem: Problem, specs: impl IntoIterator<Item = FileId>) {
        let n = *self.known.entry(Key::of(file, &problem)).or_insert(self.list.len());
        let finding = match self.list.get_mut(n) {
            Some(finding) => finding,
            None => self.list.push_mut(Finding::new(file, problem.clone())),
        };
        finding.specs.extend(specs);
        remark(&mut finding.notes, problem.note);
        remark(&mut finding.helps, Some(problem.help));
    }

    /// Adds a problem of a spec, by its path there, at the place where that stands in one of the spec's files.
    pub(super) fn add_to_spec(
        &mut self,
        spec: FileId,
        merged: Option<&Merged>,
        files: &[Input],
        problem: Problem,
    ) {
        match merged {
            None => self.add(spec, problem, [spec]),
            Some(merged) => {
                let file = merged.file(&problem.path);
                self.add(file, at_home(problem, file, merged, files), [spec]);
            }
        }
    }

    /// The problems of each of these files, or the first of them and that there are more.
    pub(super) fn by_file(self, files: &[Input]) -> Vec<Vec<Problem>> {
        let mut by_file = vec![Vec::new(); files.len()];
        for finding in self.list {
            let problems = &mut by_file[finding.file.index()];
            match problems.len() {
                MAX_PROBLEMS => problems.push(too_many(finding.problem)),
                0..MAX_PROBLEMS => problems.push(finding.problem(files)),
                _ => {}
            }
        }
        by_file
    }
}

impl Finding {
    fn new(file: FileId, problem: Problem) -> Self {
        Self { file, problem, specs: BTreeSet::new(), notes: Vec::new(), helps: Vec::new() }
    }

    /// The problem with all that was said about it.
    fn problem(self, files: &[Input]) -> Problem {
        let others = self.specs.into_iter().filter(|spec| *spec != self.file);
        let note = (!self.notes.is_empty()).then(|| self.notes.join("; "));
        let specs = others.map(|spec| files[spec.index()].name.clone()).collect();
        Problem { note, help: self.helps.join("; "), specs, ..self.problem }
    }
}

/// Stands for a problem and all that come after it.
fn too_many(first: Problem) -> Problem {
    let message = format!("more than {MAX_PROBLEMS} problems in this file");
    let help = "mend those that are shown; this is where the next one is";
    Problem { at: first.at, ..Fault::new(Code::TooManyProblems, message, help).at(first.path) }
}

/// Adds a remark that was not made yet, as long as there are few.
fn remark(remarks: &mut Vec<String>, remark: Option<String>) {
    let new = remark.filter(|remark| remarks.len() <= MAX_REMARKS && !remarks.contains(remark));
    let is_room = remarks.len() < MAX_REMARKS;
    remarks.extend(new.map(|remark| if is_room { remark } else { "…".to_owned() }));
}

/// A problem without the further places that are in other files: these become notes.
fn at_home(mut problem: Problem, file: FileId, merged: &Merged, files: &[Input]) -> Problem {
    let also = std::mem::take(&mut problem.also);
    let (here, elsewhere) = also.into_iter().partition(|(_, path, _)| merged.file(path) == file);
    problem.also = here;
    let mut notes = Vec::from_iter(problem.note.take());
    let elsewhere: Vec<(At, SpecPath, String)> = elsewhere;
    notes.extend(elsewhere.iter().map(|(at, path, label)| {
        let input = &files[merged.file(path).index()];
        format!("{label}: {}", place(input, at, path))
    }));
    problem.note = (!notes.is_empty()).then(|| notes.join("; "));
    problem
}

/// A place as editors take it, like `base.yaml:3:5`.
fn place(input: &Input, at: &At, path: &SpecPath) -> String {
    let position = |document: &Document| document.text().position(document.span(at, path).start);
    match input.content.as_ref().map(position) {
        Ok(position) => format!("{}:{}:{}", input.name, position.line, position.column),
        Err(_) => input.name.clone(),
    }
}
