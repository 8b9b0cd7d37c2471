//! How fast `lakelink review` is, as a process: `cargo bench --bench review`.
//!
//! Numbers for people and for comparing two versions on one machine; no test asserts them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of all examples; the median counts.
const SMALL_RUNS: usize = 21;
/// Runs of a fleet; the median counts.
const FLEET_RUNS: usize = 3;
/// Specs of a fleet.
const FLEET: usize = 1_000;

fn main() {
    // `cargo test --benches` runs this too, but nobody wants to wait for numbers there.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("review");
    let _ = fs::remove_dir_all(&folder);
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let (now, before) = (folder.join("now"), folder.join("before"));
    copy(&examples, &now, str::to_owned);
    // One example had another principal.
    copy(&examples, &before, |text| match text.contains("name: two-accounts\n") {
        true => text.replace("role/SecurityAnalyst", "role/FormerAnalyst"),
        false => text.to_owned(),
    });
    assert_ne!(fs::read(now.join("two-accounts.yaml")).ok(), fs::read(before.join("two-accounts.yaml")).ok());
    say("| what | time | wanted |");
    say("|---|---|---|");
    let row = |what: &str, arguments: &[&str], runs, wanted: &str| {
        let time = median(runs, || review(&folder, arguments));
        say(&format!("| {what} | {} | {wanted} |", shown(time)));
    };
    row("review all examples", &["now"], SMALL_RUNS, "");
    row("the same, against a folder with one change", &["now", "--against", "before"], SMALL_RUNS, "50 ms");
    // Not before: the kernel is at work for a while after a thousand files.
    let fleet = folder.join("fleet");
    write(&fleet.join("base.yaml"), BASE);
    for n in 0..FLEET {
        write(&fleet.join(format!("{n:05}.yaml")), &spec(n));
    }
    // All have one lake account. One of them had a source less.
    copy(&fleet, &folder.join("fleet-before"), |text| match text.contains("name: team-00007\n") {
        true => text.replace("lake:\n", "lake:\n  sources: [cloud_trail_mgmt, vpc_flow]\n"),
        false => text.to_owned(),
    });
    row("review 1,000 specs", &["fleet"], FLEET_RUNS, "3 s");
    row(
        "the same, against a folder with a source less in one",
        &["fleet", "--against", "fleet-before"],
        FLEET_RUNS,
        "",
    );
    row("the same as JSON", &["fleet", "--format", "json"], FLEET_RUNS, "");
    let _ = fs::remove_dir_all(&folder);
}

/// Reviews what is in a folder: how long it took. Findings and changes are no failure here.
fn review(folder: &Path, arguments: &[&str]) -> Duration {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
    command.arg("review").args(arguments).current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let ended = command.status().expect("a program that starts");
    assert!(matches!(ended.code(), Some(0 | 10)), "{command:?} failed");
    start.elapsed()
}

const BASE: &str = "regions: [ap-northeast-1, us-east-1]
lake:
  account: \"111122223333\"
  sources: [cloud_trail_mgmt, vpc_flow, eks_audit]
tags: {team: security}
";

fn spec(n: usize) -> String {
    let account = 444_400_000_000_u64 + n as u64;
    format!(
        "name: team-{n:05}
extends: base.yaml
lake:
  subscriber: {{external_id: 7f3c9a51-team-{n:05}}}
detective:
  account: \"{account}\"
  principals: [\"arn:aws:iam::{account}:role/SecurityAnalyst\"]
"
    )
}

/// Copies the specs of a folder, changed.
fn copy(from: &Path, to: &Path, change: impl Fn(&str) -> String) {
    for entry in fs::read_dir(from).expect("a folder of specs") {
        let path = entry.expect("an entry").path();
        let is_spec = path.extension().is_some_and(|extension| extension == "yaml");
        if let (true, Some(name)) = (is_spec, path.file_name()) {
            write(&to.join(name), &change(&fs::read_to_string(&path).expect("a spec")));
        }
    }
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times = (0..runs).map(|_| run()).collect::<Vec<_>>();
    times.sort_unstable();
    times[runs / 2]
}

fn shown(time: Duration) -> String {
    if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    }
}

fn write(path: &Path, text: &str) {
    lakelink::files::write(path, text).expect("a file that can be written");
}

fn say(line: &str) {
    // Whoever reads may have seen enough.
    let _ = writeln!(std::io::stdout(), "{line}");
}
