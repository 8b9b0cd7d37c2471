//! LL26: who can read the results of queries.

use super::read::texts;
use super::results::Results;
use super::subject::in_account;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::Duty;
use crate::policy::Effect;
use crate::review::{Principal, Scope, Statement, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL26",
    slug: "results-readable",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "results of queries can be read by others than those who query",
    why: "results hold the log lines themselves; Lake Formation does not guard the bucket that they lie in",
    counterparts: &["checkov CKV_AWS_53 to CKV_AWS_56 for the flags only"],
    remedy: "turn on the four flags of the public access block, allow nobody else, and deny `s3:GetObject` with \
             `ArnNotEquals aws:PrincipalArn` for all but those who query",
    look: Look::Always(look),
};

const FLAGS: [&str; 4] =
    ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
const NEGATED: [&str; 4] = ["ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for results in &subject.results {
        let Results { stack, bucket, .. } = results;
        let missing = FLAGS.into_iter().filter(|flag| !is_on(subject, results, flag)).collect::<Vec<_>>();
        if !missing.is_empty() {
            let message = format!("results may become public: {} not on", missing.join(", "));
            found.at_resource(stack, bucket, None, message).about_resource("PublicAccessBlockConfiguration");
        }
        let own = subject.statements.iter().filter(|one| one.via == Via::Bucket && is_of(one, results));
        let own = own.collect::<Vec<_>>();
        for statement in own.iter().filter(|one| one.effect == Effect::Allow) {
            for who in statement.principals.named().iter().filter(|who| !may_read(subject, who, statement)) {
                let message = format!("the bucket lets in `{who}`, who does not query");
                found.at(statement, message).about_resource(who);
            }
        }
        let denies = own.iter().filter_map(|one| Some((one, kept_out_but(one)?))).collect::<Vec<_>>();
        if denies.is_empty() {
            let message = "nothing keeps those who do not query from reading results";
            found.at_resource(stack, bucket, None, message).about("s3:GetObject", &results.arn);
        }
        for (statement, excepted) in denies {
            for arn in excepted {
                let who = Principal::Arn(arn.clone());
                if !may_read(subject, &who, statement) {
                    let message = format!("`{arn}`, who does not query, can read results");
                    found.at(statement, message).about("s3:GetObject", arn).acceptable();
                }
            }
        }
    }
}

/// Whether a flag is on whatever the deployment chooses.
fn is_on(subject: &Subject<'_>, results: &Results<'_>, flag: &str) -> bool {
    subject.statements.iter().any(|one| {
        one.via == Via::PublicAccess
            && one.place.stack == results.stack.name
            && one.place.resource_id == results.bucket.id
            && one.conditions.is_empty()
            && one.actions.named().iter().any(|action| action.is(flag))
    })
}

/// Whether a statement is about the bucket or what is in it.
fn is_of(statement: &Statement, results: &Results<'_>) -> bool {
    let is_here = statement.place.stack == results.stack.name;
    is_here && statement.resources.named().iter().any(|resource| results.is_within(resource))
}

/// Whom a Deny of reading leaves out; `None` for one that is about something else.
fn kept_out_but(statement: &Statement) -> Option<&std::collections::BTreeSet<Term>> {
    let reads = Term::text("s3:GetObject");
    let is_reading = match &statement.actions {
        Scope::Only(actions) => actions.iter().any(|action| action.covers_in_any_case(&reads)),
        Scope::AllBut(actions) => !actions.iter().any(|action| action.covers_in_any_case(&reads)),
    };
    let is_everybody = statement.principals == Scope::one(Principal::Everybody);
    if statement.effect != Effect::Deny || !is_reading || !is_everybody {
        return None;
    }
    let conditions = &statement.conditions;
    let by_arn = conditions.iter().find(|one| {
        one.key.eq_ignore_ascii_case("aws:PrincipalArn") && NEGATED.contains(&one.operator.as_str())
    })?;
    // Any other condition but one that leaves out AWS's own services opens the Deny.
    let is_aside = |key: &str| {
        ["aws:PrincipalArn", "aws:PrincipalIsAWSService"].iter().any(|known| known.eq_ignore_ascii_case(key))
    };
    conditions.iter().all(|one| is_aside(&one.key)).then_some(&by_arn.values)
}

/// Whether somebody is meant to read results: who queries, whom the spec names for it, the crawler of the spec.
fn may_read(subject: &Subject<'_>, who: &Principal, statement: &Statement) -> bool {
    let mut named = Vec::new();
    if let Some(known) = subject.integration {
        named.extend(known.detective.break_glass.iter().map(|one| one.arn().to_string()));
        if known.detective.crawler.is_some() {
            let role = known.own_role(Duty::Crawler);
            named.push(format!("arn:aws:iam::{}:role/{role}", known.detective.account));
        }
    }
    let is_named = match in_account(who, statement) {
        Principal::Arn(arn) => {
            named.iter().any(|one| arn == Term::text(one).in_account(&crate::review::Account::This))
        }
        _ => false,
    };
    let by_condition = statement.conditions.iter().filter(|one| super::read::is_strong(one));
    let mut by_condition = by_condition.filter(|one| one.key.eq_ignore_ascii_case("aws:PrincipalArn"));
    let is_bound = by_condition.any(|one| {
        texts(&one.values).count() > 0
            && one.values.iter().all(|arn| subject.is_analyst(&Principal::Arn(arn.clone()), statement))
    });
    is_named || is_bound || subject.is_analyst(who, statement)
}
