//! Servers to compare with: each offers a tool `echo`, which says what it was told, and none has a sandbox. The native one
//! has `noop` besides.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ErrorData, JsonObject,
    ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use rmcp::{RoleServer, ServerHandler, ServiceExt};
use serde_json::{Value, json};

/// Makes this program the server of the same library.
const NATIVE: &str = "native-server";

/// Makes this program the server of the same library, over HTTP.
const NATIVE_OVER_HTTP: &str = "native-http-server";

/// Makes this program the server without any library.
const BARE: &str = "bare-server";

/// Becomes one of the servers, when this program was started as one.
pub fn serve_if_asked() -> bool {
    match std::env::args().nth(1).as_deref() {
        Some(NATIVE) => serve_natively(),
        Some(NATIVE_OVER_HTTP) => serve_over_http(),
        Some(BARE) => serve_bare(),
        _ => return false,
    }
    true
}

/// The library Portcullis speaks MCP with, and a tool in the same process.
#[allow(dead_code, reason = "one of the benchmarks speaks over pipes")]
pub fn native() -> Command {
    this_program(NATIVE)
}

/// The same over HTTP, on a free port that it tells on standard error.
#[allow(dead_code, reason = "one of the benchmarks speaks HTTP")]
pub fn native_over_http() -> Command {
    this_program(NATIVE_OVER_HTTP)
}

/// What parsing and printing one line of JSON costs, and what no server can be faster than.
#[allow(dead_code, reason = "one of the benchmarks speaks over pipes")]
pub fn bare() -> Command {
    this_program(BARE)
}

fn this_program(role: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("a program knows itself"));
    command.arg(role);
    command
}

/// The official SDK for Node, installed under `target/`. There is none where `npm` cannot install it, and the reason is
/// printed.
#[allow(dead_code, reason = "one of the benchmarks speaks over pipes")]
pub fn node() -> Option<Command> {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("node-echo");
    std::fs::create_dir_all(&folder).expect("there is room for a folder");
    for (name, text) in [
        ("package.json", include_str!("../node/package.json")),
        ("echo.mjs", include_str!("../node/echo.mjs")),
    ] {
        std::fs::write(folder.join(name), text).expect("there is room for a file");
    }
    let installed = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status();
    if !installed.is_ok_and(|status| status.success()) {
        println!("The server of the Node SDK is left out: `npm install` does not work here.\n");
        return None;
    }
    let mut command = Command::new("node");
    command.arg(folder.join("echo.mjs"));
    Some(command)
}

struct Native;

impl ServerHandler for Native {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let echo = Tool::new("echo", "Says what it was told", JsonObject::new());
        Ok(ListToolsResult::with_all_items(vec![echo]))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = request.arguments.unwrap_or_default();
        match (&*request.name, arguments.get("text")) {
            ("noop", _) => Ok(CallToolResult::success(vec![ContentBlock::text("ok")]).into()),
            ("echo", Some(Value::String(text))) => {
                Ok(CallToolResult::success(vec![ContentBlock::text(text)]).into())
            }
            _ => Err(ErrorData::invalid_params("there is no such tool", None)),
        }
    }
}

#[tokio::main]
async fn serve_natively() {
    let serving = Native.serve(rmcp::transport::stdio_pipes()).await;
    let serving = serving.expect("the client begins a conversation");
    serving.waiting().await.expect("the server does not panic");
}

#[tokio::main]
async fn serve_over_http() {
    let sessions = Arc::new(LocalSessionManager::default());
    let config = StreamableHttpServerConfig::default();
    let service = StreamableHttpService::new(|| Ok(Native), sessions, config);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = listener.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    // Else every answer waits for the client to confirm what came before it, up to forty milliseconds.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    eprintln!("listening at http://{address}/mcp");
    let router = axum::Router::new().nest_service("/mcp", service);
    let serving = axum::serve(listener, router).await;
    serving.expect("the server does not break");
}

fn serve_bare() {
    let mut requests = BufReader::with_capacity(64 << 10, std::io::stdin().lock());
    let mut answers = std::io::stdout().lock();
    let (mut line, mut out) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        let n_bytes = requests.read_until(b'\n', &mut line);
        if n_bytes.expect("the client writes") == 0 {
            return;
        }
        let request: Value = serde_json::from_slice(&line).expect("the client writes JSON");
        if let Some(id) = request.get("id") {
            let text = &request["params"]["arguments"]["text"];
            let answer = json!({
                "jsonrpc": "2.0", "id": id, "result": {"content": [{"type": "text", "text": text}]}
            });
            writeln!(out, "{answer}").expect("memory can be written");
        }
        if requests.buffer().is_empty() {
            answers.write_all(&out).expect("the client reads");
            answers.flush().expect("the client reads");
            out.clear();
        }
    }
}
