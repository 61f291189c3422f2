//! One client over pipes, with many requests in flight.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout};

use crate::wish::{Expected, Wish, again, meta, wish};

/// Requests that wait for their answers at one time.
const IN_FLIGHT: usize = 64;

/// A way of speaking MCP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Era {
    Legacy,
    Modern,
}

/// A client and its server.
pub struct Client {
    server: Child,
    requests: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    era: Era,
    last_id: u64,
    waiting: HashMap<u64, Wish>,
    n_answers: u64,
}

impl Client {
    /// Starts a server and opens a conversation.
    pub async fn open(command: Command, era: Era) -> Self {
        let mut server = tokio::process::Command::from(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let requests = server.stdin.take().expect("it has a pipe");
        let answers = server.stdout.take().expect("it has a pipe");
        let mut client = Self {
            server,
            requests,
            answers: BufReader::new(answers).lines(),
            era,
            last_id: 0,
            waiting: HashMap::new(),
            n_answers: 0,
        };
        if era == Era::Legacy {
            client
                .send(Wish {
                    method: "initialize",
                    params: json!({
                        "protocolVersion": "2025-11-25", "capabilities": {},
                        "clientInfo": {"name": "soak", "version": "1"},
                    }),
                    expected: Expected::Result,
                })
                .await;
            client.take_answers(0).await;
            client
                .write(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
                .await;
        }
        client
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.server.id().expect("it is alive")
    }

    /// Makes calls, and waits for all their answers.
    pub async fn calls(&mut self, part: u64, calls: u64) {
        for n in part * calls..(part + 1) * calls {
            self.take_answers(IN_FLIGHT - 1).await;
            let wish = wish(n, self.era == Era::Modern);
            let is_cancelled = matches!(wish.expected, Expected::Cancelled);
            self.send(wish).await;
            if is_cancelled {
                let id = self.last_id;
                self.write(&json!({
                    "jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id},
                }))
                .await;
                self.waiting.remove(&id);
            }
            if n % 1_000 == 999 {
                self.requests
                    .write_all(b"{not json\n[]\n\n")
                    .await
                    .expect("the server reads");
            }
        }
        self.take_answers(0).await;
    }

    /// Closes the conversation, waits for the server's end, and says how many answers there were.
    pub async fn close(mut self) -> u64 {
        drop(self.requests);
        let ended = self.server.wait().await.expect("the server ends");
        assert!(ended.success(), "the server ended with {ended}");
        self.n_answers
    }

    async fn send(&mut self, wish: Wish) {
        self.last_id += 1;
        let mut params = wish.params.clone();
        if self.era == Era::Modern {
            params["_meta"] = meta();
        }
        let id = self.last_id;
        self.write(&json!({"jsonrpc": "2.0", "id": id, "method": wish.method, "params": params}))
            .await;
        self.waiting.insert(id, wish);
    }

    async fn write(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let written = self.requests.write_all(line.as_bytes()).await;
        written.expect("the server reads");
    }

    /// Reads answers until at most `n` requests wait.
    async fn take_answers(&mut self, n: usize) {
        while self.waiting.len() > n {
            let line = self.answers.next_line().await.expect("the server writes");
            let line = line.expect("the server is there");
            let answer: Value = serde_json::from_str(&line).expect("it is JSON");
            let Some(id) = answer["id"].as_u64() else {
                continue;
            };
            // A request that was cancelled may have been answered before.
            let Some(wish) = self.waiting.remove(&id) else {
                continue;
            };
            self.n_answers += 1;
            assert!(
                wish.expected.is_met(&answer),
                "{} {}: {answer}",
                wish.method,
                wish.params
            );
            if let Some(retry) = again(&wish, &answer) {
                self.send(retry).await;
            }
        }
    }
}
