//! `lakelink review`: what specs and templates allow.

mod against;
mod changed;
mod found;
mod gather;
mod git;
mod markdown;
mod ours;
mod repository;
mod results;
mod sarif;
mod told;
mod workflow;

use std::collections::BTreeMap;
use std::path::PathBuf;

use self::against::Before;
use self::found::find;
use self::gather::{Digest, Gathered, Known, Ranges, Read, Version, gather};
use crate::cli::findings::{self, Located, Sums};
use crate::cli::judge::{self, Origins};
use crate::cli::{Exit, Format, Stop, Terminal};
use crate::parallel::both;
use crate::review::rules::{Rule, Severity};
use crate::review::{self, Access, Change, Place, Regions};
use crate::vocab::{Date, Word};

/// Prints what specs and CloudFormation templates allow (who may do what on what, and only if what), and what rules find
/// in it.
///
/// Templates may be anybody's, in YAML or JSON; functions stay as they are, where only the deployment knows more.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A spec is rendered in memory, and the findings that it accepts (`review.accept`) are marked. Given \
what `generate` wrote, too (`review specs out`), it is reviewed with that in place of what it gives now. \
A folder means every spec directly in it, and every template (a YAML or JSON file with `Resources`) in it \
at any depth. A spec or template that cannot be read ends with 3, findings at or above --fail-on with 10. \
AWS is asked nothing.

With --against only what changed is printed, and the findings: + new, < wider, ? not comparable, > narrower, \
- gone. A folder stands for PATH, if that is a folder, else for the folder that PATH is in; of several PATHs each is \
looked for in it by its name. Otherwise REV is a revision of git, which is only read. Templates are paired by their \
path, specs are rendered as they were. New access counts as a warning (LL31), wider and not comparable access as an \
error (LL32), unless `review.accept` says otherwise.

--format sarif is for code scanning, --format github for the log of a workflow: both hold what is open, \
changes included, with paths from the root of the repository. A run that fails prints neither.

  lakelink review acme.yaml
  lakelink review specs --against main                       what the specs allow; `out` is not read
  lakelink review specs out --against main                   the same, with the templates that `out` has
  lakelink review specs --against origin/main --format sarif > lakelink.sarif
  lakelink review specs --against main --format markdown     a comment for the pull request
  lakelink review --explain LL18
  lakelink review some-other.template.yaml --format json | jq '.access[] | select(.effect == \"Allow\")'")]
pub(crate) struct Args {
    /// Specs, templates, or folders of them
    #[arg(required_unless_present = "explain", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print what changed since this revision of git, or what is different from this folder
    #[arg(long, value_name = "REV|DIR")]
    against: Option<String>,
    /// The least severity that ends with 10
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// The day as of which acceptances hold, like 2027-06-30; today by default
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Say what a rule finds, why, and what to do
    #[arg(long, value_name = "RULE", conflicts_with = "paths")]
    explain: Option<String>,
}

/// What ends with 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    Note,
    Warning,
    Error,
}

fn date(text: &str) -> Result<Date, String> {
    Date::read(text).map_err(|fault| format!("{}; {}", fault.message, fault.help))
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    if let Some(id) = &args.explain {
        return explain(id, terminal);
    }
    let least = match args.fail_on {
        FailOn::Note => Severity::Note,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    };
    if terminal.format == Format::Text && args.against.is_none() {
        return told::run(args, least, terminal);
    }
    let mut now = || {
        let read = Read::of(find(&args.paths, args.against.is_none())?)?;
        gather(args, read, terminal, &Version::Now, |access, findings| (access, findings))
    };
    let (before, now) = match &args.against {
        // What there was is read while that of now is judged.
        Some(against) => {
            let (before, now) = both(|| Before::read(args, against), now);
            (Some((against, before)), now)
        }
        None => (None, now()),
    };
    let (gathered, exit) = now?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let mut all = All::of(gathered);
    let changes_fail = match before {
        Some((against, before)) => match before?.compare(args, against, &mut all, least, terminal)? {
            Exit::Done => false,
            Exit::Findings => true,
            exit => return Ok(exit),
        },
        None => {
            print(&all, terminal)?;
            false
        }
    };
    let fails = changes_fail || findings::open(&all.findings, least) > 0;
    // The process ends now: to free every text of this one by one takes longer than to print what changed.
    std::mem::forget(all);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// What a run reviews, all of it.
struct All {
    access: Access,
    findings: Vec<Located>,
    has_spec: bool,
    /// Of each spec.
    origins: Vec<Origins>,
    /// The file of each template that is no spec's, by what rows call it.
    files: BTreeMap<String, String>,
    /// Of specs by what they are made of: what is known of them, and where what they allow stands in `access`.
    specs: BTreeMap<Digest, (Known, Ranges)>,
    /// Where the stacks of specs are deployed.
    regions: Regions,
    /// The files of templates that are not what their spec gives now.
    differing: Vec<String>,
}

impl All {
    fn of(gathered: Gathered<(Access, Vec<Located>)>) -> Self {
        let Gathered { parts, digests, has_spec, origins, files, regions, differing, .. } = gathered;
        let (mut access, mut findings, mut ranges) = (Access::default(), Vec::new(), Vec::new());
        access.statements.reserve(parts.iter().map(|(part, _)| part.statements.len()).sum());
        for (part, found) in parts {
            let start = (access.statements.len(), access.unread.len());
            access.statements.extend(part.statements);
            access.unread.extend(part.unread);
            ranges.push((start.0..access.statements.len(), start.1..access.unread.len()));
            findings.extend(found);
        }
        let place =
            |(digest, (known, part)): (Digest, (Known, usize))| (digest, (known, ranges[part].clone()));
        let specs = digests.into_iter().map(place).collect();
        Self { access, findings, has_spec, origins, files, specs, regions, differing }
    }

    fn not_looked_at(&self) -> Vec<&'static str> {
        not_looked_at(self.has_spec)
    }
}

/// Rules that need a spec, where there is none.
fn not_looked_at(has_spec: bool) -> Vec<&'static str> {
    if has_spec { Vec::new() } else { judge::not_looked_at() }
}

fn explain(id: &str, terminal: &mut Terminal) -> Result<Exit, Stop> {
    if let Some(format) = terminal.format.of_review_only() {
        return Err(Stop::Usage {
            message: format!("a rule is not explained as `--format {format}`"),
            help: "take text or json".into(),
        });
    }
    let Some(rule) = Rule::find(id) else {
        return Err(Stop::Usage {
            message: format!("there is no rule `{id}`"),
            help: "rules are LL01 to LL33".into(),
        });
    };
    if terminal.json {
        terminal.document(&findings::explained_as_json(rule))?;
    } else {
        terminal.data(&findings::explained(rule))?;
    }
    Ok(Exit::Done)
}

/// The JSON of the contract, without changes.
fn document(all: &All) -> serde_json::Value {
    let All { access, findings, .. } = all;
    let unread = access.unread.iter().map(|unread| {
        let Place { integration, stack, resource_id, line, .. } = &unread.place;
        let resource = (!resource_id.is_empty()).then_some(resource_id);
        let what = &unread.what;
        serde_json::json!({ "integration": integration, "stack": stack, "resource_id": resource, "line": line, "what": what })
    });
    serde_json::json!({
        "findings": findings.iter().map(findings::json).collect::<Vec<_>>(),
        "access": review::rows(&access.statements),
        "changes": [],
        "unread": unread.collect::<Vec<_>>(),
        "unknown_services": review::unknown_services(&access.statements),
        "not_looked_at": all.not_looked_at(),
        "differing": all.differing,
    })
}

/// Prints what is open for code scanning or for a workflow, if that is asked for.
fn print_for_ci(all: &All, changes: &[Change], terminal: &mut Terminal) -> Result<bool, Stop> {
    let results = match terminal.format {
        Format::Text | Format::Json | Format::Markdown => return Ok(false),
        Format::Sarif | Format::Github => results::of(all, changes)?,
    };
    if terminal.format == Format::Sarif {
        terminal.document(&sarif::log(&results))?;
    } else {
        terminal.data(&workflow::commands(&results))?;
    }
    terminal.say(&results::summary(&results));
    Ok(true)
}

fn print(all: &All, terminal: &mut Terminal) -> Result<(), Stop> {
    if print_for_ci(all, &[], terminal)? {
        return Ok(());
    }
    if terminal.json {
        terminal.document(&document(all))?;
        return Ok(());
    }
    // Text is told part by part.
    terminal.data(&markdown::comment(all, None))?;
    Ok(())
}

fn print_findings(all: &All, changes: &[Change], terminal: &mut Terminal) -> Result<(), Stop> {
    tell_not_looked_at(all.has_spec, terminal)?;
    let shown = findings::text(&all.findings, terminal.verbose);
    if !shown.is_empty() {
        terminal.data(&format!("\n{shown}"))?;
    }
    terminal.say(&Sums::of(&all.findings, changes).words(terminal.verbose));
    Ok(())
}

fn tell_not_looked_at(has_spec: bool, terminal: &mut Terminal) -> Result<(), Stop> {
    let not_looked_at = not_looked_at(has_spec);
    if !not_looked_at.is_empty() {
        terminal.data(&format!("without a spec not looked at: {}\n", not_looked_at.join(", ")))?;
    }
    Ok(())
}
