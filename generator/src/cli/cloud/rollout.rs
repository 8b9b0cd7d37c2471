//! `lakelink rollout`: the stack sets of an integration, from the account that holds them.

mod status;

use std::path::PathBuf;
use std::time::Duration;

use crate::aws::{Access, Clock, Who};
use crate::check::Rendered;
use crate::cli::cloud::{
    ANOTHER_PARTITION, About as _, Asked, Command, Holder, Lane, Listeners, Progress, Refusal, Unread, begun,
    block_on, left_by_person, resource, run_all, side_by_side, specs,
};
use crate::cli::terminal::count;
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Halt, Options, Outcome, SetResults, SetSurvey, SetWork, Target, kept};
use crate::model::rollout::StackSet;
use crate::model::{Integration, Stack, StackSets};
use crate::vocab::CallAs;

/// Brings the stack sets of an integration, and their instances in every Region, to what the spec says: the lake account
/// first. Running it again changes nothing; a run that was stopped anywhere is finished by another.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The credentials are those of the account that holds the sets: the delegated administrator, the \
management account, or the account of the administration role. The roles stacks are in no set: \
`lakelink deploy --only roles` makes them, before the first rollout. The roles of StackSets itself: in \
an organization each set is given the template of its own, stacksets-exec-custom-…, and StackSets makes \
it where it first deploys; else an IAM administrator deploys them first, as the run-book shows. Without \
a terminal and without --yes nothing is written. The status of more than one spec is a line each, \
everything with -v.

  lakelink rollout acme.yaml --profile administrator
  lakelink rollout acme.yaml --status          reads only, with the drift that was seen last
  lakelink rollout acme.yaml --status --drift  has StackSets look for drift first
  lakelink rollout acme.yaml --remove          instances, then sets; what holds data stays

Environment: the SDK's variables (AWS_ENDPOINT_URL among them), and LAKELINK_POLL_MS, the milliseconds \
between two questions.")]
pub(crate) struct Args {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Say what is there, and whether it is what the spec says
    #[arg(long, conflicts_with_all = ["remove", "yes"])]
    status: bool,
    /// Look for drift first: an operation of each set
    #[arg(long, requires = "status", conflicts_with_all = ["remove", "yes"])]
    // those two would lift what it requires
    drift: bool,
    /// Remove the sets and their stacks, but for what holds data
    #[arg(long)]
    remove: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// This resource may be made anew, like detective/ResultsBucket; repeatable
    #[arg(long, value_name = "STACK/ID", value_parser = resource)]
    allow_replace: Vec<String>,
    /// This resource may be removed; repeatable
    #[arg(long, value_name = "STACK/ID", value_parser = resource)]
    allow_remove: Vec<String>,
    /// Profile of the account that holds the sets; else the ambient credentials
    #[arg(long, value_name = "PROFILE", env = "LAKELINK_ROLLOUT_PROFILE", hide_env_values = true)]
    profile: Option<String>,
    /// Minutes to wait for what goes on in AWS, for each integration, before the command ends with 7
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
    let mut progress = Progress::of(asked.len());
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
    let opened = open(args, asked, progress, terminal).await;
    let (works, refused) = begun(opened, terminal, progress)?;
    run_all(args, &works, refused, terminal, progress).await
}

impl Command<SetWork> for Args {
    type Seen = Vec<SetSurvey>;
    type Part = Stack;
    const INTERRUPTED: &str = "StackSets ends what it has begun; the same command goes on from there";

    async fn look(&self, work: &SetWork) -> Result<Vec<SetSurvey>, Halt> {
        work.survey().await
    }

    async fn agree(
        &self,
        work: &SetWork,
        surveys: Vec<SetSurvey>,
        terminal: &mut Terminal,
        progress: &mut Progress,
    ) -> Result<Option<Exit>, Stop> {
        Ok(agree(self, work, &surveys, terminal, progress).await)
    }

    async fn change(&self, work: &SetWork) -> SetResults {
        if self.remove { work.remove_all().await } else { work.bring_all().await }
    }

    fn sum(&self, work: &SetWork, results: &[(Stack, Result<Outcome, Halt>)], terminal: &mut Terminal) {
        if !terminal.json {
            let changed = results.iter().filter(|(_, result)| matches!(result, Ok(Outcome::Changed))).count();
            let word = if self.remove { "removed" } else { "changed" };
            terminal.say(&format!("{}: {} {word}", work.integration.name, count(changed, "stack set")));
        }
    }
}

/// Puts a run together for every spec that has stack sets, each with credentials of the right account, before the first of
/// them begins. That one of several has none is said, and no matter of this command.
async fn open(
    args: &Args,
    asked: Vec<Asked>,
    progress: &Progress,
    terminal: &mut Terminal,
) -> Vec<Result<SetWork, Unread>> {
    let listeners = progress.listeners();
    let has_sets = |asked: &Asked| asked.integration().stack_sets.is_some();
    if !asked.iter().any(has_sets) {
        let refused = |asked: &Asked| Unread::Refused(asked.integration().name.to_string(), Refusal::NoSets);
        return asked.iter().map(refused).map(Err).collect();
    }
    for without in asked.iter().filter(|asked| !has_sets(asked)) {
        terminal.say(&format!("{}: it has no stack sets", without.integration().name));
    }
    let read = async |asked: Asked| {
        let name = asked.integration().name.to_string();
        work(args, asked.rendered, &listeners).await.map_err(|refusal| Unread::Refused(name, refusal))
    };
    side_by_side(Lane::Look, asked.into_iter().filter(has_sets), read).await
}

/// A run on an integration.
async fn work(args: &Args, rendered: Rendered, listeners: &Listeners) -> Result<SetWork, Refusal> {
    let integration = &rendered.integration;
    let settings = integration.stack_sets.clone().ok_or(Refusal::NoSets)?;
    let home = integration.regions.home();
    let profile = args.profile.as_deref().filter(|name| !name.is_empty());
    let poll = Duration::from_millis(args.poll_ms);
    let access = Access::plain(home, profile, poll).await;
    guard(integration, &settings, &access).await?;
    let is_delegated =
        matches!(&settings, StackSets::ServiceManaged(managed) if managed.call_as == CallAs::DelegatedAdmin);
    let stack_sets = access.stack_sets(home, is_delegated);
    let clock = Clock::new(poll, Duration::from_secs(args.timeout.saturating_mul(60)));
    let listener = listeners.of(integration);
    let options = Options {
        replace: args.allow_replace.iter().cloned().collect(),
        remove: args.allow_remove.iter().cloned().collect(),
        ..Options::default()
    };
    SetWork::new(rendered, stack_sets, options, clock, listener).ok_or(Refusal::NoSets)
}

/// Compares whose credentials these are with the spec, as far as it says: which account is the delegated administrator it
/// does not.
async fn guard(integration: &Integration, settings: &StackSets, access: &Access) -> Result<(), Refusal> {
    let wanted = match settings {
        StackSets::SelfManaged { administration_role } => Some(administration_role.account()),
        StackSets::ServiceManaged(managed) => {
            Some(&managed.management_account).filter(|_| managed.call_as == CallAs::Self_)
        }
    };
    let holder = || Holder::Sets(wanted.cloned());
    let source = access.source.clone();
    let caller = access.caller(Who::Deployer, integration.regions.home()).await;
    let caller =
        caller.map_err(|error| Refusal::NoCredentials { holder: holder(), source: source.clone(), error })?;
    let found = &caller.account;
    let partition = format!("arn:{}:", integration.regions.partition());
    let (of, mend) = match (settings, wanted) {
        (_, Some(wanted)) if wanted.as_str() != found => {
            (format!("account `{found}`, the stack sets live in `{wanted}`"), "`rollout.stack_sets`")
        }
        (StackSets::ServiceManaged(managed), None) if managed.management_account.as_str() == found => {
            let of =
                format!("the management account `{found}`, the spec says `call_as: {}`", managed.call_as);
            (of, "`rollout.stack_sets`")
        }
        _ if !caller.arn.starts_with(&partition) => (ANOTHER_PARTITION.to_owned(), "the Regions"),
        _ => return Ok(()),
    };
    Err(Refusal::Foreign { holder: holder(), of, mend, arn: caller.arn, source })
}

async fn agree(
    args: &Args,
    work: &SetWork,
    surveys: &[SetSurvey],
    terminal: &mut Terminal,
    progress: &Progress,
) -> Option<Exit> {
    let name = &work.integration.name;
    let table = if args.remove { removals(work, surveys) } else { intents(surveys) };
    if !terminal.json {
        terminal.say(&format!("{name}\n{}", table.trim_end()));
    }
    // Of what is INOPERABLE a removal is the cure.
    let is_stopped =
        |survey: &SetSurvey| survey.is_somebody_elses() || (!args.remove && survey.stop.is_some());
    let stops = surveys.iter().filter(|survey| is_stopped(survey)).filter_map(|survey| survey.stop.as_ref());
    let stops = stops.cloned().collect::<Vec<_>>();
    if !stops.is_empty() {
        let stops = stops.join("\n");
        terminal.fail(&format!("{name}: nothing was written: {stops}"), None);
        return Some(Exit::Stopped);
    }
    if args.yes {
        return None;
    }
    let is_over = |survey: &SetSurvey| if args.remove { survey.found.is_none() } else { survey.is_in_step() };
    if surveys.iter().all(is_over) {
        let word = if args.remove { "nothing is there" } else { "everything is in step" };
        terminal.say(&format!("{name}: {word}"));
        return Some(Exit::Done);
    }
    if terminal.is_quiet() {
        terminal.complain(&format!("{name}\n{table}"));
    }
    let question = if args.remove { "remove them?" } else { "roll this out?" };
    left_by_person(name, question, terminal, progress).await
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
        // An update of a set reaches every instance.
        let fate = if survey.differences.is_empty() { "left as it is" } else { "updated with the set" };
        table.extend(
            survey
                .foreign()
                .iter()
                .map(|one| format!("    not in the spec, and {fate}: {} in {}\n", one.account, one.region)),
        );
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
        let mut text = line(set, &format!("remove {}{stays}", count(survey.instances.len(), "stack")));
        text.extend(survey.foreign().iter().map(|one| {
            format!("    not in the spec, and removed with the set: {} in {}\n", one.account, one.region)
        }));
        text
    };
    there.map(line).collect()
}

fn line(set: &StackSet, what: &str) -> String {
    let what = what.replace('\n', "\n      ");
    format!("  {}  {:<17}  {what}", set.account, set.stack.stem()).trim_end().to_owned() + "\n"
}
