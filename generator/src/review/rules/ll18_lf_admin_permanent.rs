//! LL18: administrators of Lake Formation.

use super::by_code::{Handed, handed};
use super::ll17_lf_settings_writer::PUT;
use super::subject::in_account;
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::{Integration, Side};
use crate::review::{Account, Principal, Statement, Term, Via};

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
    for Handed { stack, resource, key, line, .. } in handed(subject, PUT) {
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
