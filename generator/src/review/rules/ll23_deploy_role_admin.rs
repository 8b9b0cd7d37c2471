//! LL23: roles that may do everything.

use super::read::{actions, gives_identity, is_on_everything, is_pattern, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Statement, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL23",
    slug: "deploy-role-admin",
    severity: Severity::Error,
    acceptance: Acceptable::WithReason,
    says: "somebody has AdministratorAccess, everything of IAM, or patterns of actions as a role of CloudFormation",
    why: "whoever writes a template for such a role can do everything in the account",
    counterparts: &["cfn_nag W43, W44"],
    remedy: "list what the resource handlers of the template's types call; lakelink's roles templates do",
    look: Look::Always(look),
};

/// AWS's managed policies that give everything, or everything of IAM.
const POLICIES: &[&str] = &["policy/AdministratorAccess", "policy/IAMFullAccess"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives_identity(one)) {
        let who = whom(statement);
        if statement.actions.named().iter().any(|action| action.is(Statement::HAS_POLICY)) {
            for policy in statement.resources.named().iter().filter(|policy| is_for_everything(policy)) {
                found.at(statement, format!("{who} has `{policy}`")).about_resource(policy);
            }
            continue;
        }
        let everywhere = is_on_everything(statement);
        for action in actions(statement).filter(|action| is_pattern(action)) {
            let is_iam = action.eq_ignore_ascii_case("iam:*") || action == "*" || action == "*:*";
            if everywhere && is_iam {
                found.at(statement, format!("{who} may do `{action}` on everything")).about(action, "*");
            } else if is_run_by_cloudformation(subject, statement) {
                let message =
                    format!("{who} is a role of CloudFormation and may do whatever fits `{action}`");
                found.at(statement, message).action = Some(action.to_owned());
            }
        }
    }
}

fn is_for_everything(policy: &Term) -> bool {
    let policy = policy.to_string();
    POLICIES.iter().any(|known| {
        policy.ends_with(&format!(":iam::aws:{known}"))
            || Some(policy.as_str()) == known.strip_prefix("policy/")
    })
}

/// Whether CloudFormation may be one of the principals.
fn is_run_by_cloudformation(subject: &Subject<'_>, statement: &Statement) -> bool {
    let trusts = |role: &Principal| {
        let services = subject.services_trusted_by(role, statement).unwrap_or_default();
        services.iter().any(|service| service == "cloudformation.amazonaws.com")
    };
    statement.principals.only().into_iter().flatten().any(trusts)
}
