//! Reading words with their paths: the one place where a fault becomes a problem.

use std::collections::BTreeMap;

use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::spec::{Text, Whole};
use crate::vocab::Word;

/// Collects problems while a spec is resolved. Every method answers `None` (or leaves an item out) for what was
/// reported, here or by the shape check, so that one problem is told once.
#[derive(Default)]
pub(crate) struct Reading {
    problems: Vec<Problem>,
}

impl Reading {
    /// Every problem found.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Adds a problem.
    pub(crate) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Adds a problem with the value at `path`.
    pub(crate) fn fault(
        &mut self,
        code: Code,
        path: &SpecPath,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.report(Fault::new(code, message, help).at(path.clone()));
    }

    /// Reads a word that may be absent.
    pub(crate) fn word<T: Word>(&mut self, text: Option<&Text<T>>, path: &SpecPath) -> Option<T> {
        match text?.read() {
            Ok(word) => Some(word),
            Err(fault) => {
                self.report(fault.at(path.clone()));
                None
            }
        }
    }

    /// Reads a word whose absence means a default; `None` only for one that is there and wrong.
    pub(crate) fn word_or<T: Word>(
        &mut self,
        text: Option<&Text<T>>,
        path: &SpecPath,
        default: T,
    ) -> Option<T> {
        if text.is_none() { Some(default) } else { self.word(text, path) }
    }

    /// Reads a list of words, each with its path.
    pub(crate) fn words<T: Word>(&mut self, list: &[Option<Text<T>>], path: &SpecPath) -> Vec<(SpecPath, T)> {
        let items = list.iter().enumerate().map(|(n, text)| (path.item(n), text));
        items.filter_map(|(path, text)| Some((path.clone(), self.word(text.as_ref(), &path)?))).collect()
    }

    /// Reads a map from words to words, each with the path of its value.
    pub(crate) fn entries<K: Word, V: Word>(
        &mut self,
        map: &BTreeMap<String, Text<V>>,
        path: &SpecPath,
    ) -> Vec<(SpecPath, K, V)> {
        let mut read = Vec::new();
        for (key, text) in map {
            let path = path.key(key);
            let word = self.word(Some(text), &path);
            match (K::read(key), word) {
                (Ok(key), Some(word)) => read.push((path, key, word)),
                (Ok(_), None) => {}
                (Err(fault), _) => self.report(fault.at(path).at_key()),
            }
        }
        read
    }

    /// Reads a whole number within a range.
    pub(crate) fn number(
        &mut self,
        value: Option<Whole>,
        path: &SpecPath,
        default: u32,
        most: u32,
        unit: &str,
    ) -> Option<u32> {
        let value = value.map_or(default.into(), Whole::get);
        let read = u32::try_from(value).ok().filter(|number| (1..=most).contains(number));
        if read.is_none() {
            let message = format!("`{value}` is out of range");
            self.fault(Code::OutOfRange, path, message, format!("write a number from 1 to {most} ({unit})"));
        }
        read
    }
}
