//! `detective`.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::model::{Deployment, Detective, Principal, Regions, defaults, not_yet};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{Crawler, PerRegion, Results, Spec, Text, Workgroup};
use crate::vocab::{
    AccountId, AttachPolicy, CrawlerKind, Either, EncryptionKind, GrantOn, Partition, PrincipalArn, Region,
    Word,
};

/// Bytes of a gigabyte, as the contract of the spec counts them.
const GIGABYTE: i64 = 1_000_000_000;

/// The Detective account of the spec, if it can be used.
pub(crate) fn resolve(
    spec: &Spec,
    regions: Option<&Regions>,
    deployment: Option<Deployment>,
    reading: &mut Reading,
) -> Option<Detective> {
    let path = SpecPath::root().key("detective");
    let detective = spec.detective.as_ref()?;
    let account = reading.word(detective.account.as_ref(), &path.key("account"));
    let partition = regions.map(Regions::partition);
    let owner = Owner { account: account.as_ref(), partition };
    let querying = principals(detective.principals.as_deref(), owner, &path.key("principals"), reading);
    let results = Results::default();
    let results = detective.results.as_ref().unwrap_or(&results);
    let results_path = path.key("results");
    let retention_days = results_of(results, regions, &results_path, reading);
    let listed = Some(results.break_glass.as_deref().unwrap_or_default());
    let break_glass = principals(listed, owner, &results_path.key("break_glass"), reading);
    let scan_limit_gb = workgroup(detective.workgroup.as_ref(), &path.key("workgroup"), reading);
    let attach = path.key("attach_policy");
    let attach_policy = reading.word(detective.attach_policy.as_ref(), &attach) == Some(AttachPolicy::Roles);
    let grant_on_path = path.key("lake_formation").key("grant_on");
    let chosen = detective.lake_formation.as_ref().and_then(|settings| settings.grant_on.as_ref());
    let grant_on = reading.word_or(chosen, &grant_on_path, GrantOn::Target);
    check_crawler(detective.crawler.as_ref(), &path.key("crawler"), reading);
    Some(Detective {
        account: account?,
        principals: querying?,
        break_glass: break_glass?,
        attach_policy,
        retention_days: retention_days?,
        scan_limit_bytes: scan_limit_gb?.map(|limit| i64::from(limit) * GIGABYTE),
        queries: detective.queries.unwrap_or(true),
        grant_on: grant_on?,
        deployment: deployment?,
    })
}

/// Whose principals they must be, as far as that can be read.
#[derive(Clone, Copy)]
struct Owner<'a> {
    account: Option<&'a AccountId>,
    partition: Option<Partition>,
}

fn principals(
    list: Option<&[Option<Text<PrincipalArn>>]>,
    owner: Owner<'_>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Vec<Principal>> {
    let list = list?;
    let read = reading.words::<PrincipalArn>(list, path);
    for (n, (path, arn)) in read.iter().enumerate() {
        if let Some(account) = owner.account.filter(|account| *account != arn.account()) {
            let message = format!("`{arn}` is not of the Detective account");
            let help = format!("name roles and users of account {account}");
            reading.fault(Code::ForeignPrincipal, path, message, help);
        }
        if let Some(partition) = owner.partition.filter(|partition| *partition != arn.partition()) {
            wrong_partition(path, arn.partition(), partition, reading);
        }
        if let Some((first, _)) = read[..n].iter().find(|(_, earlier)| earlier == arn) {
            let fault = Fault::new(
                Code::DuplicatePrincipal,
                format!("`{arn}` stands twice"),
                "leave one of them out",
            );
            reading.report(fault.at(path.clone()).also(first.clone(), "first here"));
        }
    }
    (read.len() == list.len()).then(|| read.into_iter().map(|(_, arn)| Principal::new(arn)).collect())
}

/// Reports an ARN of another partition than that of the Regions.
pub(crate) fn wrong_partition(path: &SpecPath, found: Partition, wanted: Partition, reading: &mut Reading) {
    let message = format!("the ARN is of partition `{found}`, the Regions of `{wanted}`");
    reading.fault(Code::WrongPartition, path, message, format!("write it with arn:{wanted}:…"));
}

fn results_of(
    results: &Results,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<u32> {
    let bucket_path = path.key("bucket");
    for (path, bucket) in per_region(results.bucket.as_ref(), regions, &bucket_path, reading) {
        if let Either::Second(name) = bucket {
            check_needs_map(results.bucket.as_ref(), regions, "a bucket lies in one Region", &path, reading);
            reading.report(not_yet::problem(&format!("the existing bucket `{name}`"), &path));
        }
    }
    let encryption_path = path.key("encryption");
    for (path, encryption) in per_region(results.encryption.as_ref(), regions, &encryption_path, reading) {
        match encryption {
            Either::First(EncryptionKind::S3) => {}
            Either::First(EncryptionKind::Kms) => {
                reading.report(not_yet::problem("encryption with a KMS key", &path))
            }
            Either::Second(_) => {
                check_needs_map(
                    results.encryption.as_ref(),
                    regions,
                    "a key lies in one Region",
                    &path,
                    reading,
                );
                reading.report(not_yet::problem("encryption with a KMS key", &path));
            }
        }
    }
    let (default, most) = (defaults::RETENTION_DAYS, defaults::LONGEST_RETENTION_DAYS);
    reading.number(results.retention_days, &path.key("retention_days"), default, most, "days")
}

/// The values of a scalar or of a map by lake Region, each with its path.
fn per_region<T: Word>(
    value: Option<&PerRegion<Text<T>>>,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Vec<(SpecPath, T)> {
    match value {
        None => Vec::new(),
        Some(PerRegion::One(text)) => {
            reading.word(Some(text), path).map(|word| (path.clone(), word)).into_iter().collect()
        }
        Some(PerRegion::Each(map)) => each_region(map, regions, path, reading),
    }
}

fn each_region<T: Word>(
    map: &BTreeMap<String, Text<T>>,
    regions: Option<&Regions>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Vec<(SpecPath, T)> {
    let entries = reading.entries::<Region, T>(map, path);
    if let Some(regions) = regions {
        for region in regions.all().iter().filter(|region| !map.contains_key(region.as_str())) {
            let message = format!("`{region}` has no value");
            reading.fault(Code::ValuePerRegion, path, message, format!("add an entry for `{region}`"));
        }
        for (path, region, _) in entries.iter().filter(|(_, region, _)| !regions.all().contains(region)) {
            let problem = Fault::new(
                Code::ValuePerRegion,
                format!("`{region}` is no lake Region of this spec"),
                "leave the entry out, or add the Region to `regions`",
            );
            reading.report(problem.at(path.clone()).at_key());
        }
    }
    entries.into_iter().map(|(path, _, word)| (path, word)).collect()
}

fn check_needs_map<T>(
    value: Option<&PerRegion<T>>,
    regions: Option<&Regions>,
    why: &str,
    path: &SpecPath,
    reading: &mut Reading,
) {
    let several = regions.is_some_and(|regions| regions.all().len() > 1);
    if several && matches!(value, Some(PerRegion::One(_))) {
        let message = format!("one value for several Regions, but {why}");
        reading.fault(Code::ValuePerRegion, path, message, "write a map with an entry for each lake Region");
    }
}

/// The scan limit of our workgroup in gigabytes, `Some(None)` for no workgroup.
fn workgroup(workgroup: Option<&Workgroup>, path: &SpecPath, reading: &mut Reading) -> Option<Option<u32>> {
    let limit = match workgroup {
        None => None,
        Some(Workgroup::Settings(settings)) => settings.scan_limit_gb,
        Some(Workgroup::None(text)) => return reading.word(Some(text), path).map(|_| None),
    };
    let (default, most) = (defaults::SCAN_LIMIT_GB, defaults::LARGEST_SCAN_LIMIT_GB);
    reading.number(limit, &path.key("scan_limit_gb"), default, most, "gigabytes of 10^9 bytes").map(Some)
}

fn check_crawler(crawler: Option<&Crawler>, path: &SpecPath, reading: &mut Reading) {
    match crawler {
        None => {}
        Some(Crawler::Kind(text)) => {
            let kind = reading.word(Some(text), path);
            if kind == Some(CrawlerKind::Evidence) {
                reading.report(not_yet::problem("the crawler", path));
            }
        }
        Some(Crawler::Scheduled(scheduled)) => {
            reading.word(scheduled.schedule.as_ref(), &path.key("schedule"));
            reading.report(not_yet::problem("the crawler", path));
        }
    }
}
