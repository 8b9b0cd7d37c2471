//! `lakelink review --against`: another version of the same files, and what is different.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::found::find;
use super::gather::{Gathered, Read, Version, gather};
use super::git::Revision;
use super::markdown::{self, Against};
use super::{All, Args, changed, document, print_findings, print_for_ci};
use crate::cli::{Exit, Format, Stop, Terminal};
use crate::review::rules::{self, Severity};
use crate::review::{self, Access, Borrowed, Statement, Summary};

/// Another version of the files, read but not looked at.
pub(super) struct Before {
    /// Of git; it has the files as long as they are needed.
    revision: Option<Revision>,
    /// Nothing if none of the paths was there.
    read: Option<Read>,
}

impl Before {
    /// Reads the counterparts of the paths.
    pub(super) fn read(args: &Args, against: &str) -> Result<Self, Stop> {
        let folder = Path::new(against);
        let (revision, paths) = if folder.is_dir() {
            let paths = args.paths.iter().map(|path| in_folder(path, folder, args.paths.len()));
            (None, paths.collect::<Vec<_>>())
        } else {
            let start = args.paths.first().map_or(Path::new("."), |path| directory(path));
            let revision = Revision::read(against, start)?;
            let paths = args.paths.iter().map(|path| revision.counterpart(path)).collect();
            (Some(revision), paths)
        };
        let paths = paths.into_iter().flatten().collect::<Vec<_>>();
        // A file that was neither spec nor template allowed nothing.
        let read = match find(&paths, false) {
            Err(Stop::Usage { .. }) => None,
            found => Some(Read::of(found?)?),
        };
        Ok(Self { revision, read })
    }

    /// Compares what the files allow now with what they allowed.
    pub(super) fn compare(
        self,
        args: &Args,
        against: &str,
        all: &mut All,
        least: Severity,
        terminal: &mut Terminal,
    ) -> Result<Exit, Stop> {
        let Self { revision, read } = self;
        let renamed = |text: &str| match &revision {
            Some(revision) => revision.named(text, against),
            None => text.to_owned(),
        };
        let version = Version::Before { renamed: &renamed, now: all };
        let (before, exit) = match read {
            Some(read) => {
                let (gathered, exit) = gather(args, read, terminal, &version, |access, _| access)?;
                (Some(gathered), exit)
            }
            None => (None, Exit::Done),
        };
        if exit != Exit::Done {
            let help = "name a version in which it was in order, or review without --against";
            terminal.fail(&format!("what there was at `{against}` cannot be compared with"), Some(help));
            return Ok(exit);
        }
        if before.as_ref().is_none_or(|before| before.parts.is_empty()) {
            // A mistyped folder looks like this, too.
            terminal.warn(&format!(
                "there was neither a spec nor a template at `{against}`, so all access is new"
            ));
        }
        if before.as_ref().is_some_and(|before| have_nothing_in_common(before, all)) {
            // The folder above the one that was meant, or templates in place of specs.
            terminal.warn(&format!(
                "no stack of `{against}` has the name of one that is reviewed, so all access is new and all that was there is gone; name another version of the same files"
            ));
        }
        let (then, mut now) = (as_of_then(before.as_ref(), all), Borrowed::from(&all.access));
        now.deployed_in(&all.regions);
        let mut changes = review::compare_borrowed(&then, &now);
        let stale = all.origins.iter().flat_map(|spec| spec.accept(&mut changes)).collect::<Vec<_>>();
        all.findings.extend(stale);
        let commit = revision.as_ref().map(|revision| revision.commit.as_str());
        if print_for_ci(all, &changes, terminal)? {
            // Printed.
        } else if terminal.json {
            let kind = if revision.is_some() { "revision" } else { "folder" };
            let mut document = document(all);
            document["changes"] = changes.iter().map(|change| json!(change.row())).collect();
            document["against"] = json!({ "kind": kind, "name": against, "commit": commit });
            document["summary"] = json!(Summary::of(&changes));
            terminal.document(&document)?;
        } else if terminal.format == Format::Markdown {
            let against = Against { name: against, commit, changes: &changes };
            terminal.data(&markdown::comment(all, Some(&against)))?;
        } else {
            terminal.data(&changed::text(all, &changes))?;
            print_findings(all, &changes, terminal)?;
        }
        let fails = changes.iter().filter_map(rules::of_change).any(|finding| finding.is_open(least));
        // As what there is now, when the process ends.
        std::mem::forget(before);
        Ok(if fails { Exit::Findings } else { Exit::Done })
    }
}

/// All that the other version allows: what a spec allows that is the same now stands there.
fn as_of_then<'a>(before: Option<&'a Gathered<Access>>, now: &'a All) -> Borrowed<'a> {
    let mut then = Borrowed::default();
    if let Some(before) = before {
        then.deployed_in(&before.regions);
    }
    for (n, part) in before.iter().flat_map(|before| before.parts.iter().enumerate()) {
        match before.and_then(|before| before.same.get(&n)).cloned() {
            Some((statements, unread)) => {
                then.add(&now.access.statements[statements], &now.access.unread[unread]);
            }
            None => then.add(&part.statements, &part.unread),
        }
    }
    then
}

/// Whether both have stacks, and none of them has the same name in both.
fn have_nothing_in_common(before: &Gathered<Access>, now: &All) -> bool {
    fn name(one: &Statement) -> (Option<&str>, &str) {
        (one.place.integration.as_deref(), &one.place.stack)
    }
    if !before.same.is_empty() || now.access.statements.is_empty() {
        return false;
    }
    let then = before.parts.iter().flat_map(|part| &part.statements).map(name).collect::<BTreeSet<_>>();
    !then.is_empty() && !now.access.statements.iter().any(|one| then.contains(&name(one)))
}

fn directory(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() { path } else { parent }
}

/// What a folder has for a path: itself for the only folder, else what has the same name in it.
fn in_folder(path: &Path, folder: &Path, count: usize) -> Option<PathBuf> {
    if count == 1 && path.is_dir() {
        return Some(folder.to_owned());
    }
    let there = folder.join(path.canonicalize().ok()?.file_name()?);
    there.exists().then_some(there)
}
