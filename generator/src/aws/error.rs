//! What AWS answers when it does not do what it was asked for.

use std::error::Error;

use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};

/// An error and what it came from, in words; each said once.
fn chain(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    words.dedup();
    words.join(": ")
}

/// A call that failed, after every try of the SDK.
#[derive(Debug, thiserror::Error)]
#[error("{operation}: {message}")]
pub(crate) struct AwsError {
    /// The operation, by its name in the API.
    pub(crate) operation: &'static str,
    /// AWS's word for what is wrong; empty if the call got no answer.
    pub(crate) code: String,
    /// AWS's own sentence, or why there was no answer.
    pub(crate) message: String,
}

impl AwsError {
    /// For `map_err`: what became of a call of `operation`.
    pub(crate) fn of<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| {
            let code = error.code().unwrap_or_default().to_owned();
            let message = match error.message() {
                Some(message) => message.to_owned(),
                None => chain(&error),
            };
            Self { operation, code, message }
        }
    }

    /// Whether the stack or change set is not there: CloudFormation has no code of its own for that.
    pub(crate) fn is_gone(&self) -> bool {
        self.code == "ChangeSetNotFound"
            || self.code == "ChangeSetNotFoundException"
            || self.code == "ValidationError" && self.message.contains("does not exist")
    }

    /// Whether a role was refused as CloudFormation's. A role is known to IAM some seconds before it is everywhere.
    pub(crate) fn is_unusable_role(&self) -> bool {
        self.code == "ValidationError" && self.message.contains("is invalid or cannot be assumed")
    }

    /// Whether the caller may not do this. Cloud Control API gives what a handler heard of IAM in its words alone.
    pub(crate) fn is_forbidden(&self) -> bool {
        self.code.starts_with("AccessDenied") || self.message.contains("not authorized to perform")
    }

    /// Whether the credentials are over or may not do this.
    pub(crate) fn is_about_credentials(&self) -> bool {
        matches!(
            self.code.as_str(),
            "ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId" | "UnrecognizedClientException"
        )
    }
}
