//! Who can act as whom: `iam:PassRole` and `sts:AssumeRole` followed to the roles of the same templates.
//!
//! What comes out are statements of their own, with the action [`Statement::ACTS_AS`] and the role as the resource: "the
//! deployer acts as the service role". The role's own statements are not repeated under the other name: a reader who
//! approves the role's rows has seen them, and a deployer would have hundreds of rows that change with every row of the
//! role. A chain (A acts as B, B as C) is said link by link.
//!
//! It errs to one side: a Deny, a boundary and conditions other than `iam:PassedToService` break no link.

use std::collections::BTreeSet;

use super::{Account, Part, Principal, Scope, Statement, Term, Via};
use crate::policy::Effect;

const ASSUME: &str = "sts:AssumeRole";
const PASS: &str = "iam:PassRole";

/// A role whose trust policy is among the statements.
struct Role<'a> {
    arn: Term,
    account: &'a Account,
    trusts: Vec<&'a Statement>,
}

/// The statements that say who can act as which role. `statements` are those of all templates that belong together.
pub fn follow(statements: &[Statement]) -> Vec<Statement> {
    let roles = roles(statements);
    let mut links = Vec::new();
    for statement in statements.iter().filter(|one| one.effect == Effect::Allow && one.via == Via::Identity) {
        let (passes, assumes) = (covers_action(statement, PASS), covers_action(statement, ASSUME));
        if !passes && !assumes {
            continue;
        }
        for role in roles.iter().filter(|role| !is_alone(statement, role) && covers_role(statement, role)) {
            if passes && can_be_passed(statement, role) {
                links.push(link(statement, statement.principals.clone(), role, Via::PassRole));
            }
            if assumes && role.trusts.iter().any(|trust| trusts_account_of(trust, statement)) {
                links.push(link(statement, statement.principals.clone(), role, Via::AssumeRole));
            }
        }
    }
    // A role that a trust policy names needs no right of its own, at least within its account.
    let known = known_principals(statements);
    for role in &roles {
        for trust in &role.trusts {
            let named = trust.principals.only().into_iter().flatten();
            let named = named.filter(|principal| match principal {
                Principal::Arn(arn) => known.contains(&arn.in_account(&trust.account)),
                _ => false,
            });
            let named = named.cloned().collect::<BTreeSet<_>>();
            if !named.is_empty() {
                links.push(link(trust, Scope::Only(named), role, Via::AssumeRole));
            }
        }
    }
    links
}

/// Whether a statement is about nobody but the role.
fn is_alone(statement: &Statement, role: &Role<'_>) -> bool {
    statement.account == *role.account && statement.principals == Scope::one(Principal::Arn(role.arn.clone()))
}

fn link(from: &Statement, principals: Scope<Principal>, role: &Role<'_>, via: Via) -> Statement {
    let is_own = from.account == *role.account;
    let arn = if is_own { role.arn.clone() } else { role.arn.in_account(role.account) };
    Statement {
        via,
        principals,
        actions: Scope::one(Term::text(Statement::ACTS_AS)),
        resources: Scope::one(arn),
        ..from.clone()
    }
}

fn roles(statements: &[Statement]) -> Vec<Role<'_>> {
    let mut roles: Vec<Role<'_>> = Vec::new();
    for trust in statements.iter().filter(|one| one.via == Via::Trust && one.effect == Effect::Allow) {
        if !covers_action(trust, ASSUME) {
            continue;
        }
        let Some(arn) = trust.resources.only().and_then(BTreeSet::first) else { continue };
        match roles.iter_mut().find(|role| role.arn == *arn && *role.account == trust.account) {
            Some(role) => role.trusts.push(trust),
            None => roles.push(Role { arn: arn.clone(), account: &trust.account, trusts: vec![trust] }),
        }
    }
    roles
}

fn covers_action(statement: &Statement, action: &str) -> bool {
    let action = Term::text(action);
    let covers = |scope: &BTreeSet<Term>| scope.iter().any(|pattern| pattern.covers_in_any_case(&action));
    match &statement.actions {
        Scope::Only(patterns) => covers(patterns),
        Scope::AllBut(patterns) => !covers(patterns),
    }
}

fn covers_role(statement: &Statement, role: &Role<'_>) -> bool {
    let arn = role.arn.in_account(role.account);
    let covers = |scope: &BTreeSet<Term>| {
        scope.iter().any(|pattern| pattern.in_account(&statement.account).covers(&arn))
    };
    match &statement.resources {
        Scope::Only(patterns) => covers(patterns),
        Scope::AllBut(patterns) => !covers(patterns),
    }
}

/// Whether a service that the role may be passed to is one that the role trusts, as far as both are known. A role is
/// passed within its account.
fn can_be_passed(statement: &Statement, role: &Role<'_>) -> bool {
    if statement.account != *role.account {
        return false;
    }
    let trusted = role.trusts.iter().flat_map(|trust| trust.principals.named());
    let trusted = trusted.filter_map(|principal| match principal {
        Principal::Service(service) => Some(service),
        _ => None,
    });
    let trusted = trusted.collect::<Vec<_>>();
    let to = statement.conditions.iter().find(|condition| {
        condition.key.eq_ignore_ascii_case("iam:PassedToService") && !condition.operator.contains("Not")
    });
    !trusted.is_empty()
        && to.is_none_or(|to| to.values.iter().any(|to| trusted.iter().any(|service| to.covers(service))))
}

/// Whether a trust policy leaves it to the account of a statement who there may assume the role.
fn trusts_account_of(trust: &Statement, statement: &Statement) -> bool {
    let account = Term::of(Part::Ref("AWS::AccountId".to_owned())).in_account(&statement.account);
    trust.principals.named().iter().any(|principal| match principal {
        Principal::Everybody => true,
        Principal::Account(id) => id.in_account(&trust.account) == account,
        Principal::Arn(arn) => {
            let arn = arn.in_account(&trust.account);
            statement.principals.named().iter().any(|principal| match principal {
                Principal::Arn(own) => own.in_account(&statement.account) == arn,
                _ => false,
            })
        }
        _ => false,
    })
}

/// Every role and user that the statements are about, by its ARN in its account.
fn known_principals(statements: &[Statement]) -> BTreeSet<Term> {
    let identities = statements.iter().filter(|one| one.via == Via::Identity);
    let principals =
        identities.flat_map(|one| one.principals.named().iter().map(move |who| (who, &one.account)));
    let arns = principals.filter_map(|(who, account)| match who {
        Principal::Arn(arn) => Some(arn.in_account(account)),
        _ => None,
    });
    arns.collect()
}
