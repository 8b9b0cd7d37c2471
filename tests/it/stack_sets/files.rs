//! Files in folders of a spec's folder: known as ours again, also where they have no place for a note.

use std::path::Path;

use crate::env;
use crate::support::lakelink;

fn write(folder: &Path, file: &str, text: &str) {
    lakelink::files::write(&folder.join(file), text).unwrap();
}

fn example(name: &str) -> String {
    std::fs::read_to_string(env::root().join(format!("examples/{name}.yaml"))).unwrap()
}

#[test]
fn files_of_other_outputs_follow_the_spec_and_go_with_it() {
    for (name, outputs) in
        [("self-managed", "stack_sets"), ("pinned", "git_sync"), ("source-version-1", "cfct")]
    {
        let folder = tempfile::tempdir().unwrap();
        let (folder, out) = (folder.path(), folder.path().join("out").join(name));
        let generate = |arguments: &[&str]| {
            let ran = lakelink(folder, &[&["generate", "specs"], arguments].concat());
            (ran.code, format!("{}{}", ran.stdout, ran.stderr))
        };
        let text = example(name);
        write(folder, "specs/a.yaml", &text);
        assert_eq!(generate(&[]).0, 0);
        // Another content is put in the place of the old one.
        let other = text.replace("external_id: ", "external_id: other-");
        write(folder, "specs/a.yaml", &format!("{other}\ntags: {{team: other}}\n"));
        let (code, said) = generate(&[]);
        let of_output = format!("{}/", outputs.replace('_', "-"));
        assert!(code == 0 && said.contains("updated  ") && said.contains(&of_output), "{said}");
        assert_eq!(generate(&["--check"]).0, 0);
        // Somebody else's file stays, and keeps its folder.
        write(&out, "stack-sets/theirs.json", "{\n  \"StackSetName\": \"other\"\n}\n");
        let without = text.replace(&format!(", {outputs}]"), "]").replace("  method: stack_sets\n", "");
        write(folder, "specs/a.yaml", &without);
        assert_eq!(generate(&["--check"]).0, 4, "orphans");
        assert_eq!(generate(&["--prune"]).0, 0);
        assert_eq!(generate(&["--check"]).0, 0);
        let entries = std::fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().path());
        let folders = entries.filter(|path| path.is_dir()).collect::<Vec<_>>();
        assert_eq!(folders, [out.join("stack-sets")]);
        assert_eq!(std::fs::read_dir(&folders[0]).unwrap().count(), 1);
        // And is not written over.
        std::fs::remove_file(out.join("stack-sets/theirs.json")).unwrap();
        write(&out, "git-sync/eu-central-1/lake.yaml", "template-file-path: mine.yaml\n");
        write(&out, "stack-sets/lake.create-stack-set.json", "{\n  \"StackSetName\": \"other\"\n}\n");
        write(&out, "cfct/templates/lake.template.json", "{\n  \"Resources\": {}\n}\n");
        write(folder, "specs/a.yaml", &text);
        let (code, said) = generate(&[]);
        assert!(code == 1 && said.contains("lake."), "{code} {said}");
    }
}
