//! Brings one stack to what it must be.

use crate::aws::{AwsError, Failure, Found, Stacks};
use crate::deploy::changes::{Difference, Filled};
use crate::deploy::diff::layout;
use crate::deploy::words::{PREFIX, explained, token};
use crate::deploy::work::Wanted;
use crate::deploy::{Halt, Outcome, State, Target, Work};
use crate::model::{ExecutionRole, Side, Stack};
use crate::template::LAYOUT;

/// How often a new role is tried before it counts as refused.
const ROLE_TRIES: u32 = 40;

/// How often a new stack is made again because its new role was not known to Lake Formation.
const NEW_ROLE_STACKS: u32 = 3;

impl Work {
    /// Brings a stack to what it must be; does nothing if it is that. Can be called again at any time: it goes on from
    /// what it finds.
    pub(crate) async fn bring(&self, target: Target, wanted: &Wanted) -> Result<(Outcome, Found), Halt> {
        let stacks = self.stacks(target)?;
        let name = self.name(target);
        let mut outcome = Outcome::InStep;
        let (mut recreated, mut tries, mut remade) = (false, 0, 0);
        loop {
            let found = match State::of(stacks.find(&name).await?) {
                State::Busy(found) => {
                    self.tell(
                        "stack",
                        target,
                        "waiting",
                        format!("{}: another operation goes on", found.status),
                    );
                    self.settled(&stacks, &found.id).await?;
                    continue;
                }
                State::Dead(found) if self.options.recreate.contains(&target.stack) && !recreated => {
                    recreated = true;
                    self.check_owner(target, &stacks, &found).await?;
                    self.tell("stack", target, "deleting", format!("it was {}", found.status));
                    self.delete(&stacks, &found).await?;
                    continue;
                }
                State::Dead(found)
                    if remade < NEW_ROLE_STACKS
                        && self.failed_for_new_role(target, &stacks, &found).await? =>
                {
                    remade += 1;
                    let reason = "Lake Formation does not know the new role yet: the stack is made once more";
                    self.tell("stack", target, "waiting", reason);
                    self.delete(&stacks, &found).await?;
                    self.pause(remade).await?;
                    continue;
                }
                State::Dead(found) => return Err(self.dead(target, &stacks, &found).await),
                State::Stuck(found) => return Err(self.stuck(target, &stacks, &found).await),
                State::Absent => None,
                // Another run may be about to execute its change set; executing one removes the others.
                State::InReview(found) => Some(found),
                State::Settled(found) => {
                    self.check_owner(target, &stacks, &found).await?;
                    if self.is_in_step(target, &stacks, &found, wanted).await? {
                        self.forget_others(&stacks, &found, "").await?;
                        self.protect(target, &stacks, &found).await?;
                        return Ok((outcome, found));
                    }
                    Some(found)
                }
            };
            match self.change(target, &stacks, found.as_ref(), wanted).await {
                // Imported only: the rest comes with an update.
                Ok(Some(found)) if found.status == "IMPORT_COMPLETE" => outcome = Outcome::Changed,
                Ok(Some(after)) => {
                    // CloudFormation may find nothing to change after all.
                    if found.as_ref().is_none_or(|before| before.changed != after.changed) {
                        outcome = Outcome::Changed;
                    }
                    self.protect(target, &stacks, &after).await?;
                    return Ok((outcome, after));
                }
                // Somebody was faster, or an earlier run has begun it: look again.
                Ok(None) => {}
                Err(Halt::Aws(error)) if error.is_unusable_role() => {
                    if !self.makes_role(target) || tries >= ROLE_TRIES {
                        return Err(Halt::Failed(format!(
                            "{error}\nCloudFormation acts as this role here, and it is not there, or CloudFormation may not assume it; \
                             `lakelink deploy --only roles` makes ours"
                        )));
                    }
                    if tries == 0 {
                        self.tell("stack", target, "waiting", "the role is new and not known everywhere yet");
                    }
                    tries += 1;
                }
                // What the stack is like now tells whether that was for good.
                Err(Halt::Failed(reason)) => match State::of(stacks.find(&name).await?) {
                    State::Dead(dead)
                        if remade < NEW_ROLE_STACKS
                            && self.failed_for_new_role(target, &stacks, &dead).await.unwrap_or(false) => {}
                    _ => return Err(Halt::Failed(reason)),
                },
                Err(halt) => return Err(halt),
            }
            self.pause(tries).await?;
        }
    }

    /// Whether this run makes the role that a stack is changed as, so that it may be new.
    fn makes_role(&self, target: Target) -> bool {
        let side = target.stack.side();
        let stack = if side == Side::Lake { Stack::LakeRoles } else { Stack::DetectiveRoles };
        let home = self.integration.regions.home();
        self.integration.deployment(side).execution == ExecutionRole::Service
            && self.options.choice.has(&self.integration, Target { stack, region: home })
    }

    /// Whether a stack could not be created for nothing but a role of this run that Lake Formation did not know.
    async fn failed_for_new_role(
        &self,
        target: Target,
        stacks: &Stacks,
        found: &Found,
    ) -> Result<bool, Halt> {
        if found.status != "ROLLBACK_COMPLETE" || !self.makes_role(target) {
            return Ok(false);
        }
        let role = self.service_role(target.stack.side());
        let failures = stacks.failures(&found.id).await?;
        let is_new_role = |one: &Failure| {
            one.kind.starts_with("AWS::LakeFormation::")
                && one.reason.contains("Invalid principal")
                && one.reason.contains(&role)
        };
        Ok(!failures.is_empty() && failures.iter().all(is_new_role))
    }

    /// Waits until nothing goes on in a stack any more; `None` if it is gone.
    pub(crate) async fn settled(&self, stacks: &Stacks, id: &str) -> Result<Option<Found>, Halt> {
        for asked in 0.. {
            match State::of(stacks.find(id).await?) {
                State::Busy(_) => self.pause(asked).await?,
                state => return Ok(state.found().cloned()),
            }
        }
        Ok(None)
    }

    /// Whether a stack is what it must be, as it was deployed.
    pub(crate) async fn is_in_step(
        &self,
        target: Target,
        stacks: &Stacks,
        found: &Found,
        wanted: &Wanted,
    ) -> Result<bool, AwsError> {
        if found.tags != self.integration.tags || found.role != wanted.role {
            return Ok(false);
        }
        let (deployed, region) = (stacks.template(&found.id).await?, target.region.as_str());
        let before = Filled { body: &deployed, parameters: &found.parameters, region };
        let after = Filled { body: &wanted.body, parameters: &wanted.parameters, region };
        Ok(Difference::between(target.stack, before, after).is_none())
    }

    /// Refuses a stack of somebody else, and one of another layout.
    async fn check_owner(&self, target: Target, stacks: &Stacks, found: &Found) -> Result<(), Halt> {
        let name = &found.name;
        match layout(&stacks.template(&found.id).await?) {
            None => Err(Halt::Stopped(format!(
                "the stack `{name}` is there and was not made from a template of lakelink; delete it or choose another `name` in the spec"
            ))),
            Some(layout) if layout > u64::from(LAYOUT) => Err(Halt::Stopped(format!(
                "the stack `{name}` has layout {layout} and this lakelink knows {LAYOUT}: use a newer lakelink"
            ))),
            Some(layout) if layout < u64::from(LAYOUT) && !self.options.upgrade => Err(Halt::Stopped(format!(
                "the stack `{name}` has layout {layout}, this lakelink makes {LAYOUT}: read the changelog, then run again with --upgrade"
            ))),
            Some(_) => Ok(()),
        }
        .inspect_err(|_| self.tell("stack", target, "stopped", ""))
    }

    /// The lake stack gets termination protection: its deletion cuts Detective off.
    async fn protect(&self, target: Target, stacks: &Stacks, found: &Found) -> Result<(), Halt> {
        if target.stack == Stack::Lake && !found.is_protected {
            stacks.protect(&found.id, true).await?;
        }
        Ok(())
    }

    /// Deletes a dead stack and waits for its end.
    async fn delete(&self, stacks: &Stacks, found: &Found) -> Result<(), Halt> {
        let token = token("delete", found);
        stacks.delete(&found.id, found.role.as_deref(), &token).await?;
        match self.settled(stacks, &found.id).await? {
            Some(left) => {
                let failures = stacks.failures(&left.id).await?;
                Err(Halt::Failed(explained(&format!("it cannot be deleted: {}", left.status), &failures)))
            }
            None => Ok(()),
        }
    }

    /// Removes change sets of ours that nobody will execute, but for the one of this name.
    pub(crate) async fn forget_others(&self, stacks: &Stacks, found: &Found, keep: &str) -> Result<(), Halt> {
        for name in stacks.change_sets(&found.id).await? {
            if name.starts_with(PREFIX) && name != keep {
                stacks.forget(&found.id, &name).await?;
            }
        }
        Ok(())
    }

    async fn dead(&self, target: Target, stacks: &Stacks, found: &Found) -> Halt {
        let failures = stacks.failures(&found.id).await.unwrap_or_default();
        let mut reason =
            explained(&format!("the stack is {}: it can only be deleted", found.status), &failures);
        let stem = target.stack.stem();
        reason.push_str(&format!("\nmend the cause, then run again with --recreate-failed {stem}"));
        Halt::Stopped(reason)
    }

    async fn stuck(&self, target: Target, stacks: &Stacks, found: &Found) -> Halt {
        let failures = stacks.failures(&found.id).await.unwrap_or_default();
        let mut reason = explained(&format!("the stack is {}: its rollback failed", found.status), &failures);
        let role = found.role.as_deref().map(|role| format!(" --role-arn {role}")).unwrap_or_default();
        reason.push_str(&format!(
            "\nmend the cause, then `aws cloudformation continue-update-rollback --stack-name {} --region {}{role}`, and run again",
            found.name, target.region
        ));
        Halt::Stopped(reason)
    }
}
