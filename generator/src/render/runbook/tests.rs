//! What must hold for every run-book. Whole run-books are the committed files under `out/`.

mod commands;
mod tools;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use super::words::read;
use super::{PARTS, SECTIONS, pen, runbook, shell, view};
use crate::model::{Collection, Crawler, Encryption, Integration, ResultsBucket, Subscriber, resolve};
use crate::spec::Spec;
use crate::vocab::{Bucket, KeyArn, Schedule, Word};

const ROLE: &str = "arn:aws:iam::444455556666:role/SecurityAnalyst";
const USER: &str = "arn:aws:iam::444455556666:user/irene";
const SET: &str = "arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Hunter_0123456789abcdef";
const PINNED: &str = "handoff: {share_arn: pinned, shares: {us-east-1: \"arn:aws:ram:us-east-1:111122223333:resource-share/12345678-1234-1234-1234-123456789012\"}}";
const ORGANIZATION: &str = "organization: {id: o-a1b2c3d4e5}\nhandoff: {acceptance: organization}";
const FUNCTION: &str = "handoff: {acceptance: lambda}";
const DISCOVER: &str = "handoff: {share_arn: discover, acceptance: lambda}";
const STACK_OUTPUT: &str = "handoff: {share_arn: stack_output}";
const GIVEN: &str = "deploy: {detective: {execution_role: \"arn:aws:iam::444455556666:role/cdk/Exec\", role_arn: \"arn:aws:iam::444455556666:role/Deploy\", external_id: deploy-4711}}";
const BOUNDARY: &str = "deploy: {lake: {permissions_boundary: SecBoundary}}";
/// A Region with a console of its own, one with a console elsewhere, and one with both.
const APART: &str =
    "ap-northeast-1, {lake: us-east-1, detective: eu-south-1}, {lake: ap-northeast-1, detective: us-west-2}";
const TITLES: [&str; 10] = [
    "At a glance",
    "Before you start",
    "Deploy",
    "Attach the analyst policy",
    "Switch it on in the console",
    "See that it works",
    "Change",
    "Remove",
    "What it costs",
    "If something goes wrong",
];

/// The section that only an integration with a crawler has, and the one before it.
const EVIDENCE: (&str, &str) = ("Saved evidence", "See that it works");

/// An integration in `regions` with `principals`, and further keys of the spec.
fn integration(regions: &str, principals: &[&str], more: &str) -> Integration {
    let principals = principals.join(", ");
    let text = format!(
        "name: acme\nregions: [{regions}]\nlake: {{account: \"111122223333\", subscriber: {{external_id: 7f3c9a51-acme-detective}}}}\n\
         detective: {{account: \"444455556666\", principals: [{principals}]}}\n{more}\n"
    );
    let spec = Spec::read(serde_yaml::from_str(&text).unwrap()).unwrap();
    let (integration, problems) = resolve(&spec, "acme.yaml");
    integration.unwrap_or_else(|| panic!("{problems:?}"))
}

/// The run-book of such an integration in one Region.
fn rendered(principals: &[&str], more: &str) -> String {
    runbook(&integration("us-east-1", principals, more)).unwrap()
}

/// An integration that turns the sources on, and one whose subscriber is somebody else's.
fn collecting(collection: Collection) -> Integration {
    let mut integration = integration("ap-northeast-1, us-east-1", &[ROLE], "");
    integration.lake.collection = Some(collection);
    integration
}

fn existing(collection: Option<Collection>) -> Integration {
    let mut integration = integration("us-east-1", &[ROLE], PINNED);
    integration.lake.subscriber = Subscriber::Existing;
    integration.lake.collection = collection;
    integration
}

/// A run-book of each kind, with what it is about.
static VARIANTS: LazyLock<Vec<(Integration, String)>> = LazyLock::new(|| {
    let mut silent = integration("us-east-1", &[ROLE], "tags: {team: sec ops}");
    silent.detective.queries = false;
    let two_regions = integration("ap-northeast-1, us-east-1", &[ROLE, USER, SET], "tags: {a: b, c: d}");
    let apart = integration(APART, &[ROLE], "tags: {a: b}");
    let keys = [PINNED, ORGANIZATION, GIVEN, BOUNDARY, FUNCTION, DISCOVER, STACK_OUTPUT].into_iter();
    let keys = keys.zip([ROLE, USER, SET].into_iter().cycle());
    let others = keys.map(|(keys, who)| integration("us-east-1", &[who], keys));
    let one = Collection::Accounts(vec![silent.lake.account.clone()]);
    let lakes =
        [collecting(Collection::All), collecting(one), existing(None), existing(Some(Collection::All))];
    let first = [silent, two_regions, apart].into_iter().chain(with_crawlers()).chain(tools::integrations());
    first.chain(others).chain(lakes).map(with_text).collect()
});

fn with_text(integration: Integration) -> (Integration, String) {
    let text = runbook(&integration).unwrap();
    (integration, text)
}

/// A crawler on demand over a bucket of ours, and one that runs by itself over a bucket and a key that exist.
fn with_crawlers() -> [Integration; 2] {
    let mut ours = integration("us-east-1", &[ROLE], "");
    ours.detective.crawler = Some(Crawler { schedule: None });
    let mut existing = integration("us-east-1", &[ROLE, USER], "");
    let (region, detective) = (existing.regions.home(), &mut existing.detective);
    let key = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    detective.crawler = Some(Crawler { schedule: Schedule::read("cron(0 6 * * ? *)").ok() });
    detective.bucket = ResultsBucket::Existing([(region, Bucket::read("house-results").unwrap())].into());
    detective.encryption = Encryption::Keys([(region, KeyArn::read(key).unwrap())].into());
    detective.scan_limit_bytes = None;
    [ours, existing]
}

/// The text of a section.
fn section<'a>(text: &'a str, title: &str) -> &'a str {
    let start = text.find(&format!("\n## {title}\n")).unwrap_or_else(|| panic!("no section {title}"));
    let rest = &text[start + 1..];
    &rest[..rest.find("\n## ").map_or(rest.len(), |end| end + 1)]
}

/// The shell blocks of a text, in order.
fn shell_blocks(text: &str) -> Vec<String> {
    let pieces = text.split("```sh\n").skip(1);
    pieces.map(|piece| piece.split_once("```").expect("a closed block").0.to_owned()).collect()
}

/// What bash prints for a script, or what it complains about.
fn bash(options: &[&str], script: &str) -> Result<String, String> {
    let output = Command::new("bash").args(options).args(["-c", script]).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn it_starts_with_a_note_and_ends_with_one_newline() {
    for (_, text) in VARIANTS.iter() {
        let note = "<!-- Generated by lakelink from acme.yaml. -->\n\
                    <!-- Do not edit: change the spec and run `lakelink generate` again. -->\n";
        assert!(text.starts_with(note), "{}", &text[..200]);
        assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
    }
}

#[test]
fn it_has_every_section_once_and_in_order() {
    for (_, text) in VARIANTS.iter() {
        let mut titles = text.lines().filter_map(|line| line.strip_prefix("## ")).collect::<Vec<_>>();
        if let Some(at) = titles.iter().position(|title| *title == EVIDENCE.0) {
            assert_eq!(titles[at - 1], EVIDENCE.1);
            titles.remove(at);
        }
        if titles.get(3) == Some(&tools::CDK) {
            assert_eq!(titles.drain(3..5).collect::<Vec<_>>(), [tools::CDK, tools::PARAMETERS]);
        }
        assert_eq!(titles, TITLES);
    }
}

#[test]
fn nothing_is_left_to_fill_in_by_the_renderer() {
    for (_, text) in VARIANTS.iter() {
        let text = text.replace("```", "~~~").replace("cli_pager =\n", "");
        for hole in ["{{", "undefined", "None\n", "``", "\n\n\n", " \n", "=\n", "::role", "[object"] {
            assert!(!text.contains(hole), "{hole:?} in {text}");
        }
    }
}

#[test]
fn fences_and_tables_are_whole() {
    for (_, text) in VARIANTS.iter() {
        assert_eq!(text.lines().filter(|line| line.starts_with("```")).count() % 2, 0);
        let mut columns = 0;
        for line in text.lines() {
            let cells = line.replace("\\|", "").matches('|').count();
            let is_row = line.starts_with("| ") || line.starts_with("|-");
            assert!(!is_row || columns == 0 || cells == columns, "{line}");
            columns = if is_row { cells } else { 0 };
        }
    }
}

#[test]
fn a_missing_value_is_an_error() {
    let view = view::View::of(&integration("us-east-1", &[ROLE], ""));
    assert!(pen().render_template("{{name}}", &view).is_ok());
    for words in
        ["{{nothing}}", "{{lake.nothing}}", "{{#each regions}}{{nothing}}{{/each}}", "{{cell nothing}}"]
    {
        assert!(pen().render_template(words, &view).is_err(), "{words}");
    }
}

#[test]
fn handlebars_makes_the_same_of_whole_sections() {
    let mut pen = pen();
    for part in &PARTS {
        pen.register_template_string(part.name, part.text).unwrap();
    }
    let mut count = 0;
    for (integration, text) in VARIANTS.iter() {
        let view = view::View::of(integration);
        let sections = SECTIONS.iter().map(|section| pen.render_template(section.text, &view).unwrap());
        let whole = sections.filter(|section| !section.is_empty()).collect::<Vec<_>>().join("\n");
        assert!(whole == *text, "{}", similar::TextDiff::from_lines(&whole, text).unified_diff());
        count += 1;
    }
    assert!(count > 10);
}

#[test]
fn a_tag_that_closes_nothing_is_an_error() {
    for (words, what) in [
        ("{{#if a}}x", "{{#if a}}"),
        ("x{{/if}}", "{{/if}}"),
        ("{{#if a}}{{#each b}}{{/if}}{{/each}}", "{{/if}}"),
        ("{{else}}", "{{else}}"),
        ("{{#if a}}{{else}}{{else}}{{/if}}", "{{else}}"),
    ] {
        let error = read(words).unwrap_err();
        assert!(error.contains(what), "{words}: {error}");
    }
    assert!(read("{{a").is_err());
}

#[test]
fn cells_keep_their_table_whole() {
    let text = BTreeMap::from([("text", "a|b\nc")]);
    assert_eq!(pen().render_template("| {{cell text}} |", &text).unwrap(), "| `a\\|b c` |");
}

#[test]
fn code_ends_where_it_ends() {
    for (text, code) in
        [("a", "`a`"), ("a`b", "``a`b``"), ("`<b>`", "`` `<b>` ``"), ("a``b`", "``` a``b` ```")]
    {
        assert_eq!(
            pen().render_template("{{as_code text}}", &BTreeMap::from([("text", text)])).unwrap(),
            code
        );
    }
}

#[test]
fn nothing_is_escaped_as_html() {
    assert_eq!(
        pen().render_template("{{text}}", &BTreeMap::from([("text", "<a & 'b'>")])).unwrap(),
        "<a & 'b'>"
    );
}

#[test]
fn quoted_words_reach_the_program_as_they_are() {
    for word in ["plain", "two words", "it's", "$(false) `false` \\ \"", "", "-a;b|c&d", "*"] {
        let script = format!("printf '%s' {}", shell::quoted(word));
        assert_eq!(bash(&["-eu"], &script).as_deref(), Ok(word));
    }
}

#[test]
fn tags_reach_the_cli_whatever_they_hold() {
    let mut integration = integration("us-east-1", &[ROLE], "");
    integration.tags =
        BTreeMap::from([("it's".into(), "$HOME `x` \"y\"".into()), ("team".into(), "sec ops".into())]);
    let text = runbook(&integration).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("  --tags ")).expect("a line of tags");
    let script = format!("printf '%s\\n' {}", line.trim_end_matches(" \\"));
    assert_eq!(bash(&["-eu"], &script).unwrap(), "it's=$HOME `x` \"y\"\nteam=sec ops\n");
}

#[test]
fn without_tags_there_is_no_option_for_them() {
    assert!(!rendered(&[ROLE], "").contains("--tags"));
}

#[test]
fn profiles_hold_what_the_spec_says_about_credentials() {
    let text = rendered(&[ROLE], GIVEN);
    let role = "role_arn = arn:aws:iam::444455556666:role/Deploy\nexternal_id = deploy-4711\n";
    for name in ["detective", "detective-admin"] {
        let head = format!("[profile lakelink-acme-{name}]\nregion = us-east-1\ncli_pager =\n");
        assert!(text.contains(&format!("{head}{role}")), "{name}");
    }
    assert!(text.contains(
        "[profile lakelink-acme-lake]\nregion = us-east-1\ncli_pager =\n# Fill in the credentials"
    ));
}

#[test]
fn a_boundary_must_exist_only_where_a_role_has_it() {
    let check = "aws iam get-policy --policy-arn 'arn:aws:iam::111122223333:policy/SecBoundary'";
    assert!(rendered(&[ROLE], BOUNDARY).contains(check));
    assert!(!rendered(&[ROLE], "").contains("aws iam get-policy"));
    // The service role is not the only one that is made.
    let given = |account: &str| {
        format!(
            "{{execution_role: \"arn:aws:iam::{account}:role/cdk/Exec\", permissions_boundary: SecBoundary}}"
        )
    };
    let deploy = format!("deploy: {{lake: {}, detective: {}}}", given("111122223333"), given("444455556666"));
    for (handoff, with_crawler, expected) in [
        ("", false, 0),
        (STACK_OUTPUT, false, 1),
        (FUNCTION, false, 1),
        ("", true, 1),
        (STACK_OUTPUT, true, 2),
    ] {
        let mut integration = integration("us-east-1", &[ROLE], &format!("{deploy}\n{handoff}"));
        integration.detective.crawler = with_crawler.then_some(Crawler { schedule: None });
        let templates = crate::stacks::templates(&integration).unwrap().unwrap();
        let bounded = templates.iter().filter(|one| format!("{one:?}").contains(":policy/SecBoundary"));
        let checks = runbook(&integration).unwrap().matches("aws iam get-policy ").count();
        let found = (bounded.count(), checks);
        assert_eq!(found, (expected, expected), "{handoff}, crawler: {with_crawler}");
    }
}

#[test]
fn the_first_query_is_the_ready_one_or_one_of_its_own() {
    let mut integration = integration("us-east-1", &[ROLE], "");
    assert!(runbook(&integration).unwrap().contains("lakelink-acme-newest-records"));
    integration.detective.queries = false;
    let text = runbook(&integration).unwrap();
    assert!(!text.contains("newest-records"));
    assert!(
        text.contains("SQL='SELECT count(*) AS records FROM \"amazon_security_lake_glue_db_us_east_1\".")
    );
}

#[test]
fn saved_evidence_is_a_section_of_those_who_have_a_crawler() {
    let text = rendered(&[ROLE], "");
    assert!(!text.contains("## Saved evidence") && text.contains("no Glue crawler"), "{text}");
    let [ours, existing] = with_crawlers().map(|each| runbook(&each).unwrap());
    let (ours, existing) =
        (section(&ours, "Saved evidence").to_owned() + section(&ours, "What it costs"), existing);
    for words in
        ["Amazon Detective needs no crawler", "only when somebody starts it", "90 days after it was saved"]
    {
        assert!(ours.contains(words), "{words} in {ours}");
    }
    assert!(!ours.contains("no Glue crawler") && !ours.contains("let the role"), "{ours}");
    let role = "`arn:aws:iam::444455556666:role/lakelink/lakelink-acme-crawler`";
    let existing = section(&existing, "Saved evidence");
    for words in [
        "It runs by itself: `cron(0 6 * * ? *)`, in UTC.",
        &format!("lakelink changes nothing of yours, so let the role {role} in"),
        "`kms:Decrypt` through Amazon S3",
        "s3://house-results/evidence/case_0042_sign_ins/",
        "--result-configuration OutputLocation=s3://house-results/ ",
    ] {
        assert!(existing.contains(words), "{words} in {existing}");
    }
}

#[test]
fn names_are_those_of_the_templates() {
    let integration = integration("us-east-1", &[ROLE, SET], "");
    let templates = crate::stacks::templates(&integration).unwrap();
    let templates = format!("{templates:?}");
    for name in [
        "lakelink-acme-newest-records",
        "lakelink-acme-analyst",
        "lakelink-acme-setup",
        "lakelink-acme-lake-deployer",
        "lakelink-acme-detective-deployer",
        "lakelink-acme-444455556666-us-east-1",
        "ResourceShareArn",
        "amazon_security_lake_table_us_east_1_vpc_flow_2_0",
    ] {
        assert!(templates.contains(&format!("\"{name}\"")), "{name} in the templates");
        assert!(runbook(&integration).unwrap().contains(name), "{name} in the run-book");
    }
    for integration in [integration].into_iter().chain(with_crawlers()) {
        let templates = format!("{:?}", crate::stacks::templates(&integration).unwrap());
        let grants = templates.matches("kind: LakeFormationPermissions").count();
        let counted = format!("\n{grants} lines, each with `CREATE_COMPLETE`");
        assert!(runbook(&integration).unwrap().contains(&counted), "{counted}");
    }
}

#[test]
fn names_of_the_crawler_are_those_of_the_templates() {
    for integration in with_crawlers() {
        let templates = format!("{:?}", crate::stacks::templates(&integration).unwrap());
        for name in ["lakelink-acme-evidence", "lakelink_acme_evidence", "lakelink-acme-crawler"] {
            assert!(templates.contains(&format!("\"{name}\"")), "{name} in the templates");
            assert!(runbook(&integration).unwrap().contains(name), "{name} in the run-book");
        }
    }
}

/// Whoever changes a spec reads the run-book of the new one, which knows nothing of what the old one made.
#[test]
fn what_a_new_spec_no_longer_has_is_told_by_every_run_book() {
    for (_, text) in VARIANTS.iter() {
        let change = section(text, "Change");
        for row in [
            "`lake.collection`: taken out",
            "`regions`: another `detective` in a pair, or a pair less",
            "`lake.subscriber.existing`: the subscriber was ours, now it is somebody else's",
            "`lake.subscriber.existing`: it was somebody else's, now it is ours",
            "`handoff.acceptance`: from `lambda`",
        ] {
            assert_eq!(change.matches(&format!("\n| {row} | ")).count(), 1, "{row} in {change}");
        }
    }
}

#[test]
fn govcloud_has_its_own_partition() {
    let gov = |text: &str| text.replace("arn:aws:", "arn:aws-us-gov:");
    let text = runbook(&integration("us-gov-west-1", &[&gov(ROLE)], "")).unwrap();
    assert!(!text.contains("arn:aws:"), "{text}");
}
