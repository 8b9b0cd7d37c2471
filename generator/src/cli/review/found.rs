//! From PATH arguments to specs and templates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::ours::{self, Origin};
use crate::cli::Stop;
use crate::files::{self, FileError};
use crate::parallel::in_parallel;
use crate::review::{self, Scanned, Template};

/// What the arguments lead to.
#[derive(Default)]
pub(super) struct Found {
    pub(super) specs: Vec<PathBuf>,
    pub(super) templates: Vec<FoundTemplate>,
    pub(super) broken: Vec<String>,
    pub(super) unreadable: Vec<FileError>,
    /// Specs in folders of a folder, which are not reviewed.
    pub(super) deeper: Vec<String>,
    /// What stands beside specs of a folder and cannot be read.
    unclear: Vec<PathBuf>,
    seen: BTreeSet<PathBuf>,
}

/// A template on the disk.
pub(super) struct FoundTemplate {
    pub(super) file: String,
    /// What rows call it.
    pub(super) name: String,
    pub(super) template: Template,
    /// If it is ours, where it came from, and its text.
    pub(super) ours: Option<(Origin, String)>,
}

/// Looks at files and folders. `is_needed`: a folder with nothing to review is a mistake; compared with another version it
/// may have become empty.
pub(super) fn find(paths: &[PathBuf], is_needed: bool) -> Result<Found, Stop> {
    let mut found = Found::default();
    for path in paths {
        if !path.is_dir() {
            found.sort_in(path, None, Looked::at(path))?;
            continue;
        }
        let mut is_empty = true;
        let files = files::documents_in(path)?;
        let looked = in_parallel(&files, |file| Looked::at(file));
        let before = found.specs.len();
        for (file, looked) in files.iter().zip(looked) {
            is_empty &= !found.sort_in(file, Some(path), looked)?;
        }
        // Where there are specs, whatever is no YAML is one that is broken: their reader says how.
        let unclear = std::mem::take(&mut found.unclear);
        if found.specs.len() > before && !unclear.is_empty() {
            found.specs.extend(unclear);
            found.specs[before..].sort();
        }
        if is_empty && is_needed {
            return Err(Stop::Usage {
                message: format!("neither a spec nor a template in `{}`", path.display()),
                help: "a template is a YAML or JSON file with `Resources`".into(),
            });
        }
    }
    Ok(found)
}

/// What a file is, by itself.
struct Looked {
    scanned: Scanned,
    /// Its path with links resolved.
    real: PathBuf,
    /// If it is a template of ours, where it came from, and its text.
    ours: Option<(Origin, String)>,
}

impl Looked {
    fn at(file: &Path) -> Result<Self, FileError> {
        let bytes = files::read_up_to(file, review::MAX_BYTES)?;
        let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
        let scanned = review::scan(&bytes);
        let ours = match &scanned {
            Scanned::Template(template) => ours::origin(&real, &bytes, template),
            _ => None,
        };
        Ok(Self { scanned, real, ours })
    }
}

impl Found {
    /// Sorts a file in; false for one that was found in a folder and is neither spec nor template.
    fn sort_in(
        &mut self,
        file: &Path,
        folder: Option<&Path>,
        looked: Result<Looked, FileError>,
    ) -> Result<bool, Stop> {
        let Looked { scanned, real, ours } = match looked {
            Ok(looked) => looked,
            Err(error) => {
                self.unreadable.push(error);
                return Ok(true);
            }
        };
        let is_direct = folder.is_none_or(|folder| file.parent() == Some(folder));
        let is_local = file.file_name().is_some_and(|name| name == files::LOCAL_FILE);
        let is_yaml = file.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        match scanned {
            Scanned::Template(template) => {
                // A file that is reached twice is reviewed once.
                if self.seen.insert(real) {
                    let (file, name) = (shown(file), stack_name(file, folder));
                    self.templates.push(FoundTemplate { file, name, template: *template, ours });
                }
            }
            Scanned::Spec if folder.is_none() || (is_direct && is_yaml && !is_local) => {
                self.specs.extend(self.seen.insert(real).then(|| file.to_owned()));
            }
            Scanned::Spec if is_yaml && !is_local => {
                self.deeper.push(shown(file));
                return Ok(false);
            }
            Scanned::Broken(error) => self.broken.push(format!("{}:{error}", shown(file))),
            Scanned::Unreadable(error) if folder.is_none() => {
                self.broken.push(format!("{}:{error}", shown(file)));
            }
            Scanned::Unreadable(_) if is_direct && is_yaml && !is_local => {
                self.unclear.extend(self.seen.insert(real).then(|| file.to_owned()));
                return Ok(false);
            }
            Scanned::Other if folder.is_none() => {
                return Err(Stop::Usage {
                    message: format!("`{}` is neither a spec nor a template", file.display()),
                    help: "a template has `Resources` with something in them; a spec names `lake` and `detective`".into(),
                });
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

fn shown(file: &Path) -> String {
    file.strip_prefix("./").unwrap_or(file).display().to_string()
}

/// What rows call a template: its path within the folder, without its ending.
fn stack_name(file: &Path, folder: Option<&Path>) -> String {
    let below = folder.and_then(|folder| file.strip_prefix(folder).ok());
    let below = below.or_else(|| file.file_name().map(Path::new)).unwrap_or(file);
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
    let name = parts.collect::<Vec<_>>().join("/");
    let name =
        [".yaml", ".yml", ".json"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(&name);
    name.strip_suffix(".template").unwrap_or(name).to_owned()
}
