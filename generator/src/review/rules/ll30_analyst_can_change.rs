//! LL30: those who query and can change things.

use std::collections::BTreeSet;

use super::ll18_lf_admin_permanent::{administrators, made_by_code};
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
            let meant = if is_pattern(action) { table.fitting(action) } else { vec![action.to_owned()] };
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
    for (n, resource, key) in made_by_code(subject) {
        let names = |principal: &Principal| {
            let term = principal.term();
            term.into_iter().flat_map(|term| term.names()).map(str::to_owned).collect::<Vec<_>>()
        };
        let analysts = subject.analysts.iter().flat_map(names).collect::<BTreeSet<_>>();
        let value = resource.property(&[key]);
        let handed = value.map(|value| subject.terms[n].term(value)).unwrap_or_default();
        if handed.names().into_iter().any(|name| analysts.contains(name)) {
            let line = value.and_then(|value| value.line);
            let message = format!(
                "those whom `{key}` names query, and code of `{}` may make them administrators",
                resource.id
            );
            found.at_resource(&subject.stacks[n], resource, line, message).about("ADMIN", key);
        }
    }
}

/// What those who query may do: what a query does, and to start the crawler that the spec asks for.
fn is_allowed(subject: &Subject<'_>, action: &str) -> bool {
    let has_crawler = subject.integration.is_some_and(|known| known.detective.crawler.is_some());
    QUERIES.contains(&action) || (has_crawler && action == "glue:StartCrawler")
}
