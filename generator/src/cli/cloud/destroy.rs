//! `lakelink destroy`: what `deploy` made, but for what holds data.

use std::sync::Arc;

use crate::cli::cloud::deploy::stacks;
use crate::cli::cloud::{Asked, Progress, Where, block_on, exit_of, one_by_one};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Options, Outcome, State, Survey, Work};
use crate::model::Stack;

/// Removes the stacks of an integration: consoles and Detective stacks first, then the subscriber, then the roles. What
/// holds data stays, and is named. Running it again does nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Results buckets, keys and log sources stay, and are named. Before a roles stack goes, its service role
leaves the Lake Formation administrators of every Region, for a deleted role on that list stops
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
    let mut progress = Progress::new();
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
    let works = match args.at.works(specs, &Options::default(), progress, terminal).await {
        Ok(works) => works,
        Err(exit) => return Ok(exit),
    };
    one_by_one(works, async |work| one(args, work, terminal, progress).await).await
}

async fn one(
    args: &Args,
    work: &Arc<Work>,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let name = work.integration.name.clone();
    let Some(surveys) = progress.watch(&work.integration, terminal, deploy::survey(work)).await? else {
        return Ok(Exit::Interrupted);
    };
    let surveys = match surveys {
        Ok(surveys) => surveys,
        Err(halt) => {
            terminal.fail(&halt.reason(), None);
            return Ok(exit_of([halt].iter()));
        }
    };
    let there = |survey: &&Survey| !matches!(survey.state, State::Absent);
    let there = surveys.iter().filter(there).collect::<Vec<_>>();
    if !there.is_empty() && !terminal.json {
        terminal.say(&format!("{name}: {} would be removed", stacks(there.len())));
        for survey in &there {
            let account = work.integration.account(survey.target.stack.side());
            let (region, stem) = (survey.target.region.as_str(), survey.target.stack.stem());
            let kept = deploy::kept(&work.integration, survey.target).join(", ");
            let kept = if kept.is_empty() { kept } else { format!("  but for {kept}") };
            terminal.say(format!("  {account}  {region:<14}  {stem:<17}{kept}").trim_end());
        }
        let has = |stack| there.iter().any(|survey| survey.target.stack == stack);
        if has(Stack::Lake) && !has(Stack::Detective) && work.integration.has(Stack::Detective) {
            terminal.say("  without the lake stack a Detective stack that is left reads nothing any more");
        }
    }
    if !args.yes {
        if there.is_empty() {
            terminal.say(&format!("{name}: nothing is there"));
            return Ok(Exit::Done);
        }
        match progress.agrees(terminal, "remove them?").await {
            Some(true) => {}
            Some(false) => {
                let help = "look at what would be removed above, then run again with --yes";
                terminal.fail("nothing was written: nobody said yes", Some(help));
                return Ok(Exit::Stopped);
            }
            None => return Ok(Exit::Interrupted),
        }
    }
    let Some(results) = progress.watch(&work.integration, terminal, deploy::destroy(work)).await? else {
        terminal.fail(
            "interrupted",
            Some("CloudFormation ends what it has begun; the same command goes on from there"),
        );
        return Ok(Exit::Interrupted);
    };
    let exit = exit_of(results.iter().filter_map(|(_, result)| result.as_ref().err()));
    if !terminal.json {
        let gone = results.iter().filter(|(_, result)| matches!(result, Ok(Outcome::Changed))).count();
        terminal.say(&format!("{name}: {} removed", stacks(gone)));
    }
    Ok(exit)
}
