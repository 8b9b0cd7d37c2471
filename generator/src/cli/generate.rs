//! `lakelink generate`: the main job.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde::Serialize;
use similar::TextDiff;

use crate::check::Places;
use crate::cli::judge::stacks_of;
use crate::cli::load::Asked;
use crate::cli::terminal::{count, plain};
use crate::cli::{Exit, Stop, Terminal};
use crate::files::{self, Planned, Stage, Staged, State};
use crate::model::{Integration, OutFolder, Outputs, Stack};
use crate::parallel::in_parallel;
use crate::render::{cdk, cfct, git_sync, parameters, runbook, stack_sets};
use crate::review::{Report, report};
use crate::stacks::{StackTemplate, hopeless, stack_set_templates, templates};
use crate::vocab::{IntegrationName, OutputKind};

/// Renders the templates and the run-book of each spec. Only what changed is written, each file in one step.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files go to OUT/<name>/: lake-roles, lake, detective-roles and detective.template.yaml, RUNBOOK.md, and \
where the spec asks for them lake-collection and detective-console.template.yaml, REVIEW.md, access.json, access.svg, \
and a folder for each of the outputs cdk, parameters, stack_sets, git_sync and cfct. \
Nothing is written unless every spec is in order.

  lakelink generate examples
  lakelink generate examples --check     in CI: a diff and exit code 4 if something is stale
  lakelink generate examples --prune     also remove files of specs that are gone")]
pub(crate) struct Args {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder to write to. Files of Git sync name it, as a path from the root of the repository
    #[arg(long, default_value = "out", value_name = "OUT")]
    out: PathBuf,
    /// Write nothing; print a diff of what differs and end with 4
    #[arg(long)]
    check: bool,
    /// Remove generated files that no spec gives any more, and what a run that was killed has left (`OUT/.lakelink-*`)
    #[arg(long, conflicts_with = "check")]
    prune: bool,
}

/// A file in `--format json`.
#[derive(Serialize)]
struct File {
    path: String,
    status: &'static str,
}

/// A generated file, how it stands, and what is to be done about it.
struct Entry<T> {
    path: String,
    state: State,
    to_do: T,
}

/// What is kept of a spec until every spec of the run is known to be in order: not the templates, which would fill the
/// memory.
struct Made<T> {
    name: IntegrationName,
    entries: Result<Vec<Entry<T>>, Stop>,
}

impl<T> AsRef<IntegrationName> for Made<T> {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    if args.check { report_drift(args, terminal) } else { write(args, terminal) }
}

/// Every file of every spec, and the orphans, by path; or how the run ends if something keeps it from going on.
/// `to_do` is asked while a file is at hand, on several threads.
fn entries<T: Send>(
    args: &Args,
    terminal: &mut Terminal,
    to_do: impl Fn(&Planned, State, &str) -> Result<T, Stop> + Sync,
) -> Result<Result<Vec<Entry<T>>, Exit>, Stop> {
    let entry = |planned: Planned| {
        let (state, found) = files::compare(&args.out, &planned)?;
        let to_do = to_do(&planned, state, &found)?;
        Ok(Entry { path: planned.path, state, to_do })
    };
    let render = |mut integration: Integration, _: &Places<'_>| {
        integration.out = OutFolder::of(&args.out);
        if let Some(problem) = hopeless(&integration) {
            return Ok(Err(vec![problem]));
        }
        // Of a single spec the run-book is written beside the templates, of which it needs none.
        let stacks = OnceLock::new();
        let entries = |kind: &OutputKind| {
            let files = match kind {
                OutputKind::Runbook => vec![("RUNBOOK.md".to_owned(), runbook::runbook(&integration)?)],
                kind => match stacks.get_or_init(|| templates(&integration)) {
                    Ok(Ok(stacks)) => files(*kind, &integration, stacks)?,
                    // Told below, and nothing is put in its place.
                    Ok(Err(_)) | Err(_) => Vec::new(),
                },
            };
            let planned = files
                .into_iter()
                .map(|(file, text)| Planned { path: format!("{}/{file}", integration.name), text });
            planned.map(entry).collect::<Result<Vec<_>, Stop>>()
        };
        let entries =
            in_parallel(&kinds(integration.outputs), entries).into_iter().collect::<Result<Vec<_>, _>>();
        // Limits count even if no output needs the templates.
        let stacks = stacks.into_inner().unwrap_or_else(|| templates(&integration))?;
        let entries = entries.map(|entries| entries.into_iter().flatten().collect());
        Ok(stacks.map(|_| Made { name: integration.name, entries }))
    };
    let loaded = Asked::read(&args.paths)?.render(|_| None, render)?;
    let exit = loaded.complain(terminal)?;
    if exit != Exit::Done {
        return Ok(Err(exit));
    }
    let mut entries = Vec::new();
    for made in loaded.specs.into_iter().filter_map(|spec| spec.rendered) {
        entries.extend(made.entries?);
    }
    let planned = entries.iter().map(|entry: &Entry<T>| entry.path.as_str()).collect();
    let orphans = files::orphans(&args.out, &loaded.territory, &planned)?;
    for path in orphans {
        let planned = Planned { path, text: String::new() };
        let (_, found) = files::compare(&args.out, &planned)?;
        let to_do = to_do(&planned, State::Orphan, &found)?;
        entries.push(Entry { path: planned.path, state: State::Orphan, to_do });
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Ok(entries))
}

/// What a spec asks for, what takes longest first: of a single one they are made side by side.
fn kinds(outputs: Outputs) -> Vec<OutputKind> {
    let all = [
        (outputs.review, OutputKind::Review),
        (outputs.runbook, OutputKind::Runbook),
        (outputs.templates, OutputKind::Templates),
        (outputs.cdk, OutputKind::Cdk),
        (outputs.cfct, OutputKind::Cfct),
        (outputs.stack_sets, OutputKind::StackSets),
        (outputs.git_sync, OutputKind::GitSync),
        (outputs.parameters, OutputKind::Parameters),
    ];
    all.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, kind)| kind).collect()
}

/// The files of an output that is made of templates, by their paths below the folder of the spec.
fn files(
    kind: OutputKind,
    integration: &Integration,
    stacks: &[StackTemplate],
) -> Result<Vec<(String, String)>, Stop> {
    Ok(match kind {
        OutputKind::Templates => {
            in_parallel(stacks, |written| (template_file(written.stack), written.yaml()))
        }
        OutputKind::Review => {
            let sets = stack_set_templates(integration, stacks)?;
            let read = stacks_of(integration, stacks, &sets).into_iter().map(|(stack, _)| stack);
            let Report { page, rows, picture } = report(integration, &read.collect::<Vec<_>>())?;
            let files = [("REVIEW.md", page), ("access.json", rows), ("access.svg", picture)];
            files.map(|(file, text)| (file.to_owned(), text)).into()
        }
        OutputKind::Parameters => parameters::files(integration),
        OutputKind::Cdk => cdk::files(integration, stacks),
        OutputKind::StackSets => stack_sets::files(integration, stacks)?,
        OutputKind::GitSync => git_sync::files(integration),
        OutputKind::Cfct => cfct::files(integration, stacks),
        // Of the first no template is needed, and the second is refused, as it is not built yet.
        OutputKind::Runbook | OutputKind::Diagram => Vec::new(),
    })
}

fn template_file(stack: Stack) -> String {
    format!("{}.template.yaml", stack.stem())
}

fn report_drift(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let differ = |planned: &Planned, state, found: &str| Ok(diff(args, planned, state, found));
    let entries = match entries(args, terminal, differ)? {
        Ok(entries) => entries,
        Err(exit) => return Ok(exit),
    };
    let differing = entries.iter().filter(|entry| entry.state != State::Fresh).collect::<Vec<_>>();
    if terminal.json {
        let files =
            entries.iter().map(|entry| file(args, &entry.path, word(entry.state))).collect::<Vec<_>>();
        terminal.document(&serde_json::json!({ "files": files }))?;
    } else {
        for entry in &differing {
            terminal.data(&plain(&entry.to_do))?;
        }
    }
    if differing.is_empty() {
        terminal.say(&format!("{} in step with the specs", count(entries.len(), "file")));
        return Ok(Exit::Done);
    }
    let orphans = differing.iter().any(|entry| entry.state == State::Orphan);
    let prune = if orphans { " --prune" } else { "" };
    let paths = args.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let out =
        if args.out == Path::new("out") { String::new() } else { format!(" --out {}", args.out.display()) };
    let summary =
        format!("{} not in step; run: lakelink generate {paths}{out}{prune}", count(differing.len(), "file"));
    terminal.say(&summary);
    Ok(Exit::Drift)
}

/// A unified diff of what is there and what should be; empty where both are the same.
fn diff(args: &Args, planned: &Planned, state: State, found: &str) -> String {
    let name = args.out.join(&planned.path).display().to_string();
    let nothing = || "/dev/null".to_owned();
    let (old, new) = match state {
        State::Fresh => return String::new(),
        State::Missing => (nothing(), name),
        State::Orphan => (name, nothing()),
        State::Stale | State::Foreign => (name.clone(), name),
    };
    TextDiff::from_lines(found, &planned.text).unified_diff().header(&old, &new).to_string()
}

fn write(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let stage = Stage::new(&args.out);
    let put = |planned: &Planned, state, _: &str| match state {
        State::Missing | State::Stale => Ok(Some(stage.put(planned)?)),
        State::Fresh | State::Foreign | State::Orphan => Ok(None),
    };
    let entries = match entries(args, terminal, put)? {
        Ok(entries) => entries,
        Err(exit) => return Ok(exit),
    };
    if let Some(foreign) = entries.iter().find(|entry| entry.state == State::Foreign) {
        return Err(Stop::Foreign(args.out.join(&foreign.path)));
    }
    // The run-book last: what it tells to deploy is there then.
    let (runbooks, templates) = entries.iter().partition::<Vec<_>, _>(|entry| entry.path.ends_with(".md"));
    for entries in [&templates, &runbooks] {
        let place = |entry: &&Entry<Option<Staged>>| match &entry.to_do {
            Some(staged) => staged.place(&args.out.join(&entry.path)),
            None => Ok(()),
        };
        // Moving one file takes less time than to start a thread.
        let chunks = entries.chunks(64).collect::<Vec<_>>();
        let placed = in_parallel(&chunks, |chunk| chunk.iter().try_for_each(place));
        placed.into_iter().collect::<Result<(), _>>()?;
    }
    if args.prune {
        drop(stage);
        files::remove_stages(&args.out)?;
    }
    let mut done = Vec::new();
    for entry in templates.into_iter().chain(runbooks) {
        let path = args.out.join(&entry.path);
        let status = match entry.state {
            State::Missing => "created",
            State::Stale => "updated",
            State::Fresh | State::Foreign => "unchanged",
            State::Orphan if args.prune => {
                files::remove(&args.out, &entry.path)?;
                "removed"
            }
            State::Orphan => "orphan",
        };
        if !terminal.json && (status != "unchanged" || terminal.verbose) {
            terminal.say(&format!("{status:>9}  {}", path.display()));
        }
        done.push(file(args, &entry.path, status));
    }
    report_done(&done, terminal)?;
    Ok(Exit::Done)
}

fn report_done(done: &[File], terminal: &mut Terminal) -> Result<(), Stop> {
    if terminal.json {
        terminal.document(&serde_json::json!({ "files": done }))?;
        return Ok(());
    }
    let of = |status: &str| done.iter().filter(|file| file.status == status).count();
    let (unchanged, orphans) = (of("unchanged"), of("orphan"));
    let changed = done.len() - unchanged - orphans;
    terminal.say(&format!("{} changed, {unchanged} in step", count(changed, "file")));
    if orphans > 0 {
        terminal.say(&format!("{} of no spec; `--prune` removes them", count(orphans, "orphan")));
    }
    Ok(())
}

fn file(args: &Args, path: &str, status: &'static str) -> File {
    File { path: args.out.join(path).display().to_string(), status }
}

fn word(state: State) -> &'static str {
    match state {
        State::Fresh => "fresh",
        State::Missing => "missing",
        State::Stale => "stale",
        State::Foreign => "foreign",
        State::Orphan => "orphan",
    }
}
