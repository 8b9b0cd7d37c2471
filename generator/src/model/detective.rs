//! `detective`.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::reading::Reading;
use crate::model::{Crawler, Deployment, Detective, ExecutionRole, Principal, Regions, defaults, results};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{self, Results, Spec, Text, Workgroup};
use crate::vocab::{
    AccountId, AttachPolicy, CrawlerKind, GrantOn, Partition, PrincipalArn, PrincipalKind, RefusedCrawler,
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
    let (bucket, encryption) = results::resolve(results, account.as_ref(), regions, &results_path, reading);
    let listed = Some(results.break_glass.as_deref().unwrap_or_default());
    let break_glass_path = results_path.key("break_glass");
    let break_glass = principals(listed, owner, &break_glass_path, reading);
    check_apart(querying.as_deref(), break_glass.as_deref(), &break_glass_path, reading);
    let querying_path = path.key("principals");
    let execution = deployment.as_ref().map(|deployment| &deployment.execution);
    check_no_administrator(querying.as_deref(), execution, &querying_path, reading);
    let scan_limit_gb = workgroup(detective.workgroup.as_ref(), &path.key("workgroup"), reading);
    let attach = path.key("attach_policy");
    let attach_policy = reading.word(detective.attach_policy.as_ref(), &attach) == Some(AttachPolicy::Roles);
    if attach_policy {
        check_attachable(querying.as_deref(), &attach, reading);
    }
    let grant_on_path = path.key("lake_formation").key("grant_on");
    let chosen = detective.lake_formation.as_ref().and_then(|settings| settings.grant_on.as_ref());
    let grant_on = reading.word_or(chosen, &grant_on_path, GrantOn::Target);
    let crawler = crawler(detective.crawler.as_ref(), &path.key("crawler"), reading);
    Some(Detective {
        account: account?,
        principals: querying?,
        break_glass: break_glass?,
        attach_policy,
        bucket: bucket?,
        encryption: encryption?,
        scan_limit_bytes: scan_limit_gb?.map(|limit| i64::from(limit) * GIGABYTE),
        queries: detective.queries.unwrap_or(true),
        crawler: crawler?,
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
    let mut seen = BTreeMap::new();
    for (path, arn) in &read {
        if let Some(account) = owner.account.filter(|account| *account != arn.account()) {
            let message = format!("`{arn}` is not of the Detective account");
            let help = format!("name roles and users of account {account}");
            reading.fault(Code::ForeignPrincipal, path, message, help);
        }
        if let Some(partition) = owner.partition.filter(|partition| *partition != arn.partition()) {
            wrong_partition(path, arn.partition(), partition, reading);
        }
        if let Some(first) = seen.insert(identity(arn), path) {
            let help = "leave one of them out: IAM has a name once, whatever its path and its case";
            let fault = Fault::new(Code::DuplicatePrincipal, format!("`{arn}` stands twice"), help);
            reading.report(fault.at(path.clone()).also(first.clone(), "first here"));
        }
    }
    (read.len() == list.len()).then(|| read.into_iter().map(|(_, arn)| Principal::new(arn)).collect())
}

/// What an identity is told apart by in IAM: names of roles, and of users, are unique in an account without regard to
/// case or path (IAM user guide, `reference_iam-quotas`).
fn identity(arn: &PrincipalArn) -> (bool, String) {
    (arn.kind() == PrincipalKind::User, arn.name().to_ascii_lowercase())
}

/// Whoever queries may touch results anyway.
fn check_apart(
    querying: Option<&[Principal]>,
    break_glass: Option<&[Principal]>,
    path: &SpecPath,
    reading: &mut Reading,
) {
    let querying = querying.unwrap_or_default().iter().map(|principal| identity(principal.arn()));
    let querying = querying.collect::<BTreeSet<_>>();
    for (n, principal) in break_glass.unwrap_or_default().iter().enumerate() {
        if querying.contains(&identity(principal.arn())) {
            let message = format!("`{}` is one of `detective.principals`", principal.arn());
            reading.fault(
                Code::DuplicatePrincipal,
                &path.item(n),
                message,
                "leave it out here: it may touch results anyway",
            );
        }
    }
}

/// Whom CloudFormation acts as becomes a Lake Formation administrator; who queries must not be one.
fn check_no_administrator(
    querying: Option<&[Principal]>,
    execution: Option<&ExecutionRole>,
    path: &SpecPath,
    reading: &mut Reading,
) {
    let Some(ExecutionRole::Given(role)) = execution else { return };
    for (n, principal) in querying.unwrap_or_default().iter().enumerate() {
        if identity(principal.arn()) == (false, role.name().to_ascii_lowercase()) {
            let message = format!("`{}` is `deploy.detective.execution_role` too", principal.arn());
            let help = "query as another role: the execution role becomes a Lake Formation administrator, who may grant \
                        itself everything";
            reading.fault(Code::AdministratorQueries, &path.item(n), message, help);
        }
    }
}

/// The template attaches the policy to plain roles only.
fn check_attachable(querying: Option<&[Principal]>, path: &SpecPath, reading: &mut Reading) {
    let Some(querying) = querying else { return };
    if querying.iter().all(|principal| principal.arn().kind() != PrincipalKind::Role) {
        let message = "`attach_policy: roles`, but no principal is a role of the account's own";
        let help = "leave it out: the run-book says how users and permission sets get the analyst policy";
        reading.fault(Code::NothingToAttach, path, message, help);
    }
}

/// Reports an ARN of another partition than that of the Regions.
pub(crate) fn wrong_partition(path: &SpecPath, found: Partition, wanted: Partition, reading: &mut Reading) {
    let message = format!("the ARN is of partition `{found}`, the Regions of `{wanted}`");
    reading.fault(Code::WrongPartition, path, message, format!("write it with arn:{wanted}:…"));
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

/// The crawler, `Some(None)` for none.
fn crawler(
    crawler: Option<&spec::Crawler>,
    path: &SpecPath,
    reading: &mut Reading,
) -> Option<Option<Crawler>> {
    match crawler {
        None => Some(None),
        Some(spec::Crawler::Kind(text)) => {
            if let Some(refused) = RefusedCrawler::of(text.raw()) {
                reading.report(refused.fault(text.raw()).at(path.clone()));
                return None;
            }
            let kind = reading.word(Some(text), path)?;
            Some((kind == CrawlerKind::Evidence).then_some(Crawler { schedule: None }))
        }
        Some(spec::Crawler::Scheduled(scheduled)) => {
            let schedule = match &scheduled.schedule {
                None => None,
                Some(text) => Some(reading.word(Some(text), &path.key("schedule"))?),
            };
            Some(Some(Crawler { schedule }))
        }
    }
}
