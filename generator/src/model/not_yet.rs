//! Keys that the spec format has and this version cannot render. They are read and judged like all others, then
//! end here, so that nobody deploys less than the spec says.

use crate::model::reading::Reading;
use crate::problem::{Code, Fault, Problem, SpecPath};
use crate::spec::Spec;
use crate::vocab::OutputKind;

/// The problem that `what` cannot be rendered yet.
pub(crate) fn problem(what: &str, path: &SpecPath) -> Problem {
    let help = "leave it out for now; the changelog says when it comes";
    Fault::new(Code::NotYet, format!("{what} is not rendered by this version of lakelink"), help)
        .at(path.clone())
}

/// Judges the outputs.
pub(crate) fn check(spec: &Spec, reading: &mut Reading) {
    let list = spec.outputs.as_deref().unwrap_or_default();
    for (path, output) in reading.words(list, &SpecPath::root().key("outputs")) {
        if matches!(output, OutputKind::Diagram | OutputKind::Parameters | OutputKind::Cdk) {
            reading.report(problem(&format!("the output `{output}`"), &path));
        }
    }
}
