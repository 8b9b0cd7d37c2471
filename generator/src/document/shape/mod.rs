//! The shape of a document: keys and kinds of values, held against a JSON Schema. All problems at once.
//!
//! Words, patterns and ranges are not judged here: what reads a word judges it later, with the better message.

mod schema;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use serde_yaml::{Mapping, Value};

use super::tree::{Content, Node, Style, in_order};
use super::{Document, Merged, scalar};
use crate::problem::{Fault, Problem, SpecPath, Step};
use crate::vocab;
pub(super) use words::in_quotes;

use schema::{Kind, Properties, Wanted};

/// Holds a document against the JSON Schema (draft-07, as schemars writes it) of its root and adds what does not
/// fit to `problems` (`LS012` to `LS017`, `LS030` for whole numbers beyond 64 bits).
///
/// Returns the value without everything that was reported, so that reading it into the types of the schema cannot
/// fail and later checks still see all that is good. Entries of mappings are left out, also required ones; items of
/// lists become null, since the ones behind them keep their index; a document of the wrong kind becomes an empty
/// mapping. Types that are read from it therefore have an `Option` for every key, `Vec<Option<_>>` for lists, and
/// `i64` for whole numbers.
pub fn check(document: &Document, schema: &Json, problems: &mut Vec<Problem>) -> Value {
    Walk { schema, view: View::Whole, problems }.root(&document.root)
}

/// Checks one of several documents that are merged, like [`check`], but for what it need not have by itself: a key
/// may be missing, and may be `~`, which takes an inherited one away. The items of lists are never merged, so they
/// must be complete.
pub fn check_own(document: &Document, schema: &Json, problems: &mut Vec<Problem>) {
    Walk { schema, view: View::Own, problems }.root(&document.root);
}

/// Checks what [`check_own`] left open in each of the documents, now that they are merged: which keys are missing.
///
/// Returns the value like [`check`], without what was reported here or there.
pub fn check_merged(merged: &Merged, schema: &Json, problems: &mut Vec<Problem>) -> Value {
    Walk { schema, view: View::Merged, problems }.root(&merged.root)
}

/// Which problems a walk reports.
#[derive(Clone, Copy, PartialEq, Eq)]
enum View {
    /// All of a document that stands for itself.
    Whole,
    /// Those of one document among several.
    Own,
    /// Those of several documents together.
    Merged,
}

struct Walk<'a> {
    /// The whole schema, which references lead into.
    schema: &'a Json,
    view: View,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Walk<'a> {
    fn root(&mut self, node: &Node) -> Value {
        let value = self.value(node, self.schema, &SpecPath::root());
        value.unwrap_or_else(|| Mapping::new().into())
    }

    /// Checks one value. Each way here returns what is good of it, nothing when the value itself was reported.
    fn value(&mut self, node: &Node, schema: &Json, path: &SpecPath) -> Option<Value> {
        let root = self.schema;
        let wanted = Wanted::of(root, schema);
        if wanted.anything() {
            return Some(node.value());
        }
        match (&node.content, wanted.branch(Kind::Map), wanted.branch(Kind::List)) {
            (Content::Map(entries), Some(branch), _) => Some(self.mapping(entries, branch, path)),
            (Content::List(items), _, Some(branch)) => self.list(items, branch, path),
            (Content::Scalar(text), ..) => self.scalar(node, text, &wanted, path),
            _ => self.report(words::wrong_kind(node, &wanted), path),
        }
    }

    fn mapping(&mut self, entries: &BTreeMap<String, Box<Node>>, branch: &Json, path: &SpecPath) -> Value {
        let properties = Properties::of(branch);
        let mut good = Mapping::new();
        let mut meant = Vec::new();
        for (key, node) in in_order(entries) {
            let path = path.key(key);
            let Some(schema) = properties.schema(key) else {
                let nearest = vocab::nearest(key, properties.known());
                meant.extend(nearest);
                if self.view != View::Merged {
                    self.problems.push(words::unknown_key(key, nearest, &properties).at(path).at_key());
                }
                continue;
            };
            if let Some(value) = self.value(node, schema, &path) {
                good.insert(key.into(), value);
            }
        }
        let wants_all_keys = self.wants_all_keys(path);
        for key in properties.required().filter(|_| wants_all_keys) {
            // A key that was misspelt is one mistake, not two.
            if !entries.contains_key(key) && !meant.contains(&key) {
                let wanted = properties.schema(key).map(|schema| Wanted::of(self.schema, schema));
                self.problems.push(words::missing_key(key, path, wanted.as_ref()).at(path.key(key)));
            }
        }
        good.into()
    }

    /// Whether a mapping must have its required keys to itself.
    fn wants_all_keys(&self, path: &SpecPath) -> bool {
        match self.view {
            View::Whole => true,
            View::Own => is_in_list(path),
            View::Merged => !is_in_list(path),
        }
    }

    fn list(&mut self, items: &[Node], branch: &Json, path: &SpecPath) -> Option<Value> {
        let at_least = branch.get("minItems").and_then(Json::as_u64).unwrap_or_default();
        let schema = branch.get("items").unwrap_or(&Json::Bool(true));
        if items.is_empty() && at_least > 0 {
            return self.report(words::empty_list(&Wanted::of(self.schema, schema)), path);
        }
        let good = items.iter().enumerate().map(|(index, item)| {
            let value = self.value(item, schema, &path.item(index));
            value.unwrap_or(Value::Null)
        });
        Some(Value::Sequence(good.collect()))
    }

    fn scalar(&mut self, node: &Node, text: &str, wanted: &Wanted, path: &SpecPath) -> Option<Value> {
        let value = node.value();
        let may_remove = self.view == View::Own && !is_in_list(path);
        if may_remove && node.is_removal() {
            return None;
        }
        let fault = match &value {
            Value::Null if wanted.takes(Kind::Null) => None,
            Value::Null => Some(words::no_value(text, path, wanted, may_remove)),
            Value::String(_) if wanted.takes(Kind::Text) => {
                let unquoted = node.place.style == Style::Plain && scalar::reads_as_number(text);
                unquoted.then(|| words::unquoted(text))
            }
            Value::Bool(_) if wanted.takes(Kind::Bool) => None,
            Value::Number(_) if wanted.takes(Kind::Number) => None,
            Value::Number(number) if wanted.takes(Kind::Whole) && number.is_i64() => None,
            Value::Number(_) if wanted.takes(Kind::Text) => Some(words::unquoted(text)),
            Value::Number(_) if wanted.takes(Kind::Whole) && all_digits(text) => Some(words::too_long(text)),
            _ => Some(words::wrong_kind(node, wanted)),
        };
        match fault {
            None => Some(value),
            Some(fault) => self.report(fault, path),
        }
    }

    fn report(&mut self, fault: Fault, path: &SpecPath) -> Option<Value> {
        // What is wrong with a value by itself was said about the document that it stands in.
        if self.view != View::Merged {
            self.problems.push(fault.at(path.clone()));
        }
        None
    }
}

fn is_in_list(path: &SpecPath) -> bool {
    path.steps().iter().any(|step| matches!(step, Step::Item(_)))
}

fn all_digits(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit())
}
