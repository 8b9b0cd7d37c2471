//! `lakelink destroy`: what `deploy` made, but for what holds data.

use crate::cli::cloud::deploy::stacks;
use crate::cli::cloud::{
    Asked, Lane, Progress, Where, block_on, change_all, exit_of, not_begun, side_by_side,
};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Halt, Options, Outcome, State, Survey, Work};
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
    let mut progress = Progress::of(specs.len());
    let worst = block_on(all(args, specs, terminal, &mut progress))??;
    progress.summary(terminal, worst)?;
    Ok(worst)
}

/// Looks at every integration, says what would be removed, and removes it where that is agreed.
async fn all(
    args: &Args,
    specs: Vec<Asked>,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let (works, refused) = args.at.works(specs, &Options::default(), progress, terminal).await;
    let look = side_by_side(Lane::Look, &works, async |work| deploy::survey(work).await);
    let Some(surveyed) = progress.watch(terminal, look).await? else { return Ok(Exit::Interrupted) };
    let (mut agreed, mut worst) = (Vec::new(), refused);
    for (work, surveys) in works.iter().zip(surveyed) {
        match agree(args, work, surveys, terminal, progress).await {
            None => agreed.push(work),
            Some(Exit::Interrupted) => {
                terminal.fail("interrupted: nothing was removed", None);
                return Ok(Exit::Interrupted);
            }
            Some(exit) => worst = worst.or_worse(exit),
        }
    }
    let remove = change_all(agreed.iter().copied(), async |work| deploy::destroy(work).await);
    let Some(done) = progress.watch(terminal, remove).await? else {
        let help = "CloudFormation ends what it has begun; the same command goes on from there";
        terminal.fail("interrupted", Some(help));
        return Ok(Exit::Interrupted);
    };
    for (work, results) in agreed.iter().zip(done) {
        let Some(results) = results else {
            worst = worst.or_worse(not_begun(&work.integration, terminal));
            continue;
        };
        worst = worst.or_worse(exit_of(results.iter().filter_map(|(_, result)| result.as_ref().err())));
        if !terminal.json {
            let gone = results.iter().filter(|(_, result)| matches!(result, Ok(Outcome::Changed))).count();
            terminal.say(&format!("{}: {} removed", work.integration.name, stacks(gone)));
        }
    }
    Ok(worst)
}

/// Says what would be removed of an integration, and asks. How it ends for one that is left as it is.
async fn agree(
    args: &Args,
    work: &Work,
    surveys: Result<Vec<Survey>, Halt>,
    terminal: &mut Terminal,
    progress: &Progress,
) -> Option<Exit> {
    let name = &work.integration.name;
    let surveys = match surveys {
        Ok(surveys) => surveys,
        Err(halt) => {
            terminal.fail(&format!("{name}: {}", halt.reason()), None);
            return Some(exit_of([halt].iter()));
        }
    };
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
    }
    if args.yes {
        return None;
    }
    if there.is_empty() {
        terminal.say(&format!("{name}: nothing is there"));
        return Some(Exit::Done);
    }
    match progress.agrees(terminal, &format!("{name}: remove them?")).await {
        Some(true) => None,
        Some(false) => {
            let help = "look at what would be removed above, then run again with --yes";
            terminal.fail(&format!("{name}: nothing was written: nobody said yes"), Some(help));
            Some(Exit::Stopped)
        }
        None => Some(Exit::Interrupted),
    }
}
