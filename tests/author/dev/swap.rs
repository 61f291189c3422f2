//! One plugin takes the place of another while the host serves.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis::config::PluginConfig;
use portcullis::contract::{ClientCapabilities, Context, Event, ListKind};
use portcullis::host::{Call, CallError, Change, Host, Installed, Premises, Reply, Retry, State};
use portcullis::manifest::Manifest;
use portcullis::names::{PluginName, Prefix};
use portcullis::network::Network;
use portcullis::permissions::{Keys, StorageKind, Words};
use serde_json::json;
use tokio::sync::mpsc;

use crate::support::host::{
    PATIENCE, call, call_with, engine, failure, host_of, installed, keys, limits, object, text,
};

/// A test guest under another guest's name.
fn as_plugin(guest: &str, name: &str) -> Installed {
    let mut plugin = installed(guest);
    let name: PluginName = name.parse().unwrap();
    plugin.identity.name = name.clone();
    plugin.manifest = Manifest::minimal(name.clone());
    plugin.prefix = Prefix::of(&name);
    plugin.keys = Arc::new(Keys::none(plugin.identity.clone()));
    plugin
}

/// A host in service.
async fn serving(plugins: impl IntoIterator<Item = Installed>) -> Host {
    let host = host_of(plugins);
    host.settled().await;
    host
}

fn tools(host: &Host) -> Vec<String> {
    let catalogue = host.catalogue_now();
    let tools = catalogue.tools().iter();
    tools.map(|tool| tool.public.to_string()).collect()
}

async fn ping(host: &Host, plugin: &str) -> String {
    let answer = call(host, &format!("{plugin}__ping"), json!({})).await;
    text(&answer.unwrap()).to_owned()
}

/// A call that cannot go on until what it says is heard, and the place to hear it.
fn gated() -> (Call, mpsc::Receiver<Event>) {
    let (events, heard) = mpsc::channel(1);
    let call = Call {
        events: Some(events),
        ..Call::default()
    };
    (call, heard)
}

#[tokio::test]
async fn a_call_in_flight_ends_on_the_old_one_while_the_next_goes_to_the_new_one() {
    let host = serving([as_plugin("progress", "p")]).await;
    let (with, mut heard) = gated();
    let calling = host.clone();
    let flight =
        tokio::spawn(async move { call_with(&calling, "p__progress", json!({}), with).await });
    let first = heard.recv().await;
    assert!(matches!(first, Some(Event::Progress { .. })), "{first:?}");

    let replaced = host.replace(0, as_plugin("remembers", "p")).await.unwrap();
    assert!(replaced.before.is_some());
    assert_eq!(tools(&host), ["p__ping", "p__remembers"]);
    let next = call(&host, "p__remembers", json!({})).await.unwrap();
    assert_eq!(text(&next), "1");
    let gone = call(&host, "p__progress", json!({})).await.unwrap_err();
    assert!(matches!(gone, CallError::Unknown { .. }), "{gone}");
    assert!(!flight.is_finished());

    while heard.recv().await.is_some() {}
    let answer = flight.await.unwrap().unwrap();
    assert_eq!(text(&answer), "done");
}

#[tokio::test]
async fn a_newcomer_that_fails_leaves_the_old_one_as_it_was() {
    let host = serving([as_plugin("noop", "p"), installed("clash_b")]).await;
    let mut changes = host.changes();
    let before = tools(&host);
    let garbage: &'static [u8] = b"\0asm\x0d\0\x01\0 and then nothing that makes sense";
    let mut broken = as_plugin("noop", "p");
    broken.identity.digest = portcullis::names::Digest::of(garbage);
    broken.component = garbage.into();
    let check = async |newcomer: Installed, says: &str| {
        let reason = host.replace(0, newcomer).await.unwrap_err();
        assert!(reason.contains(says), "{reason}");
        assert_eq!(tools(&host), before);
        assert_eq!(ping(&host, "p").await, "pong");
        assert_eq!(failure(&host, "p").await, None);
        assert_eq!(failure(&host, "clash-b").await, None);
    };
    check(broken, "component").await;
    check(as_plugin("panics_in_list", "p"), "crashed").await;
    check(as_plugin("bad_names", "p"), "name").await;
    check(as_plugin("spins_in_activate", "p"), "fuel").await;
    check(as_plugin("wrong_world", "p"), "import").await;
    check(as_plugin("noop", "clash-b"), "already there").await;
    // It stands before the one it clashes with, and that one was there first.
    check(as_plugin("clash_a", "p"), "clash://same").await;
    let settings = PluginConfig {
        config: Some(json!({"unknown": 1})),
        ..PluginConfig::default()
    };
    let unfit = Installed {
        settings,
        ..as_plugin("noop", "p")
    };
    check(unfit, "unknown").await;
    assert!(changes.try_recv().is_err(), "nothing changed");
    assert!(host.replace(2, as_plugin("noop", "q")).await.is_err());

    host.replace(0, as_plugin("remembers", "p")).await.unwrap();
    assert_eq!(tools(&host)[..2], ["p__ping", "p__remembers"]);
}

#[tokio::test]
async fn clients_are_told_once_of_each_list_that_changed_and_of_no_other() {
    let host = serving([as_plugin("noop", "p")]).await;
    let mut changes = host.changes();
    let mut check = async |newcomer: Installed, expected: &[ListKind]| {
        let replaced = host.replace(0, newcomer).await.unwrap();
        assert_eq!(replaced.changed, expected);
        let told: Vec<_> = std::iter::from_fn(|| changes.try_recv().ok()).collect();
        let expected: Vec<_> = expected.iter().copied().map(Change::List).collect();
        assert_eq!(told, expected);
    };
    let all = [ListKind::Tools, ListKind::Resources, ListKind::Prompts];
    check(as_plugin("remembers", "p"), &all[..1]).await;
    check(as_plugin("remembers", "p"), &[]).await;
    let echo = || {
        let mut echo = as_plugin("echo", "p");
        echo.manifest.uris = vec!["echo://".to_owned()];
        echo
    };
    check(echo(), &all).await;
    check(echo(), &[]).await;
    check(as_plugin("remembers", "p"), &all).await;
    // Another name is another prefix, and nothing is left of the old one.
    check(as_plugin("remembers", "q"), &all[..1]).await;
    assert_eq!(tools(&host), ["q__ping", "q__remembers"]);
    assert!(host.place_of(&"p".parse().unwrap()).is_none());
    assert_eq!(host.place_of(&"q".parse().unwrap()), Some(0));
}

#[tokio::test]
async fn a_plugin_that_could_not_be_read_is_replaced_by_one_that_can() {
    let broken = portcullis::host::Broken {
        name: None,
        origin: "a folder".to_owned(),
        reason: "it does not build yet".to_owned(),
    };
    let host = Host::start(engine(), vec![Err(broken)]);
    host.settled().await;
    let replaced = host.replace(0, as_plugin("noop", "p")).await.unwrap();
    assert!(replaced.before.is_none());
    assert_eq!(replaced.changed, [ListKind::Tools]);
    assert_eq!(ping(&host, "p").await, "pong");
    assert_eq!(host.statuses()[0].state, State::Active);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_calls_during_twenty_swaps_are_all_answered() {
    let host = serving([as_plugin("noop", "p")]).await;
    let has_swapped = Arc::new(AtomicBool::new(false));
    let callers: Vec<_> = (0..10)
        .map(|_| {
            let (host, has_swapped) = (host.clone(), has_swapped.clone());
            tokio::spawn(async move {
                let mut n_calls = 0;
                while n_calls < 100 || !has_swapped.load(Ordering::Relaxed) {
                    assert_eq!(ping(&host, "p").await, "pong");
                    n_calls += 1;
                }
            })
        })
        .collect();
    for n in 0..20 {
        let guest = ["remembers", "noop", "refuses"][n % 3];
        host.replace(0, as_plugin(guest, "p")).await.unwrap();
    }
    has_swapped.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn a_question_of_the_old_one_is_not_answered_to_the_new_one() {
    let host = serving([as_plugin("asks", "p")]).await;
    let with = || Call {
        context: Context {
            capabilities: ClientCapabilities {
                elicitation_form: true,
                ..ClientCapabilities::default()
            },
            ..Context::default()
        },
        ..Call::default()
    };
    let ask = async |retry: Retry| {
        host.call_tool("p__asks", object(json!({})), retry, with())
            .await
    };
    let Ok(Reply::InputRequired(asked)) = ask(Retry::default()).await else {
        panic!("it asks");
    };
    let back = || Retry {
        responses: [(
            "name".to_owned(),
            json!({"action": "accept", "content": {"name": "Ada"}}),
        )]
        .into(),
        state: Some(asked.state.clone()),
    };
    assert!(matches!(ask(back()).await, Ok(Reply::Complete(_))));

    // The same tool of another component, which is the same code with one section more.
    let bytes = portcullis::project::with_sections(
        portcullis_fixtures::guest("asks"),
        &[("another", b"build")],
    );
    let mut another = as_plugin("asks", "p");
    another.identity.digest = portcullis::names::Digest::of(&bytes);
    another.component = (&*bytes.leak()).into();
    host.replace(0, another).await.unwrap();
    let refused = ask(back()).await.unwrap_err();
    assert!(matches!(refused, CallError::Replaced), "{refused}");
    assert!(refused.to_string().contains("make the call again"));

    let forged = Retry {
        state: Some("forged".to_owned()),
        ..back()
    };
    let refused = ask(forged).await.unwrap_err();
    assert!(matches!(refused, CallError::BadState), "{refused}");
    let Ok(Reply::InputRequired(asked)) = ask(Retry::default()).await else {
        panic!("it asks again from the beginning");
    };
    let retry = Retry {
        state: Some(asked.state),
        ..back()
    };
    assert!(matches!(ask(retry).await, Ok(Reply::Complete(_))));
}

/// The guest that keeps why its service ended, allowed to.
fn told() -> Installed {
    let mut plugin = installed("told");
    let words = Words {
        storage: vec![StorageKind::KeyValue],
        ..Words::default()
    };
    let identity = plugin.identity.clone();
    plugin.keys = Arc::new(keys(identity, words.clone(), words.clone(), words));
    plugin
}

#[tokio::test]
async fn the_old_one_is_told_that_another_took_over_when_its_last_call_has_ended() {
    let state = tempfile::tempdir().unwrap();
    let premises = || {
        let state = Some(state.path().join("state"));
        Premises::new(engine(), Network::default(), state, Vec::new())
    };
    let host = Host::start(premises(), vec![Ok(told())]);
    let reason = async |host: &Host| {
        let answer = call(host, "told__told", json!({})).await;
        text(&answer.unwrap()).to_owned()
    };
    assert_eq!(failure(&host, "told").await, None);
    assert_eq!(reason(&host).await, "nothing");
    host.replace(0, told()).await.unwrap();
    let upgraded = async {
        while reason(&host).await != "DeactivationReason::Upgrade" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, upgraded).await.unwrap();
    host.shutdown().await;
    let next = Host::start(premises(), vec![Ok(told())]);
    assert_eq!(reason(&next).await, "DeactivationReason::Shutdown");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_code_of_the_old_one_is_given_back() {
    // A component that no other test has loaded.
    let build = |n: u8| {
        let own = portcullis::project::with_sections(
            portcullis_fixtures::guest("progress"),
            &[("build", &[n])],
        );
        let mut plugin = as_plugin("progress", "p");
        plugin.identity.digest = portcullis::names::Digest::of(&own);
        plugin.component = (&*own.leak()).into();
        plugin
    };
    let mapped = || {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let hexes: Vec<_> = (0..8).map(|n| build(n).identity.digest.to_hex()).collect();
        let is_mapped = |hex: &&String| maps.contains(&***hex);
        hexes
            .iter()
            .filter(is_mapped)
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    let host = serving([build(0)]).await;
    // Once more, so that the code comes from the cache, whose files are named for what is in them.
    host.replace(0, build(1)).await.unwrap();
    host.replace(0, build(0)).await.unwrap();
    assert!(mapped().contains(&build(0).identity.digest.to_hex()));
    let (with, mut heard) = gated();
    let calling = host.clone();
    let flight =
        tokio::spawn(async move { call_with(&calling, "p__progress", json!({}), with).await });
    heard.recv().await;
    for n in 1..8 {
        host.replace(0, build(n)).await.unwrap();
    }
    assert!(
        mapped().contains(&build(0).identity.digest.to_hex()),
        "it still answers"
    );
    while heard.recv().await.is_some() {}
    flight.await.unwrap().unwrap();
    let freed = async {
        while mapped().len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, freed)
        .await
        .unwrap_or_else(|_| panic!("{:?} are still mapped", mapped()));
}

#[tokio::test]
async fn a_new_build_is_not_kept_in_its_predecessors_quarantine() {
    // A component of this test alone, since quarantines are kept in the cache that all tests share.
    let own = portcullis::project::with_sections(
        portcullis_fixtures::guest("panics"),
        &[("build", b"quarantined")],
    );
    let quarantined = || {
        let plugin = as_plugin("panics", "p");
        Installed {
            limits: portcullis::limits::Limits {
                failures_in_a_row: 2,
                ..limits()
            },
            identity: portcullis::names::Identity {
                digest: portcullis::names::Digest::of(&own),
                ..plugin.identity
            },
            component: (&*own.clone().leak()).into(),
            ..plugin
        }
    };
    let host = serving([quarantined()]).await;
    let panic = async || call(&host, "p__panics", json!({})).await.unwrap_err();
    let mut last = panic().await;
    for _ in 0..3 {
        last = panic().await;
    }
    assert!(matches!(last, CallError::Quarantined { .. }), "{last}");
    host.replace(0, as_plugin("noop", "p")).await.unwrap();
    assert_eq!(ping(&host, "p").await, "pong");
}
