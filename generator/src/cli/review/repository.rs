//! Paths as the repository calls them.

use std::path::{Component, Path, PathBuf};

/// The repository that the program runs in; the folder itself, where it is in none.
pub(super) struct Repository {
    root: PathBuf,
    here: PathBuf,
}

impl Repository {
    /// The repository around the current folder. Git is not asked: its root is the nearest folder with `.git` in it.
    ///
    /// # Errors
    /// The current folder is not there any more, or cannot be read.
    pub(super) fn here() -> std::io::Result<Self> {
        let here = std::env::current_dir()?.canonicalize()?;
        let root = here.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(&here).to_owned();
        Ok(Self { root, here })
    }

    /// A path from the root, with forward slashes. The file behind a link, since GitHub shows nothing at a link. One
    /// outside the repository keeps its whole path.
    pub(super) fn path(&self, file: &str) -> String {
        let file = self.here.join(file);
        let file = file.canonicalize().unwrap_or_else(|_| without_dots(&file));
        let Ok(inside) = file.strip_prefix(&self.root) else { return file.display().to_string() };
        let parts = inside.components().map(|part| part.as_os_str().to_string_lossy());
        parts.collect::<Vec<_>>().join("/")
    }
}

/// For a file that is not there, so that no link can be in the way.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}
