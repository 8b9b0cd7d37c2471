//! LL14: roles that trust others than their duty needs.

use std::collections::BTreeSet;

use super::read::strong;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::{Duty, Integration, Side, StackSets};
use crate::review::{Account, Principal, Statement, Term, Via};
use crate::vocab::AccountId;

pub(super) static RULE: Rule = Rule {
    id: "LL14",
    slug: "trust-not-in-duty",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a role trusts somebody whom its duty does not need, or is none of the spec's roles",
    why: "whoever may assume a role has all of its rights, whatever it was made for",
    counterparts: &["checkov CKV_AWS_60, CKV_AWS_61 for `*` only"],
    remedy: "trust the one service or role of the duty",
    look: Look::WithSpec(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let Some(known) = subject.integration else { return };
    for trust in subject.given().filter(|one| one.via == Via::Trust) {
        let Some(wanted) = trust.resources.named().iter().find_map(|role| duty(known, role, trust)) else {
            let roles = trust.resources.named().iter().map(|role| format!("`{role}`")).collect::<Vec<_>>();
            found.at(trust, format!("{} is none of the roles of the spec", roles.join(", ")));
            continue;
        };
        for who in trusted(trust) {
            if who != wanted {
                let message = format!("the role trusts `{who}`, its duty needs `{wanted}` only");
                found.at(trust, message).about_resource(who);
            }
        }
    }
}

/// Whom a role of the spec is for; `None` for a role that is none of them.
fn duty(known: &Integration, role: &Term, trust: &Statement) -> Option<Principal> {
    let service = |name: &str| Principal::Service(Term::text(name));
    let execution = known.execution_role(Side::Detective);
    let reader = format!("arn:aws:iam::{}:role/{execution}", known.detective.account);
    let roles = [
        (Duty::Cloudformation(Side::Lake), Side::Lake, service("cloudformation.amazonaws.com")),
        (Duty::Cloudformation(Side::Detective), Side::Detective, service("cloudformation.amazonaws.com")),
        (Duty::Acceptor, Side::Detective, service("lambda.amazonaws.com")),
        (Duty::Crawler, Side::Detective, service("glue.amazonaws.com")),
        (Duty::Reader, Side::Lake, Principal::Arn(Term::text(reader).in_account(&Account::This))),
    ];
    let roles = roles.into_iter().map(|(duty, side, who)| (known.account(side), known.own_role(duty), who));
    let role = role.in_account(&trust.account);
    let found = roles.chain(of_stack_sets(known)).find(|(id, name, _)| {
        let account = Account::Known((*id).clone());
        let arn = format!("arn:aws:iam::{id}:role/{name}");
        trust.account == account && role == Term::text(arn).in_account(&account)
    });
    found.map(|(_, _, who)| who)
}

/// The roles that are made for StackSets: account, path and name, and whom they are for.
fn of_stack_sets(known: &Integration) -> Vec<(&AccountId, String, Principal)> {
    let Some(sets) = &known.stack_sets else { return Vec::new() };
    let (account, name) = sets.assumes();
    let assumes = Term::text(format!("arn:aws:iam::{account}:role/{name}")).in_account(&Account::This);
    let sides = [Side::Lake, Side::Detective].into_iter();
    let execution = sides.filter_map(|side| {
        let name = known.given_role(side)?.path_and_name();
        Some((known.account(side), name, Principal::Arn(assumes.clone())))
    });
    let mut roles = execution.collect::<Vec<_>>();
    if let StackSets::SelfManaged { .. } = sets {
        let service = Principal::Service(Term::text("cloudformation.amazonaws.com"));
        roles.push((account, name, service));
    }
    roles
}

/// Whom a statement trusts. An account with `ArnEquals aws:PrincipalArn` is whom the condition names.
fn trusted(trust: &Statement) -> BTreeSet<Principal> {
    let bound = strong(trust, "aws:PrincipalArn").filter(|one| one.operator == "ArnEquals");
    let mut trusted = BTreeSet::new();
    for who in trust.principals.named() {
        match (who, bound) {
            (Principal::Account(_), Some(condition)) => {
                let arns = condition.values.iter().map(|arn| arn.in_account(&Account::This));
                trusted.extend(arns.map(Principal::Arn));
            }
            _ => {
                trusted.insert(who.clone());
            }
        }
    }
    trusted
}
