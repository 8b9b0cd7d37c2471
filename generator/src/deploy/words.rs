//! What a run calls things, and how it tells of changes and failures.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use crate::aws::{Action, Change, Failure, Found, Replacement, fresh};
use crate::deploy::Work;
use crate::deploy::causes::explain;
use crate::deploy::work::Wanted;

/// Change sets of ours begin so.
pub(crate) const PREFIX: &str = "lakelink-";

/// A name that is the same for the same change of the same stack in the same state, and no other.
pub(crate) fn change_set_name(wanted: &Wanted, work: &Work, found: Option<&Found>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| hash.update([text, "\0"].concat());
    add(&wanted.body);
    add(wanted.role.as_deref().unwrap_or_default());
    wanted.parameters.iter().chain(&work.integration.tags).for_each(|(key, value)| {
        add(key);
        add(value);
    });
    if let Some(found) = found.filter(|found| found.status != "REVIEW_IN_PROGRESS") {
        add(&found.id);
        add(&found.changed);
    }
    format!("{PREFIX}{}", short(&hash.finalize()))
}

/// A token that is the same for the same operation on the same stack in the same state. Where a deletion has failed nothing
/// tells the next one from it, so that one gets a token of its own: else it would be taken for a repeated call.
pub(crate) fn token(operation: &str, found: &Found) -> String {
    if found.status == "DELETE_FAILED" {
        return fresh(&[PREFIX, operation].concat());
    }
    let text = [operation, &found.id, &found.changed, &found.status].join("\0");
    format!("{PREFIX}{operation}-{}", short(&Sha256::digest(text)))
}

/// The beginning of a hash, in hexadecimal.
pub(crate) fn short(hash: &[u8]) -> String {
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// A reason, then each failure with its own, and what is known about it.
pub(crate) fn explained(reason: &str, failures: &[Failure]) -> String {
    let mut lines = vec![reason.to_owned()];
    let mut known = explain("", reason).into_iter().collect::<Vec<_>>();
    for one in failures {
        lines.push(format!("`{}` ({}): {}", one.id, one.kind, one.reason));
        known.extend(explain(&one.kind, &one.reason));
    }
    let mut told = BTreeSet::new();
    known.retain(|cause| told.insert(cause.id));
    lines.extend(known.into_iter().flat_map(|known| [known.cause.to_owned(), known.cure.to_owned()]));
    lines.join("\n")
}

/// What a change set does: `+3 ~1 -2`, and what it takes over.
pub(crate) fn in_words(changes: &[Change]) -> String {
    let count = |wanted: &[Action]| changes.iter().filter(|change| wanted.contains(&change.action)).count();
    let anew = changes
        .iter()
        .filter(|change| change.action == Action::Modify && change.replacement == Replacement::Yes);
    let parts = [
        ("+", count(&[Action::Add])),
        ("~", count(&[Action::Modify, Action::Dynamic])),
        ("-", count(&[Action::Remove])),
        ("left as it is: ", count(&[Action::Leave])),
        ("taken over: ", count(&[Action::Import])),
        ("made anew: ", anew.count()),
    ];
    let parts = parts.iter().filter(|(_, count)| *count > 0);
    parts.map(|(sign, count)| format!("{sign}{count}")).collect::<Vec<_>>().join(" ")
}

/// Each change on a line of its own: its sign, the logical id, the type.
pub(crate) fn one_by_one(changes: &[Change]) -> String {
    let lines = changes.iter().map(|change| format!("{} {}  {}", sign(change), change.id, change.kind));
    lines.collect::<Vec<_>>().join("\n")
}

/// The sign of a change.
pub(crate) fn sign(change: &Change) -> char {
    match (change.action, change.replacement) {
        (Action::Add, _) => '+',
        (Action::Remove, _) => '-',
        (Action::Leave, _) => 'o',
        (Action::Import, _) => '<',
        (Action::Modify, Replacement::Yes) => '!',
        (Action::Modify, Replacement::No) => '~',
        (Action::Modify, Replacement::Perhaps) | (Action::Dynamic, _) => '?',
    }
}

#[cfg(test)]
mod tests {
    use super::explained;
    use crate::aws::Failure;
    use crate::deploy::causes::explain;

    #[test]
    fn a_cause_is_told_once() {
        let failure = |id: &str, kind: &str, reason: &str| Failure {
            id: id.to_owned(),
            kind: kind.to_owned(),
            reason: reason.to_owned(),
        };
        let (grant, missing) =
            ("AWS::LakeFormation::PrincipalPermissions", "EntityNotFoundException: Table not found");
        let (bucket, taken) = ("AWS::S3::Bucket", "lakelink-variant already exists");
        let text = explained(
            "it ended in CREATE_FAILED",
            &[failure("A", grant, missing), failure("B", bucket, taken), failure("C", grant, missing)],
        );
        for (kind, reason) in [(grant, missing), (bucket, taken)] {
            let known = explain(kind, reason).unwrap();
            assert_eq!(
                (text.matches(known.cause).count(), text.matches(known.cure).count()),
                (1, 1),
                "{text}"
            );
        }
        for line in [format!("`A` ({grant}): {missing}"), format!("`C` ({grant}): {missing}")] {
            assert!(text.contains(&line), "{text}");
        }
    }
}
