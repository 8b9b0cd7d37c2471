//! The running test world.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock};

use lakelink::vocab::{AccountId, Region};
use serde_json::{Value, json};

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

    /// The Python that it runs on.
    pub(crate) fn python(&self) -> PathBuf {
        env::program(&self.venv, "python")
    }

    /// The folder with the `aws` command.
    pub(crate) fn bin(&self) -> &Path {
        &CLI.get_or_init(|| Cli::start(&self.venv)).folder
    }

    /// Plans a fault, as `tests/world/README.md` lists them.
    pub(crate) fn fault(&self, what: &Value) {
        self.control("POST", "/_lake/fault", &what.to_string());
    }

    /// The faults that are planned, with the times that each is still to happen.
    pub(crate) fn faults(&self) -> Value {
        self.control("POST", "/_lake/fault", "{}")["faults"].clone()
    }

    /// Every call since the log was emptied, in order.
    pub(crate) fn calls(&self) -> Vec<Value> {
        let Value::Array(calls) = self.control("GET", "/_lake/calls", "") else { panic!("no list of calls") };
        calls
    }

    /// The calls of clients that can change something, as `service:Operation stack`.
    pub(crate) fn writes(&self) -> Vec<String> {
        let calls = self.calls().into_iter();
        let writes = calls.filter(|call| call["write"] == true && call["function"] == false);
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let words = |call: Value| {
            format!("{}:{} {}", word(&call["service"]), word(&call["operation"]), word(&call["stack"]))
        };
        writes.map(words).collect()
    }

    /// Empties the log of calls.
    pub(crate) fn forget_calls(&self) {
        self.control("DELETE", "/_lake/calls", "");
    }

    /// Physical ids of what a stack holds, by logical id; none if it is not there.
    pub(crate) fn physical_ids(
        &self,
        account: &AccountId,
        region: Region,
        stack: &str,
    ) -> BTreeMap<String, String> {
        let scope = format!("{account}/20260101/{region}/cloudformation/aws4_request");
        let header = format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n"
        );
        let answer = self.ask(
            "POST",
            "/",
            &header,
            &format!("Action=ListStackResources&Version=2010-05-15&StackName={stack}"),
        );
        let part = |text: &str, tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}>"))?;
            Some(rest.split_once("</")?.0.to_owned())
        };
        let members = answer.split("<member>").skip(1);
        members
            .filter_map(|one| Some((part(one, "LogicalResourceId")?, part(one, "PhysicalResourceId")?)))
            .collect()
    }

    /// Asks the world itself, which is no AWS.
    fn control(&self, method: &str, path: &str, body: &str) -> Value {
        let answer = self.ask(method, path, "", body);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.lines().next().unwrap().contains(" 200"), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// What is there in one account and Region, read through public APIs.
    pub(crate) fn state(&self, account: &AccountId, region: Region) -> Value {
        let free = READERS.lock().unwrap().pop();
        let mut reader = free.unwrap_or_else(|| Reader::start(&self.venv));
        let state = reader.read(&json!([self.endpoint, account.as_str(), region.as_str()]));
        READERS.lock().unwrap().push(reader);
        state
    }
}

/// For all tests: loading it takes longer than most of what it is asked for.
static CLI: OnceLock<Cli> = OnceLock::new();

/// AWS's command line. It ends with the test process: its standard input closes then.
struct Cli {
    folder: PathBuf,
    _process: Child,
}

impl Cli {
    fn start(venv: &Path) -> Self {
        let mut command = Command::new(env::program(venv, "python"));
        command.arg(env::root().join("tests/world/cli.py")).env("AWS_CONFIG_FILE", "/dev/null");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let folder =
            line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the AWS CLI said {line:?}")).into();
        Self { folder, _process: process }
    }
}

/// Readers that have nothing to do. Starting one takes longer than what it is asked for.
static READERS: Mutex<Vec<Reader>> = Mutex::new(Vec::new());

/// A process that reads what is in worlds. It ends with the test process: its standard input closes then.
struct Reader {
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    _process: Child,
}

impl Reader {
    fn start(venv: &Path) -> Self {
        let mut command = Command::new(env::program(venv, "python"));
        command.arg(env::root().join("tests/world/state.py")).arg("--serve");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (questions, answers) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
        Self { questions, answers: BufReader::new(answers), _process: process }
    }

    fn read(&mut self, question: &Value) -> Value {
        writeln!(self.questions, "{question}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        serde_json::from_str(&answer)
            .unwrap_or_else(|error| panic!("{question}: {error}, its reason is above"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It ends with its standard input, and takes its functions and its folder with it: killed, it would leave them behind.
        drop(self.server.stdin.take());
        let _ = self.server.wait();
    }
}
