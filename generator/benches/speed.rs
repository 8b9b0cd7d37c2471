//! How fast the program is, as a process, and against `cp -r` of what it writes: `cargo bench`.
//!
//! Numbers for people and for comparing two versions on one machine; no test asserts them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs of a single spec; the median counts.
const SMALL_RUNS: usize = 41;
/// Runs of a fleet; the median counts.
const FLEET_RUNS: usize = 3;

fn main() {
    // `cargo test --benches` runs this too, but nobody wants to wait for numbers there.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("speed");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the fleets");
    say("| what | time | against | peak memory |");
    say("|---|---|---|---|");
    // As a fleet has them: two Regions, three sources, templates and run-book.
    write(&folder.join("base.yaml"), BASE);
    write(&folder.join("one.yaml"), &format!("extends: base.yaml\n{}", spec(0)));
    let reviewed = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/two-accounts.yaml");
    let commands = [
        ("`lakelink --version`", &["--version"][..]),
        ("check one spec", &["check", "one.yaml"]),
        ("generate one spec", &["generate", "one.yaml", "--out", "one"]),
        ("generate one spec, with `outputs: review`", &["generate", reviewed, "--out", "one"]),
    ];
    for (what, arguments) in commands {
        let run = || {
            let _ = fs::remove_dir_all(folder.join("one"));
            timed(lakelink(&folder, arguments).stdout(Stdio::null()).stderr(Stdio::null()))
        };
        row(what, median(SMALL_RUNS, run), "", None);
    }
    let thousand = fleet(&folder, 1_000, None);
    fleet(&folder, 10_000, Some(thousand));
    let _ = fs::remove_dir_all(&folder);
}

/// Times of a fleet of specs with one base: generated first, again, copied, checked and reviewed. Gives the first and the last.
fn fleet(folder: &Path, count: usize, of_thousand: Option<[Duration; 2]>) -> [Duration; 2] {
    let (specs, out, copy) = (format!("specs-{count}"), format!("out-{count}"), format!("copy-{count}"));
    write(&folder.join(&specs).join("base.yaml"), BASE);
    for n in 0..count {
        write(&folder.join(&specs).join(format!("{n:05}.yaml")), &format!("extends: base.yaml\n{}", spec(n)));
    }
    let mut peak = 0;
    let first = median(FLEET_RUNS, || {
        let _ = fs::remove_dir_all(folder.join(&out));
        let (time, memory) = watched(&mut lakelink(folder, &["generate", &specs, "--out", &out, "-q"]));
        peak = peak.max(memory);
        time
    });
    let copied = median(FLEET_RUNS, || {
        let _ = fs::remove_dir_all(folder.join(&copy));
        timed(Command::new("cp").args(["-r", &out, &copy]).current_dir(folder))
    });
    let again =
        median(FLEET_RUNS, || timed(&mut lakelink(folder, &["generate", &specs, "--out", &out, "-q"])));
    let checked = median(FLEET_RUNS, || timed(&mut lakelink(folder, &["check", &specs, "-q"])));
    let (reviewed, review_peak) =
        watched(lakelink(folder, &["review", &specs, "-q"]).stdout(Stdio::null()).stderr(Stdio::null()));
    let ratio = |time: Duration| format!("{:.1} × `cp -r`", time.as_secs_f64() / copied.as_secs_f64());
    let growth = |time: Duration, at: usize| match of_thousand {
        Some(thousand) => format!(", {:.1} × 1,000", time.as_secs_f64() / thousand[at].as_secs_f64()),
        None => String::new(),
    };
    let against = format!("{}{}", ratio(first), growth(first, 0));
    row(&format!("generate {count} specs"), first, &against, Some(peak));
    row(&format!("generate {count} specs again, nothing to do"), again, &ratio(again), None);
    row(&format!("check {count} specs"), checked, &ratio(checked), None);
    let against = format!("{}{}", ratio(reviewed), growth(reviewed, 1));
    row(&format!("review {count} specs, once"), reviewed, &against, Some(review_peak));
    row("`cp -r` of their files", copied, "", None);
    [first, reviewed]
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
lake:
  subscriber: {{external_id: 7f3c9a51-team-{n:05}}}
detective:
  account: \"{account}\"
  principals: [\"arn:aws:iam::{account}:role/SecurityAnalyst\"]
"
    )
}

fn lakelink(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lakelink"));
    command.args(arguments).current_dir(folder);
    command
}

/// Runs a program to its end: how long it took.
fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    assert!(command.status().expect("a program that starts").success(), "{command:?} failed");
    start.elapsed()
}

/// The same, and the most memory that it had, in bytes.
fn watched(command: &mut Command) -> (Duration, u64) {
    let start = Instant::now();
    let mut child = command.spawn().expect("a program that starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    // The kernel forgets the peak with the process, so it is looked at until then.
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("a child") {
            break ended;
        }
        peak = peak_of(&status).unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(1));
    };
    assert!(ended.success(), "{command:?} failed");
    (start.elapsed(), peak)
}

/// `VmHWM` of a process, in bytes; nothing where there is no `/proc`.
fn peak_of(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn median(runs: usize, mut run: impl FnMut() -> Duration) -> Duration {
    let mut times = (0..runs).map(|_| run()).collect::<Vec<_>>();
    times.sort_unstable();
    times[runs / 2]
}

fn row(what: &str, time: Duration, against: &str, peak: Option<u64>) {
    let time = if time < Duration::from_secs(1) {
        format!("{:.1} ms", time.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", time.as_secs_f64())
    };
    let peak = peak.map(|bytes| format!("{} MB", bytes / 1_000_000)).unwrap_or_default();
    say(&format!("| {what} | {time} | {against} | {peak} |"));
}

fn write(path: &Path, text: &str) {
    lakelink::files::write(path, text).expect("a file that can be written");
}

fn say(line: &str) {
    // Whoever reads may have seen enough.
    let _ = writeln!(std::io::stdout(), "{line}");
}
