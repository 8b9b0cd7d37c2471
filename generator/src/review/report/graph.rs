//! The picture as a graph: who reaches what, at most [`MAX_NODES`] nodes. Mermaid and SVG draw the same one.

use std::collections::{BTreeMap, BTreeSet};

use super::area::{Area, Reach};
use super::rights::{Group, Kind};
use super::words::listed;
use crate::model::Integration;
use crate::review::Account;

/// More than this is no longer seen at a glance.
pub(super) const MAX_NODES: usize = 15;

/// Everybody of one kind in an account, or what they reach there.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) title: String,
    /// Its name, or what it is in more words.
    pub(super) name: String,
    pub(super) shape: Shape,
}

/// How a node looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Person,
    Role,
    Account,
    Data,
    Thing,
}

/// An account with its nodes.
#[derive(Debug)]
pub(super) struct Home {
    pub(super) title: String,
    /// Who, by its number in the graph.
    pub(super) parties: Vec<usize>,
    /// What.
    pub(super) areas: Vec<usize>,
}

/// Who reaches what, how far.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) reach: BTreeSet<Reach>,
}

impl Edge {
    /// What is written on it.
    pub(super) fn label(&self) -> String {
        listed(&self.reach.iter().map(|reach| reach.verb()).collect::<Vec<_>>())
    }

    /// The furthest of it, which says how it is drawn.
    pub(super) fn furthest(&self) -> Reach {
        self.reach.last().copied().unwrap_or(Reach::Reads)
    }
}

/// See the module.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) homes: Vec<Home>,
    /// By from and to.
    pub(super) edges: Vec<Edge>,
    /// Who can do everything that whom can, because it may pass or assume the role.
    pub(super) acts: Vec<(usize, usize)>,
}

/// What several areas are drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Drawn {
    Tables,
    Queries,
    LakeFormation,
    Catalogue,
    Sharing,
    Rest,
}

impl Drawn {
    fn of(area: Area) -> Self {
        match area {
            Area::Tables => Self::Tables,
            Area::Queries | Area::Results | Area::Keys => Self::Queries,
            Area::LakeFormation => Self::LakeFormation,
            Area::Catalogue => Self::Catalogue,
            Area::Sharing => Self::Sharing,
            Area::Stacks | Area::Roles | Area::Parameters | Area::Functions | Area::Other => Self::Rest,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Tables => "Tables",
            Self::Queries => "Queries and results",
            Self::LakeFormation => "Lake Formation",
            Self::Catalogue => "Glue catalogue",
            Self::Sharing => "Subscriber and shares",
            Self::Rest => "Also",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Tables | Self::Queries | Self::Catalogue => Shape::Data,
            Self::LakeFormation | Self::Sharing | Self::Rest => Shape::Thing,
        }
    }
}

/// What is drawn as part of `Also` first when there are too many nodes. What matters most stays apart.
const FOLDED_FIRST: [Drawn; 5] =
    [Drawn::Sharing, Drawn::Catalogue, Drawn::Tables, Drawn::Queries, Drawn::LakeFormation];

/// The number of an account: 0 for the lake account, 1 for the other.
type At = usize;
type Who = (At, Kind);
type What = (At, Drawn);

impl Graph {
    /// The graph of the groups of an integration. Services, and what is said about everybody or left to the account, are not
    /// drawn; neither is what is denied.
    pub(super) fn of(integration: &Integration, groups: &[Group]) -> Self {
        let accounts = [&integration.lake.account, &integration.detective.account];
        let at = |account: &Account| usize::from(account.id() != Some(accounts[0].as_str()));
        let mut parties: BTreeMap<Who, Vec<&str>> = BTreeMap::new();
        let mut reached: BTreeMap<(Who, At, Area), BTreeSet<Reach>> = BTreeMap::new();
        for group in groups.iter().filter(|group| is_drawn(group.kind)) {
            let party = (at(&group.account), drawn_as(group.kind));
            let names = group.names.iter().filter(|_| group.kind != Kind::Setup);
            parties.entry(party).or_default().extend(names.map(String::as_str));
            let has_links = group.acts_as().next().is_some();
            for ((area, is_elsewhere), mut reach) in group.reach() {
                // Roles of the templates are drawn themselves.
                if has_links {
                    reach.remove(&Reach::ActsAs);
                }
                let side = if is_elsewhere { 0 } else { party.0 };
                reached.entry((party, side, area)).or_default().extend(reach);
            }
        }
        reached.retain(|_, reach| !reach.is_empty());
        let folded = folded(parties.len(), reached.keys().map(|(_, side, area)| (*side, *area)).collect());
        let mut areas: BTreeMap<What, BTreeSet<Area>> = BTreeMap::new();
        let mut edges: BTreeMap<(Who, What), BTreeSet<Reach>> = BTreeMap::new();
        for ((party, side, area), reach) in reached {
            let drawn = Some(Drawn::of(area)).filter(|drawn| !folded.contains(&(side, *drawn)));
            let area_node = (side, drawn.unwrap_or(Drawn::Rest));
            areas.entry(area_node).or_default().insert(area);
            edges.entry((party, area_node)).or_default().extend(reach);
        }
        let mut graph = Self { nodes: Vec::new(), homes: Vec::new(), edges: Vec::new(), acts: Vec::new() };
        let mut numbers = (BTreeMap::new(), BTreeMap::new());
        for (side, word) in [(0, "Lake account"), (1, "Detective account")] {
            let mut home =
                Home { title: format!("{word} {}", accounts[side]), parties: vec![], areas: vec![] };
            for (party, names) in parties.iter().filter(|(party, _)| party.0 == side) {
                home.parties.push(graph.nodes.len());
                numbers.0.insert(*party, graph.nodes.len());
                graph.nodes.push(party_node(party.1, names));
            }
            for (area, contents) in areas.iter().filter(|(area, _)| area.0 == side) {
                home.areas.push(graph.nodes.len());
                numbers.1.insert(*area, graph.nodes.len());
                graph.nodes.push(area_node(area.1, contents));
            }
            if !home.parties.is_empty() || !home.areas.is_empty() {
                graph.homes.push(home);
            }
        }
        let edges = edges.into_iter().filter_map(|((party, area), reach)| {
            Some(Edge { from: *numbers.0.get(&party)?, to: *numbers.1.get(&area)?, reach })
        });
        graph.edges = edges.collect();
        graph.acts = acts(groups, &at, &numbers.0);
        graph
    }

    /// What is drawn, in one sentence, for who cannot see it.
    pub(super) fn description(&self) -> String {
        let acts = self
            .acts
            .iter()
            .map(|(from, to)| (*from, format!("acts as {}", self.nodes[*to].title.to_lowercase()), ""));
        let edges =
            self.edges.iter().map(|edge| (edge.from, edge.label(), self.nodes[edge.to].title.as_str()));
        let mut said = Vec::new();
        for home in &self.homes {
            for party in &home.parties {
                let does = acts.clone().chain(edges.clone()).filter(|(from, _, _)| from == party);
                let does = does.map(|(_, verb, what)| format!("{verb} {what}").trim_end().to_owned());
                let does = does.collect::<Vec<_>>();
                let Node { title, name, .. } = &self.nodes[*party];
                said.push(format!("{}: {title} {name} {}.", home.title, listed(&does)));
            }
        }
        said.join(" ")
    }
}

fn is_drawn(kind: Kind) -> bool {
    !matches!(kind, Kind::OwnAccount | Kind::Service | Kind::Everybody)
}

/// Who is drawn together.
fn drawn_as(kind: Kind) -> Kind {
    if kind == Kind::Setup { Kind::Analyst } else { kind }
}

/// What is drawn as part of `Also`, so that there are not too many nodes.
fn folded(parties: usize, reached: BTreeSet<(At, Area)>) -> BTreeSet<What> {
    let mut folded = BTreeSet::new();
    let order = FOLDED_FIRST.iter().flat_map(|drawn| [1, 0].map(|side| (side, *drawn)));
    for next in order {
        let areas = reached.iter().map(|(side, area)| {
            let drawn = (*side, Drawn::of(*area));
            if folded.contains(&drawn) { (*side, Drawn::Rest) } else { drawn }
        });
        if parties + areas.collect::<BTreeSet<_>>().len() <= MAX_NODES {
            break;
        }
        folded.insert(next);
    }
    folded
}

fn party_node(kind: Kind, names: &[&str]) -> Node {
    let mut roles = names.iter().copied().filter(|name| !name.starts_with("policy/")).collect::<Vec<_>>();
    roles.sort_by_key(|name| (name.len(), *name));
    // Without its path a name fits.
    let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
    let (title, name) = match (roles.as_slice(), names) {
        ([first, _, ..], _) if kind == Kind::Analyst => {
            (format!("{} analysts", roles.len()), format!("{} and {} more", last(first), roles.len() - 1))
        }
        ([first, _, ..], _) => {
            (kind.title().to_owned(), format!("{} and {} more", last(first), roles.len() - 1))
        }
        ([one], _) | ([], [one, ..]) => (kind.title().to_owned(), last(one)),
        ([], []) => (kind.title().to_owned(), String::new()),
    };
    let shape = match kind {
        Kind::OtherAccount => Shape::Account,
        Kind::Analyst | Kind::BreakGlass | Kind::Setup | Kind::Deployer => Shape::Person,
        _ => Shape::Role,
    };
    Node { title, name, shape }
}

fn area_node(drawn: Drawn, contents: &BTreeSet<Area>) -> Node {
    let words = contents.iter().map(|area| match area {
        Area::Tables if drawn == Drawn::Tables => "through Lake Formation",
        Area::Tables => "tables",
        Area::LakeFormation => "grants and settings",
        Area::Sharing if drawn == Drawn::Sharing => "Security Lake, RAM",
        Area::Sharing => "shares",
        Area::Catalogue if drawn == Drawn::Catalogue => "databases, tables, links",
        Area::Catalogue => "catalogue",
        Area::Queries => "Athena",
        Area::Results => "S3",
        Area::Keys => "KMS",
        Area::Stacks => "stacks",
        Area::Roles => "IAM",
        Area::Parameters => "SSM",
        Area::Functions => "functions",
        Area::Other => "more",
    });
    Node { title: drawn.title().to_owned(), name: words.collect::<Vec<_>>().join(", "), shape: drawn.shape() }
}

/// Who acts as whom among what is drawn.
fn acts(
    groups: &[Group],
    at: &dyn Fn(&Account) -> At,
    numbers: &BTreeMap<Who, usize>,
) -> Vec<(usize, usize)> {
    let mut acts = BTreeSet::new();
    for group in groups.iter().filter(|group| is_drawn(group.kind)) {
        for role in group.acts_as() {
            let is_role = |other: &&Group| {
                other.account == group.account && other.names.iter().any(|name| name == role)
            };
            let Some(other) = groups.iter().find(is_role) else { continue };
            let from = numbers.get(&(at(&group.account), drawn_as(group.kind)));
            let to = numbers.get(&(at(&other.account), drawn_as(other.kind)));
            acts.extend(from.copied().zip(to.copied()).filter(|(from, to)| from != to));
        }
    }
    acts.into_iter().collect()
}
