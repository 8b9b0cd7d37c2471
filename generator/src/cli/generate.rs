//! `lakelink generate`: the main job.

use std::path::{Path, PathBuf};

use serde::Serialize;
use similar::TextDiff;

use crate::check::Rendered;
use crate::cli::load::load;
use crate::cli::terminal::{count, plain};
use crate::cli::{Exit, Stop, Terminal};
use crate::files::{self, Entry, Planned, State};
use crate::model::Stack;
use crate::render::{runbook, yaml};

/// Renders the templates and the run-book of each spec. Only what changed is written, each file in one step.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Files go to OUT/<name>/: lake-roles, lake, detective-roles and detective.template.yaml, and RUNBOOK.md.
Nothing is written unless every spec is in order.

  lakelink generate examples
  lakelink generate examples --check     in CI: a diff and exit code 4 if something is stale
  lakelink generate examples --prune     also remove files of specs that are gone")]
pub(crate) struct Args {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The folder to write to
    #[arg(long, default_value = "out", value_name = "OUT")]
    out: PathBuf,
    /// Write nothing; print a diff of what differs and end with 4
    #[arg(long)]
    check: bool,
    /// Remove generated files that no spec gives any more
    #[arg(long, conflicts_with = "check")]
    prune: bool,
}

/// A file in `--format json`.
#[derive(Serialize)]
struct File<'a> {
    path: String,
    status: &'a str,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let loaded = load(&args.paths)?;
    let exit = loaded.complain(terminal)?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let mut planned = Vec::new();
    for rendered in loaded.specs.iter().filter_map(|spec| spec.rendered.as_ref()) {
        planned.extend(plan(rendered)?);
    }
    let entries = files::compare(&args.out, &planned, &loaded.territory)?;
    if args.check { report_drift(args, &entries, terminal) } else { write(args, &entries, terminal) }
}

/// The files of one spec.
fn plan(rendered: &Rendered) -> Result<Vec<Planned>, Stop> {
    let integration = &rendered.integration;
    let mut planned = Vec::new();
    if integration.outputs.templates {
        planned.extend(rendered.stacks.iter().map(|stack| Planned {
            path: template_path(integration.name.as_str(), stack.stack),
            text: yaml::template(&stack.template),
        }));
    }
    if integration.outputs.runbook {
        let path = format!("{}/RUNBOOK.md", integration.name);
        planned.push(Planned { path, text: runbook::runbook(integration)? });
    }
    Ok(planned)
}

fn template_path(name: &str, stack: Stack) -> String {
    format!("{name}/{}.template.yaml", stack.stem())
}

fn report_drift(args: &Args, entries: &[Entry], terminal: &mut Terminal) -> Result<Exit, Stop> {
    let differing = entries.iter().filter(|entry| entry.state != State::Fresh).collect::<Vec<_>>();
    if terminal.json {
        let files = entries.iter().map(|entry| file(args, entry, word(&entry.state))).collect::<Vec<_>>();
        terminal.document(&serde_json::json!({ "files": files }))?;
    } else {
        for entry in &differing {
            terminal.data(&plain(&diff(args, entry)))?;
        }
    }
    if differing.is_empty() {
        terminal.say(&format!("{} in step with the specs", count(entries.len(), "file")));
        return Ok(Exit::Done);
    }
    let orphans = differing.iter().any(|entry| matches!(entry.state, State::Orphan { .. }));
    let prune = if orphans { " --prune" } else { "" };
    let paths = args.paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ");
    let out =
        if args.out == Path::new("out") { String::new() } else { format!(" --out {}", args.out.display()) };
    let summary =
        format!("{} not in step; run: lakelink generate {paths}{out}{prune}", count(differing.len(), "file"));
    terminal.say(&summary);
    Ok(Exit::Drift)
}

fn diff(args: &Args, entry: &Entry) -> String {
    let found = match &entry.state {
        State::Fresh => return String::new(),
        State::Missing => "",
        State::Stale { found } | State::Orphan { found } | State::Foreign { found } => found,
    };
    let name = args.out.join(&entry.path).display().to_string();
    let (old, new) = match entry.state {
        State::Missing => ("/dev/null".to_owned(), name),
        State::Orphan { .. } => (name, "/dev/null".to_owned()),
        _ => (name.clone(), name),
    };
    TextDiff::from_lines(found, &entry.planned).unified_diff().header(&old, &new).to_string()
}

fn write(args: &Args, entries: &[Entry], terminal: &mut Terminal) -> Result<Exit, Stop> {
    if let Some(foreign) = entries.iter().find(|entry| matches!(entry.state, State::Foreign { .. })) {
        return Err(Stop::Foreign(args.out.join(&foreign.path)));
    }
    // The run-book last: what it tells to deploy is there then.
    let (runbooks, templates) = entries.iter().partition::<Vec<_>, _>(|entry| entry.path.ends_with(".md"));
    let mut done = Vec::new();
    let mut orphans = 0;
    for entry in templates.into_iter().chain(runbooks) {
        let path = args.out.join(&entry.path);
        let status = match entry.state {
            State::Fresh => "unchanged",
            State::Missing | State::Stale { .. } | State::Foreign { .. } => {
                files::write(&path, &entry.planned)?;
                if entry.state == State::Missing { "created" } else { "updated" }
            }
            State::Orphan { .. } if args.prune => {
                files::remove(&path)?;
                "removed"
            }
            State::Orphan { .. } => {
                orphans += 1;
                "orphan"
            }
        };
        if !terminal.json && (status != "unchanged" || terminal.verbose) {
            terminal.say(&format!("{status:>9}  {}", path.display()));
        }
        done.push(file(args, entry, status));
    }
    if terminal.json {
        terminal.document(&serde_json::json!({ "files": done }))?;
        return Ok(Exit::Done);
    }
    let changed = done.iter().filter(|file| !matches!(file.status, "unchanged" | "orphan")).count();
    let unchanged = done.len() - changed - orphans;
    terminal.say(&format!("{} changed, {unchanged} in step", count(changed, "file")));
    if orphans > 0 {
        terminal.say(&format!("{} of no spec; `--prune` removes them", count(orphans, "orphan")));
    }
    Ok(Exit::Done)
}

fn file<'a>(args: &Args, entry: &Entry, status: &'a str) -> File<'a> {
    File { path: args.out.join(&entry.path).display().to_string(), status }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Fresh => "fresh",
        State::Missing => "missing",
        State::Stale { .. } => "stale",
        State::Foreign { .. } => "foreign",
        State::Orphan { .. } => "orphan",
    }
}
