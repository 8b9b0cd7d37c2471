//! LL12: another account that is let in without a shared secret-like word.

use std::collections::{BTreeMap, BTreeSet};

use super::read::{is_pattern, may_do, own_account, owner, strong, texts};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL12",
    slug: "external-id-missing",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "another account may assume a role, or is a subscriber, without an external id that is hard to guess",
    why: "a service that acts for many customers can be talked into using its access for the wrong one (confused deputy)",
    counterparts: &["none of the known tools for the subscriber; KICS for the trust policy"],
    remedy: "add `StringEquals sts:ExternalId` with an id of at least 16 characters that is used nowhere else; between the \
             two accounts of a spec name one exact role instead",
    look: Look::Always(look),
};

/// An id that is shorter can be guessed.
const SHORTEST: usize = 16;

fn look(subject: &Subject<'_>, found: &mut Found) {
    let mut used: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for statement in subject.given().filter(|one| [Via::Trust, Via::Subscriber].contains(&one.via)) {
        let Some(who) = foreigners(subject, statement).into_iter().next() else { continue };
        let is_subscriber = statement.via == Via::Subscriber;
        let may = if is_subscriber { "subscribes" } else { "may assume the role" };
        let Some(condition) = strong(statement, "sts:ExternalId") else {
            if is_subscriber || !is_bound_otherwise(statement) {
                found.at(statement, format!("`{who}` {may} without an external id"));
            }
            continue;
        };
        for id in texts(&condition.values) {
            let whose = (statement.place.stack.clone(), statement.place.resource_id.clone());
            used.entry(id.to_owned()).or_default().insert(whose);
            if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) {
                found.at(statement, format!("`{who}` {may} with an account id as external id: `{id}`"));
            } else if id.len() < SHORTEST {
                let message = format!("`{who}` {may} with an external id of {} characters", id.len());
                let finding = found.at(statement, message);
                if is_subscriber {
                    finding.severity(Severity::Warning).acceptable();
                }
            }
            if used[id].len() > 1 {
                found.at(statement, format!("the external id `{id}` is used for something else, too"));
            }
        }
    }
}

/// Who of another account, or of one that is not known, is let in.
fn foreigners(subject: &Subject<'_>, statement: &Statement) -> Vec<Principal> {
    if statement.via == Via::Trust && !may_do(statement, "sts:AssumeRole") {
        return Vec::new();
    }
    let own = own_account(&statement.account);
    let named = statement.principals.only().into_iter().flatten();
    let foreign = named.filter(|who| match owner(who, &statement.account) {
        Some(account) => account != own && !is_ours(subject, statement, who, &account),
        None => false,
    });
    foreign.cloned().collect()
}

/// Whether it is one exact role of the spec's other account that is let in.
fn is_ours(subject: &Subject<'_>, statement: &Statement, who: &Principal, account: &Term) -> bool {
    let Some(known) = subject.integration.filter(|_| statement.via == Via::Trust) else { return false };
    let deploys = known.stack_sets.as_ref().map(|sets| sets.assumes().0);
    let mut of_spec = [&known.lake.account, &known.detective.account].into_iter().chain(deploys);
    let is_of_spec = of_spec.any(|id| account.is(id.as_str()));
    let is_exact = |term: &Term| !is_pattern(&term.to_string());
    let names_one = match who {
        Principal::Arn(arn) => is_exact(arn),
        Principal::Account(_) => strong(statement, "aws:PrincipalArn")
            .is_some_and(|one| one.operator == "ArnEquals" && one.values.iter().all(is_exact)),
        _ => false,
    };
    is_of_spec && names_one
}

/// Whether only the own organization is let in: then there is no other customer.
fn is_bound_otherwise(statement: &Statement) -> bool {
    ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"].iter().any(|key| strong(statement, key).is_some())
}
