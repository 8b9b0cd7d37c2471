//! Policy documents in any property of any resource: whatever looks like one is read.

use super::policy::{self, Frame};
use super::terms::{Guards, both};
use super::{Reading, always, policy_text};
use crate::review::{Content, Node, Resource, Via};

/// Reads every document in the properties of a resource but for those that were read already.
pub(super) fn read(reading: &mut Reading<'_, '_>, done: &[&str]) {
    let properties = &reading.resource.properties;
    let frame = Frame {
        via: via(&reading.resource.kind),
        principals: always(reading.holder()),
        resource: reading.arn(),
        star_is_resource: via(&reading.resource.kind) == Via::Key,
    };
    for (key, value) in properties.entries() {
        if !done.contains(&key.as_str()) {
            look(reading, value, &frame, &Guards::new());
        }
    }
    let kind = reading.resource.kind.as_str();
    let why = match kind {
        "" => "has no type",
        "AWS::CloudFormation::Stack" => "is a stack of its own, whose template was not read",
        "AWS::CloudFormation::StackSet" => "makes stacks, whose template was not read",
        _ if kind == "AWS::CloudFormation::CustomResource" || kind.starts_with("Custom::") => {
            if runs_here(reading) {
                return;
            }
            "is made by code from elsewhere, which may give access"
        }
        _ if kind.ends_with("::MODULE") => "is a module, whose template was not read",
        _ => return,
    };
    reading.unread(reading.resource.line, why);
}

/// Whether a custom resource is made by a function of the same template, whose role says what it may do.
fn runs_here(reading: &Reading<'_, '_>) -> bool {
    let token = reading.text(&["ServiceToken"]).unwrap_or_default();
    let is_function = |resource: &Resource| resource.kind.ends_with("::Function");
    let mut functions = reading.stack.template.resources().iter().filter(|resource| is_function(resource));
    functions.any(|function| reading.terms.arn(&function.id) == token)
}

fn via(kind: &str) -> Via {
    match kind {
        "AWS::S3::BucketPolicy" => Via::Bucket,
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => Via::Key,
        "AWS::EC2::VPCEndpoint" | "AWS::Organizations::Policy" => Via::Limit,
        "AWS::SSO::PermissionSet" | "AWS::IoT::Policy" => Via::Identity,
        _ if kind.starts_with("AWS::IAM::") || kind.starts_with("AWS::Serverless::") => Via::Identity,
        _ => Via::Resource,
    }
}

fn look(reading: &mut Reading<'_, '_>, node: &Node, frame: &Frame, guards: &Guards) {
    if is_document(reading, node) {
        policy::read(reading, node, frame, guards);
        return;
    }
    if let Content::Scalar(_) = node.content {
        return;
    }
    for (more, branch) in reading.terms.branches(node) {
        let Some(guards) = both(guards, &more) else { continue };
        if is_document(reading, branch) {
            policy::read(reading, branch, frame, &guards);
        } else {
            for (_, value) in branch.entries() {
                look(reading, value, frame, &guards);
            }
        }
    }
}

/// Whether a value is a mapping with statements, or text that reads as one.
fn is_document(reading: &Reading<'_, '_>, node: &Node) -> bool {
    let holds = |document: &Node| {
        let statements =
            document.get("Statement").map(|list| reading.terms.branches(list)).unwrap_or_default();
        statements.iter().any(|(_, statement)| statement.get("Effect").is_some())
    };
    match node.function() {
        None if node.text().is_none() => holds(node),
        Some(("If", _)) => false,
        _ => match policy_text::document(reading.terms, node) {
            Some(Ok(document)) => holds(&document),
            // One that is broken is said to be.
            Some(Err(_)) => policy_text::names_statements(node),
            None => false,
        },
    }
}
