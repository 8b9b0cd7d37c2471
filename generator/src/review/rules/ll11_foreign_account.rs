//! LL11: accounts that the spec does not name.

use std::collections::BTreeSet;

use super::read::{account_in, owner};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::{Collection, Integration};
use crate::review::{Statement, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL11",
    slug: "foreign-account",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "access is given to, or on something in, an account that the spec does not name",
    why: "a digit that is wrong, or a line that was copied, opens logs to a stranger",
    counterparts: &["cfn-policy-validator EXTERNAL_PRINCIPAL"],
    remedy: "name the accounts of the spec, or correct the spec",
    look: Look::WithSpec(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let Some(known) = subject.integration else { return };
    let ours = accounts(known);
    for statement in subject.given() {
        for account in named(statement).into_iter().filter(|account| !ours.contains(account.as_str())) {
            let message = format!("account `{account}` is none of the spec");
            found.at(statement, message).about_resource(&account);
        }
    }
}

fn accounts(known: &Integration) -> BTreeSet<&str> {
    let mut accounts = BTreeSet::from([known.lake.account.as_str(), known.detective.account.as_str()]);
    accounts.extend(known.stack_sets.as_ref().map(|sets| sets.assumes().0.as_str()));
    if let Some(Collection::Accounts(collected)) = &known.lake.collection {
        accounts.extend(collected.iter().map(|account| account.as_str()));
    }
    accounts
}

/// Every account id that a statement names as an account: of a principal, of a resource, in a condition.
fn named(statement: &Statement) -> BTreeSet<String> {
    let of_principals = statement.principals.named().iter().filter_map(|who| owner(who, &statement.account));
    let on = statement.resources.named().iter();
    let of_resources = on.filter_map(|resource| account_in(resource, &statement.account));
    let values = statement.conditions.iter().flat_map(|one| &one.values);
    let in_conditions =
        values.map(|value| account_in(value, &statement.account).unwrap_or_else(|| value.clone()));
    let all = of_principals.chain(of_resources).chain(in_conditions);
    all.filter_map(|term| is_account(&term)).collect()
}

fn is_account(term: &Term) -> Option<String> {
    let text = term.as_text()?;
    (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.to_owned())
}
