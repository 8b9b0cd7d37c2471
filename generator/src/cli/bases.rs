//! From spec files to those that they build on: every file of a run is found and read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use crate::check::{Found, Inputs, Wanted};
use crate::document::FileId;
use crate::files::{FileError, LOCAL_FILE, read_spec, real_file, real_folder};

/// Files that were read, and what is known of the disk.
#[derive(Default)]
pub(crate) struct Reader {
    inputs: Inputs,
    unreadable: Vec<FileError>,
    /// What was said of them.
    said: BTreeSet<String>,
    /// The folder of each file, as it was reached.
    folders: Vec<PathBuf>,
    /// Every file by its path with links resolved.
    files: BTreeMap<PathBuf, FileId>,
    /// Folders with links resolved, and the trees that their files may take bases from.
    trees: BTreeMap<PathBuf, (PathBuf, PathBuf)>,
    /// What was found for a name in the files of a folder.
    found: BTreeMap<(PathBuf, String), Found>,
}

impl Reader {
    /// Reads files and all that they build on; what cannot be read comes back as errors.
    pub(crate) fn read(files: &[PathBuf]) -> (Inputs, Vec<FileError>) {
        let mut reader = Self::default();
        reader.ask(files);
        while let Some(wanted) = reader.inputs.wanted() {
            let found = reader.find(&wanted);
            reader.inputs.link(wanted, found);
        }
        (reader.inputs, reader.unreadable)
    }

    fn ask(&mut self, files: &[PathBuf]) {
        let (mut named, mut places) = (Vec::new(), Vec::new());
        for file in files {
            match read_spec(file).and_then(|bytes| Ok((bytes, real_file(file)?))) {
                Ok((bytes, real)) => {
                    named.push((shown(file), bytes));
                    places.push((file, real));
                }
                Err(error) => {
                    self.inputs.lose();
                    self.fail(error);
                }
            }
        }
        let first = self.inputs.ask_all(named).index();
        for (n, (file, real)) in places.into_iter().enumerate() {
            self.note(FileId::new(first + n), file, real);
        }
    }

    /// Remembers where a file is.
    fn note(&mut self, id: FileId, file: &Path, real: Option<PathBuf>) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        self.folders.push(folder.unwrap_or(Path::new(".")).to_owned());
        self.files.extend(real.map(|real| (real, id)));
    }

    /// Notes an error once, by whatever way it is met.
    fn fail(&mut self, error: FileError) {
        if self.said.insert(error.to_string()) {
            self.unreadable.push(error);
        }
    }

    /// What is behind a name.
    fn find(&mut self, wanted: &Wanted) -> Found {
        let key = (self.folders[wanted.from.index()].clone(), wanted.name.clone());
        if let Some(found) = self.found.get(&key) {
            return found.clone();
        }
        let found = self.look(&key.0, &key.1).unwrap_or_else(|error| {
            self.fail(error);
            Found::Unreadable
        });
        self.found.insert(key, found.clone());
        found
    }

    /// Looks for a name on the disk. What is outside the tree is not read, and not even looked for when its name shows
    /// that it is.
    fn look(&mut self, folder: &Path, name: &str) -> Result<Found, FileError> {
        let (real_folder, tree) = self.tree(folder)?;
        if !plain(&real_folder.join(name)).starts_with(&tree) {
            return Ok(Found::Outside);
        }
        // `.` means the same everywhere and is left out; what `..` means, the disk has to say.
        let reached =
            folder.join(name).components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
        let Some(real) = real_file(&reached)? else { return Ok(Found::Nothing(shown(&plain(&reached)))) };
        if !real.starts_with(&tree) {
            return Ok(Found::Outside);
        }
        if real.file_name().is_some_and(|name| name == LOCAL_FILE) {
            return Ok(Found::Local);
        }
        if let Some(id) = self.files.get(&real) {
            return Ok(Found::File(*id));
        }
        let path = shortest(reached, &real);
        let id = self.inputs.reach(shown(&path), read_spec(&path)?);
        self.note(id, &path, Some(real));
        Ok(Found::File(id))
    }

    fn tree(&mut self, folder: &Path) -> Result<(PathBuf, PathBuf), FileError> {
        if let Some(known) = self.trees.get(folder) {
            return Ok(known.clone());
        }
        let known = real_folder(folder)?;
        self.trees.insert(folder.to_owned(), known.clone());
        Ok(known)
    }
}

/// The path without `..` and `.`, if that leads to the same file: behind a link, `..` may lead elsewhere.
fn shortest(path: PathBuf, real: &Path) -> PathBuf {
    let plain = plain(&path);
    let is_same = plain == path || plain.canonicalize().is_ok_and(|other| other == real);
    if is_same { plain } else { path }
}

/// The path as it reads without `..` and `.`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            Component::ParentDir if plain.has_root() => {}
            other => plain.push(other),
        }
    }
    plain
}

/// A path as messages show it.
fn shown(path: &Path) -> String {
    path.strip_prefix("./").unwrap_or(path).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shortened_as_they_read() {
        let cases = [
            ("specs/../base.yaml", "base.yaml"),
            ("./a/./b.yaml", "a/b.yaml"),
            ("../specs/../../b.yaml", "../../b.yaml"),
            ("/a/../../b.yaml", "/b.yaml"),
        ];
        for (path, short) in cases {
            assert_eq!(plain(Path::new(path)), Path::new(short));
        }
    }
}
