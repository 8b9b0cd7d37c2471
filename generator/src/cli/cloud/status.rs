//! `lakelink status`: what is there, and whether it is what the specs say.

mod fleet;

use serde_json::{Value, json};

use crate::aws::{Clock, InvitationState};
use crate::cli::cloud::{
    Asked, IN_STEP, Lane, Listeners, Progress, Report, Unread, Where, block_on, report, side_by_side,
};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Acceptable, Halt, Options, State, Survey, Work};
use crate::model::{SetOwner, Side, Stack};
use crate::vocab::{Acceptance, Region};

/// Says what is there of each integration, and whether it is what its spec says. Reads only.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Of one spec every stack, share and console; of more than one a line each, what needs a look first, and \
everything with -v.

  lakelink status specs
  lakelink status specs -v --region eu-west-1")]
pub(crate) struct Args {
    #[command(flatten)]
    at: Where,
}

/// How an integration is.
struct Status {
    name: String,
    accounts: [String; 2],
    stacks: Vec<Survey>,
    shares: Vec<Share>,
    consoles: Vec<(Region, bool)>,
    /// The Regional stacks are in stack sets, of which this command knows nothing.
    set_owner: Option<SetOwner>,
}

struct Share {
    region: Region,
    arn: Option<String>,
    invitation: Option<&'static str>,
}

impl Share {
    /// Whether it is there, and waits for nobody: inside an organization there is no invitation.
    fn is_well(&self) -> bool {
        self.arn.is_some() && self.invitation.is_none_or(|state| state == "ACCEPTED")
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let specs = match args.at.specs(terminal)? {
        Ok(specs) => specs,
        Err(exit) => return Ok(exit),
    };
    let mut progress = Progress::of_document(specs.len());
    let listeners = progress.listeners();
    let read = async |asked| one(args, asked, &listeners).await;
    let read = side_by_side(Lane::Look, specs, read);
    let Some(read) = block_on(progress.watch(terminal, read))?? else { return Ok(Exit::Interrupted) };
    report(read, terminal, &progress)
}

async fn one(args: &Args, asked: Asked, listeners: &Listeners) -> Result<Status, Unread> {
    let work = args.at.work(asked, Options::default(), listeners).await?;
    let read = async {
        let stacks = deploy::survey(&work).await?;
        let (mut shares, mut consoles) = (Vec::new(), Vec::new());
        if work.integration.stack_sets.is_some() {
            return Ok((stacks, shares, consoles));
        }
        for region in work.integration.regions.lake() {
            shares.push(share(&work, region).await?);
        }
        for pair in work.integration.regions.pairs() {
            let stack = if pair.is_apart() { Stack::DetectiveConsole } else { Stack::Detective };
            if let Some(survey) =
                stacks.iter().find(|one| one.target.stack == stack && one.target.region == pair.detective)
            {
                consoles.push((pair.detective, is_console_complete(&work, survey).await?));
            }
        }
        Ok::<_, Halt>((stacks, shares, consoles))
    };
    let name = work.integration.name.to_string();
    let (stacks, shares, consoles) = read.await.map_err(|halt| Unread::Halted(name.clone(), halt))?;
    let accounts = [Side::Lake, Side::Detective].map(|side| work.integration.account(side).to_string());
    let set_owner = work.integration.set_owner();
    Ok(Status { name, accounts, stacks, shares, consoles, set_owner })
}

async fn share(work: &Work, region: Region) -> Result<Share, Halt> {
    let arn = match work.share(region).await {
        // A stale pin is a matter of the spec; here it is only said that there is no usable share.
        Err(Halt::Stopped(_)) => None,
        arn => arn?,
    };
    let mut invitation = None;
    // Inside an organization nobody is invited, and the deployer policy has no right to ask.
    let is_invited = work.integration.handoff.acceptance != Acceptance::Organization;
    let access = work.cloud.get(Side::Detective).filter(|_| is_invited);
    if let (Some(arn), Some(access)) = (&arn, access) {
        let all = access.shares(region).invitations(arn).await?;
        let is = |state| all.iter().any(|one| one.state == state);
        invitation = match deploy::acceptable(&all, work.integration.lake.account.as_str(), Clock::now()) {
            Acceptable::This(_) => Some("PENDING"),
            Acceptable::Dead("REJECTED") => Some("REJECTED"),
            Acceptable::Dead(_) => Some("EXPIRED"),
            Acceptable::Nothing if is(InvitationState::Accepted) => Some("ACCEPTED"),
            Acceptable::Nothing => None,
        };
    }
    Ok(Share { region, arn, invitation })
}

/// Whether the five parameters that the console looks for are there.
async fn is_console_complete(work: &Work, survey: &Survey) -> Result<bool, Halt> {
    let State::Settled(found) = &survey.state else { return Ok(false) };
    let resources = work.stacks(survey.target)?.resources(&found.id).await?;
    Ok(resources.values().filter(|id| id.starts_with("/Detective/SLI/")).count() == 5)
}

/// How much a stack needs a look: less is more.
fn attention(survey: &Survey) -> u8 {
    match &survey.state {
        _ if survey.stop.is_some() => 0,
        State::Dead(_) | State::Stuck(_) => 0,
        State::Absent | State::InReview(_) => 1,
        State::Busy(_) => 2,
        State::Settled(_) if survey.in_step == Some(true) => IN_STEP,
        State::Settled(_) => 3,
    }
}

/// Whether a stack is what the spec says; `None` if that cannot be told, as of one that is being changed.
fn in_step(survey: &Survey) -> Option<bool> {
    survey.in_step.filter(|_| !matches!(survey.state, State::Busy(_)))
}

fn word(survey: &Survey) -> String {
    survey.state.found().map_or_else(|| "ABSENT".to_owned(), |found| found.status.clone())
}

impl Report<3> for Status {
    const HEAD: [&'static str; 3] = ["STACKS", "SHARES", "CONSOLES"];

    fn name(&self) -> &str {
        &self.name
    }

    fn attention(&self) -> u8 {
        let console = self.consoles.iter().filter(|(_, is_complete)| !is_complete).map(|_| IN_STEP - 1);
        let share = self.shares.iter().filter(|share| !share.is_well()).map(|_| IN_STEP - 1);
        self.stacks.iter().map(attention).chain(console).chain(share).min().unwrap_or(IN_STEP)
    }

    fn row(&self) -> ([String; 3], String) {
        self.cells()
    }

    fn json(&self) -> Value {
        let stacks = self.stacks.iter().map(|survey| {
            json!({
                "account": self.account(survey), "region": survey.target.region.as_str(), "stack": survey.target.stack.stem(),
                "status": word(survey), "in_step": in_step(survey), "layout": survey.layout, "stop": survey.stop,
            })
        });
        let shares = self.shares.iter().map(|share| {
            json!({"region": share.region.as_str(), "arn": share.arn, "invitation": share.invitation})
        });
        let consoles = self
            .consoles
            .iter()
            .map(|(region, complete)| json!({"region": region.as_str(), "complete": complete}));
        json!({
            "integration": self.name, "stacks": stacks.collect::<Vec<_>>(), "shares": shares.collect::<Vec<_>>(),
            "console": consoles.collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.name);
        for survey in &self.stacks {
            let step = match (in_step(survey), &survey.state) {
                (_, State::Absent) => "",
                (_, State::Busy(_)) => "an operation goes on",
                (Some(true), _) => "in step",
                (Some(false), _) => "differs from the spec",
                (None, _) => "in step but for the share, which is not known",
            };
            let (region, stem) = (survey.target.region.as_str(), survey.target.stack.stem());
            let line =
                format!("  {}  {region:<14}  {stem:<17}  {:<24}  {step}", self.account(survey), word(survey));
            text.push_str(line.trim_end());
            text.push('\n');
            if let Some(stop) = &survey.stop {
                text.push_str(&format!("    stop: {}\n", stop.replace('\n', "\n      ")));
            }
        }
        match self.set_owner {
            Some(SetOwner::Ours) => {
                text.push_str("  the rest is in stack sets: `lakelink rollout --status`\n")
            }
            Some(SetOwner::Cfct) => text.push_str("  the rest is in stack sets of CfCT\n"),
            None => {}
        }
        for share in &self.shares {
            let arn = share.arn.as_deref().unwrap_or("no share yet");
            let invitation = share.invitation.map(|word| format!(", invitation {word}")).unwrap_or_default();
            text.push_str(&format!("  share    {:<14}  {arn}{invitation}\n", share.region.as_str()));
        }
        for (region, complete) in &self.consoles {
            let word = if *complete { "all five parameters are there" } else { "parameters are missing" };
            text.push_str(&format!("  console  {:<14}  {word}\n", region.as_str()));
        }
        text
    }
}

impl Status {
    fn account(&self, survey: &Survey) -> &str {
        let [lake, detective] = &self.accounts;
        if survey.target.stack.side() == Side::Lake { lake } else { detective }
    }
}
