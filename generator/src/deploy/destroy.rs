//! The way back: what was made last goes first, and what holds data stays.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::deploy::diff::layout;
use crate::deploy::rollout::{Results, joined};
use crate::deploy::words::{explained, token};
use crate::deploy::{Halt, Outcome, State, Target, Work};
use crate::model::{Encryption, ExecutionRole, ResultsBucket, Stack};
use crate::vocab::Region;

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
            match &removed {
                Ok(Outcome::Changed) => work.tell("stack", target, "deleted", ""),
                Ok(Outcome::InStep) => work.tell("stack", target, "absent", ""),
                Err(_) => {}
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
                if self.stacks(target)?.find(&self.name(target)).await?.is_some() {
                    let name = self.name(target);
                    return Ok(Some(format!(
                        "`{name}` in {region} is still there and needs its role: remove that first"
                    )));
                }
            }
        }
        Ok(None)
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
                        return Ok(Outcome::Changed);
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
                State::Absent => return Ok(Outcome::Changed),
                State::Busy(busy) if busy.status == "DELETE_IN_PROGRESS" => {}
                _ => return Err(error.into()),
            }
        }
        let Some(left) = self.settled(&stacks, &found.id).await? else { return Ok(Outcome::Changed) };
        let failures = stacks.failures(&left.id).await?;
        Err(Halt::Failed(explained(&format!("it ended in {}", left.status), &failures)))
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

    /// What a removal keeps, in words, for one Region.
    pub(crate) fn kept(&self, region: Region) -> Vec<String> {
        let integration = &self.integration;
        let mut kept = Vec::new();
        if matches!(integration.detective.bucket, ResultsBucket::Ours { .. }) {
            kept.push(format!("bucket `{}`", integration.results_bucket(region)));
        }
        if integration.detective.encryption == Encryption::OwnKey {
            kept.push(format!("key `{}`", integration.key_alias()));
        }
        if integration.has(Stack::LakeCollection) {
            kept.push("the log sources, which stay on".to_owned());
        }
        kept
    }
}
