//! What code does for a template: custom resources whose function may do something, and is handed principals.
//!
//! AWS's own integration stack makes its administrators and grants in this way, so that no resource shows them.

use super::read::may_do;
use super::subject::{Subject, in_account};
use crate::review::{Node, Principal, Resource, Stack, Term};

/// A property of a custom resource that hands principals to code.
pub(super) struct Handed<'a> {
    pub(super) stack: &'a Stack,
    pub(super) resource: &'a Resource,
    /// The property.
    pub(super) key: &'a str,
    /// Its line.
    pub(super) line: Option<usize>,
    /// What is handed over.
    pub(super) value: Term,
}

/// Every property that hands principals to a function whose role may do an action.
pub(super) fn handed<'s>(subject: &Subject<'s>, action: &str) -> Vec<Handed<'s>> {
    // Most templates have no custom resource.
    let is_custom = |resource: &Resource| resource.property(&["ServiceToken"]).is_some();
    if !subject.stacks.iter().any(|stack| stack.template.resources().iter().any(is_custom)) {
        return Vec::new();
    }
    let able = subject.given().filter(|one| may_do(one, action));
    let able = able.flat_map(|one| one.principals.named().iter().map(|who| in_account(who, one)));
    let able = able.collect::<Vec<_>>();
    let mut found = Vec::new();
    for (stack, terms) in subject.stacks.iter().zip(&subject.terms) {
        let is_able = |function: &Resource| {
            let role = function.property(&["Role"]).map(|role| terms.term(role));
            let role = role.unwrap_or_else(|| terms.arn(&format!("{}Role", function.id)));
            able.contains(&Principal::Arn(role.in_account(&stack.account)))
        };
        let functions = stack.template.resources().iter().filter(|one| one.kind.ends_with("::Function"));
        let functions = functions.filter(|function| is_able(function));
        let functions = functions.map(|function| terms.arn(&function.id)).collect::<Vec<_>>();
        for resource in stack.template.resources() {
            let token = resource.property(&["ServiceToken"]).map(|token| terms.term(token));
            if !token.is_some_and(|token| functions.contains(&token)) {
                continue;
            }
            let entries = resource.properties.entries().iter().filter(|(key, _)| names_principals(key));
            found.extend(entries.map(|(key, node): &(String, Node)| Handed {
                stack,
                resource,
                key,
                line: node.line,
                value: terms.term(node),
            }));
        }
    }
    found
}

fn names_principals(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    key.contains("principal") || key.contains("admin")
}
