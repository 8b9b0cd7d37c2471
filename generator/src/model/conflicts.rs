//! Two specs of one run that cannot both be deployed.

use crate::model::Integration;
use crate::problem::{Code, Fault, Problem, SpecPath};

/// The conflicts between several integrations: for each, the position of the later spec, and the problem there,
/// which names the earlier spec's file. Input: the file as the user named it, and what it means.
pub fn conflicts(specs: &[(&str, &Integration)]) -> Vec<(usize, Problem)> {
    let pairs = specs.iter().enumerate().flat_map(|(n, later)| {
        specs[..n]
            .iter()
            .flat_map(move |earlier| between(earlier.0, earlier.1, later.1).into_iter().map(move |p| (n, p)))
    });
    pairs.collect()
}

fn between(file: &str, earlier: &Integration, later: &Integration) -> Vec<Problem> {
    let mut problems = Vec::new();
    let root = SpecPath::root();
    let mut report = |code, path: SpecPath, message: String, help: &str| {
        problems.push(Fault::new(code, message, help).at(path).note(format!("the other one is {file}")));
    };
    if earlier.name == later.name {
        let help = "choose another name: it is the folder under out/ and part of every physical name";
        report(Code::SameName, root.key("name"), format!("two specs have the name `{}`", later.name), help);
    }
    if earlier.detective.account == later.detective.account {
        let account = &later.detective.account;
        for (n, region) in later.regions.all().iter().enumerate() {
            if earlier.regions.all().contains(region) {
                let help = "put both into one spec: the console of a Region shows one integration";
                let message = format!("two specs are for Detective account `{account}` in `{region}`");
                report(Code::SameDetectiveRegion, root.key("regions").item(n), message, help);
            }
        }
    }
    if earlier.lake.account == later.lake.account {
        let subscriber = root.key("lake").key("subscriber");
        if earlier.lake.subscriber == later.lake.subscriber {
            let help = "choose another `lake.subscriber.name`: Security Lake takes each once";
            let message = format!(
                "two specs have the subscriber name `{}` in lake account `{}`",
                later.lake.subscriber, later.lake.account
            );
            report(Code::SameSubscriber, subscriber.key("name"), message, help);
        }
        if earlier.lake.external_id == later.lake.external_id {
            let help = "copy the external id of this Detective account and Region from its console";
            report(
                Code::SameExternalId,
                subscriber.key("external_id"),
                "two specs have one external id".into(),
                help,
            );
        }
    }
    problems
}
