//! LL08: an Allow of everything but something.

use super::read::{gives, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Scope, Statement};

pub(super) static RULE: Rule = Rule {
    id: "LL08",
    slug: "negated-element",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "an Allow uses NotAction, NotResource or NotPrincipal",
    why: "it allows everything that is not named, also what is made later",
    counterparts: &[
        "IAM Access Analyzer ALLOW_WITH_NOT_PRINCIPAL",
        "cfn_nag F6, F7, W14, W15, W19, W20, W21",
    ],
    remedy: "list what is allowed; use the negated form in a Deny only",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives(one)) {
        for element in negated(statement) {
            found.at(statement, format!("all but what `{element}` names is allowed to {}", whom(statement)));
        }
    }
}

fn negated(statement: &Statement) -> Vec<&'static str> {
    let mut elements = Vec::new();
    if let Scope::AllBut(_) = statement.actions {
        elements.push("NotAction");
    }
    if let Scope::AllBut(_) = statement.resources {
        elements.push("NotResource");
    }
    if let Scope::AllBut(_) = statement.principals {
        elements.push("NotPrincipal");
    }
    elements
}
