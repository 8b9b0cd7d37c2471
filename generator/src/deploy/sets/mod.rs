//! Stack sets from the account that holds them: one identity, and the sets of an integration in their order.

mod bring;
mod remove;
mod survey;
mod words;

use std::collections::BTreeMap;

use crate::aws::{
    Clock, OperationResult, Permissions, Place, Progressed, ResultStatus, SetContent, StackSets,
};
use crate::check::Rendered;
use crate::deploy::{Event, Halt, Listen, Options, Outcome, Target};
use crate::model::rollout::{self, StackSet};
use crate::model::{Integration, Stack};
use crate::render::json::compact;
use crate::stacks::{SetTemplate, made_role, set_description, stack_set_templates};
use crate::vocab::Region;

pub(crate) use survey::SetSurvey;

/// One integration, its stack sets, and the account that holds them.
pub(crate) struct SetWork {
    /// The integration.
    pub(crate) integration: Integration,
    /// Its sets, in the order in which they are brought about.
    pub(crate) sets: Vec<StackSet>,
    deploys_by_itself: bool,
    bodies: BTreeMap<Stack, String>,
    /// The templates that go with the sets.
    templates: Vec<SetTemplate>,
    stack_sets: StackSets,
    /// What a person allows.
    options: Options,
    clock: Clock,
    listener: Box<dyn Listen>,
}

/// The organizational unit that a set goes through.
fn unit(set: &StackSet) -> Option<&str> {
    match &set.permissions {
        rollout::Permissions::ServiceManaged { unit, .. } => Some(unit.as_str()),
        rollout::Permissions::SelfManaged { .. } => None,
    }
}

/// What became of the sets of a run. Those that were not reached are not in it.
pub(crate) type SetResults = Vec<(Stack, Result<Outcome, Halt>)>;

impl SetWork {
    /// Puts a run together; `None` for an integration that has no stack sets.
    pub(crate) fn new(
        rendered: Rendered,
        stack_sets: StackSets,
        options: Options,
        clock: Clock,
        listener: Box<dyn Listen>,
    ) -> Option<Self> {
        Some(Self {
            sets: rendered.integration.stack_set_list(),
            deploys_by_itself: match rendered.integration.stack_sets.as_ref()? {
                rollout::StackSets::ServiceManaged(managed) => managed.auto_deployment,
                rollout::StackSets::SelfManaged { .. } => false,
            },
            // What has no templates has no sets either: it was refused.
            templates: stack_set_templates(&rendered.integration, &rendered.stacks).unwrap_or_default(),
            bodies: rendered
                .stacks
                .into_iter()
                .map(|one| (one.stack, compact(&one.template.sections())))
                .collect(),
            integration: rendered.integration,
            stack_sets,
            options,
            clock,
            listener,
        })
    }

    /// What a set must be. Asks for the ARN of the set before it where StackSets orders its own deployments by that.
    async fn content(&self, set: &StackSet) -> Result<SetContent, Halt> {
        let permissions = match &set.permissions {
            rollout::Permissions::SelfManaged { administration_role, execution_role } => Permissions::Own {
                administration_role: Some(administration_role.to_string()),
                execution_role: Some(execution_role.clone()),
            },
            rollout::Permissions::ServiceManaged { execution_role, .. } => {
                let mut depends_on = Vec::new();
                if let Some(before) = set.after.as_ref().filter(|_| self.deploys_by_itself) {
                    depends_on.extend(self.stack_sets.find(before).await?.map(|found| found.arn));
                }
                Permissions::Service {
                    auto_deployment: self.deploys_by_itself.then_some(true),
                    depends_on,
                    execution_role: execution_role.clone(),
                }
            }
        };
        let role = made_role(set, &self.templates);
        Ok(SetContent {
            description: set_description(&self.integration, set, role),
            role_template: role.map(|role| compact(&role.sections())),
            body: self.bodies.get(&set.stack).cloned().unwrap_or_default(),
            parameters: BTreeMap::new(),
            tags: self.integration.tags.clone(),
            capabilities: set.capabilities().iter().map(|&word| word.to_owned()).collect(),
            permissions,
            queues: true,
        })
    }

    /// The place of a set, narrowed to these Regions.
    fn place<'a>(&self, set: &'a StackSet, regions: Vec<Region>) -> Place<'a> {
        Place { account: set.account.as_str(), unit: unit(set), regions }
    }

    /// Waits until an operation is over and tells what it does in each account and Region. `None` if there is none of this
    /// id: somebody else's was faster.
    async fn ended(&self, set: &StackSet, operation: &str) -> Result<Option<Progressed>, Halt> {
        let mut told = BTreeMap::new();
        for asked in 0.. {
            let Some(progressed) = self.stack_sets.progressed(&set.name, operation).await? else {
                return Ok(None);
            };
            for result in self.stack_sets.results(&set.name, operation).await? {
                let place = (result.account.clone(), result.region.clone());
                if told.insert(place, result.status) != Some(result.status) {
                    self.tell_result(set, &result);
                }
            }
            if progressed != Progressed::Open {
                return Ok(Some(progressed));
            }
            self.pause(asked).await?;
        }
        Ok(None)
    }

    /// Waits for the operation of ours that a call has just begun; an error if it did not do what it should. In step means that
    /// there is none of ours: another one was faster.
    async fn done(&self, set: &StackSet, operation: &str) -> Result<Outcome, Halt> {
        let why = match self.ended(set, operation).await? {
            None | Some(Progressed::Open) => return Ok(Outcome::InStep),
            Some(Progressed::Succeeded) => return Ok(Outcome::Changed),
            Some(Progressed::Failed) => "did not succeed",
            Some(Progressed::Stopped) => "was stopped by somebody",
        };
        let results = self.stack_sets.results(&set.name, operation).await?;
        let named = |wanted: ResultStatus| {
            let of = results.iter().filter(|one| one.status == wanted);
            of.map(|one| format!("{} in {}", one.account, one.region)).collect::<Vec<_>>().join(", ")
        };
        let (failed, left) = (named(ResultStatus::Failed), named(ResultStatus::Cancelled));
        let mut lines = vec![format!("operation `{operation}` of `{}` {why}", set.name)];
        lines.extend((!failed.is_empty()).then(|| format!("failed: {failed}")));
        // Those of the spec have told why.
        let is_ours = |one: &&OperationResult| {
            one.account == set.account.as_str()
                && set.regions.iter().any(|region| region.as_str() == one.region)
        };
        let foreign = results.iter().filter(|one| one.status == ResultStatus::Failed && !is_ours(one));
        lines.extend(
            foreign.map(|one| format!("{} in {}: {}", one.account, one.region, words::reason(&one.reason))),
        );
        lines.extend((!left.is_empty()).then(|| format!("not begun: {left}")));
        lines
            .push("mend what is said of it above and run the command again: it goes on from here".to_owned());
        Err(Halt::Failed(lines.join("\n")))
    }

    /// Waits for an operation that goes on in a set, whoever began it; whether there was one.
    async fn waited(&self, set: &StackSet) -> Result<bool, Halt> {
        let operations = self.stack_sets.operations(&set.name).await?;
        // The oldest of those that wait is the next that runs.
        let open = operations.iter().rev().find(|one| one.progressed == Progressed::Open);
        let Some(open) = open else { return Ok(false) };
        self.tell("set", set, set.regions.first(), "waiting", format!("operation `{}` goes on", open.id));
        self.ended(set, &open.id).await?;
        Ok(true)
    }

    /// The id of an operation: the same for the same change of the same set in the same state, and no other.
    async fn operation_id(&self, set: &StackSet, what: &str, content: &str) -> Result<String, Halt> {
        let operations = self.stack_sets.operations(&set.name).await?;
        let newest = operations.first().map(|one| one.id.as_str()).unwrap_or_default();
        Ok(words::operation_id(what, &[&set.name, newest, content]))
    }

    fn tell(
        &self,
        kind: &'static str,
        set: &StackSet,
        region: Option<&Region>,
        status: &'static str,
        reason: impl Into<String>,
    ) {
        let region = region.copied().unwrap_or_else(|| self.integration.regions.home());
        let target = Target { stack: set.stack, region };
        self.listener.hear(&Event { kind, target, status, reason: reason.into() });
    }

    async fn pause(&self, asked: u32) -> Result<(), Halt> {
        if self.clock.is_over() {
            return Err(Halt::Running);
        }
        self.clock.pause(asked).await;
        Ok(())
    }
}
