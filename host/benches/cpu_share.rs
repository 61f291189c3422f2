//! What share of a core a spinning guest really gets, beside the share it was given. Prints a line for each, and the share
//! of four guests of one plugin that spin at once. On a busy machine nobody gets more than what is free, which the last line
//! tells.

#[path = "support/plugins.rs"]
mod plugins;

use std::time::{Duration, Instant};

use futures::future::join_all;
use portcullis::host::{Call, Host, Retry, Totals};
use portcullis::limits::Limits;
use portcullis::names::PluginName;
use portcullis::runtime::Engine;

/// How long each guest spins. The burst at the beginning is a hundredth of what half a core does in that time.
const SPIN: Duration = Duration::from_secs(4);

fn main() {
    let runtime = plugins::runtime();
    let engine = plugins::engine();
    println!("asked  guests  got     error");
    for (percent, n_guests) in [(10, 1), (25, 1), (50, 1), (100, 1), (50, 4)] {
        let share = runtime.block_on(share(engine.clone(), percent, n_guests));
        let error = (share - percent as f64) / percent as f64 * 100.0;
        println!("{percent:>4} %  {n_guests:>6}  {share:5.1} %  {error:+.1} %");
    }
    let free = runtime.block_on(share(engine, 100 * 100, 1));
    println!("one guest that never waits gets {free:.1} % of a core here");
}

/// Hundredths of a core that guests of one plugin get.
async fn share(engine: Engine, percent: u64, n_guests: usize) -> f64 {
    let name = PluginName::from_file_stem("spins").expect("a good name");
    let limits = Limits {
        cpu_percent: percent,
        call_ms: u64::try_from(SPIN.as_millis()).expect("it is short"),
        fuel: Limits::ceiling().fuel,
        failures_in_a_row: Limits::ceiling().failures_in_a_row,
        ..Limits::default()
    };
    let host = Host::start(engine, vec![Ok(plugins::installed("spins", limits))]);
    host.catalogue().await;
    let call = |tool| {
        host.call_tool(
            tool,
            serde_json::Map::new(),
            Retry::default(),
            Call::default(),
        )
    };
    call("spins__ping").await.expect("the guest answers");
    let before: Totals = host.usage(&name);
    let started = Instant::now();
    let spinning = (0..n_guests).map(|_| call("spins__spins"));
    for ended in join_all(spinning.collect::<Vec<_>>()).await {
        ended.expect_err("it spins until its deadline");
    }
    let wall = started.elapsed();
    let cpu = Duration::from_micros(host.usage(&name).cpu_us - before.cpu_us);
    cpu.as_secs_f64() / wall.as_secs_f64() * 100.0
}
