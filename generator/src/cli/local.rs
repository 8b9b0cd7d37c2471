//! The local files of a run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::{Checked, Profiles, check_local};
use crate::cli::Stop;
use crate::files::{FileError, LOCAL_FILE, read_spec, real_file};
#[cfg(feature = "deploy")]
use crate::model::Side;

/// The local files beside the specs of a run, each read once.
#[derive(Default)]
pub(crate) struct Locals {
    /// What each says, by its path with links resolved.
    profiles: BTreeMap<PathBuf, Profiles>,
    /// Folders as they were named, and the local file there.
    beside: BTreeMap<PathBuf, Option<PathBuf>>,
}

impl Locals {
    /// Reads the local file beside each of these specs, and gives each file after every check; what cannot be read is
    /// added to `unreadable`.
    pub(crate) fn beside<T>(
        specs: &[PathBuf],
        unreadable: &mut Vec<FileError>,
    ) -> Result<(Self, Vec<Checked<T>>), Stop> {
        let (mut locals, mut checked) = (Self::default(), Vec::new());
        for spec in specs {
            let folder = folder(spec);
            if locals.beside.contains_key(folder) {
                continue;
            }
            let found = match locals.look(folder, &mut checked) {
                Ok(found) => found,
                Err(Stop::Files(error)) => {
                    unreadable.push(error);
                    None
                }
                Err(stop) => return Err(stop),
            };
            locals.beside.insert(folder.to_owned(), found);
        }
        Ok((locals, checked))
    }

    fn look<T>(&mut self, folder: &Path, checked: &mut Vec<Checked<T>>) -> Result<Option<PathBuf>, Stop> {
        let path = folder.join(LOCAL_FILE);
        let Some(real) = real_file(&path)? else { return Ok(None) };
        if !self.profiles.contains_key(&real) {
            let (file, profiles) = check_local(path.display().to_string(), read_spec(&path)?)?;
            checked.push(file);
            self.profiles.insert(real.clone(), profiles);
        }
        Ok(Some(real))
    }

    /// The profile that the file beside a spec names for an account.
    #[cfg(feature = "deploy")]
    pub(crate) fn profile(&self, spec: &Path, side: Side) -> Option<String> {
        let Profiles { lake, detective } = self.profiles.get(self.beside.get(folder(spec))?.as_ref()?)?;
        let profile = if side == Side::Lake { lake } else { detective };
        profile.as_ref().map(ToString::to_string)
    }

    /// The profiles that the file beside a spec names, in words; nothing if it names none.
    pub(crate) fn in_words(&self, spec: &Path) -> Option<String> {
        let Profiles { lake, detective } = self.profiles.get(self.beside.get(folder(spec))?.as_ref()?)?;
        let words = [("lake", lake), ("detective", detective)];
        let words = words.iter().filter_map(|(side, profile)| Some(format!("{side} {}", profile.as_ref()?)));
        let words = words.collect::<Vec<_>>().join(", ");
        (!words.is_empty()).then(|| format!("profiles in {LOCAL_FILE}: {words}"))
    }
}

/// The folder of a spec, the same for `a.yaml` and `./a.yaml`.
fn folder(spec: &Path) -> &Path {
    spec.strip_prefix(".").unwrap_or(spec).parent().unwrap_or(Path::new(""))
}

/// Refuses a local file where a spec is wanted, by whatever name.
pub(crate) fn refuse(path: &Path) -> Result<(), Stop> {
    let is_local = |path: &Path| path.file_name().is_some_and(|name| name == LOCAL_FILE);
    if is_local(path) || path.canonicalize().is_ok_and(|real| is_local(&real)) {
        return Err(Stop::Usage {
            message: format!("`{}` is the local file, not a spec", path.display()),
            help: "name the specs beside it; `check` reads it with them".into(),
        });
    }
    Ok(())
}
