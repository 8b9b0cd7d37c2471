//! ARNs, conditions and actions in fewer words than the template needs.

use std::collections::{BTreeMap, BTreeSet};

use super::escape::code;
use crate::review::{Account, Condition, Term};

/// A text of an ARN as people say it in its account: without the partition, the account and what goes without saying.
pub(super) fn short(text: &str, account: &Account) -> String {
    let text = text.strip_prefix("holder of ").unwrap_or(text);
    // `${AWS::Region}` holds what the parts of an ARN are told apart by. A parameter called `Region` is another thing.
    let marked = text.replace("${AWS::", "${AWS@");
    let (own, own_id, own_region) = (account.id(), "${AWS@AccountId}", "${AWS@Region}");
    let mut parts = marked.splitn(6, ':');
    let arn = [(); 6].map(|()| parts.next());
    let [Some("arn"), Some(_), Some(service), Some(region), Some(id), Some(rest)] = arn else {
        return text.to_owned();
    };
    let mut words = if rest == "*" { format!("{service}:*") } else { rest.to_owned() };
    // Any Region is said as the stack's own one is, never as less: what narrows it stands in the conditions.
    if !["", "*", own_region].contains(&region) {
        words.push_str(&format!(" in {region}"));
    }
    match id {
        // Managed policies that AWS made.
        "aws" => words.push_str(" of AWS"),
        _ if ["", own.unwrap_or(own_id), own_id].contains(&id) => {}
        _ => words.push_str(&format!(" of account {id}")),
    }
    words.replace("${AWS@", "${AWS::")
}

/// The same for a term, with the account put in.
pub(super) fn short_term(term: &Term, account: &Account) -> String {
    short(&term.in_account(account).to_string(), account)
}

/// A condition in words, values as code.
pub(super) fn condition(condition: &Condition, account: &Account) -> String {
    let values = condition.values.iter().map(|value| code(&short_term(value, account)));
    let values = values.collect::<Vec<_>>().join(" or ");
    let key = condition.key.to_ascii_lowercase();
    match (condition.operator.as_str(), key.as_str()) {
        ("StringEquals", "aws:requestedregion") => format!("in {values}"),
        ("StringEquals", "iam:passedtoservice") => format!("passed to {values}"),
        ("StringEquals", "cloudformation:rolearn") => format!("run as {values}"),
        ("StringEquals", "sts:externalid") => format!("with the external id {values}"),
        ("StringEquals", "kms:viaservice") | ("ForAnyValue:StringEquals", "aws:calledvia") => {
            format!("through {values}")
        }
        ("StringEquals" | "ArnEquals", "iam:permissionsboundary") => format!("inside the boundary {values}"),
        ("ArnEquals" | "ArnLike", "aws:principalarn") => format!("by {values}"),
        ("ArnNotEquals" | "ArnNotLike", "aws:principalarn") => format!("by anybody but {values}"),
        ("Bool", "aws:securetransport") if values == "`false`" => "without TLS".to_owned(),
        ("BoolIfExists", "aws:principalisawsservice") if values == "`false`" => {
            "not by a service of AWS itself".to_owned()
        }
        (Condition::OUTSIDE_OF, _) => format!("not also allowed by {values}"),
        (Condition::UNREAD, _) => "conditions that were not read".to_owned(),
        ("StringEquals" | "ArnEquals" | "Bool" | "NumericEquals", _) => {
            format!("{} is {values}", code(&condition.key))
        }
        ("StringLike" | "ArnLike", _) => format!("{} is like {values}", code(&condition.key)),
        (operator, _) => format!("{operator} {} {values}", code(&condition.key)),
    }
}

/// Actions by their service, so that it is named once: `glue: GetDatabase, GetTable`.
pub(super) fn actions(actions: &BTreeSet<String>) -> String {
    let mut by_service: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for action in actions {
        let (service, name) = action.split_once(':').unwrap_or(("", action));
        by_service.entry(service).or_default().push(name);
    }
    let listed = by_service.into_iter().map(|(service, names)| {
        let colon = if service.is_empty() { "" } else { ": " };
        code(&format!("{service}{colon}{}", names.join(", ")))
    });
    listed.collect::<Vec<_>>().join(" ")
}

/// `a, b and c`.
pub(super) fn listed(items: &[impl AsRef<str>]) -> String {
    let items = items.iter().map(AsRef::as_ref).collect::<Vec<_>>();
    match items.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::short;
    use crate::review::Account;

    #[test]
    fn only_what_goes_without_saying_is_left_out() {
        let short = |text: &str| short(text, &Account::This);
        assert_eq!(short("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/one"), "role/one");
        assert_eq!(short("arn:aws:iam::${AccountId}:role/one"), "role/one of account ${AccountId}");
        assert_eq!(
            short("arn:aws:glue:${AWS::Region}:${AWS::AccountId}:database/a-${AWS::Region}"),
            "database/a-${AWS::Region}"
        );
        assert_eq!(
            short("arn:aws:glue:${Region}:111122223333:catalog"),
            "catalog in ${Region} of account 111122223333"
        );
        assert_eq!(short("arn:aws:iam::aws:policy/ReadOnlyAccess"), "policy/ReadOnlyAccess of AWS");
        assert_eq!(short("arn:aws:s3:::*"), "s3:*");
        assert_eq!(short("*"), "*");
    }
}
