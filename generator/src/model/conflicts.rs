//! Two specs of one run that cannot both be deployed. They are held against each other as far as they can be read: a
//! mistake elsewhere in one of them must not hide that.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Side, defaults, handoff, lake, rollout};
use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::spec::{RegionItem, Spec, Text};
use crate::vocab::{AccountId, Either, OutputKind, PermissionModel, Region, RoleArn, Word};

/// The conflicts between several specs: for each, the position of the later spec, and the problem there, which names
/// the earliest spec's file. Input: the file as the user named it, and what the spec claims.
pub fn conflicts(specs: &[(&str, &[Claim])]) -> Vec<(usize, Problem)> {
    let mut taken = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (n, (file, claims)) in specs.iter().enumerate() {
        let mut said = BTreeSet::new();
        for claim in *claims {
            let (earlier, other) = *taken.entry((claim.code, claim.key())).or_insert((n, file));
            // Of one place the first problem is enough.
            if earlier != n && said.insert(&claim.path) {
                conflicts.push((n, claim.problem(other)));
            }
        }
    }
    conflicts
}

/// Something that only one spec of a run can have.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The code of the problem when two have it.
    code: Code,
    path: SpecPath,
    /// What two specs have then: it tells the claim from others of its kind.
    message: String,
    help: &'static str,
}

impl Claim {
    /// What two specs have in common that both have it. IAM does not tell names apart by case.
    fn key(&self) -> String {
        if self.code == Code::SharedRole { self.message.to_lowercase() } else { self.message.clone() }
    }

    fn problem(&self, earlier: &str) -> Problem {
        Fault::new(self.code, self.message.as_str(), self.help)
            .at(self.path.clone())
            .note(format!("the other one is {earlier}"))
    }
}

/// What a spec claims, as far as it can be read.
pub fn claims(spec: &Spec) -> Vec<Claim> {
    let name = read(spec.name.as_ref());
    let mut claims = Vec::new();
    claims.extend(name.as_ref().map(|name| Claim {
        code: Code::SameName,
        path: SpecPath::root().key("name"),
        message: format!("two specs have the name `{name}`"),
        help: "choose another name: it is the folder under out/ and part of every physical name",
    }));
    let lake = spec.lake.as_ref();
    if let Some(account) = lake.and_then(|lake| read(lake.account.as_ref())) {
        let subscriber = lake.and_then(|lake| lake.subscriber.as_ref());
        claims.extend(subscriber_claims(subscriber, name.as_ref(), &account));
        let is_ours = lake.is_some_and(|lake| lake.collection.is_some());
        claims.extend(pairs(spec).filter(|_| is_ours).filter_map(|pair| collection_claim(&pair, &account)));
    }
    let detective = spec.detective.as_ref().and_then(|detective| read(detective.account.as_ref()));
    if let Some(account) = detective {
        claims.extend(pairs(spec).flat_map(|pair| region_claims(&pair, &account)));
    }
    claims.extend(role_claims(spec));
    claims
}

/// The roles of StackSets that the output `stack_sets` renders, each for one integration alone. IAM has a name once in an
/// account, whatever its path and case (IAM API reference, `CreateRole`).
fn role_claims(spec: &Spec) -> Vec<Claim> {
    if !handoff::outputs(spec).any(|output| output == OutputKind::StackSets) {
        return Vec::new();
    }
    let root = SpecPath::root();
    let deploy = spec.deploy.as_ref();
    let executions = rollout::sides(spec).into_iter().filter_map(|side| {
        let given = deploy.and_then(|deploy| match side {
            Side::Lake => deploy.lake.as_ref(),
            Side::Detective => deploy.detective.as_ref(),
        });
        let Either::Second(role) = read(given?.execution_role.as_ref())? else { return None };
        let is_ours = !rollout::is_made_by_stack_sets(&role);
        is_ours.then(|| (root.key("deploy").key(side.word()).key("execution_role"), role))
    });
    let sets = spec.rollout.as_ref().and_then(|rollout| rollout.stack_sets.as_ref());
    let administration = sets.and_then(|sets| {
        let is_own = read(sets.permission_model.as_ref()) == Some(PermissionModel::SelfManaged);
        let role = read::<RoleArn>(sets.administration_role.as_ref()).filter(|_| is_own)?;
        Some((root.key("rollout").key("stack_sets").key("administration_role"), role))
    });
    let claim = |(path, role): (SpecPath, RoleArn)| Claim {
        code: Code::SharedRole,
        path,
        message: format!("two specs render the role `{}` of account `{}`", role.name(), role.account()),
        help: "name a role of its own in each spec: a template of it is for one integration, and the second one cannot be deployed; \
               only if that role is there and your own, leave both templates aside",
    };
    executions.chain(administration).map(claim).collect()
}

fn subscriber_claims(
    subscriber: Option<&crate::spec::Subscriber>,
    integration: Option<&crate::vocab::IntegrationName>,
    account: &AccountId,
) -> impl Iterator<Item = Claim> {
    let path = SpecPath::root().key("lake").key("subscriber");
    let is_ours = subscriber.is_none_or(|subscriber| subscriber.existing != Some(true));
    let name = match subscriber.and_then(|subscriber| subscriber.name.as_ref()) {
        None => lake::default_subscriber(integration),
        text => read(text),
    };
    let name = name.map(|name| Claim {
        code: Code::SameSubscriber,
        path: path.key("name"),
        message: format!("two specs have the subscriber name `{name}` in lake account `{account}`"),
        help: "choose another `lake.subscriber.name`: Security Lake takes each once",
    });
    let id = read(subscriber.and_then(|subscriber| subscriber.external_id.as_ref()));
    let id = id.filter(|id| id.as_str() != defaults::EXTERNAL_ID_PLACEHOLDER).map(|id| Claim {
        code: Code::SameExternalId,
        path: path.key("external_id"),
        message: format!("two specs have the external id `{id}` in lake account `{account}`"),
        help: "copy the external id of this Detective account and Region from its console",
    });
    name.into_iter().chain(id).filter(move |_| is_ours)
}

/// A lake Region and the Detective Region that reads it, each with its place, as far as they can be read.
struct Pair {
    lake: (SpecPath, Option<Region>),
    detective: (SpecPath, Option<Region>),
}

fn pairs(spec: &Spec) -> impl Iterator<Item = Pair> {
    let items = spec.regions.as_deref().unwrap_or_default().iter().enumerate();
    items.filter_map(|(n, item)| {
        let path = SpecPath::root().key("regions").item(n);
        let (lake, detective) = match item.as_ref()? {
            RegionItem::Same(text) => {
                let region = read(Some(text));
                ((path.clone(), region), (path, region))
            }
            RegionItem::Pair(pair) => {
                let lake = (path.key("lake"), read(pair.lake.as_ref()));
                let detective = (path.key("detective"), read(pair.detective.as_ref()));
                let is_same = pair.detective.is_none();
                (lake.clone(), if is_same { lake } else { detective })
            }
        };
        Some(Pair { lake, detective })
    })
}

fn region_claims(pair: &Pair, account: &AccountId) -> Vec<Claim> {
    let claim = |(path, region): &(SpecPath, Option<Region>), code, what: &str, help| {
        let region = (*region)?;
        let message = format!("two specs {what} `{account}` in `{region}`");
        Some(Claim { code, path: path.clone(), message, help })
    };
    let console = claim(
        &pair.detective,
        Code::SameDetectiveRegion,
        "are for Detective account",
        "put both into one spec: the console of a Region shows one integration",
    );
    let link = claim(
        &pair.lake,
        Code::SameLakeRegion,
        "link a lake to Detective account",
        "put both into one spec: the link has the name of the shared database, which a Region has once",
    );
    console.into_iter().chain(link).collect()
}

/// The sources of a data lake are turned on by one stack: a second one would fail over what is on already.
fn collection_claim(pair: &Pair, account: &AccountId) -> Option<Claim> {
    let region = pair.lake.1?;
    Some(Claim {
        code: Code::SameCollection,
        path: SpecPath::root().key("lake").key("collection"),
        message: format!("two specs turn on the sources of lake account `{account}` in `{region}`"),
        help: "leave `lake.collection` to one of the specs, with every source that any of them shares",
    })
}

/// A word, if it is there and good; what is wrong with it is said where the whole spec is resolved.
fn read<T: Word>(text: Option<&Text<T>>) -> Option<T> {
    text?.read().ok()
}
