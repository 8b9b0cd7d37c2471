//! Questions that rules ask of statements.

use std::collections::BTreeSet;

use crate::policy::Effect;
use crate::review::{Account, Condition, Part, Principal, Scope, Statement, Term, Via};

/// Whether a policy document allows something here. What only limits gives nothing.
pub(super) fn gives(statement: &Statement) -> bool {
    let by_document =
        matches!(statement.via, Via::Identity | Via::Trust | Via::Bucket | Via::Key | Via::Resource);
    statement.effect == Effect::Allow && by_document
}

/// Whether the policy of a principal allows something.
pub(super) fn gives_identity(statement: &Statement) -> bool {
    statement.effect == Effect::Allow && statement.via == Via::Identity
}

/// Actions of IAM that are named and known as text, patterns among them.
pub(super) fn actions(statement: &Statement) -> impl Iterator<Item = &str> {
    let named = statement.via.has_iam_actions().then(|| statement.actions.only()).flatten();
    named.into_iter().flatten().filter_map(Term::as_text).filter(|action| !Statement::is_word(action))
}

/// Whether a text is a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    memchr::memchr2(b'*', b'?', text.as_bytes()).is_some()
}

/// Whether an action is among those of a statement, named or by a pattern. `*` alone, and everything but something, do not
/// count: LL02, LL08 and LL23 say what they are.
pub(super) fn may_do(statement: &Statement, action: &str) -> bool {
    let covers = |pattern: &Term| match pattern.as_text() {
        Some("*") => false,
        Some(text) if !is_pattern(text) => text.eq_ignore_ascii_case(action),
        _ => pattern.covers_in_any_case(&Term::text(action)),
    };
    statement.actions.only().is_some_and(|patterns| patterns.iter().any(covers))
}

/// Whether one of the resources is everything.
pub(super) fn is_on_everything(statement: &Statement) -> bool {
    match &statement.resources {
        Scope::Only(resources) => resources.iter().any(|resource| resource.is("*")),
        Scope::AllBut(_) => true,
    }
}

/// A condition on a key that must hold: one that is not negated, not true for a request without the key, and not met by
/// any value.
pub(super) fn strong<'s>(statement: &'s Statement, key: &str) -> Option<&'s Condition> {
    statement.conditions.iter().find(|one| one.key.eq_ignore_ascii_case(key) && is_strong(one))
}

/// See [`strong`].
pub(super) fn is_strong(condition: &Condition) -> bool {
    let operator = condition.operator.strip_prefix("ForAnyValue:").unwrap_or(&condition.operator);
    let positive = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike", "Bool"];
    let ranges = ["Numeric", "Date", "IpAddress", "Binary"];
    let is_positive = positive.contains(&operator)
        || (ranges.iter().any(|start| operator.starts_with(start)) && !operator.contains("Not"));
    is_positive && !operator.ends_with("IfExists") && !condition.values.iter().any(|value| value.is("*"))
}

/// The account of the stack as a term.
pub(super) fn own_account(account: &Account) -> Term {
    Term::of(Part::Ref("AWS::AccountId".to_owned())).in_account(account)
}

/// Whose a principal is: the account id, `${AWS::AccountId}` for that of the stack, another hole; `None` where it does not
/// say, as for services and for what a parameter names whole.
pub(super) fn owner(principal: &Principal, account: &Account) -> Option<Term> {
    match principal {
        Principal::Account(id) => Some(id.in_account(account)),
        Principal::Arn(arn) => account_in(arn, account),
        _ => None,
    }
}

/// The account in an ARN; `None` for what is none, and for an ARN without one.
pub(super) fn account_in(arn: &Term, account: &Account) -> Option<Term> {
    const ACCOUNT: usize = 4;
    let is_arn = matches!(arn.parts().first(), Some(Part::Text(text)) if text.starts_with("arn:"));
    if !is_arn {
        return None;
    }
    let (mut colons, mut found) = (0, Term::default());
    for part in arn.parts() {
        match part {
            Part::Text(text) => {
                for (n, piece) in text.split(':').enumerate() {
                    colons += usize::from(n > 0);
                    if colons == ACCOUNT {
                        found = found.with(Part::Text(piece.to_owned()));
                    }
                }
            }
            part if colons == ACCOUNT => found = found.with(part.clone()),
            _ => {}
        }
    }
    (colons > ACCOUNT && !found.parts().is_empty()).then(|| found.in_account(account))
}

/// The six fields of an ARN, each a term; `None` for what is none.
pub(super) fn fields(arn: &Term) -> Option<Vec<Term>> {
    let mut fields = vec![Term::default()];
    for part in arn.parts() {
        let Part::Text(text) = part else {
            let last = fields.pop()?.with(part.clone());
            fields.push(last);
            continue;
        };
        for (n, piece) in text.split(':').enumerate() {
            // What is behind the fifth colon is the resource, whatever it holds.
            if n > 0 && fields.len() < 6 {
                fields.push(Term::text(piece));
            } else {
                let colon = if n == 0 { "" } else { ":" };
                let last = fields.pop()?.with(Part::Text(format!("{colon}{piece}")));
                fields.push(last);
            }
        }
    }
    (fields.len() == 6 && fields.first()?.is("arn")).then_some(fields)
}

/// The principals of a statement in words.
pub(super) fn whom(statement: &Statement) -> String {
    let names = statement.principals.named().iter().map(|principal| format!("`{principal}`"));
    let names = names.collect::<Vec<_>>();
    let shown = match names.len() {
        0..=3 => names.join(", "),
        more => format!("{} and {} more", names[..2].join(", "), more - 2),
    };
    match statement.principals {
        Scope::Only(_) => shown,
        Scope::AllBut(_) => format!("everybody but {shown}"),
    }
}

/// The text of each value that is known.
pub(super) fn texts(values: &BTreeSet<Term>) -> impl Iterator<Item = &str> {
    values.iter().filter_map(Term::as_text)
}
