//! What clients are shown: complete, in order, and without what cannot be trusted.

use portcullis::contract::ListKind;
use portcullis::host::{Broken, Change, Host};
use portcullis::names::Prefix;
use serde_json::json;

use crate::support::host::{PATIENCE, call, engine, failure, host, host_of, installed, text};

#[tokio::test]
async fn the_first_list_is_complete() {
    let host = host(&["echo", "noop", "pages"]);
    let catalogue = host.catalogue().await;
    let names: Vec<_> = catalogue.tools().iter().map(|tool| &*tool.public).collect();
    assert_eq!(
        &names[..4],
        ["echo__echo", "echo__ping", "noop__noop", "noop__ping"]
    );
    assert_eq!(names.len(), 4 + 250, "all pages of a list are asked for");
    assert_eq!(catalogue.prompts().len(), 1);
    assert_eq!(catalogue.resources().len(), 1);
    assert_eq!(catalogue.templates().len(), 1);
}

#[tokio::test]
async fn a_list_is_the_same_every_time() {
    let names = async |host: Host| {
        let catalogue = host.catalogue().await;
        catalogue
            .tools()
            .iter()
            .map(|tool| tool.public.to_string())
            .collect::<Vec<_>>()
    };
    let guests = ["pages", "echo", "noop"];
    assert_eq!(names(host(&guests)).await, names(host(&guests)).await);
}

/// Each of these cannot be trusted with a list; the reason names what is wrong.
#[tokio::test]
async fn a_plugin_with_a_bad_list_is_out_of_service_and_the_others_are_served() {
    let bad = [
        ("bad_names", "name"),
        ("invalid_json_schema", "not JSON"),
        ("not_an_object_schema", "object"),
        ("schema_bomb", "schema"),
        ("huge_list", "too much"),
        ("endless_pages", "pages"),
        ("foreign_uri", "URI"),
        ("panics_in_list", "crashed"),
        ("spins_in_list", "fuel"),
        ("spins_in_activate", "fuel"),
    ];
    let host = host_of(
        bad.iter()
            .map(|(name, _)| installed(name))
            .chain([installed("noop")]),
    );
    for (name, reason) in bad {
        let name = name.replace('_', "-");
        let failure = failure(&host, &name)
            .await
            .unwrap_or_else(|| panic!("`{name}` is in service"));
        assert!(failure.contains(reason), "{name}: {failure}");
    }
    let catalogue = host.catalogue().await;
    assert_eq!(catalogue.tools().len(), 2);
    assert_eq!(
        text(&call(&host, "noop__ping", json!({})).await.unwrap()),
        "pong"
    );
}

#[tokio::test]
async fn of_two_plugins_with_one_name_the_first_is_served() {
    let mut second = installed("echo");
    second.identity.name = "noop".parse().unwrap();
    let host = host_of([installed("noop"), second]);
    assert_eq!(
        text(&call(&host, "noop__ping", json!({})).await.unwrap()),
        "pong"
    );
    let statuses = host.statuses();
    let reason = format!("{:?}", statuses[1].state);
    assert!(reason.contains("already there"), "{reason}");
}

#[tokio::test]
async fn of_two_plugins_that_clash_the_first_goes_on() {
    let clashing = |name| {
        let mut plugin = installed(name);
        plugin.prefix = Prefix::try_from(String::new()).unwrap();
        plugin
    };
    let host = host_of([clashing("clash_a"), clashing("clash_b")]);
    assert_eq!(text(&call(&host, "same", json!({})).await.unwrap()), "a");
    assert_eq!(failure(&host, "clash-a").await, None);
    let reason = failure(&host, "clash-b")
        .await
        .expect("the second is out of service");
    assert!(reason.contains("clash-a"), "{reason}");

    // With prefixes the tools differ, and the resource they both list still clashes.
    let host = host_of([installed("clash_a"), installed("clash_b")]);
    let reason = failure(&host, "clash-b")
        .await
        .expect("the second is out of service");
    assert!(reason.contains("clash://same"), "{reason}");
}

#[tokio::test]
async fn a_plugin_that_cannot_be_read_is_shown_with_its_reason() {
    let broken = Broken {
        name: None,
        origin: "plugins/gone.wasm".to_owned(),
        reason: "it is not there".to_owned(),
    };
    let host = Host::start(engine(), vec![Err(broken), Ok(installed("noop"))]);
    assert_eq!(
        failure(&host, "plugins/gone.wasm").await.as_deref(),
        Some("it is not there")
    );
    assert_eq!(failure(&host, "noop").await, None);
}

#[tokio::test]
async fn a_guest_can_say_that_its_lists_changed() {
    let host = host(&["notifies"]);
    host.catalogue().await;
    let mut changes = host.changes();
    call(&host, "notifies__notifies", json!({})).await.unwrap();
    let mut told = Vec::new();
    while !told.contains(&Change::List(ListKind::Prompts)) {
        let change = tokio::time::timeout(PATIENCE, changes.recv())
            .await
            .expect("it is told in time");
        told.push(change.expect("the host lives"));
    }
    assert!(told.contains(&Change::List(ListKind::Tools)));
}
