//! One spec file from bytes to [`Integration`], and several held against each other. Pure: the files are read at
//! the edge.

use crate::document::{Document, shape};
use crate::model::{self, Integration};
use crate::problem::{Code, Fault, Problem, Severity, SpecPath};
use crate::spec::{Spec, json_schema};
use crate::stacks::{self, StackTemplate};

/// A spec file after every check.
#[derive(Debug)]
pub struct Checked {
    /// The file as the user named it.
    pub file: String,
    /// Its text with places, if it could be read as YAML.
    pub document: Option<Document>,
    /// Everything that is wrong with it, and every warning.
    pub problems: Vec<Problem>,
    /// What it means and the templates that it gives; `None` if a problem is an error.
    pub rendered: Option<Rendered>,
}

/// What a good spec gives.
#[derive(Debug)]
pub struct Rendered {
    /// What it means.
    pub integration: Integration,
    /// Its templates.
    pub stacks: Vec<StackTemplate>,
}

impl Checked {
    /// Whether the spec can be used.
    pub fn is_good(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity() == Severity::Warning)
    }
}

/// Checks spec files, given as name and bytes, each by itself and against the others.
pub fn check(files: Vec<(String, Vec<u8>)>) -> Vec<Checked> {
    let schema = json_schema();
    let mut checked =
        files.into_iter().map(|(file, bytes)| check_one(file, &bytes, &schema)).collect::<Vec<_>>();
    let good = checked
        .iter()
        .enumerate()
        .filter_map(|(n, one)| Some((n, &one.file, &one.rendered.as_ref()?.integration)));
    let good = good.collect::<Vec<_>>();
    let specs = good.iter().map(|(_, file, integration)| (file.as_str(), *integration)).collect::<Vec<_>>();
    let conflicts =
        model::conflicts(&specs).into_iter().map(|(n, problem)| (good[n].0, problem)).collect::<Vec<_>>();
    for (n, problem) in conflicts {
        checked[n].problems.push(problem);
        checked[n].rendered = None;
    }
    checked
}

fn check_one(file: String, bytes: &[u8], schema: &serde_json::Value) -> Checked {
    let document = match Document::read(bytes) {
        Ok(document) => document,
        Err(problems) => return Checked { file, document: None, problems, rendered: None },
    };
    let mut problems = Vec::new();
    let shaped = shape::check(&document, schema, &mut problems);
    let shape_is_good = problems.is_empty();
    let spec = Spec::read(shaped).map_err(|error| {
        let help = "this is a gap in lakelink's own checks: please report it with the spec";
        problems.push(Fault::new(Code::WrongKind, error.to_string(), help).at(SpecPath::root()));
    });
    let name = file.rsplit(['/', '\\']).next().unwrap_or(&file);
    let (integration, more) = spec.map_or_else(|()| (None, Vec::new()), |spec| model::resolve(&spec, name));
    problems.extend(more);
    let rendered = integration.filter(|_| shape_is_good).and_then(|integration| {
        let stacks = stacks::templates(&integration).map_err(|limits| problems.extend(limits)).ok()?;
        Some(Rendered { integration, stacks })
    });
    Checked { file, document: Some(document), problems, rendered }
}
