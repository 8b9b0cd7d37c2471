//! Who can do what: statements of all stacks by account and party, each right once.

use std::collections::{BTreeMap, BTreeSet};

use super::area::{Area, Reach};
use super::words::{self, short_term};
use crate::model::{Duty, Integration, Side};
use crate::policy::Effect;
use crate::review::{Account, Principal, Scope, Statement, Via};

/// What somebody is in an integration, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The account of the other side.
    OtherAccount,
    Analyst,
    BreakGlass,
    Setup,
    Deployer,
    ServiceRole,
    Acceptor,
    Crawler,
    Reader,
    Other,
    /// Whoever IAM allows in the account itself.
    OwnAccount,
    Service,
    Everybody,
}

impl Kind {
    /// The words for one.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::OtherAccount => "Account",
            Self::Analyst => "Analyst",
            Self::BreakGlass => "Break-glass",
            Self::Setup => "Set-up",
            Self::Deployer => "Deployer",
            Self::ServiceRole => "Service role",
            Self::Acceptor => "Role of the acceptor",
            Self::Crawler => "Role of the crawler",
            Self::Reader => "Role that reads outputs",
            Self::Other => "Others",
            Self::OwnAccount => "Whoever IAM allows in the account",
            Self::Service => "Service of AWS",
            Self::Everybody => "Everybody",
        }
    }

    /// What it is there for.
    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::OtherAccount => "the account at the other end of the integration",
            Self::Analyst => {
                "who investigates; `detective.principals` of the spec and holders of their policy"
            }
            Self::BreakGlass => {
                "who else may read query results; `detective.results.break_glass` of the spec"
            }
            Self::Setup => "who looks at Detective's Integrations page once",
            Self::Deployer => "who holds the deployer policy and runs change sets",
            Self::ServiceRole => "as whom CloudFormation acts on the Regional stacks",
            Self::Acceptor => "as whom the function that accepts the share runs",
            Self::Crawler => "as whom the crawler over saved evidence runs",
            Self::Reader => "as whom the lake stack's outputs are read",
            Self::Other => "named by the templates",
            Self::OwnAccount => "a policy that leaves it to IAM: only with a right of one's own",
            Self::Service => "trusted to run as a role",
            Self::Everybody => "with or without a right of one's own",
        }
    }
}

/// Somebody in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Party {
    pub(super) kind: Kind,
    /// `role/…`, `policy/…`, an account or a service.
    pub(super) name: String,
}

/// One thing that somebody may do, or may never do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Right {
    pub(super) effect: Effect,
    pub(super) via: Via,
    pub(super) actions: BTreeSet<String>,
    /// All actions, or all resources, but those named.
    pub(super) all_but: [bool; 2],
    /// In Markdown.
    pub(super) conditions: Vec<String>,
    pub(super) resources: BTreeSet<String>,
    pub(super) places: BTreeSet<String>,
}

impl Right {
    fn add_reach(&self, all: &mut AreasReached) {
        if self.effect == Effect::Deny {
            return;
        }
        if self.all_but[0] {
            all.entry((Area::Other, false)).or_default().extend([Reach::Reads, Reach::Changes, Reach::Gives]);
            return;
        }
        for action in &self.actions {
            let reach = Reach::of(action, self.via);
            for resource in self.resources.iter().filter(|_| !reach.is_empty()) {
                let area = Area::of(action, resource, self.via);
                let is_elsewhere = area == Area::Tables && resource.contains(" of account ");
                all.entry((area, is_elsewhere)).or_default().extend(&reach);
            }
        }
    }
}

/// How far somebody goes, in each area; true for tables of another account.
pub(super) type AreasReached = BTreeMap<(Area, bool), BTreeSet<Reach>>;

/// Somebody, or several who may all do the same, in an account.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) account: Account,
    pub(super) kind: Kind,
    pub(super) names: Vec<String>,
    pub(super) rights: Vec<Right>,
}

impl Group {
    /// How far it goes, in each area.
    pub(super) fn reach(&self) -> AreasReached {
        let mut all = AreasReached::new();
        self.rights.iter().for_each(|right| right.add_reach(&mut all));
        all
    }

    /// The roles that it acts as because it may pass or assume them.
    pub(super) fn acts_as(&self) -> impl Iterator<Item = &str> {
        let links = self.rights.iter().filter(|right| matches!(right.via, Via::PassRole | Via::AssumeRole));
        links.flat_map(|right| right.resources.iter().map(String::as_str))
    }
}

/// The resources and the places of statements that say the same otherwise.
type Merged = BTreeMap<Right, [BTreeSet<String>; 2]>;

/// The rights of everybody, by account (lake first) and kind. Parties of a kind with equal rights are one group.
pub(super) fn groups(integration: &Integration, statements: &[Statement]) -> Vec<Group> {
    let mut rights: BTreeMap<(usize, Account, Party), Merged> = BTreeMap::new();
    for statement in statements.iter().flat_map(Statement::spelled_out) {
        let account = &statement.account;
        let side = usize::from(account.id() != Some(integration.lake.account.as_str()));
        let resources = statement.resources.named().iter().map(|one| short_term(one, account)).collect();
        let merged = rest(&statement);
        let place = statement.place.to_string();
        for party in parties(integration, &statement) {
            let of_party = rights.entry((side, account.clone(), party)).or_default();
            let [all, places] = of_party.entry(merged.clone()).or_default();
            all.extend(BTreeSet::clone(&resources));
            places.insert(place.clone());
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    for ((_, account, party), rights) in rights {
        let rights =
            rights.into_iter().map(|(right, [resources, places])| Right { resources, places, ..right });
        let rights = rights.collect::<Vec<_>>();
        let same = |group: &&mut Group| {
            group.account == account && group.kind == party.kind && same_access(&group.rights, &rights)
        };
        match groups.iter_mut().find(same) {
            Some(group) => {
                group.names.push(party.name);
                for (right, other) in group.rights.iter_mut().zip(rights) {
                    right.places.extend(other.places);
                }
            }
            None => groups.push(Group { account, kind: party.kind, names: vec![party.name], rights }),
        }
    }
    groups
}

/// A statement without its resources and its place, by which statements are put together.
fn rest(statement: &Statement) -> Right {
    let account = &statement.account;
    let conditions = statement.conditions.iter().map(|one| words::condition(one, account));
    let guards = statement.only_if.iter().map(|guard| {
        let not = if guard.holds { "" } else { "not " };
        format!("the template's {not}{}", super::escape::code(&guard.name))
    });
    Right {
        effect: statement.effect,
        via: statement.via,
        actions: statement.actions.named().iter().map(ToString::to_string).collect(),
        all_but: [statement.actions.only().is_none(), statement.resources.only().is_none()],
        conditions: conditions.chain(guards).collect(),
        resources: BTreeSet::new(),
        places: BTreeSet::new(),
    }
}

fn same_access(one: &[Right], other: &[Right]) -> bool {
    let without_place = |right: &Right| Right { places: BTreeSet::new(), ..right.clone() };
    one.len() == other.len()
        && one.iter().zip(other).all(|(one, other)| without_place(one) == without_place(other))
}

/// Whom a statement is about.
fn parties(integration: &Integration, statement: &Statement) -> Vec<Party> {
    let account = &statement.account;
    if let Scope::AllBut(but) = &statement.principals {
        let but = but.iter().map(|one| name(one, account)).collect::<Vec<_>>().join(", ");
        return vec![Party { kind: Kind::Everybody, name: format!("all but {but}") }];
    }
    let named = statement.principals.named().iter();
    named.map(|one| Party { kind: kind(integration, account, one), name: name(one, account) }).collect()
}

fn name(principal: &Principal, account: &Account) -> String {
    match principal.term() {
        None => "*".to_owned(),
        Some(term) => short_term(term, account),
    }
}

fn kind(integration: &Integration, account: &Account, principal: &Principal) -> Kind {
    match principal {
        Principal::Everybody => return Kind::Everybody,
        Principal::Service(_) => return Kind::Service,
        Principal::Account(term) => {
            let is_own = account.id().is_some_and(|own| term.in_account(account).is(own));
            return if is_own { Kind::OwnAccount } else { Kind::OtherAccount };
        }
        _ => {}
    }
    let name = name(principal, account);
    let listed = |all: &[crate::model::Principal]| {
        all.iter().any(|one| words::short(&one.arn().to_string(), account) == name)
    };
    let policy = |duty| name == format!("policy/{}", integration.own_role(duty));
    let role = |role: String| name == format!("role/{role}");
    let sides = [Side::Lake, Side::Detective];
    let side = sides.into_iter().find(|side| account.id() == Some(integration.account(*side).as_str()));
    match side {
        Some(side) if role(integration.execution_role(side)) => Kind::ServiceRole,
        Some(side) if policy(Duty::Deployer(side)) => Kind::Deployer,
        _ if listed(&integration.detective.principals) || policy(Duty::Analyst) => Kind::Analyst,
        _ if listed(&integration.detective.break_glass) => Kind::BreakGlass,
        _ if policy(Duty::Setup) => Kind::Setup,
        _ if role(integration.own_role(Duty::Acceptor)) => Kind::Acceptor,
        _ if role(integration.own_role(Duty::Crawler)) => Kind::Crawler,
        _ if role(integration.own_role(Duty::Reader)) => Kind::Reader,
        _ => Kind::Other,
    }
}
