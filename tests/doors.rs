//! The rooms of the host open one way, and its tenants stay at home. ARCHITECTURE.md has the same table for people.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms it may name. Whatever is not listed is shut.
const DOORS: [(&str, &[&str]); 19] = [
    ("names", &[]),
    ("limits", &[]),
    ("permissions", &["names"]),
    ("contract", &["names", "limits"]),
    ("auth", &["contract"]),
    (
        "manifest",
        &["names", "limits", "permissions", "contract", "catalogue"],
    ),
    ("secrets", &["names", "limits", "permissions"]),
    ("network", &["names", "limits", "permissions", "secrets"]),
    ("telemetry", &["names", "contract", "network"]),
    (
        "config",
        &[
            "names",
            "limits",
            "permissions",
            "secrets",
            "manifest",
            "auth",
        ],
    ),
    ("catalogue", &["names", "limits", "contract"]),
    ("storage", &["names", "limits", "permissions"]),
    (
        "runtime",
        &[
            "names",
            "limits",
            "permissions",
            "contract",
            "catalogue",
            "storage",
            "network",
            "secrets",
            "telemetry",
        ],
    ),
    (
        "host",
        &[
            "names",
            "limits",
            "permissions",
            "network",
            "secrets",
            "contract",
            "manifest",
            "config",
            "catalogue",
            "storage",
            "runtime",
            "telemetry",
        ],
    ),
    (
        "protocol",
        &[
            "names",
            "limits",
            "contract",
            "catalogue",
            "host",
            "auth",
            "telemetry",
        ],
    ),
    (
        "project",
        &["names", "limits", "permissions", "contract", "manifest"],
    ),
    (
        "validate",
        &[
            "names",
            "limits",
            "permissions",
            "contract",
            "manifest",
            "config",
            "catalogue",
            "storage",
            "runtime",
            "host",
        ],
    ),
    (
        "trial",
        &[
            "names",
            "limits",
            "permissions",
            "network",
            "secrets",
            "contract",
            "manifest",
            "config",
            "catalogue",
            "storage",
            "runtime",
            "host",
        ],
    ),
    (
        "cli",
        &[
            "project",
            "validate",
            "trial",
            "names",
            "limits",
            "permissions",
            "network",
            "secrets",
            "contract",
            "manifest",
            "config",
            "catalogue",
            "storage",
            "runtime",
            "host",
            "auth",
            "protocol",
            "telemetry",
        ],
    ),
];

/// Crates that only some rooms may name.
const TENANTS: [(&str, &[&str]); 38] = [
    ("wasmtime", &["runtime"]),
    ("wasmtime_wasi", &["runtime"]),
    ("wasmtime_wasi_http", &["runtime"]),
    ("axum", &["protocol"]),
    ("hyper", &["network", "protocol"]),
    ("rustls", &["network", "protocol"]),
    ("rusqlite", &["storage"]),
    ("chacha20poly1305", &["storage"]),
    ("cap_std", &["storage", "manifest"]),
    ("serde_saphyr", &["manifest"]),
    ("url", &["permissions"]),
    ("rmcp", &["protocol"]),
    ("clap", &["cli"]),
    ("tracing_subscriber", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("anstream", &["cli"]),
    ("anstyle", &["cli", "validate", "trial"]),
    ("include_dir", &["project"]),
    ("notify", &["project"]),
    ("wasm_encoder", &["project"]),
    ("similar", &["trial"]),
    ("jiff", &["trial"]),
    ("miniz_oxide", &["validate"]),
    ("regex", &["trial", "validate"]),
    ("quick_junit", &["trial", "validate"]),
    ("toml", &["config", "project", "trial"]),
    ("jsonschema", &["manifest", "catalogue"]),
    ("wasmparser", &["manifest", "validate", "project"]),
    ("hmac", &["storage"]),
    ("keyring_core", &["secrets"]),
    ("aho_corasick", &["secrets"]),
    ("zeroize", &["secrets"]),
    ("opentelemetry", &["telemetry"]),
    ("opentelemetry_http", &["telemetry"]),
    ("opentelemetry_otlp", &["telemetry"]),
    ("opentelemetry_sdk", &["telemetry"]),
];

#[test]
fn every_room_names_only_what_its_doors_allow() {
    let rooms: BTreeSet<_> = DOORS.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let room = room_of(&path);
        let Some((_, allowed)) = DOORS.iter().find(|(name, _)| *name == room) else {
            continue;
        };
        for named in rooms
            .iter()
            .filter(|named| **named != room && names_room(&code, named))
        {
            if !allowed.contains(named) {
                wrong.push(format!(
                    "{} names `{named}`, and `{room}` has no door to it",
                    path.display()
                ));
            }
        }
        for (tenant, homes) in TENANTS {
            if !homes.contains(&&*room) && names_crate(&code, tenant) {
                wrong.push(format!(
                    "{} names crate `{tenant}`, which lives in {homes:?}",
                    path.display()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_room_of_the_crate_is_in_the_table() {
    let declared: BTreeSet<_> = fs::read_to_string(src().join("lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ")?
                .strip_suffix(';')
                .map(str::to_owned)
        })
        .collect();
    let known: BTreeSet<_> = DOORS.iter().map(|(room, _)| (*room).to_owned()).collect();
    assert_eq!(declared, known);
}

#[test]
fn the_doors_make_no_circle() {
    // A room may name only rooms above it in the table, but for the order in which two of them were written.
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < DOORS.len() {
        let next = DOORS.iter().find(|(room, allowed)| {
            !placed.contains(room) && allowed.iter().all(|named| placed.contains(named))
        });
        let (room, _) = next.expect("the rooms that are left name each other in a circle");
        placed.insert(room);
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file with its code: without comments, and without its tests.
fn sources() -> Vec<(PathBuf, String)> {
    let mut folders = vec![src()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && path.file_name().is_none_or(|name| name != "tests.rs")
            {
                let text = fs::read_to_string(&path).unwrap();
                let code = text
                    .split("#[cfg(test)]\nmod tests")
                    .next()
                    .unwrap_or_default();
                let code = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .collect::<Vec<_>>();
                files.push((
                    path.strip_prefix(src()).unwrap().to_owned(),
                    code.join("\n"),
                ));
            }
        }
    }
    assert!(files.len() > DOORS.len(), "the sources were not found");
    files
}

fn room_of(path: &Path) -> String {
    let first = path
        .iter()
        .next()
        .and_then(|first| first.to_str())
        .unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

fn names_room(code: &str, room: &str) -> bool {
    code.match_indices(&format!("crate::{room}"))
        .any(|(at, found)| {
            !code[at + found.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
}

fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(&format!("{name}::"))
        .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}
