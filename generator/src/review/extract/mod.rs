//! What gives or takes away access in a template: one file for each service that does it in its own way, and
//! [`policy`] for policy documents wherever they stand.

mod iam;
mod lake_formation;
mod names;
mod policy;
mod policy_text;
mod resource_policies;
mod sam;
mod shares;
mod terms;
mod walk;

use std::collections::BTreeSet;

use super::{
    Access, Account, Condition, Label, Node, Part, Place, Principal, Resource, Scope, Statement, Template,
    Term, Unread, Via,
};
use crate::policy::Effect;
use terms::{Guards, both};

pub(super) use terms::Terms;

/// A template and where it goes.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The integration, for a template of a spec.
    pub integration: Option<String>,
    /// What rows call the stack.
    pub name: String,
    /// The account that it is deployed to.
    pub account: Account,
    /// The template.
    pub template: Template,
}

/// What stacks that belong together allow and deny, with who in them can act as whom.
pub fn access_together(stacks: &[Stack]) -> Access {
    let mut all = Access::default();
    for access in stacks.iter().map(access) {
        all.statements.extend(access.statements);
        all.unread.extend(access.unread);
    }
    all.statements.extend(super::follow(&all.statements));
    all
}

/// What a stack allows and denies, statement by statement. Who can act as whom is no part of it: see [`super::follow`].
pub fn access(stack: &Stack) -> Access {
    let terms = Terms::new(&stack.template);
    let mut access = Access::default();
    let attached = iam::attached(&terms, &stack.template);
    for resource in stack.template.resources() {
        let mut reading = Reading::new(stack, &terms, resource, &mut access);
        let read = match resource.kind.as_str() {
            kind if kind.starts_with("AWS::IAM::") => iam::read(&mut reading, &attached),
            kind if kind.starts_with("AWS::LakeFormation::") => lake_formation::read(&mut reading),
            kind if kind.starts_with("AWS::Serverless::") => sam::read(&mut reading),
            "AWS::RAM::ResourceShare" | "AWS::SecurityLake::Subscriber" => shares::read(&mut reading),
            _ => resource_policies::read(&mut reading),
        };
        walk::read(&mut reading, read);
    }
    if let Some(node) = stack.template.section("Transform") {
        for (_, name) in terms.texts(node) {
            let what = format!(
                "the transform {name} changes the template when it is deployed; its result was not seen"
            );
            access.unread.push(unread(stack, "", node.line, what));
        }
    }
    if terms.is_exhausted() {
        let what =
            "references in this template stand for more than 32 MiB of text; some were left as they are";
        access.unread.push(unread(stack, "", None, what.to_owned()));
    }
    access
}

fn unread(stack: &Stack, resource_id: &str, line: Option<usize>, what: String) -> Unread {
    Unread { place: place(stack, resource_id, Label::None, line), what }
}

fn place(stack: &Stack, resource_id: &str, label: Label, line: Option<usize>) -> Place {
    let (integration, stack) = (stack.integration.clone(), stack.name.clone());
    Place { integration, stack, resource_id: resource_id.to_owned(), label, line }
}

/// The reading of one resource.
struct Reading<'a, 't> {
    stack: &'a Stack,
    terms: &'a Terms<'t>,
    resource: &'a Resource,
    access: &'a mut Access,
    /// What the resource itself needs to be there.
    guards: Guards,
    /// How many statements of policy documents it has so far.
    statements: usize,
}

impl<'a, 't> Reading<'a, 't> {
    fn new(stack: &'a Stack, terms: &'a Terms<'t>, resource: &'a Resource, access: &'a mut Access) -> Self {
        let guards = resource.condition.iter().map(|name| terms.guard(name, true)).collect();
        Self { stack, terms, resource, access, guards, statements: 0 }
    }

    fn property(&self, path: &[&str]) -> Option<&'a Node> {
        self.resource.property(path)
    }

    /// The ARN of the resource.
    fn arn(&self) -> Term {
        self.terms.arn(&self.resource.id)
    }

    /// Whoever the policies in the resource are attached to, where it names nobody.
    fn holder(&self) -> Principal {
        let id = self.resource.id.clone();
        Principal::HolderOf(Term::of(match self.resource.kind.as_str() {
            // What an assignment names.
            "AWS::SSO::PermissionSet" => Part::GetAtt(id, "PermissionSetArn".to_owned()),
            _ => Part::Ref(id),
        }))
    }

    /// The texts of a property, alone or in a list; none if it is not there.
    fn texts(&self, path: &[&str]) -> Vec<(Guards, Term)> {
        self.property(path).map(|node| self.terms.texts(node)).unwrap_or_default()
    }

    fn text(&self, path: &[&str]) -> Option<Term> {
        self.property(path).map(|node| self.terms.term(node))
    }

    fn is_true(&self, path: &[&str]) -> bool {
        self.property(path).and_then(Node::text).is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    fn place(&self, label: Label, line: Option<usize>) -> Place {
        place(self.stack, &self.resource.id, label, line)
    }

    /// Notes something that was not read.
    fn unread(&mut self, line: Option<usize>, what: impl Into<String>) {
        self.access.unread.push(unread(self.stack, &self.resource.id, line, what.into()));
    }

    /// Notes a statement, unless the conditions of the template for it contradict those of the resource.
    fn say(&mut self, said: Said) {
        let Some(only_if) = both(&self.guards, &said.guards) else { return };
        self.access.statements.push(Statement {
            account: self.stack.account.clone(),
            via: said.via,
            effect: said.effect,
            principals: said.principals,
            actions: said.actions,
            resources: said.resources,
            conditions: said.conditions,
            only_if,
            place: self.place(said.label, said.line.or(self.resource.line)),
        });
    }

    /// Notes what is no statement of a policy document: for each group of principals, actions and resources that are
    /// there under the same conditions. Nothing if one of the lists is empty.
    fn say_each(
        &mut self,
        said: &Said,
        principals: Vec<(Guards, Principal)>,
        actions: Vec<(Guards, Term)>,
        resources: Vec<(Guards, Term)>,
    ) {
        for (one, principals) in grouped(principals) {
            for (two, actions) in grouped(actions.clone()) {
                for (three, resources) in grouped(resources.clone()) {
                    let guards = both(&one, &two).and_then(|guards| both(&guards, &three));
                    let Some(guards) = guards.and_then(|guards| both(&guards, &said.guards)) else {
                        continue;
                    };
                    self.say(Said {
                        guards,
                        principals: Scope::Only(principals.clone()),
                        actions: Scope::Only(actions.clone()),
                        resources: Scope::Only(resources),
                        ..said.clone()
                    });
                }
            }
        }
    }
}

/// A statement that a resource makes, without what all of its statements share.
#[derive(Clone)]
struct Said {
    via: Via,
    effect: Effect,
    principals: Scope<Principal>,
    actions: Scope<Term>,
    resources: Scope<Term>,
    conditions: BTreeSet<Condition>,
    guards: Guards,
    label: Label,
    line: Option<usize>,
}

impl Said {
    /// What allows, about nobody and nothing yet.
    fn allow(via: Via) -> Self {
        let nothing = || Scope::Only(BTreeSet::new());
        Self {
            via,
            effect: Effect::Allow,
            principals: Scope::Only(BTreeSet::new()),
            actions: nothing(),
            resources: nothing(),
            conditions: BTreeSet::new(),
            guards: Guards::new(),
            label: Label::None,
            line: None,
        }
    }

    fn when(mut self, condition: Condition) -> Self {
        self.conditions.insert(condition);
        self
    }

    fn on_line(mut self, node: Option<&Node>) -> Self {
        self.line = node.and_then(|node| node.line);
        self
    }
}

/// A thing that is always there.
fn always<T>(item: T) -> Vec<(Guards, T)> {
    vec![(Guards::new(), item)]
}

/// Things that are there under the same conditions, together.
fn grouped<T: Ord>(items: Vec<(Guards, T)>) -> Vec<(Guards, BTreeSet<T>)> {
    let mut groups: Vec<(Guards, BTreeSet<T>)> = Vec::new();
    for (guards, item) in items {
        match groups.iter_mut().find(|(known, _)| *known == guards) {
            Some((_, group)) => {
                group.insert(item);
            }
            None => groups.push((guards, BTreeSet::from([item]))),
        }
    }
    groups
}
