//! LL30: those who query and can change things.

use std::collections::BTreeSet;

use super::by_code::{Handed, handed};
use super::ll17_lf_settings_writer::PUT;
use super::ll18_lf_admin_permanent::administrators;
use super::ll19_lf_grant_wider::GRANT;
use super::read::{actions, gives_identity, is_pattern, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::iam::ActionTable;
use crate::review::Principal;

pub(super) static RULE: Rule = Rule {
    id: "LL30",
    slug: "analyst-can-change",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "somebody who queries may also change something, or administers the lake",
    why: "who looks into an incident should not be able to change what is looked at, nor who may look",
    counterparts: &[],
    remedy: "take the action out of the policy of those who query; starting the crawler of the spec is allowed",
    look: Look::Always(look),
};

/// What a query itself does, though the table says that it changes something.
const QUERIES: &[&str] = &[
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "lakeformation:GetDataAccess",
    "s3:PutObject",
    "s3:AbortMultipartUpload",
    "kms:GenerateDataKey",
    "kms:Decrypt",
];

fn look(subject: &Subject<'_>, found: &mut Found) {
    let table = ActionTable::get();
    for statement in subject.given().filter(|one| gives_identity(one) && subject.is_of_analysts(one)) {
        for action in actions(statement) {
            let meant = if is_pattern(action) {
                table.expanded(action).unwrap_or_default()
            } else {
                vec![action.to_owned()]
            };
            let changes = meant.iter().find(|one| {
                table.details(one).is_some_and(|known| known.changes()) && !is_allowed(subject, one)
            });
            if let Some(change) = changes {
                let message = format!("{}, who queries, may `{change}`", whom(statement));
                found.at(statement, message).action = Some(action.to_owned());
            } else if action == "*" {
                let message = format!("{}, who queries, may do everything", whom(statement));
                found.at(statement, message).action = Some(action.to_owned());
            }
        }
    }
    for statement in administrators(subject).filter(|one| subject.is_of_analysts(one)) {
        let message = format!("{}, who queries, administers Lake Formation", whom(statement));
        found.at(statement, message).action = Some("ADMIN".to_owned());
    }
    let granted = handed(subject, GRANT).into_iter().map(|one| one.value).collect::<Vec<_>>();
    for Handed { stack, resource, key, line, value } in handed(subject, PUT) {
        let analysts = subject.analysts.iter().filter_map(Principal::term).chain(&granted);
        let analysts = analysts.flat_map(|term| term.names()).collect::<BTreeSet<_>>();
        if value.names().into_iter().any(|name| analysts.contains(name)) {
            let message = format!(
                "those whom `{key}` names query, and code of `{}` may make them administrators",
                resource.id
            );
            found.at_resource(stack, resource, line, message).about("ADMIN", key);
        }
    }
}

/// What those who query may do: what a query does, and to start the crawler that the spec asks for.
fn is_allowed(subject: &Subject<'_>, action: &str) -> bool {
    let has_crawler = subject.integration.is_some_and(|known| known.detective.crawler.is_some());
    QUERIES.contains(&action) || (has_crawler && action == "glue:StartCrawler")
}
