//! Statements as flat rows, one for each principal, action and resource.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde::Serialize;

use super::{Condition, Guard, Principal, Scope, Statement};
use crate::policy::Effect;
use crate::review::Term;

/// How many rows a statement may have; one with more (no policy of a legal size) has its lists in one row.
const MAX_ROWS: usize = 20_000;
/// How many statements one with lookups may become; one with more stays symbolic.
const MAX_CHOICES: usize = 64;

/// A row of `access.json`: one thing that one principal may do on one resource. Sorted by its fields, in this order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Row {
    /// The account id, or `this account`.
    pub account: String,
    /// Who.
    pub principal: String,
    /// `Allow` or `Deny`.
    pub effect: &'static str,
    /// What; `all but …` for `NotAction`.
    pub action: String,
    /// On what; `all but …` for `NotResource`.
    pub resource: String,
    /// Only if what, in words; the conditions of the template stand last: `if IsProd`.
    pub condition: Option<String>,
    /// [`super::Via::as_str`].
    pub via: &'static str,
    /// The stack.
    pub stack: String,
    /// The logical id.
    pub resource_id: String,
    /// Sid, `#n`, or none outside policy documents.
    pub sid: Option<String>,
    /// The integration, where a spec is known.
    pub integration: Option<String>,
}

/// The rows of statements, sorted, each once. A row that is there whether a condition of the template holds or not does
/// not name it.
pub fn rows(statements: &[Statement]) -> Vec<Row> {
    let mut guards: BTreeMap<Row, BTreeSet<BTreeSet<Guard>>> = BTreeMap::new();
    for statement in statements.iter().flat_map(spelled_out) {
        for row in plain_rows(&statement) {
            guards.entry(row).or_default().insert(statement.only_if.clone());
        }
    }
    let with_guards = |(row, cases): (Row, _)| {
        simplified(cases).into_iter().map(move |case| {
            let template = case.iter().map(|guard| format!("if {guard}"));
            let all = row.condition.iter().cloned().chain(template).collect::<Vec<_>>();
            Row { condition: (!all.is_empty()).then(|| all.join("; ")), ..row.clone() }
        })
    };
    let rows = guards.into_iter().flat_map(with_guards).collect::<BTreeSet<_>>();
    rows.into_iter().collect()
}

/// The rows of a statement without the conditions of the template.
fn plain_rows(statement: &Statement) -> Vec<Row> {
    let (mut principals, mut actions, mut resources) =
        (each(&statement.principals), each(&statement.actions), each(&statement.resources));
    if principals.len().saturating_mul(actions.len()).saturating_mul(resources.len()) > MAX_ROWS {
        for list in [&mut principals, &mut actions, &mut resources] {
            *list = vec![list.join(", ")];
        }
    }
    let conditions = statement.conditions.iter().map(Condition::to_string).collect::<Vec<_>>().join("; ");
    let condition = (!conditions.is_empty()).then_some(conditions);
    let mut rows = Vec::with_capacity(principals.len() * actions.len() * resources.len());
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                rows.push(Row {
                    account: statement.account.to_string(),
                    principal: principal.clone(),
                    effect: effect(statement.effect),
                    action: action.clone(),
                    resource: resource.clone(),
                    condition: condition.clone(),
                    via: statement.via.as_str(),
                    stack: statement.place.stack.clone(),
                    resource_id: statement.place.resource_id.clone(),
                    sid: statement.place.label.word(),
                    integration: statement.place.integration.clone(),
                });
            }
        }
    }
    rows
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    }
}

fn each<T: Ord + Display>(scope: &Scope<T>) -> Vec<String> {
    match scope {
        Scope::Only(items) => items.iter().map(T::to_string).collect(),
        Scope::AllBut(items) => {
            vec![format!("all but {}", items.iter().map(T::to_string).collect::<Vec<_>>().join(", "))]
        }
    }
}

/// The same cases without a condition that makes no difference: what is there with it and without it. A case within
/// another one is left out.
fn simplified(mut cases: BTreeSet<BTreeSet<Guard>>) -> BTreeSet<BTreeSet<Guard>> {
    loop {
        let merged = cases.iter().find_map(|case| {
            case.iter().find_map(|guard| {
                let mut other = case.clone();
                other.remove(guard);
                let rest = other.clone();
                other.insert(Guard { holds: !guard.holds, ..guard.clone() });
                cases.contains(&other).then(|| (case.clone(), other, rest))
            })
        });
        let Some((one, other, rest)) = merged else { break };
        cases.remove(&one);
        cases.remove(&other);
        cases.insert(rest);
    }
    let smaller = |case: &BTreeSet<Guard>| cases.iter().any(|other| other != case && other.is_subset(case));
    cases.iter().filter(|case| !smaller(case)).cloned().collect()
}

/// See [`Statement::spelled_out`].
pub(super) fn spelled_out(statement: &Statement) -> Vec<Statement> {
    let mut done = Vec::new();
    let mut open = vec![statement.clone()];
    while let Some(statement) = open.pop() {
        match choices(&statement) {
            Some((by, keys)) if done.len() + open.len() + keys.len() <= MAX_CHOICES => {
                open.extend(keys.iter().rev().map(|key| chosen(&statement, &by, key)));
            }
            _ => done.push(statement),
        }
    }
    done
}

/// What a lookup goes by, and the keys that every mapping looked up by it has.
fn choices(statement: &Statement) -> Option<(Term, BTreeSet<String>)> {
    let lookups = terms(statement).into_iter().flat_map(Term::lookups).collect::<Vec<_>>();
    let by = (*lookups.first()?.by).clone();
    let mut same = lookups.iter().filter(|lookup| *lookup.by == by).map(|lookup| &lookup.values);
    let mut keys = same.next()?.keys().cloned().collect::<BTreeSet<_>>();
    same.for_each(|values| keys.retain(|key| values.contains_key(key)));
    (!keys.is_empty()).then_some((by, keys))
}

fn terms(statement: &Statement) -> Vec<&Term> {
    let principals = statement.principals.named().iter().filter_map(Principal::term);
    let named = statement.actions.named().iter().chain(statement.resources.named());
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    principals.chain(named).chain(values).collect()
}

/// The statement where the deployment has this key.
fn chosen(statement: &Statement, by: &Term, key: &str) -> Statement {
    with_terms(statement, &|term| {
        term.looked_up(&|lookup| (*lookup.by == *by).then(|| lookup.values.get(key).cloned()).flatten())
    })
}

/// The statement with what `value` gives for each of its terms.
pub(super) fn with_terms(statement: &Statement, value: &impl Fn(&Term) -> Term) -> Statement {
    let principal = |principal: &Principal| match principal {
        Principal::Everybody => Principal::Everybody,
        Principal::Account(term) => Principal::Account(value(term)),
        Principal::Arn(term) => Principal::Arn(value(term)),
        Principal::HolderOf(term) => Principal::HolderOf(value(term)),
        Principal::Service(term) => Principal::Service(value(term)),
        Principal::Federated(term) => Principal::Federated(value(term)),
        Principal::Other(term) => Principal::Other(value(term)),
    };
    let condition = |condition: &Condition| Condition {
        values: condition.values.iter().map(value).collect(),
        ..condition.clone()
    };
    Statement {
        principals: mapped(&statement.principals, principal),
        actions: mapped(&statement.actions, value),
        resources: mapped(&statement.resources, value),
        conditions: statement.conditions.iter().map(condition).collect(),
        ..statement.clone()
    }
}

fn mapped<T: Ord>(scope: &Scope<T>, value: impl Fn(&T) -> T) -> Scope<T> {
    match scope {
        Scope::Only(items) => Scope::Only(items.iter().map(value).collect()),
        Scope::AllBut(items) => Scope::AllBut(items.iter().map(value).collect()),
    }
}
