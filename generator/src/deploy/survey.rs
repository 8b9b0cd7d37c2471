//! What a run would do, found out by reading alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::deploy::changes::Filled;
use crate::deploy::diff::{is_same, layout};
use crate::deploy::rollout::{joined, roles_order};
use crate::deploy::{Difference, Halt, State, Target, Work};
use crate::model::{Share, Side};
use crate::stacks::SHARE_PARAMETER;
use crate::vocab::Region;

/// One stack, as it is and as it should be.
#[derive(Clone, Debug)]
pub(crate) struct Survey {
    /// The stack.
    pub(crate) target: Target,
    /// What is there.
    pub(crate) state: State,
    /// Whether it is what it must be; `None` if that cannot be told yet.
    pub(crate) in_step: Option<bool>,
    /// How its resources differ.
    pub(crate) difference: Difference,
    /// What else differs: parameters, tags, the role.
    pub(crate) also: Vec<&'static str>,
    /// The layout of what is deployed; `None` if it is nothing of ours.
    pub(crate) layout: Option<u64>,
    /// Why it cannot be brought in step, whatever a person allows.
    pub(crate) stop: Option<String>,
}

/// Every stack that a run is about, in the order in which they are deployed.
pub(crate) async fn survey(work: &Arc<Work>) -> Result<Vec<Survey>, Halt> {
    let mut set = JoinSet::new();
    for target in work.targets() {
        let work = Arc::clone(work);
        set.spawn(async move { one(&work, target).await });
    }
    let mut surveys = Vec::new();
    while let Some(done) = set.join_next().await {
        surveys.push(joined(done)?);
    }
    surveys.sort_by_key(|survey| (survey.target.stack, survey.target.region));
    Ok(surveys)
}

async fn one(work: &Work, target: Target) -> Result<Survey, Halt> {
    let stacks = work.stacks(target)?;
    let state = State::of(stacks.find(&work.name(target)).await?);
    let mut survey = Survey {
        target,
        state,
        in_step: Some(false),
        difference: Difference::default(),
        also: Vec::new(),
        layout: None,
        stop: None,
    };
    if target.stack.is_roles() && matches!(survey.state, State::Absent | State::InReview(_)) {
        check_home(work, target).await?;
    }
    let deployed = match survey.state.found() {
        Some(found) if !matches!(survey.state, State::InReview(_)) => stacks.template(&found.id).await?,
        _ => String::new(),
    };
    survey.layout = layout(&deployed);
    let asks = work.asks_for_share(target.stack) && work.integration.handoff.share != Share::Discovered;
    let share = if asks { work.share(work.lake_region(target)).await? } else { None };
    // Without the lake account the stack keeps the share that it was told before.
    let told = || survey.state.found()?.parameters.get(SHARE_PARAMETER).cloned();
    let share = share.or_else(|| work.cloud.get(Side::Lake).is_none().then(told).flatten());
    let wanted = work.wanted(target, share.as_deref());
    let none = BTreeMap::new();
    let told = survey.state.found().map_or(&none, |found| &found.parameters);
    let region = target.region.as_str();
    let [before, after] = [(&deployed, told), (&wanted.body, &wanted.parameters)]
        .map(|(body, parameters)| Filled { body, parameters, region });
    survey.difference = Difference::between(target.stack, before, after);
    if let State::Settled(found) = &survey.state {
        if target.stack.is_roles() {
            survey.stop = roles_order(work, target, &deployed).await.err().map(|halt| halt.reason());
        }
        let is_known = !asks || share.is_some();
        if is_known && found.parameters != wanted.parameters {
            survey.also.push("parameters");
        }
        if found.tags != work.integration.tags {
            survey.also.push("tags");
        }
        if found.role != wanted.role {
            survey.also.push("execution role");
        }
        let is_same_template = is_same(&deployed, &wanted.body);
        if !is_same_template && survey.difference == Difference::default() {
            survey.also.push("outputs or descriptions");
        }
        let is_same = is_same_template && survey.also.is_empty();
        survey.in_step = if is_same && !is_known { None } else { Some(is_same) };
    }
    Ok(survey)
}

/// Refuses a home Region that has moved: the roles stack of another Region has the IAM names, and is the one to change.
/// A Region that cannot be asked, since it is turned off or forbidden, has none.
async fn check_home(work: &Work, target: Target) -> Result<(), Halt> {
    let (name, side) = (work.name(target), target.stack.side());
    let partition = target.region.partition();
    let others = Region::all().filter(|region| *region != target.region && region.partition() == partition);
    let mut set = JoinSet::new();
    for region in others {
        let (stacks, name) = (work.access(side)?.stacks_elsewhere(region), name.clone());
        set.spawn(async move { (region, stacks.find(&name).await) });
    }
    while let Some(done) = set.join_next().await {
        if let (region, Ok(Some(_))) = joined(done) {
            let (home, account) = (target.region, work.integration.account(side));
            return Err(Halt::Stopped(format!(
                "the stack `{name}` of account `{account}` is in `{region}`, and the home Region of the spec is `{home}`: roles stacks \
                 cannot move, for their IAM names are taken; write `home_region: {region}`, or remove everything first by \
                 `lakelink destroy` with the spec as it was"
            )));
        }
    }
    Ok(())
}
