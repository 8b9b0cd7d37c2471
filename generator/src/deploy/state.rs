//! What can be done with a stack in the state that it is in.

use crate::aws::Found;

/// A stack, by what can be done with it. CloudFormation's states are those of its user guide.
#[derive(Clone, Debug)]
pub(crate) enum State {
    /// It can be created.
    Absent,
    /// A change set was made for it and never executed: it can be created, and it can be deleted.
    InReview(Found),
    /// It can be updated.
    Settled(Found),
    /// An operation goes on: it can be waited for.
    Busy(Found),
    /// Its creation or deletion failed: it can only be deleted.
    Dead(Found),
    /// An update failed and its rollback, too: a person must go on with the rollback.
    Stuck(Found),
}

impl State {
    /// The state of what was found.
    pub(crate) fn of(found: Option<Found>) -> Self {
        let Some(found) = found else { return Self::Absent };
        match found.status.as_str() {
            "DELETE_COMPLETE" => Self::Absent,
            "REVIEW_IN_PROGRESS" => Self::InReview(found),
            "CREATE_FAILED" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED" => Self::Dead(found),
            "UPDATE_ROLLBACK_FAILED" | "UPDATE_FAILED" | "IMPORT_ROLLBACK_FAILED" => Self::Stuck(found),
            status if status.ends_with("_IN_PROGRESS") => Self::Busy(found),
            _ => Self::Settled(found),
        }
    }

    /// What is there, if anything is.
    pub(crate) fn found(&self) -> Option<&Found> {
        match self {
            Self::Absent => None,
            Self::InReview(found)
            | Self::Settled(found)
            | Self::Busy(found)
            | Self::Dead(found)
            | Self::Stuck(found) => Some(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::State;
    use crate::aws::Found;

    fn of(status: &str) -> State {
        State::of(Some(Found {
            id: String::new(),
            name: String::new(),
            status: status.to_owned(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            outputs: BTreeMap::new(),
            role: None,
            is_protected: false,
            changed: String::new(),
        }))
    }

    /// Every status that the SDK knows has its place.
    #[test]
    fn every_state_of_cloudformation_has_its_place() {
        let mut places = BTreeMap::<&str, Vec<&str>>::new();
        for status in aws_sdk_cloudformation::types::StackStatus::values() {
            let place = match of(status) {
                State::Absent => "absent",
                State::InReview(_) => "in review",
                State::Settled(_) => "settled",
                State::Busy(_) => "busy",
                State::Dead(_) => "dead",
                State::Stuck(_) => "stuck",
            };
            places.entry(place).or_default().push(status);
        }
        insta::assert_json_snapshot!(places);
    }
}
