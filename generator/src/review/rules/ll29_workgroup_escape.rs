//! LL29: queries whose results go elsewhere.

use super::read::{fields, gives_identity, is_pattern, may_do, whom};
use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::model::PRIMARY;
use crate::review::{Node, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL29",
    slug: "workgroup-escape",
    severity: Severity::Error,
    acceptance: Acceptable::Never,
    says: "those who query can choose where results go: the workgroup is not enforced, there is none, or they may use any",
    why: "results that somebody sends to a bucket of their own are out of sight of every rule here",
    counterparts: &["checkov CKV_AWS_82"],
    remedy: "set `EnforceWorkGroupConfiguration: true` and allow `athena:StartQueryExecution` on that workgroup only; \
             `primary`, which the console of Detective may use, is a note",
    look: Look::Always(look),
};

const START: &str = "athena:StartQueryExecution";

fn look(subject: &Subject<'_>, found: &mut Found) {
    for stack in subject.stacks {
        for group in stack.template.of_kind("AWS::Athena::WorkGroup") {
            let enforced = group.property(&["WorkGroupConfiguration", "EnforceWorkGroupConfiguration"]);
            if enforced.and_then(Node::text) != Some("true") {
                let line = enforced.and_then(|node| node.line);
                let message = format!("queries in `{}` choose where their results go", group.id);
                found.at_resource(stack, group, line, message);
            }
        }
    }
    for results in subject.results.iter().filter(|results| !results.has_workgroup) {
        let is_chosen = subject.integration.is_some_and(|known| known.detective.scan_limit_bytes.is_none());
        let message = "no workgroup binds queries to this bucket";
        let finding = found.at_resource(results.stack, results.bucket, None, message);
        if is_chosen {
            finding.severity(Severity::Note);
        }
    }
    for statement in subject.given().filter(|one| gives_identity(one) && may_do(one, START)) {
        for resource in statement.resources.named() {
            let who = whom(statement);
            match workgroup(resource) {
                Some(name) if name == PRIMARY => {
                    let message = format!(
                        "{who} may query in `primary`, which enforces nothing unless somebody sees to it"
                    );
                    found.at(statement, message).severity(Severity::Note).about(START, resource);
                }
                Some(name) if is_pattern(&name) => {
                    let message = format!("{who} may query in whatever workgroup fits `{name}`");
                    found.at(statement, message).about(START, resource);
                }
                _ => {}
            }
        }
    }
}

/// The name of a workgroup in an ARN; `*` for everything.
fn workgroup(resource: &Term) -> Option<String> {
    if resource.is("*") {
        return Some("*".to_owned());
    }
    let name = fields(resource)?.into_iter().nth(5)?.to_string();
    Some(name.strip_prefix("workgroup/").unwrap_or(&name).to_owned())
}
