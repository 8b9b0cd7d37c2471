//! Where output goes: data to standard output, the rest to standard error, colour only where it is wanted.

use std::borrow::Cow;
use std::io::{self, Write};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use crate::cli::{Color, Common, Format};
use crate::problem::visible;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
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

    /// Says what is wrong, whatever the flags. There is nobody left to tell if that fails.
    pub(crate) fn complain(&mut self, text: &str) {
        // The stream would take the styles out, too, but write each piece between two of them by itself: other programs that
        // write to it would come in between.
        let text = match self.err.current_choice() {
            ColorChoice::Never => strip_str(text).to_string().into(),
            _ => Cow::Borrowed(text),
        };
        let _ = self.err.write_all(text.as_bytes());
    }

    /// Says what may be a mistake, whatever the flags.
    pub(crate) fn warn(&mut self, message: &str) {
        self.complain(&format!("{WARNING}warning{WARNING:#}: {}\n", plain(message)));
    }

    /// Says why the program stops.
    pub(crate) fn fail(&mut self, message: &str, help: Option<&str>) {
        let mut text = format!("{ERROR}error{ERROR:#}: {}\n", plain(message));
        if let Some(help) = help {
            text.push_str(&format!("{HELP}help{HELP:#}: {help}\n"));
        }
        self.complain(&text);
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

/// The same in one line.
pub(crate) fn in_one_line(text: &str) -> String {
    plain(text).replace('\n', " ")
}

/// A number and its noun: `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
