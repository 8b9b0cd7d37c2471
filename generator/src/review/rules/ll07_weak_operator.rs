//! LL07: conditions that are met by a request without the key.

use super::read::{gives, is_strong};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::Condition;

pub(super) static RULE: Rule = Rule {
    id: "LL07",
    slug: "weak-operator",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "the only condition that limits an Allow is met by requests that do not carry its key, or by any value",
    why: "the limit can be walked around by leaving the key out",
    counterparts: &["IAM Access Analyzer FORALLVALUES_WITH_SINGLE_VALUED_KEY"],
    remedy: "use the plain operator, like `StringEquals`, with the values that are meant",
    look: Look::Always(look),
};

/// Keys that limit how or where, not whom or what.
const ASIDE: &[&str] = &["aws:RequestedRegion", "aws:SecureTransport", "s3:TlsVersion"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives(one)) {
        let is_aside = |key: &str| ASIDE.iter().any(|aside| aside.eq_ignore_ascii_case(key));
        let limits = || statement.conditions.iter().filter(|one| !one.key.is_empty() && !is_aside(&one.key));
        if limits().any(is_strong) {
            continue;
        }
        for condition in limits().filter(|one| is_weak(one)) {
            let message = format!("`{}` limits nothing: {}", condition.key, why(condition));
            found.at(statement, message).about_resource(&condition.key);
        }
    }
}

fn is_weak(condition: &Condition) -> bool {
    let operator = &condition.operator;
    operator.ends_with("IfExists")
        || operator.starts_with("ForAllValues:")
        || (operator.contains("Like") && condition.values.iter().any(|value| value.is("*")))
}

fn why(condition: &Condition) -> String {
    let operator = &condition.operator;
    if operator.contains("Like") && condition.values.iter().any(|value| value.is("*")) {
        return format!("`{operator}` with `*` is met by any value");
    }
    format!("`{operator}` is met by a request without it")
}
