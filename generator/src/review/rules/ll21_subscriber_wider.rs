//! LL21: subscribers that get more than the spec says.

use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Principal, Via};

pub(super) static RULE: Rule = Rule {
    id: "LL21",
    slug: "subscriber-wider",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "a subscriber gets a source or a kind of access that the spec does not name, or is another account",
    why: "a subscriber reads whole sources of every account of the lake; access by S3 goes around Lake Formation",
    counterparts: &[],
    remedy: "list the sources of the spec, `AccessTypes: [LAKEFORMATION]`, and the Detective account",
    look: Look::WithSpec(look),
};

fn look(subject: &Subject<'_>, found: &mut Found) {
    let Some(known) = subject.integration else { return };
    let version = known.lake.source_version;
    let sources = known.lake.sources.iter().map(|source| format!("/{}@{version}", source.api_name()));
    let sources = sources.collect::<Vec<_>>();
    for statement in subject.given().filter(|one| one.via == Via::Subscriber) {
        for who in statement.principals.named() {
            if !matches!(who, Principal::Account(id) if id.is(known.detective.account.as_str())) {
                let message = format!("the subscriber is `{who}`, not the Detective account");
                found.at(statement, message).about_resource(who);
            }
        }
        for access in statement.actions.named().iter().filter(|access| !access.is("LAKEFORMATION")) {
            let message =
                format!("the subscriber has access by `{access}`, which Lake Formation does not see");
            found.at(statement, message).action = Some(access.to_string());
        }
        for source in statement.resources.named() {
            let shown = source.to_string();
            if !sources.iter().any(|known| shown.ends_with(known)) {
                let message = format!("the subscriber gets `{shown}`, which is no source of the spec");
                found.at(statement, message).about_resource(source);
            }
        }
    }
}
