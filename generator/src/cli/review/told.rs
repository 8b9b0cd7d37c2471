//! What people read of a review. The access of a fleet does not fit into memory, and is printed only if every spec of the run is
//! in order: so the text of each lies on the disk until then.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::sync::{Mutex, PoisonError};

use super::found::find;
use super::gather::{Read, Version, gather};
use super::{Args, tell_not_looked_at};
use crate::cli::findings::{self, Located, Sums};
use crate::cli::terminal::{count, plain};
use crate::cli::{Exit, Stop, Terminal};
use crate::review::rules::Severity;
use crate::review::{self, Access};

/// Reviews what the arguments lead to, and prints it as text: who may do what, spec by spec, then what the rules find.
pub(super) fn run(args: &Args, least: Severity, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let read = Read::of(find(&args.paths, true)?)?;
    let shelf = Shelf::new()?;
    let all = terminal.verbose;
    let keep = |access: Access, findings: Vec<Located>| Told::of(&access, findings, &shelf, least, all);
    let (gathered, exit) = gather(args, read, terminal, &Version::Now, keep)?;
    if exit != Exit::Done {
        return Ok(exit);
    }
    let told = gathered.parts.into_iter().collect::<io::Result<Vec<_>>>()?;
    let mut shelf = shelf.file.into_inner().unwrap_or_else(PoisonError::into_inner);
    for one in &told {
        terminal.data(&one.text.read(&mut shelf)?)?;
    }
    told.iter().try_for_each(|one| terminal.data(&one.unread))?;
    let unknown = told.iter().flat_map(|one| &one.unknown).collect::<BTreeSet<_>>();
    if !unknown.is_empty() {
        let services = unknown.into_iter().cloned().collect::<Vec<_>>().join(", ");
        terminal.data(&plain(&format!("not in the table of actions, so shown as written: {services}\n")))?;
    }
    terminal.say(&count(told.iter().map(|one| one.statements).sum(), "statement"));
    tell_not_looked_at(gathered.has_spec, terminal)?;
    let sums = told.iter().fold(Sums::default(), |sums, one| sums.and(one.sums));
    let fails = told.iter().any(|one| one.fails);
    let shown = told.into_iter().flat_map(|one| one.findings).collect::<Vec<_>>();
    let shown = findings::text(&shown, all);
    if !shown.is_empty() {
        terminal.data(&format!("\n{shown}"))?;
    }
    terminal.say(&sums.words(all));
    Ok(if fails { Exit::Findings } else { Exit::Done })
}

/// What is said of a spec or of a template.
struct Told {
    /// Who may do what.
    text: Shelved,
    statements: usize,
    /// What was not read, line by line.
    unread: String,
    /// Services that the table of actions does not know.
    unknown: Vec<String>,
    /// The findings that are shown.
    findings: Vec<Located>,
    /// All of them.
    sums: Sums,
    fails: bool,
}

impl Told {
    fn of(
        access: &Access,
        mut findings: Vec<Located>,
        shelf: &Shelf,
        least: Severity,
        all: bool,
    ) -> io::Result<Self> {
        let unread = access.unread.iter().map(|unread| {
            let place = &unread.place;
            let line = place.line.map(|line| format!(", line {line}")).unwrap_or_default();
            let resource =
                if place.resource_id.is_empty() { String::new() } else { format!("/{}", place.resource_id) };
            plain(&format!("not read: {}{resource}{line}: {}\n", place.stack, unread.what))
        });
        let (sums, fails) = (Sums::of(&findings, &[]), findings::open(&findings, least) > 0);
        findings.retain(|located| findings::is_shown(&located.finding, all));
        Ok(Self {
            text: shelf.put(&plain(&review::words(&access.statements)))?,
            statements: access.statements.len(),
            unread: unread.collect(),
            unknown: review::unknown_services(&access.statements),
            findings,
            sums,
            fails,
        })
    }
}

/// Texts on the disk, in a file without a name that is gone with the run.
struct Shelf {
    file: Mutex<File>,
}

/// Where a text is, in bytes.
struct Shelved {
    start: u64,
    length: usize,
}

impl Shelf {
    fn new() -> io::Result<Self> {
        Ok(Self { file: Mutex::new(tempfile::tempfile().map_err(full)?) })
    }

    fn put(&self, text: &str) -> io::Result<Shelved> {
        // A text that another thread did not finish is read by nobody.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let start = file.seek(io::SeekFrom::End(0)).map_err(full)?;
        file.write_all(text.as_bytes()).map_err(full)?;
        Ok(Shelved { start, length: text.len() })
    }
}

/// Where it was that there was no place.
fn full(error: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    io::Error::new(error.kind(), format!("cannot write to `{}`: {error}", folder.display()))
}

impl Shelved {
    fn read(&self, file: &mut File) -> io::Result<String> {
        file.seek(io::SeekFrom::Start(self.start))?;
        let mut text = vec![0; self.length];
        file.read_exact(&mut text)?;
        String::from_utf8(text).map_err(io::Error::other)
    }
}
