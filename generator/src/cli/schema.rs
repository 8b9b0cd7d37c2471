//! `lakelink schema`.

use std::path::PathBuf;

use similar::TextDiff;

use crate::cli::{Exit, Stop, Terminal};
use crate::files;
use crate::spec::json_schema;

/// Prints the JSON Schema (draft-07) of the spec.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Editors with a YAML language server read it from the first line of a spec:
  # yaml-language-server: $schema=lakelink.schema.json")]
pub(crate) struct Args {
    /// Compare FILE with the schema instead of printing it; end with 4 if they differ
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

/// The schema as it is committed.
pub(crate) fn text() -> String {
    format!("{:#}\n", json_schema())
}

pub(crate) fn run(args: &Args, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let Some(path) = &args.check else {
        terminal.data(&text())?;
        return Ok(Exit::Done);
    };
    let found = String::from_utf8_lossy(&files::read_spec(path)?).into_owned();
    let text = text();
    if found == text {
        terminal.say(&format!("{} is in step", path.display()))?;
        return Ok(Exit::Done);
    }
    let name = path.display().to_string();
    terminal.data(&TextDiff::from_lines(&found, &text).unified_diff().header(&name, &name).to_string())?;
    terminal.say(&format!("{name} is stale; run: lakelink schema > {name}"))?;
    Ok(Exit::Drift)
}
