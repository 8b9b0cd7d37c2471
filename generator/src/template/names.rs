//! Logical ids: letters and digits, as CloudFormation wants them.

use std::fmt;

/// The logical id of a resource, like `LinkDatabase`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogicalId(String);

impl LogicalId {
    /// An id put together from words: each word starts with a capital, what is no letter or digit is left out.
    ///
    /// Two different words can give one id (`sec-ops`, `SecOps`), so callers that take words from a user add
    /// something that tells them apart; see [`crate::model::Principal::label`].
    pub fn of(words: &[&str]) -> Self {
        let pieces = words.iter().flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
        Self(pieces.map(capitalised).collect())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn capitalised(piece: &str) -> String {
    let mut chars = piece.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}

impl fmt::Display for LogicalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::LogicalId;

    #[test]
    fn words_are_joined_with_capitals() {
        assert_eq!(LogicalId::of(&["grant", "sec-ops_2", "VpcFlow"]).as_str(), "GrantSecOps2VpcFlow");
    }
}
