//! The access model: any template read into statements and rows (`tests/fixtures/review/templates`, in other people's
//! styles), ours the same from values and from text.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lakelink::check::{Rendered, check};
use lakelink::iam::{ActionTable, Knowledge};
use lakelink::model::Side;
use lakelink::render::json;
use lakelink::review::{self, Access, Account, Place, Row, Stack, Statement, Template};
use proptest::prelude::*;

use crate::env;
use crate::support::lakelink;

/// The templates in other people's styles.
fn fixtures() -> Vec<PathBuf> {
    let folder = env::root().join("tests/fixtures/review/templates");
    let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    files.sort();
    files
}

/// What the one template of a text allows.
fn access(text: &str) -> Access {
    let template = review::scan(text.as_bytes()).template().expect("a template");
    let stack = Stack { integration: None, name: "t".into(), account: Account::This, template };
    review::access_together(&[stack])
}

fn shown(access: &Access) -> String {
    let mut text = String::new();
    for row in review::rows(&access.statements) {
        let Row { principal, effect, action, resource, condition, via, resource_id, sid, .. } = row;
        let condition = condition.map(|condition| format!(" | {condition}")).unwrap_or_default();
        let sid = sid.map(|sid| format!("/{sid}")).unwrap_or_default();
        writeln!(text, "{effect} {principal} | {action} | {resource}{condition} | {via} {resource_id}{sid}")
            .unwrap();
    }
    text.push_str("\nlines:");
    for statement in &access.statements {
        let Place { resource_id, label, line, .. } = &statement.place;
        let label = label.word().map(|word| format!("/{word}")).unwrap_or_default();
        write!(text, " {resource_id}{label}:{}", line.unwrap()).unwrap();
    }
    text.push('\n');
    for unread in &access.unread {
        let (id, line) = (&unread.place.resource_id, unread.place.line.unwrap_or_default());
        writeln!(text, "not read: {id}:{line} {}", unread.what).unwrap();
    }
    let unknown = review::unknown_services(&access.statements);
    if !unknown.is_empty() {
        writeln!(text, "unknown services: {}", unknown.join(", ")).unwrap();
    }
    text
}

#[test]
fn templates_in_other_peoples_styles() {
    insta::glob!("../fixtures/review/templates", "*.*", |path| {
        insta::assert_snapshot!(shown(&access(&std::fs::read_to_string(path).unwrap())));
    });
    assert!(fixtures().len() >= 20);
}

/// Every example, rendered.
fn examples() -> Vec<Rendered> {
    let files = lakelink::files::specs_in(&env::root().join("examples")).unwrap();
    let read = |file: &PathBuf| {
        (file.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(file).unwrap())
    };
    let mut inputs = lakelink::check::Inputs::default();
    let mut ids = std::collections::BTreeMap::new();
    for (name, bytes) in files.iter().map(read) {
        ids.insert(name.clone(), inputs.ask(name, bytes));
    }
    while let Some(wanted) = inputs.wanted() {
        let found = lakelink::check::Found::File(ids[&wanted.name]);
        inputs.link(wanted, found);
    }
    let rendered =
        check(inputs).unwrap().into_iter().filter_map(|checked| checked.rendered).collect::<Vec<_>>();
    assert!(rendered.len() >= 14);
    rendered
}

#[test]
fn values_and_files_say_the_same() {
    for Rendered { integration, stacks } in examples() {
        let stack = |template: Template, stem: &str, side: Side| Stack {
            integration: Some(integration.name.to_string()),
            name: stem.to_owned(),
            account: Account::Known(match side {
                Side::Lake => integration.lake.account.clone(),
                Side::Detective => integration.detective.account.clone(),
            }),
            template,
        };
        let read = |text: &str| review::scan(text.as_bytes()).template().unwrap();
        let forms: [&dyn Fn(&lakelink::stacks::StackTemplate) -> Template; 4] = [
            &|stack| Template::ours(&stack.template).unwrap(),
            &|stack| read(&stack.yaml()),
            &|stack| read(&json::pretty(&stack.template.sections())),
            &|stack| read(&json::compact(&stack.template.sections())),
        ];
        let all = forms.map(|form| {
            let stacks = stacks.iter().map(|one| stack(form(one), one.stack.stem(), one.stack.side()));
            let Access { mut statements, mut unread } = review::access_together(&stacks.collect::<Vec<_>>());
            for place in statements
                .iter_mut()
                .map(|one| &mut one.place)
                .chain(unread.iter_mut().map(|one| &mut one.place))
            {
                place.line = None;
            }
            (review::rows(&statements), statements, unread)
        });
        assert!(!all[0].0.is_empty());
        for other in &all[1..] {
            assert_eq!(all[0].0, other.0, "{}", integration.name);
            assert_eq!(all[0].1, other.1, "{}", integration.name);
            assert_eq!(all[0].2, other.2, "{}", integration.name);
        }
    }
}

#[test]
fn our_own_access_says_who_acts_as_whom() {
    let ran = lakelink(env::root(), &["review", "examples/stack-output.yaml", "--format", "json"]);
    let document = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
    let rows = document["access"].as_array().unwrap();
    let acts = rows.iter().filter(|row| row["action"] == Statement::ACTS_AS);
    let acts = acts.map(|row| format!("{} {} -> {}", row["account"], row["principal"], row["resource"]));
    insta::assert_snapshot!(acts.collect::<Vec<_>>().join("\n"));
    let accounts = rows.iter().map(|row| row["account"].as_str().unwrap());
    assert_eq!(accounts.collect::<std::collections::BTreeSet<_>>().len(), 2);
}

/// Actions of services in the table are never said to be unknown, whatever their case; others are said to be.
#[test]
fn known_actions_are_known() {
    let table = ActionTable::get();
    for file in std::fs::read_dir(env::root().join("generator/data/iam-actions")).unwrap() {
        let path = file.unwrap().path();
        let service = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|line| line.starts_with("{\"action\""));
        let actions = lines.map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        for name in actions.map(|action| action["action"].as_str().unwrap().to_owned()) {
            let action = format!("{service}:{name}");
            for form in [action.clone(), action.to_uppercase(), format!("{}*", &action[..action.len() - 1])] {
                assert_eq!(table.knows(&form), Knowledge::Known, "{form}");
            }
        }
    }
    let statements =
        fixtures().into_iter().flat_map(|file| access(&std::fs::read_to_string(file).unwrap()).statements);
    let actions = statements
        .filter(|one| one.via.has_iam_actions())
        .flat_map(|one| one.actions.named().iter().map(ToString::to_string).collect::<Vec<_>>());
    let odd = actions.filter(|action| action.contains(':') && table.knows(action) == Knowledge::NoSuchAction);
    assert_eq!(
        odd.collect::<std::collections::BTreeSet<_>>().into_iter().collect::<Vec<_>>(),
        ["glue:GetDatabse"]
    );
}

fn identity(statements: &str) -> String {
    format!(
        r#"{{"Resources": {{"P": {{"Type": "AWS::IAM::ManagedPolicy", "Properties": {{"PolicyDocument": {{"Statement": [{statements}]}}}}}}}}}}"#
    )
}

#[test]
fn a_huge_template_is_read() {
    let actions = (0..70).map(|n| format!("\"s3:Action{n}\"")).collect::<Vec<_>>().join(", ");
    let role = |n: usize| {
        let statement = format!(
            r#"{{"Sid": "S{n}", "Effect": "Allow", "Action": [{actions}], "Resource": {{"Fn::Sub": "arn:aws:s3:::b{n}/${{AWS::Region}}/*"}}}}"#
        );
        let policy = format!(
            r#"{{"PolicyName": "p", "PolicyDocument": {{"Statement": [{statement}, {statement}]}}}}"#
        );
        format!(
            r#""Role{n}": {{"Type": "AWS::IAM::Role", "Properties": {{"RoleName": "r{n}", "AssumeRolePolicyDocument": {{"Statement": [{{"Effect": "Allow", "Principal": {{"Service": "ec2.amazonaws.com"}}, "Action": "sts:AssumeRole"}}]}}, "Policies": [{policy}]}}}}"#
        )
    };
    let text = format!("{{\"Resources\": {{\n{}\n}}}}", (0..500).map(role).collect::<Vec<_>>().join(",\n"));
    assert!(text.len() > 900_000);
    let access = access(&text);
    assert_eq!(access.statements.len(), 500 * 3);
    assert_eq!(review::rows(&access.statements).len(), 500 * 71);
    assert_eq!(access.statements[3].place.line, Some(3));
}

/// Templates that ask for much: they are read, in part or as they stand, and cost little.
#[test]
fn hostile_templates_cost_little() {
    let many =
        |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(", ");
    // A product of lists.
    let list = many(3000, &|n| format!("\"s3:a{n}\""));
    let text = identity(&format!(r#"{{"Effect": "Allow", "Action": [{list}], "Resource": [{list}]}}"#));
    assert_eq!(review::rows(&access(&text).statements).len(), 1);
    // A case for each of many conditions.
    let ifs = many(200, &|n| format!(r#"{{"Fn::If": ["C{n}", "s3:a{n}", "s3:b{n}"]}}"#));
    let text = identity(&format!(r#"{{"Effect": "Allow", "Action": [{ifs}], "Resource": "*"}}"#));
    assert_eq!(access(&text).statements.len(), 400);
    for key in ["NotAction", "Condition"] {
        let text = identity(&format!(
            r#"{{"Effect": "Allow", "Action": "s3:a", "Resource": "*", "{key}": {{"StringEquals": {{"k": [{ifs}]}}}}}}"#
        ));
        assert_eq!(access(&text).statements.len(), 1);
    }
    let text = identity(&format!(r#"{{"Effect": "Allow", "Action": [{ifs}], "Resource": [{ifs}]}}"#));
    assert!(access(&text).unread[0].what.contains("`Fn::If`"));
    // An `Fn::Sub` that repeats a long variable.
    let text = format!(
        r#"{{"Effect": "Allow", "Action": "s3:a", "Resource": {{"Fn::Sub": ["{}", {{"V": "{}"}}]}}}}"#,
        "${V}".repeat(20_000),
        "x".repeat(200_000)
    );
    let read = access(&identity(&text));
    assert!(read.unread.iter().any(|unread| unread.what.contains("32 MiB")), "{:?}", read.unread);
    // Names and conditions in circles.
    let text = r#"{"Conditions": {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Or": [{"Condition": "A"}, {"Condition": "A"}]}},
        "Resources": {"X": {"Type": "AWS::S3::Bucket", "Condition": "A", "Properties": {"BucketName": {"Fn::Sub": "${Y}${Y}"}}},
        "Y": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "${X}${Y}"}}},
        "P": {"Type": "AWS::IAM::ManagedPolicy", "Condition": "B", "Properties": {"PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": {"Fn::GetAtt": "X.Arn"}}}}}}}"#;
    assert_eq!(review::rows(&access(text).statements)[0].resource, "arn:${AWS::Partition}:s3:::${Y}${Y}");
    // Policies as text in policies as text.
    let mut document =
        r#"{"Statement": [{"Effect": "Allow", "Action": "s3:a", "Resource": "*"}]}"#.to_owned();
    for _ in 0..8 {
        document = serde_json::json!({ "Statement": document }).to_string();
    }
    let text = serde_json::json!({"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}}}});
    assert_eq!(access(&text.to_string()).statements.len(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Templates with a piece cut out, doubled or replaced are read or refused.
    #[test]
    fn no_text_makes_it_panic(which in 0..64_usize, at in 0.0..1.0, length in 0..400_usize, put in "[-\\[\\]{}:&*!|\"' a\n$,#]{0,12}", twice: bool) {
        let files = fixtures();
        let text = std::fs::read_to_string(&files[which % files.len()]).unwrap();
        let start = text.floor_char_boundary((text.len() as f64 * at) as usize);
        let end = text.ceil_char_boundary((start + length).min(text.len()));
        let cut = if twice { &text[start..end] } else { "" };
        let text = format!("{}{put}{cut}{}", &text[..start], &text[if twice { start } else { end }..]);
        if let Some(template) = review::scan(text.as_bytes()).template() {
            let stack = Stack { integration: None, name: "t".into(), account: Account::This, template };
            let access = review::access_together(&[stack]);
            prop_assert!(review::words(&access.statements).len() >= review::rows(&access.statements).len());
        }
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    lakelink::files::write(&folder.join(name), text).unwrap();
}

#[test]
fn paths_are_specs_templates_or_folders_of_both() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = std::fs::read_to_string(env::root().join("examples/two-accounts.yaml")).unwrap();
    let template = identity(r#"{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}"#);
    write(folder, "all/acme.yaml", &spec);
    write(folder, "all/deep/er/one.template.json", &template);
    write(folder, "all/deep/compose.yaml", "services: {}\n");
    write(folder, "all/deep/helm.yaml", "{{ if }}\n");
    write(folder, "all/deep/spec-of-a-test.yaml", &spec);
    write(folder, "all/.hidden/two.yaml", &template);
    let stacks = |arguments: &[&str]| {
        let ran = lakelink(folder, &[&["review", "--format", "json"], arguments].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let document = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap();
        assert_eq!(document["changes"], serde_json::json!([]));
        let rows = document["access"].as_array().unwrap().iter();
        rows.map(|row| row["stack"].as_str().unwrap().to_owned()).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(
        stacks(&["all", "all/acme.yaml"]).into_iter().collect::<Vec<_>>(),
        ["deep/er/one", "detective", "detective-roles", "lake", "lake-roles"]
    );
    assert_eq!(stacks(&["all/deep/er/one.template.json"]).into_iter().collect::<Vec<_>>(), ["one"]);
    let text = lakelink(folder, &["review", "all/deep/er"]);
    insta::assert_snapshot!(format!("{}{}", text.stdout, text.stderr));
}

#[test]
fn what_is_no_template_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "other.yaml", "services: {}\n");
    write(folder, "empty.yaml", "Resources: {}\n");
    write(folder, "broken.yaml", "Resources:\n  A:\n    Type: [\n");
    write(folder, "twice.json", "{\"Resources\": {\"A\": {\"Type\": \"X\",\n \"Type\": \"Y\"}}}");
    write(folder, "binary.yaml", "\u{1}\u{2}");
    write(folder, "spec.yaml", "name: acme\nlake: {}\n");
    write(folder, "nothing/readme.md", "");
    let mut said = String::new();
    for arguments in [
        &["other.yaml"][..],
        &["empty.yaml"],
        &["broken.yaml"],
        &["twice.json"],
        &["binary.yaml"],
        &["nothing"],
        &["nowhere.yaml"],
        &["broken.yaml", "nowhere.yaml"],
        &["."],
    ] {
        let ran = lakelink(folder, &[&["review"], arguments].concat());
        writeln!(
            said,
            "$ lakelink review {}\n{}exit {}\n",
            arguments.join(" "),
            ran.stdout + &ran.stderr,
            ran.code
        )
        .unwrap();
    }
    insta::assert_snapshot!(said);
    assert_eq!(lakelink(folder, &["review", "spec.yaml"]).code, 3);
}

#[test]
fn a_spec_that_cannot_be_read_is_not_passed_over_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let good = std::fs::read_to_string(env::root().join("examples/two-accounts.yaml")).unwrap();
    write(folder, "good.yaml", &good);
    assert_eq!(lakelink(folder, &["review", "."]).code, 0);
    for broken in [
        "name: other\nlake: [\ndetective: {}\n",
        "name: other\nlake:\n\taccount: 1\n",
        "name: other\nlake: {}\nlake: {}\n",
        "name: other\nregions: [us-east-1",
        "{name: other, lake: {account: [}}",
        "\u{FEFF} \"lake\": [",
        "lake:\ndetective:\n  - [\n",
    ] {
        write(folder, "broken.yaml", broken);
        for arguments in [&["."][..], &[".", "--format", "json"], &[".", "--against", "."], &["broken.yaml"]]
        {
            let ran = lakelink(folder, &[&["review"], arguments].concat());
            let said = ran.stdout + &ran.stderr;
            assert_eq!(ran.code, 3, "{broken}: {said}");
            assert!(said.contains("broken.yaml"), "{broken}: {said}");
        }
    }
    // What is YAML of another kind, and what stands beside templates only, is nobody's spec.
    write(folder, "broken.yaml", "services: {a: \"\nlake: 1\ndetective: 2\n\"}\n");
    write(folder, "others/prose.yaml", "lake: it is said: [\n");
    assert_eq!(lakelink(folder, &["review", "others", "."]).code, 2);
    write(folder, "broken.yaml", "");
    write(
        folder,
        "others/template.yaml",
        "lake: 1\ndetective: 2\nResources:\n  A: {Type: 'AWS::S3::Bucket'}\n",
    );
    let ran = lakelink(folder, &["review", "others", "--format", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout + &ran.stderr);
}
