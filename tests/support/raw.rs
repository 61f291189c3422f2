//! A client that writes and reads JSON itself, for what no library would send and to see what is on the wire.

use std::time::Duration;

use portcullis::host::Host;
use portcullis::protocol::serve_transport;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must come. It is met only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// Bytes that wait between the two ends.
const PIPE_BYTES: usize = 1 << 20;

/// One conversation over a pipe in this process.
pub struct Raw {
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    next_id: u64,
    /// The `_meta` of every request, for a client of the newest revision.
    meta: Option<Map<String, Value>>,
}

impl Raw {
    /// A client of revision 2026-07-28 with these capabilities.
    pub fn modern(host: &Host, capabilities: Value) -> Self {
        let mut client = Self::new(host);
        let said = [
            ("protocolVersion", json!("2026-07-28")),
            ("clientInfo", json!({"name": "raw", "version": "1"})),
            ("clientCapabilities", capabilities),
        ];
        let said = said.map(|(key, value)| (format!("io.modelcontextprotocol/{key}"), value));
        client.meta = Some(said.into_iter().collect());
        client
    }

    /// A client of revision 2025-11-25 with these capabilities, when it has opened its session.
    pub async fn legacy(host: &Host, capabilities: Value) -> Self {
        Self::in_session(host, "2025-11-25", capabilities).await.0
    }

    /// A client of a revision with sessions, when it has opened its own, and what the host said of itself.
    pub async fn in_session(host: &Host, revision: &str, capabilities: Value) -> (Self, Value) {
        let mut client = Self::new(host);
        let who = json!({"name": "raw", "version": "1"});
        let params = json!({
            "protocolVersion": revision, "capabilities": capabilities, "clientInfo": who,
        });
        let mut opened = client.request("initialize", params).await;
        assert!(opened["result"].is_object(), "{opened}");
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        client.send(&ready).await;
        (client, opened["result"].take())
    }

    fn new(host: &Host) -> Self {
        let (ours, theirs) = tokio::io::duplex(PIPE_BYTES);
        let (read, write) = tokio::io::split(theirs);
        tokio::spawn(serve_transport(
            host.clone(),
            read,
            write,
            CancellationToken::new(),
        ));
        let (read, write) = tokio::io::split(ours);
        Self {
            read: BufReader::new(read),
            write,
            next_id: 1,
            meta: None,
        }
    }

    /// Sends one message.
    pub async fn send(&mut self, message: &Value) {
        let line = format!("{message}\n");
        let sent = self.write.write_all(line.as_bytes()).await;
        sent.expect("the host reads");
    }

    /// The next message from the host.
    pub async fn next(&mut self) -> Value {
        let line = self.next_line().await;
        serde_json::from_str(&line).expect("the host writes JSON")
    }

    async fn next_line(&mut self) -> String {
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.read.read_line(&mut line)).await;
        let n_bytes = read
            .expect("something comes in time")
            .expect("the host writes");
        assert!(n_bytes > 0, "the host ended the conversation");
        line
    }

    /// Sends a request and gives its id.
    pub async fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        for (key, value) in self.meta.iter().flatten() {
            params["_meta"][key] = value.clone();
        }
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id
    }

    /// Sends a request and waits for its answer. What comes before it is dropped.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let line = self.line(method, params).await;
        serde_json::from_str(&line).expect("the host writes JSON")
    }

    /// The same to the letter.
    pub async fn line(&mut self, method: &str, params: Value) -> String {
        let id = self.begin(method, params).await;
        loop {
            let line = self.next_line().await;
            let message: Value = serde_json::from_str(&line).expect("the host writes JSON");
            if message["id"] == id && message.get("method").is_none() {
                return line;
            }
        }
    }
}
