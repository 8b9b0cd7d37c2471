//! The command line: arguments, and one file for each command. Together with [`crate::files`] the only place that
//! reads or writes anything.

mod bases;
mod check;
#[cfg(feature = "deploy")]
mod cloud;
mod findings;
mod generate;
mod init;
mod judge;
mod load;
mod local;
mod man;
mod review;
mod schema;
mod terminal;
mod today;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::parallel::beside;
use crate::spec::shape;
pub use terminal::Terminal;

/// How a command ended: the exit codes of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done; nothing to do counts as done.
    Done,
    /// Something failed on the way.
    Failed,
    /// Wrong usage.
    Usage,
    /// The spec is invalid; every problem was printed.
    Invalid,
    /// Committed files are not what the spec gives.
    Drift,
    /// Wrong account or no credentials; nothing was written.
    Account,
    /// `plan --detailed-exitcode`: there are changes.
    Changes,
    /// Still running when the time was over; run it again.
    Running,
    /// The review found something at or above `--fail-on`.
    Findings,
    /// Stopped for a person: a replacement, a removal, somebody else's resources, a dead stack, or no `--yes`.
    Stopped,
    /// Interrupted; what goes on in AWS was said.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::Drift => 4,
            Self::Account => 5,
            Self::Changes => 6,
            Self::Running => 7,
            Self::Findings => 10,
            Self::Stopped => 11,
            Self::Interrupted => 130,
        }
    }

    /// Of two, the one that a run with both ends with.
    #[cfg(feature = "deploy")]
    fn or_worse(self, other: Self) -> Self {
        const ORDER: [Exit; 11] = [
            Exit::Interrupted,
            Exit::Usage,
            Exit::Invalid,
            Exit::Account,
            Exit::Failed,
            Exit::Stopped,
            Exit::Findings,
            Exit::Drift,
            Exit::Running,
            Exit::Changes,
            Exit::Done,
        ];
        ORDER.into_iter().find(|exit| [self, other].contains(exit)).unwrap_or(self)
    }
}

/// Why a command stopped before it was done.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The disk.
    #[error(transparent)]
    Files(#[from] crate::files::FileError),
    /// The output stream.
    #[error("cannot write the output: {0}")]
    Output(#[from] std::io::Error),
    /// Somebody else's file where one of ours belongs.
    #[error(
        "`{}` is not lakelink's: it was not generated, or it is a folder or lies behind a link, so it is not overwritten; \
         move it away, or choose another --out", .0.display()
    )]
    Foreign(PathBuf),
    /// The run-book's template.
    #[error(transparent)]
    Runbook(#[from] crate::render::runbook::Unrenderable),
    /// The rows of the access model.
    #[error("access.json cannot be written: {0}; this is an error in lakelink, please report it")]
    Rows(#[from] serde_json::Error),
    /// An error in lakelink.
    #[error(transparent)]
    Gap(#[from] crate::stacks::Gap),
    /// Git could not be run, or broke off.
    #[error("git: {0}")]
    Git(String),
    /// Arguments that do not fit together.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        help: String,
    },
}

const EXIT_CODES: &str = "\
Exit codes:
    0  done; nothing to do counts as done
    1  something failed on the way (files, network, AWS)
    2  wrong usage
    3  the spec is invalid; every problem was printed
    4  committed files are not what the spec gives (--check)
    5  wrong account or no credentials; nothing was written
    6  there are changes (plan --detailed-exitcode)
    7  still running when the time was over; run it again
   10  the review found something at or above --fail-on
   11  stopped for a person: a replacement, a removal, somebody else's resources, a dead stack, or no --yes
  130  interrupted; AWS ends what it has begun

Start: `lakelink init`, fill in the spec, `lakelink generate .`";

/// Joins Amazon Security Lake and Amazon Detective: one YAML spec becomes the CloudFormation templates of both
/// accounts, with least privilege and a run-book.
#[derive(Debug, Parser)]
#[command(name = "lakelink", version, after_help = EXIT_CODES, subcommand_required = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Common options")]
struct Common {
    /// How results are printed: for people, or as one JSON document; sarif, github and markdown are of `review`
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    format: Format,
    /// Colour: `auto` is on for terminals, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
    /// Say only what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say also what is in order
    #[arg(short, long, global = true)]
    verbose: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Sarif,
    Github,
    Markdown,
}

impl Format {
    /// The word, if only `review` prints it.
    fn of_review_only(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Json => None,
            Self::Sarif => Some("sarif"),
            Self::Github => Some("github"),
            Self::Markdown => Some("markdown"),
        }
    }
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a commented starter spec and its JSON Schema
    Init(Later<init::Args>),
    /// Read specs and print every problem at once
    Check(Later<check::Args>),
    /// Render the templates and the run-book of each spec
    Generate(Later<generate::Args>),
    /// Print what templates allow, what of it changed, and what should be looked at
    Review(Later<review::Args>),
    /// Say what deploy would do
    #[cfg(feature = "deploy")]
    Plan(Later<cloud::plan::Args>),
    /// Bring both accounts to what the spec says
    #[cfg(feature = "deploy")]
    Deploy(Later<cloud::deploy::Args>),
    /// Say what is there, and whether it is what the spec says
    #[cfg(feature = "deploy")]
    Status(Later<cloud::status::Args>),
    /// Remove what deploy made, but for what holds data
    #[cfg(feature = "deploy")]
    Destroy(Later<cloud::destroy::Args>),
    /// Bring the stack sets of an integration, in every Region, to what the spec says
    #[cfg(feature = "deploy")]
    Rollout(Later<cloud::rollout::Args>),
    /// Read the share ARNs, for a spec that pins them
    #[cfg(feature = "deploy")]
    Handoff(Later<cloud::handoff::Args>),
    /// Print the JSON Schema of the spec, for editors
    Schema(Later<schema::Args>),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write man pages
    Man {
        /// The folder to write them to
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// Arguments that clap is told of when it is the turn of their command: a run has one of them.
#[derive(Debug)]
struct Later<A>(A);

impl<A: Args> Args for Later<A> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.defer(|command| {
            // The arguments have an about of their own, for readers of the code: help shows that of the command.
            let about = command.get_about().cloned().unwrap_or_default();
            A::augment_args(command).about(about).long_about(None)
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<A: FromArgMatches> FromArgMatches for Later<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// The commands that read specs.
const READ_SPECS: [&str; 9] =
    ["check", "generate", "review", "plan", "deploy", "status", "destroy", "rollout", "handoff"];

/// Runs the program: `arguments` with the program's name in front. Everything is printed before it returns.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = arguments.into_iter().collect::<Vec<_>>();
    if arguments.iter().skip(1).any(|one| READ_SPECS.iter().any(|command| one == command)) {
        // What reads specs needs their schema: it is made while arguments and files are read.
        beside(|| _ = shape(), || run_command(arguments))
    } else {
        run_command(arguments)
    }
}

fn run_command(arguments: Vec<OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        // Help and version are answers, not errors: they go to standard output.
        Err(error) => {
            let is_answer = error.exit_code() == 0;
            let printed = error.print();
            return if is_answer && printed.is_ok() { Exit::Done } else { Exit::Usage };
        }
    };
    let mut terminal = Terminal::new(&cli.common);
    let is_review = matches!(cli.command, Command::Review(_));
    if let Some(format) = cli.common.format.of_review_only().filter(|_| !is_review) {
        terminal.fail(&format!("only `review` prints `--format {format}`"), Some("take text or json"));
        return Exit::Usage;
    }
    let outcome = match &cli.command {
        Command::Init(Later(args)) => init::run(args, &mut terminal),
        Command::Check(Later(args)) => check::run(args, &mut terminal),
        Command::Generate(Later(args)) => generate::run(args, &mut terminal),
        Command::Review(Later(args)) => review::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Plan(Later(args)) => cloud::plan::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Deploy(Later(args)) => cloud::deploy::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Status(Later(args)) => cloud::status::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Destroy(Later(args)) => cloud::destroy::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Rollout(Later(args)) => cloud::rollout::run(args, &mut terminal),
        #[cfg(feature = "deploy")]
        Command::Handoff(Later(args)) => cloud::handoff::run(args, &mut terminal),
        Command::Schema(Later(args)) => schema::run(args, &mut terminal),
        Command::Completions { shell } => man::completions(*shell, &mut terminal),
        Command::Man { folder } => man::pages(folder, &mut terminal),
    };
    match outcome {
        Ok(exit) => exit,
        Err(stop) => {
            let exit = if matches!(stop, Stop::Usage { .. }) { Exit::Usage } else { Exit::Failed };
            let help = if let Stop::Usage { help, .. } = &stop { Some(help.as_str()) } else { None };
            terminal.fail(&stop.to_string(), help);
            exit
        }
    }
}

fn command() -> clap::Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::{READ_SPECS, command};

    #[test]
    fn the_commands_that_read_specs_are_known() {
        let others = ["init", "schema", "completions", "man"];
        for command in command().get_subcommands() {
            let name = command.get_name();
            assert_ne!(READ_SPECS.contains(&name), others.contains(&name), "{name}");
        }
    }
}
