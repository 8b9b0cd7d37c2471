//! Policy documents of IAM: statements with everything that `Fn::If` can make of them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::iter::repeat_n;

use super::terms::{Guards, both};
use super::{Reading, Said, always, grouped, policy_text};
use crate::iam::ActionTable;
use crate::policy::Effect;
use crate::review::{Condition, Content, Label, Node, Part, Principal, Scope, Term, Via};

/// How many cases of one statement are told apart.
const MAX_CASES: usize = 1024;

/// What a document is about where its statements do not say it.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) via: Via,
    /// Whom an identity policy is about; nobody for the policy of a resource, whose statements name principals.
    pub(super) principals: Vec<(Guards, Principal)>,
    /// What a statement without `Resource` is about.
    pub(super) resource: Term,
    /// Whether `*` as `Resource` means that resource, too: in the policy of a key (KMS developer guide, `key-policy-overview`).
    pub(super) star_is_resource: bool,
}

/// Reads a document, or a list or an `Fn::If` of documents, as a mapping or as JSON text.
pub(super) fn read(reading: &mut Reading<'_, '_>, document: &Node, frame: &Frame, guards: &Guards) {
    for (more, node) in reading.terms.branches(document) {
        let Some(guards) = both(guards, &more) else { continue };
        if node.get("Statement").is_some() {
            statements(reading, node, frame, &guards);
            continue;
        }
        match policy_text::document(reading.terms, node) {
            Some(Ok(document)) => statements(reading, &document, frame, &guards),
            Some(Err(error)) => reading.unread(node.line, format!("a policy that is no JSON: {error}")),
            None if node.text().is_some() || node.function().is_some() => {
                let term = reading.terms.term(node);
                reading
                    .unread(node.line, format!("the policy `{term}`, which does not stand in the template"));
            }
            None => reading.unread(node.line, "a policy without `Statement`"),
        }
    }
}

fn statements(reading: &mut Reading<'_, '_>, document: &Node, frame: &Frame, guards: &Guards) {
    let Some(list) = document.get("Statement") else { return };
    for (more, node) in reading.terms.branches(list) {
        // Both branches of an `Fn::If` count, so that a number means one statement.
        let index = reading.statements;
        reading.statements += 1;
        let Some(guards) = both(guards, &more) else { continue };
        if !matches!(node.content, Content::Map(_)) || node.function().is_some() {
            let term = reading.terms.term(node);
            reading
                .unread(node.line, format!("the statement `{term}`, which does not stand in the template"));
            continue;
        }
        statement(reading, node, frame, &guards, index);
    }
}

fn statement(reading: &mut Reading<'_, '_>, node: &Node, frame: &Frame, guards: &Guards, index: usize) {
    let terms = reading.terms;
    let label = match node.get("Sid").map(|sid| terms.term(sid).to_string()) {
        Some(sid) if !sid.is_empty() => Label::Sid(sid),
        _ => Label::Index(index),
    };
    let effects = node.get("Effect").map(|effect| terms.texts(effect)).unwrap_or_default();
    let principals = principals(reading, node, frame);
    let spelled = |term: Term| match term.as_text().and_then(|text| ActionTable::get().spelled(text)) {
        Some(Cow::Owned(spelled)) => Term::text(spelled),
        // Written as AWS writes it, or not known.
        _ => term,
    };
    let actions = scopes(reading, node, "Action", "NotAction", spelled);
    let own = |term: Term| if frame.star_is_resource && term.is("*") { frame.resource.clone() } else { term };
    let resources = match scopes(reading, node, "Resource", "NotResource", own) {
        none if none.is_empty() && node.get("Resource").is_none() && frame.via != Via::Identity => {
            always(Scope::one(frame.resource.clone()))
        }
        some => some,
    };
    let conditions = conditions(reading, node);
    for (what, is_missing) in [
        ("Effect", effects.is_empty()),
        ("Principal", principals.is_empty()),
        ("Action", actions.is_empty()),
        ("Resource", resources.is_empty()),
    ] {
        if is_missing {
            reading.unread(node.line, format!("a statement without `{what}`"));
            return;
        }
    }
    let cases = effects.len() * principals.len() * actions.len() * resources.len() * conditions.len();
    if cases > MAX_CASES {
        reading.unread(node.line, format!("a statement that `Fn::If` makes {cases} statements of"));
        return;
    }
    let mut known = Vec::new();
    for (guards, effect) in effects {
        match effect.as_text() {
            Some("Allow") => known.push((guards, Effect::Allow)),
            Some("Deny") => known.push((guards, Effect::Deny)),
            _ => reading.unread(node.line, format!("a statement whose `Effect` is `{effect}`")),
        }
    }
    let cases = crossed(crossed(known, principals), crossed(crossed(actions, resources), conditions));
    for (own, ((effect, principals), ((actions, resources), conditions))) in cases {
        let Some(guards) = both(guards, &own) else { continue };
        reading.say(Said {
            via: frame.via,
            effect,
            principals,
            actions,
            resources,
            conditions,
            guards,
            label: label.clone(),
            line: node.line,
        });
    }
}

/// Each of the ones with each of the others that can be there with it. Nearly every list has one item, which is moved.
fn crossed<A: Clone, B: Clone>(ones: Vec<(Guards, A)>, others: Vec<(Guards, B)>) -> Vec<(Guards, (A, B))> {
    let count = ones.len();
    let pairs = ones.into_iter().zip(repeat_n(others, count)).flat_map(|(one, others)| {
        let count = others.len();
        repeat_n(one, count).zip(others)
    });
    pairs.filter_map(|((one, a), (other, b))| Some((both(&one, &other)?, (a, b)))).collect()
}

/// The lists that `Action` or `NotAction`, `Resource` or `NotResource` can be. A list of what is meant falls apart into
/// those of its items that are there under the same conditions; of what is not meant each case is a list of its own.
fn scopes(
    reading: &Reading<'_, '_>,
    node: &Node,
    key: &str,
    not_key: &str,
    read: impl Fn(Term) -> Term,
) -> Vec<(Guards, Scope<Term>)> {
    let terms = reading.terms;
    if let Some(list) = node.get(key) {
        let items = terms.texts(list).into_iter().map(|(guards, term)| (guards, read(term)));
        return grouped(items.collect())
            .into_iter()
            .map(|(guards, items)| (guards, Scope::Only(items)))
            .collect();
    }
    let Some(list) = node.get(not_key) else { return Vec::new() };
    let cases = terms.cases(list).into_iter().map(|(guards, list)| {
        let items = terms.texts(&list).into_iter().map(|(_, term)| read(term));
        (guards, Scope::AllBut(items.collect()))
    });
    cases.collect()
}

fn principals(reading: &Reading<'_, '_>, node: &Node, frame: &Frame) -> Vec<(Guards, Scope<Principal>)> {
    let only = |items: Vec<(Guards, Principal)>| {
        grouped(items).into_iter().map(|(guards, items)| (guards, Scope::Only(items))).collect::<Vec<_>>()
    };
    if let Some(named) = node.get("Principal") {
        return only(named_principals(reading, named));
    }
    if let Some(named) = node.get("NotPrincipal") {
        let cases = reading.terms.cases(named).into_iter().map(|(guards, named)| {
            let items = named_principals(reading, &named).into_iter().map(|(_, principal)| principal);
            (guards, Scope::AllBut(items.collect()))
        });
        return cases.collect();
    }
    only(frame.principals.clone())
}

fn named_principals(reading: &Reading<'_, '_>, named: &Node) -> Vec<(Guards, Principal)> {
    let mut principals = Vec::new();
    for (guards, node) in reading.terms.branches(named) {
        let kinds = match &node.content {
            Content::Map(entries) if node.function().is_none() => {
                entries.iter().map(|(kind, value)| (kind.as_str(), value)).collect()
            }
            _ => vec![("AWS", node)],
        };
        for (kind, value) in kinds {
            for (more, term) in reading.terms.texts(value) {
                let Some(guards) = both(&guards, &more) else { continue };
                principals.push((guards, principal(kind, term)));
            }
        }
    }
    principals
}

/// A principal by the key that it stands under.
pub(super) fn principal(kind: &str, term: Term) -> Principal {
    match kind {
        "AWS" => aws_principal(term),
        "Service" => Principal::Service(term),
        "Federated" => Principal::Federated(term),
        _ => Principal::Other(term),
    }
}

/// An ARN, an account or everybody, in any of the ways to write it.
pub(super) fn aws_principal(term: Term) -> Principal {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match term.as_text() {
        Some("*") => return Principal::Everybody,
        Some(text) if is_account(text) => return Principal::Account(term),
        _ => {}
    }
    if term == Term::of(Part::Ref("AWS::AccountId".into())) {
        return Principal::Account(term);
    }
    match root_of(&term) {
        Some(account) => Principal::Account(account),
        None => Principal::Arn(term),
    }
}

/// The account of the ARN of an account: `arn:…:iam::ACCOUNT:root`.
fn root_of(term: &Term) -> Option<Term> {
    let (Some(Part::Text(first)), Some(Part::Text(last))) = (term.parts().first(), term.parts().last())
    else {
        return None;
    };
    if !first.starts_with("arn:") || !last.ends_with(":root") {
        return None;
    }
    let mut account: Option<Term> = None;
    for part in term.parts() {
        account = match (account, part) {
            (None, Part::Text(text)) => text.split_once(":iam::").map(|(_, behind)| Term::text(behind)),
            (None, _) => None,
            (Some(account), part) => Some(account.with(part.clone())),
        };
    }
    let mut parts = account?.parts().to_vec();
    if let Some(Part::Text(last)) = parts.last_mut() {
        last.truncate(last.len().checked_sub(":root".len())?);
    }
    let account = parts.into_iter().fold(Term::default(), Term::with);
    let is_one = |part: &Part| !matches!(part, Part::Text(text) if text.contains([':', '/']));
    account.parts().iter().all(is_one).then_some(account)
}

fn conditions(reading: &Reading<'_, '_>, node: &Node) -> Vec<(Guards, BTreeSet<Condition>)> {
    let Some(block) = node.get("Condition") else { return always(BTreeSet::new()) };
    let cases = reading.terms.cases(block).into_iter().map(|(guards, block)| {
        let mut conditions = BTreeSet::new();
        if block.is_no_value() {
            return (guards, conditions);
        }
        if block.entries().is_empty() || block.function().is_some() {
            conditions.insert(Condition::new(Condition::UNREAD, "", [reading.terms.term(&block)]));
            return (guards, conditions);
        }
        for (operator, keys) in block.entries() {
            if keys.entries().is_empty() || keys.function().is_some() {
                conditions.insert(Condition::new(operator, "", [reading.terms.term(keys)]));
                continue;
            }
            for (key, values) in keys.entries() {
                let values = reading.terms.texts(values).into_iter().map(|(_, term)| term);
                conditions.insert(Condition::new(operator, key, values));
            }
        }
        (guards, conditions)
    });
    cases.collect()
}
