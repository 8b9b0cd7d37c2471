//! `regions` and `home_region`.

use std::collections::BTreeSet;

use crate::model::reading::Reading;
use crate::model::{RegionPair, Regions};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{RegionItem, Spec};
use crate::vocab::{Partition, Region};

/// A lake Region and the Detective Region that reads it, with their places in the spec.
struct Pair {
    lake: (SpecPath, Region),
    detective: (SpecPath, Region),
}

/// The Regions of the spec, if they can be used.
pub(crate) fn resolve(spec: &Spec, reading: &mut Reading) -> Option<Regions> {
    let path = SpecPath::root().key("regions");
    let items = spec.regions.as_deref().unwrap_or_default();
    let pairs =
        items.iter().enumerate().filter_map(|(n, item)| read_item(item.as_ref()?, &path.item(n), reading));
    let pairs = pairs.collect::<Vec<_>>();
    check_services(&pairs, reading);
    check_duplicates(&pairs, reading);
    check_pairs(&pairs, reading);
    let mut is_one_partition = check_partitions(&pairs, reading);
    let home_path = SpecPath::root().key("home_region");
    let home = reading.word(spec.home_region.as_ref(), &home_path);
    let first = pairs.first()?.lake.1;
    if let Some(home) = home.filter(|home| home.partition() != first.partition()) {
        mixed(&home_path, home, first.partition(), reading);
        is_one_partition = false;
    }
    let complete = pairs.len() == items.len() && (home.is_some() || spec.home_region.is_none());
    let pairs =
        pairs.iter().map(|pair| RegionPair { lake: pair.lake.1, detective: pair.detective.1 }).collect();
    (complete && is_one_partition).then(|| Regions { home: home.unwrap_or(first), pairs })
}

fn read_item(item: &RegionItem, path: &SpecPath, reading: &mut Reading) -> Option<Pair> {
    match item {
        RegionItem::Same(text) => {
            let region = reading.word(Some(text), path)?;
            Some(Pair { lake: (path.clone(), region), detective: (path.clone(), region) })
        }
        RegionItem::Pair(pair) => {
            let (lake_path, detective_path) = (path.key("lake"), path.key("detective"));
            let lake = reading.word(pair.lake.as_ref(), &lake_path);
            let detective = reading.word(pair.detective.as_ref(), &detective_path);
            let lake = (lake_path, lake?);
            let detective = match (detective, &pair.detective) {
                (Some(region), _) => (detective_path, region),
                (None, None) => lake.clone(),
                (None, Some(_)) => return None,
            };
            Some(Pair { lake, detective })
        }
    }
}

fn check_services(pairs: &[Pair], reading: &mut Reading) {
    for Pair { lake: (lake_path, lake), detective: (detective_path, detective) } in pairs {
        if !lake.has_security_lake() {
            let usable = "use a Region that has it, or pair this one with the rollup Region that holds the data: \
                          {lake: us-east-1, detective: …}";
            reading.fault(Code::NoSecurityLake, lake_path, format!("`{lake}` has no Security Lake"), usable);
        }
        if !detective.has_detective() {
            let usable =
                "use a Region that has it, or read the lake from one that has it: {lake: …, detective: …}";
            reading.fault(
                Code::NoDetective,
                detective_path,
                format!("`{detective}` has no Detective"),
                usable,
            );
        }
    }
}

fn check_duplicates(pairs: &[Pair], reading: &mut Reading) {
    for (n, Pair { detective: (path, region), .. }) in pairs.iter().enumerate() {
        let earlier = pairs[..n].iter().find(|pair| pair.detective.1 == *region);
        if let Some(earlier) = earlier {
            let fault = Fault::new(
                Code::DuplicateRegion,
                format!("`{region}` stands twice"),
                "leave one of them out: the console of a Region shows one integration",
            );
            reading.report(fault.at(path.clone()).also(earlier.detective.0.clone(), "first here"));
        }
    }
}

fn check_pairs(pairs: &[Pair], reading: &mut Reading) {
    let lakes = pairs.iter().map(|pair| pair.lake.1).collect::<BTreeSet<_>>();
    for Pair { lake: (_, lake), detective: (path, detective) } in
        pairs.iter().filter(|p| p.lake.1 != p.detective.1)
    {
        if lakes.contains(detective) {
            let message = format!("`{detective}` is a lake Region of this spec and is paired with `{lake}`");
            reading.fault(
                Code::RegionPair,
                path,
                message,
                "a Detective Region with a lake of its own reads that lake",
            );
        } else {
            let message = format!("`{detective}` reads the lake of another Region, which is experimental");
            let help = format!(
                "see that its console shows the integration as enabled before you rely on it, and that the lake in \
                 `{lake}` holds what it asks for"
            );
            reading.fault(Code::ConsoleApart, path, message, help);
        }
    }
}

/// Whether all Regions are of one partition. Where they are not, ARNs cannot be held against it.
fn check_partitions(pairs: &[Pair], reading: &mut Reading) -> bool {
    let Some(first) = pairs.first().map(|pair| pair.lake.1.partition()) else { return true };
    let mut is_one = true;
    for pair in pairs {
        let mut sides = [&pair.lake, &pair.detective].into_iter();
        if let Some((path, region)) = sides.find(|(_, region)| region.partition() != first) {
            mixed(path, *region, first, reading);
            is_one = false;
        }
    }
    is_one
}

fn mixed(path: &SpecPath, region: Region, first: Partition, reading: &mut Reading) {
    let message =
        format!("`{region}` is of partition `{}`, the first Region of `{first}`", region.partition());
    reading.fault(
        Code::MixedPartitions,
        path,
        message,
        "write a spec for each partition: accounts do not reach across",
    );
}
