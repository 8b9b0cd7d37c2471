//! `lakelink rollout`: the stack sets of an integration, from the account that holds them.

mod status;

use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{Access, Clock, Who};
use crate::check::Rendered;
use crate::cli::cloud::{Asked, Progress, block_on, exit_of, specs};
use crate::cli::terminal::count;
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Halt, Outcome, SetSurvey, SetWork, Target, kept};
use crate::model::rollout::StackSet;
use crate::model::{Integration, Stack, StackSets};
use crate::vocab::CallAs;

/// Brings the stack sets of an integration, and their instances in every Region, to what the spec says: the lake account
/// first. Running it again changes nothing; a run that was stopped anywhere is finished by another.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The credentials are those of the account that holds the sets: the delegated administrator, the
management account, or the account of the administration role. The roles stacks are in no set:
`lakelink deploy --only roles` makes them, before the first rollout. Without a terminal and without
--yes nothing is written.

  lakelink rollout acme.yaml --profile administrator
  lakelink rollout acme.yaml --status          reads only, with the drift that was seen last
  lakelink rollout acme.yaml --status --drift  has StackSets look for drift first
  lakelink rollout acme.yaml --remove          instances, then sets; what holds data stays

Environment: the SDK's variables (AWS_ENDPOINT_URL among them), and LAKELINK_POLL_MS, the milliseconds
between two questions.")]
pub(crate) struct Args {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say what is there, and whether it is what the spec says
    #[arg(long, conflicts_with_all = ["remove", "yes"])]
    status: bool,
    /// Look for drift first: an operation of each set
    #[arg(long, requires = "status")]
    drift: bool,
    /// Remove the sets and their stacks, but for what holds data
    #[arg(long)]
    remove: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Profile of the account that holds the sets; else the ambient credentials
    #[arg(long, value_name = "PROFILE", env = "LAKELINK_ROLLOUT_PROFILE", hide_env_values = true)]
    profile: Option<String>,
    /// Minutes to wait for what goes on in AWS before the command ends with 7
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    timeout: u64,
    /// Milliseconds between two questions about something that goes on
    #[arg(long, value_name = "MS", env = "LAKELINK_POLL_MS", default_value_t = 3000, hide = true)]
    poll_ms: u64,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let asked = match specs(&args.paths, terminal)? {
        Ok(asked) => asked,
        Err(exit) => return Ok(exit),
    };
    if args.status {
        return block_on(status::run(args, asked, terminal))?;
    }
    let mut progress = Progress::new();
    let exit = block_on(all(args, asked, terminal, &mut progress))??;
    progress.summary(terminal, exit)?;
    Ok(exit)
}

async fn all(
    args: &Args,
    asked: Vec<Asked>,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let works = match works(args, asked, progress, terminal).await {
        Ok(works) => works,
        Err(exit) => return Ok(exit),
    };
    let mut worst = Exit::Done;
    for work in works {
        let exit = one(args, &work, terminal, progress).await?;
        worst = worst.or_worse(exit);
        if exit == Exit::Interrupted {
            break;
        }
    }
    Ok(worst)
}

/// Puts a run together for every spec, each with credentials of the right account, before the first of them begins.
async fn works(
    args: &Args,
    asked: Vec<Asked>,
    progress: &Progress,
    terminal: &mut Terminal,
) -> Result<Vec<SetWork>, Exit> {
    let (mut works, mut refused) = (Vec::new(), Exit::Done);
    let clock =
        Clock::new(Duration::from_millis(args.poll_ms), Duration::from_secs(args.timeout.saturating_mul(60)));
    for Asked { rendered, .. } in asked {
        match work(args, rendered, clock, progress).await {
            Ok(work) => works.push(work),
            Err(refusal) => {
                terminal.fail(&refusal.message, Some(&refusal.help));
                refused = refused.or_worse(refusal.exit);
            }
        }
    }
    if refused == Exit::Done { Ok(works) } else { Err(refused) }
}

/// Why a run does not even begin.
struct Refusal {
    message: String,
    help: String,
    exit: Exit,
}

async fn work(
    args: &Args,
    rendered: Rendered,
    clock: Clock,
    progress: &Progress,
) -> Result<SetWork, Refusal> {
    let integration = &rendered.integration;
    let name = integration.name.clone();
    let none = || Refusal {
        message: format!("`{name}` has no stack sets"),
        help: "write `rollout: {method: stack_sets}` in the spec, or use `lakelink deploy`".to_owned(),
        exit: Exit::Usage,
    };
    let settings = integration.stack_sets.clone().ok_or_else(none)?;
    let home = integration.regions.home();
    let profile = args.profile.as_deref().filter(|name| !name.is_empty());
    let access = Access::plain(home, profile, clock).await;
    guard(integration, &settings, &access).await?;
    let is_delegated =
        matches!(&settings, StackSets::ServiceManaged(managed) if managed.call_as == CallAs::DelegatedAdmin);
    let stack_sets = access.stack_sets(home, is_delegated);
    SetWork::new(rendered, stack_sets, clock, progress.listener()).ok_or_else(none)
}

/// Compares whose credentials these are with the spec, as far as it says: which account is the delegated administrator it
/// does not.
async fn guard(integration: &Integration, settings: &StackSets, access: &Access) -> Result<(), Refusal> {
    let source = &access.source;
    let caller = access.caller(Who::Deployer, integration.regions.home()).await.map_err(|error| Refusal {
        message: format!(
            "no credentials for the account of the stack sets ({source}); nothing was written: {error}"
        ),
        help: "sign in, or name a profile by --profile".to_owned(),
        exit: if error.code.is_empty() && !error.message.contains("redential") {
            Exit::Failed
        } else {
            Exit::Account
        },
    })?;
    let found = &caller.account;
    let wrong = match settings {
        StackSets::SelfManaged { administration_role } if administration_role.account().as_str() != found => {
            format!("account `{found}`, the stack sets live in `{}`", administration_role.account())
        }
        StackSets::ServiceManaged(managed) => {
            let is_management = managed.management_account.as_str() == found;
            match managed.call_as {
                CallAs::DelegatedAdmin if is_management => {
                    format!("the management account `{found}`, the spec says `call_as: {}`", managed.call_as)
                }
                CallAs::Self_ if !is_management => {
                    format!("account `{found}`, the stack sets live in `{}`", managed.management_account)
                }
                _ => String::new(),
            }
        }
        StackSets::SelfManaged { .. } => String::new(),
    };
    let partition = format!("arn:{}:", integration.regions.partition());
    let wrong = match wrong.is_empty() && !caller.arn.starts_with(&partition) {
        true => "another partition than the Regions of the spec".to_owned(),
        false => wrong,
    };
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        message: format!(
            "the credentials are of {wrong}: {source} gave `{}`; nothing was written",
            caller.arn
        ),
        help: "name the right ones by --profile, or mend `rollout.stack_sets` in the spec".to_owned(),
        exit: Exit::Account,
    })
}

async fn one(
    args: &Args,
    work: &SetWork,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let name = &work.integration.name;
    let Some(surveys) = progress.watch(&work.integration, terminal, work.survey()).await? else {
        return Ok(Exit::Interrupted);
    };
    let surveys = match surveys {
        Ok(surveys) => surveys,
        Err(halt) => {
            terminal.fail(&halt.reason(), None);
            return Ok(exit_of([halt].iter()));
        }
    };
    let table = if args.remove { removals(work, &surveys) } else { intents(&surveys) };
    if !terminal.json {
        terminal.say(&format!("{name}\n{}", table.trim_end()));
    }
    if !args.yes {
        let is_over =
            |survey: &SetSurvey| if args.remove { survey.found.is_none() } else { survey.is_in_step() };
        if surveys.iter().all(is_over) {
            let word = if args.remove { "nothing is there" } else { "everything is in step" };
            terminal.say(&format!("{name}: {word}"));
            return Ok(Exit::Done);
        }
        if terminal.is_quiet() {
            terminal.complain(&format!("{name}\n{table}"));
        }
        match progress.agrees(terminal, if args.remove { "remove them?" } else { "roll this out?" }).await {
            Some(true) => {}
            Some(false) => {
                let help = "look at what would be done above, then run again with --yes";
                terminal.fail("nothing was written: nobody said yes", Some(help));
                return Ok(Exit::Stopped);
            }
            None => return Ok(Exit::Interrupted),
        }
    }
    finish(args, work, terminal, progress).await
}

async fn finish(
    args: &Args,
    work: &SetWork,
    terminal: &mut Terminal,
    progress: &mut Progress,
) -> Result<Exit, Stop> {
    let run = async { if args.remove { work.remove_all().await } else { work.bring_all().await } };
    let Some(results) = progress.watch(&work.integration, terminal, run).await? else {
        let help = "StackSets ends what it has begun; the same command goes on from there";
        terminal.fail("interrupted", Some(help));
        return Ok(Exit::Interrupted);
    };
    let changed = results.iter().filter(|(_, result)| matches!(result, Ok(Outcome::Changed))).count();
    if !terminal.json {
        let word = if args.remove { "removed" } else { "changed" };
        terminal.say(&format!("{}: {} {word}", work.integration.name, count(changed, "stack set")));
    }
    Ok(exit_of(
        results.iter().filter_map(|(_, result): &(Stack, Result<Outcome, Halt>)| result.as_ref().err()),
    ))
}

/// A line for each set: what would be done about it.
fn intents(surveys: &[SetSurvey]) -> String {
    let mut table = String::new();
    for survey in surveys {
        let lacking = survey.lacking().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let mut parts = Vec::new();
        match (&survey.stop, &survey.found) {
            (Some(why), _) => parts.push(format!("stop: {why}")),
            (None, None) => parts.push("create".to_owned()),
            (None, Some(_)) if survey.is_in_step() => parts.push("in step".to_owned()),
            (None, Some(_)) if !survey.differences.is_empty() => {
                parts.push(format!("update: {}", survey.differences.join(", ")));
            }
            (None, Some(_)) => {}
        }
        if survey.stop.is_none() && !lacking.is_empty() {
            parts.push(format!("deploy to {lacking}"));
        }
        table.push_str(&line(&survey.set, &parts.join("; ")));
        table.extend(survey.foreign().iter().map(|one| {
            format!("    not in the spec, and left as it is: {} in {}\n", one.account, one.region)
        }));
    }
    table
}

/// A line for each set that is there: what would stay of it.
fn removals(work: &SetWork, surveys: &[SetSurvey]) -> String {
    let there = surveys.iter().rev().filter(|survey| survey.found.is_some());
    let line = |survey: &SetSurvey| {
        let set = &survey.set;
        let mut stays = set
            .regions
            .iter()
            .flat_map(|region| kept(&work.integration, Target { stack: set.stack, region: *region }));
        let stays = stays.by_ref().collect::<Vec<_>>().join(", ");
        let stays = if stays.is_empty() { stays } else { format!(", but for {stays}") };
        line(set, &format!("remove {}{stays}", count(survey.instances.len(), "stack")))
    };
    there.map(line).collect()
}

fn line(set: &StackSet, what: &str) -> String {
    let what = what.replace('\n', "\n      ");
    format!("  {}  {:<17}  {what}", set.account, set.stack.stem()).trim_end().to_owned() + "\n"
}
