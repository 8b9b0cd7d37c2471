//! `lakelink review`: what specs and templates allow.

mod against;
mod found;
mod git;
mod markdown;
mod ours;
mod repository;
mod results;
mod sarif;
mod told;
mod workflow;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use self::found::{Found, FoundTemplate, find};
use self::ours::Ours;
use crate::check::Places;
use crate::cli::findings::{self, Located, Sums};
use crate::cli::judge::{self, Origins, Reviewed};
use crate::cli::load::{load_and_render, problems_as_text};
use crate::cli::terminal::count;
use crate::cli::today::today;
use crate::cli::{Exit, Format, Stop, Terminal};
use crate::model::Integration;
use crate::parallel::in_parallel;
use crate::review::rules::{Rule, Severity};
use crate::review::{self, Access, Account, Change, Place};
use crate::stacks::templates_with_sets;
use crate::vocab::{Date, IntegrationName, Word};

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
- gone. A folder stands for PATH, if that is a folder, else for the folder that PATH is in; otherwise REV is a \
revision of git, which is only read. Templates are paired by their path, specs are rendered as they were. New \
access counts as a warning (LL31), wider and not comparable access as an error (LL32), unless `review.accept` \
says otherwise.

--format sarif is for code scanning, --format github for the log of a workflow: both hold what is open, \
changes included, with paths from the root of the repository. A run that fails prints neither.

  lakelink review acme.yaml
  lakelink review specs --against main
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
    let found = find(&args.paths, args.against.is_none())?;
    if terminal.format == Format::Text && args.against.is_none() {
        return told::run(args, found, least, terminal);
    }
    let (gathered, exit) =
        gather(args, found, terminal, &Version::Now, |access, findings| (access, findings))?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let mut all = All::of(gathered);
    let changes_fail = match &args.against {
        Some(against) => match against::run(args, against, &mut all, least, terminal)? {
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

/// Which version of the files is looked at.
enum Version<'a> {
    /// That of the arguments.
    Now,
    /// Another one, which no rule looks at.
    Before {
        /// Puts what the user knows files by into texts about them.
        renamed: &'a dyn Fn(&str) -> String,
        /// What specs allow now.
        now: &'a All,
    },
}

/// A digest of all that a spec is made of.
type Digest = [u8; 32];

/// What was made of the specs and templates of a run.
struct Gathered<K> {
    /// Of each spec, then of each template that is no spec's.
    parts: Vec<K>,
    /// Of specs without a template that was given with them: which part is theirs.
    digests: BTreeMap<Digest, (IntegrationName, usize)>,
    /// Which parts of another version are as they are now, and where they stand there.
    same: BTreeMap<usize, Ranges>,
    has_spec: bool,
    /// Of each spec.
    origins: Vec<Origins>,
    /// The file of each template that is no spec's, by what rows call it.
    files: BTreeMap<String, String>,
}

/// Where what a spec allows stands in the access of all: its statements, and what of it was not read.
type Ranges = (Range<usize>, Range<usize>);

/// What `keep` makes of a spec.
struct Kept<K> {
    name: IntegrationName,
    part: K,
    /// Where it stands in the version of now, if it is the same.
    same: Option<Ranges>,
    origins: Option<Origins>,
    given: Vec<String>,
    digest: Option<Digest>,
}

impl<K> AsRef<IntegrationName> for Kept<K> {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

/// What `keep` makes of what files allow and of the findings in it, and how the run ends if something is wrong with them.
fn gather<K: Send>(
    args: &Args,
    found: Found,
    terminal: &mut Terminal,
    version: &Version<'_>,
    keep: impl Fn(Access, Vec<Located>) -> K + Sync,
) -> Result<(Gathered<K>, Exit), Stop> {
    let (renamed, now) = match version {
        Version::Now => (None, None),
        Version::Before { renamed, now } => (Some(*renamed), Some(*now)),
    };
    let shown = |text: &str| renamed.map_or_else(|| text.to_owned(), |renamed| renamed(text));
    for error in &found.unreadable {
        terminal.fail(&shown(&error.to_string()), None);
    }
    for broken in &found.broken {
        terminal.fail(&shown(broken), None);
    }
    if let (Some(first), None) = (found.deeper.first(), renamed) {
        let others = match found.deeper.len() - 1 {
            0 => String::new(),
            others => format!(" and {}", count(others, "other")),
        };
        terminal.say(&format!("not reviewed, for specs are looked for directly in a folder: `{first}`{others}; name their folder, too"));
    }
    let mut all = Gathered {
        parts: Vec::new(),
        digests: BTreeMap::new(),
        same: BTreeMap::new(),
        has_spec: !found.specs.is_empty(),
        origins: Vec::new(),
        files: BTreeMap::new(),
    };
    let (ours, others) = Ours::of(found.templates);
    let mut with_spec = Vec::new();
    let mut exit = match (found.broken.is_empty(), found.unreadable.is_empty()) {
        (false, _) => Exit::Invalid,
        (true, false) => Exit::Failed,
        (true, true) => Exit::Done,
    };
    if !found.specs.is_empty() {
        let today = args.as_of.clone().or_else(today).ok_or_else(|| Stop::Usage {
            message: "the clock of this machine shows no day after 1970".into(),
            help: "name the day as of which acceptances hold, like `--as-of 2027-06-30`".into(),
        })?;
        let render = |integration: Integration, places: &Places<'_>| {
            // Most specs of another version are what they are now.
            if let Some((name, same)) =
                now.filter(|_| ours.is_empty()).and_then(|now| now.specs.get(&places.digest()))
            {
                let (name, part) = (name.clone(), keep(Access::default(), Vec::new()));
                let same = Some(same.clone());
                return Ok(Ok(Kept { name, part, same, origins: None, given: Vec::new(), digest: None }));
            }
            let stacks = match templates_with_sets(&integration)? {
                Ok((stacks, sets)) => judge::stacks_of(&integration, &stacks, sets),
                Err(limits) => return Ok(Err(limits)),
            };
            let (read, written) = ours.stacks(&integration, stacks);
            let reviewed = match now {
                None => Reviewed::of(integration, &read, written, places, &today, args.against.is_some()),
                Some(_) => Reviewed::unjudged(integration, &read, &written),
            };
            let Reviewed { name, access, findings, origins, given } = reviewed;
            let is_asked_for = args.against.is_some() && now.is_none() && given.is_empty();
            let digest = is_asked_for.then(|| places.digest());
            Ok(Ok(Kept { name, part: keep(access, findings), same: None, origins, given, digest }))
        };
        let loaded = load_and_render(&found.specs, render)?;
        let specs = match renamed {
            None => loaded.complain(terminal)?,
            Some(renamed) => {
                if loaded.exit() != Exit::Done {
                    terminal.complain(&renamed(&problems_as_text(&loaded.specs)));
                    loaded
                        .unreadable
                        .iter()
                        .for_each(|error| terminal.fail(&renamed(&error.to_string()), None));
                }
                loaded.exit()
            }
        };
        if exit == Exit::Done || specs == Exit::Invalid {
            exit = specs;
        }
        let kept = loaded.specs.into_iter().filter_map(|spec| spec.rendered);
        kept.for_each(|kept| {
            all.digests.extend(kept.digest.map(|digest| (digest, (kept.name, all.parts.len()))));
            all.same.extend(kept.same.map(|same| (all.parts.len(), same)));
            all.parts.push(kept.part);
            all.origins.extend(kept.origins);
            with_spec.extend(kept.given);
        });
    }
    if exit != Exit::Done {
        return Ok((all, exit));
    }
    let alone = others.into_iter().chain(ours.without(&with_spec));
    let stacks = alone.map(|FoundTemplate { file, name, template, .. }| {
        (file, review::Stack { integration: None, name, account: Account::This, template })
    });
    let stacks = stacks.collect::<Vec<_>>();
    all.files = stacks.iter().map(|(file, stack)| (stack.name.clone(), file.clone())).collect();
    let review = |(file, stack): &(String, review::Stack)| {
        let (access, findings) = match now {
            None => judge::template(stack, file),
            Some(_) => (review::access_together(std::slice::from_ref(stack)), Vec::new()),
        };
        keep(access, findings)
    };
    all.parts.extend(in_parallel(&stacks, review));
    Ok((all, Exit::Done))
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
    /// Of specs by what they are made of: their name, and where what they allow stands in `access`.
    specs: BTreeMap<Digest, (IntegrationName, Ranges)>,
}

impl All {
    fn of(gathered: Gathered<(Access, Vec<Located>)>) -> Self {
        let Gathered { parts, digests, has_spec, origins, files, .. } = gathered;
        let (mut access, mut findings, mut ranges) = (Access::default(), Vec::new(), Vec::new());
        access.statements.reserve(parts.iter().map(|(part, _)| part.statements.len()).sum());
        for (part, found) in parts {
            let start = (access.statements.len(), access.unread.len());
            access.statements.extend(part.statements);
            access.unread.extend(part.unread);
            ranges.push((start.0..access.statements.len(), start.1..access.unread.len()));
            findings.extend(found);
        }
        let place = |(digest, (name, part)): (Digest, (IntegrationName, usize))| {
            (digest, (name, ranges[part].clone()))
        };
        let specs = digests.into_iter().map(place).collect();
        Self { access, findings, has_spec, origins, files, specs }
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
