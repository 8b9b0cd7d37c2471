//! From PATH arguments to checked specs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::check::{Checked, Claim, Inputs, Outcome, Places, Rendered, Texts, render_each};
use crate::cli::bases::Reader;
use crate::cli::local::{self, Locals};
use crate::cli::{Exit, Stop, Terminal};
use crate::files::{FileError, Territory, specs_in};
use crate::model::Integration;
use crate::report;
use crate::stacks::templates;
use crate::vocab::IntegrationName;

/// The specs of a run, and what was made of the good ones.
pub(crate) struct Loaded<T> {
    /// Each after every check, in the order of the arguments; then the files that they build on.
    pub(crate) specs: Vec<Checked<T>>,
    /// The files that the arguments name.
    asked: Vec<PathBuf>,
    /// Files that could not be read. One of them hides no problem of the others.
    pub(crate) unreadable: Vec<FileError>,
    /// Where the run may look for orphans.
    pub(crate) territory: Territory,
}

/// Reads and checks every spec that the arguments name, with what it builds on. A folder means every spec directly in it.
/// Of a good spec only what `make` gives is kept.
pub(crate) fn load<T: AsRef<IntegrationName> + Send>(
    paths: &[PathBuf],
    make: impl Fn(Rendered) -> T + Sync,
) -> Result<Loaded<T>, Stop> {
    let render = |integration, _: &Places<'_>| {
        let stacks = templates(&integration)?;
        Ok(stacks.map(|stacks| make(Rendered { integration, stacks })))
    };
    Asked::read(paths)?.render(|_| None, render)
}

/// The specs that arguments name, read and not yet looked at.
pub(crate) struct Asked {
    files: Vec<PathBuf>,
    inputs: Inputs,
    unreadable: Vec<FileError>,
    has_folder: bool,
}

impl Asked {
    /// Reads every spec that the arguments name, with what it builds on.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, Stop> {
        let mut files = Vec::new();
        let mut seen = BTreeSet::new();
        for path in paths {
            let found = if path.is_dir() {
                in_folder(path)?
            } else {
                local::refuse(path)?;
                vec![path.clone()]
            };
            // A file that is named twice (`specs specs/a.yaml`) is one spec, not two with one name.
            files.extend(
                found
                    .into_iter()
                    .filter(|file| seen.insert(file.canonicalize().unwrap_or_else(|_| file.clone()))),
            );
        }
        let (inputs, unreadable) = Reader::read(&files);
        Ok(Self { files, inputs, unreadable, has_folder: paths.iter().any(|path| path.is_dir()) })
    }

    /// Checks them, and keeps what is made of the good ones: see [`render_each`].
    pub(crate) fn render<T: AsRef<IntegrationName> + Send>(
        self,
        known: impl Fn(Texts<'_>) -> Option<(T, Vec<Claim>)> + Sync,
        render: impl Fn(Integration, &Places<'_>) -> Outcome<T> + Sync,
    ) -> Result<Loaded<T>, Stop> {
        let specs = render_each(self.inputs, known, render)?;
        let territory = if self.has_folder {
            Territory::Everything
        } else {
            let good = specs.iter().filter_map(|spec| spec.rendered.as_ref());
            Territory::Integrations(good.map(|good| good.as_ref().to_string()).collect())
        };
        Ok(Loaded { specs, asked: self.files, unreadable: self.unreadable, territory })
    }
}

fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, Stop> {
    let specs = specs_in(folder)?;
    if specs.is_empty() {
        return Err(Stop::Usage {
            message: format!("no spec in `{}`", folder.display()),
            help: "a spec is a file that ends in .yaml or .yml, directly in the folder; `lakelink init` writes one".into(),
        });
    }
    Ok(specs)
}

/// Every problem as text, with a line of sums; empty if there is none. The text is styled: whoever prints it
/// takes the styles out where there is no colour.
pub(crate) fn problems_as_text<T>(specs: &[Checked<T>]) -> String {
    let reports =
        specs.iter().filter(|spec| !spec.problems.is_empty()).map(Checked::report).collect::<Vec<_>>();
    if reports.is_empty() {
        String::new()
    } else {
        format!("{}{}\n", report::text(&reports, true), report::summary(&reports))
    }
}

/// Every problem as a JSON document.
pub(crate) fn problems_as_json<T>(specs: &[Checked<T>]) -> serde_json::Value {
    report::json(&specs.iter().map(Checked::report).collect::<Vec<_>>())
}

impl<T> Loaded<T> {
    /// Reads and checks the local files beside the specs, too.
    pub(crate) fn with_locals(&mut self) -> Result<Locals, Stop> {
        let (locals, checked) = Locals::beside(&self.asked, &mut self.unreadable)?;
        self.specs.extend(checked);
        Ok(locals)
    }

    /// How the run ends if it goes no further: bad specs first, then files that could not be read.
    pub(crate) fn exit(&self) -> Exit {
        if self.specs.iter().any(|spec| !spec.is_good()) {
            Exit::Invalid
        } else if self.unreadable.is_empty() {
            Exit::Done
        } else {
            Exit::Failed
        }
    }

    /// Says which files could not be read.
    pub(crate) fn complain_unreadable(&self, terminal: &mut Terminal) {
        for error in &self.unreadable {
            terminal.fail(&error.to_string(), None);
        }
    }

    /// Complains about everything that keeps the run from going on; warnings are said too.
    pub(crate) fn complain(&self, terminal: &mut Terminal) -> Result<Exit, Stop> {
        let exit = self.exit();
        if exit == Exit::Invalid && terminal.json {
            terminal.document(&problems_as_json(&self.specs))?;
        } else {
            terminal.complain(&problems_as_text(&self.specs));
        }
        self.complain_unreadable(terminal);
        Ok(exit)
    }
}
