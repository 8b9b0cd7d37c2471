//! What a file is: a template, a spec, or something else.

use std::collections::BTreeSet;

use memchr::memmem;

use super::{Statement, Template, Term, Unreadable, read};
use crate::iam::{ActionTable, Knowledge};

/// Keys of which a spec has at least one.
const OF_SPECS: [&str; 3] = ["lake", "detective", "extends"];

/// What a file turned out to be.
#[derive(Debug)]
pub enum Scanned {
    /// A CloudFormation template.
    Template(Box<Template>),
    /// What may be a spec of lakelink, to be judged by its own reader.
    Spec,
    /// A document of some other kind.
    Other,
    /// No document, and by its words a template that is broken.
    Broken(Unreadable),
    /// No document, and nothing in it says template.
    Unreadable(Unreadable),
}

/// Looks at the bytes of a file.
pub fn scan(bytes: &[u8]) -> Scanned {
    if says_spec(bytes) {
        return Scanned::Spec;
    }
    match read(bytes) {
        Ok(root) => {
            let is_spec = OF_SPECS.iter().any(|key| root.get(key).is_some());
            let has_resources = root.get("Resources").is_some_and(|node| !node.entries().is_empty());
            match has_resources.then(|| Template::of(root)).flatten() {
                Some(template) => Scanned::Template(Box::new(template)),
                None if is_spec => Scanned::Spec,
                None => Scanned::Other,
            }
        }
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let names = |line: &str| {
                let line = line.trim_start_matches([' ', '\t', '{', '\u{FEFF}']);
                ["Resources:", "\"Resources\"", "AWSTemplateFormatVersion", "\"AWSTemplateFormatVersion\""]
                    .iter()
                    .any(|key| line.starts_with(key))
            };
            if text.lines().any(names) { Scanned::Broken(error) } else { Scanned::Unreadable(error) }
        }
    }
}

/// Whether a file has both halves of a spec at the margin, and nowhere a word of templates: as its own reader judges it, broken
/// or not, it need not be read here, too.
fn says_spec(bytes: &[u8]) -> bool {
    let has = |key: &[u8]| bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(key));
    has(b"lake:") && has(b"detective:") && memmem::find(bytes, b"Resources").is_none()
}

impl Scanned {
    /// The template, if it is one.
    pub fn template(self) -> Option<Template> {
        match self {
            Self::Template(template) => Some(*template),
            _ => None,
        }
    }
}

/// The services of actions that the table of actions does not know, each once: their actions are shown as they are
/// written, and no rule judges whether they exist.
pub fn unknown_services(statements: &[Statement]) -> Vec<String> {
    let table = ActionTable::get();
    let iam = statements.iter().filter(|one| one.via.has_iam_actions());
    let actions = iam.flat_map(|one| one.actions.named()).filter_map(Term::as_text);
    let services =
        actions.filter_map(|action| action.split_once(':')).map(|(service, _)| service.to_lowercase());
    let services = services.collect::<BTreeSet<_>>().into_iter();
    services.filter(|service| table.knows(&format!("{service}:*")) == Knowledge::UnknownService).collect()
}
