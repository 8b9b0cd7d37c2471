//! From `Fn::If` to the cases that it makes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::Terms;
use crate::review::{Content, Guard, Node};

/// How many conditions are told apart within one value; one with more keeps its `Fn::If` as a function.
const MAX_CONDITIONS: usize = 4;
/// How many parts of conditions are put into each other.
const MAX_MEANING: usize = 500;

/// The conditions of the template that must hold for a value.
pub(in crate::review::extract) type Guards = BTreeSet<Guard>;

impl Terms<'_> {
    /// What a value consists of: the items of lists, the branches of `Fn::If`, at any depth; nothing of `AWS::NoValue`.
    pub(in crate::review::extract) fn branches<'n>(&self, node: &'n Node) -> Vec<(Guards, &'n Node)> {
        let mut found = Vec::new();
        self.collect_branches(node, Guards::new(), &mut found);
        found
    }

    fn collect_branches<'n>(&self, node: &'n Node, guards: Guards, to: &mut Vec<(Guards, &'n Node)>) {
        if node.is_no_value() {
            return;
        }
        if let Some((name, yes, no)) = if_of(node) {
            for (branch, holds) in [(yes, true), (no, false)] {
                if let Some(guards) = both(&guards, &Guards::from([self.guard(name, holds)])) {
                    self.collect_branches(branch, guards, to);
                }
            }
            return;
        }
        match &node.content {
            Content::List(items) => {
                for item in items {
                    self.collect_branches(item, guards.clone(), to);
                }
            }
            _ => to.push((guards, node)),
        }
    }

    /// The same value for each way its `Fn::If`s can turn out; itself, if they are too many.
    pub(in crate::review::extract) fn cases<'n>(&self, node: &'n Node) -> Vec<(Guards, Cow<'n, Node>)> {
        let mut names = BTreeSet::new();
        conditions_in(node, &mut names);
        if names.is_empty() || names.len() > MAX_CONDITIONS {
            return vec![(Guards::new(), Cow::Borrowed(node))];
        }
        let names = names.into_iter().collect::<Vec<_>>();
        let cases = (0..1_usize << names.len()).map(|case| {
            let holds =
                |name: &str| names.iter().position(|known| *known == name).map(|n| case >> n & 1 == 0);
            let guards = names.iter().filter_map(|name| Some(self.guard(name, holds(name)?)));
            (guards.collect(), Cow::Owned(decided(node, &holds)))
        });
        cases.collect()
    }

    /// A condition of the template that holds or does not.
    pub(in crate::review::extract) fn guard(&self, name: &str, holds: bool) -> Guard {
        let known = self.meanings.borrow().get(name).cloned();
        let means = known.unwrap_or_else(|| {
            let mut left = MAX_MEANING;
            let means = match self.template.condition(name) {
                Some(node) => self.term(&self.meaning(node, &mut left)).to_string(),
                None => String::new(),
            };
            self.meanings.borrow_mut().insert(name.to_owned(), means.clone());
            means
        });
        Guard { name: name.to_owned(), holds, means }
    }

    /// A condition with those that it names put in; where that grows too large, their names stay.
    fn meaning(&self, node: &Node, left: &mut usize) -> Node {
        *left = left.saturating_sub(1);
        if *left == 0 {
            return node.clone();
        }
        let content = match (&node.content, node.function()) {
            (_, Some(("Condition", name))) => {
                match name.text().and_then(|name| self.template.condition(name)) {
                    Some(other) => return self.meaning(other, left),
                    None => return node.clone(),
                }
            }
            (Content::List(items), _) => {
                Content::List(items.iter().map(|item| self.meaning(item, left)).collect())
            }
            (Content::Map(entries), _) => {
                let entries = entries.iter().map(|(key, value)| (key.clone(), self.meaning(value, left)));
                Content::Map(entries.collect())
            }
            (other, _) => other.clone(),
        };
        Node { line: node.line, content }
    }
}

/// Both sets of conditions; none if they contradict each other.
pub(in crate::review::extract) fn both(one: &Guards, other: &Guards) -> Option<Guards> {
    // Nearly every value is there under no condition.
    if one.is_empty() || other.is_empty() {
        return Some(if one.is_empty() { other.clone() } else { one.clone() });
    }
    let fits = one.iter().all(|guard| !other.iter().any(|other| guard.contradicts(other)));
    fits.then(|| one.union(other).cloned().collect())
}

/// Condition, value if it holds, value if not.
fn if_of(node: &Node) -> Option<(&str, &Node, &Node)> {
    match node.function()? {
        ("If", argument) => match argument.items() {
            [name, yes, no] => Some((name.text()?, yes, no)),
            _ => None,
        },
        _ => None,
    }
}

fn conditions_in<'n>(node: &'n Node, names: &mut BTreeSet<&'n str>) {
    if let Some((name, ..)) = if_of(node) {
        names.insert(name);
    }
    match &node.content {
        Content::List(items) => items.iter().for_each(|item| conditions_in(item, names)),
        Content::Map(entries) => entries.iter().for_each(|(_, value)| conditions_in(value, names)),
        _ => {}
    }
}

/// A value in which every `Fn::If` whose condition is known is its branch; what is no value is left out of lists and
/// mappings.
fn decided(node: &Node, holds: &impl Fn(&str) -> Option<bool>) -> Node {
    if let Some((name, yes, no)) = if_of(node)
        && let Some(holds_now) = holds(name)
    {
        return decided(if holds_now { yes } else { no }, holds);
    }
    let content = match &node.content {
        Content::List(items) => {
            let items = items.iter().map(|item| decided(item, holds)).filter(|item| !item.is_no_value());
            Content::List(items.collect())
        }
        Content::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key.clone(), decided(value, holds)));
            Content::Map(entries.filter(|(_, value)| !value.is_no_value()).collect())
        }
        other => other.clone(),
    };
    Node { line: node.line, content }
}
