//! What a rule finds.

use std::fmt;

use super::Rule;
use crate::review::{Accepted, Account, Label, Place, Resource, Stack, Statement};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth reading.
    Note,
    /// To be mended or accepted.
    Warning,
    /// To be mended.
    Error,
}

impl Severity {
    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a finding can be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acceptable {
    /// Never: what it finds is mended.
    Never,
    /// By the spec, with a reason.
    WithReason,
    /// It is by itself: the table of actions is the reason.
    ByTable,
}

/// Something that a rule found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// How much it matters.
    pub severity: Severity,
    /// Whether it can be accepted.
    pub acceptable: Acceptable,
    /// The account of the stack.
    pub account: Account,
    /// Where it stands.
    pub place: Place,
    /// What is wrong there: lower case, values in backticks.
    pub message: String,
    /// The action that it is about, where it is about one.
    pub action: Option<String>,
    /// The resource that it is about, where it is about one.
    pub resource: Option<String>,
    /// Why it is accepted, if it is.
    pub accepted: Option<Accepted>,
}

impl Finding {
    /// About this action and this resource.
    pub(super) fn about(&mut self, action: impl fmt::Display, resource: impl fmt::Display) -> &mut Self {
        self.action = Some(action.to_string());
        self.resource = Some(resource.to_string());
        self
    }

    /// About this resource.
    pub(super) fn about_resource(&mut self, resource: impl fmt::Display) -> &mut Self {
        self.resource = Some(resource.to_string());
        self
    }

    /// Matters this much.
    pub(super) fn severity(&mut self, severity: Severity) -> &mut Self {
        self.severity = severity;
        self
    }

    /// Can be accepted with a reason.
    pub(super) fn acceptable(&mut self) -> &mut Self {
        self.acceptable = Acceptable::WithReason;
        self
    }

    /// Whether it is open and matters at least this much.
    pub fn is_open(&self, least: Severity) -> bool {
        self.accepted.is_none() && self.severity >= least
    }

    /// What it is sorted by, and told apart by.
    pub(super) fn key(&self) -> impl Ord + '_ {
        let Place { integration, stack, resource_id, label, line } = &self.place;
        let place = (integration, stack, line, resource_id, label);
        (place, self.rule.id, &self.action, &self.resource, &self.message)
    }
}

/// The findings of one rule.
pub(super) struct Found {
    rule: &'static Rule,
    findings: Vec<Finding>,
}

impl Found {
    pub(super) fn of(rule: &'static Rule) -> Self {
        Self { rule, findings: Vec::new() }
    }

    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    /// At a statement.
    pub(super) fn at(&mut self, statement: &Statement, message: impl Into<String>) -> &mut Finding {
        self.push(statement.account.clone(), statement.place.clone(), message.into())
    }

    /// At a resource.
    pub(super) fn at_resource(
        &mut self,
        stack: &Stack,
        resource: &Resource,
        line: Option<usize>,
        message: impl Into<String>,
    ) -> &mut Finding {
        let place = Place {
            integration: stack.integration.clone(),
            stack: stack.name.clone(),
            resource_id: resource.id.clone(),
            label: Label::None,
            line: line.or(resource.line),
        };
        self.push(stack.account.clone(), place, message.into())
    }

    pub(super) fn push(&mut self, account: Account, place: Place, message: String) -> &mut Finding {
        let Rule { severity, acceptance, .. } = *self.rule;
        self.findings.push_mut(Finding {
            rule: self.rule,
            severity,
            acceptable: acceptance,
            account,
            place,
            message,
            action: None,
            resource: None,
            accepted: None,
        })
    }
}
