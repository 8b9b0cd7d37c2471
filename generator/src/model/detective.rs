//! `detective`.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::model::{Deployment, Detective, Principal, Regions, defaults, not_yet};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{self, Crawler, PerRegion, Results, Spec, Text, Workgroup};
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
    let principals = principals(detective, account.as_ref(), partition, &path.key("principals"), reading);
    let results = Results::default();
    let results = detective.results.as_ref().unwrap_or(&results);
    let retention_days = results_of(results, regions, &path.key("results"), reading);
    let scan_limit_gb = workgroup(detective.workgroup.as_ref(), &path.key("workgroup"), reading);
    check_choices(detective, &path, reading);
    Some(Detective {
        account: account?,
        principals: principals?,
        retention_days: retention_days?,
        scan_limit_bytes: i64::from(scan_limit_gb?) * GIGABYTE,
        queries: detective.queries.unwrap_or(true),
        deployment: deployment?,
    })
}

fn principals(
    detective: &spec::Detective,
    account: Option<&AccountId>,
    partition: Option<Partition>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Vec<Principal>> {
    let list = detective.principals.as_deref()?;
    let read = reading.words::<PrincipalArn>(list, path);
    for (n, (path, arn)) in read.iter().enumerate() {
        if account.is_some_and(|account| account != arn.account()) {
            let message = format!("`{arn}` is not of the Detective account");
            let help = format!("name roles and users of account {}", account.map_or("", AccountId::as_str));
            reading.fault(Code::ForeignPrincipal, path, message, help);
        }
        if let Some(partition) = partition.filter(|partition| *partition != arn.partition()) {
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
    let break_glass = path.key("break_glass");
    if !reading.words(results.break_glass.as_deref().unwrap_or_default(), &break_glass).is_empty() {
        reading.report(not_yet::problem("`break_glass`", &break_glass));
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

fn workgroup(workgroup: Option<&Workgroup>, path: &SpecPath, reading: &mut Reading) -> Option<u32> {
    let limit = match workgroup {
        None => None,
        Some(Workgroup::Settings(settings)) => settings.scan_limit_gb,
        Some(Workgroup::None(text)) => {
            if reading.word(Some(text), path).is_some() {
                reading.report(not_yet::problem("`workgroup: none`", path));
            }
            None
        }
    };
    let (default, most) = (defaults::SCAN_LIMIT_GB, defaults::LARGEST_SCAN_LIMIT_GB);
    reading.number(limit, &path.key("scan_limit_gb"), default, most, "gigabytes of 10^9 bytes")
}

fn check_choices(detective: &spec::Detective, path: &SpecPath, reading: &mut Reading) {
    let attach = path.key("attach_policy");
    if reading.word(detective.attach_policy.as_ref(), &attach) == Some(AttachPolicy::Roles) {
        reading.report(not_yet::problem("`attach_policy: roles`", &attach));
    }
    let crawler = path.key("crawler");
    match &detective.crawler {
        None => {}
        Some(Crawler::Kind(text)) => {
            let kind = reading.word(Some(text), &crawler);
            if kind == Some(CrawlerKind::Evidence) {
                reading.report(not_yet::problem("the crawler", &crawler));
            }
        }
        Some(Crawler::Scheduled(scheduled)) => {
            reading.word(scheduled.schedule.as_ref(), &crawler.key("schedule"));
            reading.report(not_yet::problem("the crawler", &crawler));
        }
    }
    let grant_on = path.key("lake_formation").key("grant_on");
    let chosen = detective.lake_formation.as_ref().and_then(|settings| settings.grant_on.as_ref());
    if reading.word(chosen, &grant_on) == Some(GrantOn::Link) {
        reading.report(not_yet::problem("`grant_on: link`", &grant_on));
    }
}
