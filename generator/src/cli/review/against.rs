//! `lakelink review --against`: another version of the same files, and what is different.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::git::Revision;
use super::markdown::{self, Against};
use super::{All, Args, Gathered, Version, document, find, gather, print_findings, print_for_ci};
use crate::cli::terminal::plain;
use crate::cli::{Exit, Format, Stop, Terminal};
use crate::review::rules::{self, Severity};
use crate::review::{self, Access, Borrowed, Summary};

/// Compares what the files allow now with what they allowed.
pub(super) fn run(
    args: &Args,
    against: &str,
    all: &mut All,
    least: Severity,
    terminal: &mut Terminal,
) -> Result<Exit, Stop> {
    let folder = Path::new(against);
    let (kind, commit, (before, exit)) = if folder.is_dir() {
        let paths = args.paths.iter().map(|path| in_folder(path, folder, args.paths.len()));
        ("folder", None, there(args, paths.collect(), terminal, &str::to_owned, all)?)
    } else {
        let start = args.paths.first().map_or(Path::new("."), |path| directory(path));
        let revision = Revision::read(against, start)?;
        let paths = args.paths.iter().map(|path| revision.counterpart(path)).collect();
        let renamed = |text: &str| revision.named(text, against);
        let before = there(args, paths, terminal, &renamed, all)?;
        ("revision", Some(revision.commit), before)
    };
    if exit != Exit::Done {
        terminal.fail(&format!("what there was at `{against}` cannot be compared with"), None);
        return Ok(exit);
    }
    let then = as_of_then(before.as_ref(), all);
    let mut changes = review::compare_borrowed(&then, &(&all.access).into());
    let stale = all.origins.iter().flat_map(|spec| spec.accept(&mut changes)).collect::<Vec<_>>();
    all.findings.extend(stale);
    if print_for_ci(all, &changes, terminal)? {
        // Printed.
    } else if terminal.json {
        let mut document = document(all);
        document["changes"] = changes.iter().map(|change| json!(change.row())).collect();
        document["against"] = json!({ "kind": kind, "name": against, "commit": commit });
        document["summary"] = json!(Summary::of(&changes));
        terminal.document(&document)?;
    } else if terminal.format == Format::Markdown {
        let against = Against { name: against, commit: commit.as_deref(), changes: &changes };
        terminal.data(&markdown::comment(all, Some(&against)))?;
    } else {
        terminal.data(&plain(&review::in_words(&changes)))?;
        print_findings(all, &changes, terminal)?;
    }
    let fails = changes.iter().filter_map(rules::of_change).any(|finding| finding.is_open(least));
    // As what there is now, when the process ends.
    std::mem::forget(before);
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// What the counterparts of the paths allow; nothing for what is not there.
fn there(
    args: &Args,
    paths: Vec<Option<PathBuf>>,
    terminal: &mut Terminal,
    renamed: &dyn Fn(&str) -> String,
    now: &All,
) -> Result<(Option<Gathered<Access>>, Exit), Stop> {
    let paths = paths.into_iter().flatten().collect::<Vec<_>>();
    // A folder in which there was neither spec nor template allowed nothing.
    let found = match find(&paths, false) {
        Err(Stop::Usage { .. }) => return Ok((None, Exit::Done)),
        found => found?,
    };
    let version = Version::Before { renamed, now };
    let (gathered, exit) = gather(args, found, terminal, &version, |access, _| access)?;
    Ok((Some(gathered), exit))
}

/// All that the other version allows: what a spec allows that is the same now stands there.
fn as_of_then<'a>(before: Option<&'a Gathered<Access>>, now: &'a All) -> Borrowed<'a> {
    let mut then = Borrowed::default();
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
