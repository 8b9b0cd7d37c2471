//! The order of a whole deployment: roles, then in each Region the lake account before the Detective account.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::aws::Who;
use crate::deploy::changes::Filled;
use crate::deploy::diff::resources;
use crate::deploy::rights::{RolesOrder, regions as regions_of_role, takes_away};
use crate::deploy::{Difference, Halt, Outcome, State, Target, Work};
use crate::model::{Share, Side, Stack};
use crate::vocab::{Acceptance, Region};

/// Regions that are worked on at once. CloudFormation throttles who asks for much at a time (aws-cli#2948, awscfncli#68).
const REGIONS_AT_ONCE: usize = 8;

/// What became of the stacks of a run. Those that were not reached are not in it.
pub(crate) type Results = Vec<(Target, Result<Outcome, Halt>)>;

/// Brings every chosen stack of an integration to what it must be.
pub(crate) async fn deploy(work: &Arc<Work>) -> Results {
    let mut results = Vec::new();
    let roles = work.targets().into_iter().filter(|target| target.stack.is_roles()).collect::<Vec<_>>();
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for target in roles {
        match order_of(work, target).await {
            Ok(RolesOrder::Last) => last.push(target),
            Ok(_) => first.push(target),
            Err(halt) => results.push((target, Err(halt))),
        }
    }
    // What cannot be done in one go is not begun.
    if results.is_empty() {
        results = side_by_side(work, first).await;
    }
    let is_stopped = results.iter().any(|(_, result)| result.is_err());
    let regions = if is_stopped { Vec::new() } else { regions(work) };
    let mut set = JoinSet::new();
    let (permits, ended) = (Arc::new(Semaphore::new(REGIONS_AT_ONCE)), Arc::new(AtomicBool::new(false)));
    for region in regions {
        let (work, permits, ended) = (Arc::clone(work), Arc::clone(&permits), Arc::clone(&ended));
        set.spawn(async move {
            let _permit = permits.acquire_owned().await;
            in_region(&work, region, &ended).await
        });
    }
    while let Some(done) = set.join_next().await {
        results.extend(joined(done));
    }
    if results.iter().all(|(_, result)| result.is_ok()) {
        let mut ready = Vec::new();
        for target in last {
            match waits_for(work, target).await {
                // Another run brings the other Regions.
                Ok(Some(why)) if has_regional(work, target.stack.side()) => {
                    work.tell("stack", target, "skipped", why);
                    continue;
                }
                Ok(Some(why)) => results.push((target, Err(Halt::Stopped(why)))),
                Ok(None) => match work.hand_over(target).await {
                    Ok(()) => ready.push(target),
                    Err(halt) => results.push((target, Err(halt))),
                },
                Err(halt) => results.push((target, Err(halt))),
            }
        }
        results.extend(side_by_side(work, ready).await);
    }
    for (target, result) in &results {
        if let Err(halt) = result {
            work.tell("stack", *target, halt.word(), halt.reason());
        }
    }
    results
}

/// What a task gave. A panic in it is one here.
pub(crate) fn joined<T>(done: Result<T, tokio::task::JoinError>) -> T {
    done.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

/// Lake Regions that the run is about.
fn regions(work: &Work) -> Vec<Region> {
    let chosen = work.targets();
    let wants = |region: &Region| {
        chosen.iter().any(|target| !target.stack.is_roles() && work.lake_region(*target) == *region)
    };
    work.integration.regions.lake().into_iter().filter(wants).collect()
}

fn has_regional(work: &Work, side: Side) -> bool {
    work.targets().iter().any(|target| target.stack.side() == side && !target.stack.is_roles())
}

/// Why a roles stack that only loses rights must wait: a Regional stack that this run leaves out may need them to get in
/// step. Asked as whoever may change the roles.
async fn waits_for(work: &Work, roles: Target) -> Result<Option<String>, Halt> {
    let side = roles.stack.side();
    for stack in work.integration.regional_stacks(side) {
        for region in work.integration.regions_of(stack) {
            let target = Target { stack, region };
            let (stacks, name) = (work.access(side)?.stacks(Who::Administrator, region), work.name(target));
            if work.options.choice.has(&work.integration, target) {
                continue;
            }
            let is_in_step = match State::of(stacks.find(&name).await?) {
                State::Absent | State::InReview(_) => true,
                State::Settled(found) => {
                    let told = found.parameters.values().next().map(String::as_str);
                    work.is_in_step(target, &stacks, &found, &work.wanted(target, told)).await?
                }
                State::Busy(_) | State::Dead(_) | State::Stuck(_) => false,
            };
            if !is_in_step {
                return Ok(Some(format!(
                    "the service role loses rights that `{name}` in {region} may still need to get in step: deploy that first"
                )));
            }
        }
    }
    Ok(None)
}

async fn side_by_side(work: &Arc<Work>, targets: Vec<Target>) -> Results {
    let mut set = JoinSet::new();
    for target in targets {
        let work = Arc::clone(work);
        set.spawn(async move {
            let brought = work.bring(target, &work.wanted(target, None)).await.map(|(outcome, _)| outcome);
            work.tell_outcome(target, &brought);
            (target, brought)
        });
    }
    let mut results = Vec::new();
    while let Some(done) = set.join_next().await {
        results.push(joined(done));
    }
    results
}

/// One Region, one stack after the other. What comes after a failure is left out.
async fn in_region(work: &Work, region: Region, ended: &AtomicBool) -> Results {
    let mut results = Vec::new();
    let chosen = work.targets().into_iter();
    let targets = chosen.filter(|target| !target.stack.is_roles() && work.lake_region(*target) == region);
    let mut share = None;
    for target in targets.collect::<Vec<_>>() {
        if ended.load(Ordering::Relaxed) {
            work.tell("stack", target, "skipped", "");
            continue;
        }
        let brought = one_of_region(work, target, region, &mut share).await;
        work.tell_outcome(target, &brought);
        let failed = brought.is_err();
        results.push((target, brought));
        if failed {
            if work.options.fail_fast {
                ended.store(true, Ordering::Relaxed);
            }
            break;
        }
    }
    results
}

async fn one_of_region(
    work: &Work,
    target: Target,
    region: Region,
    share: &mut Option<String>,
) -> Result<Outcome, Halt> {
    if target.stack.side() == Side::Lake {
        return work.bring(target, &work.wanted(target, None)).await.map(|(outcome, _)| outcome);
    }
    if share.is_none() {
        *share = work.share_for(target, region).await?;
        if let Some(share) = share.as_deref().filter(|_| waits_for_share(work, target)) {
            work.accept(region, share).await?;
        }
    }
    work.bring(target, &work.wanted(target, share.as_deref())).await.map(|(outcome, _)| outcome)
}

/// Whether the program sees to it that the share is there: not where a function of the template does.
fn waits_for_share(work: &Work, target: Target) -> bool {
    target.stack == Stack::Detective && work.integration.handoff.acceptance != Acceptance::Lambda
}

impl Work {
    /// The share for a stack of the Detective account, if it needs one.
    pub(crate) async fn share_for(&self, target: Target, region: Region) -> Result<Option<String>, Halt> {
        if self.integration.handoff.share == Share::Discovered {
            return Ok(None);
        }
        if let Some(share) = self.share(region).await? {
            return Ok(Some(share));
        }
        if !self.asks_for_share(target.stack) {
            return Ok(None);
        }
        // Without the lake account, what the stack was told before is what there is to know.
        let mut told = None;
        if self.cloud.get(Side::Lake).is_none() {
            let found = self.stacks(target)?.find(&self.name(target)).await?;
            told = found.and_then(|found| found.parameters.into_values().next());
        }
        told.map(Some).ok_or_else(|| {
            Halt::Stopped(
                "the ARN of the share is not known: deploy the lake stack first, give credentials of the lake account, or pin \
                 the ARN by `handoff.share_arn: pinned`"
                    .into(),
            )
        })
    }

    fn tell_outcome(&self, target: Target, outcome: &Result<Outcome, Halt>) {
        match outcome {
            Ok(Outcome::InStep) => self.tell("stack", target, "in_step", ""),
            Ok(Outcome::Changed) => self.tell("stack", target, "done", ""),
            // Told when the run ends, with all others.
            Err(_) => {}
        }
    }
}

/// Whether a roles stack goes first or last, from the template that is deployed.
///
/// # Errors
/// [`Halt::Stopped`] for what cannot be done in one go.
pub(crate) async fn roles_order(work: &Work, target: Target, deployed: &str) -> Result<RolesOrder, Halt> {
    let (name, wanted, none) = (work.name(target), work.wanted(target, None), BTreeMap::new());
    let region = target.region.as_str();
    let [before, after] = [deployed, &wanted.body].map(|body| Filled { body, parameters: &none, region });
    let difference = Difference::between(target.stack, before, after);
    let refused = difference.refused().map(|id| format!("`{id}`")).collect::<Vec<_>>();
    if !refused.is_empty() {
        return Err(Halt::Stopped(format!(
            "{} of `{name}` would be made anew under the name that is taken, which CloudFormation refuses: `deploy.role_path` \
             cannot change while the stacks are there; change it back, or remove everything first by `lakelink destroy` with \
             the spec as it was",
            refused.join(", ")
        )));
    }
    if !takes_away(deployed, &wanted.body) {
        return Ok(RolesOrder::First);
    }
    if let Some((stack, region)) = left_behind(work, target, deployed).await? {
        return Err(Halt::Stopped(format!(
            "the spec has no {region} any more, and `{stack}` there still needs the rights of its service role: remove it first, \
             by `lakelink destroy --region {region}` with the spec as it was"
        )));
    }
    let regional = regional_templates(work, target.stack.side()).await?;
    match RolesOrder::of(deployed, &wanted.body, &regional) {
        RolesOrder::Torn => Err(Halt::Stopped(format!(
            "the service role of `{name}` would lose rights that the Regional stacks may still need, and get others that they need \
             first: make this change in two, one that takes away and one that adds; the run-book says how under Change"
        ))),
        RolesOrder::Last
            if trust_of_reader(&wanted.body)
                .is_some_and(|trust| Some(trust) != trust_of_reader(deployed)) =>
        {
            Err(Halt::Stopped(format!(
                "`ReaderRole` of `{name}` must be there and trust the execution role before the Detective stack changes, and the service \
                 role of account {} keeps its rights until after that: make this change in two, for execution roles one account after \
                 the other, for another hand-off that first and then what takes rights away",
                work.integration.lake.account
            )))
        }
        order => Ok(order),
    }
}

/// Whom the role trusts as which the Detective stack reads the lake stack.
fn trust_of_reader(body: &str) -> Option<serde_yaml::Value> {
    let reader = resources(body).remove("ReaderRole")?;
    reader.get("Properties")?.get("AssumeRolePolicyDocument").cloned()
}

/// A stack of ours in a Region that the spec no longer has, and its service role still knows.
pub(crate) async fn left_behind(
    work: &Work,
    roles: Target,
    deployed: &str,
) -> Result<Option<(String, Region)>, Halt> {
    let side = roles.stack.side();
    let known = [work.integration.regions.lake(), work.integration.regions.detective()].concat();
    for region in regions_of_role(deployed).into_iter().filter(|region| !known.contains(region)) {
        let stacks = work.access(side)?.stacks(Who::Administrator, region);
        for stack in Stack::ALL.into_iter().filter(|stack| stack.side() == side && !stack.is_roles()) {
            let name = work.integration.stack_name(stack);
            if stacks.find(&name).await?.is_some() {
                return Ok(Some((name, region)));
            }
        }
    }
    Ok(None)
}

async fn order_of(work: &Work, target: Target) -> Result<RolesOrder, Halt> {
    let stacks = work.stacks(target)?;
    let State::Settled(found) = State::of(stacks.find(&work.name(target)).await?) else {
        return Ok(RolesOrder::First);
    };
    roles_order(work, target, &stacks.template(&found.id).await?).await
}

/// What is deployed beside the roles stack of an account, whether the run is about it or not. Asked as whoever may
/// change the roles.
async fn regional_templates(work: &Work, side: Side) -> Result<Vec<(Region, String)>, Halt> {
    let mut templates = Vec::new();
    let stacks = work.integration.stacks().into_iter();
    for stack in stacks.filter(|stack| stack.side() == side && !stack.is_roles()) {
        for region in work.integration.regions_of(stack) {
            let stacks = work.access(side)?.stacks(Who::Administrator, region);
            if let Some(found) = stacks.find(&work.integration.stack_name(stack)).await? {
                templates.push((region, stacks.template(&found.id).await?));
            }
        }
    }
    Ok(templates)
}
