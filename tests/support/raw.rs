//! A client that writes and reads JSON itself, for what no library would send and to see what is on the wire.

use std::time::Duration;

use portcullis::host::Host;
use portcullis::protocol::serve_transport;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};
use tokio_util::sync::CancellationToken;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// Bytes that wait between the two ends.
const PIPE_BYTES: usize = 64 << 10;

/// One conversation over a pipe in this process.
pub struct Raw {
    read: BufReader<ReadHalf<DuplexStream>>,
    write: WriteHalf<DuplexStream>,
    next_id: u64,
    /// The `_meta` of every request, for a client of the newest revision.
    meta: Option<Value>,
}

impl Raw {
    /// A client of revision 2026-07-28 with these capabilities.
    pub fn modern(host: &Host, capabilities: Value) -> Self {
        let mut client = Self::new(host);
        client.meta = Some(json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": capabilities,
        }));
        client
    }

    /// A client of revision 2025-11-25 with these capabilities, when it has opened its session.
    pub async fn legacy(host: &Host, capabilities: Value) -> Self {
        let mut client = Self::new(host);
        let opened = client
            .request(
                "initialize",
                json!({
                    "protocolVersion": "2025-11-25", "capabilities": capabilities,
                    "clientInfo": {"name": "raw", "version": "1"},
                }),
            )
            .await;
        assert!(opened["result"].is_object(), "{opened}");
        client
            .send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await;
        client
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
        let mut line = String::new();
        let read = tokio::time::timeout(PATIENCE, self.read.read_line(&mut line)).await;
        read.expect("something comes in time")
            .expect("the host writes");
        serde_json::from_str(&line).expect("the host writes JSON")
    }

    /// Sends a request and gives its id.
    pub async fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        if let (Some(meta), Some(params)) = (&self.meta, params.as_object_mut()) {
            params.insert("_meta".to_owned(), meta.clone());
        }
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id
    }

    /// Sends a request and waits for its answer. What comes before it is dropped.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params).await;
        loop {
            let message = self.next().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }
}
