//! LL16: a right to accept shares where there is nothing to accept.

use super::read::{gives_identity, may_do, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::vocab::Acceptance;

pub(super) static RULE: Rule = Rule {
    id: "LL16",
    slug: "accept-not-needed",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "somebody may accept resource shares though the spec says that there is no invitation",
    why: "within one organization with sharing turned on, RAM makes no invitation: the right is of no use but to others",
    counterparts: &[],
    remedy: "take it away, or write how the invitation is accepted: `handoff.acceptance`",
    look: Look::WithSpec(look),
};

const ACCEPT: &str = "ram:AcceptResourceShareInvitation";

fn look(subject: &Subject<'_>, found: &mut Found) {
    let Some(known) = subject.integration else { return };
    if known.handoff.acceptance != Acceptance::Organization {
        return;
    }
    for statement in subject.given().filter(|one| gives_identity(one) && may_do(one, ACCEPT)) {
        let message = format!("{} may accept invitations, but there are none", whom(statement));
        found.at(statement, message).action = Some(ACCEPT.to_owned());
    }
}
