//! LL23: roles that may do everything.

use super::ll03_star_where_scopable::is_limited;
use super::read::{actions, fields, gives_identity, is_on_everything, is_pattern, may_do, strong, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::ActionTable;
use crate::review::{Part, Principal, Statement, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL23",
    slug: "deploy-role-admin",
    severity: Severity::Error,
    acceptance: Acceptable::WithReason,
    says: "somebody has AdministratorAccess, everything of IAM, changes of access on every role, user, group or policy, makes roles and \
           says what they may do with no boundary, or has patterns of actions as a role of CloudFormation",
    why: "whoever writes a template for such a role, or gives themselves what they lack, can do everything in the account",
    counterparts: &["cfn_nag W43, W44"],
    remedy: "list what the resource handlers of the template's types call, as lakelink's roles templates do; name the roles that may be \
             changed or assumed, or demand a permissions boundary (`iam:PermissionsBoundary`)",
    look: Look::Always(look),
};

/// AWS's managed policies that give everything, or everything of IAM.
const POLICIES: &[&str] = &["policy/AdministratorAccess", "policy/IAMFullAccess"];

/// What hands out somebody's credentials, though the table says no more than that it writes.
const CREDENTIALS: &[&str] = &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives_identity(one)) {
        let who = || whom(statement);
        if statement.actions.named().iter().any(|action| action.is(Statement::HAS_POLICY)) {
            for policy in statement.resources.named().iter().filter(|policy| is_for_everything(policy)) {
                found.at(statement, format!("{} has `{policy}`", who())).about_resource(policy);
            }
            continue;
        }
        let everywhere = is_on_everything(statement);
        for action in actions(statement).filter(|action| is_pattern(action)) {
            let is_iam = action.eq_ignore_ascii_case("iam:*") || action == "*" || action == "*:*";
            if everywhere && is_iam {
                found.at(statement, format!("{} may do `{action}` on everything", who())).about(action, "*");
            } else if is_run_by_cloudformation(subject, statement) {
                let message =
                    format!("{} is a role of CloudFormation and may do whatever fits `{action}`", who());
                found.at(statement, message).action = Some(action.to_owned());
            }
        }
        if let Some(all) = statement.resources.named().iter().find(|resource| is_every_identity(resource)) {
            for action in actions(statement).filter(|action| gives_more(statement, action)) {
                let message = format!("{} may `{action}` on `{all}`, which is a way to do everything", who());
                found.at(statement, message).about(action, all);
            }
        } else if let Some((action, role)) = makes_and_fills(subject, statement) {
            let message = format!(
                "{} may make `{role}` and `{action}` on it with no boundary, which is a way to do everything",
                who()
            );
            found.at(statement, message).about(action, role);
        }
    }
}

/// What gives a role its rights.
const FILLS: [&str; 2] = ["iam:AttachRolePolicy", "iam:PutRolePolicy"];

/// A role that a statement gives rights to, and that the same principals may make: so they choose who is to trust it, too.
fn makes_and_fills<'s>(subject: &Subject<'_>, statement: &'s Statement) -> Option<(&'static str, &'s Term)> {
    let is_free = |one: &Statement| {
        strong(one, "iam:PermissionsBoundary").or_else(|| strong(one, "aws:CalledVia")).is_none()
    };
    let action =
        FILLS.into_iter().find(|action| may_do(statement, action) && gives_more(statement, action))?;
    let makers = subject.given().filter(|one| {
        gives_identity(one)
            && may_do(one, "iam:CreateRole")
            && (&one.account, &one.principals) == (&statement.account, &statement.principals)
    });
    let made = makers.filter(|one| is_free(one)).filter_map(|one| one.resources.only()).flatten();
    let made = made.collect::<Vec<_>>();
    let mut roles = statement.resources.only().into_iter().flatten().filter(|_| is_free(statement));
    roles.find(|role| made.iter().any(|made| made.covers(role))).map(|role| (action, role))
}

/// Whether it is every role, every user, every group or every policy of an account, or all of them.
fn is_every_identity(resource: &Term) -> bool {
    let ends_with_star = matches!(resource.parts().last(), Some(Part::Text(text)) if text.ends_with('*'));
    if !ends_with_star || resource.is("*") {
        return ends_with_star;
    }
    let in_arn = fields(resource).and_then(|fields| fields.get(5).map(ToString::to_string));
    let every = ["*", "role/*", "user/*", "group/*", "policy/*"];
    in_arn.is_some_and(|what| every.contains(&what.as_str()))
}

/// Whether an action changes what identities may do, takes the place of one or hands out its credentials, and no condition
/// says of which.
fn gives_more(statement: &Statement, action: &str) -> bool {
    let Some(details) = ActionTable::get().details(action) else { return false };
    let is_of_iam = action.to_ascii_lowercase().starts_with("iam:");
    let gives = (is_of_iam && details.manages_permissions() && details.arns().is_some())
        || CREDENTIALS.iter().any(|known| action.eq_ignore_ascii_case(known))
        || action.eq_ignore_ascii_case("sts:AssumeRole");
    gives && !is_limited(statement, details)
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
