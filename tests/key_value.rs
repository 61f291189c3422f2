//! What plugins keep under keys: who may, how much, and that nothing is lost when calls, hosts and processes meet or die.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use portcullis::contract::Continuation;
use portcullis::limits::{KEY_BYTES_MAX, Limits, VALUE_BYTES_MAX};
use portcullis::names::{Digest, Identity, LocalName, PluginName};
use portcullis::permissions::{Attempt, Key, StorageKind, Words};
use portcullis::runtime::{Asks, Call, Plugin, PluginLog, Powers, Source};
use portcullis::storage::{KeyValue, Swap};
use portcullis_fixtures::guest;
use serde_json::{Value, json};

use crate::support::host::{PATIENCE, engine, keys, limits, result_of, text};

/// A guest in service, whose store is in `dir`, and its log.
async fn serve(name: &str, dir: &Path, limits: Limits, granted: bool) -> (Plugin, Arc<PluginLog>) {
    let component = guest(name);
    let name = PluginName::from_file_stem(name).expect("guests have good names");
    let identity = Identity {
        name: name.clone(),
        digest: Digest::of(component),
    };
    let words = Words {
        storage: vec![StorageKind::KeyValue],
        ..Words::default()
    };
    let grant = if granted {
        words.clone()
    } else {
        Words::default()
    };
    let keys = keys(identity.clone(), words.clone(), grant, words);
    let engine = engine();
    let load = engine.load(identity.digest, Asks::default(), || Ok(component.into()));
    let code = load.await.expect("the guest loads");
    let powers = Powers {
        key_value: Some(KeyValue::new(dir, &limits)),
        ..Powers::none(Arc::new(keys))
    };
    let log = Arc::new(PluginLog::new(name.clone(), limits.log_bytes));
    let plugin = Plugin::new(name, engine.clone(), code, limits, powers, log.clone());
    (plugin, log)
}

/// The guest `keeps`, with everything it needs.
async fn keeps(dir: &Path) -> Plugin {
    serve("keeps", dir, limits(), true).await.0
}

/// Calls the one tool of a guest that is named for it, and gives the text of its answer.
async fn play(plugin: &Plugin, tool: &str, arguments: Value) -> String {
    let tool: LocalName = tool.parse().expect("guests have tools with good names");
    let said = plugin.call_tool(&tool, &arguments, Continuation::default(), Call::default());
    let said = tokio::time::timeout(PATIENCE, said).await;
    let answer = said.expect("there is an answer in time");
    let answer = answer.expect("the call succeeds").value;
    text(&result_of(answer.expect("the plugin answers"))).to_owned()
}

/// What the guest `keeps` says about one function of its store.
async fn ask(plugin: &Plugin, arguments: Value) -> Value {
    serde_json::from_str(&play(plugin, "keeps", arguments).await).expect("it says JSON")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[tokio::test]
async fn what_a_call_keeps_is_there_for_the_next_call_and_for_the_next_host() {
    let dir = folder();
    let first = keeps(dir.path()).await;
    let check = async |plugin: &Plugin, arguments: Value, expected: Value| {
        let told = ask(plugin, arguments.clone()).await;
        assert_eq!(told, json!({"ok": expected}), "{arguments}");
    };
    check(&first, json!({"do": "get", "key": "a"}), json!(null)).await;
    check(
        &first,
        json!({"do": "set", "key": "a", "value": "1"}),
        json!(null),
    )
    .await;
    check(
        &first,
        json!({"do": "set", "key": "b", "value": ""}),
        json!(null),
    )
    .await;
    check(&first, json!({"do": "get", "key": "a"}), json!("1")).await;
    let swap = json!({"do": "compare-and-set", "key": "a", "value": "1", "new": "2"});
    check(&first, swap.clone(), json!("done")).await;
    check(&first, swap, json!({"differs": "2"})).await;
    drop(first);

    let next = keeps(dir.path()).await;
    check(&next, json!({"do": "get", "key": "a"}), json!("2")).await;
    check(&next, json!({"do": "exists", "key": "b"}), json!(true)).await;
    check(&next, json!({"do": "delete", "key": "b"}), json!(null)).await;
    check(&next, json!({"do": "exists", "key": "b"}), json!(false)).await;
    check(
        &next,
        json!({"do": "list"}),
        json!({"keys": ["a"], "next": null}),
    )
    .await;
}

#[tokio::test]
async fn a_plugin_without_the_grant_is_refused_by_name_and_makes_no_file() {
    let dir = folder();
    let (refused, _) = serve("keeps", dir.path(), limits(), false).await;
    for function in ["get", "set", "delete", "exists", "list", "compare-and-set"] {
        let told = ask(&refused, json!({"do": function, "key": "k"})).await;
        assert_eq!(told, json!({"error": "not-granted"}), "{function}");
    }
    let denials = refused.denials();
    assert_eq!(denials.len(), 1, "{denials:?}");
    assert_eq!(denials[0].attempt, Attempt::Storage(StorageKind::KeyValue));
    assert_eq!(denials[0].missing, [Key::Grant]);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);

    let granted = keeps(dir.path()).await;
    let told = ask(&granted, json!({"do": "exists", "key": "k"})).await;
    assert_eq!(told, json!({"ok": false}));
    assert!(granted.denials().is_empty());
}

#[tokio::test]
async fn a_hoarder_is_refused_at_its_quota_and_its_neighbour_has_room() {
    let check = async |limits: Limits, arguments: Value, expected: &str| {
        let dir = folder();
        let (hoarder, _) = serve("hoards", dir.path(), limits, true).await;
        for _ in 0..3 {
            // The next call writes over what the one before has kept, and gets as far.
            let told = play(&hoarder, "hoards", arguments.clone()).await;
            assert_eq!(told, expected);
        }
        assert_eq!(play(&hoarder, "ping", json!({})).await, "pong");
        let bytes: u64 = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().metadata().unwrap().len())
            .sum();
        assert!(bytes < 16 << 20, "{bytes} bytes on disk");
    };
    let few_bytes = Limits {
        key_value_bytes: 1 << 20,
        ..limits()
    };
    let few_keys = Limits {
        key_value_keys: 100,
        ..limits()
    };
    // 1 MiB holds ten times 100,000 bytes and their keys.
    let large = json!({"key": 10, "value": 100_000});
    let refused = "10 kept, then Error::QuotaExceeded(Quota::Bytes)";
    check(few_bytes, large, refused).await;
    let small = json!({"key": 10, "value": 0});
    let refused = "100 kept, then Error::QuotaExceeded(Quota::Keys)";
    check(few_keys, small, refused).await;

    let other = folder();
    let neighbour = keeps(other.path()).await;
    let told = ask(&neighbour, json!({"do": "set", "key": "k", "value": "v"})).await;
    assert_eq!(told, json!({"ok": null}));
}

#[tokio::test]
async fn a_key_or_a_value_that_is_too_long_is_refused_by_name() {
    let told = (KEY_BYTES_MAX, VALUE_BYTES_MAX);
    assert_eq!(told, (1 << 10, 1 << 20), "the contract says so");
    let dir = folder();
    let plugin = keeps(dir.path()).await;
    let check = async |function: &str, key: usize, value: usize, expected: Value| {
        let (key, value) = ("k".repeat(key), "v".repeat(value));
        let arguments = json!({"do": function, "key": key, "value": value, "new": value});
        assert_eq!(ask(&plugin, arguments).await, expected, "{function}");
    };
    let key_too_long = json!({"error": "key-too-long"});
    let value_too_long = json!({"error": "value-too-long"});
    check("set", KEY_BYTES_MAX, 1, json!({"ok": null})).await;
    for function in ["get", "set", "delete", "exists", "compare-and-set"] {
        check(function, KEY_BYTES_MAX + 1, 1, key_too_long.clone()).await;
    }
    check("set", 1, VALUE_BYTES_MAX, json!({"ok": null})).await;
    check("set", 1, VALUE_BYTES_MAX + 1, value_too_long.clone()).await;
    check("compare-and-set", 1, VALUE_BYTES_MAX + 1, value_too_long).await;
    // What is far too long does not even reach the host's memory: it ends the call.
    let (hoarder, _) = serve("hoards", dir.path(), limits(), true).await;
    let tool = "hoards".parse().expect("a good name");
    let huge = json!({"key": 1, "value": 20 << 20});
    let ended = hoarder.call_tool(&tool, &huge, Continuation::default(), Call::default());
    let ended = ended.await;
    assert!(ended.is_err(), "it crossed");
    check("exists", 1, 1, json!({"ok": true})).await;
}

#[tokio::test]
async fn keys_that_look_like_something_else_are_only_keys() {
    let dir = folder();
    let plugin = keeps(dir.path()).await;
    let mut hostile = vec![
        "",
        "a\0b",
        "a\nb",
        "'); DROP TABLE entries; --",
        "\" OR \"\"=\"",
        "?1",
        "../../key-value.sqlite",
        "\u{202e}\u{1b}[2J",
    ];
    for key in &hostile {
        let told = ask(&plugin, json!({"do": "set", "key": key, "value": key})).await;
        assert_eq!(told, json!({"ok": null}), "{key:?}");
    }
    for key in &hostile {
        let told = ask(&plugin, json!({"do": "get", "key": key})).await;
        assert_eq!(told, json!({"ok": key}), "{key:?}");
    }
    hostile.sort_unstable();
    let told = ask(&plugin, json!({"do": "list"})).await;
    assert_eq!(told, json!({"ok": {"keys": hostile, "next": null}}));
    // A cursor is no door either.
    for cursor in ["' OR 1 = 1", "\u{10ffff}", "{\"page\":-1}", "zzzz\0"] {
        let told = ask(
            &plugin,
            json!({"do": "list", "cursor": cursor, "prefix": "a"}),
        )
        .await;
        let keys = told["ok"]["keys"].as_array().expect("a page");
        assert!(keys.len() <= 2, "{cursor:?}: {keys:?}");
    }
    let endless = "c".repeat(KEY_BYTES_MAX + 1);
    let told = ask(&plugin, json!({"do": "list", "cursor": endless})).await;
    assert_eq!(told, json!({"error": "key-too-long"}));
}

#[tokio::test]
async fn two_plugins_do_not_see_each_others_keys() {
    let home = folder();
    let one = keeps(&home.path().join("one")).await;
    let two = keeps(&home.path().join("two")).await;
    ask(&one, json!({"do": "set", "key": "secret", "value": "1"})).await;
    let told = ask(&two, json!({"do": "get", "key": "secret"})).await;
    assert_eq!(told, json!({"ok": null}));
    let told = ask(&two, json!({"do": "list"})).await;
    assert_eq!(told, json!({"ok": {"keys": [], "next": null}}));
    let told = ask(&one, json!({"do": "get", "key": "secret"})).await;
    assert_eq!(told, json!({"ok": "1"}));
}

/// Increments each of two hosts makes, and each of two processes.
const INCREMENTS: usize = 50;

#[tokio::test]
async fn two_hosts_that_count_at_once_lose_nothing() {
    let dir = folder();
    let (one, two) = tokio::join!(keeps(dir.path()), keeps(dir.path()));
    let count = async |plugin: &Plugin| {
        let counts = (0..INCREMENTS).map(|_| ask(plugin, json!({"do": "increment", "key": "n"})));
        for told in futures::future::join_all(counts).await {
            assert!(told["ok"].is_u64(), "{told}");
        }
    };
    tokio::join!(count(&one), count(&two));
    let told = ask(&one, json!({"do": "get", "key": "n"})).await;
    assert_eq!(told, json!({"ok": (2 * INCREMENTS).to_string()}));
}

#[tokio::test]
async fn a_damaged_store_is_an_error_and_the_neighbour_works() {
    let home = folder();
    let damaged = home.path().join("damaged");
    fs::create_dir(&damaged).unwrap();
    let file = damaged.join("key-value.sqlite");
    fs::write(&file, "this is no store".repeat(1_000)).unwrap();
    let (broken, log) = serve("keeps", &damaged, limits(), true).await;
    for function in ["get", "set", "list"] {
        let told = ask(&broken, json!({"do": function, "key": "k"})).await;
        // The guest does not hear where its store is.
        assert_eq!(told, json!({"error": "the key-value store is damaged"}));
    }
    assert_eq!(
        fs::read_to_string(&file).unwrap(),
        "this is no store".repeat(1_000)
    );
    assert_eq!(play(&broken, "ping", json!({})).await, "pong");
    // The operator does.
    let lines = log.lines();
    let line = lines.iter().find(|line| line.source == Source::Host);
    let line = line.unwrap_or_else(|| panic!("{lines:?}"));
    assert!(line.text.contains(file.to_str().unwrap()), "{line:?}");

    let neighbour = keeps(&home.path().join("whole")).await;
    let told = ask(&neighbour, json!({"do": "set", "key": "k", "value": "v"})).await;
    assert_eq!(told, json!({"ok": null}));
}

/// Where the processes below find the store they work on. Without it they are in an ordinary run of the tests.
const STORE: &str = "PORTCULLIS_TEST_STORE";

/// This program again, to run one of its tests on a store.
fn process(test: &str, dir: &Path) -> Child {
    Command::new(std::env::current_exe().expect("this program has a path"))
        .args([&format!("key_value::{test}"), "--exact", "--nocapture"])
        .env(STORE, dir)
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program starts again")
}

fn store_of_this_process() -> Option<KeyValue> {
    let dir = PathBuf::from(std::env::var_os(STORE)?);
    Some(KeyValue::new(&dir, &limits()))
}

/// What the writer puts under its `n`-th key: large enough that the log is folded into the file again and again.
fn value(n: usize) -> Vec<u8> {
    vec![n as u8; 1 + n * 997 % 20_000]
}

/// Keys the writer uses, over and over.
const N_KEYS: usize = 200;

/// Writes without end and says each time that it has; it is killed. In an ordinary run it only looks whether it should.
#[tokio::test]
async fn writer() {
    let Some(store) = store_of_this_process() else {
        return;
    };
    for n in 0.. {
        let written = store.set((n % N_KEYS).to_string(), value(n)).await;
        written.expect("the store works");
        let counted = store.set("newest".to_owned(), n.to_string().into_bytes());
        counted.await.expect("the store works");
        let mut out = std::io::stdout().lock();
        // Fails when nobody listens any more.
        if writeln!(out, "written {n}")
            .and_then(|()| out.flush())
            .is_err()
        {
            return;
        }
    }
}

#[tokio::test]
async fn what_was_written_outlives_a_host_that_is_killed_in_the_middle_of_writing() {
    let dir = folder();
    for kill_after in [1, 30, 450] {
        let mut writer = process("writer", dir.path());
        let out = BufReader::new(writer.stdout.take().expect("it is piped"));
        let mut newest = None;
        let mut is_killed = false;
        for line in out.lines() {
            let line = line.expect("it speaks UTF-8");
            let Some((_, n)) = line.split_once("written ") else {
                continue;
            };
            // What it had said before it died, and nobody had read, counts as well.
            newest = n.parse::<usize>().ok().or(newest);
            if newest >= Some(kill_after) && !is_killed {
                writer.kill().expect("it can be killed");
                is_killed = true;
            }
        }
        writer.wait().expect("it has ended");
        let newest = newest.expect("it wrote");
        assert!(is_killed, "it ended by itself after {newest}");

        let store = KeyValue::new(dir.path(), &limits());
        let noted = store.get("newest".to_owned()).await.expect("it opens");
        let noted: usize = String::from_utf8(noted.expect("it is there"))
            .unwrap()
            .parse()
            .unwrap();
        assert!(noted >= newest, "{newest} was answered, {noted} is there");
        for n in (noted + 1).saturating_sub(N_KEYS)..=noted {
            let kept = store.get((n % N_KEYS).to_string()).await.expect("it opens");
            let kept = kept.expect("it is there");
            // The one that was under way is there whole or not at all.
            let is_next = n + N_KEYS == noted + 1 && kept == value(noted + 1);
            assert!(kept == value(n) || is_next, "{n} of {noted}");
        }
    }
}

/// Counts, together with others of its kind. In an ordinary run it only looks whether it should.
#[tokio::test]
async fn counter() {
    let Some(store) = store_of_this_process() else {
        return;
    };
    for _ in 0..INCREMENTS {
        let mut current = store.get("n".to_owned()).await.expect("the store works");
        loop {
            let digits = String::from_utf8(current.clone().unwrap_or_default()).unwrap();
            let new = digits.parse().unwrap_or(0_usize) + 1;
            let new = Some(new.to_string().into_bytes());
            let swap = store.compare_and_set("n".to_owned(), current, new);
            match swap.await.expect("the store works") {
                Swap::Done => break,
                Swap::Differs(other) => current = other,
            }
        }
    }
}

#[tokio::test]
async fn processes_that_count_at_once_lose_nothing() {
    let dir = folder();
    let counters = [(); 3].map(|()| process("counter", dir.path()));
    for counter in counters {
        let ended = counter.wait_with_output().expect("it ends");
        assert!(ended.status.success(), "{ended:?}");
    }
    let store = KeyValue::new(dir.path(), &limits());
    let total = store.get("n".to_owned()).await.expect("it opens");
    assert_eq!(total, Some((3 * INCREMENTS).to_string().into_bytes()));
}
