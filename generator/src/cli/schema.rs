//! `lakelink schema`.

use std::path::PathBuf;

use similar::TextDiff;

use crate::cli::terminal::plain;
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
    let name = path.display().to_string();
    let is_fresh = found == text;
    if terminal.json {
        let status = if is_fresh { "fresh" } else { "stale" };
        terminal.document(&serde_json::json!({ "files": [{ "path": name, "status": status }] }))?;
    }
    if is_fresh {
        terminal.say(&format!("{name} is in step"));
        return Ok(Exit::Done);
    }
    // Following the advice below would else replace a spec by the schema.
    let is_schema =
        serde_json::from_str::<serde_json::Value>(&found).is_ok_and(|it| it.get("$schema").is_some());
    if !is_schema {
        return Err(Stop::Usage {
            message: format!("`{name}` is no JSON Schema"),
            help: "name the file that `lakelink schema` was written to".into(),
        });
    }
    if !terminal.json {
        let diff = TextDiff::from_lines(&found, &text).unified_diff().header(&name, &name).to_string();
        terminal.data(&plain(&diff))?;
    }
    terminal.say(&format!("{name} is stale; run: lakelink schema > {name}"));
    Ok(Exit::Drift)
}
