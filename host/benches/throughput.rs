//! Calls of an `echo` tool over pipes, one after the other and many at once: Portcullis beside a native server of the same
//! MCP library, a server of the official Node SDK, and a program that only parses and prints lines.
//!
//! All servers wait on the same machine and take turns, so that whatever else the machine does hits all of them. Figures are
//! ratios of neighbouring turns with their range; absolute times of a shared machine say little.

#[path = "support/client.rs"]
mod client;
#[path = "support/figures.rs"]
mod figures;
#[path = "support/flood.rs"]
mod flood;
#[path = "support/home.rs"]
mod home;
#[path = "support/rivals.rs"]
mod rivals;

use std::process::Command;
use std::time::Instant;

use client::Client;
use figures::{quantile, ratio};
use flood::flood;
use home::Home;

const ROUNDS: usize = 15;
const SEQUENTIAL_CALLS: usize = 300;
const CONCURRENT_CALLS: usize = 4_000;

/// What an eager client has under way.
const IN_FLIGHT: usize = 64;

const PARAMS: &str = r#"{"name":"echo","arguments":{"text":"hello"}}"#;
const ANSWER: &str = r#""text":"hello""#;

fn main() {
    if rivals::serve_if_asked() {
        return;
    }
    let path = portcullis_fixtures::guest_path("echo");
    let home = Home::new(&format!(
        "[host]\nshipped = false\n\n[plugins.echo]\npath = {path:?}\n"
    ));
    let mut contenders: Vec<Contender> = [
        ("portcullis", Some(home.serve())),
        ("native rmcp", Some(rivals::native())),
        ("Node SDK", rivals::node()),
        ("bare lines", Some(rivals::bare())),
    ]
    .into_iter()
    .filter_map(|(name, command)| Some(Contender::start(name, command?)))
    .collect();

    let n = contenders.len();
    for round in 0..ROUNDS {
        // Nobody is always the first.
        for turn in 0..n {
            contenders[(turn + round) % n].measure();
        }
    }
    let [ours, ..] = &contenders[..] else {
        return;
    };
    println!(
        "| server | p50 of one after the other | ours to theirs (range) | calls/s, {IN_FLIGHT} in flight | ours to theirs (range) |"
    );
    println!("|---|---|---|---|---|");
    for theirs in &contenders {
        println!(
            "| {} | {:.0} µs | {} | {:.0} | {} |",
            theirs.name,
            quantile(&theirs.p50s, 0.5),
            ratio(&ours.p50s, &theirs.p50s),
            quantile(&theirs.rates, 0.5),
            ratio(&ours.rates, &theirs.rates),
        );
    }
}

/// A server in conversation, with what each of its turns gave.
struct Contender {
    name: &'static str,
    client: Client,
    /// Microseconds.
    p50s: Vec<f64>,
    /// Calls per second.
    rates: Vec<f64>,
}

impl Contender {
    fn start(name: &'static str, mut command: Command) -> Self {
        let mut client = Client::spawn(&mut command);
        client.initialize();
        // Just-in-time compilers and caches have their time.
        flood(&mut client, CONCURRENT_CALLS, IN_FLIGHT, PARAMS, ANSWER);
        Self {
            name,
            client,
            p50s: Vec::new(),
            rates: Vec::new(),
        }
    }

    fn measure(&mut self) {
        let one_call = |_| {
            let started = Instant::now();
            let answer = self.client.ask("tools/call", PARAMS);
            let took = started.elapsed();
            assert!(answer.contains(ANSWER), "{answer}");
            took.as_secs_f64() * 1e6
        };
        let times: Vec<f64> = (0..SEQUENTIAL_CALLS).map(one_call).collect();
        self.p50s.push(quantile(&times, 0.5));

        let started = Instant::now();
        flood(
            &mut self.client,
            CONCURRENT_CALLS,
            IN_FLIGHT,
            PARAMS,
            ANSWER,
        );
        let took = started.elapsed().as_secs_f64();
        self.rates.push(CONCURRENT_CALLS as f64 / took);
    }
}
