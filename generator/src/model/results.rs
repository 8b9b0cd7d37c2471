//! `detective.results`: the bucket for query results and its encryption.
//!
//! One template serves every Region, so all Regions have a bucket of the same kind, and an encryption of the same
//! kind; names and keys differ by Region.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::model::{Encryption, Regions, ResultsBucket, defaults};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{PerRegion, Results, Text};
use crate::vocab::{AccountId, Bucket, BucketOwner, Either, EncryptionKind, KeyArn, Region, Word};

/// The bucket and the encryption of the spec, as far as they can be used.
pub(crate) fn resolve(
    results: &Results,
    account: Option<&AccountId>,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> (Option<ResultsBucket>, Option<Encryption>) {
    let bucket = bucket(results, regions, path, reading);
    let encryption = encryption(results, account, regions, &path.key("encryption"), reading);
    if let Some(ResultsBucket::Existing(_)) = bucket {
        check_only_ours(results, encryption.as_ref(), path, reading);
    }
    (bucket, encryption)
}

fn bucket(
    results: &Results,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<ResultsBucket> {
    let (default, most) = (defaults::RETENTION_DAYS, defaults::LONGEST_RETENTION_DAYS);
    let retention_days =
        reading.number(results.retention_days, &path.key("retention_days"), default, most, "days");
    let path = path.key("bucket");
    let Some(given) = results.bucket.as_ref() else { return retention_days.map(ResultsBucket::ours) };
    let entries = per_region(given, regions, "a bucket lies in one Region", &path, reading)?;
    let names = entries.iter().filter_map(|(_, region, bucket)| match bucket {
        Either::First(BucketOwner::Create) => None,
        Either::Second(name) => Some((*region, name.clone())),
    });
    for (path, _, bucket) in &entries {
        if let Either::Second(name) = bucket {
            check_reserved(name, path, reading);
        }
    }
    let names = names.collect::<BTreeMap<Region, Bucket>>();
    if names.is_empty() {
        return retention_days.map(ResultsBucket::ours);
    }
    check_shared(&entries, reading);
    same_kind(names.len() == entries.len(), "a bucket of ours and one that exists", &path, reading)?;
    Some(ResultsBucket::Existing(names))
}

/// A bucket lies in one Region.
fn check_shared(entries: &[(SpecPath, Region, Either<BucketOwner, Bucket>)], reading: &mut Reading) {
    let mut seen = BTreeMap::new();
    for (path, region, bucket) in entries {
        let Either::Second(name) = bucket else { continue };
        if let Some(first) = seen.insert(name.as_str(), path) {
            let message = format!("`{name}` stands for two Regions");
            let help = format!("a bucket lies in one Region: name another one in {region} or there");
            let fault = Fault::new(Code::SharedBucket, message, help);
            reading.report(fault.at(path.clone()).also(first.clone(), "the other one"));
        }
    }
}

/// Amazon S3 keeps these for itself (user guide, `bucketnamingrules`).
fn check_reserved(name: &Bucket, path: &SpecPath, reading: &mut Reading) {
    let text = name.as_str();
    let is_reserved = ["xn--", "sthree-", "amzn-s3-demo-"].iter().any(|prefix| text.starts_with(prefix))
        || ["-s3alias", "--ol-s3", "--x-s3", "--table-s3"].iter().any(|suffix| text.ends_with(suffix));
    if is_reserved {
        let help = "Amazon S3 gives no bucket such a name: copy the bucket's name, not an alias";
        reading.fault(
            Code::BucketName,
            path,
            format!("`{name}` is a name that Amazon S3 keeps for itself"),
            help,
        );
    }
}

fn encryption(
    results: &Results,
    account: Option<&AccountId>,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Encryption> {
    let Some(given) = results.encryption.as_ref() else { return Some(Encryption::S3) };
    let entries = per_region(given, regions, "a key lies in one Region", path, reading)?;
    let mut keys = BTreeMap::new();
    let mut words = Vec::new();
    for (path, region, encryption) in &entries {
        match encryption {
            Either::First(word) => words.push(*word),
            Either::Second(key) => {
                check_key(key, *region, account, path, reading);
                keys.insert(*region, key.clone());
            }
        }
    }
    words.dedup();
    match words.as_slice() {
        [] => Some(Encryption::Keys(keys)),
        [word] if keys.is_empty() => Some(match word {
            EncryptionKind::S3 => Encryption::S3,
            EncryptionKind::Kms => Encryption::OwnKey,
        }),
        _ => same_kind(false, "different kinds of encryption", path, reading).map(|()| Encryption::S3),
    }
}

fn same_kind(is_same: bool, what: &str, path: &SpecPath, reading: &mut Reading) -> Option<()> {
    if !is_same {
        let help = "one template serves every Region: write a spec for each kind";
        reading.fault(Code::MixedKinds, path, format!("{what} in one spec"), help);
    }
    is_same.then_some(())
}

fn check_key(
    key: &KeyArn,
    region: Region,
    account: Option<&AccountId>,
    path: &SpecPath,
    reading: &mut Reading,
) {
    if key.region() != region {
        let message = format!("the key is of Region `{}`, the bucket of `{region}`", key.region());
        reading.fault(Code::KeyRegion, path, message, format!("name a key in {region}"));
    }
    if let Some(account) = account.filter(|account| *account != key.account()) {
        let message =
            format!("the key is of account `{}`, the Detective account is `{account}`", key.account());
        let help =
            "name a key of the Detective account: keys of others need policies that lakelink cannot see";
        reading.fault(Code::ForeignKey, path, message, help);
    }
}

/// What lakelink never changes in a bucket that it does not own.
fn check_only_ours(
    results: &Results,
    encryption: Option<&Encryption>,
    path: &SpecPath,
    reading: &mut Reading,
) {
    let keys = [
        ("retention_days", results.retention_days.is_some()),
        ("break_glass", results.break_glass.as_ref().is_some_and(|list| !list.is_empty())),
        ("encryption", encryption == Some(&Encryption::OwnKey)),
    ];
    for (key, _) in keys.into_iter().filter(|(_, is_given)| *is_given) {
        let message = format!("`{key}` needs a bucket of lakelink's own");
        let help =
            "write `bucket: create`, or leave this out: lakelink never changes a bucket that it does not own";
        let problem = Fault::new(Code::NeedsOwnBucket, message, help).at(path.key(key));
        reading.report(problem.at_key());
    }
}

/// The value of each lake Region, each with its path; `None` if any is missing or unreadable. One value for several
/// Regions is fine for words, not for what lies in one Region (`why`).
#[expect(clippy::type_complexity, reason = "a row is place, Region and value; a name would say less")]
fn per_region<A: Word + Clone, B: Word + Clone>(
    value: &PerRegion<Text<Either<A, B>>>,
    regions: Option<&Regions>,
    why: &str,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Vec<(SpecPath, Region, Either<A, B>)>> {
    match value {
        PerRegion::One(text) => {
            let word = reading.word(Some(text), path)?;
            let regions = regions?.lake();
            if regions.len() > 1 && matches!(word, Either::Second(_)) {
                let message = format!("one value for several Regions, but {why}");
                let help = "write a map with an entry for each lake Region";
                reading.fault(Code::ValuePerRegion, path, message, help);
                return None;
            }
            Some(regions.iter().map(|region| (path.clone(), *region, word.clone())).collect())
        }
        PerRegion::Each(map) => {
            let entries = reading.entries::<Region, Either<A, B>>(map, path);
            let regions = regions?.lake();
            for region in regions.iter().filter(|region| !map.contains_key(region.as_str())) {
                let message = format!("`{region}` has no value");
                reading.fault(Code::ValuePerRegion, path, message, format!("add an entry for `{region}`"));
            }
            for (path, region, _) in entries.iter().filter(|(_, region, _)| !regions.contains(region)) {
                let message = format!("`{region}` is no lake Region of this spec");
                let help = "leave the entry out, or add the Region to `regions`";
                reading.report(Fault::new(Code::ValuePerRegion, message, help).at(path.clone()).at_key());
            }
            (entries.len() == map.len()).then_some(entries)
        }
    }
}
