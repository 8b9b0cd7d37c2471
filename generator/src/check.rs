//! One spec file from bytes to [`Integration`], and several held against each other. Pure: the files are read at
//! the edge.

use crate::document::{self, Document};
use crate::model::{self, Integration};
use crate::problem::{Problem, Severity};
use crate::report::{FileProblems, Source};
use crate::spec::{Spec, json_schema};
use crate::stacks::{self, Gap, StackTemplate};

/// A spec file after every check.
#[derive(Debug)]
pub struct Checked {
    /// The file as the user named it.
    pub file: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
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

    /// Its problems with what is needed to show them.
    pub fn report(&self) -> FileProblems<'_> {
        let source = match &self.document {
            Some(document) => Source::Document(document),
            None => Source::Bytes(&self.bytes),
        };
        FileProblems { file: &self.file, source, problems: &self.problems }
    }
}

/// Checks spec files, given as name and bytes, each by itself and against the others.
///
/// # Errors
/// [`Gap`] for a legal spec that lakelink cannot render: an error in lakelink.
pub fn check(files: Vec<(String, Vec<u8>)>) -> Result<Vec<Checked>, Gap> {
    let schema = json_schema();
    let checked = files.into_iter().map(|(file, bytes)| check_one(file, bytes, &schema));
    let mut checked = checked.collect::<Result<Vec<_>, _>>()?;
    let good = checked.iter().enumerate();
    let good = good.filter_map(|(n, one)| Some((n, one.file.as_str(), &one.rendered.as_ref()?.integration)));
    let (positions, specs): (Vec<_>, Vec<_>) = good.map(|(n, file, spec)| (n, (file, spec))).unzip();
    let conflicts = model::conflicts(&specs);
    for (n, problem) in conflicts {
        let later = &mut checked[positions[n]];
        later.problems.push(problem);
        later.rendered = None;
    }
    Ok(checked)
}

fn check_one(file: String, bytes: Vec<u8>, schema: &serde_json::Value) -> Result<Checked, Gap> {
    let document = match Document::read(&bytes) {
        Ok(document) => document,
        Err(problems) => return Ok(Checked { file, bytes, document: None, problems, rendered: None }),
    };
    let mut problems = Vec::new();
    let shaped = document::check(&document, schema, &mut problems);
    let shape_is_good = problems.is_empty();
    let spec = Spec::read(shaped).map_err(|error| Gap(format!("{file}: {error}")))?;
    let (integration, more) = model::resolve(&spec, &plain_name(&file));
    problems.extend(more);
    let mut rendered = None;
    if let Some(integration) = integration.filter(|_| shape_is_good) {
        match stacks::templates(&integration)? {
            Ok(stacks) => rendered = Some(Rendered { integration, stacks }),
            Err(limits) => problems.extend(limits),
        }
    }
    Ok(Checked { file, bytes, document: Some(document), problems, rendered })
}

/// The file name without a folder, as generated files quote it. It stands in comments of YAML and Markdown, so what
/// could end a comment or a line is replaced.
fn plain_name(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.chars().map(|c| if c.is_alphanumeric() || " ._-+@".contains(c) { c } else { '?' }).collect()
}
