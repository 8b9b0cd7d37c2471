//! The table of IAM actions: `generator/data/iam-actions/`, one file of JSON lines for each service, the service first, then
//! its actions by name; where they come from says `_meta.json`.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::Deserialize;

use super::details::Keys;

/// The files of these services.
macro_rules! services {
    ($($name:literal)*) => {
        [$(Service {
            name: $name,
            text: include_str!(concat!("../../data/iam-actions/", $name, ".jsonl")),
            actions: OnceLock::new(),
            keys: OnceLock::new(),
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

/// A service, read when it is first asked for: most of the table is about others.
#[derive(Debug)]
pub(super) struct Service {
    name: &'static str,
    pub(super) text: &'static str,
    actions: OnceLock<Vec<Action>>,
    /// What only a review of policies asks for.
    pub(super) keys: OnceLock<Keys>,
}

/// An action: its name, and its line of the table, of which more is read when that is first asked for.
#[derive(Debug)]
pub(super) struct Action {
    name: &'static str,
    line: &'static str,
    /// In a box: of most actions nobody asks, and there are hundreds in a service.
    facts: OnceLock<Box<Facts>>,
}

/// What the line of an action says.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Facts {
    #[serde(default)]
    pub(super) access: &'static str,
    #[serde(default)]
    resource_level: bool,
    #[serde(default, borrow)]
    resources: Vec<&'static str>,
    #[serde(default, borrow)]
    pub(super) condition_keys: Vec<&'static str>,
}

impl Service {
    fn actions(&self) -> &[Action] {
        self.actions.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            let (mut actions, mut start) = (Vec::with_capacity(ends.clone().count()), 0);
            let lines = ends.filter_map(|end| self.text.get(std::mem::replace(&mut start, end + 1)..end));
            actions.extend(lines.skip(1).filter_map(Action::on));
            actions
        })
    }

    fn action(&self, name: &str) -> Option<&Action> {
        let at = self.actions().binary_search_by(|known| known.name.cmp(name)).ok()?;
        self.actions().get(at)
    }

    /// IAM compares names without regard to case.
    pub(super) fn in_any_case(&self, name: &str) -> Option<&Action> {
        let other = || self.actions().iter().find(|known| known.name.eq_ignore_ascii_case(name));
        self.action(name).or_else(other)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.actions().iter().map(|action| action.name)
    }
}

impl Action {
    fn on(line: &'static str) -> Option<Self> {
        let (name, _) = line.strip_prefix(r#"{"action":""#)?.split_once('"')?;
        Some(Self { name, line, facts: OnceLock::new() })
    }

    pub(super) fn facts(&self) -> &Facts {
        // INVARIANT: the line is part of the program; `the_tables_load` reads each in every test run.
        self.facts.get_or_init(|| Box::new(serde_json::from_str(self.line).unwrap_or_default()))
    }
}

impl Facts {
    /// The types of resources that it takes, a `*` behind the required ones; none where only `*` is one.
    pub(super) fn kinds(&self) -> Option<&[&'static str]> {
        self.resource_level.then_some(self.resources.as_slice())
    }
}

/// What an action's `Resource` may be.
#[derive(Debug, PartialEq, Eq)]
pub enum Resources<'a> {
    /// Only `*`.
    Anything,
    /// ARNs of these resource types, by the names of the service authorization reference.
    Types(Vec<&'a str>),
}

/// What the table knows about an action, or a pattern of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowledge {
    /// There is such an action, or one that fits the pattern.
    Known,
    /// The service is in the table and has none.
    NoSuchAction,
    /// The service is not in the table, or the service is a pattern itself.
    UnknownService,
}

impl ActionTable {
    /// The table that is part of the program.
    pub fn get() -> &'static Self {
        &TABLE
    }

    /// What `action` (like `s3:GetObject`) may be scoped to; `None` if there is no such action.
    pub fn resources(&self, action: &str) -> Option<Resources<'_>> {
        let (service, name) = halves(action)?;
        let action = self.services.iter().find(|known| known.name == service)?.action(name)?;
        Some(match action.facts().kinds() {
            None => Resources::Anything,
            Some(kinds) => Resources::Types(kinds.iter().map(|kind| kind.trim_end_matches('*')).collect()),
        })
    }

    /// Whether there is such an action. IAM compares actions without regard to case; a pattern has `*` and `?`.
    pub fn knows(&self, pattern: &str) -> Knowledge {
        if pattern == "*" {
            return Knowledge::Known;
        }
        let Some((service, name)) = halves(pattern) else { return Knowledge::NoSuchAction };
        let Some(service) = self.service(service) else { return Knowledge::UnknownService };
        if service.names().any(|known| fits(name.as_bytes(), known.as_bytes())) {
            Knowledge::Known
        } else {
            Knowledge::NoSuchAction
        }
    }

    /// An action as AWS writes it, whatever its case; `None` for a pattern, and for what the table does not know.
    pub fn spelled<'a>(&self, action: &'a str) -> Option<Cow<'a, str>> {
        let (prefix, name) = halves(action)?;
        let service = self.service(prefix)?;
        let known = service.in_any_case(name)?;
        let is_same = service.name == prefix && known.name == name;
        Some(if is_same { action.into() } else { format!("{}:{}", service.name, known.name).into() })
    }

    /// The actions that a pattern stands for, as AWS writes them; `None` if the service is not in the table, or is a pattern itself.
    pub fn expanded(&self, pattern: &str) -> Option<Vec<String>> {
        let (service, name) = halves(pattern)?;
        let service = self.service(service)?;
        let fitting = service.names().filter(|known| fits(name.as_bytes(), known.as_bytes()));
        Some(fitting.map(|name| format!("{}:{name}", service.name)).collect())
    }

    pub(super) fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|known| known.name.eq_ignore_ascii_case(name))
    }
}

/// Service and name of an action: `s3` and `GetObject` of `s3:GetObject`.
pub(super) fn halves(action: &str) -> Option<(&str, &str)> {
    let colon = memchr::memchr(b':', action.as_bytes())?;
    Some((&action[..colon], &action[colon + 1..]))
}

/// Whether a text fits a pattern with `*` and `?`, in any case.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => (star, p) = (Some((p, t)), p + 1),
            Some(char) if *char == b'?' || char.eq_ignore_ascii_case(&text[t]) => (p, t) = (p + 1, t + 1),
            _ => match star {
                Some((at, taken)) => (star, p, t) = (Some((at, taken + 1)), at + 1, taken + 1),
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|char| *char == b'*')
}

#[cfg(test)]
mod tests {
    use super::{ActionTable, Facts, Knowledge, Resources};

    #[test]
    fn actions_are_known_in_any_case_and_by_pattern() {
        let table = ActionTable::get();
        let known = ["*", "s3:GetObject", "S3:getobject", "s3:Get*", "s3:*", "s3:?etObject", "kms:*Key"];
        assert!(known.iter().all(|action| table.knows(action) == Knowledge::Known));
        for action in ["s3:GetObjekt", "s3:Gt*", "GetObject", "s3:GetObjec?t"] {
            assert_eq!(table.knows(action), Knowledge::NoSuchAction, "{action}");
        }
        assert_eq!(table.knows("dynamodb:GetItem"), Knowledge::UnknownService);
        assert_eq!(table.spelled("S3:getobject").as_deref(), Some("s3:GetObject"));
        assert_eq!(table.spelled("s3:Get*"), None);
        assert_eq!(table.expanded("STS:assumerole"), Some(vec!["sts:AssumeRole".to_owned()]));
        assert!(table.expanded("sts:*").is_some_and(|actions| actions.len() > 5));
        assert_eq!(table.expanded("*:Get*").or(table.expanded("dynamodb:*")), None);
    }

    #[test]
    fn the_tables_load() {
        let table = ActionTable::get();
        assert_eq!(table.resources("ram:ListResources"), Some(Resources::Anything));
        assert_eq!(table.resources("athena:GetWorkGroup"), Some(Resources::Types(vec!["workgroup"])));
        assert_eq!(table.resources("s3:DeleteBucketCors"), None);
        for service in &table.services {
            let lines = service.text.lines().collect::<Vec<_>>();
            assert_eq!(service.actions().len(), lines.len() - 1, "{}: a line each", service.name);
            assert!(
                lines.len() > 1 && service.actions().is_sorted_by_key(|action| action.name),
                "{}",
                service.name
            );
            for action in service.actions() {
                let facts = serde_json::from_str::<Facts>(action.line);
                assert!(facts.is_ok_and(|facts| !facts.access.is_empty()), "{}", action.line);
            }
        }
    }
}
