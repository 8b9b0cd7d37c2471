//! Files that mean harm, or that something else wrote: each ends in a problem with its place, in little output.

use std::io::Write as _;

use serde_json::Value;

use crate::support::lakelink;

/// The longest line that is shown: of a million characters only those around the place, of a help all words.
const LONGEST_LINE: usize = 500;

/// Writes a file of these bytes and checks it. Gives the problems, after a look at how they are shown.
fn problems(name: &str, bytes: &[u8]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::File::create(folder.path().join("spec.yaml")).unwrap().write_all(bytes).unwrap();
    let text = lakelink(folder.path(), &["check", "spec.yaml"]);
    let json = lakelink(folder.path(), &["check", "--format", "json", "spec.yaml"]);
    assert_eq!((text.code, json.code, text.stderr.as_str()), (3, 3, ""), "{name}: {}", text.stderr);
    let document: Value = serde_json::from_str(&json.stdout).unwrap();
    let problems = document["problems"].as_array().unwrap().clone();
    assert!(!problems.is_empty() && problems.len() <= 201, "{name}: {} problems", problems.len());
    for problem in &problems {
        assert!(
            problem["line"].as_u64().unwrap() >= 1 && problem["column"].as_u64().unwrap() >= 1,
            "{problem}"
        );
    }
    let longest = text.stdout.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest <= LONGEST_LINE, "{name}: a line of {longest} characters");
    let odd = text.stdout.chars().find(|char| {
        char.is_control() && !"\n\t".contains(*char) || "\u{202e}\u{2066}\u{feff}".contains(*char)
    });
    assert_eq!(odd, None, "{name}: {}", text.stdout);
    // One problem takes less than a page, however many there are.
    assert!(text.stdout.len() <= 2_000 * problems.len(), "{name}: {} bytes of output", text.stdout.len());
    problems
}

/// A good spec up to its last value, which is to be written.
const HEAD: &str = "name: acme\nregions: [us-east-1]\nlake: {account: \"111122223333\", subscriber: {external_id: \
                    7f3c9a51-acme-detective}}\ndetective: {account: \"444455556666\", principals: \
                    [\"arn:aws:iam::444455556666:role/SecurityAnalyst\"]}\n";

#[test]
fn each_ends_in_the_problem_that_it_is() {
    let million = "x".repeat(1_000_000);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let with_bom = [&[0xFF, 0xFE][..], &utf16("name: acme\n")].concat();
    // Each level holds the one below ten times: a reader that follows aliases makes 10^9 items of it.
    let tens = |n: usize| format!("k{}: &k{} [{}]\n", n + 1, n + 1, vec![format!("*k{n}"); 10].join(", "));
    let bomb = format!("k0: &k0 [lol]\n{}", (0..9).map(tens).collect::<String>()).into_bytes();
    let text = |text: String| text.into_bytes();
    let files = [
        ("an alias bomb", bomb, "LS007"),
        ("a mapping in a mapping", text("{a: ".repeat(10_000)), "LS006"),
        ("lists in one line", text("- ".repeat(10_000)), "LS006"),
        ("keys that are mappings", text("? ".repeat(10_000)), "LS006"),
        (
            "lists of one line each",
            text((0..10_000).map(|n| format!("{}-\n", " ".repeat(n % 90))).collect()),
            "LS006",
        ),
        ("tabs only", text("\t".repeat(10_000)), "LS005"),
        ("a tab behind a key", text("name:\tacme\n\tregions: [us-east-1]\n".into()), "LS004"),
        ("NUL in a key", b"na\0me: acme\n".to_vec(), "LS003"),
        ("UTF-16 with a mark", with_bom, "LS002"),
        ("UTF-16 without", utf16("name: acme\n"), "LS002"),
        (
            "UTF-16, the other way",
            "name: acme\n".encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "LS002",
        ),
        ("UTF-32", "name".chars().flat_map(|char| u32::from(char).to_le_bytes()).collect(), "LS002"),
        ("Latin-1", b"name: caf\xE9\n".to_vec(), "LS002"),
        ("half a character", b"name: caf\xC3".to_vec(), "LS002"),
        ("a surrogate", b"name: \xED\xA0\x80\n".to_vec(), "LS002"),
        ("marks of order", text("\u{feff}".repeat(100_000)), "LS003"),
        ("turned text", text(format!("{HEAD}tags: {{a: \u{202e}b}}\n")), "LS003"),
        ("turned text as an escape", text(format!("{HEAD}tags: {{a: \"\\u202eb\"}}\n")), "LS036"),
        ("a line of a million", text(million.clone()), "LS014"),
        ("a name of a million", text(format!("name: {million}\n")), "LS021"),
        ("a key of a million", text(format!("{HEAD}? {million}\n: 1\n")), "LS012"),
        ("a tag of a million", text(format!("{HEAD}tags: {{a: {million}}}\n")), "LS036"),
        ("an open quote", text(format!("{HEAD}tags: {{a: \"{million}")), "LS004"),
        ("backslashes", text(format!("a: \"{}", "\\".repeat(100_000))), "LS004"),
        ("commas", text(format!("regions: [{}]", ",".repeat(100_000))), "LS004"),
        ("percent signs", text("%".repeat(100_000)), "LS004"),
        ("exclamation marks", text("!".repeat(100_000)), "LS004"),
        ("a number of 10,000 digits", text(format!("version: {}\n", "9".repeat(10_000))), "LS014"),
        ("digits for a count", text(format!("{HEAD}version: 99999999999999999999\n")), "LS030"),
        ("nothing at all", Vec::new(), "LS005"),
        ("binary", (0..=255).cycle().take(100_000).collect(), "LS002"),
    ];
    for (name, bytes, code) in files {
        let problems = problems(name, &bytes);
        let codes = problems.iter().map(|problem| problem["code"].as_str().unwrap()).collect::<Vec<_>>();
        assert!(codes.contains(&code), "{name}: {codes:?}, not {code}");
    }
}

#[test]
fn of_thousands_of_problems_the_first_are_shown() {
    let many = |line: &str| line.repeat(3_000);
    let keys = (0..3_000).map(|n| format!("key-{n}: 1\n")).collect::<String>();
    let files = [
        ("keys that stand twice", many("name: acme\n")),
        ("keys that nobody knows", format!("{HEAD}{keys}")),
        ("anchors", format!("a: &a [{}]\n", many("*a, "))),
        ("Regions", format!("regions: [{}]\n", many("nowhere, "))),
        ("base specs", format!("{HEAD}extends: [{}]\n", many("nowhere.yaml, "))),
    ];
    for (name, text) in files {
        let problems = problems(name, text.as_bytes());
        let more = problems.iter().find(|problem| problem["code"] == "LS111").expect(name);
        assert_eq!(problems.len(), 201, "{name}");
        assert!(more["line"].as_u64() > Some(100) || more["column"].as_u64() > Some(100), "{name}: {more}");
    }
}

#[test]
fn a_file_of_more_than_a_mebibyte_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = "x".repeat(10 * 1024 * 1024);
    lakelink::files::write(&folder.path().join("large.yaml"), &garbage).unwrap();
    let ran = lakelink(folder.path(), &["check", "large.yaml"]);
    assert_eq!(ran.code, 3);
    insta::assert_snapshot!(ran.stdout);
}
