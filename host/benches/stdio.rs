//! One call over real pipes, sandboxed against native: `portcullis serve` with a guest that does nothing, beside a server
//! of the same MCP library whose tool does nothing.
//!
//! Both servers wait on the same machine and take turns, so that whatever else the machine does hits both. A good part of
//! a round trip is waking the other side, which costs a few microseconds on the same core and tens of them on another. The
//! system decides which it is, differently for a server that answers a little later; so there is a measurement that leaves
//! it the choice, and one for each outcome with `taskset`. A pinned server has one worker thread.
//!
//! The host works on after an answer, to be ready for the next call. A client that calls again at once finds its core still
//! awake, which a native server's is not, so the ratio flatters the host; a client that pauses first does not see that. What
//! is done behind the client's back is in no latency at all, so the processor time of the server is told beside it.

#[path = "support/client.rs"]
mod client;
#[path = "support/figures.rs"]
mod figures;
#[path = "support/home.rs"]
mod home;
#[path = "support/rivals.rs"]
mod rivals;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use client::Client;
use figures::quantile;
use home::Home;

const STARTS: usize = 5;
const ROUNDS: usize = 8;
const CALLS: usize = 200;

/// Long enough for a server to have done all its work and gone to sleep.
const PAUSE: Duration = Duration::from_millis(1);

fn main() {
    if rivals::serve_if_asked() {
        return;
    }
    println!(
        "| cores | calls | client | sandboxed p50 / p99, work | native p50 / p99, work | ratio of medians (range) |"
    );
    println!("|---|---|---|---|---|---|");
    // A process that was pinned stays so, and those it starts as well: the free choice comes first.
    for cores in [Cores::Any, Cores::Same, Cores::Two] {
        if let Some((client, _)) = cores.numbers() {
            pin(std::process::id(), client);
        }
        for pause in [None, Some(PAUSE)] {
            for era in [Era::Legacy, Era::Modern] {
                compare(cores, pause, era);
            }
        }
    }
}

/// Which revision of MCP the client speaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Era {
    /// 2025-11-25, with `initialize`.
    Legacy,
    /// 2026-07-28, where each request says all about itself.
    Modern,
}

impl Era {
    fn params(self) -> &'static str {
        match self {
            Self::Legacy => r#"{"name":"noop","arguments":{}}"#,
            Self::Modern => concat!(
                r#"{"name":"noop","arguments":{},"_meta":{"#,
                r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
                r#""io.modelcontextprotocol/clientCapabilities":{},"#,
                r#""io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"}}}"#,
            ),
        }
    }
}

/// Where the client and a server run.
#[derive(Debug, Clone, Copy)]
enum Cores {
    /// Where the system puts them.
    Any,
    /// On one core, which they hand to each other.
    Same,
    /// Each on a core of its own.
    Two,
}

impl Cores {
    /// The client's core and the server's, unless the system chooses.
    fn numbers(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Any => None,
            Self::Same => Some(("0", "0")),
            Self::Two => Some(("0", "1")),
        }
    }
}

/// Keeps all threads of a process on one core.
fn pin(process_id: u32, core: &str) {
    let status = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", core])
        .arg(process_id.to_string())
        .stdout(Stdio::null())
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "`taskset` moves processes (hint: it is a part of util-linux)"
    );
}

fn compare(cores: Cores, pause: Option<Duration>, era: Era) {
    let path = portcullis_fixtures::guest_path("noop");
    let home = Home::new(&format!(
        "[host]\nshipped = false\n\n[plugins.noop]\npath = {path:?}\n"
    ));
    let mut native = rivals::native();

    let (mut sandboxed_times, mut native_times, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    let mut work = [Duration::ZERO; 2];
    for _ in 0..STARTS {
        let mut servers = [
            open(&mut home.serve(), cores, era),
            open(&mut native, cores, era),
        ];
        for round in 0..ROUNDS {
            let mut batches = [Vec::new(), Vec::new()];
            for turn in 0..2 {
                // Neither is always the first.
                let who = (turn + round) % 2;
                let before = processor_time(&servers[who]);
                batches[who] = batch(&mut servers[who], pause, era);
                work[who] += processor_time(&servers[who]) - before;
            }
            let [sandboxed, native] = &batches;
            ratios.push(micros(quantile(sandboxed, 0.5)) / micros(quantile(native, 0.5)));
            sandboxed_times.extend(sandboxed);
            native_times.extend(native);
        }
    }
    let calls = if pause.is_some() { "paused" } else { "at once" };
    println!(
        "| {cores:?} | {calls} | {era:?} | {} | {} | {:.2} ({:.2} to {:.2}) |",
        summary(&sandboxed_times, work[0]),
        summary(&native_times, work[1]),
        quantile(&ratios, 0.5),
        quantile(&ratios, 0.0),
        quantile(&ratios, 1.0),
    );
}

/// A server that is in conversation and has answered before.
fn open(command: &mut Command, cores: Cores, era: Era) -> Client {
    let mut server = Client::spawn(command);
    if let Some((_, core)) = cores.numbers() {
        pin(server.server.id(), core);
    }
    if era == Era::Legacy {
        server.initialize();
    }
    batch(&mut server, None, era);
    server
}

/// How long each of some calls took, one after the other.
fn batch(server: &mut Client, pause: Option<Duration>, era: Era) -> Vec<Duration> {
    let call = |_| {
        if let Some(pause) = pause {
            std::thread::sleep(pause);
        }
        let started = Instant::now();
        let answer = server.ask("tools/call", era.params());
        let took = started.elapsed();
        assert!(answer.contains(r#""text":"ok""#), "{answer}");
        took
    };
    (0..CALLS).map(call).collect()
}

/// How long all threads of a server have run so far.
fn processor_time(server: &Client) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{}/task", server.server.id()))
        .expect("the server is still there");
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok())
        .filter_map(|stat| stat.split(' ').next()?.parse().ok())
        .map(Duration::from_nanos)
        .sum()
}

fn summary(times: &[Duration], work: Duration) -> String {
    let [p50, p99] = [0.5, 0.99].map(|share| micros(quantile(times, share)));
    let work = micros(work) / times.len() as f64;
    format!("{p50:.0} / {p99:.0} µs, {work:.0} µs")
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
