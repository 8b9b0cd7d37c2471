//! Lake Formation grants: for each principal `DESCRIBE` on the link and `SELECT` on each table of the lake account, one
//! after the other. Grants side by side for one principal are known to fail with "already exists"
//! (cloudformation-coverage-roadmap #2500). Where a crawler catalogues saved evidence, `SELECT` on it comes last.

use crate::model::{Integration, Principal};
use crate::resources::{Grant, Granted, Properties};
use crate::stacks::detective::table_key;
use crate::stacks::principals::arn;
use crate::stacks::{crawler, in_region};
use crate::template::{LogicalId, Resource, Value};
use crate::vocab::GrantOn;

/// The grants, one chain for each principal, in the order of the spec.
pub(crate) fn resources(integration: &Integration, link: &LogicalId) -> Vec<Vec<Resource>> {
    integration.detective.principals.iter().map(|principal| chain(integration, principal, link)).collect()
}

/// The last grant of each chain: what must be there before the console may say "Enabled".
pub(crate) fn last_of_each(chains: &[Vec<Resource>]) -> Vec<LogicalId> {
    chains.iter().filter_map(|chain| chain.last()).map(|grant| grant.id.clone()).collect()
}

fn chain(integration: &Integration, principal: &Principal, link: &LogicalId) -> Vec<Resource> {
    let label = principal.label();
    let label = label.as_str();
    // Named by reference, so that the link is there before the grant.
    let on_link = Granted::Database { name: Value::Ref(link.to_string()) };
    let first = Grant { principal: arn(principal), on: on_link };
    let mut chain =
        vec![first.named(LogicalId::of(&["Grant", label, "Link"]), format!("`{label}` may see the link."))];
    for (word, on, what) in tables(integration, link).into_iter().chain(evidence(integration)) {
        let id = LogicalId::of(&["Grant", label, word]);
        // Who it is stands above the first of the chain, and in the id.
        let grant = Grant { principal: arn(principal), on }.named(id, format!("And {what}."));
        let before = chain.last().map(|grant| grant.id.clone());
        chain.push(Resource { depends_on: before.into_iter().collect(), ..grant });
    }
    chain
}

/// What is granted beside the link: a word for the id, the grant, and words for the comment.
fn tables(integration: &Integration, link: &LogicalId) -> Vec<(&'static str, Granted, String)> {
    if integration.detective.grant_on == GrantOn::Link {
        let on = Granted::AllTables { database: Value::Ref(link.to_string()) };
        return vec![("Tables", on, "read every table behind the link".to_owned())];
    }
    let each = integration.lake.sources.iter().map(|source| {
        let on = Granted::Table {
            catalog: Value::text(integration.lake.account.as_str()),
            // The link has the name of the database behind it; the catalogue says which of the two is meant.
            database: Value::Ref(link.to_string()),
            name: in_region(&table_key(*source)),
        };
        (source.label(), on, format!("read `{source}`"))
    });
    each.collect()
}

/// What the crawler catalogues. Whoever may read every table of a database of their own account may see the database
/// (Lake Formation guide, `granting-catalog-permissions`). As above, no word ends in another one: then ids of two
/// principals cannot be one.
fn evidence(integration: &Integration) -> Option<(&'static str, Granted, String)> {
    integration.detective.crawler.as_ref()?;
    let on = Granted::AllTables { database: Value::Ref(crawler::DATABASE.into()) };
    Some(("Evidence", on, "read every table of saved evidence".to_owned()))
}
