//! Whole conversations: the real binary over its standard input and output, and the MCP library's own client, in both
//! eras of the protocol.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use portcullis::limits::PAGE_ITEMS;
use portcullis::protocol::serve_transport;
use portcullis_fixtures::guest_path;
use rmcp::model::{GetPromptRequestParams, ReadResourceRequestParams};
use rmcp::service::ServiceError;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::support::client::{Client, Era, Notice, connect, spawn};
use crate::support::program::Home;

/// A client of the real binary with these guests beside the shipped plugins.
async fn client(home: &Home, guests: &[&str], era: Era) -> Client {
    let mut command = home.command();
    for guest in guests {
        command.arg("--plugin").arg(guest_path(guest));
    }
    command.arg("serve");
    spawn(command.into(), era).await
}

fn text(result: &rmcp::model::CallToolResult) -> String {
    let value = serde_json::to_value(result).unwrap();
    value["content"][0]["text"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn both_eras_list_and_call_the_shipped_plugins() {
    let home = Home::new();
    for era in Era::BOTH {
        let client = client(&home, &[], era).await;
        let tools = client.list_all_tools().await.unwrap();
        for tool in ["calculator__add", "text__sha256", "time__current_time"] {
            assert!(
                tools.iter().any(|listed| listed.name == tool),
                "{era:?}: {tool} is missing"
            );
        }
        let sum = client
            .call("calculator__add", json!({"a": 0.1, "b": 0.2}))
            .await
            .unwrap();
        assert_eq!(text(&sum), "0.3");
        let resources = client.list_all_resources().await.unwrap();
        assert!(
            resources
                .iter()
                .any(|resource| resource.uri == "time://zones")
        );
        let prompts = client.list_all_prompts().await.unwrap();
        assert!(!prompts.is_empty());
        client.close().await;
    }
}

#[tokio::test]
async fn both_eras_read_resources_and_get_prompts() {
    let home = Home::new();
    for era in Era::BOTH {
        let client = client(&home, &["echo"], era).await;
        let read = client
            .read_resource(ReadResourceRequestParams::new("echo://say/hi"))
            .await
            .unwrap();
        assert!(serde_json::to_value(&read).unwrap()["contents"][0]["text"].is_string());
        let missing = client
            .read_resource(ReadResourceRequestParams::new("nobody://x"))
            .await;
        let code = match missing {
            Err(ServiceError::McpError(error)) => error.code.0,
            other => panic!("{other:?}"),
        };
        assert_eq!(code, if era == Era::Legacy { -32002 } else { -32602 });
        let mut request = GetPromptRequestParams::new("echo__greet");
        request.arguments = json!({"name": "Ada"}).as_object().cloned();
        let prompt = client.get_prompt(request).await.unwrap();
        assert_eq!(prompt.messages.len(), 1);
        client.close().await;
    }
}

#[tokio::test]
async fn progress_and_logs_reach_the_client_that_asked() {
    let home = Home::new();
    for era in Era::BOTH {
        let client = client(&home, &["progress"], era).await;
        client
            .call_with_log("progress__progress", json!({}), "info")
            .await
            .unwrap();
        let told = client.hears(|notices| notices.len() >= 6).await;
        let n_progress = told
            .iter()
            .filter(|notice| matches!(notice, Notice::Progress { .. }))
            .count();
        let n_lines = told
            .iter()
            .filter(|notice| matches!(notice, Notice::Log { .. }))
            .count();
        assert_eq!((n_progress, n_lines), (3, 3), "{era:?}: {told:?}");
        client.close().await;
    }
}

#[tokio::test]
async fn a_modern_client_that_asks_for_no_logs_gets_none() {
    let home = Home::new();
    let client = client(&home, &["progress"], Era::Modern).await;
    client.call("progress__progress", json!({})).await.unwrap();
    let told = client.hears(|notices| notices.len() >= 3).await;
    assert!(
        told.iter()
            .all(|notice| matches!(notice, Notice::Progress { .. })),
        "{told:?}"
    );
    client.close().await;
}

#[tokio::test]
async fn clients_of_both_eras_are_told_of_changes() {
    let home = Home::new();
    for era in Era::BOTH {
        let client = client(&home, &["notifies"], era).await;
        let following = client.follow(&[]).await.unwrap();
        client.call("notifies__notifies", json!({})).await.unwrap();
        client
            .hears(|notices| notices.contains(&Notice::ToolsChanged))
            .await;
        drop(following);
        client.close().await;
    }
}

#[tokio::test]
async fn a_failing_plugin_answers_with_an_error_and_the_others_go_on() {
    let home = Home::new();
    home.write(
        "portcullis.toml",
        "[plugins.spins.limits]\nfuel = 50_000_000\n",
    );
    for era in Era::BOTH {
        let client = client(&home, &["spins", "panics", "forges_stdout"], era).await;
        let spun = client.call("spins__spins", json!({})).await.unwrap();
        assert_eq!(spun.is_error, Some(true));
        assert!(
            text(&spun).contains("fuel") && text(&spun).contains("50000000"),
            "{}",
            text(&spun)
        );
        let panicked = client.call("panics__panics", json!({})).await.unwrap();
        assert_eq!(panicked.is_error, Some(true));
        client
            .call("forges_stdout__forges_stdout", json!({}))
            .await
            .unwrap();
        let sum = client.call("add", json!({"a": 1, "b": 2})).await.unwrap();
        assert_eq!(text(&sum), "3");
        client.close().await;
    }
}

/// The same conversation without a process: the server's end is in this one.
#[tokio::test]
async fn a_long_list_comes_in_pages_that_a_client_puts_together() {
    let (ours, theirs) = tokio::io::duplex(64 << 10);
    let (read, write) = tokio::io::split(theirs);
    let host = crate::support::host::host(&["pages"]);
    let server = tokio::spawn(serve_transport(host, read, write, CancellationToken::new()));
    let (read, write) = tokio::io::split(ours);
    let client = connect(read, write, Era::Modern).await;
    let first = client.list_tools(None).await.unwrap();
    assert_eq!(first.tools.len(), PAGE_ITEMS);
    assert!(first.next_cursor.is_some());
    let all = client.list_all_tools().await.unwrap();
    assert_eq!(all.len(), 250);
    client.close().await;
    server.await.unwrap().unwrap();
}

/// Speaks to the program line by line, as no library would.
struct Lines {
    child: std::process::Child,
    answers: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl Lines {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = home
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let answers = BufReader::new(child.stdout.take().expect("it has a pipe")).lines();
        Self { child, answers }
    }

    fn say(&mut self, message: Value) {
        let stdin = self.child.stdin.as_mut().expect("it is open");
        writeln!(stdin, "{message}").expect("the program reads");
    }

    fn hear(&mut self) -> Value {
        let line = self
            .answers
            .next()
            .expect("there is an answer")
            .expect("it is UTF-8");
        serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("only MCP messages go to standard output: {line}"))
    }

    fn end(mut self) -> (std::process::ExitStatus, Duration) {
        let ending = Instant::now();
        drop(self.child.stdin.take());
        let status = self.child.wait().expect("it can be waited for");
        (status, ending.elapsed())
    }
}

fn initialize(version: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "lines", "version": "1"}}})
}

#[test]
fn older_clients_get_the_revision_they_ask_for_and_unknown_ones_the_newest_of_their_era() {
    let home = Home::new();
    for (asked, given) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-03-26", "2025-03-26"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let mut lines = Lines::start(&home, &["serve"]);
        lines.say(initialize(asked));
        let answer = lines.hear();
        assert_eq!(
            answer["result"]["protocolVersion"], given,
            "{asked}: {answer}"
        );
        assert_eq!(answer["result"]["serverInfo"]["name"], "portcullis");
        lines.end();
    }
}

#[test]
fn without_a_subcommand_a_client_is_served() {
    let home = Home::new();
    let mut lines = Lines::start(&home, &[]);
    lines.say(initialize("2025-11-25"));
    assert!(lines.hear()["result"].is_object());
    let (status, _) = lines.end();
    assert!(status.success());
}

#[test]
fn the_program_ends_when_its_client_goes_even_with_an_open_subscription() {
    let home = Home::new();
    let mut lines = Lines::start(&home, &["serve"]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "lines", "version": "1"},
    });
    lines.say(
        json!({"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}),
    );
    assert!(lines.hear()["result"]["supportedVersions"].is_array());
    lines.say(
        json!({"jsonrpc": "2.0", "id": 2, "method": "subscriptions/listen", "params": {
        "notifications": {"toolsListChanged": true}, "_meta": meta}}),
    );
    let acknowledged = lines.hear();
    assert_eq!(
        acknowledged["method"], "notifications/subscriptions/acknowledged",
        "{acknowledged}"
    );
    let (status, took) = lines.end();
    assert!(status.success());
    // The library alone waits five seconds for the subscription to end.
    assert!(took < Duration::from_secs(4), "it took {took:?}");
}

#[test]
fn a_modern_answer_says_who_gave_it() {
    let home = Home::new();
    let mut lines = Lines::start(&home, &["serve"]);
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    lines
        .say(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}));
    let answer = lines.hear();
    assert_eq!(
        answer["result"]["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "portcullis",
        "{answer}"
    );
    lines.say(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {"cursor": "forged", "_meta": meta}}));
    assert_eq!(lines.hear()["error"]["code"], -32602);
    lines.end();
}

#[test]
fn a_cancelled_call_stops_the_guest_and_gives_its_turn_to_the_next() {
    let home = Home::new();
    home.write(
        "portcullis.toml",
        "[plugins.hangs-in-host-call.limits]\nconcurrent_calls = 1\ncall_ms = 60_000\n",
    );
    let guest = guest_path("hangs_in_host_call")
        .to_str()
        .expect("the path is UTF-8");
    let mut lines = Lines::start(&home, &["--plugin", guest, "serve"]);
    lines.say(initialize("2025-11-25"));
    lines.hear();
    lines.say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    let call = |id: u32, name: &str| json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": name, "arguments": {}}});
    lines.say(call(2, "hangs_in_host_call__hangs_in_host_call"));
    lines.say(call(3, "hangs_in_host_call__ping"));
    lines.say(
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}}),
    );
    // The cancelled call is not answered, and the one that waited for its turn is.
    let answer = lines.hear();
    assert_eq!(answer["id"], 3, "{answer}");
    assert_eq!(answer["result"]["content"][0]["text"], "pong");
    lines.end();
}
