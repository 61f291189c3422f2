//! Many clients over HTTP: modern ones, whose requests stand for themselves, and legacy ones with sessions.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Child;

use crate::wish::{Expected, Wish, again, meta, wish};

/// Connections at one time.
const CONNECTIONS: u64 = 8;

/// Calls of a legacy session before it is closed.
const SESSION_CALLS: u64 = 50;

/// A server over HTTP.
pub struct Server {
    process: Child,
    address: String,
    n_answers: Arc<AtomicU64>,
}

impl Server {
    /// Starts one on a free port, which it tells on standard error.
    pub async fn start(command: Command) -> Self {
        let mut process = tokio::process::Command::from(command)
            .args(["--http", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let stderr = process.stderr.take().expect("it has a pipe");
        let mut lines = BufReader::new(stderr).lines();
        let address = loop {
            let line = lines.next_line().await.expect("the server writes");
            let line = line.expect("the server says where it listens");
            if let Some((_, rest)) = line.split_once("http://") {
                let end = rest.find(['/', ' ']).unwrap_or(rest.len());
                break rest[..end].to_owned();
            }
        };
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                eprintln!("{line}");
            }
        });
        Self {
            process,
            address,
            n_answers: Arc::default(),
        }
    }

    /// The server's process.
    pub fn pid(&self) -> u32 {
        self.process.id().expect("it is alive")
    }

    /// Makes calls over several connections, and waits for all their answers.
    pub async fn calls(&self, part: u64, calls: u64) {
        let per_connection = calls / CONNECTIONS;
        let clients = (0..CONNECTIONS).map(|connection| {
            let first = (part * CONNECTIONS + connection) * per_connection;
            let client = Client {
                address: self.address.clone(),
                is_modern: connection.is_multiple_of(2),
                session: None,
                connection: None,
                n_answers: self.n_answers.clone(),
                last_id: 0,
            };
            tokio::spawn(client.calls(first, per_connection))
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("the client gets what it expects");
        }
    }

    /// Ends the server, and says how many answers there were.
    pub async fn stop(mut self) -> u64 {
        let pid = rustix::process::Pid::from_raw(self.pid() as i32).expect("it is a process");
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it is ours");
        let ended = self.process.wait().await.expect("the server ends");
        assert!(ended.success(), "the server ended with {ended}");
        self.n_answers.load(Ordering::Relaxed)
    }
}

struct Client {
    address: String,
    is_modern: bool,
    session: Option<String>,
    connection: Option<SendRequest<Full<Bytes>>>,
    n_answers: Arc<AtomicU64>,
    last_id: u64,
}

impl Client {
    async fn calls(mut self, first: u64, calls: u64) {
        for n in first..first + calls {
            if !self.is_modern && n.is_multiple_of(SESSION_CALLS) {
                self.close_session().await;
            }
            if !self.is_modern && self.session.is_none() {
                self.open_session().await;
            }
            let wish = wish(n, self.is_modern);
            if matches!(wish.expected, Expected::Cancelled) {
                self.walk_away(&wish).await;
                continue;
            }
            let answer = self.ask(&wish).await;
            if let Some(retry) = again(&wish, &answer) {
                self.ask(&retry).await;
            }
            if n % 1_000 == 999 {
                let (status, _) = self.post("{not json".to_owned(), None).await;
                assert!(status.is_client_error(), "{status}");
            }
        }
        self.close_session().await;
    }

    /// Asks and leaves before there is an answer.
    async fn walk_away(&mut self, wish: &Wish) {
        let message = self.message(wish);
        let request = self.request(message, Some(wish));
        let sent = self.connection().await.send_request(request);
        // Polled once, so that the request goes out, and dropped.
        let _ = futures::poll!(std::pin::pin!(sent));
        tokio::task::yield_now().await;
        self.connection = None;
    }

    async fn ask(&mut self, wish: &Wish) -> Value {
        let message = self.message(wish);
        let (status, body) = self.post(message, Some(wish)).await;
        let answer = answer_in(&body, self.last_id);
        assert!(
            wish.expected.is_met(&answer),
            "{} {}: {status} {body}",
            wish.method,
            wish.params
        );
        self.n_answers.fetch_add(1, Ordering::Relaxed);
        answer
    }

    /// A request under an id of its own, since an earlier one may still be under way in the session.
    fn message(&mut self, wish: &Wish) -> String {
        self.last_id += 1;
        let mut params = wish.params.clone();
        if self.is_modern {
            params["_meta"] = meta();
        }
        let id = self.last_id;
        json!({"jsonrpc": "2.0", "id": id, "method": wish.method, "params": params}).to_string()
    }

    async fn open_session(&mut self) {
        let body = json!({
            "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": "2025-11-25", "capabilities": {},
                "clientInfo": {"name": "soak", "version": "1"},
            },
        });
        let request = self.request(body.to_string(), None);
        let response = self.connection().await.send_request(request).await;
        let response = response.expect("the server answers");
        let session = response.headers().get("mcp-session-id");
        let session = session.and_then(|session| session.to_str().ok());
        self.session = Some(session.expect("it opens a session").to_owned());
        response.collect().await.expect("the body comes");
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let (status, _) = self.post(ready.to_string(), None).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }

    async fn close_session(&mut self) {
        let Some(session) = self.session.take() else {
            return;
        };
        let request = Request::delete("/mcp")
            .header("host", &self.address)
            .header("mcp-session-id", session)
            .body(Full::default())
            .expect("it is a request");
        let response = self.connection().await.send_request(request).await;
        let response = response.expect("the server answers");
        response.collect().await.expect("the body comes");
    }

    async fn post(&mut self, body: String, wish: Option<&Wish>) -> (StatusCode, String) {
        let request = self.request(body, wish);
        let response = self.connection().await.send_request(request).await;
        let response = response.expect("the server answers");
        let status = response.status();
        let body = response.collect().await.expect("the body comes").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn request(&self, body: String, wish: Option<&Wish>) -> Request<Full<Bytes>> {
        let mut request = Request::post("/mcp")
            .header("host", &self.address)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream");
        if let Some(session) = &self.session {
            request = request.header("mcp-session-id", session);
        }
        if let (true, Some(wish)) = (self.is_modern, wish) {
            request = request
                .header("mcp-protocol-version", "2026-07-28")
                .header("mcp-method", wish.method);
            let mut names = ["name", "uri", "taskId"].into_iter();
            let name = names.find_map(|key| wish.params[key].as_str());
            if let Some(name) = name {
                request = request.header("mcp-name", name);
            }
        }
        let body = Full::new(Bytes::from(body));
        request.body(body).expect("it is a request")
    }

    /// The connection, opened again when it was closed.
    async fn connection(&mut self) -> &mut SendRequest<Full<Bytes>> {
        let is_open = match &mut self.connection {
            Some(connection) => connection.ready().await.is_ok(),
            None => false,
        };
        if !is_open {
            let stream = TcpStream::connect(&self.address).await;
            let io = TokioIo::new(stream.expect("the server listens"));
            let (sender, connection) = handshake(io).await.expect("it speaks HTTP");
            tokio::spawn(connection);
            self.connection = Some(sender);
        }
        self.connection.as_mut().expect("it was just opened")
    }
}

/// The answer in a body that is JSON or a stream of events.
fn answer_in(body: &str, id: u64) -> Value {
    if let Ok(answer) = serde_json::from_str(body) {
        return answer;
    }
    let events = body.lines().filter_map(|line| line.strip_prefix("data:"));
    let messages = events.filter_map(|data| serde_json::from_str::<Value>(data.trim()).ok());
    let mut answers = messages.filter(|message| message["id"] == id);
    answers.next().unwrap_or_default()
}
