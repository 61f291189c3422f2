//! A client that costs next to nothing: it writes one line and reads lines until the answer is there.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A server process and both ends of its conversation. Dropping it ends the server.
pub struct Client {
    /// The process.
    pub server: Child,
    /// Where it listens. There is none any more while it is being dropped.
    pub requests: Option<ChildStdin>,
    /// Where it answers.
    pub answers: BufReader<ChildStdout>,
    last_id: u64,
    request: Vec<u8>,
    answer: String,
}

impl Client {
    /// Starts a server.
    pub fn spawn(command: &mut Command) -> Self {
        let mut server = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the server starts");
        let requests = server.stdin.take();
        let answers = BufReader::new(server.stdout.take().expect("it has a pipe"));
        Self {
            server,
            requests,
            answers,
            last_id: 0,
            request: Vec::new(),
            answer: String::new(),
        }
    }

    /// Opens a conversation as a legacy client does, and gives the answer to `initialize`.
    pub fn initialize(&mut self) -> &str {
        self.ask(
            "initialize",
            r#"{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}"#,
        );
        self.send(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        &self.answer
    }

    /// Asks, and gives the line of the answer. `params` is JSON.
    pub fn ask(&mut self, method: &str, params: &str) -> &str {
        self.last_id += 1;
        let id = self.last_id;
        self.send(format_args!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#
        ));
        let mark = format!(r#""id":{id}"#);
        loop {
            self.answer.clear();
            let n_bytes = self.answers.read_line(&mut self.answer);
            assert!(n_bytes.is_ok_and(|n| n > 0), "the server is gone");
            // Everything else is a notification, and has no id.
            if self.answer.contains(&mark) {
                return &self.answer;
            }
        }
    }

    fn send(&mut self, message: impl std::fmt::Display) {
        self.request.clear();
        writeln!(self.request, "{message}").expect("memory can be written");
        let pipe = self.requests.as_mut().expect("it is open until the drop");
        pipe.write_all(&self.request).expect("the server reads");
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.requests.take());
        self.server.wait().expect("the server ends with its input");
    }
}
