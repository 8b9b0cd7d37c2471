//! Keys that the spec format has and this version cannot render. They are read and judged like all others, then
//! end here, so that nobody deploys less than the spec says.

use crate::model::reading::Reading;
use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::spec::{Rollout, Spec};
use crate::vocab::{OutputKind, RolloutMethod};

/// The problem that `what` cannot be rendered yet.
pub(crate) fn problem(what: &str, path: &SpecPath) -> Problem {
    let help = "leave it out for now; the changelog says when it comes";
    Fault::new(Code::NotYet, format!("{what} is not rendered by this version of lakelink"), help)
        .at(path.clone())
}

/// Judges the keys that no other part of the model looks at.
pub(crate) fn check(spec: &Spec, reading: &mut Reading) {
    let root = SpecPath::root();
    if let Some(rollout) = &spec.rollout {
        check_rollout(rollout, &root.key("rollout"), reading);
    }
    check_outputs(spec, &root.key("outputs"), reading);
}

fn check_rollout(rollout: &Rollout, path: &SpecPath, reading: &mut Reading) {
    let method = path.key("method");
    if reading.word(rollout.method.as_ref(), &method) == Some(RolloutMethod::StackSets) {
        reading.report(problem("a rollout by StackSets", &method));
    }
    let Some(settings) = &rollout.stack_sets else { return };
    let path = path.key("stack_sets");
    reading.word(settings.permission_model.as_ref(), &path.key("permission_model"));
    reading.word(settings.call_as.as_ref(), &path.key("call_as"));
    if let Some(units) = &settings.organizational_units {
        let path = path.key("organizational_units");
        reading.word(units.lake.as_ref(), &path.key("lake"));
        reading.word(units.detective.as_ref(), &path.key("detective"));
    }
}

fn check_outputs(spec: &Spec, path: &SpecPath, reading: &mut Reading) {
    let list = spec.outputs.as_deref().unwrap_or_default();
    for (path, output) in reading.words(list, path) {
        match output {
            OutputKind::Templates | OutputKind::Runbook | OutputKind::Review => {}
            OutputKind::Parameters | OutputKind::Cdk => {}
            _ => reading.report(problem(&format!("the output `{output}`"), &path)),
        }
        let runs_as_other = matches!(output, OutputKind::StackSets | OutputKind::GitSync | OutputKind::Cfct);
        for (side, uses_service_role) in uses_service_role(spec).into_iter().filter(|_| runs_as_other) {
            if uses_service_role {
                let help = format!(
                    "write the role that it runs as: `deploy.{side}.execution_role: arn:aws:iam::…:role/…`"
                );
                let message = format!("`{output}` does not run as the service role in the {side} account");
                reading.fault(Code::OutputRunsAsOther, &path, message, help);
            }
        }
    }
}

fn uses_service_role(spec: &Spec) -> [(&'static str, bool); 2] {
    let deploy = spec.deploy.as_ref();
    let is_arn = |account: Option<&crate::spec::AccountDeploy>| {
        account
            .and_then(|account| account.execution_role.as_ref())
            .is_some_and(|role| role.raw().starts_with("arn:"))
    };
    [
        ("lake", !is_arn(deploy.and_then(|deploy| deploy.lake.as_ref()))),
        ("detective", !is_arn(deploy.and_then(|deploy| deploy.detective.as_ref()))),
    ]
}
