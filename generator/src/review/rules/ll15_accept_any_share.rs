//! LL15: whose resource shares may be accepted.

use super::read::{gives_identity, may_do, strong, texts, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};

pub(super) static RULE: Rule = Rule {
    id: "LL15",
    slug: "accept-any-share",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "resource shares of any account, or of any name, may be accepted",
    why: "a share of a stranger brings tables that look like logs, and queries read what the stranger wrote",
    counterparts: &[],
    remedy: "add `StringEquals ram:ShareOwnerAccountId` with the lake account, and `StringLike ram:ResourceShareName \
             LakeFormation*`",
    look: Look::Always(look),
};

const ACCEPT: &str = "ram:AcceptResourceShareInvitation";

fn look(subject: &Subject<'_>, found: &mut Found) {
    for statement in subject.given().filter(|one| gives_identity(one) && may_do(one, ACCEPT)) {
        let who = whom(statement);
        let resource = statement.resources.named().first().map(ToString::to_string).unwrap_or_default();
        let lake = subject.integration.map(|known| known.lake.account.as_str());
        let owner = strong(statement, "ram:ShareOwnerAccountId");
        let others =
            owner.and_then(|owner| texts(&owner.values).find(|id| lake.is_some_and(|lake| lake != *id)));
        if let Some(other) = others {
            let message =
                format!("{who} may accept resource shares of account `{other}`, not of the lake account");
            found.at(statement, message).about(ACCEPT, &resource);
        } else if owner.is_none() {
            let message = format!("{who} may accept the resource shares of any account");
            found.at(statement, message).about(ACCEPT, &resource);
        } else if strong(statement, "ram:ResourceShareName").is_none() {
            let message = format!("{who} may accept resource shares of any name");
            found.at(statement, message).about(ACCEPT, &resource).severity(Severity::Warning).acceptable();
        }
    }
}
