//! The way back: what was made last goes first, and what holds data stays.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::aws::{Found, Stacks, Who};
use crate::deploy::diff::layout;
use crate::deploy::rollout::{Results, joined, left_behind};
use crate::deploy::words::{explained, token};
use crate::deploy::{Halt, Outcome, State, Target, Work};
use crate::model::{Encryption, ExecutionRole, Integration, ResultsBucket, Stack};

/// Removes every chosen stack of an integration.
pub(crate) async fn destroy(work: &Arc<Work>) -> Results {
    let regional = work.targets().into_iter().filter(|target| !target.stack.is_roles()).collect::<Vec<_>>();
    let mut results = Vec::new();
    // Consoles, then what they read, then what is shared: each of a kind in every Region at once.
    for stack in [Stack::DetectiveConsole, Stack::Detective, Stack::Lake, Stack::LakeCollection] {
        let targets = regional.iter().copied().filter(|target| target.stack == stack).collect::<Vec<_>>();
        let held = |target: &Target| {
            results.iter().any(|(other, result): &(Target, Result<Outcome, Halt>)| {
                result.is_err() && other.region == target.region
            })
        };
        let (skipped, targets) = targets.into_iter().partition::<Vec<_>, _>(held);
        skipped.into_iter().for_each(|target| work.tell("stack", target, "skipped", ""));
        results.extend(remove_all(work, targets).await);
    }
    if results.iter().all(|(_, result)| result.is_ok()) {
        let roles = work.targets().into_iter().filter(|target| target.stack.is_roles()).collect::<Vec<_>>();
        let mut removable = Vec::new();
        for target in roles {
            match work.still_needed(target).await {
                Ok(None) => {}
                Ok(Some(why)) if !work.options.choice.regions.is_empty() => {
                    work.tell("stack", target, "kept", why);
                    if let Err(halt) = work.leave_regions(target).await {
                        results.push((target, Err(halt)));
                    }
                    continue;
                }
                Ok(Some(why)) => {
                    results.push((target, Err(Halt::Stopped(why))));
                    continue;
                }
                Err(halt) => {
                    results.push((target, Err(halt)));
                    continue;
                }
            }
            match work.leave_administrators(target).await {
                Ok(()) => removable.push(target),
                Err(halt) => results.push((target, Err(halt))),
            }
        }
        results.extend(remove_all(work, removable).await);
    }
    for (target, result) in &results {
        if let Err(halt) = result {
            work.tell("stack", *target, halt.word(), halt.reason());
        }
    }
    results
}

async fn remove_all(work: &Arc<Work>, targets: Vec<Target>) -> Results {
    let mut set = JoinSet::new();
    for target in targets {
        let work = Arc::clone(work);
        set.spawn(async move {
            let removed = work.remove(target).await;
            if let Ok(Outcome::InStep) = &removed {
                work.tell("stack", target, "absent", "");
            }
            (target, removed)
        });
    }
    let mut results = Vec::new();
    while let Some(done) = set.join_next().await {
        results.push(joined(done));
    }
    results
}

impl Work {
    /// Why a roles stack cannot go yet: a stack of its account, of whatever Region, is changed as its service role.
    async fn still_needed(&self, roles: Target) -> Result<Option<String>, Halt> {
        let side = roles.stack.side();
        for stack in self.integration.regional_stacks(side) {
            for region in self.integration.regions_of(stack) {
                let target = Target { stack, region };
                let stacks = self.access(side)?.stacks(Who::Administrator, region);
                if stacks.find(&self.name(target)).await?.is_some() {
                    let name = self.name(target);
                    return Ok(Some(format!(
                        "`{name}` in {region} is still there and needs its role: remove that first"
                    )));
                }
            }
        }
        let State::Settled(found) = State::of(self.stacks(roles)?.find(&self.name(roles)).await?) else {
            return Ok(None);
        };
        let deployed = self.stacks(roles)?.template(&found.id).await?;
        Ok(left_behind(self, roles, &deployed).await?.map(|(name, region)| {
            format!(
                "`{name}` is still in {region}, which the spec no longer has, and needs its role: remove that first, by \
                 `lakelink destroy --region {region}` with the spec as it was"
            )
        }))
    }

    /// Of some Regions only: where no stack of the account is left, its service role leaves the administrators, for the
    /// spec may have that Region no longer when the role goes.
    async fn leave_regions(&self, roles: Target) -> Result<(), Halt> {
        let side = roles.stack.side();
        if matches!(self.integration.deployment(side).execution, ExecutionRole::Given(_)) {
            return Ok(());
        }
        let lake = self.integration.regions.lake();
        'regions: for region in lake.into_iter().filter(|region| self.options.choice.regions.contains(region))
        {
            let stacks = self.access(side)?.stacks(Who::Administrator, region);
            for stack in self.integration.regional_stacks(side) {
                let is_there = self.integration.regions_of(stack).contains(&region);
                if is_there && stacks.find(&self.integration.stack_name(stack)).await?.is_some() {
                    continue 'regions;
                }
            }
            self.leave_administrators_of(Target { region, ..roles }, &self.service_role(side)).await?;
        }
        Ok(())
    }

    /// Deletes a stack and waits for its end.
    async fn remove(&self, target: Target) -> Result<Outcome, Halt> {
        let stacks = self.stacks(target)?;
        let name = self.name(target);
        let found = loop {
            match State::of(stacks.find(&name).await?) {
                State::Absent => return Ok(Outcome::InStep),
                State::Busy(found) => {
                    let is_ours = found.status == "DELETE_IN_PROGRESS";
                    self.tell("stack", target, if is_ours { "deleting" } else { "waiting" }, &found.status);
                    if self.settled(&stacks, &found.id).await?.is_none() {
                        return Ok(self.gone(target, &stacks, &found).await);
                    }
                }
                State::InReview(found) => {
                    self.forget_others(&stacks, &found, "").await?;
                    if !stacks.change_sets(&found.id).await?.is_empty() {
                        return Err(Halt::Stopped(format!(
                            "the stack `{name}` is in review with a change set of somebody else: it is left as it is"
                        )));
                    }
                    break found;
                }
                State::Settled(found) | State::Dead(found) | State::Stuck(found) => {
                    if layout(&stacks.template(&found.id).await?).is_none() {
                        return Err(Halt::Stopped(format!(
                            "the stack `{name}` was not made from a template of lakelink: it is left as it is"
                        )));
                    }
                    break found;
                }
            }
        };
        // Deployers may delete a stack as its role only, and one in review may not show its role.
        let role = match &found.role {
            _ if target.stack.is_roles() => None,
            None if found.status == "REVIEW_IN_PROGRESS" => Some(self.execution_role(target.stack.side())),
            role => role.clone(),
        };
        let begun = async {
            // Whoever protected another stack of ours had a reason: CloudFormation says so.
            if found.is_protected && target.stack == Stack::Lake {
                stacks.protect(&found.id, false).await?;
            }
            self.tell("stack", target, "deleting", "");
            stacks.delete(&found.id, role.as_deref(), &token("delete", &found)).await
        };
        if let Err(error) = begun.await {
            // Another run may have been faster.
            match State::of(stacks.find(&found.id).await?) {
                State::Absent => return Ok(self.gone(target, &stacks, &found).await),
                State::Busy(busy) if busy.status == "DELETE_IN_PROGRESS" => {}
                _ => return Err(error.into()),
            }
        }
        let Some(left) = self.settled(&stacks, &found.id).await? else {
            return Ok(self.gone(target, &stacks, &found).await);
        };
        let failures = stacks.failures(&left.id).await?;
        Err(Halt::Failed(explained(&format!("it ended in {}", left.status), &failures)))
    }

    /// Says that a stack is gone, and what of it stays.
    async fn gone(&self, target: Target, stacks: &Stacks, found: &Found) -> Outcome {
        self.tell("stack", target, "deleted", "");
        match stacks.left(&found.id).await {
            Ok(left) => {
                // That entry is taken out by itself, before its role goes.
                let left = left.iter().filter(|(kind, _)| kind != "AWS::LakeFormation::DataLakeSettings");
                left.for_each(|(kind, id)| self.tell("kept", target, "stays", format!("{kind}  {id}")));
            }
            Err(error) => self.tell("kept", target, "stays", format!("what stays cannot be told: {error}")),
        }
        Outcome::Changed
    }

    /// Takes the service role of an account out of the Lake Formation administrators of every Region, for a deleted role
    /// on that list stops everybody's later changes.
    async fn leave_administrators(&self, roles: Target) -> Result<(), Halt> {
        let side = roles.stack.side();
        if let ExecutionRole::Given(role) = &self.integration.deployment(side).execution {
            let reason = format!(
                "`{role}` stays a Lake Formation administrator: it is yours; `aws lakeformation put-data-lake-settings` takes it out"
            );
            self.tell("administrator", roles, "kept", reason);
            return Ok(());
        }
        let role = self.execution_role(side);
        for region in self.integration.regions.lake() {
            self.leave_administrators_of(Target { region, ..roles }, &role).await?;
        }
        Ok(())
    }

    /// Where another execution role has taken over, our service role leaves the administrators before it goes.
    pub(crate) async fn hand_over(&self, roles: Target) -> Result<(), Halt> {
        let side = roles.stack.side();
        if self.integration.deployment(side).execution == ExecutionRole::Service {
            return Ok(());
        }
        let role = self.service_role(side);
        for region in self.integration.regions.lake() {
            self.leave_administrators_of(Target { region, ..roles }, &role).await?;
        }
        Ok(())
    }

    async fn leave_administrators_of(&self, at: Target, role: &str) -> Result<(), Halt> {
        let administrators = self.access(at.stack.side())?.administrators(at.region);
        let mut was_there = false;
        for asked in 0.. {
            if !administrators.list().await?.iter().any(|one| one == role) {
                break;
            }
            // The list has no lock: what somebody else wrote between reading and writing may have put it back.
            was_there |= administrators.take_out(role).await?;
            self.pause(asked).await?;
        }
        if was_there {
            self.tell("administrator", at, "left", role);
        }
        Ok(())
    }
}

/// What the removal of a stack keeps, in words.
pub(crate) fn kept(integration: &Integration, target: Target) -> Vec<String> {
    let detective = &integration.detective;
    let mut kept = Vec::new();
    if target.stack == Stack::LakeCollection {
        kept.push("log sources, which stay on".to_owned());
    }
    if target.stack == Stack::Detective && matches!(detective.bucket, ResultsBucket::Ours { .. }) {
        kept.push(format!("bucket `{}`", integration.results_bucket(target.region)));
    }
    if target.stack == Stack::Detective && detective.encryption == Encryption::OwnKey {
        kept.push(format!("key `{}`", integration.key_alias()));
    }
    kept
}
