//! From what arguments lead to, to what it allows.

use std::collections::BTreeMap;
use std::ops::Range;

use super::found::{Found, FoundTemplate};
use super::ours::Ours;
use super::{All, Args};
use crate::check::{Claim, Places, Texts};
use crate::cli::findings::{self, Located};
use crate::cli::judge::{self, OfChanges, Origins, Reviewed, Wanted};
use crate::cli::load::{Asked, problems_as_text};
use crate::cli::terminal::count;
use crate::cli::today::today;
use crate::cli::{Exit, Format, Stop, Terminal};
use crate::model::Integration;
use crate::parallel::in_parallel;
use crate::review::rules::Severity;
use crate::review::{self, Access, Account, Regions};
use crate::stacks::templates_with_sets;
use crate::vocab::IntegrationName;

/// What arguments lead to, with the specs read.
pub(super) struct Read {
    found: Found,
    /// None if there is no spec.
    specs: Option<Asked>,
}

impl Read {
    pub(super) fn of(found: Found) -> Result<Self, Stop> {
        let specs = (!found.specs.is_empty()).then(|| Asked::read(&found.specs)).transpose()?;
        Ok(Self { found, specs })
    }
}

/// Which version of the files is looked at.
pub(super) enum Version<'a> {
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
pub(super) type Digest = [u8; 32];

/// What was made of the specs and templates of a run.
pub(super) struct Gathered<K> {
    /// Of each spec, then of each template that is no spec's.
    pub(super) parts: Vec<K>,
    /// Of specs without a template that was given with them: which part is theirs.
    pub(super) digests: BTreeMap<Digest, (Known, usize)>,
    /// Which parts of another version are as they are now, and where they stand there.
    pub(super) same: BTreeMap<usize, Ranges>,
    pub(super) has_spec: bool,
    /// Where the stacks of specs are deployed.
    pub(super) regions: Regions,
    /// Of each spec.
    pub(super) origins: Vec<Origins>,
    /// The file of each template that is no spec's, by what rows call it.
    pub(super) files: BTreeMap<String, String>,
    /// The files of templates that were given with their spec and are not what it gives now.
    pub(super) differing: Vec<String>,
}

/// What is to be known of templates that are not what their specs give now; none if there is none.
pub(super) fn differing_in_words(files: &[String]) -> Option<String> {
    let (first, others) = files.split_first()?;
    Some(match others.len() {
        0 => format!(
            "`{first}` is not what its spec gives now; it is reviewed as it is, `lakelink generate` brings it in step"
        ),
        others => format!(
            "`{first}` and {} are not what their specs give now; they are reviewed as they are, `lakelink generate` brings them in step",
            count(others, "other")
        ),
    })
}

/// Where what a spec allows stands in the access of all: its statements, and what of it was not read.
pub(super) type Ranges = (Range<usize>, Range<usize>);

/// What is known of a spec of now, wherever another version has it, too.
pub(super) struct Known {
    name: IntegrationName,
    /// What no other spec may have.
    claims: Vec<Claim>,
}

/// What `keep` makes of a spec.
struct Kept<K> {
    name: IntegrationName,
    part: K,
    /// Where it stands in the version of now, if it is the same.
    same: Option<Ranges>,
    origins: Option<Origins>,
    given: Vec<String>,
    /// Those of the given templates that are not what the spec gives.
    differing: Vec<String>,
    digest: Option<(Digest, Vec<Claim>)>,
    regions: Regions,
}

impl<K> AsRef<IntegrationName> for Kept<K> {
    fn as_ref(&self) -> &IntegrationName {
        &self.name
    }
}

/// What `keep` makes of what files allow and of the findings in it, and how the run ends if something is wrong with them.
pub(super) fn gather<K: Send>(
    args: &Args,
    read: Read,
    terminal: &mut Terminal,
    version: &Version<'_>,
    keep: impl Fn(Access, Vec<Located>) -> K + Sync,
) -> Result<(Gathered<K>, Exit), Stop> {
    let Read { found, specs } = read;
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
        has_spec: specs.is_some(),
        regions: Regions::new(),
        origins: Vec::new(),
        files: BTreeMap::new(),
        differing: Vec::new(),
    };
    let (ours, others) = Ours::of(found.templates);
    let mut with_spec = Vec::new();
    let mut exit = match (found.broken.is_empty(), found.unreadable.is_empty()) {
        (false, _) => Exit::Invalid,
        (true, false) => Exit::Failed,
        (true, true) => Exit::Done,
    };
    if let Some(specs) = specs {
        let today = args.as_of.clone().or_else(today).ok_or_else(|| Stop::Usage {
            message: "the clock of this machine shows no day after 1970".into(),
            help: "name the day as of which acceptances hold, like `--as-of 2027-06-30`".into(),
        })?;
        let (format, verbose) = (terminal.format, terminal.verbose);
        let wanted = Wanted {
            of_finding: &|finding| match format {
                Format::Text => findings::is_shown(finding, verbose),
                Format::Sarif | Format::Github => finding.is_open(Severity::Note),
                Format::Json | Format::Markdown => true,
            },
            of_changes: match format {
                _ if args.against.is_none() => OfChanges::Nothing,
                // It tells of changes by the names of things.
                Format::Json => OfChanges::Nothing,
                Format::Text | Format::Markdown => OfChanges::Keys,
                Format::Sarif | Format::Github => OfChanges::KeysAndLines,
            },
        };
        // Most specs of another version are what they are now.
        let known = |texts: Texts<'_>| {
            let now = now.filter(|_| ours.is_empty())?;
            let (Known { name, claims }, same) = now.specs.get(&texts.digest())?;
            let (name, part) = (name.clone(), keep(Access::default(), Vec::new()));
            let same = Some(same.clone());
            let from = (name.to_string(), String::new());
            let its = now.regions.range(from..).take_while(|((spec, _), _)| spec == name.as_str());
            let regions = its.map(|(stack, regions)| (stack.clone(), regions.clone())).collect();
            let (given, differing) = (Vec::new(), Vec::new());
            let kept = Kept { name, part, same, origins: None, given, differing, digest: None, regions };
            Some((kept, claims.to_vec()))
        };
        let render = |integration: Integration, places: &Places<'_>| {
            let (stacks, sets) = match templates_with_sets(&integration)? {
                Ok(rendered) => rendered,
                Err(limits) => return Ok(Err(limits)),
            };
            let rendered = judge::stacks_of(&integration, &stacks, &sets);
            let mut differing = Vec::new();
            // Of another version it is what was deployed.
            let differs = now.is_none().then_some(&mut differing);
            let (read, written) = ours.stacks(&integration, rendered, differs);
            let regions = if args.against.is_some() { regions(&integration) } else { Regions::new() };
            let reviewed = match now {
                None => Reviewed::of(integration, &read, &written, places, &today, wanted),
                Some(_) => Reviewed::unjudged(integration, &read, &written),
            };
            let Reviewed { name, access, findings, origins, given } = reviewed;
            let is_asked_for = args.against.is_some() && now.is_none() && given.is_empty();
            let digest = is_asked_for.then(|| (places.texts.digest(), places.claims.to_vec()));
            let part = keep(access, findings);
            Ok(Ok(Kept { name, part, same: None, origins, given, differing, digest, regions }))
        };
        let loaded = specs.render(known, render)?;
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
            let known = |(digest, claims)| (digest, (Known { name: kept.name, claims }, all.parts.len()));
            all.digests.extend(kept.digest.map(known));
            all.same.extend(kept.same.map(|same| (all.parts.len(), same)));
            all.regions.extend(kept.regions);
            all.parts.push(kept.part);
            all.origins.extend(kept.origins);
            with_spec.extend(kept.given);
            all.differing.extend(kept.differing);
        });
    }
    if exit != Exit::Done {
        return Ok((all, exit));
    }
    if let Some(words) = differing_in_words(&all.differing) {
        terminal.warn(&words);
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

/// Where the stacks of an integration are deployed. Roles are in one Region, whichever that is.
fn regions(integration: &Integration) -> Regions {
    let stacks = integration.stacks().into_iter().filter(|stack| !stack.is_roles());
    let regions = stacks.map(|stack| {
        let name = (integration.name.to_string(), stack.stem().to_owned());
        (name, integration.regions_of(stack).into_iter().collect())
    });
    regions.collect()
}
