//! Random policies: what changes is said, what does not is not.

use std::cell::Cell;

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use super::oracle::{ACTIONS, NAMED, OF_MANY, OF_ONE, Of, RESOURCES, Request, Rule, VALUES, differing};
use super::{changes, touched_and_all};
use crate::iam::ActionTable;
use crate::review::compare::homes::Group;
use crate::review::compare::{Change, Kind, compare};
use crate::review::{Access, Condition, Guard, Label, Place, Scope, Statement, Term};

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

/// Pairs of policies: every request that is newly allowed is in a change that says more, every one that is no longer allowed
/// in one that says less; without such a request nothing of the kind is said.
fn agrees_with_oracle(cases: u32, pairs: impl Strategy<Value = (Vec<Rule>, Vec<Rule>)>) {
    let [gains, losses, equals, undecided] = [const { Cell::new(0_u32) }; 4];
    let count = |of: &Cell<u32>, is: bool| of.set(of.get() + u32::from(is));
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let checked = TestRunner::new(config).run(&pairs, |(before, after)| {
        let changes = compare(&access(&before), &access(&after));
        let (gained, lost) = differing(&before, &after);
        for (requests, kinds) in [(&gained, MORE), (&lost, LESS)] {
            for request in requests {
                prop_assert!(is_said(request, &changes, kinds), "{request:?} is not in {changes:#?}");
            }
        }
        let has = |kinds: &[Kind]| changes.iter().any(|change| kinds.contains(&change.kind));
        prop_assert!(
            !gained.is_empty() || !has(&[Kind::New, Kind::Wider]),
            "nothing is gained: {changes:#?}"
        );
        prop_assert!(
            !lost.is_empty() || !has(&[Kind::Gone, Kind::Narrower]),
            "nothing is lost: {changes:#?}"
        );
        count(&undecided, has(&[Kind::NotComparable]) && (gained.is_empty() || lost.is_empty()));
        count(&equals, gained.is_empty() && lost.is_empty());
        count(&gains, !gained.is_empty());
        count(&losses, !lost.is_empty());
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
    let counts = [&gains, &losses, &equals, &undecided].map(Cell::get);
    // The random policies are worth something, and what changes one way is decided.
    assert!(counts[..2].iter().all(|count| *count > cases / 5), "{counts:?}");
    assert!(counts[3] <= cases / 500, "{counts:?}");
}

#[test]
fn an_edit_is_said_as_the_oracle_sees_it() {
    let pairs = (vec(rule(), 0..4), vec(edit(), 1..4));
    agrees_with_oracle(6_500, pairs.prop_map(|(before, edits)| (before.clone(), edited(&before, &edits))));
}

#[test]
fn two_policies_are_compared_as_the_oracle_sees_them() {
    agrees_with_oracle(3_700, (vec(rule(), 0..4), vec(rule(), 0..4)));
}

#[test]
fn what_is_left_out_changes_nothing() {
    let config = ProptestConfig {
        cases: 3_000,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let smaller = Cell::new(0_u32);
    let checked = TestRunner::new(config).run(&(vec(rule(), 1..6), vec(edit(), 1..3)), |(rules, edits)| {
        let (before, after) = (access(&rules), access(&edited(&rules, &edits)));
        let [touched, all] = touched_and_all(&before, &after);
        prop_assert_eq!(changes(&touched), changes(&all));
        let size = |groups: &[Group<'_>]| groups.iter().map(|group| group.after.len()).sum::<usize>();
        smaller.set(smaller.get() + u32::from(size(&touched) < size(&all)));
        Ok(())
    });
    checked.unwrap_or_else(|error| panic!("{error}"));
    // It is not that nothing is ever left out.
    assert!(smaller.get() > 3_000 / 10, "{smaller:?}");
}

/// How a policy is written in another way; the numbers choose among what there is.
#[derive(Clone, Copy, Debug)]
enum Rewording {
    Swap(usize, usize),
    Twice(usize),
    SplitActions(usize),
    SplitResources(usize),
    SplitWhom(usize),
    SplitValues(usize),
    SplitCondition(usize),
    Partly(usize),
    Listed(usize),
    Spelled(usize),
    Moved(usize),
}

fn rewording() -> impl Strategy<Value = Rewording> {
    let at = || 0..8_usize;
    prop_oneof![
        (at(), at()).prop_map(|(one, other)| Rewording::Swap(one, other)),
        at().prop_map(Rewording::Twice),
        at().prop_map(Rewording::SplitActions),
        at().prop_map(Rewording::SplitResources),
        at().prop_map(Rewording::SplitWhom),
        at().prop_map(Rewording::SplitValues),
        at().prop_map(Rewording::SplitCondition),
        at().prop_map(Rewording::Partly),
        at().prop_map(Rewording::Listed),
        at().prop_map(Rewording::Spelled),
        at().prop_map(Rewording::Moved),
    ]
}

/// The first item of a list, and the others; nothing for one item, or for all but some.
fn halves<T: Clone + Ord>(scope: &Scope<T>) -> Option<[Scope<T>; 2]> {
    let items = scope.only().filter(|items| items.len() > 1)?;
    let rest = items.iter().skip(1).cloned().collect();
    Some([Scope::one(items.first()?.clone()), Scope::Only(rest)])
}

fn reworded(mut statements: Vec<Statement>, rewording: Rewording) -> Vec<Statement> {
    let count = statements.len().max(1);
    let (Rewording::Swap(at, _)
    | Rewording::Twice(at)
    | Rewording::SplitActions(at)
    | Rewording::SplitResources(at)
    | Rewording::SplitWhom(at)
    | Rewording::SplitValues(at)
    | Rewording::SplitCondition(at)
    | Rewording::Partly(at)
    | Rewording::Listed(at)
    | Rewording::Spelled(at)
    | Rewording::Moved(at)) = rewording;
    let Some(one) = statements.get(at % count).cloned() else { return statements };
    let new = match rewording {
        Rewording::Swap(at, other) => {
            statements.swap(at % count, other % count);
            return statements;
        }
        Rewording::Twice(_) => vec![one.clone(), one],
        Rewording::SplitActions(_) => halves(&one.actions)
            .map_or(vec![one.clone()], |two| two.map(|actions| Statement { actions, ..one.clone() }).into()),
        Rewording::SplitResources(_) => halves(&one.resources).map_or(vec![one.clone()], |two| {
            two.map(|resources| Statement { resources, ..one.clone() }).into()
        }),
        Rewording::SplitWhom(_) => halves(&one.principals).map_or(vec![one.clone()], |two| {
            two.map(|principals| Statement { principals, ..one.clone() }).into()
        }),
        Rewording::SplitValues(_) => {
            // One of the values must fit: so one statement for each.
            let splits = |condition: &&Condition| {
                condition.values.len() > 1
                    && !condition.operator.contains("Not")
                    && !condition.operator.starts_with("ForAllValues")
            };
            let Some(condition) = one.conditions.iter().find(splits).cloned() else { return statements };
            let with = |value: &Term| {
                let mut new = one.clone();
                new.conditions.remove(&condition);
                new.conditions.insert(Condition { values: [value.clone()].into(), ..condition.clone() });
                new
            };
            condition.values.iter().map(with).collect()
        }
        Rewording::SplitCondition(_) => [true, false]
            .map(|holds| {
                let mut new = one.clone();
                new.only_if.insert(Guard { name: "Split".to_owned(), holds, means: "split".to_owned() });
                new
            })
            .into(),
        Rewording::Partly(_) => {
            let mut part = one.clone();
            part.conditions.insert(Condition::new("StringEquals", "more", [Term::text("m")]));
            vec![part, one]
        }
        Rewording::Listed(_) => {
            let list = |action: &Term| {
                let text = action.as_text().unwrap_or_default();
                let listed = ActionTable::get().expanded(text).filter(|listed| !listed.is_empty());
                listed.map_or_else(
                    || vec![action.clone()],
                    |listed| listed.into_iter().map(Term::text).collect(),
                )
            };
            let listed = one.actions.named().iter().flat_map(list).collect();
            let is_only = one.actions.only().is_some();
            vec![Statement {
                actions: if is_only { Scope::Only(listed) } else { Scope::AllBut(listed) },
                ..one
            }]
        }
        Rewording::Spelled(_) => {
            let spelled = |condition: &Condition| {
                let is_plain = condition.values.iter().all(|value| !value.to_string().contains(['*', '?']));
                let operator = match condition.operator.as_str() {
                    "StringEquals" if is_plain => "StringLike".to_owned(),
                    other => other.to_owned(),
                };
                Condition { operator, key: condition.key.to_uppercase(), values: condition.values.clone() }
            };
            vec![Statement { conditions: one.conditions.iter().map(spelled).collect(), ..one }]
        }
        Rewording::Moved(_) => {
            let place = Place {
                stack: one.place.stack.clone(),
                resource_id: "Elsewhere".to_owned(),
                label: Label::Sid("Other".to_owned()),
                ..Place::default()
            };
            vec![Statement { place, ..one }]
        }
    };
    statements.splice(at % count..=at % count, new);
    statements
}

#[test]
fn a_policy_that_is_written_in_another_way_is_the_same() {
    let config = ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..ProptestConfig::default()
    };
    let checked =
        TestRunner::new(config).run(&(vec(rule(), 1..4), vec(rewording(), 1..7)), |(rules, rewordings)| {
            let before = access(&rules);
            let statements = rewordings.into_iter().fold(before.statements.clone(), reworded);
            let after = Access { statements, unread: Vec::new() };
            prop_assert_eq!(compare(&before, &after), []);
            prop_assert_eq!(compare(&after, &before), []);
            Ok(())
        });
    checked.unwrap_or_else(|error| panic!("{error}"));
}
