//! LL18: administrators of Lake Formation.

use super::read::may_do;
use super::subject::in_account;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::{Integration, Side};
use crate::review::{Account, Principal, Resource, Statement, Term, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL18",
    slug: "lf-admin-permanent",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "an analyst becomes a data lake administrator, or somebody that the spec does not name as execution role",
    why: "an administrator of Lake Formation can grant everything to everybody, itself included; AWS's own stack makes \
          every analyst one and never takes it back",
    counterparts: &[],
    remedy: "make only the role that CloudFormation runs as an administrator, and grant analysts SELECT on tables",
    look: Look::Always(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in administrators(subject) {
        for who in statement.principals.named() {
            let is_known = subject.integration.is_some_and(|known| is_execution_role(known, who, statement));
            if subject.is_analyst(who, statement) {
                let message = format!("analyst `{who}` becomes a data lake administrator");
                found.at(statement, message).about("ADMIN", who);
            } else if subject.integration.is_some() && !is_known {
                let message = format!(
                    "`{who}` becomes a data lake administrator, and is no execution role of the spec"
                );
                found.at(statement, message).about("ADMIN", who);
            } else if !is_known && !subject.is_for_cloudformation_only(who, statement) {
                let message = format!("`{who}` becomes a data lake administrator, who can grant everything");
                found.at(statement, message).severity(Severity::Note).about("ADMIN", who);
            }
        }
    }
    for (n, resource, key) in made_by_code(subject) {
        let stack = &subject.stacks[n];
        let line = resource.property(&[key]).and_then(|node| node.line);
        let message =
            format!("code of `{}` may make whoever `{key}` names a data lake administrator", resource.id);
        found.at_resource(stack, resource, line, message).about("ADMIN", key);
    }
}

/// The statements that make administrators.
pub(super) fn administrators<'s>(subject: &Subject<'s>) -> impl Iterator<Item = &'s Statement> {
    let of_lake_formation = subject.given().filter(|one| one.via == Via::LakeFormation);
    of_lake_formation.filter(|one| one.actions.named().iter().any(|action| action.is("ADMIN")))
}

/// Whether a principal is what CloudFormation runs as in the account of the statement.
fn is_execution_role(known: &Integration, who: &Principal, of: &Statement) -> bool {
    let sides = [Side::Lake, Side::Detective].into_iter();
    let here = sides.filter(|side| of.account.id().is_none_or(|id| id == known.account(*side).as_str()));
    let mut roles = here.map(|side| {
        let role = known.execution_role(side);
        let arn = format!("arn:aws:iam::{}:role/{role}", known.account(side));
        (Term::text(arn).in_account(&Account::This), side)
    });
    let Principal::Arn(arn) = in_account(who, of) else { return false };
    roles.any(|(role, side)| arn.in_account(&Account::Known(known.account(side).clone())) == role)
}

/// Custom resources whose function may write the settings, with each property that hands it principals: the stack, the
/// resource, the key.
pub(super) fn made_by_code<'s>(subject: &Subject<'s>) -> Vec<(usize, &'s Resource, &'s str)> {
    let writers = subject.given().filter(|one| may_do(one, "lakeformation:PutDataLakeSettings"));
    let writers = writers.flat_map(|one| one.principals.named().iter().map(|who| in_account(who, one)));
    let writers = writers.collect::<Vec<_>>();
    let mut found = Vec::new();
    for (n, (stack, terms)) in subject.stacks.iter().zip(&subject.terms).enumerate() {
        let is_writer = |function: &Resource| {
            let role = function.property(&["Role"]).map(|role| terms.term(role));
            let role = role.unwrap_or_else(|| terms.arn(&format!("{}Role", function.id)));
            writers.contains(&Principal::Arn(role.in_account(&stack.account)))
        };
        let functions = stack.template.resources().iter().filter(|one| one.kind.ends_with("::Function"));
        let functions = functions.filter(|function| is_writer(function));
        let functions = functions.map(|function| terms.arn(&function.id)).collect::<Vec<_>>();
        for resource in stack.template.resources() {
            let token = resource.property(&["ServiceToken"]).map(|token| terms.term(token));
            if !token.is_some_and(|token| functions.contains(&token)) {
                continue;
            }
            let keys = resource.properties.entries().iter().map(|(key, _)| key.as_str());
            let hands_over = |key: &&str| {
                let key = key.to_ascii_lowercase();
                key.contains("principal") || key.contains("admin")
            };
            found.extend(keys.filter(hands_over).map(|key| (n, resource, key)));
        }
    }
    found
}
