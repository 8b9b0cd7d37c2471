//! `lakelink check`.

use std::path::PathBuf;

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
    let loaded = load(&args.paths)?;
    let specs = &loaded.specs;
    if terminal.json {
        terminal.document(&problems_as_json(specs))?;
    } else {
        terminal.data(&problems_as_text(specs))?;
    }
    let verbose = terminal.verbose;
    for spec in specs.iter().filter(|spec| verbose && spec.is_good()) {
        let integration = spec.rendered.as_ref().map(|rendered| &rendered.integration);
        let regions = integration.map_or(0, |integration| integration.regions.all().len());
        terminal.say(&format!("{}: in order, {}", spec.file, count(regions, "Region")));
    }
    if specs.iter().all(|spec| spec.problems.is_empty()) && loaded.unreadable.is_empty() {
        terminal.say(&format!("{} checked, no problems", count(specs.len(), "spec")));
    }
    loaded.complain_unreadable(terminal);
    Ok(loaded.exit())
}
