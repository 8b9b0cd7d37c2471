//! How fast `lakelink deploy` is, in a test world whose replies take as long as over a network: `cargo bench --bench pace`.
//!
//! One Region against eight, and the calls that a stack takes. The roles stacks are deployed before. It is the program's
//! own pace: AWS needs minutes for what the world does in no time, and is asked more often meanwhile. The pauses between
//! questions are short here, since long ones are the same for one Region and for eight.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

#[path = "../../tests/it/env.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod env;
#[path = "../../tests/it/world/server.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod server;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use server::World;

/// How much later each reply comes than the world alone would give it.
const REPLY_MS: u64 = 250;
/// Runs of each; the median counts.
const RUNS: usize = 3;
/// What is wanted: eight Regions against one, and calls for each stack.
const WANTED: (f64, f64) = (1.5, 40.0);

const REGIONS: [&str; 8] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
];

fn main() {
    // `cargo test --benches` runs this too, but nobody wants to wait for numbers there.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    say(&format!("replies {REPLY_MS} ms later; two stacks in each Region; median of {RUNS}\n"));
    say("| Regions | time | calls | calls for each stack |");
    say("|---|---|---|---|");
    let (one, calls_of_one) = measure(&REGIONS[..1]);
    let (eight, calls_of_eight) = measure(&REGIONS);
    let ratio = eight.as_secs_f64() / one.as_secs_f64();
    say(&format!("\neight Regions take {ratio:.2} times as long as one ({} wanted)", WANTED.0));
    let is_good = ratio <= WANTED.0 && calls_of_one.max(calls_of_eight) <= WANTED.1;
    assert!(is_good, "slower than wanted");
}

/// Deploys everything but the roles in these Regions: the median time, and the calls for each stack.
fn measure(regions: &[&str]) -> (Duration, f64) {
    let mut runs = (0..RUNS).map(|_| deploy(regions)).collect::<Vec<_>>();
    runs.sort_unstable();
    let (time, calls) = runs[RUNS / 2];
    let each = calls as f64 / (2 * regions.len()) as f64;
    say(&format!("| {} | {:.2} s | {calls} | {each:.1} |", regions.len(), time.as_secs_f64()));
    (time, each)
}

/// One deployment in a world of its own: its time and its calls.
fn deploy(regions: &[&str]) -> (Duration, usize) {
    let (lake, detective) = ("111122223333", "444455556666");
    let world = World::start(json!({ "reply_ms": REPLY_MS, "accounts": {
        lake: { "lake_regions": regions }, detective: { "roles": ["SecurityAnalyst"] },
    } }));
    let folder = tempfile::tempdir().expect("a folder");
    let write = |file: &str, text: &str| {
        lakelink::files::write(&folder.path().join(file), text).expect("a file that can be written");
    };
    write(
        "pace.yaml",
        &format!(
            "name: pace\nregions: {regions:?}\nlake:\n  account: \"{lake}\"\n  subscriber: {{external_id: 7f3c9a51-pace-detective}}\n\
             detective:\n  account: \"{detective}\"\n  principals: [\"arn:aws:iam::{detective}:role/SecurityAnalyst\"]\n"
        ),
    );
    let profile = |name: &str, account: &str| {
        format!("[profile {name}]\naws_access_key_id = {account}\naws_secret_access_key = test\n")
    };
    write("config", &[profile("lake", lake), profile("detective", detective)].concat());
    let lakelink = |only: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
        command.args([
            "deploy",
            "pace.yaml",
            "--yes",
            "--lake-profile",
            "lake",
            "--detective-profile",
            "detective",
        ]);
        command.args(only.iter().flat_map(|part| ["--only", part])).current_dir(folder.path()).env_clear();
        command
            .env("AWS_ENDPOINT_URL", world.endpoint())
            .env("AWS_CONFIG_FILE", folder.path().join("config"));
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("LAKELINK_POLL_MS", "20")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let start = Instant::now();
        let ended = command.stderr(Stdio::null()).status().expect("a program that starts");
        assert!(ended.success(), "{command:?}");
        start.elapsed()
    };
    lakelink(&["roles"]);
    world.forget_calls();
    let time = lakelink(&["lake", "detective"]);
    (time, world.calls().len())
}

fn say(line: &str) {
    // Whoever reads may have seen enough.
    let _ = writeln!(std::io::stdout(), "{line}");
}
