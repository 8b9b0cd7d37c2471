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
    command.build();
    let commands = command.get_subcommands().cloned().map(|sub| {
        let name = format!("lakelink-{}", sub.get_name());
        // The page's title and synopsis show the full name.
        sub.name(name.clone()).display_name(name.clone()).bin_name(name.replacen('-', " ", 1))
    });
    for page in [command.clone()].into_iter().chain(commands) {
        let path = folder.join(format!("{}.1", page.get_name()));
        let mut text = Vec::new();
        // No date and no version: the same bytes for the same program.
        clap_mangen::Man::new(page).date("").render(&mut text)?;
        files::write(&path, &String::from_utf8_lossy(&text))?;
        terminal.say(&format!("created  {}", path.display()))?;
    }
    Ok(Exit::Done)
}
