//! LL23: roles that may do everything.

use std::collections::{BTreeMap, BTreeSet};

use super::ll03_star_where_scopable::is_limited;
use super::read::{actions, fields, gives_identity, is_on_everything, is_pattern, may_do, strong, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::ActionTable;
use crate::review::{Account, Part, Principal, Statement, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL23",
    slug: "deploy-role-admin",
    severity: Severity::Error,
    acceptance: Acceptable::WithReason,
    says: "somebody has AdministratorAccess, everything of IAM, changes of access on every role, user, group or policy, makes roles and \
           gives them rights with no boundary, or has patterns of actions as a role of CloudFormation",
    why: "whoever writes a template for such a role, or gives themselves what they lack, can do everything in the account",
    counterparts: &["cfn_nag W43, W44"],
    remedy: "list what the resource handlers of the template's types call, as lakelink's roles templates do; name the roles that may be \
             changed or assumed, or demand a permissions boundary (`iam:PermissionsBoundary`) where it is allowed: a Deny is not counted",
    look: Look::Always(look),
};

/// AWS's managed policies that give everything, or everything of IAM.
const POLICIES: &[&str] = &["policy/AdministratorAccess", "policy/IAMFullAccess"];

/// What hands out somebody's credentials, though the table says no more than that it writes.
const CREDENTIALS: &[&str] = &["iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile"];

fn look(subject: &Subject<'_>, found: &mut Found) {
    let made = Made::of(subject);
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
            if everywhere && is_everything(action) {
                found.at(statement, format!("{} may do `{action}` on everything", who())).about(action, "*");
            } else if is_run_by_cloudformation(subject, statement) {
                let message =
                    format!("{} is a role of CloudFormation and may do whatever fits `{action}`", who());
                found.at(statement, message).action = Some(action.to_owned());
            }
        }
        if everywhere && actions(statement).any(is_everything) {
            continue;
        }
        let every = statement.resources.named().iter().find(|resource| is_every_identity(resource));
        let more = every.map(|all| {
            (all, actions(statement).filter(|one| gives_more(statement, one)).collect::<Vec<_>>())
        });
        match more.filter(|(_, more)| !more.is_empty()) {
            Some((all, more)) => more.into_iter().for_each(|action| {
                let message = format!("{} may `{action}` on `{all}`, which is a way to do everything", who());
                found.at(statement, message).about(action, all);
            }),
            None => made.filled_by(statement).into_iter().for_each(|(action, role)| {
                let message = format!(
                    "{} may make `{role}` and `{action}` on it with no boundary, which is a way to do everything",
                    who()
                );
                found.at(statement, message).about(action, role);
            }),
        }
    }
}

/// Whether it is everything, or everything of IAM.
fn is_everything(action: &str) -> bool {
    ["iam:*", "*", "*:*"].iter().any(|all| action.eq_ignore_ascii_case(all))
}

/// Roles that somebody may make with no boundary: so they choose who is to trust them, too.
struct Made<'a>(BTreeMap<(&'a Account, &'a Principal), BTreeSet<&'a Term>>);

impl<'a> Made<'a> {
    fn of(subject: &Subject<'a>) -> Self {
        let mut made = BTreeMap::<_, BTreeSet<_>>::new();
        let makers = subject.given().filter(|one| gives_identity(one) && may_do(one, "iam:CreateRole"));
        for maker in makers.filter(|one| !is_bounded(one)) {
            for who in maker.principals.only().into_iter().flatten() {
                let roles = maker.resources.only().into_iter().flatten();
                made.entry((&maker.account, who)).or_default().extend(roles);
            }
        }
        Self(made)
    }

    /// By which actions a statement gives rights to such a role, and to which: the narrower of what may be made and what may be
    /// given rights.
    fn filled_by(&self, statement: &'a Statement) -> Vec<(&'static str, &'a Term)> {
        if self.0.is_empty() || is_bounded(statement) {
            return Vec::new();
        }
        let chooses = |key| strong(statement, key).is_some_and(|one| !one.values.iter().any(is_any_policy));
        let fills = ["iam:AttachRolePolicy", "iam:PutRolePolicy"].into_iter().filter(|action| {
            may_do(statement, action) && !(*action == "iam:AttachRolePolicy" && chooses("iam:PolicyARN"))
        });
        let fills = fills.collect::<Vec<_>>();
        if fills.is_empty() {
            return Vec::new();
        }
        let who = statement.principals.only().into_iter().flatten();
        let made = who.filter_map(|who| self.0.get(&(&statement.account, who))).collect::<Vec<_>>();
        let narrower = |role: &'a Term| {
            made.iter().copied().flatten().find_map(|made| match made.covers(role) {
                true => Some(role),
                false => role.covers(made).then_some(*made),
            })
        };
        let role = statement.resources.only().into_iter().flatten().find_map(narrower);
        role.into_iter().flat_map(|role| fills.iter().map(move |action| (*action, role))).collect()
    }
}

/// Whether a condition leaves no more than what a boundary allows, or leaves it to a service what is asked for: not to
/// CloudFormation, which asks for what its caller wrote.
fn is_bounded(statement: &Statement) -> bool {
    let decides = |service: &Term| {
        service.as_text().is_some_and(|text| !is_pattern(text) && text != "cloudformation.amazonaws.com")
    };
    let boundary = strong(statement, "iam:PermissionsBoundary");
    boundary.is_some_and(|one| !one.values.iter().any(is_any_policy))
        || strong(statement, "aws:CalledVia").is_some_and(|one| one.values.iter().all(decides))
}

/// Whether it is a policy for everything, or whichever there is.
fn is_any_policy(policy: &Term) -> bool {
    let text = policy.to_string();
    is_for_everything(policy) || ["*", "policy/*"].contains(&text.rsplit(':').next().unwrap_or_default())
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
