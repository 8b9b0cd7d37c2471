//! One change set of a stack, from the question to the end of its execution.

use std::collections::BTreeMap;

use crate::aws::{Action, Change, ChangeSet, Found, Import, Replacement, Request, SetState, Stacks, fresh};
use crate::deploy::words::{change_set_name, explained, in_words};
use crate::deploy::work::Wanted;
use crate::deploy::{Halt, State, Target, Work};
use crate::model::Stack;

/// Types that people and data depend on: they go, or are made anew, only if a person says so.
pub(super) const GUARDED: [&str; 5] = [
    "AWS::KMS::Key",
    "AWS::LakeFormation::DataLakeSettings",
    "AWS::S3::Bucket",
    "AWS::SecurityLake::AwsLogSource",
    "AWS::SecurityLake::Subscriber",
];

impl Work {
    /// One change of a stack. `None` if it must be looked at again.
    pub(crate) async fn change(
        &self,
        target: Target,
        stacks: &Stacks,
        found: Option<&Found>,
        wanted: &Wanted,
    ) -> Result<Option<Found>, Halt> {
        let is_new = found.is_none_or(|found| found.status == "REVIEW_IN_PROGRESS");
        let stack = self.name(target);
        let kept = self.kept_from_before(target, stacks, found.filter(|_| !is_new)).await;
        // What is there may have been made a moment ago, by another run that works on the stack.
        if is_new
            && !matches!(&kept, Ok(kept) if kept.is_empty())
            && matches!(State::of(stacks.find(&stack).await?), State::Busy(_) | State::Settled(_))
        {
            return Ok(None);
        }
        let kept = kept?;
        let import = (!kept.is_empty()).then(|| self.import(target, &kept, wanted));
        let wanted = import.as_ref().unwrap_or(wanted);
        let name = change_set_name(wanted, self, found);
        let mut request = Request { imports: &kept, ..self.request(target, wanted, &stack, &name, is_new) };
        let none = BTreeMap::new();
        if import.is_some() {
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
                self.clear(stacks, &request).await?;
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
            self.clear(stacks, &request).await?;
            return Err(Halt::Stopped(blocked.join("\n")));
        }
        if !self.agrees(target, &set.changes).await {
            self.clear(stacks, &request).await?;
            return Err(Halt::Stopped(
                "nobody said yes to what was known only now; run again to be asked again".into(),
            ));
        }
        let word = if is_new { "creating" } else { "updating" };
        self.tell("stack", target, word, in_words(&set.changes));
        match stacks.execute(&set, &name).await {
            // The reply of an earlier try was lost, another change came first, or it was taken away: what is there will tell.
            Err(error) if error.code.starts_with("InvalidChangeSetStatus") || error.is_gone() => {
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

    /// What a stack is first if these are to become its own: an import brings nothing else.
    fn import(&self, target: Target, kept: &[Import], wanted: &Wanted) -> Wanted {
        let ids = kept.iter().map(|one| one.id).collect::<Vec<_>>();
        Wanted { body: self.only(target.stack, &ids), parameters: BTreeMap::new(), role: wanted.role.clone() }
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
            takes_over: target.stack == Stack::LakeCollection,
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
    pub(crate) async fn clear(&self, stacks: &Stacks, request: &Request<'_>) -> Result<(), Halt> {
        stacks.forget(request.stack, request.name).await?;
        // Somebody else may have a change set there that waits for a yes.
        if !request.is_new || !stacks.change_sets(request.stack).await?.is_empty() {
            return Ok(());
        }
        let found = stacks.find(request.stack).await?;
        if let Some(found) = found.filter(|found| found.status == "REVIEW_IN_PROGRESS") {
            stacks.delete(&found.id, request.role, &fresh(request.name)).await?;
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
