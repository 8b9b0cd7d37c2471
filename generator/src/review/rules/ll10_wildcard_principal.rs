//! LL10: everybody.

use super::read::{gives, is_pattern, is_strong};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL10",
    slug: "wildcard-principal",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "the policy of a role, bucket, key or other resource allows something to everybody",
    why: "everybody includes every other account of AWS, and for some resources the Internet",
    counterparts: &[
        "IAM Access Analyzer CheckNoPublicAccess",
        "checkov CKV_AWS_33, CKV_AWS_60",
        "cfn_nag F16, F21, F76",
    ],
    remedy: "name accounts, roles or services; a Deny may be about everybody",
    look: Look::Always(look),
};

/// Keys that say who asks.
const WHO: &[&str] = &[
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "kms:CallerAccount",
];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives(one) && one.via != Via::Identity) {
        let Some(principals) = statement.principals.only() else { continue };
        for principal in principals.iter().filter(|principal| is_open(principal)) {
            let actions = statement.actions.named().iter().take(3).map(|action| format!("`{action}`"));
            let what = actions.collect::<Vec<_>>().join(", ");
            if says_who(statement) {
                let message =
                    format!("everybody (`{principal}`) may {what}; only a condition says who that is");
                found.at(statement, message).severity(Severity::Warning).acceptable();
            } else {
                found.at(statement, format!("everybody (`{principal}`) may {what}"));
            }
        }
    }
}

fn is_open(principal: &Principal) -> bool {
    match principal {
        Principal::Everybody => true,
        Principal::Arn(term) | Principal::Account(term) => is_pattern(&term.to_string()),
        _ => false,
    }
}

/// Whether a condition leaves some of everybody only.
fn says_who(statement: &Statement) -> bool {
    let is_who = |key: &str| WHO.iter().any(|known| known.eq_ignore_ascii_case(key));
    statement.conditions.iter().any(|one| is_strong(one) && is_who(&one.key))
}
