//! A soak: many mixed calls, good and bad, over both transports and in both eras, to see that no answer is lost and that
//! memory stays flat. It is no measurement of speed; a failure ends it with a sentence.
//!
//! `cargo bench -p portcullis --bench soak` makes 100,000 calls; `SOAK_CALLS` sets another number, and `PORTCULLIS` another program.

#[path = "support/home.rs"]
mod home;
#[path = "soak/http.rs"]
mod http;
#[path = "soak/stdio.rs"]
mod stdio;
#[path = "soak/wish.rs"]
mod wish;

use std::path::Path;
use std::time::Instant;

use home::Home;
use portcullis_fixtures::guest_path;

/// Calls over all ways in, unless the environment says otherwise.
const CALLS: u64 = 100_000;

/// Parts into which the calls are divided. Memory is read between them.
const PARTS: u64 = 10;

/// By how much the memory of a server may have grown from the second part to the last: allocators keep some pages, and a
/// leak of 100 bytes per call would be ten megabytes.
const GROWTH_BYTES_MAX: u64 = 8 << 20;

/// Guests that ask and that go on as tasks, beside the shipped plugins.
const GUESTS: [&str; 2] = ["interrogates", "becomes_a_task"];

fn main() {
    // `cargo test` builds and runs benchmarks too, with this argument.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let calls = std::env::var("SOAK_CALLS").map_or(CALLS, |calls| {
        calls.parse().expect("SOAK_CALLS is a number")
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    runtime.block_on(async {
        let per_way = calls / 3;
        soak("stdio, legacy", per_way / 2, Way::Stdio(stdio::Era::Legacy)).await;
        soak("stdio, modern", per_way / 2, Way::Stdio(stdio::Era::Modern)).await;
        soak("HTTP, both", calls - 2 * (per_way / 2), Way::Http).await;
    });
}

/// A way into the server.
enum Way {
    Stdio(stdio::Era),
    Http,
}

async fn soak(name: &str, calls: u64, way: Way) {
    let home = Home::new("");
    let mut command = home.serve();
    for guest in GUESTS {
        command.arg("--plugin").arg(guest_path(guest));
    }
    let started = Instant::now();
    let mut memory = Vec::new();
    let n_answers = match way {
        Way::Stdio(era) => {
            let mut client = stdio::Client::open(command, era).await;
            for part in 0..PARTS {
                client.calls(part, calls / PARTS).await;
                memory.push(resident_bytes(client.pid()));
            }
            client.close().await
        }
        Way::Http => {
            let client = http::Server::start(command).await;
            for part in 0..PARTS {
                client.calls(part, calls / PARTS).await;
                memory.push(resident_bytes(client.pid()));
            }
            client.stop().await
        }
    };
    let mib: Vec<_> = memory.iter().map(|bytes| bytes >> 20).collect();
    println!(
        "{name}: {calls} calls, {n_answers} answers, {:.0} s, resident MiB after each tenth: {mib:?}",
        started.elapsed().as_secs_f64()
    );
    // The first part makes what is made once.
    let grown = memory[memory.len() - 1].saturating_sub(memory[1]);
    assert!(
        grown <= GROWTH_BYTES_MAX,
        "{name}: memory grew by {grown} bytes"
    );
}

/// The memory a process has in use.
fn resident_bytes(pid: u32) -> u64 {
    let path = Path::new("/proc").join(pid.to_string()).join("status");
    let status = std::fs::read_to_string(path).expect("the server is alive");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.expect("the system tells it in KiB") << 10
}
