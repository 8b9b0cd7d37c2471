//! Random policies: what changes is said, what does not is not.

use std::cell::Cell;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use super::oracle::{ACTIONS, NAMED, OF_MANY, OF_ONE, Of, RESOURCES, Request, Rule, VALUES, differing};
use crate::review::compare::{Change, Kind, compare};
use crate::review::{Access, Statement};

type Asked = (&'static str, &'static str, Vec<&'static str>);

fn chosen(from: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    btree_set(select(from), 1..3).prop_map(|items| items.into_iter().collect())
}

fn condition() -> impl Strategy<Value = Asked> {
    let operator = prop_oneof![
        2 => select(&OF_ONE[..]).prop_map(|operator| (operator, "one")),
        1 => select(&OF_MANY[..]).prop_map(|operator| (operator, "many")),
    ];
    (operator, chosen(&VALUES), any::<bool>()).prop_map(|((operator, key), values, is_null)| {
        let null = if is_null { "true" } else { "false" };
        (operator, key, if operator == "Null" { vec![null] } else { values })
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let of = prop_oneof![Just(Of::Role(0)), Just(Of::Role(1)), Just(Of::Bucket)];
    let nots = (prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let whom = btree_set(0..NAMED, 1..3);
    let conditions =
        prop_oneof![2 => Just(Vec::new()), 2 => vec(condition(), 1..2), 1 => vec(condition(), 2..3)];
    let guards =
        prop_oneof![4 => Just(Vec::new()), 1 => ((0..2_usize), any::<bool>()).prop_map(|guard| vec![guard])];
    (prop::bool::weighted(0.2), of, whom, nots, chosen(&ACTIONS), chosen(&RESOURCES), conditions, guards)
        .prop_map(
            |(
                is_deny,
                of,
                whom,
                (not_whom, not_actions, not_resources),
                actions,
                resources,
                mut conditions,
                guards,
            )| {
                // One operator holds a key once.
                conditions.dedup_by_key(|(operator, key, _)| (*operator, *key));
                Rule {
                    is_deny,
                    of,
                    whom: whom.into_iter().collect(),
                    not_whom,
                    actions,
                    not_actions,
                    resources,
                    not_resources,
                    conditions,
                    guards,
                }
            },
        )
}

/// A change of a policy: mostly a small one.
#[derive(Clone, Debug)]
enum Edit {
    Drop(usize),
    Add(Rule),
    NoCondition(usize),
    Condition(usize, Asked),
    Operator(usize, Asked),
    Actions(usize, Vec<&'static str>),
    Resources(usize, Vec<&'static str>),
    Whom(usize, usize),
    NoGuard(usize),
    Effect(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..4_usize;
    prop_oneof![
        at.clone().prop_map(Edit::Drop),
        rule().prop_map(Edit::Add),
        at.clone().prop_map(Edit::NoCondition),
        (at.clone(), condition()).prop_map(|(at, one)| Edit::Condition(at, one)),
        (at.clone(), condition()).prop_map(|(at, one)| Edit::Operator(at, one)),
        (at.clone(), chosen(&ACTIONS)).prop_map(|(at, list)| Edit::Actions(at, list)),
        (at.clone(), chosen(&RESOURCES)).prop_map(|(at, list)| Edit::Resources(at, list)),
        (at.clone(), 0..NAMED).prop_map(|(at, whom)| Edit::Whom(at, whom)),
        at.clone().prop_map(Edit::NoGuard),
        at.prop_map(Edit::Effect),
    ]
}

fn edited(rules: &[Rule], edits: &[Edit]) -> Vec<Rule> {
    let mut rules = rules.to_vec();
    for edit in edits {
        let count = rules.len();
        let mut with = |at: usize, change: &dyn Fn(&mut Rule)| {
            if let Some(rule) = rules.get_mut(at % count.max(1)) {
                change(rule);
            }
        };
        match edit.clone() {
            Edit::Drop(at) if count > 0 => {
                rules.remove(at % count);
            }
            Edit::Drop(_) => {}
            Edit::Add(rule) => rules.push(rule),
            Edit::NoCondition(at) => with(at, &|rule| {
                rule.conditions.pop();
            }),
            Edit::Condition(at, one) => with(at, &|rule| {
                if !rule.conditions.iter().any(|(operator, key, _)| (*operator, *key) == (one.0, one.1)) {
                    rule.conditions.push(one.clone());
                }
            }),
            Edit::Operator(at, one) => with(at, &|rule| {
                rule.conditions.truncate(1);
                if let Some(first) = rule.conditions.first_mut() {
                    *first = one.clone();
                }
            }),
            Edit::Actions(at, list) => with(at, &|rule| rule.actions = list.clone()),
            Edit::Resources(at, list) => with(at, &|rule| rule.resources = list.clone()),
            Edit::Whom(at, whom) => with(at, &|rule| rule.whom.push(whom)),
            Edit::NoGuard(at) => with(at, &|rule| rule.guards.clear()),
            Edit::Effect(at) => with(at, &|rule| rule.is_deny = !rule.is_deny),
        }
    }
    rules
}

fn access(rules: &[Rule]) -> Access {
    let statements = rules.iter().enumerate().map(|(number, rule)| rule.statement(number)).collect();
    Access { statements, unread: Vec::new() }
}

/// Whether one of the changes of these kinds is about a request.
fn is_said(request: &Request, changes: &[Change], kinds: [Kind; 3]) -> bool {
    let about = changes.iter().filter(|change| kinds.contains(&change.kind));
    let mut about = about.map(|change| [&change.before[..], &change.after[..]].concat());
    about.any(|statements: Vec<Statement>| request.is_in(&statements))
}

const MORE: [Kind; 3] = [Kind::New, Kind::Wider, Kind::NotComparable];
const LESS: [Kind; 3] = [Kind::Gone, Kind::Narrower, Kind::NotComparable];

/// 12,000 pairs of policies: every request that is newly allowed is in a change that says more, every one that is no longer
/// allowed in one that says less; without such a request nothing of the kind is said.
#[test]
fn what_is_newly_allowed_is_said_and_nothing_else() {
    let [gains, losses, equals, undecided] = [const { Cell::new(0_u32) }; 4];
    let count = |of: &Cell<u32>| of.set(of.get() + 1);
    let pairs = (vec(rule(), 0..4), vec(edit(), 1..4));
    let config = ProptestConfig {
        cases: 12_000,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let checked = TestRunner::new(config).run(&pairs, |(before, edits)| {
        let after = edited(&before, &edits);
        let changes = compare(&access(&before), &access(&after));
        let (gained, lost) = differing(&before, &after);
        for (requests, kinds) in [(&gained, MORE), (&lost, LESS)] {
            for request in requests {
                prop_assert!(is_said(request, &changes, kinds), "{request:?} is not in {changes:#?}");
            }
        }
        let is_more = changes.iter().any(|change| matches!(change.kind, Kind::New | Kind::Wider));
        let is_less = changes.iter().any(|change| matches!(change.kind, Kind::Gone | Kind::Narrower));
        prop_assert!(!gained.is_empty() || !is_more, "nothing is gained: {changes:#?}");
        prop_assert!(!lost.is_empty() || !is_less, "nothing is lost: {changes:#?}");
        let is_undecided = changes.iter().any(|change| change.kind == Kind::NotComparable);
        if is_undecided && (gained.is_empty() || lost.is_empty()) {
            count(&undecided);
        }
        if gained.is_empty() && lost.is_empty() {
            count(&equals);
        }
        if !gained.is_empty() {
            count(&gains);
        }
        if !lost.is_empty() {
            count(&losses);
        }
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
    let counts = [&gains, &losses, &equals, &undecided].map(Cell::get);
    // The random policies are worth something, and what changes one way is decided.
    assert!(counts[..3].iter().all(|count| *count > 1_000) && counts[3] < 60, "{counts:?}");
}
