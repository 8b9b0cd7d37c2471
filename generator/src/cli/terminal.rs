//! Where output goes: data to standard output, the rest to standard error, colour only where it is wanted.

use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::cli::{Color, Common, Format};
use crate::problem::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();

/// The two streams and how to write to them.
pub struct Terminal {
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
    /// JSON instead of text.
    pub(crate) json: bool,
    pub(super) format: Format,
    quiet: bool,
    /// Say also what is in order.
    pub(crate) verbose: bool,
}

impl Terminal {
    pub(super) fn new(common: &Common) -> Self {
        let choice = match common.color {
            Color::Auto => ColorChoice::Auto,
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        Self {
            out: AutoStream::new(io::stdout(), choice),
            err: AutoStream::new(io::stderr(), choice),
            json: common.format == Format::Json,
            format: common.format,
            quiet: common.quiet,
            verbose: common.verbose,
        }
    }

    /// Whether only what is wrong is said.
    #[cfg(feature = "deploy")]
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Prints data. Styles are taken out again where there is no colour. A reader that has seen enough
    /// (`lakelink … | head`) is no failure: the work and the exit code go on without it.
    pub(crate) fn data(&mut self, text: &str) -> io::Result<()> {
        match self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            printed => printed,
        }
    }

    /// Prints a JSON document.
    pub(crate) fn document(&mut self, document: &impl serde::Serialize) -> io::Result<()> {
        let mut text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
        text.push('\n');
        self.data(&text)
    }

    /// Says what was done; nothing with `--quiet`. That nobody listens stops no work.
    pub(crate) fn say(&mut self, text: &str) {
        if !self.quiet {
            let _ = self.err.write_all(format!("{}\n", plain(text)).as_bytes());
        }
    }

    /// Says what is wrong, whatever the flags.
    pub(crate) fn complain(&mut self, text: &str) {
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Says why the program stops. There is nobody left to tell if that fails.
    pub(crate) fn fail(&mut self, message: &str, help: Option<&str>) {
        let _ = writeln!(self.err, "{ERROR}error{ERROR:#}: {}", plain(message));
        if let Some(help) = help {
            let _ = writeln!(self.err, "{HELP}help{HELP:#}: {help}");
        }
    }
}

/// Text whose control characters cannot move the cursor: file names and files may hold anything.
pub(crate) fn plain(text: &str) -> String {
    // Nearly every text is so already, and those of a fleet are long.
    if text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~')) {
        return text.to_owned();
    }
    let lines = text.split('\n').map(|line| line.chars().flat_map(visible).collect::<String>());
    lines.collect::<Vec<_>>().join("\n")
}

/// A number and its noun: `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
