//! What a run has to do, and with what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use crate::aws::{Access, Action, Change, Clock, Cloud, Stacks, Who};
use crate::check::Rendered;
use crate::deploy::words::one_by_one;
use crate::deploy::{Event, Halt, Listen, Survey};
use crate::model::{Duty, Integration, Side, Stack};
use crate::render::json::compact;
use crate::stacks::{SHARE_PARAMETER, StackTemplate};
use crate::vocab::Region;

/// A stack in one Region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    /// Which stack.
    pub(crate) stack: Stack,
    /// Where.
    pub(crate) region: Region,
}

/// A part of a run, by the words of `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The roles stacks of both accounts.
    Roles,
    /// One stack; the lake stack brings the collection with it.
    Stack(Stack),
}

/// What of an integration a run is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Choice {
    /// These parts; all if it is empty.
    pub(crate) only: Vec<Part>,
    /// These Regions; all if it is empty.
    pub(crate) regions: Vec<Region>,
}

impl Choice {
    /// Whether a stack of an integration is chosen. Of one whose Regional stacks are in stack sets only the roles stacks are there
    /// for it to choose.
    pub(crate) fn has(&self, integration: &Integration, target: Target) -> bool {
        let part = |part: &Part| match part {
            Part::Roles => target.stack.is_roles(),
            Part::Stack(Stack::Lake) => matches!(target.stack, Stack::Lake | Stack::LakeCollection),
            Part::Stack(stack) => target.stack == *stack,
        };
        (integration.set_owner().is_none() || target.stack.is_roles())
            && (self.only.is_empty() || self.only.iter().any(part))
            && (self.regions.is_empty() || target.stack.is_roles() || self.regions.contains(&target.region))
    }
}

/// What a person allows a run to do.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// What it is about.
    pub(crate) choice: Choice,
    /// Resources that may be made anew, as `STACK/ID`.
    pub(crate) replace: BTreeSet<String>,
    /// Resources that may go, as `STACK/ID`.
    pub(crate) remove: BTreeSet<String>,
    /// Stacks that may be deleted and made again if they are dead.
    pub(crate) recreate: BTreeSet<Stack>,
    /// Whether a stack of an older layout may be brought to this one.
    pub(crate) upgrade: bool,
    /// Whether the first failure ends the run in every Region.
    pub(crate) fail_fast: bool,
}

/// What a stack must be.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    /// The template.
    pub(crate) body: String,
    /// Values of its parameters.
    pub(crate) parameters: BTreeMap<String, String>,
    /// The role that CloudFormation acts as.
    pub(crate) role: Option<String>,
}

/// One integration, the accounts that it is about, and what a run may do.
pub(crate) struct Work {
    /// The integration.
    pub(crate) integration: Integration,
    templates: BTreeMap<Stack, StackTemplate>,
    /// The accounts.
    pub(crate) cloud: Cloud,
    /// What a person allows.
    pub(crate) options: Options,
    /// Stacks that a person is asked about once more: what becomes of them was not known at the first question.
    late: OnceLock<BTreeSet<Target>>,
    clock: Clock,
    listener: Box<dyn Listen>,
}

impl Work {
    /// Puts a run together.
    pub(crate) fn new(
        rendered: Rendered,
        cloud: Cloud,
        options: Options,
        clock: Clock,
        listener: Box<dyn Listen>,
    ) -> Self {
        Self {
            templates: rendered.stacks.into_iter().map(|one| (one.stack, one)).collect(),
            integration: rendered.integration,
            cloud,
            options,
            late: OnceLock::new(),
            clock,
            listener,
        }
    }

    /// Asks once more about those of these stacks that are decided late.
    pub(crate) fn ask_late(&self, surveys: &[Survey]) {
        let late = surveys.iter().filter(|survey| survey.is_late).map(|survey| survey.target);
        self.late.get_or_init(|| late.collect());
    }

    /// Every stack that the run is about, in the order in which they are deployed.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let stacks = self.integration.stacks().into_iter();
        let targets = stacks.flat_map(|stack| {
            let regions = self.integration.regions_of(stack).into_iter();
            regions.map(move |region| Target { stack, region })
        });
        targets.filter(|target| self.options.choice.has(&self.integration, *target)).collect()
    }

    /// The lake Region that a stack belongs to: its own, but for a console Region.
    pub(crate) fn lake_region(&self, target: Target) -> Region {
        self.integration.lake_region_of(target.stack, target.region)
    }

    /// The name of a stack.
    pub(crate) fn name(&self, target: Target) -> String {
        self.integration.stack_name(target.stack)
    }

    /// The credentials of an account.
    pub(crate) fn access(&self, side: Side) -> Result<&Access, Halt> {
        let why = || {
            let side = side.word();
            Halt::Stopped(format!("this needs the {side} account, and the run was told to leave it out"))
        };
        self.cloud.get(side).ok_or_else(why)
    }

    /// CloudFormation, as who may change this stack.
    pub(crate) fn stacks(&self, target: Target) -> Result<Stacks, Halt> {
        let who = if target.stack.is_roles() { Who::Administrator } else { Who::Deployer };
        Ok(self.access(target.stack.side())?.stacks(who, target.region))
    }

    /// Whether the template of a stack asks for the ARN of the share.
    pub(crate) fn asks_for_share(&self, stack: Stack) -> bool {
        let mut parameters = self.templates.get(&stack).into_iter().flat_map(|one| &one.template.parameters);
        parameters.any(|parameter| parameter.name == SHARE_PARAMETER)
    }

    /// What a stack must be; `share` is for those that ask for it.
    pub(crate) fn wanted(&self, target: Target, share: Option<&str>) -> Wanted {
        let share = share.filter(|_| self.asks_for_share(target.stack));
        Wanted {
            body: self.templates.get(&target.stack).map(StackTemplate::yaml).unwrap_or_default(),
            parameters: share.into_iter().map(|arn| (SHARE_PARAMETER.to_owned(), arn.to_owned())).collect(),
            role: (!target.stack.is_roles()).then(|| self.execution_role(target.stack.side())),
        }
    }

    /// The template of a stack with nothing in it but these resources.
    pub(crate) fn only(&self, stack: Stack, ids: &[&str]) -> String {
        let template = self.templates.get(&stack).map(|one| one.template.clone());
        let Some(mut template) = template else { return String::new() };
        template.parameters.clear();
        template.conditions.clear();
        template.outputs.clear();
        for group in &mut template.groups {
            group.resources.retain(|resource| ids.contains(&resource.id.as_str()));
        }
        template.groups.retain(|group| !group.resources.is_empty());
        compact(&template.sections())
    }

    /// The ARN of the role that CloudFormation acts as.
    pub(crate) fn execution_role(&self, side: Side) -> String {
        self.integration.execution_role_arn(side)
    }

    /// The ARN of our service role, whether it is used or not.
    pub(crate) fn service_role(&self, side: Side) -> String {
        let (partition, account) = (self.integration.regions.partition(), self.integration.account(side));
        format!(
            "arn:{partition}:iam::{account}:role/{}",
            self.integration.own_role(Duty::Cloudformation(side))
        )
    }

    /// Tells the listener.
    pub(crate) fn tell(
        &self,
        kind: &'static str,
        target: Target,
        status: &'static str,
        reason: impl Into<String>,
    ) {
        self.listener.hear(&Event { kind, target, status, reason: reason.into() });
    }

    /// Whether these changes of a stack may be made: those that were not known when a person agreed may, if they only add.
    pub(crate) async fn agrees(&self, target: Target, changes: &[Change]) -> bool {
        let only_adds = changes.iter().all(|change| matches!(change.action, Action::Add | Action::Import));
        if only_adds || !self.late.get().is_some_and(|late| late.contains(&target)) {
            return true;
        }
        let event = Event { kind: "stack", target, status: "asking", reason: one_by_one(changes) };
        self.listener.ask(&event).await.unwrap_or(false)
    }

    /// Waits until it is time to ask again.
    pub(crate) async fn pause(&self, asked: u32) -> Result<(), Halt> {
        if self.clock.is_over() {
            return Err(Halt::Running);
        }
        self.clock.pause(asked).await;
        Ok(())
    }
}
