//! What a reviewer reads: `REVIEW.md`, `access.json`, `access.svg`, and the comment on a pull request.

use lakelink::check::Rendered;
use lakelink::review::{self, Account, Report, Stack, Template};
use serde_json::Value;

use crate::env;
use crate::support::{examples, lakelink, rendered, spec_for};

fn report(Rendered { integration, stacks }: &Rendered) -> Report {
    let stacks = stacks.iter().map(|one| Stack {
        integration: Some(integration.name.to_string()),
        name: one.stack.stem().to_owned(),
        account: Account::Known(integration.account(one.stack.side()).clone()),
        template: Template::ours(&one.template).unwrap(),
    });
    review::report(integration, &stacks.collect::<Vec<_>>()).unwrap()
}

/// The texts and the attributes of an XML document that uses nothing but elements, attributes, comments and the five
/// entities; panics if it is not well-formed.
fn xml(text: &str) -> Vec<String> {
    let mut open = Vec::new();
    let mut said = Vec::new();
    let mut rest = text;
    let unescaped = |text: &str| {
        for entity in text.split('&').skip(1) {
            assert!(
                ["amp;", "lt;", "gt;", "quot;", "apos;"].iter().any(|one| entity.starts_with(one)),
                "{text}"
            );
        }
        assert!(!text.contains('<') && !text.contains('>'), "{text}");
        text.to_owned()
    };
    while let Some((before, tag)) = rest.split_once('<') {
        said.push(unescaped(before.trim()));
        if let Some(comment) = tag.strip_prefix("!--") {
            let (comment, after) = comment.split_once("-->").unwrap();
            assert!(!comment.contains("--"), "{comment}");
            rest = after;
            continue;
        }
        let (tag, after) = tag.split_once('>').unwrap();
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
            continue;
        }
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        while let Some((key, value)) = attributes.split_once("=\"") {
            assert!(key.trim().chars().all(|char| char.is_ascii_alphanumeric() || char == '-'), "{tag}");
            let (value, after) = value.split_once('"').unwrap();
            said.push(unescaped(value));
            attributes = after;
        }
        assert_eq!(attributes.trim(), "", "{tag}");
        if !is_empty {
            open.push(name);
        }
    }
    assert_eq!(rest.trim(), "");
    assert_eq!(open, Vec::<&str>::new());
    said
}

#[test]
fn a_picture_has_at_most_fifteen_nodes_and_is_well_formed() {
    for example in examples() {
        let Report { page, picture, .. } = report(&example);
        let name = &example.integration.name;
        xml(&picture);
        let nodes = picture.matches("<g class=\"node\">").count();
        assert!((4..=15).contains(&nodes), "{name}: {nodes} nodes");
        let chart = page.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
        let drawn = chart.lines().filter(|line| line.starts_with("    n")).count();
        assert_eq!(drawn, nodes, "{name}: both pictures show the same");
        assert!(picture.contains("<title id=\"title\">") && picture.contains("<desc id=\"desc\">"), "{name}");
        for line in picture.lines().filter(|line| line.trim_start().starts_with("<text")) {
            let text = line.split_once('>').unwrap().1.split_once('<').unwrap().0;
            assert!(text.chars().count() <= 145, "{name}: {text}");
        }
    }
}

/// The same rows from `generate` and from `review`, and nothing of the day in what is generated.
#[test]
fn access_json_holds_the_rows_of_the_review() {
    let committed = std::fs::read_to_string(env::root().join("out/two-accounts/access.json")).unwrap();
    let committed = serde_json::from_str::<Value>(&committed).unwrap();
    let ran = lakelink(env::root(), &["review", "examples/two-accounts.yaml", "--format", "json"]);
    let document = serde_json::from_str::<Value>(&ran.stdout).unwrap();
    assert!(committed["access"].as_array().unwrap().len() > 100);
    assert_eq!(committed["access"], document["access"]);
}

const ACCEPTED: &str = "review:\n  accept:\n    - {rule: LL27, at: detective/ResultsBucket, reason: \"REASON\", owner: \"OWNER\", until: UNTIL}\n";

fn accepting(reason: &str, owner: &str, until: &str) -> String {
    // Acceptances are for what can be accepted: LL12 of a short external id.
    let text = ACCEPTED.replace("REASON", reason).replace("OWNER", owner).replace("UNTIL", until);
    let text = text.replace("LL27, at: detective/ResultsBucket", "LL12, at: lake/LakeFormationSubscriber");
    let principals = [
        "arn:aws:iam::444455556666:role/a<b>\"|`&$(x)%%{init}%%]/Analyst",
        "arn:aws:iam::444455556666:role/back\\|slash`\\/Backslash",
        "arn:aws:iam::444455556666:role/`<b>``@x`/Ticks",
        "arn:aws:iam::444455556666:role/@team/#1/<!--/Other",
    ];
    spec_for(&principals, "", "", &text).replace("7f3c9a51-variant-detective", "short-id")
}

#[test]
fn a_report_does_not_depend_on_the_day() {
    let report = report(&rendered(
        "variant.yaml",
        &accepting("the console shows it no other way", "secops", "2001-02-03"),
    ));
    assert!(report.page.contains("| 2001-02-03 | LL12 "), "{}", report.page);
    assert!(!report.page.contains("LL33"));
    assert!(report.page.contains("0 errors, 0 warnings"), "{}", report.page);
}

#[test]
fn what_a_spec_says_stays_in_its_place() {
    let reason =
        "see <script>alert(1)</script> | ![x](https://example.org/x.png) `code` @team www.example.org";
    let hostile = accepting(reason, "@owner | <b>", "2099-12-31");
    let Report { page, rows, picture } = report(&rendered("variant.yaml", &hostile));
    xml(&picture);
    serde_json::from_str::<Value>(&rows).unwrap();
    // Code spans and the picture out of the way, nothing of it is left.
    let (before, chart) = page.split_once("```mermaid\n").unwrap();
    let (chart, after) = chart.split_once("```\n").unwrap();
    let bare =
        without_code(&format!("{before}{after}").replace("<!-- Generated by", "").replace("<!-- Do not", ""));
    for mark in ["<script", "![", "@", "<b>", "www.", "https:", "<!--"] {
        assert!(!bare.contains(mark), "{mark} in {bare}");
    }
    // Every row of a table has the cells of its head.
    for table in bare.split("\n\n").filter(|block| block.starts_with('|')) {
        let cells = |line: &str| line.matches('|').count();
        let lines = table.lines().collect::<Vec<_>>();
        assert!(lines.iter().all(|line| cells(line) == cells(lines[0])), "{table}");
    }
    for line in chart.lines() {
        assert!(!line.contains("%%") && !line.contains('`') && !line.contains("<b>"), "{line}");
        assert!(line.matches('"').count() % 2 == 0, "{line}");
    }
}

/// Markdown without its code spans, as GitHub finds them.
fn without_code(text: &str) -> String {
    let mut bare = String::new();
    for line in text.lines() {
        let mut rest = line;
        while let Some(at) = rest.find('`') {
            bare.push_str(&rest[..at]);
            let fence = rest[at..].len() - rest[at..].trim_start_matches('`').len();
            let inner = &rest[at + fence..];
            let runs = inner.match_indices('`').map(|(at, _)| at).filter(|at| {
                let run = inner[*at..].len() - inner[*at..].trim_start_matches('`').len();
                run == fence && !inner[..*at].ends_with('`')
            });
            let end = runs.into_iter().next().unwrap_or_else(|| panic!("an open code span: {line}"));
            rest = &inner[end + fence..];
        }
        bare.push_str(rest);
        bare.push('\n');
    }
    bare
}

/// A template that lets so many roles in, each for a resource with a long name.
fn template(count: usize) -> String {
    let roles = (0..count).map(|n| {
        format!(
            "  P{n}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Statement: [{{Effect: Allow, \
             Action: glue:GetTable, Resource: 'arn:aws:glue:us-east-1:111122223333:table/{}/{n}'}}]}}\n",
            "x".repeat(60)
        )
    });
    format!("Resources:\n{}", roles.collect::<String>())
}

#[test]
fn a_comment_fits_whatever_changed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| lakelink::files::write(&folder.path().join(name), text).unwrap();
    write("old/t.yaml", &template(1));
    write("new/t.yaml", &template(1500));
    let ran = lakelink(folder.path(), &["review", "new", "--against", "old", "--format", "markdown"]);
    let whole = lakelink(folder.path(), &["review", "new", "--format", "markdown"]);
    for text in [&ran.stdout, &whole.stdout] {
        assert!(text.len() > 30_000 && text.chars().count() < 65_536, "{}", text.chars().count());
        assert!(text.contains("left out, for a comment holds no more"), "{text}");
        // Cut at whole rows: what is folded up is closed, and every row ends.
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
        assert!(text.lines().filter(|line| line.starts_with('|')).all(|line| line.ends_with('|')));
    }
    let rows = ran.stdout.lines().filter(|line| line.starts_with("| `+`")).count();
    let left = ran.stdout.split(" more rows left out").next().unwrap().rsplit('\n').next().unwrap();
    assert_eq!(rows + left.parse::<usize>().unwrap(), 1499);
    let back = lakelink(folder.path(), &["review", "old", "--against", "new", "--format", "markdown"]);
    assert!(back.stdout.contains("| `-` |"), "{}", back.stdout);
}

#[test]
fn a_comment_says_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| lakelink::files::write(&folder.path().join(name), text).unwrap();
    let old = spec_for(&["arn:aws:iam::444455556666:role/SecurityAnalyst"], "", "", "");
    write("old/variant.yaml", &old);
    let more = "arn:aws:iam::444455556666:role/a|b`<c>/@team";
    write(
        "new/variant.yaml",
        &spec_for(&["arn:aws:iam::444455556666:role/SecurityAnalyst", more], "", "", ""),
    );
    let ran = lakelink(folder.path(), &["review", "new", "--against", "old", "--format", "markdown"]);
    assert_eq!(ran.code, 10);
    insta::assert_snapshot!(ran.stdout);
    let same = lakelink(folder.path(), &["review", "old", "--against", "old", "--format", "markdown"]);
    assert!(
        same.stdout.contains("### Access review: no change of access; 0 errors, 0 warnings open"),
        "{}",
        same.stdout
    );
    let other = lakelink(folder.path(), &["check", "old", "--format", "markdown"]);
    assert_eq!((other.code, other.stdout.as_str()), (2, ""));
}

/// As `RUNBOOK.md` and the templates: written, compared, and removed when the spec no longer asks for them.
#[test]
fn the_report_comes_and_goes_with_the_spec() {
    let folder = tempfile::tempdir().unwrap();
    let spec = |outputs: &str| {
        let text = spec_for(&["arn:aws:iam::444455556666:role/SecurityAnalyst"], "", "", outputs);
        lakelink::files::write(&folder.path().join("specs/variant.yaml"), &text).unwrap();
    };
    let ours = ["REVIEW.md", "access.json", "access.svg"];
    let path = |file: &str| folder.path().join("out/variant").join(file);
    spec("outputs: [review]\n");
    assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0);
    let there = std::fs::read_dir(folder.path().join("out/variant")).unwrap();
    let mut there = there.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<Vec<_>>();
    there.sort();
    assert_eq!(there, ours);
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--check"]).code, 0);
    for file in ours {
        let text = std::fs::read_to_string(path(file)).unwrap();
        assert!(
            text.ends_with('\n')
                && text.lines().next().unwrap().contains("Generated by lakelink from variant.yaml.")
        );
        lakelink::files::write(&path(file), &text.replace("SecurityAnalyst", "SecurityAnalyzt")).unwrap();
        assert_eq!(lakelink(folder.path(), &["generate", "specs", "--check"]).code, 4, "{file}");
        assert_eq!(lakelink(folder.path(), &["generate", "specs"]).code, 0, "{file}");
        assert_eq!(std::fs::read_to_string(path(file)).unwrap(), text);
    }
    spec("outputs: [templates]\n");
    assert_eq!(lakelink(folder.path(), &["generate", "specs", "--prune"]).code, 0);
    for file in ours {
        assert!(!path(file).exists(), "{file}");
    }
}

#[test]
fn a_given_execution_role_can_be_acted_as() {
    let folder = tempfile::tempdir().unwrap();
    let given = "deploy: {detective: {execution_role: 'arn:aws:iam::444455556666:role/Theirs'}}\noutputs: [templates, review]\n";
    let text = crate::support::spec("", "", given);
    // Hyphens in a name end no comment of the picture.
    lakelink::files::write(&folder.path().join("a---b.yaml"), &text).unwrap();
    assert_eq!(crate::support::lakelink(folder.path(), &["generate", "a---b.yaml"]).code, 0);
    let read = |file: &str| std::fs::read_to_string(folder.path().join("out/variant").join(file)).unwrap();
    assert!(read("REVIEW.md").contains("everything that `role/Theirs` can"), "{}", read("REVIEW.md"));
    let note = read("access.svg").split_once("<!--").unwrap().1.split_once("-->").unwrap().0.to_owned();
    assert!(note.contains("a-b.yaml") && !note.contains("--"), "{note}");
}
