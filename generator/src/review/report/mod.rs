//! What a reviewer reads: `REVIEW.md`, `access.json` and `access.svg` of an integration.
//!
//! ```text
//! Statements --rights--> groups of who, with what they may --graph--> picture --mermaid, svg--> text
//!                                   groups, findings --page--> Markdown
//! ```
//!
//! They depend on the spec alone, never on the day: an acceptance is shown with its last day, and it is for `review` to say
//! that it has ended.

mod area;
pub(crate) mod escape;
mod graph;
mod mermaid;
mod page;
mod rights;
mod svg;
mod words;

use serde::Serialize;

use super::rules::{self, Finding, Subject};
use super::{Access, Row, Stack, access_together, rows};
use crate::files::NOTE;
use crate::model::Integration;
use crate::problem::SpecPath;
use graph::Graph;

/// The files of an integration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `REVIEW.md`: who can do what on what only if what, what the rules find, what was not looked at.
    pub page: String,
    /// `access.json`: the rows of the access model, one in a line.
    pub rows: String,
    /// `access.svg`: the picture.
    pub picture: String,
}

/// A finding with the key of the spec that it comes from.
struct Judged {
    finding: Finding,
    key: SpecPath,
}

/// Reviews an integration. `stacks` are all its stacks.
///
/// # Errors
/// If the rows cannot be written as JSON, which is an error in lakelink.
pub fn report(integration: &Integration, stacks: &[Stack]) -> Result<Report, serde_json::Error> {
    let access = access_together(stacks);
    let findings = judge(integration, stacks, &access);
    let groups = rights::groups(integration, &access.statements);
    let graph = Graph::of(integration, &groups);
    // Two hyphens end a comment of XML.
    let mut file = integration.spec_file.clone();
    while file.contains("--") {
        file = file.replace("--", "-");
    }
    let note = format!(
        "<!-- {NOTE}{file}. -->\n<!-- Do not edit: change the spec and run `lakelink generate` again. -->\n"
    );
    Ok(Report {
        page: note.clone() + "\n" + &page::page(integration, &access, &findings, &groups, &graph),
        rows: table(integration, &access)?,
        picture: svg::picture(&graph, integration.name.as_str(), &note),
    })
}

fn judge(integration: &Integration, stacks: &[Stack], access: &Access) -> Vec<Judged> {
    let mut found = rules::judge(&Subject::new(stacks, &access.statements, Some(integration)));
    let stale = rules::accept(&mut found, &integration.accepted, None);
    let accept = SpecPath::root().key("review").key("accept");
    let stale = stale.into_iter().map(|(n, finding)| Judged { finding, key: accept.item(n) });
    let found = found
        .into_iter()
        .map(|finding| Judged { key: rules::origin(finding.rule, &finding.place, integration), finding });
    found.chain(stale).collect()
}

#[derive(Serialize)]
struct Head<'a> {
    note: &'a str,
}

/// The rows as JSON, one in a line, so that a change is a line in a diff.
fn table(integration: &Integration, access: &Access) -> Result<String, serde_json::Error> {
    let note = format!("{NOTE}{}.", integration.spec_file);
    let head = serde_json::to_string(&Head { note: &note })?;
    let lines =
        rows(&access.statements).iter().map(serde_json::to_string::<Row>).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("{},\n\"access\":[\n{}\n]}}\n", head.trim_end_matches('}'), lines.join(",\n")))
}
