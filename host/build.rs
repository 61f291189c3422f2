//! Builds the shipped plugins and embeds them: writes `shipped.rs`, a constant with each one's name and bytes.

use std::env;
use std::fs;
use std::io;

#[path = "../plugins/build_guests.rs"]
mod build_guests;

use build_guests::{build_guests, keep, out_dir};

const SHIPPED: [&str; 6] = ["calculator", "text", "time", "fetch", "files", "notes"];

fn main() -> io::Result<()> {
    println!(
        "cargo::rustc-env=PORTCULLIS_WASMTIME_VERSION={}",
        engine_version()
    );
    // They are a part of the program, and the compiler does not see a new one by itself.
    println!("cargo::rerun-if-changed=templates");
    // A fuzz target starts no plugin, and its compiler seldom has the target for WebAssembly.
    if env::var_os("CARGO_CFG_FUZZING").is_some() {
        return write(&[]);
    }
    let sources = SHIPPED.map(|name| format!("plugins/{name}"));
    let selection: Vec<_> = SHIPPED.iter().flat_map(|name| ["-p", name]).collect();
    let components = build_guests(
        &[&["--lib"][..], &selection].concat(),
        &sources.each_ref().map(String::as_str),
    );

    let entries = SHIPPED.map(|name| {
        let component = keep(&components, name);
        format!("    ({name:?}, include_bytes!({component:?})),\n")
    });
    write(&entries)
}

fn write(entries: &[String]) -> io::Result<()> {
    let shipped = format!(
        "/// The plugins that come with the host: each one's name and component.\n\
         pub const SHIPPED: [(&str, &[u8]); {}] = [\n{}];\n",
        entries.len(),
        entries.concat(),
    );
    fs::write(out_dir().join("shipped.rs"), shipped)
}

/// The version of wasmtime that is locked, for people who ask what they run.
fn engine_version() -> String {
    println!("cargo::rerun-if-changed=../Cargo.lock");
    let lock = fs::read_to_string("../Cargo.lock").unwrap_or_default();
    let version = lock
        .split_once("name = \"wasmtime\"\nversion = \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    version
        .map_or("of unknown version", |(version, _)| version)
        .to_owned()
}
