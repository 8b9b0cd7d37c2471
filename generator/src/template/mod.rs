//! A CloudFormation template as a value. No AWS service is known here: `resources` knows those.

mod limits;
mod most;
mod names;
mod value;

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

pub use limits::Limit;
pub(crate) use most::most_bytes;
pub use names::LogicalId;
pub use value::Value;

/// The layout number of the templates: logical ids, physical names, parameters and outputs. It goes up, with a
/// migration note in the changelog, when one of them changes for an unchanged spec.
pub const LAYOUT: u32 = 1;

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What to pass, shown by the console and the CLI.
    pub description: String,
    /// The pattern that CloudFormation holds the value against before anything is made.
    pub allowed_pattern: String,
    /// What CloudFormation says when the pattern does not fit.
    pub constraint: String,
}

/// A condition of a template: whether a resource is made in the Region that the stack is in.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Its name.
    pub name: &'static str,
    /// One line of why, written as a comment.
    pub why: String,
    /// What is true or false.
    pub value: Value,
}

/// What CloudFormation does with a resource when it leaves the stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Removed with the stack.
    No,
    /// Kept, always: it belongs to more than this stack.
    Always,
    /// Kept, but not if its first creation fails: it holds data.
    Data,
    /// Kept, but not if its first creation fails, and never beside its replacement: a switch that people rely on.
    /// It stays on when it leaves the stack, and a replaced one goes, else both would be on and only one be known.
    Switch,
}

/// A resource of a template, ready to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The logical id: stable for an unchanged spec and layout.
    pub id: LogicalId,
    /// The CloudFormation type.
    pub kind: crate::resources::Kind,
    /// One line of why, written as a comment.
    pub why: String,
    /// The condition without which it is not made.
    pub condition: Option<&'static str>,
    /// What must exist first, where no reference says so already.
    pub depends_on: Vec<LogicalId>,
    /// What happens when the resource leaves the stack.
    pub keep: Keep,
    /// What checkers of templates are told.
    pub metadata: Option<Value>,
    /// The properties, in the order of the file.
    pub properties: Arc<Value>,
}

/// Resources that belong together, under one heading comment.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The heading.
    pub heading: String,
    /// The resources, in the order of the file.
    pub resources: Vec<Resource>,
}

/// An output of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: String,
    /// Its value.
    pub value: Value,
}

/// A mapping: name, then entries by first-level key (a Region), then values by second-level key.
pub type Mapping = (&'static str, Vec<(String, Vec<(String, Value)>)>);

/// A whole template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The file name of the spec that it comes from, without a folder.
    pub generated_from: String,
    /// `Description`.
    pub description: String,
    /// `Parameters`.
    pub parameters: Vec<Parameter>,
    /// `Mappings`.
    pub mappings: Vec<Mapping>,
    /// `Conditions`.
    pub conditions: Vec<Condition>,
    /// `Resources`, in groups.
    pub groups: Vec<Group>,
    /// `Outputs`.
    pub outputs: Vec<Output>,
}

/// A piece of the document with the comments that stand above it: what the YAML form needs and JSON leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Comment lines above the key; an empty vector for none. A `Some` heading starts a group.
    pub heading: Option<String>,
    /// One line of why.
    pub why: Option<String>,
}

/// The top-level sections of the document, in order, each with its commented entries.
#[derive(Clone, Debug, PartialEq)]
pub enum Section {
    /// `Key: value`.
    Plain(&'static str, Value),
    /// `Key:` followed by entries.
    Entries(&'static str, Vec<Entry>),
}

impl Template {
    /// All resources, in the order of the file.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.groups.iter().flat_map(|group| &group.resources)
    }

    /// A logical id, or a key of a mapping, that stands twice.
    pub fn repeated_name(&self) -> Option<String> {
        let mut ids = BTreeSet::new();
        let mut names = self.resources().map(|resource| resource.id.to_string());
        let mut keys = self
            .mappings
            .iter()
            .flat_map(|(map, by_key)| by_key.iter().map(move |(key, _)| format!("{map}/{key}")));
        names.find(|id| !ids.insert(id.clone())).or_else(|| keys.find(|key| !ids.insert(key.clone())))
    }

    /// The sections of the document. Both forms, YAML and JSON, are written from this list and from nothing else,
    /// so they cannot disagree.
    pub fn sections(&self) -> Vec<Section> {
        let content = self.content();
        let digest = digest(&crate::render::json::compact(&content));
        stamped(content, &digest)
    }

    /// The same with [`NO_DIGEST`] in place of the digest, which is worked out only for who writes the template.
    pub(crate) fn draft(&self) -> Vec<Section> {
        stamped(self.content(), NO_DIGEST)
    }

    /// The digest of the content, in hexadecimal, as in `Metadata`.
    pub fn digest(&self) -> String {
        digest(&crate::render::json::compact(&self.content()))
    }

    /// The sections without `Metadata`, which is made of them.
    pub fn content(&self) -> Vec<Section> {
        let mut sections = vec![
            Section::Plain("AWSTemplateFormatVersion", Value::text("2010-09-09")),
            Section::Plain("Description", Value::text(&self.description)),
        ];
        let mut entries = |key, entries: Vec<Entry>| {
            if !entries.is_empty() {
                sections.push(Section::Entries(key, entries));
            }
        };
        entries("Parameters", self.parameters.iter().map(Parameter::entry).collect());
        entries("Mappings", self.mappings.iter().map(mapping_entry).collect());
        entries("Conditions", self.conditions.iter().map(Condition::entry).collect());
        entries("Resources", self.groups.iter().flat_map(Group::entries).collect());
        entries("Outputs", self.outputs.iter().map(Output::entry).collect());
        sections
    }
}

/// The digest of content as compact JSON.
pub(crate) fn digest(json: &str) -> String {
    Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Parameter {
    fn entry(&self) -> Entry {
        let body = Value::map([
            ("Type", Value::text("String")),
            ("Description", Value::text(&self.description)),
            ("AllowedPattern", Value::text(&self.allowed_pattern)),
            ("ConstraintDescription", Value::text(&self.constraint)),
        ]);
        Entry { key: self.name.into(), value: body, heading: None, why: None }
    }
}

/// Stands for a digest in a template that is not to be written, and is no shorter than one in any form.
pub(crate) const NO_DIGEST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How many bytes a template has as compact JSON, by that of its content.
pub(crate) fn json_bytes(content: &str) -> usize {
    let metadata = crate::render::json::compact(&[metadata(NO_DIGEST)]);
    // A comma more, and one pair of braces less, than both apart.
    content.len() + metadata.len() - 1
}

fn metadata(digest: &str) -> Section {
    let stamp = Value::map([("Layout", Value::from(LAYOUT)), ("Digest", Value::text(digest))]);
    Section::Plain("Metadata", Value::map([("Lakelink", stamp)]))
}

fn stamped(mut content: Vec<Section>, digest: &str) -> Vec<Section> {
    content.insert(2, metadata(digest));
    content
}

impl Condition {
    fn entry(&self) -> Entry {
        Entry { key: self.name.into(), value: self.value.clone(), heading: None, why: Some(self.why.clone()) }
    }
}

fn mapping_entry((name, by_key): &Mapping) -> Entry {
    let body = by_key.iter().map(|(key, values)| (key.clone(), Value::Map(values.clone())));
    Entry { key: (*name).into(), value: Value::map(body), heading: None, why: None }
}

impl Group {
    fn entries(&self) -> impl Iterator<Item = Entry> {
        self.resources.iter().enumerate().map(|(n, resource)| Entry {
            key: resource.id.to_string(),
            value: resource.body(),
            heading: (n == 0).then(|| self.heading.clone()),
            why: Some(resource.why.clone()),
        })
    }
}

impl Resource {
    fn body(&self) -> Value {
        let mut body = vec![("Type".to_owned(), Value::text(self.kind.as_str()))];
        let mut put = |key: &str, value| body.push((key.to_owned(), value));
        if let Some(condition) = self.condition {
            put("Condition", Value::text(condition));
        }
        match self.depends_on.as_slice() {
            [] => {}
            [one] => put("DependsOn", Value::text(one.as_str())),
            many => put("DependsOn", Value::texts(many.iter().map(LogicalId::as_str))),
        }
        match self.keep {
            Keep::No => {}
            Keep::Always => {
                put("DeletionPolicy", Value::text("Retain"));
                put("UpdateReplacePolicy", Value::text("Retain"));
            }
            Keep::Data => {
                put("DeletionPolicy", Value::text("RetainExceptOnCreate"));
                put("UpdateReplacePolicy", Value::text("Retain"));
            }
            Keep::Switch => {
                put("DeletionPolicy", Value::text("RetainExceptOnCreate"));
                put("UpdateReplacePolicy", Value::text("Delete"));
            }
        }
        if let Some(metadata) = &self.metadata {
            put("Metadata", metadata.clone());
        }
        put("Properties", Value::Shared(Arc::clone(&self.properties)));
        Value::Map(body)
    }
}

impl Output {
    fn entry(&self) -> Entry {
        let body =
            Value::map([("Description", Value::text(&self.description)), ("Value", self.value.clone())]);
        Entry { key: self.name.into(), value: body, heading: None, why: None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, Template, Value, json_bytes};
    use crate::render::json::compact;

    #[test]
    fn the_size_as_json_is_that_of_the_document() {
        let template = Template {
            generated_from: "acme.yaml".into(),
            description: "d".into(),
            parameters: Vec::new(),
            mappings: Vec::new(),
            conditions: Vec::new(),
            groups: Vec::new(),
            outputs: vec![Output { name: "Region", description: "é \"x\"".into(), value: Value::region() }],
        };
        let content = compact(&template.content());
        assert_eq!(compact(&template.draft()).len(), json_bytes(&content));
        assert_eq!(compact(&template.sections()).len(), json_bytes(&content));
    }
}
