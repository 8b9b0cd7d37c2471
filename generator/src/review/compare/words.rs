//! Changes as text for people: a sign and a sentence.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::what::each;
use super::{Change, Kind};
use crate::policy::Effect;
use crate::review::{Guard, Statement, Unread};

/// How many items of a list are shown.
const MAX_SHOWN: usize = 6;

/// The sign of a kind, read "before sign after".
pub fn sign(kind: Kind) -> char {
    match kind {
        Kind::New => '+',
        Kind::Gone => '-',
        Kind::Wider => '<',
        Kind::Narrower => '>',
        Kind::NotComparable => '?',
    }
}

/// A change as a sentence for people.
pub(super) fn sentence(change: &Change) -> String {
    let own = change.told().first().and_then(|one| one.account.id());
    short(&message(change, MAX_SHOWN), own)
}

/// A change as a sentence, without its account: values and what is different are shown as `value` and `what` have them.
pub fn sentence_with(
    change: &Change,
    value: &dyn Fn(&str) -> String,
    what: &dyn Fn(&str) -> String,
) -> String {
    told(change, MAX_SHOWN, value, what)
}

/// A change as a sentence. Lists are shown up to `most` items.
pub(super) fn message(change: &Change, most: usize) -> String {
    told(change, most, &str::to_owned, &str::to_owned)
}

fn told(
    change: &Change,
    most: usize,
    value: &dyn Fn(&str) -> String,
    shown: &dyn Fn(&str) -> String,
) -> String {
    let what = shown(&change.what.join("; "));
    let Some(first) = change.told().first() else { return what };
    let all =
        |items: fn(&Statement) -> Vec<String>| change.told().iter().flat_map(items).collect::<BTreeSet<_>>();
    let list = |all: &BTreeSet<String>| {
        let shown = all.iter().take(most).map(|one| value(one)).collect::<Vec<_>>().join(", ");
        if all.len() > most { format!("{shown} and {} more", all.len() - most) } else { shown }
    };
    let (whom, actions) = (all(|one| each(&one.principals)), all(|one| each(&one.actions)));
    let (whom, resource) = (list(&whom), list(&all(|one| each(&one.resources))));
    let verb = actions.first().filter(|action| actions.len() == 1 && Statement::is_word(action));
    let is_verb = verb.is_some();
    let to_do = match verb {
        Some(verb) => format!("{verb} {resource}"),
        None => format!("{} on {resource}", list(&actions)),
    };
    let is_pair = !change.before.is_empty() && !change.after.is_empty();
    let is_less = matches!(change.kind, Kind::Gone) || change.after.is_empty();
    let modal = match (first.effect, is_less) {
        (Effect::Allow, true) if is_verb => "no longer",
        (Effect::Allow, false) if is_verb => "",
        (Effect::Allow, true) => "may no longer",
        (Effect::Allow, false) => "may",
        (Effect::Deny, true) => "is no longer denied",
        (Effect::Deny, false) => "is denied",
    };
    let modal = if modal.is_empty() { String::new() } else { format!("{modal} ") };
    let mut text = format!("{whom} {modal}{to_do}");
    if is_pair {
        let _ = write!(text, ": {what}");
    } else {
        let conditions = first.conditions.iter().map(|one| value(&one.to_string()));
        let guards = first.only_if.iter().map(|guard| shown(&shown_guard(guard)));
        let conditions = conditions.chain(guards).collect::<Vec<_>>();
        if !conditions.is_empty() {
            let _ = write!(text, ", only if {}", conditions.join(" and "));
        }
    }
    if change.kind == Kind::NotComparable {
        text.push_str(if is_pair { " (neither only wider nor only narrower)" } else { " (not decided)" });
    }
    text
}

/// A text without what every ARN begins with; principals of the account itself by their names.
fn short(text: &str, own: Option<&str>) -> String {
    let mut text = text.replace("arn:${AWS::Partition}:", "").replace("arn:aws:", "");
    for account in own.into_iter().chain(["${AWS::AccountId}"]) {
        text = text.replace(&format!("iam::{account}:"), "");
    }
    text
}

/// A condition of the template.
pub(super) fn shown_guard(guard: &Guard) -> String {
    format!("the template's {guard}")
}

/// What was not read, wherever in its file.
pub(super) fn unread(unread: &Unread) -> (Option<String>, String, String, String) {
    let place = &unread.place;
    (place.integration.clone(), place.stack.clone(), place.resource_id.clone(), unread.what.clone())
}

/// By account, kind and place.
pub(super) fn order(change: &Change) -> (Option<String>, Kind, String, String) {
    let account = change.told().first().map(|one| one.account.to_string());
    let place = change.place().map(ToString::to_string).unwrap_or_default();
    (account, change.kind, place, message(change, usize::MAX))
}
