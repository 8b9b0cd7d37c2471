//! The files of a revision, by the user's `git`. Only what reads: no network, no hooks, no lock, nothing checked out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::cli::Stop;
use crate::review::MAX_BYTES;

/// The files of a revision that may be specs or templates, in a folder of their own, which goes with this.
pub(super) struct Revision {
    /// The commit that the name stands for.
    pub(super) commit: String,
    folder: TempDir,
    /// The folder of the repository.
    root: PathBuf,
}

fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["--no-pager", "--no-replace-objects", "-c", "protocol.allow=never"]);
    command.args(arguments).env("GIT_OPTIONAL_LOCKS", "0").env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_TERMINAL_PROMPT", "0").stdin(Stdio::null());
    command
}

fn failed(error: std::io::Error) -> Stop {
    let help = if error.kind() == std::io::ErrorKind::NotFound {
        "; install git, or compare with a folder: --against DIR"
    } else {
        ""
    };
    Stop::Git(format!("cannot run it: {error}{help}"))
}

/// What it prints; its own words, where it fails.
fn output(command: &mut Command) -> Result<Result<Vec<u8>, String>, Stop> {
    let output = command.output().map_err(failed)?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok(if output.status.success() { Ok(output.stdout) } else { Err(said) })
}

fn line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches(['\r', '\n']).to_owned()
}

impl Revision {
    /// Reads a revision of the repository that a folder is in.
    ///
    /// # Errors
    /// [`Stop::Usage`] if the folder is in no repository or the revision is none of it, [`Stop::Git`] if git cannot be run.
    pub(super) fn read(name: &str, folder: &Path) -> Result<Self, Stop> {
        let root =
            output(&mut git(folder, &["rev-parse", "--show-toplevel"]))?.map_err(|said| Stop::Usage {
                message: format!(
                    "`{}` is in no git repository, so `{name}` is no revision: {said}",
                    folder.display()
                ),
                help: "--against takes a revision of the repository that PATH is in, or a folder".into(),
            })?;
        let root = PathBuf::from(line(&root));
        let commit = format!("{name}^{{commit}}");
        let commit =
            output(&mut git(&root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]))?;
        let commit = commit.map_err(|_| Stop::Usage {
            message: format!("`{name}` is neither a folder nor a revision of `{}`", root.display()),
            help: "name one branch, tag or commit, or a folder; a shallow clone holds few: fetch the one to compare with first"
                .into(),
        })?;
        let mut revision =
            Self { commit: line(&commit), folder: tempfile::tempdir().map_err(Stop::Output)?, root };
        revision.fill()?;
        Ok(revision)
    }

    /// Where a file or folder of the repository is in this revision; none if it is not there.
    pub(super) fn counterpart(&self, path: &Path) -> Option<PathBuf> {
        let real = path.canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        let there = self.folder.path().join(real.strip_prefix(root).ok()?);
        there.exists().then_some(there)
    }

    /// A text in which files of the revision are named as git names them.
    pub(super) fn named(&self, text: &str, revision: &str) -> String {
        let folder = self.folder.path().display().to_string();
        text.replace(&format!("{folder}/"), &format!("{revision}:")).replace(&folder, revision)
    }

    fn fill(&mut self) -> Result<(), Stop> {
        let list = output(&mut git(&self.root, &["ls-tree", "-r", "-z", "--full-tree", &self.commit]))?;
        let list = list.map_err(Stop::Git)?;
        // Specs look for what they build on up to the folder of their repository.
        std::fs::create_dir(self.folder.path().join(".git")).map_err(Stop::Output)?;
        let entries = list.split(|byte| *byte == 0).filter_map(|entry| {
            let entry = std::str::from_utf8(entry).ok()?;
            let (about, path) = entry.split_once('\t')?;
            let [mode, "blob", object] = about.split(' ').collect::<Vec<_>>()[..] else { return None };
            let is_ours = [".yaml", ".yml", ".json", ".template"].iter().any(|ending| path.ends_with(ending));
            // Links are not followed out of the revision.
            (is_ours && mode.starts_with("100")).then_some((object, path))
        });
        let entries = entries.collect::<Vec<_>>();
        let mut reader = git(&self.root, &["cat-file", "--batch"]);
        let mut reader = reader.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
        let (Some(mut to), Some(from)) = (reader.stdin.take(), reader.stdout.take()) else {
            return Err(Stop::Git("it has no input or output".to_owned()));
        };
        let mut from = std::io::BufReader::new(from);
        for (object, path) in entries {
            writeln!(to, "{object}").and_then(|()| to.flush()).map_err(failed)?;
            let bytes = object_of(&mut from).map_err(failed)?;
            let Some(bytes) = bytes else {
                return Err(Stop::Git(format!("`{path}` of {} is not in this clone", self.commit)));
            };
            // A file that is too large is not read here either.
            if bytes.len() <= MAX_BYTES {
                self.put(path, &bytes).map_err(Stop::Output)?;
            }
        }
        drop(to);
        reader.wait().map_err(failed)?;
        Ok(())
    }

    fn put(&self, path: &str, bytes: &[u8]) -> std::io::Result<()> {
        let is_plain =
            Path::new(path).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if !is_plain {
            return Ok(());
        }
        let file = self.folder.path().join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::File::create_new(file)?.write_all(bytes)
    }
}

/// The next object that `cat-file --batch` gives; none if it has none.
fn object_of(from: &mut impl std::io::BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut head = String::new();
    from.read_line(&mut head)?;
    let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<usize>().ok()) else {
        return Ok(None);
    };
    let mut bytes = vec![0; size];
    from.read_exact(&mut bytes)?;
    from.read_exact(&mut [0])?;
    Ok(Some(bytes))
}
