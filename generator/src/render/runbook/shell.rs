//! Words for a POSIX shell.

use crate::vocab::Region;

/// `text` as one word, whatever it holds.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The shell variable that holds the ARN of the share of a Region.
pub(super) fn share_variable(region: Region) -> String {
    format!("SHARE_ARN_{}", region.underscored().to_ascii_uppercase())
}
