//! LL27: how results of queries lie and travel.

use super::results::{Results, encryption};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::policy::Effect;
use crate::review::{Node, Principal, Scope, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL27",
    slug: "results-in-clear",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "results of queries may travel without TLS, have ACLs, are kept for ever, or have no key of their own",
    why: "results are log lines; ACLs give access beside the policy, and what is kept for ever leaks one day",
    counterparts: &["cfn-guard S3_BUCKET_SSL_REQUESTS_ONLY", "checkov CKV_AWS_19"],
    remedy: "deny `aws:SecureTransport` false, set `BucketOwnerEnforced` and an expiry; encryption with keys of Amazon S3 \
             instead of KMS is a note",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for results in &subject.results {
        let Results { stack, bucket, .. } = results;
        let mut complain = |key: &str, severity, message: &str| {
            let line = bucket.property(&[key]).and_then(|node| node.line);
            found.at_resource(stack, bucket, line, message).about_resource(key).severity(severity);
        };
        if !is_tls_only(subject, results) {
            complain("BucketPolicy", Severity::Warning, "results can be read and written without TLS");
        }
        let ownership = bucket.property(&["OwnershipControls", "Rules"]).map(Node::items).unwrap_or_default();
        let owner = ownership.first().and_then(|rule| rule.get("ObjectOwnership")).and_then(Node::text);
        if owner != Some("BucketOwnerEnforced") {
            complain("OwnershipControls", Severity::Warning, "objects of results may have ACLs");
        }
        if !expires(bucket.property(&["LifecycleConfiguration", "Rules"])) {
            complain("LifecycleConfiguration", Severity::Warning, "results are kept for ever");
        }
        let algorithm = encryption(bucket).and_then(|rule| rule.get("SSEAlgorithm")).and_then(Node::text);
        if !algorithm.is_some_and(|algorithm| algorithm.starts_with("aws:kms")) {
            complain(
                "BucketEncryption",
                Severity::Note,
                "results are encrypted with keys of Amazon S3: whoever may read them needs no right to a key",
            );
        }
    }
}

fn is_tls_only(subject: &Subject<'_>, results: &Results<'_>) -> bool {
    subject.statements.iter().any(|one| {
        let without_tls = one.conditions.iter().any(|condition| {
            condition.operator == "Bool"
                && condition.key.eq_ignore_ascii_case("aws:SecureTransport")
                && condition.values.iter().all(|value| value.is("false"))
        });
        let reads = Term::text("s3:GetObject");
        one.via == Via::Bucket
            && one.effect == Effect::Deny
            && one.place.stack == results.stack.name
            && one.principals == Scope::one(Principal::Everybody)
            && one.conditions.len() == 1
            && without_tls
            && one.actions.named().iter().any(|action| action.covers_in_any_case(&reads))
            && one.resources.named().iter().any(|resource| results.is_on_objects(resource))
    })
}

fn expires(rules: Option<&Node>) -> bool {
    rules.map(Node::items).unwrap_or_default().iter().any(|rule| {
        let is_on = rule.get("Status").and_then(Node::text) == Some("Enabled");
        let is_whole = rule.get("Prefix").is_none() && rule.get("TagFilters").is_none();
        is_on && is_whole && (rule.get("ExpirationInDays").is_some() || rule.get("ExpirationDate").is_some())
    })
}
