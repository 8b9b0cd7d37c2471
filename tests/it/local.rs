//! The local file beside the specs: read with them, and never one of them.

use std::path::Path;

use crate::env;
use crate::support::lakelink;

fn write(folder: &Path, name: &str, text: &str) {
    lakelink::files::write(&folder.join(name), text).unwrap();
}

fn example() -> String {
    std::fs::read_to_string(env::root().join("examples/two-accounts.yaml")).unwrap()
}

const LOCAL: &str = "lake: {profile: lake admin}\ndetective: {profile: \"det$(id)\"}\n";

#[test]
fn it_changes_no_generated_file() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "specs/acme.yaml", &example());
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    write(folder.path(), "specs/lakelink.local.yaml", LOCAL);
    let ran = lakelink(folder.path(), &["generate", "specs", "--check"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let said = lakelink(folder.path(), &["check", "specs"]);
    assert_eq!((said.code, said.stderr.as_str()), (0, "1 spec checked, no problems\n"));
}

#[test]
fn who_asks_is_told_what_it_names() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "acme.yaml", &example());
    write(folder.path(), "lakelink.local.yaml", LOCAL);
    for path in ["acme.yaml", "./acme.yaml", ".", "../specs/acme.yaml"] {
        write(folder.path(), "specs/acme.yaml", &example());
        write(folder.path(), "specs/lakelink.local.yaml", "# nothing yet\n");
        let ran = lakelink(folder.path(), &["check", "-v", path.trim_start_matches("../")]);
        let wanted = !path.contains("specs");
        let told = ran
            .stderr
            .contains("1 Region; profiles in lakelink.local.yaml: lake lake admin, detective det$(id)\n");
        assert_eq!((ran.code, told), (0, wanted), "{path}: {}", ran.stderr);
    }
}

#[test]
fn what_is_wrong_with_it_is_told_once_by_whatever_way() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "acme.yaml", &example());
    write(
        folder.path(),
        "other.yaml",
        &example().replace("two-accounts", "other").replace("444455556666", "777788889999"),
    );
    write(folder.path(), "lakelink.local.yaml", "lake: {profil: a}\n");
    let absolute = folder.path().join("acme.yaml");
    let ran = lakelink(folder.path(), &["check", "./other.yaml", absolute.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.matches("error[LS012]").count()), (3, 1), "{}", ran.stdout);
    // It belongs to one person, and no generated file depends on it.
    assert_eq!(lakelink(folder.path(), &["generate", "acme.yaml"]).code, 0);
}

#[test]
fn it_is_no_spec_by_any_name() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "lakelink.local.yaml", &example());
    let ran = lakelink(folder.path(), &["generate", "lakelink.local.yaml"]);
    assert_eq!(ran.code, 2);
    insta::assert_snapshot!(ran.stderr, @r"
    error: `lakelink.local.yaml` is the local file, not a spec
    help: name the specs beside it; `check` reads it with them
    ");
    // A folder with nothing else in it has no spec.
    assert_eq!(lakelink(folder.path(), &["check", "."]).code, 2);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("lakelink.local.yaml", folder.path().join("acme.yaml")).unwrap();
        assert_eq!(lakelink(folder.path(), &["check", "acme.yaml"]).code, 2);
        write(folder.path(), "base/spec.yaml", &format!("{}extends: ../link.yaml\n", example()));
        std::os::unix::fs::symlink("lakelink.local.yaml", folder.path().join("link.yaml")).unwrap();
        write(folder.path(), ".git/HEAD", "");
        let ran = lakelink(folder.path(), &["check", "base/spec.yaml"]);
        assert!(ran.code == 3 && ran.stdout.contains("error[LS039]"), "{}", ran.said());
    }
}

#[test]
fn one_that_cannot_be_read_hides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "acme.yaml", &example().replace("us-east-1", "nowhere"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("lakelink.local.yaml", folder.path().join("lakelink.local.yaml")).unwrap();
    let ran = lakelink(folder.path(), &["check", "."]);
    assert!(ran.code == 3 && ran.stdout.contains("error[LS023]"), "{}", ran.said());
    #[cfg(unix)]
    assert!(ran.stderr.contains("lakelink.local.yaml"), "{}", ran.stderr);
}

#[test]
fn init_keeps_it_out_of_git() {
    let folder = tempfile::tempdir().unwrap();
    let ignored = || std::fs::read_to_string(folder.path().join("specs/.gitignore")).unwrap();
    assert_eq!(lakelink(folder.path(), &["init", "specs"]).code, 0);
    assert_eq!(ignored(), "lakelink.local.yaml\n");
    write(folder.path(), "specs/.gitignore", "mine\n");
    let ran = lakelink(folder.path(), &["init", "specs", "--name", "other"]);
    assert!(
        ran.code == 0 && ran.stderr.contains("add the line `lakelink.local.yaml` to specs/.gitignore"),
        "{}",
        ran.stderr
    );
    assert_eq!(ignored(), "mine\n");
}
