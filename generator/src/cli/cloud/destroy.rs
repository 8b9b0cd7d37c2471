//! `lakelink destroy`: what `deploy` made, but for what holds data.

use std::sync::Arc;

use crate::cli::cloud::deploy::stacks;
use crate::cli::cloud::{Asked, Command, Progress, Where, block_on, left_by_person, run_all};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Halt, Options, Outcome, Results, State, Survey, Target, Work};
use crate::model::{SetOwner, Stack};

/// Removes the stacks of an integration: consoles and Detective stacks first, then the subscriber, then the roles. What
/// holds data stays, and is named. Running it again does nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Results buckets, keys and log sources stay, and are named. Before a roles stack goes, its service role \
leaves the Lake Formation administrators of every Region, for a deleted role on that list stops \
everybody's later changes. Without a terminal and without --yes nothing is written.")]
pub(crate) struct Args {
    #[command(flatten)]
    at: Where,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let specs = match args.at.specs(terminal)? {
        Ok(specs) => specs,
        Err(exit) => return Ok(exit),
    };
    let mut progress = Progress::of(specs.len());
    let worst = block_on(all(args, specs, terminal, &mut progress))??;
    progress.summary(terminal, worst)?;
    Ok(worst)
}

async fn all(
    args: &Args,
    specs: Vec<Asked>,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let (works, refused) = args.at.works(specs, &Options::default(), progress, terminal).await?;
    run_all(args, &works, refused, terminal, progress).await
}

impl Command<Arc<Work>> for Args {
    type Seen = Vec<Survey>;
    type Part = Target;
    const INTERRUPTED: &str = "CloudFormation ends what it has begun; the same command goes on from there";

    async fn look(&self, work: &Arc<Work>) -> Result<Vec<Survey>, Halt> {
        deploy::survey(work).await
    }

    async fn agree(
        &self,
        work: &Arc<Work>,
        surveys: Vec<Survey>,
        terminal: &mut Terminal,
        progress: &mut Progress,
    ) -> Result<Option<Exit>, Stop> {
        Ok(agree(self, work, &surveys, terminal, progress).await)
    }

    async fn change(&self, work: &Arc<Work>) -> Results {
        deploy::destroy(work).await
    }

    fn sum(&self, work: &Arc<Work>, results: &[(Target, Result<Outcome, Halt>)], terminal: &mut Terminal) {
        if !terminal.json {
            let gone = results.iter().filter(|(_, result)| matches!(result, Ok(Outcome::Changed))).count();
            terminal.say(&format!("{}: {} removed", work.integration.name, stacks(gone)));
        }
    }
}

async fn agree(
    args: &Args,
    work: &Work,
    surveys: &[Survey],
    terminal: &mut Terminal,
    progress: &Progress,
) -> Option<Exit> {
    let name = &work.integration.name;
    let there = |survey: &&Survey| !matches!(survey.state, State::Absent);
    let there = surveys.iter().filter(there).collect::<Vec<_>>();
    if !there.is_empty() && !terminal.json {
        // Nobody is asked about what is not shown.
        let is_asked = terminal.is_quiet() && !args.yes;
        let mut say =
            |line: &str| if is_asked { terminal.complain(&format!("{line}\n")) } else { terminal.say(line) };
        say(&format!("{name}: {} would be removed", stacks(there.len())));
        for survey in &there {
            let account = work.integration.account(survey.target.stack.side());
            let (region, stem) = (survey.target.region.as_str(), survey.target.stack.stem());
            let kept = deploy::kept(&work.integration, survey.target).join(", ");
            let kept = if kept.is_empty() { kept } else { format!("  but for {kept}") };
            say(format!("  {account}  {region:<14}  {stem:<17}{kept}").trim_end());
        }
        let has = |stack| there.iter().any(|survey| survey.target.stack == stack);
        if has(Stack::Lake) && !has(Stack::Detective) && work.integration.has(Stack::Detective) {
            say("  without the lake stack a Detective stack that is left reads nothing any more");
        }
        let by = work.integration.set_owner().map(|owner| match owner {
            SetOwner::Ours => "`lakelink rollout --remove`",
            SetOwner::Cfct => "its manifest, as the run-book says",
        });
        if let Some(by) = by {
            say(&format!(
                "  stack sets are not looked at: remove them first, by {by}, for what they deployed needs these roles"
            ));
        }
    }
    if args.yes {
        return None;
    }
    if there.is_empty() {
        terminal.say(&format!("{name}: nothing is there"));
        return Some(Exit::Done);
    }
    left_by_person(name, "remove them?", terminal, progress).await
}
