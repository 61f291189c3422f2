//! A client that writes and reads the lines of a conversation itself, to see what stands on the wire to the letter.

use std::time::Duration;

use portcullis::host::Host;
use portcullis::protocol::serve_transport;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must come. It is met only by a test that fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// The revision in which each request stands for itself.
pub const MODERN: &str = "2026-07-28";

/// One end of a conversation.
pub struct Wire {
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    revision: String,
    id: u64,
    /// What the server said of itself.
    pub opened: Value,
}

impl Wire {
    /// Begins a conversation in a revision of MCP.
    pub async fn open(host: &Host, revision: &str) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(theirs);
        tokio::spawn(serve_transport(
            host.clone(),
            read,
            write,
            CancellationToken::new(),
        ));
        let (read, write) = tokio::io::split(ours);
        let mut wire = Self {
            read: BufReader::new(read),
            write,
            revision: revision.to_owned(),
            id: 0,
            opened: Value::Null,
        };
        wire.opened = if revision == MODERN {
            wire.result("server/discover", json!({})).await
        } else {
            let client = json!({
                "protocolVersion": revision, "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            });
            let opened = wire.result("initialize", client).await;
            wire.send(
                &json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string(),
            )
            .await;
            opened
        };
        wire
    }

    /// Asks, and gives the line of the response.
    pub async fn line(&mut self, method: &str, mut params: Value) -> String {
        self.id += 1;
        if self.revision == MODERN {
            let meta = &mut params["_meta"];
            meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
            meta["io.modelcontextprotocol/clientCapabilities"] = json!({});
        }
        let request = json!({"jsonrpc": "2.0", "id": self.id, "method": method, "params": params});
        self.send(&request.to_string()).await;
        loop {
            let mut line = String::new();
            let read = self.read.read_line(&mut line);
            let read = tokio::time::timeout(PATIENCE, read).await;
            let n_bytes = read.expect("it comes in time").expect("it can be read");
            assert!(
                n_bytes > 0,
                "the conversation ended before {method} was answered"
            );
            let message: Value = serde_json::from_str(&line).expect("it is JSON");
            if message["id"] == self.id {
                return line;
            }
        }
    }

    /// Asks, and gives the result, which there must be.
    pub async fn result(&mut self, method: &str, params: Value) -> Value {
        let line = self.line(method, params).await;
        let mut message: Value = serde_json::from_str(&line).expect("it is JSON");
        assert!(message["error"].is_null(), "{method}: {line}");
        message["result"].take()
    }

    /// Asks, and gives the code of the error, which there must be.
    pub async fn error(&mut self, method: &str, params: Value) -> i64 {
        let line = self.line(method, params).await;
        let message: Value = serde_json::from_str(&line).expect("it is JSON");
        message["error"]["code"]
            .as_i64()
            .unwrap_or_else(|| panic!("{method}: {line}"))
    }

    async fn send(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.write
            .write_all(line.as_bytes())
            .await
            .expect("it can be written");
    }
}
