//! Planned files against the disk: what is fresh, stale, missing or an orphan, and how to bring the disk in step.
//! `generate` and `generate --check` share [`compare`], so they cannot disagree.

mod listing;
mod ours;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use listing::{documents_in, specs_in};
pub use ours::NOTE;
pub(crate) use ours::generated_from;
use ours::is_ours;

/// How the names of folders for staging begin.
const STAGE: &str = ".lakelink-";
/// What one person deploys with, beside the specs: never one of them.
pub const LOCAL_FILE: &str = "lakelink.local.yaml";

/// A file to be written: a path below the output folder, and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The path, with `/` between its parts.
    pub path: String,
    /// The content.
    pub text: String,
}

/// How a file on disk stands to what is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// On disk as planned.
    Fresh,
    /// Not on disk.
    Missing,
    /// On disk with other content.
    Stale,
    /// On disk, and not one of ours by its content.
    Foreign,
    /// Ours by its content, but no spec of this run gives it.
    Orphan,
}

/// Where to look for orphans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Territory {
    /// The whole output folder: the run saw a whole folder of specs.
    Everything,
    /// Only the folders of these integrations: the run saw single specs, and a spec of the same file name in another
    /// folder may own the rest.
    Integrations(BTreeSet<String>),
}

/// A failure on the way to or from the disk, with the path.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} `{}`: {source}", path.display())]
pub struct FileError {
    what: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FileError {
    let path = path.to_owned();
    move |source| {
        // What `ls` shows is there, and its target is not.
        let is_lost = source.kind() == io::ErrorKind::NotFound && path.is_symlink();
        FileError { what: if is_lost { "follow the link" } else { what }, path, source }
    }
}

/// Reads a spec file. One byte more than the largest legal spec is enough to see that it is too large.
///
/// # Errors
/// If the file cannot be read.
pub fn read_spec(path: &Path) -> Result<Vec<u8>, FileError> {
    read_up_to(path, crate::document::MAX_BYTES)
}

/// Reads a file that may be a template, up to one byte more than `most`.
///
/// # Errors
/// If the file cannot be read.
pub fn read_up_to(path: &Path, most: usize) -> Result<Vec<u8>, FileError> {
    use std::io::Read as _;
    let file = fs::File::open(path).map_err(failed("read", path))?;
    let length = file.metadata().map_or(0, |file| usize::try_from(file.len()).unwrap_or(most).min(most));
    let mut bytes = Vec::with_capacity(length);
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(failed("read", path))?;
    Ok(bytes)
}

/// The file that a path leads to, with every link resolved; `None` if there is none.
///
/// # Errors
/// If the path cannot be followed for another reason.
pub fn real_file(path: &Path) -> Result<Option<PathBuf>, FileError> {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match path.canonicalize() {
        Ok(real) => Ok(real.is_file().then_some(real)),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidInput | InvalidFilename) => {
            Ok(None)
        }
        Err(error) => Err(failed("find", path)(error)),
    }
}

/// A folder with every link resolved, and the tree that its specs may take their bases from: the git repository that
/// it is in, or else the folder itself.
///
/// # Errors
/// If the folder cannot be found.
pub fn real_folder(folder: &Path) -> Result<(PathBuf, PathBuf), FileError> {
    let real = folder.canonicalize().map_err(failed("find", folder))?;
    let tree = real.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&real).to_owned();
    Ok((real, tree))
}

/// How a planned file stands, and what is on disk now; text that is not UTF-8 comes as well as it can be shown.
///
/// # Errors
/// If what is there cannot be read.
pub fn compare(out: &Path, planned: &Planned) -> Result<(State, String), FileError> {
    let path = out.join(&planned.path);
    // A folder in the place of a file, or a link in the place of a folder, which would lead the files elsewhere.
    let is_link = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let mut folders = path.ancestors().skip(1).take_while(|folder| *folder != out);
    if path.is_dir() || folders.any(is_link) {
        return Ok((State::Foreign, String::new()));
    }
    let Some(bytes) = read(&path)? else { return Ok((State::Missing, String::new())) };
    let found = String::from_utf8_lossy(&bytes).into_owned();
    let state = if bytes == planned.text.as_bytes() {
        State::Fresh
    } else if is_ours(&planned.path, &found) {
        State::Stale
    } else {
        State::Foreign
    };
    Ok((state, found))
}

/// The orphans below `out`, as paths below it, in order: ours by their content, and none of those that are planned.
///
/// # Errors
/// If something below `out` cannot be read.
pub fn orphans(
    out: &Path,
    territory: &Territory,
    planned: &BTreeSet<&str>,
) -> Result<Vec<String>, FileError> {
    let mut orphans = Vec::new();
    // The output folder itself may be a link: the user named it.
    let out = &out.canonicalize().unwrap_or_else(|_| out.to_owned());
    for folder in children(out)? {
        let name = below(out, &folder);
        let is_searched = match territory {
            Territory::Everything => !name.starts_with('.'),
            Territory::Integrations(names) => names.contains(&name),
        };
        for file in if is_searched { files_in(&folder)? } else { Vec::new() } {
            let path = below(out, &file);
            let found = if planned.contains(path.as_str()) { None } else { read(&file)? };
            if found.is_some_and(|bytes| str::from_utf8(&bytes).is_ok_and(|text| is_ours(&path, text))) {
                orphans.push(path);
            }
        }
    }
    orphans.sort();
    Ok(orphans)
}

/// Every file of a folder, at any depth. Links to folders are not followed: they lead somewhere else.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in children(&folder)? {
            let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
            if is_folder { folders.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

fn below(out: &Path, path: &Path) -> String {
    path.strip_prefix(out).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

fn children(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir()) {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(failed("read", folder))?;
    entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed("read", folder))).collect()
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory) => {
            Ok(None)
        }
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Files that are written already and not yet in their places. What is not put there is gone in the end, so a run that
/// stops halfway leaves everything as it was.
pub struct Stage {
    /// Where the folder is made: on the file system of the places, so that a file is moved there in one step.
    out: PathBuf,
    folder: OnceLock<io::Result<tempfile::TempDir>>,
    /// What was made for it, from the inside out.
    made: Vec<PathBuf>,
}

/// A file on a [`Stage`].
pub struct Staged(PathBuf);

impl Stage {
    /// A stage for files below `out`. Nothing is made before the first file.
    pub fn new(out: &Path) -> Self {
        let out = std::path::absolute(out).unwrap_or_else(|_| out.to_owned());
        let made = out.ancestors().take_while(|folder| !folder.exists()).map(Path::to_owned).collect();
        Self { out, folder: OnceLock::new(), made }
    }

    /// Writes a file.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn put(&self, planned: &Planned) -> Result<Staged, FileError> {
        let folder = self.folder.get_or_init(|| self.make()).as_ref().map_err(|error| {
            failed("make a folder in", &self.out)(io::Error::new(error.kind(), error.to_string()))
        })?;
        // As below `out`: in one folder for all, threads would wait for each other.
        let path = folder.path().join(&planned.path);
        let write = || fs::File::create_new(&path)?.write_all(planned.text.as_bytes());
        with_folder(&path, write).map_err(failed("write", &path))?;
        Ok(Staged(path))
    }
}

impl Stage {
    fn make(&self) -> io::Result<tempfile::TempDir> {
        fs::create_dir_all(&self.out)?;
        let folder = tempfile::Builder::new().prefix(STAGE).tempdir_in(&self.out)?;
        // A run that is killed leaves the folder behind: nobody should commit it.
        fs::File::create_new(folder.path().join(".gitignore"))?.write_all(b"*\n")?;
        Ok(folder)
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.folder.take());
        for folder in &self.made {
            // Not empty is the usual answer: the files were moved there.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes what runs that were killed have left in the output folder.
///
/// # Errors
/// If it cannot be removed.
pub fn remove_stages(out: &Path) -> Result<(), FileError> {
    for folder in children(out)? {
        let is_stage = folder.file_name().is_some_and(|name| name.to_string_lossy().starts_with(STAGE));
        if is_stage && folder.join(".gitignore").is_file() {
            fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
        }
    }
    Ok(())
}

impl Staged {
    /// Moves the file to its place in one step: a reader sees the old content or the new, never half of it.
    ///
    /// # Errors
    /// If the folder cannot be made or the file cannot be moved.
    pub fn place(&self, path: &Path) -> Result<(), FileError> {
        with_folder(path, || fs::rename(&self.0, path)).map_err(failed("write", path))
    }
}

/// Does something with a file. Its folder is made only if it turns out to be missing: usually it is there.
fn with_folder(path: &Path, work: impl Fn() -> io::Result<()>) -> io::Result<()> {
    match work() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            work()
        }
        done => done,
    }
}

/// Writes a file in one step: a reader sees the old content or the new, never half of it.
///
/// # Errors
/// If the folder cannot be made or the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<(), FileError> {
    staged(path, text)?.persist(path).map_err(|error| failed("write", path)(error.error))?;
    Ok(())
}

/// Writes a file where there is nothing yet, not even a dangling link. `false` if there is something.
///
/// # Errors
/// If the folder cannot be made or the file cannot be written.
pub fn write_new(path: &Path, text: &str) -> Result<bool, FileError> {
    match staged(path, text)?.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(failed("write", path)(error.error)),
    }
}

fn make_folder(path: &Path) -> Result<&Path, FileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(failed("make the folder of", path))?;
    Ok(folder)
}

/// The content in a file beside its place, to be moved there in one step.
fn staged(path: &Path, text: &str) -> Result<tempfile::NamedTempFile, FileError> {
    let folder = make_folder(path)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // Else the file would be readable by its owner only, which git does not show but a build server feels.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(failed("write", path))?;
    file.write_all(text.as_bytes()).map_err(failed("write", path))?;
    Ok(file)
}

/// Removes an orphan below `out`, and each folder on the way back to `out` that is empty now.
///
/// # Errors
/// If the file cannot be removed.
pub fn remove(out: &Path, path: &str) -> Result<(), FileError> {
    let path = out.join(path);
    fs::remove_file(&path).map_err(failed("remove", &path))?;
    for folder in path.ancestors().skip(1).take_while(|folder| *folder != out) {
        // Not empty is the usual answer: somebody else's file lies there.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
    Ok(())
}
