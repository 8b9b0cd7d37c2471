//! LL25: functions whose code somebody else keeps.

use super::{Acceptable, Found, Look, Rule, Severity, Subject};
use crate::review::{Node, Resource, Stack, Term};

pub(super) static RULE: Rule = Rule {
    id: "LL25",
    slug: "foreign-code",
    severity: Severity::Warning,
    acceptance: Acceptable::WithReason,
    says: "the code of a function is in a bucket, a registry or a layer that is not of this account",
    why: "whoever can change the code there has what the function's role may do",
    counterparts: &[],
    remedy: "write the code into the template, or keep it in a bucket of the own account",
    look: Look::Always(look),
};

const PLACES: &[&[&str]] =
    &[&["Code", "S3Bucket"], &["Code", "ImageUri"], &["CodeUri", "Bucket"], &["CodeUri"], &["ImageUri"]];

fn look(subject: &Subject<'_>, found: &mut Found) {
    for (stack, terms) in subject.stacks.iter().zip(&subject.terms) {
        for function in stack.template.resources().iter().filter(|one| one.kind.ends_with("::Function")) {
            if !["AWS::Lambda::Function", "AWS::Serverless::Function"].contains(&function.kind.as_str()) {
                continue;
            }
            let places = PLACES.iter().filter_map(|path| function.property(path));
            let layers = function.property(&["Layers"]).map(Node::items).unwrap_or_default();
            let code = places.filter(|node| is_value(node)).map(|node| (node, "code"));
            for (node, what) in code.chain(layers.iter().map(|node| (node, "a layer"))) {
                let from = terms.term(node);
                if !is_own(&from, stack, function, what) {
                    let message = format!("{what} of `{}` comes from `{from}`", function.id);
                    found.at_resource(stack, function, node.line, message).about_resource(from);
                }
            }
        }
    }
}

/// Whether it is one value: a text or a function.
fn is_value(node: &Node) -> bool {
    node.text().is_some() || node.function().is_some()
}

/// Whether code is here: made by the template, in something whose name holds the own account, or a local path that a tool
/// uploads.
fn is_own(from: &Term, stack: &Stack, function: &Resource, what: &str) -> bool {
    let is_here = |name: &str| name == "AWS::AccountId" || stack.template.resource(name).is_some();
    let text = from.to_string();
    let is_local = function.kind.starts_with("AWS::Serverless::")
        && what == "code"
        && from.as_text().is_some()
        && !text.starts_with("s3://")
        && !text.contains(".dkr.ecr.");
    let has_own_id = stack.account.id().is_some_and(|id| text.contains(id));
    from.names().into_iter().any(is_here) || is_local || has_own_id
}
