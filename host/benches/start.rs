//! From the start of the program to a complete list of tools, with and without a cache, and the memory it then has.

#[path = "support/client.rs"]
mod client;
#[path = "support/figures.rs"]
mod figures;
#[path = "support/home.rs"]
mod home;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use client::Client;
use figures::quantile;
use home::Home;

/// Starts that compile everything; they take seconds.
const COLD_STARTS: usize = 5;
const WARM_STARTS: usize = 11;

/// What a client may still be doing right after a list is over by then.
const IDLE: Duration = Duration::from_secs(2);

fn main() {
    println!("| plugins | cache | tools | `initialize` | complete list | resident | after 2 s |");
    println!("|---|---|---|---|---|---|---|");
    measure("shipped", || Home::new(""));
    for n_plugins in [1, 10, 50] {
        measure(&n_plugins.to_string(), || home_with(n_plugins));
    }
}

/// Tells one set of plugins' cold starts, each in a new folder, and the warm starts in the last of these.
fn measure(plugins: &str, new_home: impl Fn() -> Home) {
    let mut homes: Vec<_> = (0..COLD_STARTS).map(|_| new_home()).collect();
    let cold: Vec<_> = homes.iter().map(Start::of).collect();
    tell(plugins, "cold", &cold);
    homes.drain(1..);
    let warm: Vec<_> = (0..WARM_STARTS).map(|_| Start::of(&homes[0])).collect();
    tell(plugins, "warm", &warm);
}

fn tell(plugins: &str, cache: &str, starts: &[Start]) {
    let time = |of: fn(&Start) -> Duration| {
        let times: Vec<_> = starts.iter().map(of).collect();
        let [least, median, most] =
            [0.0, 0.5, 1.0].map(|share| quantile(&times, share).as_secs_f64() * 1e3);
        format!("{median:.1} ms ({least:.1} to {most:.1})")
    };
    let memory = |of: fn(&Start) -> u64| {
        let sizes: Vec<_> = starts.iter().map(of).collect();
        format!("{:.1} MB", quantile(&sizes, 0.5) as f64 / 1e6)
    };
    println!(
        "| {plugins} | {cache} | {} | {} | {} | {} | {} |",
        starts[0].n_tools,
        time(|start| start.initialized),
        time(|start| start.listed),
        memory(|start| start.resident_bytes),
        memory(|start| start.idle_bytes),
    );
}

/// What was seen of one start.
struct Start {
    initialized: Duration,
    listed: Duration,
    n_tools: usize,
    resident_bytes: u64,
    idle_bytes: u64,
}

impl Start {
    fn of(home: &Home) -> Self {
        let started = Instant::now();
        let mut client = Client::spawn(&mut home.serve());
        client.initialize();
        let initialized = started.elapsed();
        let n_tools = count_tools(&mut client);
        let listed = started.elapsed();
        let resident_bytes = resident_bytes(client.server.id());
        std::thread::sleep(IDLE);
        let idle_bytes = self::resident_bytes(client.server.id());
        Self {
            initialized,
            listed,
            n_tools,
            resident_bytes,
            idle_bytes,
        }
    }
}

/// Reads all pages of the list.
fn count_tools(client: &mut Client) -> usize {
    let mut n_tools = 0;
    let mut params = "{}".to_owned();
    loop {
        let answer: Value = serde_json::from_str(client.ask("tools/list", &params))
            .expect("the server answers in JSON");
        let result = &answer["result"];
        n_tools += result["tools"]
            .as_array()
            .expect("the answer is a list")
            .len();
        match &result["nextCursor"] {
            Value::Null => return n_tools,
            cursor => params = format!(r#"{{"cursor":{cursor}}}"#),
        }
    }
}

/// The memory of a process that is in the machine's own, shared pages included.
fn resident_bytes(process_id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process_id}/status"))
        .expect("the server is still there");
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB"))
        .expect("a running process has memory");
    kilobytes.trim().parse::<u64>().expect("it is a number") * 1024
}

/// A folder with this many plugins that do nothing, no two of them the same to the host.
fn home_with(n_plugins: usize) -> Home {
    let mut config = "[host]\nshipped = false\n".to_owned();
    for n in 0..n_plugins {
        write!(config, "\n[plugins.p{n}]\npath = \"p{n}.wasm\"\n").expect("memory can be written");
    }
    let home = Home::new(&config);
    for n in 0..n_plugins {
        home.write(&format!("p{n}.wasm"), &distinct_noop(n as u8));
    }
    home
}

/// The guest that does nothing, with a section that only `nonce` tells from the others.
fn distinct_noop(nonce: u8) -> Vec<u8> {
    let mut component = portcullis_fixtures::guest("noop").to_vec();
    let name = b"nonce";
    // A custom section: its kind, how long it is, its name with the name's length, and its contents.
    component.extend([0, name.len() as u8 + 2, name.len() as u8]);
    component.extend(name);
    component.push(nonce);
    component
}
