//! A very small editor: it starts yaml-language-server, opens a document and asks for completions.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// A running language server.
pub(crate) struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    schema: String,
    last: u64,
}

impl Editor {
    /// Starts the server with `schema` for every document.
    pub(crate) fn open(server: &Path, schema: &Path) -> Self {
        let mut command = Command::new(server);
        command.arg("--stdio").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = command.spawn().unwrap();
        let (input, output) = (server.stdin.take().unwrap(), BufReader::new(server.stdout.take().unwrap()));
        let schema = format!("file://{}", schema.display());
        let mut editor = Self { server, input, output, schema, last: 0 };
        let dynamic = json!({ "workspace": { "configuration": true } });
        editor.ask("initialize", json!({ "processId": null, "rootUri": null, "capabilities": dynamic }));
        editor.tell("initialized", json!({}));
        // The server now asks for its settings, the schema among them; what is asked before that finds none.
        while !editor.answer() {}
        editor
    }

    /// The labels that are offered in `text` at a line and a column, both from 0.
    pub(crate) fn complete(&mut self, text: &str, line: u32, column: u32) -> Vec<String> {
        let uri = format!("file:///spec-{}.yaml", self.last);
        let document = json!({ "uri": uri, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        let position = json!({ "line": line, "character": column });
        let answer = self
            .ask("textDocument/completion", json!({ "textDocument": { "uri": uri }, "position": position }));
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and answers what the server asks meanwhile: it wants its settings, and the schema is one.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            if message["id"] == id && message.get("method").is_none() {
                return message["result"].clone();
            }
            self.reply(&message);
        }
    }

    /// Takes the next message and answers it; whether it asked for settings.
    fn answer(&mut self) -> bool {
        let message = self.receive();
        self.reply(&message);
        message["method"] == "workspace/configuration"
    }

    /// Answers a request of the server. Notifications have no id and want no answer.
    fn reply(&mut self, message: &Value) {
        let (Some(request), Some(asked)) = (message.get("id"), message["method"].as_str()) else { return };
        let settings = json!({
            "schemas": { (self.schema.as_str()): "*.yaml" }, "completion": true, "schemaStore": { "enable": false },
        });
        let wanted = message["params"]["items"].as_array().cloned().unwrap_or_default();
        let section = |item: &Value| if item["section"] == "yaml" { settings.clone() } else { json!({}) };
        let settings_are_asked = asked == "workspace/configuration";
        let result = if settings_are_asked { wanted.iter().map(section).collect() } else { Value::Null };
        self.send(&json!({ "jsonrpc": "2.0", "id": request, "result": result }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.input.flush().unwrap();
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the language server ended");
            match line.trim().split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
