//! The table of IAM actions: `generator/data/iam-actions.json`.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde::Deserialize;
use serde_json::value::RawValue;

static TABLE: LazyLock<ActionTable> = LazyLock::new(|| {
    // INVARIANT: the file is part of the program; `the_tables_load` reads it in every test run.
    let file: File = serde_json::from_str(include_str!("../../data/iam-actions.json")).unwrap_or_default();
    let services = file.services.into_iter();
    let services =
        services.map(|(name, text)| (name, Service { text: text.get(), actions: OnceLock::new() }));
    ActionTable { services: services.collect() }
});

/// Which IAM actions exist, and on what.
#[derive(Debug)]
pub struct ActionTable {
    services: BTreeMap<&'static str, Service>,
}

/// The actions of a service, read when one of them is first asked for: most of the table is about others.
#[derive(Debug)]
struct Service {
    text: &'static str,
    actions: OnceLock<Actions>,
}

impl Service {
    fn action(&self, name: &str) -> Option<&Action> {
        self.actions.get_or_init(|| serde_json::from_str(self.text).unwrap_or_default()).actions.get(name)
    }
}

#[derive(Default, Deserialize)]
struct File {
    #[serde(borrow)]
    services: BTreeMap<&'static str, &'static RawValue>,
}

#[derive(Debug, Default, Deserialize)]
struct Actions {
    #[serde(borrow)]
    actions: BTreeMap<&'static str, Action>,
}

#[derive(Debug, Deserialize)]
struct Action {
    #[serde(default)]
    resource_level: bool,
    #[serde(default, borrow)]
    resources: Vec<&'static str>,
}

/// What an action's `Resource` may be.
#[derive(Debug, PartialEq, Eq)]
pub enum Resources<'a> {
    /// Only `*`.
    Anything,
    /// ARNs of these resource types, by the names of the service authorization reference.
    Types(Vec<&'a str>),
}

impl ActionTable {
    /// The table that is part of the program.
    pub fn get() -> &'static Self {
        &TABLE
    }

    /// What `action` (like `s3:GetObject`) may be scoped to; `None` if there is no such action.
    pub fn resources(&self, action: &str) -> Option<Resources<'_>> {
        let (service, name) = action.split_once(':')?;
        let action = self.services.get(service)?.action(name)?;
        if !action.resource_level {
            return Some(Resources::Anything);
        }
        Some(Resources::Types(action.resources.iter().map(|kind| kind.trim_end_matches('*')).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionTable, Resources};

    #[test]
    fn the_tables_load() {
        let table = ActionTable::get();
        assert_eq!(table.resources("ram:ListResources"), Some(Resources::Anything));
        assert_eq!(table.resources("athena:GetWorkGroup"), Some(Resources::Types(vec!["workgroup"])));
        assert_eq!(table.resources("s3:DeleteBucketCors"), None);
    }
}
