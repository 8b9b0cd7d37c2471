//! From functions to terms.

mod cases;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::{self, Name};
use crate::review::{Content, Lookup, Node, Part, Resource, Template, Term};

pub(super) use cases::{Guards, both};

/// The longest value that is put in the place of a reference to it, in bytes.
const MAX_NAME: usize = 512;
/// How many bytes references may put into the values of a template, all in all: a small file could ask for gigabytes.
const MAX_PUT_IN: usize = 32 << 20;
/// What the names of holes begin with: no name of CloudFormation does.
const HOLE: char = '=';

/// Reads the values of one template.
pub(in crate::review) struct Terms<'t> {
    template: &'t Template,
    resources: BTreeMap<&'t str, &'t Resource>,
    mappings: BTreeMap<&'t str, &'t Node>,
    names: BTreeMap<&'t str, Name>,
    meanings: RefCell<BTreeMap<String, String>>,
    columns: RefCell<BTreeMap<String, Arc<BTreeMap<String, String>>>>,
    /// Parts of terms that stand in a policy that is held as text.
    holes: RefCell<Vec<Part>>,
    put_in: Cell<usize>,
}

impl<'t> Terms<'t> {
    pub(in crate::review) fn new(template: &'t Template) -> Self {
        let section = |name| template.section(name).map(Node::entries).unwrap_or_default();
        let mappings = section("Mappings").iter().map(|(name, node)| (name.as_str(), node)).collect();
        let mut terms = Self {
            template,
            resources: template.by_id(),
            mappings,
            names: BTreeMap::new(),
            meanings: RefCell::default(),
            columns: RefCell::default(),
            holes: RefCell::default(),
            put_in: Cell::new(0),
        };
        // Names within names stay symbolic: two resources may name each other.
        let named = template.resources().iter();
        let named = named.filter_map(|resource| Some((resource.id.as_str(), names::of(&terms, resource)?)));
        terms.names = named.collect();
        terms
    }

    /// Whether a template asked for more than is put in: then some references stay where a value could stand.
    pub(super) fn is_exhausted(&self) -> bool {
        self.put_in.get() > MAX_PUT_IN
    }

    /// The ARN of a resource of the template, by its name or by its logical id.
    pub(in crate::review) fn arn(&self, id: &str) -> Term {
        let is_policy = self.resources.get(id).is_some_and(|resource| resource.kind == names::MANAGED_POLICY);
        match self.names.get(id).and_then(|name| name.arn.clone()) {
            Some(arn) => arn,
            None if is_policy => Term::of(Part::Ref(id.to_owned())),
            None => Term::of(Part::GetAtt(id.to_owned(), "Arn".to_owned())),
        }
    }

    /// What `Ref` gives.
    pub(in crate::review) fn reference(&self, id: &str) -> Term {
        match self.names.get(id) {
            Some(name) if self.may_put_in(&name.reference) => name.reference.clone(),
            _ => Term::of(Part::Ref(id.to_owned())),
        }
    }

    fn attribute(&self, id: &str, attribute: &str) -> Term {
        let is_policy = self.resources.get(id).is_some_and(|resource| resource.kind == names::MANAGED_POLICY);
        let known = match self.names.get(id) {
            Some(name) if attribute == "Arn" || (is_policy && attribute == "PolicyArn") => name.arn.as_ref(),
            _ => None,
        };
        match known {
            Some(arn) if self.may_put_in(arn) => arn.clone(),
            None if is_policy && attribute == "PolicyArn" => Term::of(Part::Ref(id.to_owned())),
            _ => Term::of(Part::GetAtt(id.to_owned(), attribute.to_owned())),
        }
    }

    /// Whether a value may still stand in the place of a reference to it.
    fn may_put_in(&self, term: &Term) -> bool {
        let size = size(term);
        self.put_in.set(self.put_in.get().saturating_add(size));
        !self.is_exhausted()
    }

    /// A value as one term.
    pub(in crate::review) fn term(&self, node: &Node) -> Term {
        match &node.content {
            Content::Null => Term::default(),
            Content::Scalar(text) => Term::text(text),
            Content::List(items) => self.call("List", items.iter()),
            Content::Map(entries) => match node.function() {
                Some((function, argument)) => self.function(function, argument),
                None => {
                    let arguments = entries
                        .iter()
                        .map(|(key, value)| Term::text(format!("{key}=")).followed_by(&self.term(value)));
                    Term::of(Part::Call("Map".to_owned(), arguments.collect()))
                }
            },
        }
    }

    fn call<'n>(&self, function: &str, arguments: impl Iterator<Item = &'n Node>) -> Term {
        Term::of(Part::Call(function.to_owned(), arguments.map(|argument| self.term(argument)).collect()))
    }

    fn function(&self, function: &str, argument: &Node) -> Term {
        let known = match (function, argument.text(), argument.items()) {
            ("Ref", Some(name), _) => Some(self.reference(name)),
            ("GetAtt", _, [id, attribute]) => {
                id.text().zip(attribute.text()).map(|(id, attribute)| self.attribute(id, attribute))
            }
            ("Sub", Some(text), _) => Some(self.sub(text, None)),
            ("Sub", _, [text, variables]) => text.text().map(|text| self.sub(text, Some(variables))),
            ("Join", _, [delimiter, parts]) => {
                delimiter.text().and_then(|delimiter| self.join(delimiter, parts))
            }
            ("Select", _, [index, list]) => self.select(index, list),
            ("FindInMap", _, [map, first, second, rest @ ..]) => self.find_in_map(map, first, second, rest),
            _ => None,
        };
        known.unwrap_or_else(|| match &argument.content {
            Content::List(items) => self.call(function, items.iter()),
            _ => self.call(function, std::iter::once(argument)),
        })
    }

    fn sub(&self, text: &str, variables: Option<&Node>) -> Term {
        // Each variable once, however often it stands in the text.
        let own = variables.map(Node::entries).unwrap_or_default();
        let own = own.iter().map(|(name, node)| (name.as_str(), self.term(node))).collect::<BTreeMap<_, _>>();
        Term::sub(text, |name| {
            if let Some(term) = own.get(name) {
                return if self.may_put_in(term) { term.clone() } else { too_large(name) };
            }
            if let Some(hole) = name.strip_prefix(HOLE) {
                let part = hole.parse::<usize>().ok().and_then(|hole| self.holes.borrow().get(hole).cloned());
                return part.map(Term::of).unwrap_or_default();
            }
            match name.trim().split_once('.') {
                Some((id, attribute)) => self.attribute(id, attribute),
                None => self.reference(name.trim()),
            }
        })
    }

    fn join(&self, delimiter: &str, parts: &Node) -> Option<Term> {
        let Content::List(parts) = &parts.content else { return None };
        let mut term = Term::default();
        let mut is_first = true;
        for part in parts.iter().filter(|part| !part.is_no_value()) {
            // A list among the parts is more than one of them: not known how many.
            if matches!(part.content, Content::List(_)) {
                return None;
            }
            if !is_first {
                term = term.with(Part::Text(delimiter.to_owned()));
            }
            term = term.followed_by(&self.term(part));
            is_first = false;
        }
        Some(term)
    }

    fn select(&self, index: &Node, list: &Node) -> Option<Term> {
        let index = index.text()?.parse::<usize>().ok()?;
        if let Content::List(items) = &list.content {
            return items.get(index).map(|item| self.term(item));
        }
        self.split(list)?.into_iter().nth(index)
    }

    /// The pieces of `Fn::Split` of a text that is known.
    fn split(&self, node: &Node) -> Option<Vec<Term>> {
        let Some(("Split", argument)) = node.function() else { return None };
        let [delimiter, text] = argument.items() else { return None };
        let (delimiter, text) = (delimiter.text()?, self.term(text));
        let pieces = text.as_text()?.split(delimiter).map(Term::text).collect();
        (!delimiter.is_empty()).then_some(pieces)
    }

    fn find_in_map(&self, map: &Node, first: &Node, second: &Node, rest: &[Node]) -> Option<Term> {
        let name = map.text()?;
        let (first, second) = (self.term(first), self.term(second));
        let values = self.mappings.get(name)?;
        let short = |text: &String| text.len() <= MAX_NAME;
        if let (Some(first), Some(second)) = (first.as_text(), second.as_text()) {
            let text = plain(values.at(&[first, second])?).filter(short)?;
            let term = Term::text(text);
            return self.may_put_in(&term).then_some(term);
        }
        if !rest.is_empty() {
            // With a value for keys that are not there. What the mapping holds is part of what it means.
            let arguments =
                [Term::text(name), first, second].into_iter().chain(rest.iter().map(|rest| self.term(rest)));
            return Some(Term::of(Part::Call(
                "FindInMap".into(),
                arguments.chain([self.term(values)]).collect(),
            )));
        }
        let shown = format!("{name}[{first}].{second}");
        let by = match (first.as_text(), second.as_text()) {
            (None, Some(_)) => first.clone(),
            (Some(_), None) => second.clone(),
            _ => Term::text("").followed_by(&first).with(Part::Text(".".into())).followed_by(&second),
        };
        let key = (first.as_text().map(str::to_owned), second.as_text().map(str::to_owned));
        let cached = self.columns.borrow().get(&shown).cloned();
        let values = match cached {
            Some(values) => values,
            None => {
                let values = Arc::new(column(values, key));
                self.columns.borrow_mut().insert(shown.clone(), Arc::clone(&values));
                values
            }
        };
        (!values.is_empty()).then(|| Term::of(Part::Lookup(Lookup { shown, by: Box::new(by), values })))
    }

    /// Every text that a value holds, as a list or alone, each with the conditions for it.
    pub(super) fn texts(&self, node: &Node) -> Vec<(Guards, Term)> {
        let mut texts = Vec::new();
        for (guards, branch) in self.branches(node) {
            for (more, case) in self.cases(branch) {
                let Some(guards) = both(&guards, &more) else { continue };
                let terms = self.split(&case).or_else(|| self.mapped_list(&case));
                let terms = terms.unwrap_or_else(|| vec![self.term(&case)]);
                texts.extend(terms.into_iter().map(|term| (guards.clone(), term)));
            }
        }
        texts
    }

    /// The items of a list that stands in a mapping under keys that are known.
    fn mapped_list(&self, node: &Node) -> Option<Vec<Term>> {
        let Some(("FindInMap", argument)) = node.function() else { return None };
        let [map, first, second, ..] = argument.items() else { return None };
        let (first, second) = (self.term(first), self.term(second));
        let value = self.mappings.get(map.text()?)?.at(&[first.as_text()?, second.as_text()?])?;
        let Content::List(items) = &value.content else { return None };
        Some(items.iter().map(|item| self.term(item)).collect())
    }

    /// A term as text in which each hole is one that [`Self::sub`] fills again.
    pub(super) fn as_sub(&self, term: &Term) -> String {
        let mut text = String::new();
        for part in term.parts() {
            match part {
                Part::Text(_) | Part::Ref(_) | Part::GetAtt(..) => {
                    text.push_str(&Term::of(part.clone()).to_string());
                }
                Part::Lookup(_) | Part::Call(..) => {
                    let mut holes = self.holes.borrow_mut();
                    text.push_str(&format!("${{{HOLE}{}}}", holes.len()));
                    holes.push(part.clone());
                }
            }
        }
        text
    }
}

fn too_large(name: &str) -> Term {
    Term::of(Part::Call("TooLarge".to_owned(), vec![Term::text(name)]))
}

fn size(term: &Term) -> usize {
    let parts = term.parts().iter().map(|part| match part {
        Part::Text(text) | Part::Ref(text) => text.len() + 24,
        Part::GetAtt(id, attribute) => id.len() + attribute.len() + 48,
        Part::Lookup(lookup) => lookup.shown.len() + 48 + size(&lookup.by),
        Part::Call(function, arguments) => function.len() + 48 + arguments.iter().map(size).sum::<usize>(),
    });
    parts.sum()
}

/// A value of a mapping as text; a list with commas.
fn plain(node: &Node) -> Option<String> {
    match &node.content {
        Content::Scalar(text) => Some(text.clone()),
        Content::List(items) => Some(items.iter().map(Node::text).collect::<Option<Vec<_>>>()?.join(",")),
        _ => None,
    }
}

/// The values of a mapping by the keys that are not known.
fn column(mapping: &Node, (first, second): (Option<String>, Option<String>)) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (one, row) in
        mapping.entries().iter().filter(|(key, _)| first.as_ref().is_none_or(|first| first == key))
    {
        for (other, value) in
            row.entries().iter().filter(|(key, _)| second.as_ref().is_none_or(|second| second == key))
        {
            let key = match (&first, &second) {
                (None, Some(_)) => one.clone(),
                (Some(_), None) => other.clone(),
                _ => format!("{one}.{other}"),
            };
            values.extend(plain(value).filter(|text| text.len() <= MAX_NAME).map(|text| (key, text)));
        }
    }
    values
}
