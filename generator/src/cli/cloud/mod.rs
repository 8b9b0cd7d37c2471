//! Commands that talk to AWS, and what they have in common: which stacks, whose credentials, what is said meanwhile.

pub(super) mod deploy;
pub(super) mod destroy;
mod fleet;
pub(super) mod handoff;
mod lanes;
pub(super) mod plan;
mod progress;
pub(super) mod rollout;
pub(super) mod status;
mod unread;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::aws::{Access, Clock, Cloud, Who};
use crate::check::Rendered;
use crate::cli::load::load;
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::{Choice, Halt, Options, Part, State, Survey, Target, Work};
use crate::model::{Integration, Side, Stack};
use crate::vocab::{IntegrationName, Region, Word};

pub(crate) use fleet::{IN_STEP, Report, report};
pub(crate) use lanes::{About, Command, Lane, begun, left_by_person, run_all, side_by_side};
pub(crate) use progress::{Listeners, Progress};
pub(crate) use unread::{Holder, Refusal, Unread};

/// Which stacks, and whose credentials.
#[derive(Debug, clap::Args)]
pub(crate) struct Where {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only these: roles, lake (with its collection), detective, console, or a stack by its name; repeatable
    #[arg(long, value_name = "PART", value_parser = part)]
    pub(crate) only: Vec<Part>,
    /// Only these lake or console Regions; repeatable
    #[arg(long, value_name = "REGION", value_parser = region)]
    pub(crate) region: Vec<Region>,
    #[command(flatten)]
    pub(crate) credentials: Credentials,
    /// Minutes to wait for what goes on in AWS, for each integration, before the command ends with 7
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    pub(crate) timeout: u64,
    /// Milliseconds between two questions about something that goes on
    #[arg(long, value_name = "MS", env = "LAKELINK_POLL_MS", default_value_t = 3000, hide = true)]
    pub(crate) poll_ms: u64,
}

/// Whose credentials.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Credentials {
    /// Profile of the lake account; else that of lakelink.local.yaml, else the ambient credentials. Specs
    /// with several such accounts need `deploy.lake.role_arn` each
    #[arg(long, value_name = "PROFILE", env = "LAKELINK_LAKE_PROFILE", hide_env_values = true)]
    pub(crate) lake_profile: Option<String>,
    /// Profile of the Detective account; else that of lakelink.local.yaml, else the ambient credentials. Specs
    /// with several such accounts need `deploy.detective.role_arn` each
    #[arg(long, value_name = "PROFILE", env = "LAKELINK_DETECTIVE_PROFILE", hide_env_values = true)]
    pub(crate) detective_profile: Option<String>,
}

fn part(text: &str) -> Result<Part, String> {
    let stack = Stack::ALL.into_iter().find(|stack| stack.stem() == text);
    match (text, stack) {
        ("roles", _) => Ok(Part::Roles),
        ("console", _) => Ok(Part::Stack(Stack::DetectiveConsole)),
        (_, Some(stack)) => Ok(Part::Stack(stack)),
        _ => {
            let stacks = Stack::ALL.map(Stack::stem).join(", ");
            Err(format!("one of roles, lake, detective, console, or a stack: {stacks}"))
        }
    }
}

fn region(text: &str) -> Result<Region, String> {
    Region::read(text).map_err(|fault| fault.message)
}

/// A stack by its name, for flags.
pub(crate) fn stack(text: &str) -> Result<Stack, String> {
    let stacks = Stack::ALL.map(Stack::stem).join(", ");
    Stack::ALL.into_iter().find(|stack| stack.stem() == text).ok_or_else(|| format!("one of {stacks}"))
}

/// A resource by `STACK/ID`, for flags.
pub(crate) fn resource(text: &str) -> Result<String, String> {
    let wrong = || "write it as STACK/ID, like detective/ResultsBucket".to_owned();
    let (of, id) = text.split_once('/').ok_or_else(wrong)?;
    stack(of).map_err(|_| wrong())?;
    if id.is_empty() { Err(wrong()) } else { Ok(text.to_owned()) }
}

/// A good spec and the profiles that its local file names.
pub(crate) struct Asked {
    pub(crate) rendered: Rendered,
    profiles: BTreeMap<Side, String>,
}

struct Named(Rendered);

impl AsRef<IntegrationName> for Named {
    fn as_ref(&self) -> &IntegrationName {
        &self.0.integration.name
    }
}

/// Reads specs; how the run ends if one is not in order.
pub(crate) fn specs(paths: &[PathBuf], terminal: &mut Terminal) -> Result<Result<Vec<Asked>, Exit>, Stop> {
    let mut loaded = load(paths, Named)?;
    let locals = loaded.with_locals()?;
    let exit = loaded.complain(terminal)?;
    if exit != Exit::Done {
        return Ok(Err(exit));
    }
    let asked = loaded.specs.into_iter().filter_map(|spec| {
        let file = spec.file.clone();
        let Named(rendered) = spec.rendered?;
        let profile = |side| Some((side, locals.profile(Path::new(&file), side)?));
        Some(Asked {
            rendered,
            profiles: [Side::Lake, Side::Detective].into_iter().filter_map(profile).collect(),
        })
    });
    Ok(Ok(asked.collect()))
}

impl Where {
    /// Reads the specs; how the run ends if one is not in order.
    pub(crate) fn specs(&self, terminal: &mut Terminal) -> Result<Result<Vec<Asked>, Exit>, Stop> {
        specs(&self.paths, terminal)
    }

    fn profile(&self, side: Side, asked: &Asked) -> Option<String> {
        let given = match side {
            Side::Lake => &self.credentials.lake_profile,
            Side::Detective => &self.credentials.detective_profile,
        };
        given.clone().filter(|name| !name.is_empty()).or_else(|| asked.profiles.get(&side).cloned())
    }

    fn choice(&self) -> Choice {
        Choice { only: self.only.clone(), regions: self.region.clone() }
    }

    /// Puts a run together for every spec, before the first of them begins. What is in the way of one is said, and leaves that
    /// one out; how the run ends for those.
    pub(crate) async fn works(
        &self,
        specs: Vec<Asked>,
        options: &Options,
        progress: &Progress,
        terminal: &mut Terminal,
    ) -> Result<(Vec<Arc<Work>>, Exit), Stop> {
        let listeners = progress.listeners();
        let work = async |asked| self.work(asked, options.clone(), &listeners).await;
        begun(side_by_side(Lane::Look, specs, work).await, terminal, progress)
    }

    /// Puts a run together: credentials of the accounts that it needs, each seen to be of the account that the spec
    /// says. Nothing has been written when this fails.
    pub(crate) async fn work(
        &self,
        asked: Asked,
        options: Options,
        listeners: &Listeners,
    ) -> Result<Arc<Work>, Unread> {
        let name = asked.integration().name.to_string();
        self.open(asked, options, listeners).await.map_err(|refusal| Unread::Refused(name, refusal))
    }

    async fn open(
        &self,
        asked: Asked,
        options: Options,
        listeners: &Listeners,
    ) -> Result<Arc<Work>, Refusal> {
        let options = Options { choice: self.choice(), ..options };
        let integration = &asked.rendered.integration;
        let regions = [integration.regions.lake(), integration.regions.detective()].concat();
        if let Some(region) = self.region.iter().find(|region| !regions.contains(region)) {
            return Err(Refusal::NoRegion(*region));
        }
        let sides = sides(integration, &options.choice);
        if sides.is_empty() {
            return Err(integration.set_owner().map_or(Refusal::Nothing, Refusal::BySets));
        }
        let poll = Duration::from_millis(self.poll_ms);
        let clock = Clock::new(poll, Duration::from_secs(self.timeout.saturating_mul(60)));
        let mut open = BTreeMap::new();
        for side in sides {
            let profile = self.profile(side, &asked);
            let access = Access::open(integration, side, profile.as_deref(), poll).await;
            guard(integration, side, &access, &options.choice).await?;
            open.insert(side, access);
        }
        let cloud = Cloud::new(open.remove(&Side::Lake), open.remove(&Side::Detective));
        let listener = listeners.of(integration);
        Ok(Arc::new(Work::new(asked.rendered, cloud, options, clock, listener)))
    }
}

/// The accounts that the chosen stacks are in.
fn sides(integration: &Integration, choice: &Choice) -> BTreeSet<Side> {
    let has = |stack: &Stack| {
        integration
            .regions_of(*stack)
            .into_iter()
            .any(|region| choice.has(integration, Target { stack: *stack, region }))
    };
    integration.stacks().into_iter().filter(has).map(Stack::side).collect()
}

/// Whose credentials they are if they are of no account that could be meant.
pub(crate) const ANOTHER_PARTITION: &str = "another partition than the Regions of the spec";

/// Compares whose credentials these are with the spec.
async fn guard(
    integration: &Integration,
    side: Side,
    access: &Access,
    choice: &Choice,
) -> Result<(), Refusal> {
    let home = integration.regions.home();
    let admin_role = integration.deployment(side).admin_role.is_some();
    let has = |is_roles| {
        let stacks = integration
            .stacks()
            .into_iter()
            .filter(|stack| stack.side() == side && stack.is_roles() == is_roles);
        stacks
            .flat_map(|stack| {
                integration.regions_of(stack).into_iter().map(move |region| Target { stack, region })
            })
            .any(|target| choice.has(integration, target))
    };
    let mut whos = Vec::new();
    if has(false) || !admin_role {
        whos.push(Who::Deployer);
    }
    if has(true) && admin_role {
        whos.push(Who::Administrator);
    }
    for who in whos {
        let caller = access.caller(who, home).await;
        let account = integration.account(side);
        let holder = || Holder::Side(side, account.clone());
        let source = access.source.clone();
        let caller = caller.map_err(|error| Refusal::NoCredentials {
            holder: holder(),
            source: source.clone(),
            error,
        })?;
        let found = caller.account;
        let partition = format!("arn:{}:", integration.regions.partition());
        let (of, mend) = if found != account.as_str() {
            (format!("account `{found}`, the spec says `{account}`"), "the account")
        } else if !caller.arn.starts_with(&partition) {
            (ANOTHER_PARTITION.to_owned(), "the Regions")
        } else {
            continue;
        };
        return Err(Refusal::Foreign { holder: holder(), of, mend, arn: caller.arn, source });
    }
    Ok(())
}

/// A runtime for one command. Everything waits for AWS, so one thread is enough.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let done = runtime.block_on(work);
    // A question that nobody answered is not waited for.
    runtime.shutdown_background();
    Ok(done)
}

/// How a run ends for what came of its stacks: the worst of them, in the order of the contract.
pub(crate) fn exit_of<'a>(halts: impl Iterator<Item = &'a Halt>) -> Exit {
    let rank = |halt: &Halt| match halt {
        Halt::Aws(_) | Halt::Failed(_) => (0, Exit::Failed),
        Halt::Stopped(_) => (1, Exit::Stopped),
        Halt::Running => (2, Exit::Running),
    };
    halts.map(rank).min_by_key(|(rank, _)| *rank).map_or(Exit::Done, |(_, exit)| exit)
}

/// A survey as lines for people: one a stack, and one for each resource of a stack that is there and differs.
pub(crate) fn table(work: &Work, surveys: &[Survey]) -> String {
    let mut table = String::new();
    for survey in surveys {
        let target = survey.target;
        let account = work.integration.account(target.stack.side());
        let (region, stack) = (target.region.as_str(), target.stack.stem());
        table.push_str(&format!("  {account}  {region:<14}  {stack:<17}  {}\n", intent(survey)));
        if matches!(survey.state, State::Settled(_)) && survey.layout.is_some() {
            table.extend(
                survey
                    .difference
                    .resources
                    .iter()
                    .map(|(id, turn)| format!("    {} {id}\n", turn.fate.sign())),
            );
        }
    }
    table
}

/// What would be done about a stack, in words.
fn intent(survey: &Survey) -> String {
    if let Some(why) = &survey.stop {
        return format!("stop: {why}");
    }
    match &survey.state {
        State::Absent | State::InReview(_) => format!("create  {}", survey.difference.in_short()),
        State::Settled(_) if survey.layout.is_none() => "there, and not lakelink's: stop".to_owned(),
        State::Settled(_) => match survey.in_step {
            Some(true) => "in step".to_owned(),
            None => "in step, but for the share, which is known after the lake stack".to_owned(),
            Some(false) => {
                let also = survey.also.iter().map(|word| (*word).to_owned());
                let differs =
                    [survey.difference.in_short()].into_iter().chain(also).filter(|part| !part.is_empty());
                let late =
                    if survey.is_late { ", and the share, which is known after the lake stack" } else { "" };
                format!("update  {}{late}", differs.collect::<Vec<_>>().join(", "))
            }
        },
        State::Busy(found) => format!("{}: wait for it", found.status),
        State::Dead(found) => {
            format!("{}: stop, unless --recreate-failed {}", found.status, survey.target.stack.stem())
        }
        State::Stuck(found) => format!("{}: stop", found.status),
    }
}
