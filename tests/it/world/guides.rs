//! The guides: their shell blocks, pasted in a folder with the examples.

use lakelink::model::{Integration, Side, Stack};
use serde_json::json;

use super::runbook::Shell;
use super::server::World;
use super::shop::says;
use super::{deploy, example, seed};
use crate::env;
use crate::guides::Guide;
use crate::support::rendered;

/// A folder with the spec of an example.
pub(super) fn folder(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("examples/{name}.yaml");
    let text = std::fs::read_to_string(env::root().join(&file)).unwrap();
    lakelink::files::write(&folder.path().join(file), &text).unwrap();
    folder
}

/// A shell there, with the program.
pub(super) fn shell<'a>(
    integration: &Integration,
    world: &'a World,
    folder: &tempfile::TempDir,
) -> Shell<'a> {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_lakelink")).parent().unwrap();
    Shell::in_folder(integration, world, folder.path().to_owned()).with_tools(program.to_owned())
}

/// Somebody else's editor: puts the smallest spec into the file.
#[test]
fn the_readme_from_init_to_status() {
    let spec = Guide::Readme.spec();
    let integration = rendered("acme.yaml", &spec).integration;
    let (world, folder) = (World::start(seed(&integration)), tempfile::tempdir().unwrap());
    lakelink::files::write(&folder.path().join("acme.yaml"), &spec).unwrap();
    let shell = shell(&integration, &world, &folder);
    let ran = shell.typed(&format!("export EDITOR='cp acme.yaml'\n{}", Guide::Readme.script()), "y\n");
    assert_eq!(ran.code, 0, "{}", ran.said());
    says(&ran.stdout, &["deploy this? [y/N]", "4 changed"]);
    assert!(folder.path().join("deploy/acme/RUNBOOK.md").is_file());
    deploy::check(&integration, &world);
}

/// Git sync and Customizations for Control Tower themselves cannot be run here; what they need first can.
#[test]
fn git_sync_and_cfct_as_far_as_they_can_be_run() {
    for (name, guide) in [("pinned", Guide::GitSync), ("source-version-1", Guide::Cfct)] {
        let integration = &example(name).integration;
        let (world, folder) = (World::start(seed(integration)), folder(name));
        let ran = shell(integration, &world, &folder).typed(&guide.script(), "y\n");
        assert_eq!(ran.code, 0, "{}", ran.said());
        says(&ran.stdout, &["2 changed"]);
        for side in [Side::Lake, Side::Detective] {
            let stacks = world.state(integration.account(side), integration.regions.home())["stacks"].clone();
            let roles = if side == Side::Lake { Stack::LakeRoles } else { Stack::DetectiveRoles };
            assert_eq!(stacks[integration.stack_name(roles)]["status"], json!("CREATE_COMPLETE"));
        }
    }
}
