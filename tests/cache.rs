//! The cache of code and lists: what is kept is used, what was tampered with is not, and nothing depends on it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use portcullis::host::Host;
use portcullis::runtime::{Compiler, Engine};
use portcullis::storage::Cache;
use serde_json::json;

use crate::support::host::{call, failure, installed, text};
use crate::support::program::PROGRAM;

fn engine(dir: &Path) -> Engine {
    Engine::new(
        Compiler::InProcess,
        Some(Cache::open(dir).expect("a cache")),
    )
    .expect("an engine")
}

/// A compiler that cannot compile, so that what works came from the cache.
fn engine_without_compiler(dir: &Path) -> Engine {
    let compiler = Compiler::Child {
        program: "/nonexistent".into(),
        argument: "",
    };
    Engine::new(compiler, Some(Cache::open(dir).expect("a cache"))).expect("an engine")
}

async fn serves(engine: Engine) -> Result<(), String> {
    let host = Host::start(engine, vec![Ok(installed("noop"))]);
    match failure(&host, "noop").await {
        Some(reason) => Err(reason),
        None => match call(&host, "noop__ping", json!({})).await {
            Ok(answer) if text(&answer) == "pong" => Ok(()),
            Ok(answer) => Err(format!("{answer:?}")),
            Err(error) => Err(error.to_string()),
        },
    }
}

fn entries(dir: &Path, suffix: &str) -> Vec<std::path::PathBuf> {
    let all = fs::read_dir(dir)
        .expect("the cache is there")
        .map(|entry| entry.expect("it can be read").path());
    all.filter(|path| path.to_str().is_some_and(|path| path.ends_with(suffix)))
        .collect()
}

#[tokio::test]
async fn the_second_start_needs_no_compiler() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    let first = serves(engine_without_compiler(&dir)).await;
    assert!(first.is_err(), "there is nothing in the cache yet");
    serves(engine(&dir)).await.unwrap();
    serves(engine_without_compiler(&dir)).await.unwrap();
}

#[tokio::test]
async fn lists_are_answered_without_any_code() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    serves(engine(&dir)).await.unwrap();
    for code in entries(&dir, ".code") {
        fs::remove_file(code).unwrap();
    }
    let host = Host::start(engine_without_compiler(&dir), vec![Ok(installed("noop"))]);
    assert_eq!(host.catalogue().await.tools().len(), 2);
}

#[tokio::test]
async fn code_that_was_tampered_with_never_runs() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    serves(engine(&dir)).await.unwrap();
    let code = entries(&dir, ".code");
    assert_eq!(code.len(), 1);
    let mut bytes = fs::read(&code[0]).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&code[0], bytes).unwrap();
    let served = serves(engine_without_compiler(&dir)).await;
    assert!(served.is_err(), "the forged code was used");
    serves(engine(&dir)).await.expect("it is compiled anew");
}

#[tokio::test]
async fn a_key_of_somebody_else_opens_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    serves(engine(&dir)).await.unwrap();
    fs::write(dir.join("key"), [0; 32]).unwrap();
    assert!(serves(engine_without_compiler(&dir)).await.is_err());
}

#[tokio::test]
async fn only_the_owner_can_read_the_cache() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    serves(engine(&dir)).await.unwrap();
    for path in [dir.clone(), dir.join("key")]
        .into_iter()
        .chain(entries(&dir, ".code"))
        .chain(entries(&dir, ".tag"))
    {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[tokio::test]
async fn two_hosts_may_start_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("cache");
    let (one, other) = tokio::join!(serves(engine(&dir)), serves(engine(&dir)));
    one.unwrap();
    other.unwrap();
    serves(engine_without_compiler(&dir)).await.unwrap();
}

#[tokio::test]
async fn without_a_cache_everything_works() {
    let engine = Engine::new(Compiler::InProcess, None).expect("an engine");
    serves(engine).await.unwrap();
}

#[tokio::test]
async fn a_child_process_compiles_what_this_process_can_run() {
    let dir = tempfile::tempdir().unwrap();
    let compiler = Compiler::Child {
        program: PROGRAM.into(),
        argument: "compile-from-stdin",
    };
    let cache = Cache::open(&dir.path().join("cache")).expect("a cache");
    serves(Engine::new(compiler, Some(cache)).expect("an engine"))
        .await
        .unwrap();
}
