//! Why a command can do nothing about an integration.

use serde_json::{Value, json};

use crate::aws::AwsError;
use crate::cli::cloud::{Progress, exit_of};
use crate::cli::{Exit, Stop, Terminal};
use crate::deploy::Halt;
use crate::model::{SetOwner, Side};
use crate::vocab::{AccountId, Region};

/// Whose credentials a run needs.
#[derive(Debug)]
pub(crate) enum Holder {
    /// Those of one of the two accounts.
    Side(Side, AccountId),
    /// Those of the account that holds the stack sets, or may call them: the spec does not always say which that is.
    Sets(Option<AccountId>),
}

impl Holder {
    fn words(&self) -> String {
        match self {
            Self::Side(side, _) => format!("{} account", side.word()),
            Self::Sets(_) => "account of the stack sets".to_owned(),
        }
    }

    fn flag(&self) -> String {
        match self {
            Self::Side(side, _) => format!("--{}-profile", side.word()),
            Self::Sets(_) => "--profile".to_owned(),
        }
    }

    fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Side(_, account) => Some(account),
            Self::Sets(account) => account.as_ref(),
        }
    }
}

/// Why a run does not even begin.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// `--only` and `--region` leave nothing of this integration.
    Nothing,
    /// What was asked for is in stack sets.
    BySets(SetOwner),
    /// What was asked for is no matter of stack sets.
    NoSets,
    /// The spec has no such Region.
    NoRegion(Region),
    /// The credentials are not those that the spec wants: whose they are, and what of the spec may be wrong instead.
    Foreign { holder: Holder, of: String, mend: &'static str, arn: String, source: String },
    /// There are no credentials, or AWS does not take them.
    NoCredentials { holder: Holder, source: String, error: AwsError },
}

impl Refusal {
    /// What is wrong, what helps, and how the run ends.
    fn words(&self) -> (String, String, Exit) {
        match self {
            Self::Nothing => {
                let help = "leave out --only or --region, or name what the spec has";
                ("nothing of it is left to do".into(), help.into(), Exit::Usage)
            }
            Self::BySets(owner) => {
                let (by, tool) = match owner {
                    SetOwner::Ours => ("stack sets", "use `lakelink rollout`"),
                    SetOwner::Cfct => ("CfCT", "push `cfct/` to its configuration"),
                };
                let help = format!("{tool}; this command is for its roles stacks, `--only roles`");
                (format!("its Regional stacks are rolled out by {by}"), help, Exit::Usage)
            }
            Self::NoSets => {
                let help = "use `lakelink deploy`, or the tool that the run-book names; for stack sets write \
                            `rollout: {method: stack_sets}`";
                ("it has no stack sets".into(), help.into(), Exit::Usage)
            }
            Self::NoRegion(region) => (
                format!("no Region `{region}` in the spec"),
                "name one that the spec has".into(),
                Exit::Usage,
            ),
            Self::Foreign { holder, of, mend, arn, source } => {
                let message = format!(
                    "the credentials for the {} are of {of}: {source} gave `{arn}`; nothing was written",
                    holder.words()
                );
                let help = format!("name the right ones by {}, or mend {mend} in the spec", holder.flag());
                (message, help, Exit::Account)
            }
            // No answer at all, and not for want of credentials: the network.
            Self::NoCredentials { holder, error, .. }
                if error.code.is_empty() && !error.message.contains("redential") =>
            {
                let help =
                    "nothing was written; see whether AWS can be reached from here, and AWS_ENDPOINT_URL";
                (format!("the {} cannot be reached: {error}", holder.words()), help.into(), Exit::Failed)
            }
            Self::NoCredentials { holder, source, error } => {
                let message = format!(
                    "no credentials for the {} ({source}); nothing was written: {error}",
                    holder.words()
                );
                let more = match holder {
                    Holder::Side(..) => "; --only leaves an account out",
                    Holder::Sets(_) => "",
                };
                let help = format!("sign in, or name a profile by {}{more}", holder.flag());
                (message, help, Exit::Account)
            }
        }
    }

    /// The account that it is about, if it is about one.
    fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Nothing | Self::BySets(_) | Self::NoSets | Self::NoRegion(_) => None,
            Self::Foreign { holder, .. } | Self::NoCredentials { holder, .. } => holder.account(),
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

    /// What stands for it where others have what was read.
    pub(crate) fn json(&self) -> Value {
        json!({ "integration": self.name(), "error": self.reason() })
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

    /// The same in a run that tells by events what it does.
    pub(crate) fn leave_out(&self, terminal: &mut Terminal, progress: &Progress) -> Result<Exit, Stop> {
        let (account, status) = match self {
            Self::Refused(_, refusal) => (refusal.account(), "refused"),
            Self::Halted(_, halt) => (None, halt.word()),
        };
        progress.left_out(terminal, self.name(), account, status, &self.reason())?;
        Ok(self.tell(terminal))
    }
}
