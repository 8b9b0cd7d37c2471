//! [`Spec`] to [`Integration`], or every problem at once.

use crate::model::reading::Reading;
use crate::model::{
    ExecutionRole, Integration, OutFolder, Outputs, Regions, Side, accepted, deployment, detective, handoff,
    lake, not_yet, regions, rollout, tags,
};
use crate::problem::{Code, Problem, Severity, SpecPath};
use crate::spec::{Spec, Whole};
use crate::vocab::{AccountId, OutputKind, RolePath};

/// What `spec` means, and everything that is wrong with it or worth a warning. `spec_file` is the file name
/// without a folder, as the templates quote it. The integration is there if no problem is an error and the
/// shape check took nothing out.
pub fn resolve(spec: &Spec, spec_file: &str) -> (Option<Integration>, Vec<Problem>) {
    let mut reading = Reading::default();
    let integration = integration(spec, spec_file, &mut reading);
    let problems = reading.into_problems();
    let is_good = problems.iter().all(|problem| problem.severity() == Severity::Warning);
    (integration.filter(|_| is_good), problems)
}

fn integration(spec: &Spec, spec_file: &str, reading: &mut Reading) -> Option<Integration> {
    let root = SpecPath::root();
    if let Some(version) = spec.version.map(Whole::get).filter(|version| *version != 1) {
        let help = "this version of lakelink reads format 1; write `version: 1`, or use a newer lakelink";
        let message = format!("spec format `{version}` is not known");
        reading.fault(Code::FormatVersion, &root.key("version"), message, help);
    }
    let name = reading.word(spec.name.as_ref(), &root.key("name"));
    let regions = regions::resolve(spec, reading);
    let organization = spec.organization.as_ref().and_then(|organization| organization.id.as_ref());
    let organization = reading.word(organization, &root.key("organization").key("id"));
    let partition = regions.as_ref().map(Regions::partition);
    let (lake_account, detective_account) = accounts(spec, reading);
    let mut deploy = |side, account| deployment::resolve(spec, side, account, partition, reading);
    let lake_deployment = deploy(Side::Lake, lake_account.as_ref());
    let detective_deployment = deploy(Side::Detective, detective_account.as_ref());
    let executions = [&lake_deployment, &detective_deployment];
    let executions = executions.map(|deployment| deployment.as_ref().map(|deployment| &deployment.execution));
    let stack_sets = rollout::resolve(
        spec,
        [lake_account.as_ref(), detective_account.as_ref()],
        partition,
        executions,
        reading,
    );
    let lake = lake::resolve(spec, name.as_ref(), lake_deployment, reading);
    let detective = detective::resolve(spec, regions.as_ref(), detective_deployment, reading);
    let handoff = handoff::resolve(spec, lake_account.as_ref(), regions.as_ref(), reading);
    let role_path = spec.deploy.as_ref().and_then(|deploy| deploy.role_path.as_ref());
    let role_path = match role_path {
        None => Some(RolePath::default()),
        Some(text) => reading.word(Some(text), &root.key("deploy").key("role_path")),
    };
    let tags = tags::resolve(spec.tags.as_ref(), reading);
    not_yet::check(spec, reading);
    let accepted = accepted::resolve(spec.review.as_ref(), reading);
    let suppress = accepted::suppress(spec.review.as_ref(), reading);
    let integration = Integration {
        name: name?,
        spec_file: spec_file.to_owned(),
        out: OutFolder::default(),
        regions: regions?,
        organization,
        lake: lake?,
        detective: detective?,
        handoff: handoff?,
        stack_sets,
        role_path: role_path?,
        tags,
        outputs: outputs(spec),
        accepted,
        suppress,
    };
    check_service_roles(&integration, &root.key("deploy").key("role_path"), reading);
    check_boundaries(&integration, reading);
    Some(integration)
}

/// The roles of ours that become Lake Formation administrators have an ARN of limited length.
fn check_service_roles(integration: &Integration, path: &SpecPath, reading: &mut Reading) {
    let arns = [Side::Lake, Side::Detective].map(|side| {
        let ours = integration.deployment(side).execution == ExecutionRole::Service;
        if ours { integration.execution_role_arn(side) } else { String::new() }
    });
    // One path makes both too long; the longer one says it.
    if let Some(longest) = arns.iter().max_by_key(|arn| arn.len()) {
        deployment::check_length(path, longest, reading);
    }
}

/// A boundary is for roles that a template makes.
fn check_boundaries(integration: &Integration, reading: &mut Reading) {
    for side in [Side::Lake, Side::Detective] {
        // Of an account without stacks LS118 has said it.
        let has_stacks = !integration.regional_stacks(side).is_empty();
        if has_stacks && integration.deployment(side).boundary.is_some() && !integration.makes_role(side) {
            let path = SpecPath::root().key("deploy").key(side.word()).key("permissions_boundary");
            let message = format!("no role is made in the {} account that could have it", side.word());
            let help =
                "leave it out: the execution role is not made by lakelink, and neither is its boundary";
            reading.fault(Code::WithoutEffect, &path, message, help);
        }
    }
}

/// The two accounts as far as they can be read; that they are two. What is unreadable is reported by the parts
/// that own the keys.
fn accounts(spec: &Spec, reading: &mut Reading) -> (Option<AccountId>, Option<AccountId>) {
    let lake = spec.lake.as_ref().and_then(|lake| lake.account.as_ref()?.read().ok());
    let detective = spec.detective.as_ref().and_then(|detective| detective.account.as_ref()?.read().ok());
    if let (Some(lake), Some(detective)) = (&lake, &detective)
        && lake == detective
    {
        let path = SpecPath::root().key("detective").key("account");
        let message = format!("`{detective}` is the lake account too");
        let help = "lakelink joins two accounts: Detective and Security Lake in one account share nothing through RAM, \
                    which the console's integration rests on";
        let fault = crate::problem::Fault::new(Code::EqualAccounts, message, help);
        reading.report(fault.at(path).also(SpecPath::root().key("lake").key("account"), "the lake account"));
    }
    (lake, detective)
}

fn outputs(spec: &Spec) -> Outputs {
    let listed = handoff::outputs(spec).collect::<Vec<_>>();
    let wanted = |kind| spec.outputs.is_none() || listed.contains(&kind);
    Outputs {
        templates: wanted(OutputKind::Templates),
        runbook: wanted(OutputKind::Runbook),
        review: listed.contains(&OutputKind::Review),
        parameters: listed.contains(&OutputKind::Parameters),
        cdk: listed.contains(&OutputKind::Cdk),
        stack_sets: listed.contains(&OutputKind::StackSets),
        git_sync: listed.contains(&OutputKind::GitSync),
        cfct: listed.contains(&OutputKind::Cfct),
    }
}
