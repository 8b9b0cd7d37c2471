//! `lakelink check`.

use std::path::{Path, PathBuf};

use crate::cli::load::{load, problems_as_json, problems_as_text};
use crate::cli::terminal::count;
use crate::cli::{Exit, Stop, Terminal};

/// Reads specs and prints every problem of all of them at once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Problems go to standard output, with file, line and column. Errors give exit code 3, warnings do not.

  lakelink check examples
  lakelink check acme.yaml --format json | jq '.problems[].code'")]
pub(crate) struct Args {
    /// Spec files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let mut loaded = load(&args.paths, |rendered| rendered.integration)?;
    let locals = loaded.with_locals()?;
    let specs = &loaded.specs;
    if terminal.json {
        terminal.document(&problems_as_json(specs))?;
    } else {
        terminal.data(&problems_as_text(specs))?;
    }
    let verbose = terminal.verbose;
    for (file, integration) in specs.iter().filter_map(|spec| Some((&spec.file, spec.rendered.as_ref()?))) {
        if verbose {
            let regions = integration.regions.pairs().len();
            let profiles = locals.in_words(Path::new(file)).map(|words| format!("; {words}"));
            let profiles = profiles.unwrap_or_default();
            terminal.say(&format!("{file}: in order, {}{profiles}", count(regions, "Region")));
        }
    }
    if specs.iter().all(|spec| spec.problems.is_empty()) && loaded.unreadable.is_empty() {
        let number = specs.iter().filter(|spec| spec.is_spec).count();
        terminal.say(&format!("{} checked, no problems", count(number, "spec")));
    }
    loaded.complain_unreadable(terminal);
    Ok(loaded.exit())
}
