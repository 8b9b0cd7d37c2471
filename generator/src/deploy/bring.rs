//! Brings one stack to what it must be.

use std::collections::BTreeMap;

use crate::aws::{Action, AwsError, Change, ChangeSet, Found, Replacement, Request, SetState, Stacks, fresh};
use crate::deploy::diff::{is_same, layout};
use crate::deploy::words::{PREFIX, change_set_name, explained, in_words, token};
use crate::deploy::work::Wanted;
use crate::deploy::{Halt, Outcome, State, Target, Work};
use crate::model::{Side, Stack};
use crate::template::LAYOUT;

/// Types that people and data depend on: they go, or are made anew, only if a person says so.
const GUARDED: [&str; 5] = [
    "AWS::KMS::Key",
    "AWS::LakeFormation::DataLakeSettings",
    "AWS::S3::Bucket",
    "AWS::SecurityLake::AwsLogSource",
    "AWS::SecurityLake::Subscriber",
];

/// How often a new role is tried before it counts as refused.
const ROLE_TRIES: u32 = 40;

impl Work {
    /// Brings a stack to what it must be; does nothing if it is that. Can be called again at any time: it goes on from
    /// what it finds.
    pub(crate) async fn bring(&self, target: Target, wanted: &Wanted) -> Result<(Outcome, Found), Halt> {
        let stacks = self.stacks(target)?;
        let name = self.name(target);
        let mut outcome = Outcome::InStep;
        let (mut recreated, mut tries) = (false, 0);
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
                State::Dead(found) => return Err(self.dead(target, &stacks, &found).await),
                State::Stuck(found) => return Err(self.stuck(target, &stacks, &found).await),
                State::Absent => None,
                State::InReview(found) => {
                    self.forget_others(&stacks, &found, &change_set_name(wanted, self, Some(&found))).await?;
                    Some(found)
                }
                State::Settled(found) => {
                    self.check_owner(target, &stacks, &found).await?;
                    if self.is_in_step(&stacks, &found, wanted).await? {
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
                    let side = target.stack.side();
                    let roles = if side == Side::Lake { Stack::LakeRoles } else { Stack::DetectiveRoles };
                    let home = self.integration.regions.home();
                    let makes_it = self.options.choice.has(Target { stack: roles, region: home });
                    if !makes_it || tries >= ROLE_TRIES {
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
                Err(halt) => return Err(halt),
            }
            self.pause(tries).await?;
        }
    }

    /// One change of a stack. `None` if it must be looked at again.
    async fn change(
        &self,
        target: Target,
        stacks: &Stacks,
        found: Option<&Found>,
        wanted: &Wanted,
    ) -> Result<Option<Found>, Halt> {
        let is_new = found.is_none_or(|found| found.status == "REVIEW_IN_PROGRESS");
        let stack = self.name(target);
        let kept = if is_new { self.kept_from_before(target).await? } else { Vec::new() };
        // What is there may have been made a moment ago, by another run that works on the stack.
        if !kept.is_empty()
            && matches!(State::of(stacks.find(&stack).await?), State::Busy(_) | State::Settled(_))
        {
            return Ok(None);
        }
        let ids = kept.iter().map(|one| one.id).collect::<Vec<_>>();
        let import;
        let wanted = if kept.is_empty() {
            wanted
        } else {
            import =
                Wanted { body: self.only(target.stack, &ids), parameters: BTreeMap::new(), ..wanted.clone() };
            &import
        };
        let name = change_set_name(wanted, self, found);
        let imports = kept.iter().map(|one| (one.id, one.kind, (one.name.0, one.name.1.as_str())));
        let imports = imports.collect::<Vec<_>>();
        let mut request =
            Request { imports: &imports, ..self.request(target, wanted, &stack, &name, is_new) };
        let none = BTreeMap::new();
        if !imports.is_empty() {
            // An import may set no tags; the update after it does.
            request.tags = &none;
        }
        let is_from_before = stacks.ask(&request).await?.is_none();
        let Some(set) = self.worked_out(stacks, &stack, &name).await? else { return Ok(None) };
        match &set.state {
            SetState::Executed => return self.wait_for_end(target, stacks, &set, is_new).await,
            SetState::Empty => {
                stacks.forget(&stack, &name).await?;
                return match found {
                    // Nothing that CloudFormation counts as a change; comments, say.
                    Some(found) if !is_new => Ok(Some(found.clone())),
                    _ => Ok(None),
                };
            }
            // Its reason may be mended by now.
            SetState::Failed(_) if is_from_before => {
                stacks.forget(&stack, &name).await?;
                return Ok(None);
            }
            SetState::Failed(reason) => {
                let refusals = stacks.refusals(&set).await;
                self.clear(stacks, &set, &request).await?;
                if reason.contains("came first") {
                    return Ok(None);
                }
                return Err(Halt::Failed(explained(reason, &refusals)));
            }
            SetState::Ready | SetState::Pending => {}
        }
        let blocked =
            set.changes.iter().filter_map(|change| self.blocked(target, change)).collect::<Vec<_>>();
        if !blocked.is_empty() {
            self.clear(stacks, &set, &request).await?;
            return Err(Halt::Stopped(blocked.join("\n")));
        }
        let word = if is_new { "creating" } else { "updating" };
        self.tell("stack", target, word, in_words(&set.changes));
        match stacks.execute(&set, &name).await {
            // The reply of an earlier try was lost, or another change came first: what is there will tell.
            Err(error) if error.code.starts_with("InvalidChangeSetStatus") => {
                let again = stacks.change_set(&set.stack, &set.id).await?;
                if again.is_none_or(|set| set.state != SetState::Executed) {
                    return Ok(None);
                }
            }
            executed => executed?,
        }
        let ended = self.wait_for_end(target, stacks, &set, is_new).await?;
        // What is seen may be the stack as it was before: then it is looked at again.
        let is_old = |after: &Found| found.is_some_and(|before| !is_new && before.changed == after.changed);
        Ok(ended.filter(|after| !is_old(after)))
    }

    /// The change set that brings a stack to what it must be.
    pub(crate) fn request<'a>(
        &'a self,
        target: Target,
        wanted: &'a Wanted,
        stack: &'a str,
        name: &'a str,
        is_new: bool,
    ) -> Request<'a> {
        Request {
            stack,
            name,
            is_new,
            body: &wanted.body,
            parameters: &wanted.parameters,
            tags: &self.integration.tags,
            names_iam: target.stack.is_roles(),
            imports: &[],
            role: wanted.role.as_deref(),
            takes_over: is_new && target.stack == Stack::LakeCollection,
        }
    }

    /// Waits until CloudFormation has worked a change set out; `None` if it is gone.
    pub(crate) async fn worked_out(
        &self,
        stacks: &Stacks,
        stack: &str,
        name: &str,
    ) -> Result<Option<ChangeSet>, Halt> {
        for asked in 0.. {
            match stacks.change_set(stack, name).await? {
                Some(set) if set.state == SetState::Pending => self.pause(asked).await?,
                set => return Ok(set),
            }
        }
        Ok(None)
    }

    /// Removes a change set, and the empty stack that was made for it. That goes as its role too: deployers may delete
    /// no stack otherwise.
    pub(crate) async fn clear(
        &self,
        stacks: &Stacks,
        set: &ChangeSet,
        request: &Request<'_>,
    ) -> Result<(), Halt> {
        stacks.forget(&set.stack, &set.id).await?;
        // Somebody else may have a change set there that waits for a yes.
        let is_empty = request.is_new && stacks.change_sets(&set.stack).await?.is_empty();
        if is_empty
            && stacks.find(&set.stack).await?.is_some_and(|found| found.status == "REVIEW_IN_PROGRESS")
        {
            stacks.delete(&set.stack, request.role, &fresh(request.name)).await?;
        }
        Ok(())
    }

    async fn wait_for_end(
        &self,
        target: Target,
        stacks: &Stacks,
        set: &ChangeSet,
        is_new: bool,
    ) -> Result<Option<Found>, Halt> {
        let Some(found) = self.settled(stacks, &set.stack).await? else {
            return Err(Halt::Failed("the stack was deleted while it was changed".into()));
        };
        match found.status.as_str() {
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => Ok(Some(found)),
            // The change set was not executed after all.
            "REVIEW_IN_PROGRESS" => Ok(None),
            status => {
                let failures = stacks.failures(&found.id).await?;
                let mut reason = explained(&format!("it ended in {status}"), &failures);
                if is_new {
                    reason.push_str(&format!(
                        "\nmend the cause, then run again with --recreate-failed {}: nothing in it was kept but what holds data",
                        target.stack.stem()
                    ));
                }
                Err(Halt::Failed(reason))
            }
        }
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
        stacks: &Stacks,
        found: &Found,
        wanted: &Wanted,
    ) -> Result<bool, AwsError> {
        Ok(found.parameters == wanted.parameters
            && found.tags == self.integration.tags
            && found.role == wanted.role
            && is_same(&stacks.template(&found.id).await?, &wanted.body))
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

    /// Why a change needs a person; `None` if it does not.
    pub(crate) fn blocked(&self, target: Target, change: &Change) -> Option<String> {
        if !GUARDED.contains(&change.kind.as_str()) {
            return None;
        }
        let at = format!("{}/{}", target.stack.stem(), change.id);
        match (change.action, change.replacement) {
            (Action::Remove, _) if !self.options.remove.contains(&at) => {
                Some(format!("`{at}` ({}) would be removed; --allow-remove {at} allows it", change.kind))
            }
            (Action::Modify, Replacement::Yes | Replacement::Perhaps)
                if !self.options.replace.contains(&at) =>
            {
                Some(format!("`{at}` ({}) would be made anew; --allow-replace {at} allows it", change.kind))
            }
            _ => None,
        }
    }
}
