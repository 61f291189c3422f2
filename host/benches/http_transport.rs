//! Calls of an `echo` tool over HTTP, one after the other on one connection: Portcullis beside a native server of the same
//! MCP library. They take turns; figures are ratios of neighbouring turns with their range.

#[path = "support/figures.rs"]
mod figures;
#[path = "support/home.rs"]
mod home;
#[path = "support/http_client.rs"]
mod http_client;
#[path = "support/rivals.rs"]
mod rivals;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use figures::{quantile, ratio};
use home::Home;
use http_client::HttpClient;

const ROUNDS: usize = 15;
const CALLS: usize = 300;

/// Calls before the first round: whatever is made once is made then.
const FIRST_CALLS: usize = 500;

const MESSAGE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;
const ANSWER: &str = r#""text":"hello""#;

fn main() {
    if rivals::serve_if_asked() {
        return;
    }
    let path = portcullis_fixtures::guest_path("echo");
    let home = Home::new(&format!(
        "[host]\nshipped = false\n\n[plugins.echo]\npath = {path:?}\n"
    ));
    let mut portcullis = home.serve();
    portcullis.args(["--http", "127.0.0.1:0"]);
    let mut ours = Contender::start(&mut portcullis);
    let mut native = Contender::start(&mut rivals::native_over_http());
    for round in 0..ROUNDS {
        // Neither is always the first.
        match round % 2 {
            0 => (ours.measure(), native.measure()),
            _ => {
                native.measure();
                (ours.measure(), ())
            }
        };
    }
    println!("| server | p50 of one after the other, over HTTP | ours to theirs (range) |");
    println!("|---|---|---|");
    for (name, server) in [("portcullis", &ours), ("native rmcp", &native)] {
        println!(
            "| {name} | {:.0} µs | {} |",
            quantile(&server.p50s, 0.5),
            ratio(&ours.p50s, &server.p50s)
        );
    }
}

/// A server with a connection to it, and what each of its turns gave in microseconds.
struct Contender {
    process: Child,
    client: HttpClient,
    p50s: Vec<f64>,
}

impl Contender {
    /// Starts a server that tells its address on standard error.
    fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut stderr = BufReader::new(process.stderr.take().expect("it has a pipe"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            let n_bytes = stderr.read_line(&mut line).expect("the server writes");
            assert!(n_bytes > 0, "the server ended before it listened");
            if let Some((_, rest)) = line.split_once("http://") {
                break rest.trim_end().trim_end_matches("/mcp").to_owned();
            }
        };
        let mut server = Self {
            process,
            client: HttpClient::connect(&address),
            p50s: Vec::new(),
        };
        for _ in 0..FIRST_CALLS {
            server.client.call("echo", MESSAGE);
        }
        server
    }

    fn measure(&mut self) {
        let one_call = |_| {
            let started = Instant::now();
            let answer = self.client.call("echo", MESSAGE);
            let took = started.elapsed();
            assert!(answer.contains(ANSWER), "{answer}");
            took.as_secs_f64() * 1e6
        };
        let times: Vec<f64> = (0..CALLS).map(one_call).collect();
        self.p50s.push(quantile(&times, 0.5));
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        // It serves until it is told to stop, and has nothing to lose.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
