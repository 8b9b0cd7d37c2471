//! What a run on stack sets calls things, and how it tells of failures.

use sha2::{Digest, Sha256};

use crate::aws::{Failure, OperationResult, ResultStatus};
use crate::deploy::sets::SetWork;
use crate::deploy::words::{PREFIX, explained, short};
use crate::model::rollout::StackSet;

/// The id of an operation, made of what it is about.
pub(super) fn operation_id(what: &str, about: &[&str]) -> String {
    let text = [&[what], about].concat().join("\0");
    format!("{PREFIX}{what}-{}", short(&Sha256::digest(text)))
}

/// A reason as StackSets gives it: `ResourceLogicalId:…, ResourceType:…, ResourceStatusReason:….` (AWS Control Tower user guide,
/// troubleshooting), or any text.
fn resource_failure(reason: &str) -> Option<Failure> {
    let (id, rest) = reason.strip_prefix("ResourceLogicalId:")?.split_once(", ResourceType:")?;
    let (kind, reason) = rest.split_once(", ResourceStatusReason:")?;
    Some(Failure {
        id: id.to_owned(),
        kind: kind.to_owned(),
        reason: reason.trim_end_matches('.').to_owned(),
    })
}

/// A reason, with what is known about it.
pub(super) fn reason(text: &str) -> String {
    match resource_failure(text) {
        Some(failure) => explained("", &[failure]).trim_start().to_owned(),
        None => explained(text, &[]),
    }
}

impl SetWork {
    /// Tells what an operation does in one account and Region.
    pub(super) fn tell_result(&self, set: &StackSet, result: &OperationResult) {
        let (status, reason) = match result.status {
            ResultStatus::Pending => return,
            ResultStatus::Running => ("running", String::new()),
            ResultStatus::Succeeded => ("done", String::new()),
            ResultStatus::Failed => ("failed", reason(&result.reason)),
            ResultStatus::Cancelled => ("cancelled", result.reason.clone()),
        };
        // Somebody else's instance in an account or Region that the spec does not have is told of where the set is surveyed.
        let region = set.regions.iter().find(|region| region.as_str() == result.region);
        if let Some(region) = region.filter(|_| result.account == set.account.as_str()) {
            self.tell("instance", set, Some(region), status, reason);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{operation_id, reason};

    #[test]
    fn an_id_is_of_all_that_it_is_about() {
        let id = operation_id("update", &["a", "b"]);
        assert!(id.starts_with("lakelink-update-") && id.len() == 28, "{id}");
        assert_eq!(id, operation_id("update", &["a", "b"]));
        assert!(![operation_id("update", &["ab", ""]), operation_id("create", &["a", "b"])].contains(&id));
    }

    #[test]
    fn the_resource_that_failed_is_named() {
        let kind = "AWS::S3::Bucket";
        let told = reason(&format!(
            "ResourceLogicalId:B, ResourceType:{kind}, ResourceStatusReason:x already exists."
        ));
        assert!(told.starts_with("`B` (AWS::S3::Bucket): x already exists\n"), "{told}");
        assert_eq!(reason("Account gate said no"), "Account gate said no");
    }
}
