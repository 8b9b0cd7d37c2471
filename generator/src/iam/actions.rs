//! The table of IAM actions: `generator/data/iam-actions/`, one file for each service; where they come from says
//! `_meta.json`.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

/// The files of these services.
macro_rules! services {
    ($($name:literal)*) => {
        [$(Service {
            name: $name,
            text: include_str!(concat!("../../data/iam-actions/", $name, ".json")),
            actions: OnceLock::new(),
        }),*]
    };
}

static TABLE: ActionTable = ActionTable {
    services: services![
        "athena"
        "cloudformation"
        "cloudtrail"
        "detective"
        "ec2"
        "events"
        "glue"
        "guardduty"
        "iam"
        "kms"
        "lakeformation"
        "lambda"
        "logs"
        "organizations"
        "ram"
        "s3"
        "securitylake"
        "sqs"
        "ssm"
        "sts"
    ],
};

/// Which IAM actions exist, and on what.
#[derive(Debug)]
pub struct ActionTable {
    services: [Service; 20],
}

/// The actions of a service, read when one of them is first asked for: most of the table is about others.
#[derive(Debug)]
struct Service {
    name: &'static str,
    text: &'static str,
    actions: OnceLock<Actions>,
}

impl Service {
    fn action(&self, name: &str) -> Option<&Action> {
        // INVARIANT: the file is part of the program; `the_tables_load` reads each in every test run.
        self.actions.get_or_init(|| serde_json::from_str(self.text).unwrap_or_default()).actions.get(name)
    }
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
        let action = self.services.iter().find(|known| known.name == service)?.action(name)?;
        if !action.resource_level {
            return Some(Resources::Anything);
        }
        Some(Resources::Types(action.resources.iter().map(|kind| kind.trim_end_matches('*')).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::{ActionTable, Actions, Resources};

    #[test]
    fn the_tables_load() {
        let table = ActionTable::get();
        assert_eq!(table.resources("ram:ListResources"), Some(Resources::Anything));
        assert_eq!(table.resources("athena:GetWorkGroup"), Some(Resources::Types(vec!["workgroup"])));
        assert_eq!(table.resources("s3:DeleteBucketCors"), None);
        for service in &table.services {
            let actions = serde_json::from_str::<Actions>(service.text);
            assert!(actions.is_ok_and(|known| !known.actions.is_empty()), "{}", service.name);
        }
    }
}
