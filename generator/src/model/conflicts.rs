//! Two specs of one run that cannot both be deployed.

use std::collections::BTreeMap;

use crate::model::{Integration, Subscriber};
use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::vocab::Region;

/// The conflicts between several integrations: for each, the position of the later spec, and the problem there,
/// which names the earliest spec's file. Input: the file as the user named it, and what it means.
pub fn conflicts(specs: &[(&str, &Integration)]) -> Vec<(usize, Problem)> {
    let mut taken = BTreeMap::new();
    let mut conflicts = Vec::new();
    for (n, (file, integration)) in specs.iter().enumerate() {
        for claim in claims(integration) {
            let (earlier, other) = *taken.entry((claim.code, claim.key.clone())).or_insert((n, file));
            let said = |(at, problem): &(usize, Problem)| *at == n && problem.path == claim.path;
            // Of one item of `regions` the first problem is enough.
            if earlier != n && !conflicts.iter().any(said) {
                conflicts.push((n, claim.problem(other)));
            }
        }
    }
    conflicts
}

/// Something that only one spec of a run can have.
struct Claim {
    /// The code of the problem when two have it.
    code: Code,
    /// What tells it from others of its kind.
    key: Vec<String>,
    path: SpecPath,
    message: String,
    help: &'static str,
}

impl Claim {
    fn problem(self, earlier: &str) -> Problem {
        Fault::new(self.code, self.message, self.help)
            .at(self.path)
            .note(format!("the other one is {earlier}"))
    }
}

fn claims(integration: &Integration) -> Vec<Claim> {
    let root = SpecPath::root();
    let mut claims = vec![Claim {
        code: Code::SameName,
        key: vec![integration.name.to_string()],
        path: root.key("name"),
        message: format!("two specs have the name `{}`", integration.name),
        help: "choose another name: it is the folder under out/ and part of every physical name",
    }];
    claims.extend(subscriber(integration));
    let detective = &integration.detective.account;
    for (n, pair) in integration.regions.pairs().iter().enumerate() {
        let claim = |code, region: Region, message, help| Claim {
            code,
            key: vec![detective.to_string(), region.to_string()],
            path: root.key("regions").item(n),
            message,
            help,
        };
        claims.push(claim(
            Code::SameDetectiveRegion,
            pair.detective,
            format!("two specs are for Detective account `{detective}` in `{}`", pair.detective),
            "put both into one spec: the console of a Region shows one integration",
        ));
        claims.push(claim(
            Code::SameLakeRegion,
            pair.lake,
            format!("two specs link Detective account `{detective}` to a lake in `{}`", pair.lake),
            "put both into one spec: the link has the name of the shared database, which a Region has once",
        ));
    }
    claims.extend(collection(integration));
    claims
}

/// A subscriber of our own has its name and its external id to itself.
fn subscriber(integration: &Integration) -> Vec<Claim> {
    let lake = &integration.lake;
    let Subscriber::Ours { name, external_id } = &lake.subscriber else { return Vec::new() };
    let path = SpecPath::root().key("lake").key("subscriber");
    vec![
        Claim {
            code: Code::SameSubscriber,
            key: vec![lake.account.to_string(), name.to_string()],
            path: path.key("name"),
            message: format!(
                "two specs have the subscriber name `{name}` in lake account `{}`",
                lake.account
            ),
            help: "choose another `lake.subscriber.name`: Security Lake takes each once",
        },
        Claim {
            code: Code::SameExternalId,
            key: vec![lake.account.to_string(), external_id.to_string()],
            path: path.key("external_id"),
            message: "two specs have one external id".into(),
            help: "copy the external id of this Detective account and Region from its console",
        },
    ]
}

/// The sources of a data lake are turned on by one stack: a second one would fail over what is on already.
fn collection(integration: &Integration) -> Vec<Claim> {
    let lake = &integration.lake;
    let regions = lake.collection.iter().flat_map(|_| integration.regions.lake());
    let claims = regions.map(|region| Claim {
        code: Code::SameCollection,
        key: vec![lake.account.to_string(), region.to_string()],
        path: SpecPath::root().key("lake").key("collection"),
        message: format!("two specs turn on the sources of lake account `{}` in `{region}`", lake.account),
        help: "leave `lake.collection` to one of the specs, with every source that any of them shares",
    });
    claims.collect()
}
