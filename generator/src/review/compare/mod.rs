//! What changed between two versions of some templates, decided on what they mean.
//!
//! ```text
//! two Access --homes--> groups --touched, world--> sets of requests --parts--> what only one says --> Changes
//! ```
//!
//! A statement is a set of requests: who, action, resource, context, and the conditions of the template (`region`). What
//! remains of it when all that the other version says is taken away is a change. So splitting, merging, moving and
//! rewording leave nothing. Actions are expanded by the vendored table (`actions`), texts with wildcards compared as
//! automata (`glob`), conditions by what meets them (`context`).
//!
//! Where the answer is not certain, the change is [`Kind::NotComparable`]. What only the deployment knows (a parameter)
//! equals itself and nothing else: there is a deployment in which it is another value. Conditions on different keys, and
//! different conditions of a template, are taken to be independent. Allow and Deny are compared apart, since a policy that
//! is not in the templates may allow what is denied here; an Allow that a Deny beside it takes back gives nothing.

mod actions;
mod context;
mod deployed;
mod glob;
mod homes;
mod parts;
mod region;
mod symbols;
mod touched;
mod what;
mod words;
mod world;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::Serialize;

pub(crate) use deployed::Regions;
pub use words::{sentence_with, sign};

use super::access::Access;
use super::{Accepted, AcceptedRow, Place, Row, Statement, Unread, rows};
use crate::policy::Effect;
use deployed::Apart;
use parts::{Part, Versions, overlap};

/// What kind of change it is: about access, not about text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Access to something to which there was none.
    New,
    /// More than there was: a condition dropped, a wildcard, a Deny less.
    Wider,
    /// More in one way and less in another, or not decided. To be treated as wider.
    NotComparable,
    /// Less than there was.
    Narrower,
    /// No access any more.
    Gone,
}

/// A change of access. All of it is about one statement of a version, and, where the other version said something of the
/// kind about the same, one of the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it is.
    pub kind: Kind,
    /// What was said, cut down to what changes; nothing for new access.
    pub before: Vec<Statement>,
    /// What is said now; nothing for access that is gone.
    pub after: Vec<Statement>,
    /// What is different, in words.
    pub what: Vec<String>,
    /// What was not read, where this is why nobody knows.
    pub unread: Option<Unread>,
    /// Why it is accepted, if it is.
    pub accepted: Option<Accepted>,
}

/// A change as in the contract.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRow {
    kind: Kind,
    account: Option<String>,
    stack: String,
    principal: Option<String>,
    effect: Option<&'static str>,
    action: Option<String>,
    resource: Option<String>,
    via: Option<&'static str>,
    resource_id: Option<String>,
    sid: Option<String>,
    what: Vec<String>,
    rule: Option<&'static str>,
    accepted: Option<AcceptedRow>,
    before: Vec<Row>,
    after: Vec<Row>,
    message: String,
}

impl Change {
    /// The rule of the catalogue that it is a finding of.
    pub fn rule(&self) -> Option<&'static str> {
        match self.kind {
            Kind::New => Some("LL31"),
            Kind::Wider | Kind::NotComparable => Some("LL32"),
            Kind::Narrower | Kind::Gone => None,
        }
    }

    /// The statements that it is told by: those of now, or, of what is gone, those of before.
    pub(super) fn told(&self) -> &[Statement] {
        if self.after.is_empty() { &self.before } else { &self.after }
    }

    /// The account that it is about, where it is about one.
    pub fn account(&self) -> Option<&super::Account> {
        self.told().first().map(|one| &one.account)
    }

    /// What gives or takes away the access.
    pub fn via(&self) -> Option<super::Via> {
        self.told().first().map(|one| one.via)
    }

    /// Where it stands.
    pub fn place(&self) -> Option<&Place> {
        self.told().first().map(|one| &one.place).or(self.unread.as_ref().map(|unread| &unread.place))
    }

    /// Whether it counts as a finding that nobody has accepted.
    pub fn is_open(&self) -> bool {
        self.rule().is_some() && self.accepted.is_none()
    }

    /// The change as a sentence, long lists cut short.
    pub fn sentence(&self) -> String {
        words::sentence(self)
    }

    fn list(&self, items: fn(&Statement) -> Vec<String>) -> Option<String> {
        let all = self.told().iter().flat_map(items).collect::<BTreeSet<_>>();
        (!all.is_empty()).then(|| all.into_iter().collect::<Vec<_>>().join(", "))
    }

    /// The actions and the resources that it is about, as an acceptance names them.
    pub fn thing(&self) -> (Option<String>, Option<String>) {
        (self.list(|one| what::each(&one.actions)), self.list(|one| what::each(&one.resources)))
    }

    /// The change with its rows.
    pub fn row(&self) -> ChangeRow {
        let told = self.told().first();
        let (action, resource) = self.thing();
        let place = self.place().cloned().unwrap_or_default();
        ChangeRow {
            kind: self.kind,
            account: told.map(|one| one.account.to_string()),
            principal: self.list(|one| what::each(&one.principals)),
            effect: told.map(|one| if one.effect == Effect::Allow { "Allow" } else { "Deny" }),
            action,
            resource,
            via: told.map(|one| one.via.as_str()),
            sid: place.label.word(),
            resource_id: (!place.resource_id.is_empty()).then_some(place.resource_id),
            stack: place.stack,
            what: self.what.clone(),
            rule: self.rule(),
            accepted: self.accepted.as_ref().map(Accepted::row),
            before: rows(&self.before),
            after: rows(&self.after),
            message: words::message(self, usize::MAX),
        }
    }
}

/// How many changes there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// [`Kind::New`].
    pub new: usize,
    /// [`Kind::Wider`].
    pub wider: usize,
    /// [`Kind::Narrower`].
    pub narrower: usize,
    /// [`Kind::Gone`].
    pub gone: usize,
    /// [`Kind::NotComparable`].
    pub not_comparable: usize,
}

impl Summary {
    /// Counts changes.
    pub fn of(changes: &[Change]) -> Self {
        let mut summary = Self::default();
        for change in changes {
            *match change.kind {
                Kind::New => &mut summary.new,
                Kind::Wider => &mut summary.wider,
                Kind::Narrower => &mut summary.narrower,
                Kind::Gone => &mut summary.gone,
                Kind::NotComparable => &mut summary.not_comparable,
            } += 1;
        }
        summary
    }
}

/// Access whose statements stand elsewhere: most of another version stands in that of now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Borrowed<'a> {
    statements: Vec<&'a Statement>,
    unread: Vec<&'a Unread>,
    /// None where nobody was asked.
    regions: Option<&'a Regions>,
}

impl<'a> Borrowed<'a> {
    /// Says where stacks are deployed.
    pub(crate) fn deployed_in(&mut self, regions: &'a Regions) {
        self.regions = Some(regions);
    }

    /// Adds a part, behind what there is.
    pub(crate) fn add(&mut self, statements: &'a [Statement], unread: &'a [Unread]) {
        self.statements.extend(statements);
        self.unread.extend(unread);
    }
}

impl<'a> From<&'a Access> for Borrowed<'a> {
    fn from(access: &'a Access) -> Self {
        let mut borrowed = Self::default();
        borrowed.add(&access.statements, &access.unread);
        borrowed
    }
}

/// What changed, by account and kind. Nothing, if both versions mean the same.
pub fn compare(before: &Access, after: &Access) -> Vec<Change> {
    compare_borrowed(&before.into(), &after.into())
}

/// The same, of what stands elsewhere.
pub(crate) fn compare_borrowed(before: &Borrowed<'_>, after: &Borrowed<'_>) -> Vec<Change> {
    let apart = Apart::of(before, after);
    let apart = apart.as_ref().map(|apart| apart.instead(before, after));
    let (before, after) = apart.as_ref().map_or((before, after), |(before, after)| (before, after));
    let groups = homes::groups(before, after).into_iter().map(touched::touched);
    let mut changes = groups.flat_map(|group| changes_of(&group)).collect::<Vec<_>>();
    let known = before.unread.iter().map(|unread| words::unread(unread)).collect::<BTreeSet<_>>();
    changes.extend(after.unread.iter().filter(|unread| !known.contains(&words::unread(unread))).map(
        |unread| Change {
            kind: Kind::NotComparable,
            before: Vec::new(),
            after: Vec::new(),
            what: vec![format!("not read: {}", unread.what)],
            unread: Some((*unread).clone()),
            accepted: None,
        },
    ));
    let mut changes = what::gathered(changes);
    changes.sort_by_cached_key(words::order);
    changes
}

fn changes_of(group: &homes::Group<'_>) -> Vec<Change> {
    let versions = Versions::of(group);
    let shrunk = parts::parts(&versions.before, &versions.after);
    let grown = parts::parts(&versions.after, &versions.before);
    judged(&versions, &shrunk, &grown)
}

/// The parts that only one version has as changes. One of before and one of now that are about the same are one change
/// that is neither wider nor narrower.
fn judged(versions: &Versions, shrunk: &[Part], grown: &[Part]) -> Vec<Change> {
    let (before, after) = (&versions.before, &versions.after);
    let mut changes = Vec::new();
    let mut told = BTreeSet::<usize>::new();
    for part in grown {
        let said = &after[part.said];
        let sideways = shrunk.iter().enumerate().filter(|(_, other)| {
            let are_partners = part.partner == Some(other.said) || other.partner == Some(part.said);
            are_partners && overlap((said, part), (&before[other.said], other))
        });
        let sideways = sideways.map(|(number, _)| number).collect::<Vec<_>>();
        told.extend(&sideways);
        let one_way = match said.statement.effect {
            Effect::Allow if part.partner.is_none() => Kind::New,
            Effect::Allow => Kind::Wider,
            Effect::Deny => Kind::Narrower,
        };
        changes.push(if sideways.is_empty() {
            let other = part.partner.map(|other| &before[other]);
            what::change(kind(part, one_way), other, Some(said), part, false)
        } else {
            let lost = sideways.iter().map(|number| &shrunk[*number]);
            what::sideways(lost.map(|part| (&before[part.said], part)), (said, part))
        });
    }
    for (_, part) in shrunk.iter().enumerate().filter(|(number, _)| !told.contains(number)) {
        let said = &before[part.said];
        let one_way = match said.statement.effect {
            Effect::Allow if part.partner.is_none() => Kind::Gone,
            Effect::Allow => Kind::Narrower,
            Effect::Deny => Kind::Wider,
        };
        let other = part.partner.map(|other| &after[other]);
        changes.push(what::change(kind(part, one_way), Some(said), other, part, true));
    }
    changes
}

/// What is not certain to be more is not said to be; less that is not certain is still no more.
fn kind(part: &Part, one_way: Kind) -> Kind {
    match one_way {
        Kind::New | Kind::Wider if !part.is_certain => Kind::NotComparable,
        kind => kind,
    }
}
