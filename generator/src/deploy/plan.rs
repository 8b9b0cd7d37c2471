//! What a deployment would do, worked out by CloudFormation itself where it can be known, with nothing left behind.

use std::sync::Arc;

use crate::aws::{Change, Import, SetState};
use crate::deploy::words::{change_set_name, explained};
use crate::deploy::{Halt, State, Survey, Target, Work, survey};
use crate::model::{ExecutionRole, Share, Side, Stack};

/// What would become of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing.
    InStep,
    /// This.
    Changes(Vec<Change>),
    /// These are there and become the stack's; what is made beside them is known only then.
    TakesOver(Vec<Import>),
    /// It cannot be known before something else is there.
    Later(&'static str),
    /// A person must look first.
    Stop(String),
}

/// A plan of every stack that a run is about, in the order in which they are deployed.
pub(crate) async fn plan(work: &Arc<Work>) -> Result<Vec<(Survey, Plan)>, Halt> {
    let mut plans: Vec<(Survey, Plan)> = Vec::new();
    for survey in survey(work).await? {
        let plan = one(work, &survey, &plans).await?;
        plans.push((survey, plan));
    }
    Ok(plans)
}

async fn one(work: &Work, survey: &Survey, before: &[(Survey, Plan)]) -> Result<Plan, Halt> {
    let target = survey.target;
    match &survey.state {
        State::Busy(found) => return Ok(Plan::Stop(format!("{}: another operation goes on", found.status))),
        State::Dead(found) => {
            let stem = target.stack.stem();
            return Ok(Plan::Stop(format!("it is {}: deploy with --recreate-failed {stem}", found.status)));
        }
        State::Stuck(found) => {
            return Ok(Plan::Stop(format!("it is {}: continue its rollback first", found.status)));
        }
        State::Settled(_) if survey.layout.is_none() => {
            return Ok(Plan::Stop("a stack of this name is there and is not lakelink's".to_owned()));
        }
        State::Settled(_) | State::Absent | State::InReview(_) => {}
    }
    if let Some(why) = &survey.stop {
        return Ok(Plan::Stop(why.clone()));
    }
    if target.stack == Stack::Detective
        && let Err(Halt::Stopped(why)) = work.share(target.region).await
    {
        return Ok(Plan::Stop(why));
    }
    if survey.in_step == Some(true) {
        return Ok(Plan::InStep);
    }
    if let Some(why) = later(work, target, before).await? {
        return Ok(Plan::Later(why));
    }
    changes(work, survey).await
}

/// What must be there before a plan of this stack can be made.
async fn later(work: &Work, target: Target, before: &[(Survey, Plan)]) -> Result<Option<&'static str>, Halt> {
    let side = target.stack.side();
    let is_ours = work.integration.deployment(side).execution == ExecutionRole::Service;
    let is_roles = |target: Target| target.stack.side() == side && target.stack.is_roles();
    if before.iter().any(|(survey, _)| is_roles(survey.target) && survey.stop.is_some()) {
        return Ok(Some("decided when the roles stack is not stopped any more"));
    }
    if !target.stack.is_roles() && is_ours && !is_there(side, before) {
        return Ok(Some("decided after the roles stack: it makes the role that this stack is changed as"));
    }
    let region = work.lake_region(target);
    let lake = Target { stack: Stack::Lake, region };
    let makes_share = before.iter().any(|(survey, _)| survey.target == lake && survey.makes_share);
    Ok(match work.integration.handoff.share {
        Share::Pinned(_) if makes_share && side == Side::Detective && !target.stack.is_roles() => {
            Some("decided after the lake stack: it makes a share, whose ARN must be pinned then")
        }
        Share::Parameter if work.asks_for_share(target.stack) => {
            let is_known = work.share_for(target, region).await.is_ok_and(|share| share.is_some());
            (makes_share || !is_known).then_some("decided after the lake stack: it makes the share")
        }
        _ => None,
    })
}

/// Whether the roles stack of an account is there. Where it is not part of the run it is somebody else's matter:
/// CloudFormation refuses the role if it is not.
fn is_there(side: Side, before: &[(Survey, Plan)]) -> bool {
    let stack = if side == Side::Lake { Stack::LakeRoles } else { Stack::DetectiveRoles };
    let roles = before.iter().find(|(survey, _)| survey.target.stack == stack);
    roles.is_none_or(|(survey, _)| matches!(survey.state, State::Settled(_)))
}

/// Asks CloudFormation, by a change set that is removed again.
async fn changes(work: &Work, survey: &Survey) -> Result<Plan, Halt> {
    let target = survey.target;
    let stacks = work.stacks(target)?;
    let share = if target.stack.side() == Side::Detective {
        work.share_for(target, work.lake_region(target)).await?
    } else {
        None
    };
    let wanted = work.wanted(target, share.as_deref());
    let (stack, found) = (work.name(target), survey.state.found());
    let is_new = !matches!(survey.state, State::Settled(_));
    match work.kept_from_before(target, &stacks, found.filter(|_| !is_new)).await {
        Ok(kept) if kept.is_empty() => {}
        Ok(kept) => return Ok(Plan::TakesOver(kept)),
        Err(Halt::Stopped(why)) => return Ok(Plan::Stop(why)),
        Err(halt) => return Err(halt),
    }
    let name = change_set_name(&wanted, work, found);
    let request = work.request(target, &wanted, &stack, &name, is_new);
    let set = loop {
        let is_from_before = stacks.ask(&request).await?.is_none();
        match work.worked_out(&stacks, &stack, &name).await {
            Ok(None) => {
                return Ok(Plan::Stop("somebody else works on this stack: plan again".to_owned()));
            }
            // Its reason may be mended by now.
            Ok(Some(set)) if is_from_before && matches!(set.state, SetState::Failed(_)) => {
                stacks.forget(&stack, &name).await?;
            }
            Ok(Some(set)) => break set,
            Err(halt) => {
                // Why the plan failed matters more than why it could not tidy up.
                let _ = work.clear(&stacks, &request).await;
                return Err(halt);
            }
        }
    };
    let refusals =
        if matches!(set.state, SetState::Failed(_)) { stacks.refusals(&set).await } else { Vec::new() };
    work.clear(&stacks, &request).await?;
    let blocked = set.changes.iter().filter_map(|change| work.blocked(target, change)).collect::<Vec<_>>();
    Ok(match set.state {
        SetState::Empty => Plan::InStep,
        SetState::Failed(reason) => Plan::Stop(explained(&reason, &refusals)),
        _ if !blocked.is_empty() => Plan::Stop(blocked.join("\n")),
        _ => Plan::Changes(set.changes),
    })
}
