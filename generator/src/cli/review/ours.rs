//! Templates that `generate` wrote: given with their spec they are reviewed as its stacks, in place of what the spec would give
//! now. What is on the disk is deployed; the spec says what it is to be, and what is accepted.

use std::collections::BTreeMap;
use std::path::Path;

use super::found::FoundTemplate;
use crate::cli::judge::{Text, Written, generated};
use crate::files;
use crate::model::Integration;
use crate::review::{Stack, Template};

/// The integration, the name of the spec's file, and the stack that a template is of.
pub(super) type Origin = (String, String, String);

/// Where a template came from, as its folder, first line and name say, and its text; none if it is not one of ours.
pub(super) fn origin(file: &Path, bytes: &[u8], template: &Template) -> Option<(Origin, String)> {
    template.section("Metadata")?.get("Lakelink")?;
    let stack = file.file_name()?.to_str()?.strip_suffix(".template.yaml")?.to_owned();
    let folder = file.parent()?;
    // What goes with stack sets has a folder of its own.
    let (folder, stack) = match folder.file_name()?.to_str()? {
        "stack-sets" => (folder.parent()?, format!("stack-sets/{stack}")),
        _ => (folder, stack),
    };
    let integration = folder.file_name()?.to_str()?.to_owned();
    let text = std::str::from_utf8(bytes).ok()?;
    let spec = files::generated_from(text)?.to_owned();
    Some(((integration, spec, stack), text.to_owned()))
}

/// Templates of ours by where they came from.
pub(super) struct Ours(BTreeMap<Origin, FoundTemplate>);

impl Ours {
    /// Tells them from others. Of two that come from one place the first counts; the other is reviewed by itself.
    pub(super) fn of(templates: Vec<FoundTemplate>) -> (Self, Vec<FoundTemplate>) {
        let (mut ours, mut others) = (BTreeMap::new(), Vec::new());
        for template in templates {
            match template.ours.as_ref().map(|(origin, _)| origin.clone()) {
                Some(origin) if !ours.contains_key(&origin) => drop(ours.insert(origin, template)),
                _ => others.push(template),
            }
        }
        (Self(ours), others)
    }

    /// The stacks of a spec with their files: as they are on the disk where they were given, else as they are rendered now.
    /// `differing` gets the files that are not what is rendered now, if somebody wants to know.
    pub(super) fn stacks<'a>(
        &'a self,
        integration: &Integration,
        rendered: Vec<(Stack, Text<'a>)>,
        mut differing: Option<&mut Vec<String>>,
    ) -> (Vec<Stack>, Vec<Written<'a>>) {
        let name = integration.name.as_str();
        let on_disk = |(mut stack, text): (Stack, Text<'a>)| {
            let origin = (name.to_owned(), integration.spec_file.clone(), stack.name.clone());
            let written = match self.0.get(&origin) {
                Some(FoundTemplate { file, template, ours: Some((_, given)), .. }) => {
                    if let Some(files) = differing.as_mut().filter(|_| text.whole() != *given) {
                        files.push(file.clone());
                    }
                    stack.template = template.clone();
                    Written { file: file.clone(), text: Text::Given(given) }
                }
                _ => Written { file: generated(name, &stack.name), text },
            };
            (stack, written)
        };
        rendered.into_iter().map(on_disk).unzip()
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All but those that were reviewed with their spec: it is not part of the run, or no longer gives such a stack.
    pub(super) fn without(self, reviewed: &[String]) -> impl Iterator<Item = FoundTemplate> {
        self.0.into_values().filter(|one| !reviewed.contains(&one.file))
    }
}
