//! Why a command can do nothing about an integration.

use crate::aws::AwsError;
use crate::cli::cloud::exit_of;
use crate::cli::{Exit, Terminal};
use crate::deploy::Halt;
use crate::model::Side;
use crate::vocab::Region;

/// Why a run does not even begin.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// `--only` and `--region` leave nothing of this integration.
    Nothing,
    /// What was asked for is in stack sets.
    BySets,
    /// The spec has no such Region.
    NoRegion(Region),
    /// The credentials are of another account.
    Foreign { side: Side, wanted: String, found: String, arn: String, source: String },
    /// There are no credentials, or AWS does not take them.
    NoCredentials { side: Side, source: String, error: AwsError },
}

impl Refusal {
    /// What is wrong, what helps, and how the run ends.
    fn words(&self) -> (String, String, Exit) {
        match self {
            Self::Nothing => {
                let help = "leave out --only or --region, or name what the spec has";
                ("nothing of it is left to do".into(), help.into(), Exit::Usage)
            }
            Self::BySets => {
                let help = "use `lakelink rollout`; this command is for its roles stacks, `--only roles`";
                ("its Regional stacks are rolled out by stack sets".into(), help.into(), Exit::Usage)
            }
            Self::NoRegion(region) => (
                format!("no Region `{region}` in the spec"),
                "name one that the spec has".into(),
                Exit::Usage,
            ),
            Self::Foreign { side, wanted, found, arn, source } => {
                let side = side.word();
                let (whose, mend) = if found == wanted {
                    ("of another partition than the Regions of the spec".to_owned(), "Regions")
                } else {
                    (format!("of account `{found}`, the spec says `{wanted}`"), "account")
                };
                let message = format!(
                    "the credentials for the {side} account are {whose}: {source} gave `{arn}`; nothing was written"
                );
                let help = format!("name the right ones by --{side}-profile, or mend the {mend} in the spec");
                (message, help, Exit::Account)
            }
            // No answer at all, and not for want of credentials: the network.
            Self::NoCredentials { side, error, .. }
                if error.code.is_empty() && !error.message.contains("redential") =>
            {
                let side = side.word();
                let help =
                    "nothing was written; see whether AWS can be reached from here, and AWS_ENDPOINT_URL";
                (format!("the {side} account cannot be reached: {error}"), help.into(), Exit::Failed)
            }
            Self::NoCredentials { side, source, error } => {
                let side = side.word();
                let message =
                    format!("no credentials for the {side} account ({source}); nothing was written: {error}");
                let help =
                    format!("sign in, or name a profile by --{side}-profile; --only leaves an account out");
                (message, help, Exit::Account)
            }
        }
    }
}

/// Why nothing is known about an integration, with its name.
#[derive(Debug)]
pub(crate) enum Unread {
    /// The run does not even begin.
    Refused(String, Refusal),
    /// It cannot be read.
    Halted(String, Halt),
}

impl Unread {
    pub(crate) fn name(&self) -> &str {
        let (Self::Refused(name, _) | Self::Halted(name, _)) = self;
        name
    }

    /// Why, in a line or more.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Refused(_, refusal) => refusal.words().0,
            Self::Halted(_, halt) => halt.reason(),
        }
    }

    /// Says so, and how the run ends.
    pub(crate) fn tell(&self, terminal: &mut Terminal) -> Exit {
        let (help, exit) = match self {
            Self::Refused(_, refusal) => {
                let (_, help, exit) = refusal.words();
                (Some(help), exit)
            }
            Self::Halted(_, halt) => (None, exit_of([halt].into_iter())),
        };
        terminal.fail(&format!("{}: {}", self.name(), self.reason()), help.as_deref());
        exit
    }
}
