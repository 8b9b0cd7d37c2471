//! Spec files from bytes to [`Integration`]s, each with what it builds on, and several held against each other.
//! Pure: the files are read at the edge.

mod family;
mod findings;
mod graph;
mod inputs;
mod local;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use crate::document::{self, Document, FileId, Layers, Merged};
pub use crate::model::Claim;
use crate::model::{self, Integration};
use crate::parallel::in_parallel;
use crate::problem::{At, Code, Problem, Severity, SpecPath, Step};
use crate::report::{FileProblems, Source};
use crate::spec::{Spec, shape};
use crate::stacks::{self, Gap, StackTemplate};
use crate::vocab::RefusedCrawler;
use family::Family;
use findings::Findings;
use inputs::{Input, Link, Refused};

pub use inputs::{Found, Inputs, Wanted};
pub use local::{Profiles, check_local};

/// A file after every check. `T` is what was made of a good spec.
#[derive(Debug)]
pub struct Checked<T = Rendered> {
    /// The file as the user named it, or as it is reached from there.
    pub file: String,
    /// Whether it is a spec of its own; otherwise others only build on it.
    pub is_spec: bool,
    /// Everything that is wrong in it, and every warning.
    pub problems: Vec<Problem>,
    /// What was made of it; `None` for what is no spec, and if a problem of it, or of what it builds on, is an error.
    pub rendered: Option<T>,
    /// Its text with places, or its bytes if it could not be read as YAML.
    content: Result<Document, Vec<u8>>,
}

/// What was made of a spec, or every limit of AWS that it would break.
pub type Outcome<T> = Result<Result<T, Vec<Problem>>, Gap>;

/// What a good spec gives.
#[derive(Debug)]
pub struct Rendered {
    /// What it means.
    pub integration: Integration,
    /// Its templates.
    pub stacks: Vec<StackTemplate>,
}

impl<T> Checked<T> {
    /// Whether nothing in it keeps a spec from being used.
    pub fn is_good(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity() == Severity::Warning)
    }

    /// Its problems with what is needed to show them.
    pub fn report(&self) -> FileProblems<'_> {
        let source = match &self.content {
            Ok(document) => Source::Document(document),
            Err(bytes) => Source::Bytes(bytes),
        };
        FileProblems { file: &self.file, source, problems: &self.problems }
    }
}

/// Checks files, each by itself, each spec with what it builds on, and specs against each other. Gives every file in
/// the order of the input, good ones with their templates.
///
/// # Errors
/// [`Gap`] for a legal spec that lakelink cannot render: an error in lakelink.
pub fn check(inputs: impl Into<Inputs>) -> Result<Vec<Checked>, Gap> {
    check_each(inputs, |rendered| rendered)
}

/// The same for many files: `make` is called for each spec that is good by itself, on several threads and in no order,
/// and what it gives is kept instead of the templates, which would fill the memory. A spec may still turn out to be in
/// conflict with another one; then what was made of it is dropped.
///
/// # Errors
/// As [`check`].
pub fn check_each<T: Send>(
    inputs: impl Into<Inputs>,
    make: impl Fn(Rendered) -> T + Sync,
) -> Result<Vec<Checked<T>>, Gap> {
    let render = |integration, _: &Places<'_>| {
        let stacks = stacks::templates(&integration)?;
        Ok(stacks.map(|stacks| make(Rendered { integration, stacks })))
    };
    render_each(inputs, |_| None, render)
}

/// The same, for who has more to do than to take the templates: `render` gives what is made of a spec, or what
/// [`stacks::templates`] has against it, and can ask where the values of the spec stand. Of a spec that can be read, with all
/// that it builds on, `known` may give that at once, with what no other spec may have: then nobody looks at what is in it.
///
/// # Errors
/// As [`check`].
pub fn render_each<T: Send>(
    inputs: impl Into<Inputs>,
    known: impl Fn(Texts<'_>) -> Option<(T, Vec<Claim>)> + Sync,
    render: impl Fn(Integration, &Places<'_>) -> Outcome<T> + Sync,
) -> Result<Vec<Checked<T>>, Gap> {
    let mut inputs = inputs.into();
    let family = Family::of(&mut inputs);
    let mut run = Run::new(inputs.files(), &family);
    run.check_files();
    run.inherit();
    let specs = family.specs().collect::<Vec<_>>();
    let judged = in_parallel(&specs, |spec| run.judge(*spec, &known, &render));
    let (mut made, mut claims) = (BTreeMap::new(), BTreeMap::new());
    for (spec, judged) in specs.into_iter().zip(judged) {
        let judged = judged?;
        run.note(spec, judged.problems);
        made.extend(judged.good.map(|good| (spec, good)));
        claims.insert(spec, judged.claims);
    }
    run.check_conflicts(&claims, &mut made);
    let problems = run.findings.by_file(inputs.files());
    let files = inputs.into_files().into_iter().zip(problems).enumerate();
    let checked = files.map(|(n, (file, problems))| Checked {
        file: file.name,
        is_spec: family.member(FileId::new(n)).is_spec,
        problems,
        rendered: made.remove(&FileId::new(n)),
        content: file.content.map_err(|refused| refused.bytes),
    });
    Ok(checked.collect())
}

/// The texts of a spec and of all that it builds on.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    spec: FileId,
    files: &'a [Input],
    family: &'a Family,
}

/// Where the values of a spec stand.
pub struct Places<'a> {
    /// In which texts.
    pub texts: Texts<'a>,
    /// What no other spec of the run may have.
    pub claims: &'a [Claim],
    merged: Option<&'a Merged>,
}

impl Places<'_> {
    /// The file and the line, from 1, of a value, or of the nearest key above it.
    pub fn of(&self, path: &SpecPath) -> (String, Option<usize>) {
        let Texts { spec, files, .. } = self.texts;
        let file = self.merged.map_or(spec, |merged| merged.file(path));
        let input = &files[file.index()];
        let line = |document: &Document| document.text().position(document.span(&At::Value, path).start).line;
        (input.name.clone(), input.content.as_ref().ok().map(line))
    }
}

impl Texts<'_> {
    /// A digest of the texts and of how they build on each other, wherever they lie. Specs with one digest give one access.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        let mut seen = vec![self.spec];
        let mut next = 0;
        while let Some(&file) = seen.get(next) {
            let text =
                self.files[file.index()].content.as_ref().map_or("", |document| document.text().as_str());
            digest.update(text.len().to_le_bytes());
            digest.update(text);
            for base in &self.family.member(file).bases {
                let number = seen.iter().position(|one| one == base).unwrap_or_else(|| {
                    seen.push(*base);
                    seen.len() - 1
                });
                digest.update(number.to_le_bytes());
            }
            next += 1;
        }
        digest.finalize().into()
    }
}

/// A spec by itself.
struct Judged<T> {
    problems: Vec<Problem>,
    /// What no other spec of the run may have.
    claims: Vec<Claim>,
    /// What was made of it if nothing is wrong.
    good: Option<T>,
}

/// The files of a run while they are checked.
struct Run<'a> {
    files: &'a [Input],
    family: &'a Family,
    schema: &'static serde_json::Value,
    findings: Findings,
    /// Specs that are not rendered, since one of their files has an error of its own.
    broken: BTreeSet<FileId>,
    /// What each file passes on to those that build on it.
    layers: BTreeMap<FileId, Layers>,
}

impl<'a> Run<'a> {
    fn new(files: &'a [Input], family: &'a Family) -> Self {
        let findings = Findings::default();
        Self { files, family, schema: shape(), findings, broken: BTreeSet::new(), layers: BTreeMap::new() }
    }

    /// Looks for what is wrong with each file by itself.
    fn check_files(&mut self) {
        for (n, input) in self.files.iter().enumerate() {
            let file = FileId::new(n);
            let problems = self.problems_of(file, input);
            let specs = if problems.is_empty() { BTreeSet::new() } else { self.family.specs_of(file) };
            self.broken.extend(&specs);
            for problem in problems {
                self.findings.add(file, problem, specs.iter().copied());
            }
        }
    }

    fn problems_of(&self, file: FileId, input: &Input) -> Vec<Problem> {
        let document = match &input.content {
            Ok(document) => document,
            Err(Refused { problems, .. }) => return problems.clone(),
        };
        let mut problems = Vec::new();
        if !self.family.member(file).is_alone {
            document::check_own(document, self.schema, &mut problems);
        }
        problems.iter_mut().for_each(explain_refused_crawler);
        problems.extend(input.bases.iter().filter_map(|base| match &base.link {
            Link::Wrong(problem) => Some((**problem).clone()),
            _ => None,
        }));
        problems
    }

    /// Lays each file that others build on over what it builds on itself, once for all of them.
    fn inherit(&mut self) {
        let never = never_inherited();
        for base in self.family.complete_bases() {
            if let Some(layers) = self.layers_of(base) {
                self.layers.insert(base, layers.without(&never));
            }
        }
    }

    fn layers_of(&self, file: FileId) -> Option<Layers> {
        let document = self.files[file.index()].content.as_ref().ok()?;
        let bases = self.family.member(file).bases.iter().filter_map(|base| self.layers.get(base));
        Some(Layers::new(bases, document))
    }

    /// A spec with all that it builds on; `None` if it stands alone.
    fn merged(&self, spec: FileId) -> Option<Merged> {
        if self.family.member(spec).is_alone {
            return None;
        }
        self.layers_of(spec).map(|layers| layers.merged(spec))
    }

    /// Judges a spec as a whole, as far as all that it is made of can be read: what is wrong, and what `render` gives if
    /// nothing is, or the limits that it would break.
    fn judge<T>(
        &self,
        spec: FileId,
        known: impl Fn(Texts<'_>) -> Option<(T, Vec<Claim>)>,
        render: impl Fn(Integration, &Places<'_>) -> Outcome<T>,
    ) -> Result<Judged<T>, Gap> {
        let input = &self.files[spec.index()];
        let mut judged = Judged { problems: Vec::new(), claims: Vec::new(), good: None };
        let Ok(document) = &input.content else { return Ok(judged) };
        let member = self.family.member(spec);
        if !member.is_complete && !member.is_alone {
            return Ok(judged);
        }
        let is_broken = self.broken.contains(&spec);
        let texts = Texts { spec, files: self.files, family: self.family };
        if let Some((good, claims)) = (!is_broken).then(|| known(texts)).flatten() {
            return Ok(Judged { good: Some(good), claims, ..judged });
        }
        let problems = &mut judged.problems;
        let merged = self.merged(spec);
        let value = match &merged {
            Some(merged) => document::check_merged(merged, self.schema, problems),
            None => document::check(document, self.schema, problems),
        };
        problems.iter_mut().for_each(explain_missing_name);
        problems.iter_mut().for_each(explain_refused_crawler);
        let is_whole = problems.is_empty() && !is_broken;
        let good = (!is_whole).then(|| value.clone());
        let read = Spec::read(value).map_err(|error| Gap(format!("{}: {error}", input.name)))?;
        judged.claims = model::claims(&read);
        let (integration, more) = model::resolve(&read, &plain_name(&input.name));
        // What was reported where it stands is not missing as well.
        let is_said = |problem: &Problem| {
            good.as_ref().is_some_and(|good| match &merged {
                Some(merged) => merged.is_left_out(good, &problem.path),
                None => document.is_left_out(good, &problem.path),
            })
        };
        problems.extend(more.into_iter().filter(|problem| !is_said(problem)));
        if let Some(integration) = integration.filter(|_| is_whole) {
            let places = Places { texts, claims: &judged.claims, merged: merged.as_ref() };
            match render(integration, &places)? {
                Ok(good) => judged.good = Some(good),
                Err(limits) => problems.extend(limits),
            }
        }
        Ok(judged)
    }

    /// Puts what is wrong with a spec where it stands.
    fn note(&mut self, spec: FileId, problems: Vec<Problem>) {
        if let Some((file, problem)) = self.family.too_deep(spec, self.files) {
            self.findings.add(file, problem, [spec]);
        }
        if problems.is_empty() {
            return;
        }
        let merged = self.merged(spec);
        for problem in problems {
            self.findings.add_to_spec(spec, merged.as_ref(), self.files, problem);
        }
    }

    /// Holds specs against each other; of two that cannot both be, the later one is not good after all.
    fn check_conflicts<T>(&mut self, claims: &BTreeMap<FileId, Vec<Claim>>, made: &mut BTreeMap<FileId, T>) {
        let named =
            claims.iter().map(|(spec, claims)| (self.files[spec.index()].name.as_str(), claims.as_slice()));
        let conflicts = model::conflicts(&named.collect::<Vec<_>>());
        let specs = claims.keys().copied().collect::<Vec<_>>();
        let mut problems = BTreeMap::<FileId, Vec<Problem>>::new();
        for (n, problem) in conflicts {
            problems.entry(specs[n]).or_default().push(problem);
        }
        for (later, problems) in problems {
            if problems.iter().any(|problem| problem.severity() == Severity::Error) {
                made.remove(&later);
            }
            self.note(later, problems);
        }
    }
}

/// What every file keeps to itself.
fn never_inherited() -> [SpecPath; 3] {
    let root = SpecPath::root();
    [root.key("name"), root.key("extends"), root.key("review").key("accept")]
}

/// A file that names no integration may have been meant as a base.
fn explain_missing_name(problem: &mut Problem) {
    if problem.code == Code::MissingKey && problem.path == SpecPath::root().key("name") {
        problem.note =
            Some("only a base spec needs no name, and no other file of this run extends this one".into());
    }
}

/// A key that asks for another crawler than there is gets the reason instead of a list of keys.
fn explain_refused_crawler(problem: &mut Problem) {
    let crawler = SpecPath::root().key("detective").key("crawler");
    let Some(Step::Key(key)) = problem.path.steps().last() else { return };
    if problem.code == Code::UnknownKey
        && problem.path.parent() == Some(crawler)
        && let Some(refused) = RefusedCrawler::of(key)
    {
        let fault = refused.fault(key);
        (problem.code, problem.message, problem.help) = (fault.code, fault.message, fault.help);
    }
}

/// The file name without a folder, as generated files quote it. It stands in comments of YAML and Markdown, so what
/// could end a comment or a line is replaced.
fn plain_name(file: &str) -> String {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.chars().map(|c| if c.is_alphanumeric() || " ._-+@".contains(c) { c } else { '?' }).collect()
}
