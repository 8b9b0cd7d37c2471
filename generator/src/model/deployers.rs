//! What deploys as somebody else than the service role: StackSets, Git sync, Customizations for Control Tower.

use std::collections::BTreeSet;

use crate::model::reading::Reading;
use crate::model::{ExecutionRole, Integration, Side, handoff, rollout};
use crate::problem::{Code, SpecPath};
use crate::spec::Spec;
use crate::vocab::{OutputKind, RolloutMethod, Word as _};

/// Whose stack sets hold the Regional stacks of an integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOwner {
    /// Those that `rollout` makes, or who follows the run-book.
    Ours,
    /// Those of Customizations for Control Tower.
    Cfct,
}

impl Integration {
    /// Whose stack sets hold the Regional stacks, if any do. Their execution roles trust whoever runs the sets (our templates; for
    /// `AWSControlTowerExecution` the user guide of AWS Control Tower, `enroll-account`: the management account) and not CloudFormation,
    /// to which a stack would have to pass them: so there is no other way to make a Regional stack as them.
    pub fn set_owner(&self) -> Option<SetOwner> {
        let ours = self.stack_sets.is_some().then_some(SetOwner::Ours);
        ours.or(self.outputs.cfct.then_some(SetOwner::Cfct))
    }
}

/// What runs as somebody else needs to know as whom, Git sync the templates, and a rollout by stack sets its own output:
/// without it the run-book would be that of stacks.
pub(crate) fn check(
    spec: &Spec,
    sides: &[Side],
    executions: &[Option<&ExecutionRole>; 2],
    reading: &mut Reading,
) {
    let outputs = outputs_of(spec, &[OutputKind::StackSets, OutputKind::GitSync, OutputKind::Cfct]);
    let by_method = rollout::has_method(spec)
        .then(|| (SpecPath::root().key("rollout").key("method"), RolloutMethod::StackSets.as_str()));
    if let Some((path, _)) = &by_method {
        check_output(spec, path, reading);
    }
    // The method and the output are one way, which lacks a role once.
    let mut said = BTreeSet::new();
    let ways = outputs.chain(by_method).filter(|(_, what)| said.insert(*what)).collect::<Vec<_>>();
    if let [(_, first), others @ ..] = ways.as_slice() {
        // Each calls the stacks as it likes, and what is in them has the same names.
        for (path, other) in others {
            let message =
                format!("`{first}` and `{other}` would each make the same things, in stacks of their own");
            let help = "keep one of them: a stack is deployed by one tool";
            reading.fault(Code::TwoDeployers, path, message, help);
        }
    }
    if let Some((_, by_sets)) = ways.iter().find(|(_, what)| *what != OutputKind::GitSync.as_str()) {
        // CloudFormation cannot be passed the execution roles that these need.
        for (path, other) in outputs_of(spec, &[OutputKind::Cdk, OutputKind::Parameters]) {
            let message = format!(
                "`{other}` would deploy what `{by_sets}` deploys, as a role that CloudFormation cannot be passed"
            );
            let help = "keep one of them: a stack is deployed by one tool";
            reading.fault(Code::TwoDeployers, &path, message, help);
        }
    }
    let is_there = |kind| spec.outputs.is_none() || handoff::outputs(spec).any(|output| output == kind);
    if ways.iter().any(|(_, what)| *what == OutputKind::Cfct.as_str()) {
        check_cfct(sides, executions, reading);
        if spec.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
            let help = "leave them out, or know that only the roles stacks get them: the manifest has no place for tags";
            let message = "Customizations for Control Tower put no tags on the stacks that they make";
            reading.fault(Code::WithoutEffect, &SpecPath::root().key("tags"), message, help);
        }
    }
    for (path, what) in ways {
        if what == OutputKind::GitSync.as_str() && !is_there(OutputKind::Templates) {
            let help = "add `templates` to `outputs`";
            reading.fault(
                Code::GitSyncTemplates,
                &path,
                "`git_sync` names templates that are not written",
                help,
            );
        }
        for side in sides.iter().filter(|side| executions[**side as usize] == Some(&ExecutionRole::Service)) {
            let side = side.word();
            let role = if what == OutputKind::Cfct.as_str() { CFCT_ROLE } else { "…" };
            let help = format!(
                "write the role that it runs as: `deploy.{side}.execution_role: arn:aws:iam::…:role/{role}`"
            );
            let message = format!("`{what}` does not run as the service role in the {side} account");
            reading.fault(Code::OutputRunsAsOther, &path, message, help);
        }
    }
}

/// Outputs of a spec that are among these, each with its place.
fn outputs_of<'a>(
    spec: &'a Spec,
    wanted: &'a [OutputKind],
) -> impl Iterator<Item = (SpecPath, &'static str)> + 'a {
    let list = spec.outputs.as_deref().unwrap_or_default().iter().enumerate();
    list.filter_map(|(n, text)| {
        let output = OutputKind::read(text.as_ref()?.raw()).ok()?;
        wanted.contains(&output).then(|| (SpecPath::root().key("outputs").item(n), output.as_str()))
    })
}

/// The execution role of CfCT's stack sets, which no setting changes (`AWSControlTower` in its
/// `custom-control-tower-initiation.template`).
const CFCT_ROLE: &str = "AWSControlTowerExecution";

/// The role that deploys must be the one that becomes Lake Formation administrator.
fn check_cfct(sides: &[Side], executions: &[Option<&ExecutionRole>; 2], reading: &mut Reading) {
    for side in sides {
        let Some(ExecutionRole::Given(role)) = executions[*side as usize] else { continue };
        if role.path_and_name() != CFCT_ROLE {
            let path = SpecPath::root().key("deploy").key(side.word()).key("execution_role");
            let (partition, account) = (role.partition(), role.account());
            let help = format!("write `arn:{partition}:iam::{account}:role/{CFCT_ROLE}`");
            let message = "Customizations for Control Tower deploy as no other role than Control Tower's";
            reading.fault(Code::CfctRole, &path, message, help);
        }
    }
}

/// Whether the output of a rollout by stack sets is there. A list with something in it that cannot be read may mean it.
fn check_output(spec: &Spec, method: &SpecPath, reading: &mut Reading) {
    let listed = spec.outputs.as_ref().map_or(0, Vec::len);
    let read = handoff::outputs(spec).collect::<Vec<_>>();
    if read.len() < listed || read.contains(&OutputKind::StackSets) {
        return;
    }
    let help = if spec.outputs.is_some() {
        "add `stack_sets` to `outputs`"
    } else {
        "add `stack_sets` to `outputs`: write `outputs: [templates, runbook, stack_sets]`"
    };
    let message = "the stack sets are not among what is written, and the run-book would be that of stacks";
    reading.fault(Code::StackSetsOutput, method, message, help);
}
