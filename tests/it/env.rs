//! Private environments of the judges and of the test world, and the running of commands in them.
//!
//! `cargo test` must work on a machine that has Rust, Python and Node and nothing else, and must not change what
//! the machine has. So each lock file gets an environment of its own under `target/judges/`, named after the
//! lock's hash: made by the first test that needs it, kept until the lock changes or `cargo clean`.

use std::env::{self, consts};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use sha2::{Digest, Sha256};

/// The oldest Python that the lock files are made for.
const OLDEST_PYTHON: (u32, u32) = (3, 11);

/// Written last into an environment: without it an installation was interrupted.
const MARKER: &str = ".complete";

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Cargo's target folder, wherever `CARGO_TARGET_DIR` or a configuration file put it.
pub(crate) fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("cargo's folder for tests lies in the target folder")
}

/// The Python environment of a judge (`cfn-lint`, `checkov`) or of the test world (`world`); see [`program`].
pub(crate) fn venv(name: &str) -> PathBuf {
    let lock = match name {
        "world" => root().join("tests/world/requirements.lock"),
        judge => root().join("tests/judges").join(judge).with_extension("lock"),
    };
    environment(name, &lock, |dir| make_venv(dir, &lock))
}

/// The folder whose `node_modules` holds the judges that come from npm.
pub(crate) fn node() -> PathBuf {
    let judges = root().join("tests/judges");
    environment("node", &judges.join("package-lock.json"), |dir| make_node(dir, &judges))
}

/// A program of a Python environment.
pub(crate) fn program(venv: &Path, name: &str) -> PathBuf {
    venv.join("bin").join(name)
}

/// The cfn-guard binary and the folder of Control Tower rules that the npm package ships.
pub(crate) fn guard() -> (PathBuf, PathBuf) {
    let package = node().join("node_modules/@cdklabs/cdk-validator-cfnguard");
    // The package calls every Linux "ubuntu"; the binary is linked statically.
    let system = if consts::OS == "linux" { "ubuntu" } else { consts::OS };
    let binary = package.join("bin").join(system).join(consts::ARCH).join("cfn-guard");
    assert!(binary.is_file(), "cfn-guard is not shipped for this machine: {} is missing", binary.display());
    (binary, package.join("rules/control-tower/cfn-guard"))
}

/// What keeps the CDK CLI from asking anybody for news.
pub(crate) fn cdk_settings() -> [(&'static str, &'static str); 4] {
    [
        ("CDK_NOTICES", "false"),
        ("CDK_DISABLE_CLI_TELEMETRY", "true"),
        ("CDK_DISABLE_VERSION_CHECK", "true"),
        // Node 20 is what the tests ask for.
        ("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1"),
    ]
}

/// A package of the judges that come from npm.
pub(crate) fn node_package(name: &str) -> PathBuf {
    node().join("node_modules").join(name)
}

/// The folder with the `aws` command of version 2. PyPI has version 1 only; this npm package brings it as a layer for Lambda.
pub(crate) fn aws_cli_v2() -> PathBuf {
    let lock = root().join("tests/judges/package-lock.json");
    let layer = node_package("@aws-cdk/asset-awscli-v2").join("lib/layer.zip");
    let folder = environment("aws-cli", &lock, |dir| {
        install(python().args(["-m", "zipfile", "-e"]).arg(layer).arg(dir));
        let programs = versions(dir).into_iter().map(|version| version.join("aws"));
        install(Command::new("chmod").arg("+x").args(programs));
    });
    versions(&folder).pop().unwrap_or_else(|| panic!("no AWS CLI in {}", folder.display()))
}

/// `awscli/v2/2.36.12/dist`: beside it there is a link that `zipfile` makes a file of.
fn versions(layer: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(layer.join("awscli/v2")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join("dist")).filter(|dist| dist.is_dir()).collect()
}

/// What a command that came to its end left behind.
pub(crate) struct Ran {
    /// The exit code; -1 for a command that a signal ended.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Everything that the command said, for the message of a panic.
    pub(crate) fn said(&self) -> String {
        format!("exit code {}\n{}\n{}", self.code, self.stdout.trim_end(), self.stderr.trim_end())
    }
}

/// Runs a command to its end without standard input.
pub(crate) fn run(command: &mut Command) -> Ran {
    run_with_input(command, "")
}

/// Runs a command to its end and feeds it `input`.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Ran {
    try_run(command, input).unwrap_or_else(|error| panic!("{command:?} does not start: {error}"))
}

fn try_run(command: &mut Command, input: &str) -> std::io::Result<Ran> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let output = thread::scope(|scope| {
        // In a thread of its own: a command that answers before it has read everything must not block us.
        // A command that ends without reading is no fault of ours; its exit code tells.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output()
    })?;
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// `target/judges/<name>-<hash of the lock>`, filled by `make` unless it is complete already.
///
/// Tests run at the same time, as threads and as processes: a lock file lets one of them install. A Python
/// environment holds its own path, so it cannot be made elsewhere and moved; the marker stands in for that.
fn environment(name: &str, lock: &Path, make: impl FnOnce(&Path)) -> PathBuf {
    let judges = target().join("judges");
    fs::create_dir_all(&judges).unwrap_or_else(|error| panic!("{}: {error}", judges.display()));
    let dir = judges.join(format!("{name}-{}", short_hash(lock)));
    let gate = File::create(dir.with_extension("lock")).expect("a lock file in the target folder");
    gate.lock().expect("a lock in the target folder");
    if !is_complete(&dir) {
        if dir.exists() {
            fs::remove_dir_all(&dir).expect("an unfinished environment goes");
        }
        make(&dir);
        File::create(dir.join(MARKER)).expect("a marker in a new environment");
    }
    dir
}

/// Whether an environment was installed to the end and, for Python, still has the interpreter that it links to.
fn is_complete(dir: &Path) -> bool {
    let python = program(dir, "python");
    dir.join(MARKER).exists() && (fs::symlink_metadata(&python).is_err() || python.exists())
}

/// The first 12 hexadecimal digits of the SHA-256 of a lock file.
fn short_hash(lock: &Path) -> String {
    let bytes = fs::read(lock).unwrap_or_else(|error| panic!("{}: {error}", lock.display()));
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The lock names every package, so nothing is resolved (`--no-deps`); `pip check` proves that it does.
fn make_venv(dir: &Path, lock: &Path) {
    install(python().args(["-m", "venv"]).arg(dir));
    let pip = || {
        let mut pip = isolated(program(dir, "python"));
        pip.args(["-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]);
        pip
    };
    install(pip().args(["install", "--require-hashes", "--no-deps", "-r"]).arg(lock));
    install(pip().arg("check"));
}

/// `npm ci` beside a copy of the lock file: `node_modules` must not appear in the repository.
fn make_node(dir: &Path, judges: &Path) {
    fs::create_dir(dir).expect("a new folder for npm");
    for file in ["package.json", "package-lock.json", ".npmrc"] {
        fs::copy(judges.join(file), dir.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    install(Command::new("npm").args(["ci", "--silent"]).current_dir(dir));
}

/// Runs one step of an installation; if it fails, the test says all that the installer said.
fn install(command: &mut Command) {
    let ran = run(command);
    assert!(ran.code == 0, "an environment of the judges cannot be made\n{command:?}\n{}", ran.said());
}

/// A Python program that does not see packages from outside its environment.
fn isolated(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_remove("PYTHONPATH").env_remove("PYTHONHOME");
    command
}

/// The Python that makes the environments: `$PYTHON`, else the first on the path that is young enough.
fn python() -> Command {
    let named = env::var_os("PYTHON");
    let usual = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];
    let candidates = named.map_or_else(|| usual.map(Into::into).to_vec(), |named| vec![named]);
    let found = candidates.iter().find(|candidate| python_version(candidate) >= Some(OLDEST_PYTHON));
    let (major, minor) = OLDEST_PYTHON;
    isolated(
        found
            .unwrap_or_else(|| panic!("no Python {major}.{minor} or later among {candidates:?}; set PYTHON")),
    )
}

/// Major and minor version; none if it does not run.
fn python_version(program: &OsStr) -> Option<(u32, u32)> {
    let script = "import sys; print(*sys.version_info[:2])";
    let ran = try_run(isolated(program).args(["-c", script]), "").ok().filter(|ran| ran.code == 0)?;
    let (major, minor) = ran.stdout.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[test]
fn a_failed_installation_shows_what_the_installer_said() {
    let script = "echo no such package >&2; exit 3";
    let caught = std::panic::catch_unwind(|| install(Command::new("sh").args(["-c", script])));
    let message = *caught.expect_err("it failed").downcast::<String>().expect("a formatted message");
    assert!(message.contains("exit code 3") && message.contains("no such package"), "{message}");
}

#[test]
fn an_interrupted_installation_is_made_anew() {
    let scratch = tempfile::tempdir_in(target()).expect("a scratch folder");
    let lock = scratch.path().join("package-lock.json");
    File::create(&lock)
        .and_then(|mut file| write!(file, "{}", scratch.path().display()))
        .expect("a lock file");
    let make = |dir: &Path| fs::create_dir_all(dir.join("node_modules")).expect("a folder");
    let dir = environment("scratch", &lock, make);
    environment("scratch", &lock, |_| panic!("it is complete"));
    fs::remove_file(dir.join(MARKER)).expect("the marker is there");
    File::create(dir.join("half")).expect("half an installation");
    environment("scratch", &lock, make);
    assert!(!dir.join("half").exists() && dir.join(MARKER).exists());
    fs::remove_dir_all(&dir).and_then(|()| fs::remove_file(dir.with_extension("lock"))).expect("tidied up");
}
