//! What a run would do, found out by reading alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::deploy::changes::Filled;
use crate::deploy::diff::{layout, makes_share};
use crate::deploy::rollout::{joined, roles_order};
use crate::deploy::{Difference, Halt, State, Target, Work};
use crate::model::{Share, Side, Stack};
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
    /// Whether its deployment makes a share that is not there yet.
    pub(crate) makes_share: bool,
    /// Whether it gets a share that is made only by this run.
    pub(crate) is_late: bool,
    /// How its resources differ.
    pub(crate) difference: Difference,
    /// What else differs: tags, the role, outputs.
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
    let new = surveys.iter().filter(|survey| survey.makes_share).map(|survey| survey.target.region);
    let new = new.collect::<Vec<_>>();
    for survey in &mut surveys {
        let holds_share = survey.target.stack.side() == Side::Detective
            && !survey.target.stack.is_roles()
            && matches!(work.integration.handoff.share, Share::Parameter | Share::Pinned(_));
        survey.is_late = holds_share && new.contains(&work.lake_region(survey.target));
        if survey.is_late && survey.in_step == Some(true) {
            survey.in_step = None;
        }
    }
    Ok(surveys)
}

/// Whether a run must find out the share for a stack.
fn asks(work: &Work, stack: Stack) -> bool {
    work.asks_for_share(stack) && work.integration.handoff.share != Share::Discovered
}

async fn one(work: &Work, target: Target) -> Result<Survey, Halt> {
    let stacks = work.stacks(target)?;
    let state = State::of(stacks.find(&work.name(target)).await?);
    let mut survey = Survey {
        target,
        state,
        in_step: Some(false),
        makes_share: false,
        is_late: false,
        difference: Difference::default(),
        also: Vec::new(),
        layout: None,
        stop: None,
    };
    if target.stack.is_roles() && matches!(survey.state, State::Absent | State::InReview(_)) {
        check_home(work, target).await?;
    }
    if matches!(survey.state, State::Absent | State::InReview(_)) {
        survey.stop = console_owner(work, target).await?;
    }
    let deployed = match survey.state.found() {
        Some(found) if !matches!(survey.state, State::InReview(_)) => stacks.template(&found.id).await?,
        _ => String::new(),
    };
    survey.layout = layout(&deployed);
    let asks = asks(work, target.stack);
    let share = if asks { work.share(work.lake_region(target)).await? } else { None };
    // Without the lake account the stack keeps the share that it was told before.
    let told = || survey.state.found()?.parameters.get(SHARE_PARAMETER).cloned();
    let share = share.or_else(|| work.cloud.get(Side::Lake).is_none().then(told).flatten());
    let wanted = work.wanted(target, share.as_deref());
    let is_known = !asks || share.is_some();
    let none = BTreeMap::new();
    let told = survey.state.found().map_or(&none, |found| &found.parameters);
    // A share that nobody knows yet counts as the one that the stack has.
    let tells = if is_known { &wanted.parameters } else { told };
    let region = target.region.as_str();
    let [before, after] = [(&deployed, told), (&wanted.body, tells)].map(|(body, parameters)| Filled {
        body,
        parameters,
        region,
    });
    survey.difference = Difference::between(target.stack, before, after);
    // What is dead or in review has no share that lasts.
    let lasting = if matches!(survey.state, State::Settled(_)) { deployed.as_str() } else { "" };
    survey.makes_share = makes_share(lasting, &wanted.body);
    if let State::Settled(found) = &survey.state {
        if target.stack.is_roles() {
            survey.stop = match roles_order(work, target, &deployed).await {
                Ok(_) => None,
                Err(Halt::Stopped(why)) => Some(why),
                Err(halt) => return Err(halt),
            };
        }
        if found.tags != work.integration.tags {
            survey.also.push("tags");
        }
        if found.role != wanted.role {
            survey.also.push("execution role");
        }
        if survey.difference.outputs {
            survey.also.push("outputs");
        }
        let is_same = survey.difference.is_none() && survey.also.is_empty();
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

/// Why a stack with the parameters of a console cannot be made: those are there, and one of them names the stack that
/// they are of. Asked as whoever deploys, for before the first run there is no other role.
async fn console_owner(work: &Work, target: Target) -> Result<Option<String>, Halt> {
    let is_read = work.integration.regions.pairs().iter().any(|pair| pair.detective == target.region);
    if !matches!(target.stack, Stack::Detective | Stack::DetectiveConsole) || !is_read {
        return Ok(None);
    }
    let resources = work.access(target.stack.side())?.resources(target.region);
    let name = "/Detective/SLI/StackId";
    let found = match resources.get("AWS::SSM::Parameter", name, None).await {
        // Who may not ask hears of it when CloudFormation refuses the names.
        Err(error) if error.is_forbidden() => None,
        found => found?,
    };
    Ok(found.map(|found| {
        format!(
            "the parameters that the Detective console reads in {} are there, and `{name}` says that they are those of `{}`: \
             an account has one integration for each Region; remove that one first, or this Region from the spec",
            target.region,
            found["Value"].as_str().unwrap_or_default()
        )
    }))
}
