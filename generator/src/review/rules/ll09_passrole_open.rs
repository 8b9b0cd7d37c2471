//! LL09: `iam:PassRole` to anything.

use super::read::{gives_identity, is_pattern, may_do, strong, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Scope, Statement};

pub(super) static RULE: Rule = Rule {
    id: "LL09",
    slug: "passrole-open",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "`iam:PassRole` is allowed on a pattern of roles, or to every service",
    why: "whoever may pass a role to a service of their choice can do what the role can",
    counterparts: &["IAM Access Analyzer PASS_ROLE_WITH_STAR_IN_RESOURCE", "cfn_nag F38, F39, F40"],
    remedy: "name one role by its ARN, and the service in a condition: `StringEquals iam:PassedToService`",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives_identity(one) && may_do(one, "iam:PassRole")) {
        for (resource, what) in problems(statement) {
            let message = format!("{} may pass {what}", whom(statement));
            found.at(statement, message).about("iam:PassRole", resource);
        }
    }
}

fn problems(statement: &Statement) -> Vec<(String, String)> {
    let bound = strong(statement, "iam:PassedToService").is_some();
    let mut problems = Vec::new();
    let Scope::Only(roles) = &statement.resources else {
        return vec![("all but".into(), "all roles but those that are named".into())];
    };
    for role in roles {
        if is_pattern(&role.to_string()) {
            problems.push((role.to_string(), format!("whatever role fits `{role}`")));
        } else if !bound {
            problems.push((role.to_string(), format!("`{role}` to every service that the role trusts")));
        }
    }
    problems
}
