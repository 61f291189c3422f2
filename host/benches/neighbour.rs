//! What one plugin under attack costs its neighbour: the neighbour's calls are timed while nothing else happens, and while
//! another plugin of the same host does one hostile thing after the other.
//!
//! Quiet and attacked stretches take turns in one run, so that a busy machine weighs on both.

#[path = "support/figures.rs"]
mod figures;
#[path = "support/plugins.rs"]
mod plugins;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use portcullis::host::{Call, Host, Retry};
use portcullis::limits::Limits;
use serde_json::{Map, Value, json};

use figures::quantile;

/// Turns of quiet and attack.
const TURNS: usize = 3;

/// Calls of the neighbour in each stretch: 99 of 100 stand on enough of them.
const CALLS: usize = 400;

/// What a client lets pass between two calls.
const PAUSE: Duration = Duration::from_millis(1);

/// Guests with their tools and arguments. Each is called again as soon as its call has ended.
fn attacks() -> Vec<(&'static str, &'static str, Value)> {
    let plain = |guest| (guest, guest, json!({}));
    vec![
        plain("spins"),
        plain("recurses"),
        plain("allocates"),
        plain("panics"),
        plain("floods_log"),
        plain("floods_stdout"),
        plain("floods_progress"),
        plain("floods_notify"),
        plain("exhausts_handles"),
        plain("returns_100_mb"),
        plain("returns_invalid_json"),
        plain("deep_json"),
        plain("hangs_in_host_call"),
        ("slow", "sleep", json!({ "ms": 1 })),
    ]
}

fn main() {
    let runtime = plugins::runtime();
    println!(
        "guest                 calls/s   quiet p50   p99      attacked p50   p99      ratio of p99"
    );
    for (guest, tool, arguments) in attacks() {
        let Value::Object(arguments) = arguments else {
            unreachable!("arguments are objects")
        };
        let row = runtime.block_on(runtime.spawn(measure(guest, tool, arguments)));
        println!("{}", row.expect("no call panics"));
    }
}

async fn measure(guest: &'static str, tool: &'static str, arguments: Map<String, Value>) -> String {
    // The breaker would end the attack, which is its purpose and not the question here.
    let limits = Limits {
        failures_in_a_row: Limits::ceiling().failures_in_a_row,
        ..Limits::default()
    };
    let host = Host::start(
        plugins::engine(),
        vec![
            Ok(plugins::installed("noop", Limits::default())),
            Ok(plugins::installed(guest, limits)),
        ],
    );
    host.settled().await;
    calls(&host).await;
    let (mut quiet, mut attacked) = (Vec::new(), Vec::new());
    let n_attacks = Arc::new(AtomicU64::new(0));
    let mut under_attack = Duration::ZERO;
    for _ in 0..TURNS {
        quiet.extend(calls(&host).await);
        let ends = Arc::new(AtomicBool::new(false));
        let attacker = tokio::spawn(attack(
            host.clone(),
            guest,
            tool,
            arguments.clone(),
            ends.clone(),
            n_attacks.clone(),
        ));
        let started = Instant::now();
        attacked.extend(calls(&host).await);
        under_attack += started.elapsed();
        ends.store(true, Ordering::Relaxed);
        attacker.abort();
    }
    let us = |samples: &[Duration], share| quantile(samples, share).as_secs_f64() * 1e6;
    let ratio = us(&attacked, 0.99) / us(&quiet, 0.99);
    format!(
        "{guest:<20} {:>8.0} {:>8.0} µs {:>5.0} µs {:>11.0} µs {:>5.0} µs {ratio:>12.2}",
        n_attacks.load(Ordering::Relaxed) as f64 / under_attack.as_secs_f64(),
        us(&quiet, 0.5),
        us(&quiet, 0.99),
        us(&attacked, 0.5),
        us(&attacked, 0.99),
    )
}

/// Times the neighbour's calls.
async fn calls(host: &Host) -> Vec<Duration> {
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        tokio::time::sleep(PAUSE).await;
        let started = Instant::now();
        let answer = host
            .call_tool("noop__noop", Map::new(), Retry::default(), Call::default())
            .await;
        took.push(started.elapsed());
        answer.expect("the neighbour answers");
    }
    took
}

/// A call that ends when nobody waits for it any more.
struct Attack<T>(tokio::task::JoinHandle<T>);

impl<T> Future for Attack<T> {
    type Output = Result<T, tokio::task::JoinError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for Attack<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn attack(
    host: Host,
    guest: &'static str,
    tool: &'static str,
    arguments: Map<String, Value>,
    ends: Arc<AtomicBool>,
    n_attacks: Arc<AtomicU64>,
) {
    /// Fewer failures than any breaker lets pass. An honest call between them keeps it from ending the attack.
    const IN_A_ROW: u64 = 500;
    while !ends.load(Ordering::Relaxed) {
        let n = n_attacks.fetch_add(1, Ordering::Relaxed);
        let (tool, arguments) = match n % IN_A_ROW {
            0 => ("ping", Map::new()),
            _ => (tool, arguments.clone()),
        };
        // A task for each call, as in the server. How it ends does not matter; most of these never answer.
        let host = host.clone();
        let tool = format!("{guest}__{tool}");
        let call = async move {
            host.call_tool(&tool, arguments, Retry::default(), Call::default())
                .await
        };
        let _ = Attack(tokio::spawn(call)).await;
    }
}
