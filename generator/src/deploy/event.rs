//! What a run says while it goes on, and how it ends.

use tokio::sync::oneshot;

use crate::aws::AwsError;
use crate::deploy::Target;

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// What kind of thing: `stack`, `share`, `administrator`, `kept`.
    pub(crate) kind: &'static str,
    /// The stack that it is about, or the one that its Region and account are meant by.
    pub(crate) target: Target,
    /// One word of what it is now.
    pub(crate) status: &'static str,
    /// What there is to say about it, perhaps over several lines; often nothing.
    pub(crate) reason: String,
}

/// Who hears of it. Several Regions speak at once.
pub(crate) trait Listen: Send + Sync {
    /// Hears of an event.
    fn hear(&self, event: &Event);

    /// Asks a person whether what the event says may be done. Nobody's answer is none.
    fn ask(&self, event: &Event) -> oneshot::Receiver<bool>;
}

/// What became of a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was as it should be.
    InStep,
    /// It is now.
    Changed,
}

/// Why a stack is not what it should be.
#[derive(Debug)]
pub(crate) enum Halt {
    /// A call failed for good.
    Aws(AwsError),
    /// AWS tried and could not.
    Failed(String),
    /// A person must look first.
    Stopped(String),
    /// It goes on in AWS, and the time for waiting is over.
    Running,
}

impl From<AwsError> for Halt {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl Halt {
    /// What there is to say.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Aws(error) if error.is_about_credentials() => {
                format!(
                    "{error}\nthe credentials are over or not valid: renew them and run the command again, it goes on from here"
                )
            }
            Self::Aws(error) => error.to_string(),
            Self::Failed(reason) | Self::Stopped(reason) => reason.clone(),
            Self::Running => {
                "still running when the time was over; run the command again to go on waiting".to_owned()
            }
        }
    }

    /// The word of the event that tells of it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Aws(_) | Self::Failed(_) => "failed",
            Self::Stopped(_) => "stopped",
            Self::Running => "running",
        }
    }
}
