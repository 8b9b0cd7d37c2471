//! The running test world.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use lakelink::vocab::{AccountId, Region};
use serde_json::Value;

use crate::env;

/// A server with a state of its own. It ends when it is dropped, and when the test process dies: its standard
/// input closes then.
pub(crate) struct World {
    server: Child,
    endpoint: String,
    venv: PathBuf,
    _seed: tempfile::NamedTempFile,
}

impl World {
    /// Starts a world; returns once it answers.
    pub(crate) fn start(seed: Value) -> Self {
        let venv = env::venv("world");
        let file = tempfile::NamedTempFile::new().unwrap();
        serde_json::to_writer(&file, &seed).unwrap();
        let mut command = Command::new(env::program(&venv, "python"));
        command
            .arg(env::root().join("tests/world/world.py"))
            .args(["--port", "0", "--seed"])
            .arg(file.path());
        let mut server =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let endpoint =
            line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the test world said {line:?}"));
        Self { server, endpoint: endpoint.to_owned(), venv, _seed: file }
    }

    /// Its address.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The folder with the `aws` command.
    pub(crate) fn bin(&self) -> PathBuf {
        self.venv.join("bin")
    }

    /// Plans a fault, as `tests/world/README.md` lists them.
    pub(crate) fn fault(&self, what: &Value) {
        const POST: &str =
            "import sys, urllib.request as it; it.urlopen(it.Request(sys.argv[1], sys.argv[2].encode()))";
        let mut command = Command::new(env::program(&self.venv, "python"));
        command.args(["-c", POST, &format!("{}/_lake/fault", self.endpoint), &what.to_string()]);
        let ran = env::run(&mut command);
        assert_eq!(ran.code, 0, "{}", ran.said());
    }

    /// What is there in one account and Region, read through public APIs.
    pub(crate) fn state(&self, account: &AccountId, region: Region) -> Value {
        let mut command = Command::new(env::program(&self.venv, "python"));
        command.arg(env::root().join("tests/world/state.py")).args(["--endpoint", &self.endpoint]);
        command.args(["--account", account.as_str(), "--region", region.as_str()]);
        let ran = env::run(&mut command);
        assert_eq!(ran.code, 0, "{}", ran.said());
        serde_json::from_str(&ran.stdout).unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
