//! Where generated files lie in the repository, which run-books and Git sync take paths from.

use std::fmt::Display;
use std::path::{Component, Path};

use crate::model::Integration;

/// The folder that holds `<name>/`, from the root of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutFolder(String);

impl Default for OutFolder {
    fn default() -> Self {
        Self("out".to_owned())
    }
}

impl OutFolder {
    /// The folder that files are written to, as somebody at the root of the repository names it. A path that cannot be one
    /// from there (absolute, with `..`, or of characters that mean something to a shell) says nothing: then it is `out`.
    pub fn of(path: &Path) -> Self {
        let mut names = Vec::new();
        for component in path.components() {
            match component {
                Component::CurDir => {}
                Component::Normal(name) => match name.to_str().filter(|name| is_plain(name)) {
                    Some(name) => names.push(name),
                    None => return Self::default(),
                },
                _ => return Self::default(),
            }
        }
        Self(names.join("/"))
    }

    /// The path of something in it.
    pub(crate) fn join(&self, below: impl Display) -> String {
        if self.0.is_empty() { below.to_string() } else { format!("{}/{below}", self.0) }
    }
}

impl Integration {
    /// The folder of its files, from the root of the repository.
    pub fn folder(&self) -> String {
        self.out.join(&self.name)
    }
}

fn is_plain(name: &str) -> bool {
    !name.starts_with('-') && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

#[test]
fn what_cannot_be_a_path_of_the_repository_is_out() {
    let join = |path: &str| OutFolder::of(Path::new(path)).join("acme");
    assert_eq!(join("./cloud/formation/"), "cloud/formation/acme");
    assert_eq!(join("."), "acme");
    for path in ["out", "/tmp/x", "../x", "a/../b", "a b", "$HOME", "-x", "ä"] {
        assert_eq!(join(path), "out/acme", "{path}");
    }
}
