//! Hosts that serve HTTP in this process, and a client so small that it can misbehave in every way.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use portcullis::auth::Guard;
use portcullis::host::Host;
use portcullis::limits::HttpLimits;
use portcullis::protocol::{Gatekeeper, HttpOptions, HttpServer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::host::PATIENCE;

/// A host that serves HTTP at a port of its own.
pub struct Site {
    pub address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// Everybody on this machine, with the limits of the host.
pub fn options() -> HttpOptions {
    HttpOptions {
        gatekeeper: Gatekeeper::loopback(),
        guard: Arc::new(Guard::Open),
        limits: HttpLimits::default(),
        tls: None,
        public_url: None,
    }
}

/// The same with other limits.
pub fn limited(limits: HttpLimits) -> HttpOptions {
    HttpOptions {
        limits,
        ..options()
    }
}

/// The same with somebody at the door.
pub fn guarded(guard: Guard) -> HttpOptions {
    HttpOptions {
        guard: Arc::new(guard),
        ..options()
    }
}

impl Site {
    pub async fn start(host: Host, options: HttpOptions) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = HttpServer::bind(address, options).await.unwrap();
        let address = server.address();
        let stop = CancellationToken::new();
        let task = tokio::spawn(server.serve(host, stop.clone()));
        Self {
            address,
            stop,
            task,
        }
    }

    /// Tells it to end, as a signal does.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until it has ended.
    pub async fn ended(self) {
        let Self { task, .. } = self;
        tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    }

    /// Sends a request and waits for the whole answer.
    pub async fn send(&self, request: &Request) -> Reply {
        self.open(request).await.whole().await
    }

    /// Sends a request and gives the connection, on which the answer comes.
    pub async fn open(&self, request: &Request) -> Stream {
        let mut stream = self.connect().await;
        stream.write(&request.text()).await;
        stream
    }

    pub async fn connect(&self) -> Stream {
        connect(self.address).await
    }

    /// Opens a legacy session and says that it is ready.
    pub async fn session(&self, token: Option<&str>) -> String {
        let reply = self.send(&initialize().token(token)).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        let session = reply
            .header("mcp-session-id")
            .expect("a session")
            .to_owned();
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let ready = post(&ready).session(&session).token(token);
        assert_eq!(self.send(&ready).await.status, 202);
        session
    }
}

/// A request as it is sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub line: String,
    pub fields: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            line: format!("{method} {path} HTTP/1.1"),
            fields: vec![
                ("host".to_owned(), "localhost".to_owned()),
                ("connection".to_owned(), "close".to_owned()),
            ],
            body: String::new(),
        }
    }

    /// The same with this field, instead of any of that name.
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.fields.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The same without a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    pub fn session(self, id: &str) -> Self {
        self.with("mcp-session-id", id)
            .with("mcp-protocol-version", "2025-11-25")
    }

    pub fn token(self, token: Option<&str>) -> Self {
        match token {
            Some(token) => self.with("authorization", &format!("Bearer {token}")),
            None => self,
        }
    }

    /// The bytes.
    pub fn text(&self) -> String {
        let mut text = format!("{}\r\n", self.line);
        for (name, value) in &self.fields {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        let counted = self
            .fields
            .iter()
            .any(|(name, _)| name == "content-length" || name == "transfer-encoding");
        if !counted && !self.body.is_empty() {
            write!(text, "content-length: {}\r\n", self.body.len()).unwrap();
        }
        text + "\r\n" + &self.body
    }
}

pub fn get(path: &str) -> Request {
    Request::new("GET", path)
}

/// A message for MCP, with the fields every client sends.
pub fn post(message: &Value) -> Request {
    Request {
        body: message.to_string(),
        ..Request::new("POST", "/mcp")
            .with("accept", "application/json, text/event-stream")
            .with("content-type", "application/json")
    }
}

pub fn initialize() -> Request {
    post(
        &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "raw", "version": "1"},
        }}),
    )
}

/// A request of a legacy client.
pub fn legacy(session: &str, method: &str, params: Value) -> Request {
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    post(&message).session(session)
}

/// A request of a modern client.
pub fn modern(method: &str, mut params: Value) -> Request {
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28".into();
    params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
    params["_meta"]["io.modelcontextprotocol/clientInfo"] = json!({"name": "raw", "version": "1"});
    let name = params["name"].as_str().or(params["uri"].as_str());
    let name = name.map(str::to_owned);
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let request = post(&message)
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", method);
    match name {
        Some(name) => request.with("mcp-name", &name),
        None => request,
    }
}

/// A call of a tool by a modern client.
pub fn call(tool: &str, arguments: Value) -> Request {
    modern("tools/call", json!({"name": tool, "arguments": arguments}))
}

/// A connection to an address.
pub async fn connect(address: SocketAddr) -> Stream {
    Stream {
        socket: TcpStream::connect(address).await.unwrap(),
        seen: Vec::new(),
    }
}

/// A connection, with what came over it.
pub struct Stream {
    pub socket: TcpStream,
    seen: Vec<u8>,
}

impl Stream {
    pub async fn write(&mut self, text: &str) {
        // A server that has heard enough closes its end, which is for the reading side to find out.
        let _ = self.socket.write_all(text.as_bytes()).await;
    }

    /// Waits until a text has come.
    pub async fn hears(&mut self, expected: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.seen).into_owned();
            if text.contains(expected) {
                return text;
            }
            assert!(self.read().await, "the answer ended with {text:?}");
        }
    }

    /// Waits for the end of the connection, however it comes.
    pub async fn whole(mut self) -> Reply {
        while self.read().await {}
        Reply::parse(&self.seen)
    }

    async fn read(&mut self) -> bool {
        let read = self.socket.read_buf(&mut self.seen);
        let read = tokio::time::timeout(PATIENCE, read).await;
        matches!(read.expect("there is an answer in time"), Ok(1..))
    }
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let head = head.to_ascii_lowercase();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let body = match head.contains("transfer-encoding: chunked") {
            true => unchunked(body),
            false => body.to_owned(),
        };
        Self {
            status: status.unwrap_or(0),
            head,
            body,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?} is no JSON"))
    }

    /// The messages, be they one document or a stream of events.
    pub fn messages(&self) -> Vec<Value> {
        if self.header("content-type") == Some("application/json") {
            return vec![self.json()];
        }
        let data = |line: &str| {
            line.strip_prefix("data:")
                .map(|data| data.trim().to_owned())
        };
        let data = self.body.lines().filter_map(data);
        data.filter(|data| !data.is_empty())
            .map(|data| serde_json::from_str(&data).unwrap())
            .collect()
    }

    /// The answer to the request.
    pub fn result(&self) -> Value {
        let answer = self.messages().into_iter().find(|it| it["id"] == 7);
        answer.unwrap_or_else(|| panic!("{self:?} has no answer"))["result"].clone()
    }

    /// The text of a tool's answer.
    pub fn said(&self) -> String {
        let result = self.result();
        let text = result["content"][0]["text"].as_str();
        text.unwrap_or_else(|| panic!("{result} has no text"))
            .to_owned()
    }
}

fn unchunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        let Some(chunk) = rest.get(..size).filter(|_| size > 0) else {
            break;
        };
        whole += chunk;
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

/// Milliseconds of a limit that a test wants to meet.
pub const SHORT_MS: u64 = 100;

/// Waits until something is so. It is asked again and again, since nobody tells.
pub async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    let asked = tokio::time::timeout(Duration::from_secs(60), asking).await;
    asked.expect("it is so in time");
}
