//! LL10: everybody.

use super::read::{gives, is_pattern, is_strong};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL10",
    slug: "wildcard-principal",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "the policy of a role, bucket, key or other resource allows something to everybody, or to everybody whom an OIDC provider \
           signs in",
    why: "everybody includes every other account of AWS, and for some resources the Internet; GitHub, for one, signs in the workflows of \
          everybody's repositories",
    counterparts: &[
        "IAM Access Analyzer CheckNoPublicAccess",
        "checkov CKV_AWS_33, CKV_AWS_60",
        "cfn_nag F16, F21, F76",
    ],
    remedy: "name accounts, roles or services, and of an OIDC provider whom, by a claim such as `sub`; a Deny may be about everybody",
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
        for provider in principals
            .iter()
            .filter_map(|one| oidc_provider(subject, statement, one))
            .filter(|_| !says_whom(statement))
        {
            let message = format!(
                "everybody whom `{provider}` signs in may assume the role; no condition on a claim such as `sub` says whom"
            );
            found.at(statement, message).severity(Severity::Warning).acceptable();
        }
    }
}

/// The name of an OIDC provider of IAM, which is what its claims begin with in conditions; of one that the template makes,
/// what it calls it.
fn oidc_provider(subject: &Subject<'_>, statement: &Statement, principal: &Principal) -> Option<String> {
    let Principal::Federated(arn) = principal else { return None };
    let text = arn.to_string();
    if let Some((_, name)) = text.split_once(":oidc-provider/") {
        return Some(name.to_owned());
    }
    let mut own = subject.stacks.iter().filter(|stack| stack.name == statement.place.stack);
    let id = text.strip_prefix("${")?.strip_suffix('}')?;
    let made = own.find_map(|stack| stack.template.resource(id.trim_end_matches(".Arn")))?;
    (made.kind == "AWS::IAM::OIDCProvider").then_some(text)
}

/// Whether a condition is on a claim that tells one from another: `aud` says for which application a token was made, `iss`
/// by whom, which is the same for everybody.
fn says_whom(statement: &Statement) -> bool {
    let is_claim = |key: &str| {
        key.rsplit_once(':').is_some_and(|(provider, claim)| {
            let is_same = |word: &str, all: [&str; 2]| all.iter().any(|one| word.eq_ignore_ascii_case(one));
            !is_same(provider, ["aws", "sts"]) && !is_same(claim, ["aud", "iss"])
        })
    };
    let mut conditions = statement.conditions.iter();
    conditions.any(|one| is_strong(one) && is_claim(&one.key) && !one.values.iter().any(is_anybody))
}

/// Whether a value of a claim fits everybody's: what stands before its first wildcard is nothing, no more than a kind (GitHub's
/// subjects are `repo:OWNER/NAME:…`), or the beginning of that.
fn is_anybody(value: &Term) -> bool {
    let fixed = value.as_text().and_then(|text| text.split_once(['*', '?'])).map(|(fixed, _)| fixed);
    fixed.is_some_and(|fixed| "repo:".starts_with(fixed) || fixed.find(':') == fixed.len().checked_sub(1))
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
