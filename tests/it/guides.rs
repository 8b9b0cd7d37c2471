//! The guides: the README, and a page for each way of rolling out. Every command of their shell blocks is run by a test, or,
//! where the test world has no such service, held against the AWS CLI's own models.

use std::path::PathBuf;

use regex_lite::Regex;

use crate::env;
use crate::support::{lakelink, rendered};

/// One that no test opens is a variant that is never made, which the compiler refuses.
#[derive(Clone, Copy)]
pub(crate) enum Guide {
    Readme,
    Cdk,
    Parameters,
    StackSets,
    GitSync,
    Cfct,
}

/// In the order of the variants.
const FILES: [&str; 6] = [
    "README.md",
    "examples/rollout/cdk.md",
    "examples/rollout/parameters.md",
    "examples/rollout/stack-sets.md",
    "examples/rollout/git-sync.md",
    "examples/rollout/cfct.md",
];

/// Of this service nothing is run.
const ONLY_READ: &str = "aws codeconnections ";

impl Guide {
    fn text(self) -> String {
        read(FILES[self as usize])
    }

    /// Its shell blocks that are run, one after the other. What begins with `cargo` is left out: it builds and tests the project.
    pub(crate) fn script(self) -> String {
        let blocks = blocks(&self.text(), "sh").into_iter().filter(|block| !block.contains(ONLY_READ));
        let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
        lines.filter(|line| !line.starts_with("cargo ")).collect::<Vec<_>>().join("\n")
    }

    /// Its shell blocks that are not.
    pub(crate) fn only_read(self) -> String {
        let blocks = blocks(&self.text(), "sh").into_iter().filter(|block| block.contains(ONLY_READ));
        blocks.collect::<Vec<_>>().join("\n")
    }

    /// Its first spec.
    pub(crate) fn spec(self) -> String {
        blocks(&self.text(), "yaml").swap_remove(0)
    }
}

fn read(file: &str) -> String {
    std::fs::read_to_string(env::root().join(file)).unwrap()
}

/// The fenced blocks of a language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("\n```{language}\n");
    let fenced = text.split(&fence).skip(1);
    fenced.map(|rest| rest.split_once("\n```").unwrap().0.to_owned()).collect()
}

#[test]
fn no_shell_block_is_unseen() {
    let pages = std::fs::read_dir(env::root().join("examples/rollout")).unwrap();
    let mut pages = pages.map(|page| page.unwrap().path()).collect::<Vec<_>>();
    pages.push(env::root().join("README.md"));
    let mut known = FILES.map(|file| env::root().join(file)).to_vec();
    pages.sort();
    known.sort();
    assert_eq!(pages, known, "each page is a guide");
    let fence = Regex::new(r"(?m)^\s*(```|~~~)(\S*)").unwrap();
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        let languages = fence.captures_iter(&text).step_by(2).map(|found| found[2].to_owned());
        let strange =
            languages.filter(|language| !["sh", "yaml", "json", "text", "mermaid"].contains(&&**language));
        assert_eq!(strange.collect::<Vec<_>>(), [""; 0], "{}", page.display());
        let shell = blocks(&text, "sh").len();
        assert_eq!(shell, text.matches("```sh").count(), "{}: a block that is indented", page.display());
        assert!(shell > 0, "{} has no commands", page.display());
    }
}

/// Every command of ours that a page names in a sentence can be given.
#[test]
fn guides_name_commands_that_there_are() {
    let command = Regex::new("`lakelink ([a-z]+)([^`]*)`").unwrap();
    let mut seen = 0;
    for file in &FILES[1..] {
        let text = read(file);
        for found in command.captures_iter(&text) {
            let help = lakelink(env::root(), &[&found[1], "--help"]);
            assert_eq!(help.code, 0, "{}", &found[0]);
            let flags = found[2].split_whitespace().filter(|word| word.starts_with("--"));
            flags.for_each(|flag| assert!(help.stdout.contains(flag), "{}", &found[0]));
            seen += 1;
        }
        assert!(text.lines().count() <= 80, "a guide is one page: {file}");
    }
    assert!(seen > 5, "{seen}");
}

/// The chapters and examples that a page links are there.
#[test]
fn guides_link_what_there_is() {
    let link = Regex::new(r"\]\(([^)#:]+)(?:#([\w-]+))?\)").unwrap();
    for file in FILES {
        let folder = PathBuf::from(file).parent().unwrap().to_owned();
        for found in link.captures_iter(&read(file)) {
            let target = env::root().join(&folder).join(&found[1]);
            assert!(target.exists(), "{file}: {}", &found[1]);
            let Some(anchor) = found.get(2) else { continue };
            let heading = |line: &str| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            let text = std::fs::read_to_string(&target).unwrap();
            let mut headings = text.lines().filter(|line| line.starts_with('#'));
            assert!(headings.any(|line| heading(line) == anchor.as_str()), "{file}: {}", &found[0]);
        }
    }
}

#[test]
fn the_spec_of_the_readme_is_good() {
    assert_eq!(rendered("acme.yaml", &Guide::Readme.spec()).integration.name.as_str(), "acme");
}
