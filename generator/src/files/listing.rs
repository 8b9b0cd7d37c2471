//! What a folder holds: specs, and whatever may be a template.

use std::fs;
use std::path::{Path, PathBuf};

use super::{FileError, LOCAL_FILE, failed};

/// Every YAML and JSON file, and every `*.template`, of a folder at any depth, in alphabetical order, but hidden ones. Links
/// to folders are not followed: they may lead round in circles. A link to a spec that is gone is there, too, if it is
/// directly in the folder: whoever reads it says so.
///
/// # Errors
/// If a folder cannot be read.
pub fn documents_in(top: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut documents = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(failed("read", &folder))? {
            let entry = entry.map_err(failed("read", &folder))?;
            let (path, kind) = (entry.path(), entry.file_type().map_err(failed("read", &folder))?);
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if (matches!(ending, "yaml" | "yml" | "json" | "template") && path.is_file())
                || (matches!(ending, "yaml" | "yml") && folder == top && is_gone(&path))
            {
                documents.push(path);
            }
        }
    }
    documents.sort();
    Ok(documents)
}

/// The spec files of a folder, in alphabetical order: every `*.yaml` and `*.yml` directly in it but the local ones and hidden
/// ones. Links to what is gone are among them: passed over they would look like specs that were taken out.
///
/// # Errors
/// If the folder cannot be read.
pub fn specs_in(folder: &Path) -> Result<Vec<PathBuf>, FileError> {
    let mut specs = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("read", folder))? {
        let path = entry.map_err(failed("read", folder))?.path();
        let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // Files of other tools (`.pre-commit-config.yaml`) begin with a dot.
        let is_other = name == LOCAL_FILE || name.starts_with('.');
        if is_yaml && !is_other && (path.is_file() || is_gone(&path)) {
            specs.push(path);
        }
    }
    specs.sort();
    Ok(specs)
}

/// Whether a name of a folder leads to nothing.
fn is_gone(path: &Path) -> bool {
    !path.exists()
}
