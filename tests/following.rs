//! Lists in pages, how long they may be kept, and being told when something changes.

use portcullis::catalogue::{Builder, Catalogue};
use portcullis::contract::{CacheHint, CacheScope, Lists};
use portcullis::protocol::serve_transport;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::apps::verbatim;
use crate::support::client::{Era, Notice, connect};
use crate::support::host::{host, host_of};
use crate::support::wire::{MODERN, Wire};

#[tokio::test]
async fn a_client_hears_of_the_resources_it_follows_and_of_no_others() {
    for era in Era::BOTH {
        let host = host(&["notifies", "echo"]);
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(theirs);
        tokio::spawn(serve_transport(host, read, write, CancellationToken::new()));
        let (read, write) = tokio::io::split(ours);
        let client = connect(read, write, era).await;
        // One that changes, one that a plugin which does not own it says changed, and two that nobody has.
        let uris = ["notifies://mine", "echo://hello", "nobody://x", "not a uri"];
        let following = client
            .follow(&uris)
            .await
            .expect("unknown ones may be followed");
        client
            .call("notifies__notifies", json!({}))
            .await
            .expect("it answers");
        let own = Notice::ResourceUpdated("notifies://mine".to_owned());
        let heard = client
            .hears(|heard| heard.contains(&own) && heard.contains(&Notice::PromptsChanged))
            .await;
        let foreign = heard.iter().filter(
            |notice| matches!(notice, Notice::ResourceUpdated(uri) if uri != "notifies://mine"),
        );
        assert_eq!(foreign.count(), 0, "{era:?}: {heard:?}");
        drop(following);
        client.close().await;
    }
}

#[tokio::test]
async fn what_is_no_cursor_of_a_list_is_refused_in_both_eras() {
    let host = host(&["pages", "echo"]);
    for revision in ["2025-11-25", MODERN] {
        let mut wire = Wire::open(&host, revision).await;
        let first = wire.result("tools/list", json!({})).await;
        let cursor = first["nextCursor"].clone();
        assert!(cursor.is_string(), "{first}");
        let second = wire.result("tools/list", json!({"cursor": cursor})).await;
        for key in ["ttlMs", "cacheScope"] {
            assert_eq!(
                first[key], second[key],
                "{revision}: one hint for all pages"
            );
        }
        for method in [
            "resources/list",
            "resources/templates/list",
            "prompts/list",
            "skills/list",
        ] {
            assert_eq!(
                wire.error(method, json!({"cursor": cursor})).await,
                -32602,
                "{method}"
            );
        }
        let cut = &cursor.as_str().unwrap_or_default()[1..];
        for bad in [
            json!(""),
            json!("0"),
            json!("../../etc"),
            json!(cut),
            json!("x".repeat(100_000)),
        ] {
            assert_eq!(
                wire.error("tools/list", json!({"cursor": bad})).await,
                -32602
            );
        }
    }
}

#[test]
fn the_hint_of_a_list_keeps_every_plugins_promise() {
    let hint = |ttl_ms, scope| Some(CacheHint { ttl_ms, scope });
    let check = |hints: [Option<CacheHint>; 2], expected: Option<CacheHint>| {
        let mut builder = Builder::default();
        for (name, hint) in ["one", "two"].into_iter().zip(hints) {
            let lists: Lists = serde_json::from_value(json!({
                "tools": [{"name": "a", "inputSchema": {}, "taskSupport": "forbidden"}],
                "resources": [], "templates": [], "prompts": [], "cache": [null, null, null, null],
            }))
            .expect("good lists");
            let lists = Lists {
                cache: [hint, None, None, None],
                ..lists
            };
            let prefix = name.to_owned().try_into().expect("a good prefix");
            builder
                .add(&name.parse().expect("a good name"), &prefix, &lists, &[])
                .expect("nothing clashes");
        }
        let catalogue: Catalogue = builder.finish();
        assert_eq!(catalogue.cache()[0], expected);
    };
    let (shared, private) = (CacheScope::Shared, CacheScope::Private);
    check([hint(5, shared), hint(9, shared)], hint(5, shared));
    check([hint(9, private), hint(5, shared)], hint(5, private));
    check([hint(5, shared), hint(9, private)], hint(5, private));
    check([hint(5, shared), None], None);
    check([None, None], None);
}

#[tokio::test]
async fn what_is_read_says_how_long_it_may_be_kept() {
    let host = host_of([verbatim(json!({}))]);
    let mut wire = Wire::open(&host, MODERN).await;
    let read = wire
        .result("resources/read", json!({"uri": "verbatim://page"}))
        .await;
    assert_eq!(
        (&read["ttlMs"], &read["cacheScope"]),
        (&json!(1_234), &json!("public"))
    );
    // A plugin that says nothing of a list promises nothing.
    let listed = wire.result("resources/list", json!({})).await;
    let told: (&Value, &Value) = (&listed["ttlMs"], &listed["cacheScope"]);
    assert_eq!(told, (&json!(0), &json!("private")));
}

#[tokio::test]
async fn a_member_of_a_template_is_read_by_its_plugin_and_suggested_by_none() {
    let host = host_of([verbatim(json!({}))]);
    for revision in ["2025-11-25", MODERN] {
        let mut wire = Wire::open(&host, revision).await;
        let uri = "verbatim://items/7";
        let read = wire.result("resources/read", json!({"uri": uri})).await;
        assert_eq!(read["contents"][0]["uri"], uri);
        for unknown in [
            "verbatim://elsewhere",
            "verbatim:/items/7",
            "nobody://x",
            "",
        ] {
            let code = wire.error("resources/read", json!({"uri": unknown})).await;
            let not_found = if revision == MODERN { -32602 } else { -32002 };
            assert_eq!(code, not_found, "{revision} {unknown:?}");
        }
        // It exports no completion; the one asked for a stranger is the client's mistake.
        let stranger = json!({"ref": {"type": "ref/prompt", "name": "nobody"}, "argument": {"name": "a", "value": ""}});
        assert_eq!(wire.error("completion/complete", stranger).await, -32602);
    }
}
