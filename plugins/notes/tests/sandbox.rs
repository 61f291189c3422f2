//! The component in the real host: what it keeps, what it may not, and what it costs.

use portcullis_testing::{Plugin, Running};
use serde_json::json;

fn notes() -> Plugin {
    portcullis_testing::plugin!().at("2026-01-02T03:04:05Z")
}

fn granted() -> Running {
    notes().allow_storage("key-value").start()
}

#[test]
fn a_note_is_kept_dated_and_found_again() {
    let notes = granted();
    notes
        .call(
            "create",
            json!({"title": "Buy milk", "text": "two bottles", "tags": ["shop"]}),
        )
        .assert_json_at("/id", json!(1))
        .assert_json_at("/title", json!("Buy milk"))
        .assert_used("storage key-value")
        .assert_fuel_below(20_000_000);
    notes
        .call("get", json!({"id": 1}))
        .assert_json_at("/text", json!("two bottles"))
        .assert_text_contains("2026-01-02T03:04:05Z");
    notes
        .call("search", json!({"query": "MILK"}))
        .assert_json_at("/total", json!(1));
    notes
        .read("notes://all")
        .assert_text("# Notes\n\n- [Buy milk](notes://1) #shop\n");
    notes
        .prompt("review_notes", json!({"tag": "shop"}))
        .assert_text_contains("# Buy milk");
}

#[test]
fn without_storage_it_says_no_and_tries_nothing_else() {
    let notes = notes().start();
    let answer = notes.call("create", json!({"title": "Buy milk"}));
    answer.assert_no("").assert_refused("storage key-value");
    assert_eq!(answer.tried().len(), 1);
}

#[test]
fn a_note_that_is_not_there_and_one_that_changed_are_told_apart() {
    let notes = granted();
    notes.call("get", json!({"id": 7})).assert_no("7");
    notes.read("notes://7").assert_failed("notes://7");
    notes.call("create", json!({"title": "a"})).assert_ok();
    notes
        .call("append", json!({"id": 1, "text": "b"}))
        .assert_ok();
    let stale = json!({"id": 1, "title": "c", "revision": 1});
    notes.call("update", stale).assert_no("revision");
    notes
        .call("update", json!({"id": "one"}))
        .assert_failed("id");
}
