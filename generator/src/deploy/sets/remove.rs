//! The way back: the instances of a set with their stacks, then the set.

use std::collections::BTreeMap;

use crate::aws::Place;
use crate::deploy::diff::layout;
use crate::deploy::sets::{SetResults, SetWork};
use crate::deploy::{Halt, Outcome, Target, kept};
use crate::model::rollout::StackSet;
use crate::vocab::{Region, Word as _};

impl SetWork {
    /// Removes every set, the last one first. What comes before one that failed stays, for that one needs it.
    pub(crate) async fn remove_all(&self) -> SetResults {
        let mut results = SetResults::new();
        for set in self.sets.iter().rev() {
            if results.iter().any(|(_, result)| result.is_err()) {
                self.tell("set", set, None, "skipped", "what needs it is still there");
                continue;
            }
            let removed = self.remove(set).await;
            match &removed {
                Ok(Outcome::InStep) => {}
                Ok(Outcome::Changed) => self.tell_removed(set),
                Err(halt) => self.tell("set", set, None, halt.word(), halt.reason()),
            }
            results.push((set.stack, removed));
        }
        results
    }

    /// Removes a set; does nothing if it is gone. Can be called again at any time.
    async fn remove(&self, set: &StackSet) -> Result<Outcome, Halt> {
        let mut outcome = Outcome::InStep;
        for asked in 0.. {
            let survey = self.look(set).await?;
            let Some(found) = &survey.found else { return Ok(outcome) };
            if layout(&found.content.body).is_none() {
                return Err(Halt::Stopped(survey.stop.unwrap_or_default()));
            }
            if self.waited(set).await? {
                continue;
            }
            outcome = Outcome::Changed;
            let mut places = BTreeMap::<(&str, Option<&str>), Vec<Region>>::new();
            for one in &survey.instances {
                let region = Region::read(&one.region).map_err(|fault| Halt::Failed(fault.message))?;
                places.entry((&one.account, one.unit.as_deref())).or_default().push(region);
            }
            let Some(((account, unit), regions)) = places.into_iter().next() else {
                self.tell("set", set, None, "deleting", "");
                match self.stack_sets.delete(&set.name).await {
                    // Somebody made an instance, or began something, meanwhile.
                    Err(error)
                        if ["StackSetNotEmptyException", "OperationInProgressException"]
                            .contains(&error.code.as_str()) => {}
                    answer => answer?,
                }
                self.pause(asked).await?;
                continue;
            };
            let words = regions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            self.tell("set", set, None, "removing", format!("{account}: {words}"));
            let operation = self.operation_id(set, "delete", &format!("{account} {words}")).await?;
            self.stack_sets.remove(&set.name, &Place { account, unit, regions }, &operation).await?;
            self.done(set, &operation).await?;
            self.pause(asked).await?;
        }
        Ok(outcome)
    }

    /// Tells what stays of the stacks of a set.
    fn tell_removed(&self, set: &StackSet) {
        self.tell("set", set, None, "deleted", "");
        if let Some(role) = self.integration.given_role(set.stack.side()) {
            let reason = format!(
                "`{role}` stays a Lake Formation administrator: it is yours; `aws lakeformation put-data-lake-settings` takes it out"
            );
            self.tell("administrator", set, None, "kept", reason);
        }
        for region in &set.regions {
            let target = Target { stack: set.stack, region: *region };
            for what in kept(&self.integration, target) {
                self.tell("kept", set, Some(region), "stays", what);
            }
        }
    }
}
