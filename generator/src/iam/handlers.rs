//! What CloudFormation's resource handlers call: `generator/data/cfn-handler-permissions.json`, corrected by
//! `generator/data/handler-amendments.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;

use crate::iam::ActionTable;

static TABLE: LazyLock<HandlerTable> = LazyLock::new(|| HandlerTable {
    // INVARIANT: both files are part of the program; the tests read them.
    handlers: serde_json::from_str(include_str!("../../data/cfn-handler-permissions.json"))
        .unwrap_or_default(),
    amendments: serde_json::from_str(include_str!("../../data/handler-amendments.json")).unwrap_or_default(),
});

/// For each type what [`HandlerTable::actions`] gives: asked for by both sides of every spec, and worked out once.
static ACTIONS: LazyLock<BTreeMap<&'static str, OnceLock<BTreeSet<&'static str>>>> = LazyLock::new(|| {
    let kinds = TABLE.handlers.types.keys().copied().chain(TABLE.amendments.add.keys().map(String::as_str));
    kinds.map(|kind| (kind, OnceLock::new())).collect()
});

/// Which IAM actions each CloudFormation type needs.
#[derive(Debug, Default)]
pub struct HandlerTable {
    handlers: Handlers,
    amendments: Amendments,
}

#[derive(Debug, Default, Deserialize)]
struct Handlers {
    #[serde(borrow)]
    types: BTreeMap<&'static str, BTreeMap<&'static str, Vec<&'static str>>>,
}

#[derive(Debug, Default, Deserialize)]
struct Amendments {
    add: BTreeMap<String, Amendment>,
    leave_out: BTreeMap<String, Vec<Amendment>>,
}

#[derive(Debug, Deserialize)]
struct Amendment {
    actions: Vec<String>,
}

/// A resource type that neither table knows: its service role cannot be derived.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no handler permissions for `{0}`: add the type to generator/data/handler-amendments.json, with its source"
)]
pub struct MissingType(pub String);

impl HandlerTable {
    /// The table that is part of the program.
    pub fn get() -> &'static Self {
        &TABLE
    }

    /// The IAM actions that the handlers of `kind` (like `AWS::S3::Bucket`) need for create, read, update and delete.
    ///
    /// Handler lists hold names that are no IAM actions (`s3:DeleteBucketCors`); those are filtered through the
    /// action table.
    ///
    /// # Errors
    /// [`MissingType`] if nothing is known about the type.
    pub fn actions(&'static self, kind: &str) -> Result<&'static BTreeSet<&'static str>, MissingType> {
        let actions = ACTIONS.get(kind).map(|actions| actions.get_or_init(|| self.worked_out(kind)));
        actions.filter(|actions| !actions.is_empty()).ok_or_else(|| MissingType(kind.to_owned()))
    }

    fn worked_out(&'static self, kind: &str) -> BTreeSet<&'static str> {
        let listed = self.handlers.types.get(kind).into_iter().flat_map(BTreeMap::values).flatten().copied();
        let added = self.amendments.add.get(kind).into_iter().flat_map(|amendment| &amendment.actions);
        let mut actions = listed.chain(added.map(String::as_str)).collect::<BTreeSet<_>>();
        let left_out = self.amendments.leave_out.get(kind).into_iter().flatten();
        for pattern in left_out.flat_map(|amendment| &amendment.actions) {
            actions.retain(|action| !matches(pattern, action));
        }
        actions.retain(|action| ActionTable::get().resources(action).is_some());
        actions
    }
}

fn matches(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => action.starts_with(prefix),
        None => action == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::{HandlerTable, MissingType, matches};

    #[test]
    fn an_unknown_type_is_an_error() {
        let missing = HandlerTable::get().actions("AWS::Bogus::Thing");
        assert_eq!(missing, Err(MissingType("AWS::Bogus::Thing".into())));
    }

    #[test]
    fn every_amendment_changes_something() {
        let table = HandlerTable::get();
        for (kind, added) in &table.amendments.add {
            let listed =
                table.handlers.types.get(kind.as_str()).into_iter().flat_map(|by| by.values()).flatten();
            let listed = listed.collect::<Vec<_>>();
            assert!(
                added.actions.iter().all(|action| !listed.contains(&&action.as_str())),
                "{kind}: listed already"
            );
        }
        for (kind, amendments) in &table.amendments.leave_out {
            let listed = table.handlers.types[kind.as_str()].values().flatten().collect::<Vec<_>>();
            for pattern in amendments.iter().flat_map(|amendment| &amendment.actions) {
                assert!(
                    listed.iter().any(|action| matches(pattern, action)),
                    "{kind}: `{pattern}` is not listed"
                );
            }
        }
    }

    #[test]
    fn names_that_are_no_iam_actions_are_dropped() {
        let actions = HandlerTable::get().actions("AWS::S3::Bucket").unwrap();
        assert!(actions.contains("s3:CreateBucket"));
        assert!(!actions.contains("s3:DeleteBucketCors"));
    }
}
