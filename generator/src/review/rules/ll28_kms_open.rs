//! LL28: keys of results.

use super::read::{gives, may_do, strong};
use super::results::Results;
use super::subject::in_account;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::Duty;
use crate::review::{Account, Node, Principal, Resource, Stack, Statement, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL28",
    slug: "kms-open",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a key of results decrypts for others than those who query, beside S3, or can be changed by a service; or a key \
           is not rotated",
    why: "the key is the second guard of the results: it should open only through the bucket",
    counterparts: &["checkov CKV_AWS_7, CKV_AWS_33", "cfn_nag F19, F76"],
    remedy: "leave administration to the account, allow Decrypt and GenerateDataKey to those who query with \
             `StringEquals kms:ViaService`, and turn on `EnableKeyRotation`",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for (stack, terms) in subject.stacks.iter().zip(&subject.terms) {
        for key in stack.template.of_kind("AWS::KMS::Key") {
            rotation(stack, key, found);
            let names = [terms.arn(&key.id), terms.reference(&key.id)];
            let is_of_results = |results: &Results<'_>| {
                results.keys.iter().any(|used| names.contains(used) || is_alias(stack, terms, key, used))
            };
            if !subject.results.iter().any(is_of_results) {
                continue;
            }
            let own = subject.given().filter(|one| one.via == Via::Key && gives(one));
            let own = own.filter(|one| one.place.stack == stack.name && one.place.resource_id == key.id);
            own.for_each(|statement| judge(subject, statement, found));
        }
    }
}

fn rotation(stack: &Stack, key: &Resource, found: &mut Found) {
    let text = |name: &str| key.property(&[name]).and_then(Node::text);
    // Only symmetric keys made by KMS are rotated (CloudFormation's reference of the type).
    let is_symmetric = text("KeySpec").is_none_or(|spec| spec == "SYMMETRIC_DEFAULT");
    if is_symmetric && text("EnableKeyRotation") != Some("true") {
        let message = format!("the key `{}` is not rotated", key.id);
        found.at_resource(stack, key, None, message).about_resource("EnableKeyRotation").acceptable();
    }
}

/// Whether a name is that of an alias of the key.
fn is_alias(stack: &Stack, terms: &crate::review::extract::Terms<'_>, key: &Resource, used: &Term) -> bool {
    stack.template.of_kind("AWS::KMS::Alias").any(|alias| {
        let of_key = alias.property(&["TargetKeyId"]).map(|target| terms.term(target));
        let is_its = of_key.is_some_and(|to| to == terms.reference(&key.id) || to == terms.arn(&key.id));
        let name = alias.property(&["AliasName"]).map(|name| terms.term(name)).unwrap_or_default();
        is_its && (*used == name || *used == terms.reference(&alias.id))
    })
}

fn judge(subject: &Subject<'_>, statement: &Statement, found: &mut Found) {
    for who in statement.principals.named() {
        // The account decides by its own policies, unless the condition names who it is.
        let bound = strong(statement, "aws:PrincipalArn");
        let is_account = matches!(who, Principal::Account(_));
        let decrypts = may_do(statement, "kms:Decrypt");
        if is_account && bound.is_none() {
            // The console's own first statement (`kms:*`) leaves all to IAM of the account.
            continue;
        }
        let persons = bound.map(|one| one.values.iter().cloned().map(Principal::Arn).collect());
        for person in persons.unwrap_or_else(|| vec![who.clone()]) {
            if decrypts && !is_reader(subject, &person, statement) {
                let message = format!("`{person}`, who does not query, may decrypt results");
                found.at(statement, message).about("kms:Decrypt", &person);
            }
        }
        if decrypts && strong(statement, "kms:ViaService").is_none() {
            let message = format!("`{who}` may decrypt results without S3 between: no `kms:ViaService`");
            found.at(statement, message).about("kms:Decrypt", who);
        }
        for action in ["kms:PutKeyPolicy", "kms:CreateGrant"] {
            let is_bound =
                action == "kms:CreateGrant" && strong(statement, "kms:GrantIsForAWSResource").is_some();
            if may_do(statement, action) && !is_bound && is_workload(subject, who, statement) {
                found.at(statement, format!("`{who}` may `{action}`")).about(action, who);
            }
        }
    }
}

/// Who queries, break-glass and the crawler of the spec.
fn is_reader(subject: &Subject<'_>, who: &Principal, statement: &Statement) -> bool {
    let Some(known) = subject.integration else { return subject.is_analyst(who, statement) };
    let crawler = known.own_role(Duty::Crawler);
    let mut named = known.detective.break_glass.iter().map(|one| one.arn().to_string()).collect::<Vec<_>>();
    named.push(format!("arn:aws:iam::{}:role/{crawler}", known.detective.account));
    let Principal::Arn(arn) = in_account(who, statement) else { return false };
    let is_named = named.iter().any(|one| arn == Term::text(one).in_account(&Account::This));
    is_named || subject.is_analyst(who, statement)
}

/// Whether it is no administrator but something that runs, or somebody who queries.
fn is_workload(subject: &Subject<'_>, who: &Principal, statement: &Statement) -> bool {
    matches!(who, Principal::Service(_))
        || subject.is_analyst(who, statement)
        || subject.services_trusted_by(who, statement).is_some()
}
