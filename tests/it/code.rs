//! Rules about the sources that no compiler checks: who may use whom, and how large a file may be.

use std::path::{Path, PathBuf};

use crate::env;

fn sources() -> Vec<PathBuf> {
    let mut folders = vec![env::root().join("generator/src")];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

fn shown(path: &Path) -> String {
    path.strip_prefix(env::root().join("generator/src")).unwrap().to_string_lossy().into_owned()
}

/// The stages in the order of the pipeline, each with what it may use besides itself. Whatever is not listed here
/// (`check`, `cli`, `lib.rs`) is the edge, which may use everything.
const STAGES: &[(&str, &[&str])] = &[
    ("parallel", &[]),
    ("problem", &[]),
    ("vocab", &["problem"]),
    ("document", &["problem", "vocab"]),
    // The schema shows the defaults and ranges that the model applies.
    ("spec", &["problem", "vocab", "model::defaults"]),
    ("model", &["problem", "vocab", "spec", "template::LogicalId"]),
    ("template", &["vocab", "render::json", "resources::Kind"]),
    ("policy", &["template"]),
    ("iam", &["policy", "template"]),
    ("resources", &["vocab", "template", "policy"]),
    (
        "stacks",
        &["parallel", "problem", "vocab", "model", "template", "policy", "iam", "resources", "render"],
    ),
    ("render", &["parallel", "vocab", "model", "template", "stacks", "files::NOTE"]),
    ("review", &["problem", "vocab", "model", "template", "policy", "iam", "files::NOTE"]),
    ("files", &["document"]),
    ("aws", &["vocab", "model"]),
    (
        "deploy",
        &[
            "vocab",
            "model",
            "template::LAYOUT",
            "resources::",
            "iam::HandlerTable",
            "stacks",
            "render::json",
            "aws",
            "check::Rendered",
        ],
    ),
    ("report", &["problem", "document", "check"]),
];

#[test]
fn each_stage_sees_only_what_comes_before_it() {
    let mut broken = Vec::new();
    for path in sources() {
        let file = shown(&path);
        let stage = file.trim_end_matches(".rs").split('/').next().unwrap();
        let Some((_, allowed)) = STAGES.iter().find(|(name, _)| *name == stage) else { continue };
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for (at, _) in line.match_indices("crate::") {
                let used = &line[at + "crate::".len()..];
                // Tests at the end of a file may look at what it becomes.
                let is_fine = used.starts_with("render::json::to_json") && line.starts_with("    use ")
                    || used.starts_with(stage)
                    || allowed.iter().any(|name| used.starts_with(name));
                if !is_fine && !file.contains("tests") {
                    broken.push(format!("{file}: {}", line.trim()));
                }
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn input_and_output_are_at_the_edge() {
    for path in sources() {
        let (file, text) = (shown(&path), std::fs::read_to_string(&path).unwrap());
        if file.starts_with("cli/")
            || file.starts_with("aws/")
            || file == "files.rs"
            || file.starts_with("files/")
            || file == "main.rs"
            || file.contains("tests")
        {
            continue;
        }
        for forbidden in
            ["std::fs", "std::env", "std::process", "std::net", "println!", "SystemTime", "Instant"]
        {
            assert!(!text.contains(forbidden), "{file} uses {forbidden}");
        }
    }
}

#[test]
fn files_stay_readable() {
    for path in sources() {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 420, "{} has {lines} lines: split it", shown(&path));
    }
}
