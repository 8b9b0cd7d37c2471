//! Brings stack sets to what they must be, from whatever state they are in.

use crate::aws::ResultStatus;
use crate::deploy::sets::{SetResults, SetSurvey, SetWork, unit};
use crate::deploy::{Halt, Outcome};
use crate::model::rollout::StackSet;
use crate::model::{Share, Side};
use crate::vocab::Region;

impl SetWork {
    /// Brings every set to what it must be, one after the other: what comes after a failure is left out, for it reads
    /// what should be there before it.
    pub(crate) async fn bring_all(&self) -> SetResults {
        let mut results = SetResults::new();
        for set in &self.sets {
            if results.iter().any(|(_, result)| result.is_err()) {
                self.tell("set", set, None, "skipped", "what it needs is not there");
                continue;
            }
            let brought = match self.lacks_shares(set) {
                Some(why) => Err(Halt::Stopped(why)),
                None => self.bring(set).await,
            };
            match &brought {
                Ok(Outcome::InStep) => self.tell("set", set, None, "in_step", ""),
                Ok(Outcome::Changed) => self.tell("set", set, None, "done", "the whole set"),
                Err(halt) => self.tell("set", set, None, halt.word(), halt.reason()),
            }
            results.push((set.stack, brought));
        }
        results
    }

    /// What a Detective set waits for: shares that were pinned before there are any.
    fn lacks_shares(&self, set: &StackSet) -> Option<String> {
        let Share::Pinned(shares) = &self.integration.handoff.share else { return None };
        let lacking = shares.values().filter(|share| share.is_placeholder());
        let lacking = lacking.map(|share| share.region().to_string()).collect::<Vec<_>>();
        (set.stack.side() == Side::Detective && !lacking.is_empty()).then(|| {
            format!(
                "`handoff.shares` has no share of {} yet: copy the output `ResourceShareArn` of the lake stack there, as the run-book shows \
                 under Roll out by StackSets, generate, and roll out again",
                lacking.join(", ")
            )
        })
    }

    /// Brings a set to what it must be; does nothing if it is that. Can be called again at any time: it goes on from
    /// what it finds.
    async fn bring(&self, set: &StackSet) -> Result<Outcome, Halt> {
        let (mut outcome, mut tried) = (Outcome::InStep, None);
        for asked in 0.. {
            if self.stack_sets.find(&set.name).await?.is_none() {
                self.tell("set", set, None, "creating", "");
                self.stack_sets.create(&set.name, &self.content(set).await?).await?;
                outcome = Outcome::Changed;
            } else if !self.waited(set).await? {
                let survey = self.look(set).await?;
                if let Some(why) = survey.stop {
                    return Err(Halt::Stopped(why));
                }
                if survey.is_in_step() {
                    return Ok(outcome);
                }
                if survey.found.is_some() {
                    // What a successful operation did not bring, another one would not either.
                    let lacks = (survey.differences.clone(), survey.lacking());
                    if tried.as_ref() == Some(&lacks) {
                        return Err(Halt::Failed(still(&lacks.0, &lacks.1)));
                    }
                    tried = (self.step(set, &survey).await? == Outcome::Changed).then_some(lacks);
                    outcome = Outcome::Changed;
                }
            }
            self.pause(asked).await?;
        }
        Ok(outcome)
    }

    /// One operation towards what a set must be. In step means that somebody else's was faster.
    async fn step(&self, set: &StackSet, survey: &SetSurvey) -> Result<Outcome, Halt> {
        if !survey.differences.is_empty() {
            self.tell("set", set, None, "updating", survey.differences.join(", "));
            let content = self.content(set).await?;
            let operation = self.operation_id(set, "update", &format!("{content:?}")).await?;
            let order = set.regions.iter().copied().filter(|region| survey.instance(*region).is_some());
            let order = order.collect::<Vec<_>>();
            self.stack_sets.update(&set.name, &content, &order, &operation).await?;
            return self.done(set, &operation).await;
        }
        let lacking = survey.lacking();
        let words = lacking.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.tell("set", set, None, "deploying", &words);
        let operation = self.operation_id(set, "create", &words).await?;
        self.stack_sets.bring(&set.name, &self.place(set, lacking.clone()), &operation).await?;
        let done = self.done(set, &operation).await?;
        self.check_reached(set, &lacking, &operation).await?;
        Ok(done)
    }

    /// An operation that succeeded without an instance in a Region meant nobody: the unit does not hold the account.
    async fn check_reached(&self, set: &StackSet, regions: &[Region], operation: &str) -> Result<(), Halt> {
        if self.stack_sets.progressed(&set.name, operation).await?.is_none() {
            return Ok(());
        }
        let results = self.stack_sets.results(&set.name, operation).await?;
        let is_reached = |region: &&Region| {
            results.iter().any(|one| {
                one.region == region.as_str()
                    && one.account == set.account.as_str()
                    && one.status == ResultStatus::Succeeded
            })
        };
        match (regions.iter().find(|region| !is_reached(region)), unit(set)) {
            (None, _) => Ok(()),
            (Some(region), Some(unit)) => Err(Halt::Failed(format!(
                "operation `{operation}` of `{}` succeeded and made nothing in {region}: see whether the organizational unit `{unit}` holds \
                 account {}, and that this is not the management account",
                set.name, set.account
            ))),
            (Some(region), None) => Err(Halt::Failed(format!(
                "operation `{operation}` of `{}` succeeded and made nothing in {region}",
                set.name
            ))),
        }
    }
}

/// What an operation that succeeded has left as it was.
fn still(differences: &[&str], lacking: &[Region]) -> String {
    let lacking = lacking.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let what = match differences {
        [] => format!("no stack that is up to date in {lacking}"),
        differences => format!("another {}", differences.join(", ")),
    };
    format!(
        "the operation succeeded, and the set still has {what}: somebody else may change it, too; look at it by `lakelink rollout --status` \
         and run the command again"
    )
}
