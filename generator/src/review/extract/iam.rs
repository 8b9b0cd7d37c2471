//! IAM: roles, users, groups, and the policies that are theirs.

use std::collections::BTreeMap;

use super::names::MANAGED_POLICY;
use super::policy::{self, Frame, aws_principal};
use super::terms::{Guards, Terms, both};
use super::{Reading, Said, always};
use crate::policy::Effect;
use crate::review::{Condition, Node, Part, Principal, Resource, Scope, Statement, Template, Term, Via};

/// Whom each managed policy of a template is attached to, by the ARN of the policy.
pub(super) type Attached = BTreeMap<Term, Vec<(Guards, Principal)>>;

/// Finds the roles, users and groups that managed policies of the template are attached to, from either side.
pub(super) fn attached(terms: &Terms<'_>, template: &Template) -> Attached {
    let mut attached = Attached::new();
    let guards_of = |resource: &Resource| -> Guards {
        resource.condition.iter().map(|name| terms.guard(name, true)).collect()
    };
    for policy in template.of_kind(MANAGED_POLICY) {
        let holders = holders(terms, template, policy);
        attached.insert(terms.arn(&policy.id), holders);
    }
    for holder in template.resources() {
        if !matches!(holder.kind.as_str(), "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group") {
            continue;
        }
        for (guards, policy) in list(terms, holder, "ManagedPolicyArns") {
            if let Some(holders) = attached.get_mut(&policy)
                && let Some(guards) = both(&guards, &guards_of(holder))
            {
                holders.push((guards, Principal::Arn(terms.arn(&holder.id))));
            }
        }
    }
    attached
}

fn list(terms: &Terms<'_>, resource: &Resource, key: &str) -> Vec<(Guards, Term)> {
    resource.property(&[key]).map(|node| terms.texts(node)).unwrap_or_default()
}

/// The roles, users and groups that a policy names.
fn holders(terms: &Terms<'_>, template: &Template, policy: &Resource) -> Vec<(Guards, Principal)> {
    let mut holders = Vec::new();
    for (key, word, kind) in [
        ("Roles", "role", "AWS::IAM::Role"),
        ("Users", "user", "AWS::IAM::User"),
        ("Groups", "group", "AWS::IAM::Group"),
        ("RoleName", "role", "AWS::IAM::Role"),
        ("UserName", "user", "AWS::IAM::User"),
        ("GroupName", "group", "AWS::IAM::Group"),
    ] {
        let names = list(terms, policy, key).into_iter();
        holders.extend(
            names.map(|(guards, name)| (guards, Principal::Arn(by_name(terms, template, word, kind, &name)))),
        );
    }
    holders
}

/// The ARN of who has this name: of the template's own one, else one without a path, since a name does not tell it.
fn by_name(terms: &Terms<'_>, template: &Template, word: &str, kind: &str, name: &Term) -> Term {
    let own = template.of_kind(kind).find(|resource| terms.reference(&resource.id) == *name);
    match own {
        Some(resource) => terms.arn(&resource.id),
        None => Term::sub(&format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:{word}/"), |name| {
            Term::of(Part::Ref(name.into()))
        })
        .followed_by(name),
    }
}

/// Reads a resource of IAM; gives the properties that it has read.
pub(super) fn read(reading: &mut Reading<'_, '_>, attached: &Attached) -> &'static [&'static str] {
    match reading.resource.kind.as_str() {
        "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group" => {
            holder(reading, attached);
            &["AssumeRolePolicyDocument", "Policies", "ManagedPolicyArns", "PermissionsBoundary", "Groups"]
        }
        MANAGED_POLICY => {
            let arn = reading.arn();
            let mut principals = attached.get(&arn).cloned().unwrap_or_default();
            if principals.is_empty() {
                principals = always(Principal::HolderOf(arn));
            }
            document(reading, principals);
            &["PolicyDocument"]
        }
        "AWS::IAM::Policy" | "AWS::IAM::RolePolicy" | "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy" => {
            let mut principals = holders(reading.terms, &reading.stack.template, reading.resource);
            if principals.is_empty() {
                principals = always(reading.holder());
            }
            document(reading, principals);
            &["PolicyDocument"]
        }
        "AWS::IAM::UserToGroupAddition" => {
            let template = &reading.stack.template;
            let named = |key, word, kind| -> Vec<_> {
                let names = list(reading.terms, reading.resource, key).into_iter();
                names
                    .map(|(guards, name)| (guards, by_name(reading.terms, template, word, kind, &name)))
                    .collect()
            };
            let users = named("Users", "user", "AWS::IAM::User");
            let users = users.into_iter().map(|(guards, user)| (guards, Principal::Arn(user))).collect();
            let groups = named("GroupName", "group", "AWS::IAM::Group");
            reading.say_each(
                &Said::allow(Via::Identity),
                users,
                always(Term::text(Statement::ACTS_AS)),
                groups,
            );
            &[]
        }
        _ => &[],
    }
}

fn document(reading: &mut Reading<'_, '_>, principals: Vec<(Guards, Principal)>) {
    let frame = identity(principals, reading.arn());
    match reading.property(&["PolicyDocument"]) {
        Some(node) => policy::read(reading, node, &frame, &Guards::new()),
        None => reading.unread(reading.resource.line, "has no `PolicyDocument`"),
    }
}

fn identity(principals: Vec<(Guards, Principal)>, resource: Term) -> Frame {
    Frame { via: Via::Identity, principals, resource, star_is_resource: false }
}

fn holder(reading: &mut Reading<'_, '_>, attached: &Attached) {
    let arn = reading.arn();
    let own = Principal::Arn(arn.clone());
    if let Some(trust) = reading.property(&["AssumeRolePolicyDocument"]) {
        let frame =
            Frame { via: Via::Trust, principals: Vec::new(), resource: arn.clone(), star_is_resource: false };
        policy::read(reading, trust, &frame, &Guards::new());
    }
    if let Some(policies) = reading.property(&["Policies"]) {
        inline(reading, policies, own.clone());
    }
    policies_by_arn(reading, "ManagedPolicyArns", &own, attached);
    boundary(reading, own.clone());
    let template = &reading.stack.template;
    let groups = list(reading.terms, reading.resource, "Groups").into_iter();
    let groups = groups
        .map(|(guards, name)| (guards, by_name(reading.terms, template, "group", "AWS::IAM::Group", &name)))
        .collect();
    let member = Said::allow(Via::Identity);
    reading.say_each(&member, always(own), always(Term::text(Statement::ACTS_AS)), groups);
}

/// The inline policies of a holder: a list of names with documents.
pub(super) fn inline(reading: &mut Reading<'_, '_>, policies: &Node, own: Principal) {
    let frame = identity(always(own), reading.arn());
    for (guards, entry) in reading.terms.branches(policies) {
        match entry.get("PolicyDocument") {
            Some(document) => policy::read(reading, document, &frame, &guards),
            None if entry.function().is_some() => {
                let term = reading.terms.term(entry);
                reading
                    .unread(entry.line, format!("the policy `{term}`, which does not stand in the template"));
            }
            None => reading.unread(entry.line, "a policy without `PolicyDocument`"),
        }
    }
}

/// Policies that are attached by ARN and are none of the template, which are read where they stand.
pub(super) fn policies_by_arn(
    reading: &mut Reading<'_, '_>,
    key: &str,
    own: &Principal,
    attached: &Attached,
) {
    let others = reading.texts(&[key]).into_iter().filter(|(_, policy)| !attached.contains_key(policy));
    let others = others.collect();
    let said = Said::allow(Via::Identity).on_line(reading.property(&[key]));
    reading.say_each(&said, always(own.clone()), always(Term::text(Statement::HAS_POLICY)), others);
}

/// The boundary of a holder, as a Deny of everything outside of it.
pub(super) fn boundary(reading: &mut Reading<'_, '_>, own: Principal) {
    let said = Said { effect: Effect::Deny, ..Said::allow(Via::Boundary) };
    let said = said.on_line(reading.property(&["PermissionsBoundary"]));
    for (guards, policy) in reading.texts(&["PermissionsBoundary"]) {
        reading.say(Said {
            principals: Scope::one(own.clone()),
            actions: Scope::one(Term::text("*")),
            resources: Scope::one(Term::text("*")),
            guards,
            ..said.clone().when(Condition::new(Condition::OUTSIDE_OF, "boundary", [policy]))
        });
    }
}

/// Principals that a list of ARNs or accounts names.
pub(super) fn principals(list: Vec<(Guards, Term)>) -> Vec<(Guards, Principal)> {
    list.into_iter().map(|(guards, term)| (guards, aws_principal(term))).collect()
}
