//! A template as CloudFormation sees it: sections by name, resources by logical id.

use std::collections::BTreeMap;

use super::{Content, Node};

/// A CloudFormation template.
#[derive(Clone, Debug)]
pub struct Template {
    /// The document. Of its resources only the name of the section is left: they are in the list.
    root: Node,
    resources: Vec<Resource>,
}

/// A resource of a template.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The logical id; within `Fn::ForEach` with its variables: `Topic${Name}`.
    pub id: String,
    /// The type; empty where there is none.
    pub kind: String,
    /// The name of the condition without which it is not made.
    pub condition: Option<String>,
    /// The properties, functions in their long form.
    pub properties: Node,
    /// The line of the logical id.
    pub line: Option<usize>,
}

impl Resource {
    /// The property at the end of a way of keys.
    pub fn property(&self, path: &[&str]) -> Option<&Node> {
        self.properties.at(path)
    }
}

impl Template {
    /// A document as a template; none if it has no `Resources` that are a mapping.
    pub fn of(mut root: Node) -> Option<Self> {
        let Content::Map(sections) = &mut root.content else { return None };
        let (_, section) = sections.iter_mut().find(|(name, _)| name == "Resources")?;
        let section = std::mem::replace(section, Node { line: section.line, content: Content::Null });
        let mut resources = Vec::new();
        collect(section, 0, &mut resources)?;
        Some(Self { root, resources })
    }

    /// A template of ours.
    pub fn ours(template: &crate::template::Template) -> Option<Self> {
        Self::of(super::source::template(template))
    }

    /// The resources, in the order of the file.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// The resource with a logical id.
    pub fn resource(&self, id: &str) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    /// A parameter, such as its `Default`.
    pub fn parameter(&self, name: &str) -> Option<&Node> {
        self.root.at(&["Parameters", name])
    }

    /// What a condition is.
    pub fn condition(&self, name: &str) -> Option<&Node> {
        self.root.at(&["Conditions", name])
    }

    /// A section by its name: `Metadata`, `Mappings`, `Outputs`, `Transform`.
    pub fn section(&self, name: &str) -> Option<&Node> {
        self.root.get(name)
    }

    /// The resources of a type, by logical id.
    pub fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Every resource by its logical id.
    pub(super) fn by_id(&self) -> BTreeMap<&str, &Resource> {
        self.resources.iter().map(|resource| (resource.id.as_str(), resource)).collect()
    }
}

/// The resources of a mapping. `Fn::ForEach` (AWS::LanguageExtensions) holds further ones in its third item.
fn collect(resources: Node, depth: usize, to: &mut Vec<Resource>) -> Option<()> {
    let Content::Map(entries) = resources.content else { return None };
    for (id, node) in entries {
        if id.starts_with("Fn::ForEach::") && depth < 8 {
            if let Content::List(items) = node.content
                && let Some(body) = items.into_iter().nth(2)
            {
                collect(body, depth + 1, to);
            }
            continue;
        }
        let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
        let (kind, condition, line) = (text("Type").unwrap_or_default(), text("Condition"), node.line);
        let properties = match node.content {
            Content::Map(entries) => entries.into_iter().find(|(key, _)| key == "Properties"),
            _ => None,
        };
        let properties = properties.map(|(_, properties)| properties);
        let properties = properties.unwrap_or(Node { line, content: Content::Map(Vec::new()) });
        to.push(Resource { id, kind, condition, properties, line });
    }
    Some(())
}
