//! What the table of actions says beside names and resource types: access levels, condition keys, the ARNs of resource
//! types. It is read when a review first asks for it; whoever only renders never does.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ActionTable;
use super::actions::{Facts, Service, halves};

/// What the line of a service says: the ARNs and condition keys of its types of resources, and the keys of all its actions.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Keys {
    #[serde(default, borrow)]
    resource_types: BTreeMap<&'static str, Kind>,
    #[serde(default, borrow)]
    every_action_condition_keys: Vec<&'static str>,
}

#[derive(Debug, Default, Deserialize)]
struct Kind {
    arn: &'static str,
    #[serde(default, borrow)]
    condition_keys: Vec<&'static str>,
}

/// What the table says about one action.
#[derive(Clone, Copy, Debug)]
pub struct ActionDetails {
    of_service: &'static Keys,
    facts: &'static Facts,
}

impl Service {
    fn keys(&'static self) -> &'static Keys {
        // INVARIANT: the line is part of the program; `details_load` reads each in every test run.
        let line = || self.text.lines().next().unwrap_or_default();
        self.keys.get_or_init(|| serde_json::from_str(line()).unwrap_or_default())
    }
}

impl ActionTable {
    /// The day of the table, like `2026-09-26`.
    pub fn date() -> &'static str {
        const META: &str = include_str!("../../data/iam-actions/_meta.json");
        let after = META.split_once("\"updated_at\": \"").map(|(_, after)| after);
        after.and_then(|after| after.get(..10)).unwrap_or("unknown")
    }

    /// What the table says about an action (`s3:GetObject`, in any case); `None` for a pattern and for what it does not
    /// know.
    pub fn details(&'static self, action: &str) -> Option<ActionDetails> {
        let (service, name) = halves(action)?;
        let service = self.service(service)?;
        Some(ActionDetails { of_service: service.keys(), facts: service.in_any_case(name)?.facts() })
    }

    /// The known action that looks most like one that is not known.
    pub fn similar(&self, action: &str) -> Option<String> {
        let (service, name) = halves(action)?;
        let scored = self.service(service)?.names().map(|known| (strsim::jaro_winkler(known, name), known));
        let (score, known) = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
        (score > 0.85).then(|| format!("{}:{known}", service.to_ascii_lowercase()))
    }
}

impl ActionDetails {
    /// Whether it changes something or gives access: the table's levels Write and Permissions management.
    pub fn changes(self) -> bool {
        self.facts.access.contains(['W', 'P'])
    }

    /// Whether it changes who may do what: the table's level Permissions management.
    pub fn manages_permissions(self) -> bool {
        self.facts.access.contains('P')
    }

    /// What its `Resource` may be, as ARNs with holes (`arn:${Partition}:s3:::${BucketName}`); `None` if only `*`.
    pub fn arns(self) -> Option<Vec<&'static str>> {
        let kinds = self.facts.kinds()?.iter();
        Some(kinds.filter_map(|kind| self.kind(kind)).map(|kind| kind.arn).collect())
    }

    /// The names of the resource types that it takes; none if only `*`.
    pub fn kinds(self) -> impl Iterator<Item = &'static str> {
        self.facts.kinds().unwrap_or_default().iter().map(|kind| kind.trim_end_matches('*'))
    }

    /// Whether a condition key can be met or missed by its requests, as far as the table says: keys of the action, of its
    /// resource types, and of every action of the service.
    pub fn supports(self, key: &str) -> bool {
        let of_kinds = self.facts.kinds().unwrap_or_default().iter().filter_map(|kind| self.kind(kind));
        let of_kinds = of_kinds.flat_map(|kind| &kind.condition_keys);
        let all = &self.of_service.every_action_condition_keys;
        self.facts.condition_keys.iter().chain(of_kinds).chain(all).any(|known| is_key(known, key))
    }

    fn kind(self, name: &str) -> Option<&'static Kind> {
        self.of_service.resource_types.get(name.trim_end_matches('*'))
    }
}

/// Whether a key is the one that the table has; `aws:ResourceTag/${TagKey}` and `s3:ExistingObjectTag/<key>` stand for
/// any key that begins alike.
fn is_key(known: &str, key: &str) -> bool {
    match known.find(['$', '<']) {
        Some(at) => key.get(..at).is_some_and(|start| start.eq_ignore_ascii_case(&known[..at])),
        None => known.eq_ignore_ascii_case(key),
    }
}

#[cfg(test)]
mod tests {
    use super::ActionTable;

    #[test]
    fn details_load() {
        let table = ActionTable::get();
        assert_eq!(ActionTable::date(), "2026-09-26");
        for service in ["athena", "ec2", "iam", "kms", "lakeformation", "ram", "s3", "sts"] {
            for action in table.expanded(&format!("{service}:*")).unwrap_or_default() {
                assert!(table.details(&action).is_some(), "{action}");
            }
        }
        let accept = table.details("ram:AcceptResourceShareInvitation").unwrap();
        assert!(accept.supports("RAM:shareowneraccountid") && !accept.supports("ram:Principal"));
        assert!(table.details("s3:GetObject").unwrap().supports("s3:ExistingObjectTag/team"));
        assert_eq!(table.details("lakeformation:GetDataAccess").unwrap().arns(), None);
        assert!(table.details("s3:PutObject").unwrap().changes());
        assert!(!table.details("s3:GetObject").unwrap().changes());
        assert_eq!(table.similar("glue:GetDatabse").as_deref(), Some("glue:GetDatabase"));
        assert_eq!(table.similar("glue:Zzz"), None);
    }
}
