//! `handoff`.

use std::collections::BTreeMap;

use crate::model::reading::Reading;
use crate::model::{HandOff, Regions, Share, rollout};
use crate::problem::{Code, Fault, SpecPath};
use crate::spec::{self, Spec, Text};
use crate::vocab::{Acceptance, AccountId, OutputKind, Region, ShareArn, ShareHandOff, Word};

/// The hand-off of the spec, if it can work.
pub(crate) fn resolve(
    spec: &Spec,
    lake_account: Option<&AccountId>,
    regions: Option<&Regions>,
    reading: &mut Reading,
) -> Option<HandOff> {
    let path = SpecPath::root().key("handoff");
    let nothing = spec::HandOff::default();
    let given = spec.handoff.as_ref().unwrap_or(&nothing);
    let share_path = path.key("share_arn");
    let acceptance_path = path.key("acceptance");
    let share = reading.word_or(given.share_arn.as_ref(), &share_path, ShareHandOff::Parameter);
    let acceptance = reading.word_or(given.acceptance.as_ref(), &acceptance_path, Acceptance::Cli);
    let existing = is_existing(spec);
    let shares = shares(given, share, lake_account, regions, existing, &path.key("shares"), reading);
    if let (Some(share), Some(acceptance)) = (share, acceptance) {
        check_legal(spec, share, acceptance, &share_path, &acceptance_path, reading);
    }
    if existing && share.is_some_and(|share| share != ShareHandOff::Pinned) {
        check_pinned(given, &share_path, reading);
    }
    if let Some(share @ (ShareHandOff::StackOutput | ShareHandOff::Discover)) = share
        && regions.is_some_and(|regions| regions.apart().next().is_some())
    {
        let message = format!("`share_arn: {share}` cannot reach a console apart from its lake Region");
        let help = "legal with such consoles: `parameter` or `pinned`, for the console stack is in another Region than the share";
        reading.fault(Code::ConsoleHandOff, &share_path, message, help);
    }
    if acceptance == Some(Acceptance::Organization) && spec.organization.is_none() {
        let help = "add `organization: {id: o-…}`: only within one organization is there no invitation";
        let message = "acceptance by organization needs the organization's id";
        reading.fault(Code::NoOrganization, &acceptance_path, message, help);
    }
    let share = match share? {
        ShareHandOff::Parameter => Share::Parameter,
        ShareHandOff::Pinned => Share::Pinned(shares),
        ShareHandOff::StackOutput => Share::StackOutput,
        ShareHandOff::Discover => Share::Discovered,
    };
    Some(HandOff { share, acceptance: acceptance? })
}

/// Whether somebody else makes the subscriber: then no stack of ours knows the share.
fn is_existing(spec: &Spec) -> bool {
    let subscriber = spec.lake.as_ref().and_then(|lake| lake.subscriber.as_ref());
    subscriber.is_some_and(|subscriber| subscriber.existing == Some(true))
}

/// Where the ARN of a share is read.
fn where_to_read(existing: bool) -> &'static str {
    if existing {
        "the `resourceShareArn` that `aws securitylake list-subscribers` shows"
    } else {
        "the output ResourceShareArn of the lake stack"
    }
}

fn check_pinned(given: &spec::HandOff, share_path: &SpecPath, reading: &mut Reading) {
    let existing = SpecPath::root().key("lake").key("subscriber").key("existing");
    let message = "with an existing subscriber the share must be pinned: no stack of ours knows its ARN";
    let help = format!(
        "write `share_arn: pinned` under `handoff`, and in `handoff.shares` for each Region {} in the lake account",
        where_to_read(true)
    );
    let fault = Fault::new(Code::ExistingNeedsPinned, message, help);
    reading.report(match given.share_arn {
        None => fault.at(existing),
        Some(_) => fault.at(share_path.clone()).also(existing, "somebody else makes the subscriber"),
    });
}

/// The pinned shares that hold up against the lake account and the Regions.
fn shares(
    given: &spec::HandOff,
    share: Option<ShareHandOff>,
    lake_account: Option<&AccountId>,
    regions: Option<&Regions>,
    existing: bool,
    path: &SpecPath,
    reading: &mut Reading,
) -> BTreeMap<Region, ShareArn> {
    let nothing = BTreeMap::new();
    let map = given.shares.as_ref().unwrap_or(&nothing);
    let entries = reading.entries::<Region, ShareArn>(map, path);
    for (path, region, arn) in &entries {
        check_share(path, *region, arn, lake_account, regions, where_to_read(existing), reading);
    }
    match share {
        Some(ShareHandOff::Pinned) => check_missing(map, regions, existing, path, reading),
        Some(other) if given.shares.is_some() => {
            let help = "write `share_arn: pinned`, or leave `shares` out";
            let problem = Fault::new(Code::UnusedShare, format!("`share_arn: {other}` uses no shares"), help);
            reading.report(problem.at(path.clone()).at_key());
        }
        _ => {}
    }
    entries.into_iter().map(|(_, region, arn)| (region, arn)).collect()
}

fn check_share(
    path: &SpecPath,
    region: Region,
    arn: &ShareArn,
    lake_account: Option<&AccountId>,
    regions: Option<&Regions>,
    where_to_read: &str,
    reading: &mut Reading,
) {
    if let Some(account) = lake_account.filter(|account| *account != arn.account()) {
        let message = format!("the share is of account `{}`, the lake account is `{account}`", arn.account());
        let help = format!("copy {where_to_read} in the lake account");
        reading.fault(Code::ForeignShare, path, message, help);
    }
    if arn.region() != region || arn.partition() != region.partition() {
        let message = format!("the share is of Region `{}`, its key is `{region}`", arn.region());
        let help = format!("copy {where_to_read} in {region}");
        reading.fault(Code::ShareRegion, path, message, help);
    }
    if regions.is_some_and(|regions| !regions.lake().contains(&region)) {
        let help = "leave the entry out, or add the Region to `regions`";
        let problem =
            Fault::new(Code::UnusedShare, format!("`{region}` is no lake Region of this spec"), help);
        reading.report(problem.at(path.clone()).at_key());
    }
}

fn check_missing(
    map: &BTreeMap<String, Text<ShareArn>>,
    regions: Option<&Regions>,
    existing: bool,
    path: &SpecPath,
    reading: &mut Reading,
) {
    let regions = regions.map(Regions::lake).unwrap_or_default();
    for region in regions.iter().filter(|region| !map.contains_key(region.as_str())) {
        let message = format!("`share_arn: pinned` has no share for `{region}`");
        let add = format!("add `{region}: …` with {} there", where_to_read(existing));
        let help = if existing {
            add
        } else {
            format!(
                "{add}; before there is one, generate with `share_arn: parameter`, or where that cannot be (stack sets, Git sync) with an \
                 ARN whose id is 00000000-0000-0000-0000-000000000000, and make the lake stacks alone"
            )
        };
        reading.report(Fault::new(Code::MissingShare, message, help).at(path.key(region.as_str())));
    }
}

/// The legal rows of the contract: (parameter, pinned, stack_output) with (cli, lambda, organization); discover
/// with lambda; StackSets and Git sync have nobody who could pass a parameter or run a CLI.
fn check_legal(
    spec: &Spec,
    share: ShareHandOff,
    acceptance: Acceptance,
    share_path: &SpecPath,
    acceptance_path: &SpecPath,
    reading: &mut Reading,
) {
    let mut refuse = |path: &SpecPath, message: &str, help| reading.fault(Code::HandOff, path, message, help);
    if share == ShareHandOff::Discover && acceptance != Acceptance::Lambda {
        let message = format!("`share_arn: discover` cannot work with `acceptance: {acceptance}`");
        refuse(share_path, &message, "legal: `discover` with `lambda`: the acceptor finds the share");
    }
    let by_sets = rollout::uses_stack_sets(spec);
    if by_sets && acceptance == Acceptance::Cli {
        let message = "StackSets have nobody who could accept by CLI";
        refuse(acceptance_path, message, "legal with StackSets: `lambda` or `organization`");
    }
    // A set returns no outputs, and its stacks are called as StackSets likes.
    if by_sets && share == ShareHandOff::Parameter {
        let message = "StackSets have nobody who could pass the share as a parameter";
        refuse(share_path, message, WITH_STACK_SETS);
    }
    if by_sets && share == ShareHandOff::StackOutput {
        let message = "the stacks of a set have names that `stack_output` does not know";
        refuse(share_path, message, WITH_STACK_SETS);
    }
    let by_cfct = !by_sets && has_output(spec, OutputKind::Cfct);
    if by_cfct && share == ShareHandOff::StackOutput {
        let message =
            "the stacks that Control Tower customizations make have names that `stack_output` does not know";
        let help = "legal with `cfct`: `parameter`, which the manifest passes on, `pinned`, or `discover` with `lambda`";
        refuse(share_path, message, help);
    }
    if by_cfct && share == ShareHandOff::Parameter && acceptance == Acceptance::Cli {
        let message = "nobody could accept the share by CLI between two entries of the manifest";
        let help = "legal with `cfct` and `parameter`: `acceptance: organization` or `lambda`";
        refuse(acceptance_path, message, help);
    }
    if !by_sets && has_output(spec, OutputKind::GitSync) && share == ShareHandOff::Parameter {
        let message = "Git sync has nobody who could pass the share as a parameter";
        let help = "legal here: `pinned`, `stack_output`, or `discover` with `lambda`";
        refuse(share_path, message, help);
    }
}

/// The legal rows with StackSets.
const WITH_STACK_SETS: &str =
    "legal with StackSets: `discover` with `lambda`, `pinned` with `lambda` or `organization`";

fn has_output(spec: &Spec, kind: OutputKind) -> bool {
    outputs(spec).any(|output| output == kind)
}

/// The outputs of the spec that can be read.
pub(crate) fn outputs(spec: &Spec) -> impl Iterator<Item = OutputKind> {
    let list = spec.outputs.as_deref().unwrap_or_default();
    list.iter().flatten().filter_map(|text| OutputKind::read(text.raw()).ok())
}
