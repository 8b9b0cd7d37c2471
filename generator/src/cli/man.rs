//! `lakelink completions` and `lakelink man`: both are made from the definition of the command line.

use std::path::Path;

use crate::cli::{Exit, Stop, Terminal, command};
use crate::files;

pub(crate) fn completions(shell: clap_complete::Shell, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command(), "lakelink", &mut script);
    terminal.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

pub(crate) fn pages(folder: &Path, terminal: &mut Terminal) -> Result<Exit, Stop> {
    let mut command = command().disable_help_subcommand(true);
    // Gives every command its full name, `lakelink generate`.
    command.build();
    let pages = [&command].into_iter().chain(command.get_subcommands());
    let mut written = Vec::new();
    for page in pages {
        let name = page.get_bin_name().unwrap_or("lakelink").replace(' ', "-");
        let path = folder.join(format!("{name}.1"));
        let mut text = Vec::new();
        // No date and no version: the same bytes for the same program.
        clap_mangen::Man::new(page.clone()).title(name).date("").render(&mut text)?;
        files::write(&path, &String::from_utf8_lossy(&text))?;
        terminal.say(&format!("  created  {}", path.display()));
        written.push(serde_json::json!({ "path": path.display().to_string(), "status": "created" }));
    }
    if terminal.json {
        terminal.document(&serde_json::json!({ "files": written }))?;
    }
    Ok(Exit::Done)
}
