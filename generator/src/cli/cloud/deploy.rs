//! `lakelink deploy`: both accounts, from the spec to a working integration.

use std::sync::Arc;

use crate::cli::cloud::{
    Asked, Command, Progress, Where, block_on, exit_of, left_by_person, resource, run_all, stack, table,
};
use crate::cli::terminal::count;
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{self, Halt, Options, Outcome, Results, State, Survey, Target, Work};
use crate::model::{SetOwner, Stack};

/// Brings both accounts, in every Region, to what the spec says. Running it again changes nothing; a run that was
/// stopped anywhere is finished by another.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Roles stacks first, then in each Region: collection, lake, the share, Detective, console. Of a spec whose \
Regional stacks are in stack sets, its own or CfCT's, the roles stacks only. Only change \
sets are used, and CloudFormation acts as the roles of the spec. Without a terminal and without --yes \
nothing is written.

  lakelink deploy acme.yaml --lake-profile lake --detective-profile detective
  lakelink deploy acme.yaml --only roles    by the IAM administrators, before everybody else
  lakelink deploy acme.yaml --only lake     by those of the lake account
  lakelink deploy acme.yaml --only detective

Environment: the SDK's variables (AWS_ENDPOINT_URL among them), and LAKELINK_POLL_MS, the milliseconds \
between two questions.")]
pub(crate) struct Args {
    #[command(flatten)]
    at: Where,
    #[command(flatten)]
    allowed: Allowed,
}

/// What a person allows.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Allowed {
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    /// Let this resource be made anew, as STACK/ID; repeatable
    #[arg(long, value_name = "STACK/ID", value_parser = resource)]
    allow_replace: Vec<String>,
    /// Let this resource be removed, as STACK/ID; repeatable
    #[arg(long, value_name = "STACK/ID", value_parser = resource)]
    allow_remove: Vec<String>,
    /// Delete this stack if its creation or deletion failed, and make it again; repeatable
    #[arg(long, value_name = "STACK", value_parser = stack)]
    recreate_failed: Vec<Stack>,
    /// Bring stacks of an older layout to this one
    #[arg(long)]
    upgrade: bool,
    /// End in every Region with the first failure
    #[arg(long)]
    fail_fast: bool,
}

impl Allowed {
    pub(crate) fn options(&self) -> Options {
        Options {
            replace: self.allow_replace.iter().cloned().collect(),
            remove: self.allow_remove.iter().cloned().collect(),
            recreate: self.recreate_failed.iter().copied().collect(),
            upgrade: self.upgrade,
            fail_fast: self.fail_fast,
            ..Options::default()
        }
    }
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
    let (works, refused) = args.at.works(specs, &args.allowed.options(), progress, terminal).await?;
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
        agree(self, work, &surveys, terminal, progress).await
    }

    async fn change(&self, work: &Arc<Work>) -> Results {
        deploy::deploy(work).await
    }

    fn sum(&self, work: &Arc<Work>, results: &[(Target, Result<Outcome, Halt>)], terminal: &mut Terminal) {
        sum(work, results, terminal);
    }
}

async fn agree(
    args: &Args,
    work: &Work,
    surveys: &[Survey],
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Option<Exit>, Stop> {
    let name = &work.integration.name;
    if !terminal.json {
        terminal.say(&format!("{name}\n{}", table(work, surveys).trim_end()));
    }
    let stopped = surveys.iter().filter_map(|survey| Some((survey.target, survey.stop.clone()?)));
    let stopped = stopped.collect::<Vec<_>>();
    if !stopped.is_empty() {
        let tell = async {
            stopped.into_iter().for_each(|(target, why)| work.tell("stack", target, "stopped", why))
        };
        progress.watch(terminal, tell).await?;
        terminal.fail(&format!("{name}: nothing was written"), None);
        return Ok(Some(Exit::Stopped));
    }
    if args.allowed.yes {
        return Ok(None);
    }
    // Without a yes nothing is written, not even what only rounds off.
    if is_all_in_step(surveys) {
        terminal.say(&format!("{name}: everything is in step"));
        return Ok(Some(Exit::Done));
    }
    if terminal.is_quiet() {
        terminal.complain(&format!("{name}\n{}", table(work, surveys)));
    }
    let left = left_by_person(name, "deploy this?", terminal, progress).await;
    if left.is_none() {
        work.ask_late(surveys);
    }
    Ok(left)
}

/// Says what became of an integration.
fn sum(work: &Work, results: &[(Target, Result<Outcome, Halt>)], terminal: &mut Terminal) {
    let exit = exit_of(results.iter().filter_map(|(_, result)| result.as_ref().err()));
    if terminal.json {
        return;
    }
    let is = |outcome| {
        results.iter().filter(|(_, result)| result.as_ref().is_ok_and(|one| *one == outcome)).count()
    };
    let failed = results.iter().filter(|(_, result)| result.is_err()).count();
    let mut parts =
        vec![format!("{} changed", is(Outcome::Changed)), format!("{} in step", is(Outcome::InStep))];
    if failed > 0 {
        parts.push(format!("{failed} not done"));
    }
    terminal.say(&format!("{}: {}", work.integration.name, parts.join(", ")));
    let is_whole = exit == Exit::Done && work.options.choice.only.is_empty();
    let spec = &work.integration.spec_file;
    let owner = work.integration.set_owner();
    if is_whole && owner == Some(SetOwner::Ours) {
        terminal.say(&format!("next: the stack sets, by `lakelink rollout` with `{spec}`"));
    } else if is_whole && owner == Some(SetOwner::Cfct) {
        terminal.say("next: the Regional stacks, by CfCT: the run-book says how");
    } else if is_whole && is(Outcome::Changed) > 0 {
        terminal.say(&format!(
            "next: attach the analyst policy and switch the integration on in the console; RUNBOOK.md, which \
             `lakelink generate` makes of `{spec}`, says how"
        ));
    }
}

/// Whether a run has nothing to do. A stack whose share is not known yet may have.
pub(crate) fn is_all_in_step(surveys: &[Survey]) -> bool {
    surveys.iter().all(|survey| matches!(survey.state, State::Settled(_)) && survey.in_step == Some(true))
}

/// `3 stacks`, for sums.
pub(crate) fn stacks(number: usize) -> String {
    count(number, "stack")
}
