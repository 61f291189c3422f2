//! What a plugin's author writes, and what they read when it does not hold.

use std::panic::{AssertUnwindSafe, catch_unwind};

use portcullis_fixtures::guest_path;
use portcullis_testing::{Answer, Exchange, Plugin};
use serde_json::{Value, json};

fn plugin(name: &str) -> Plugin {
    Plugin::from_component(guest_path(name))
}

/// What a test says that fails.
fn complaint(test: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(test)).expect_err("the test fails");
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast::<&str>().expect("it is text").to_string(),
    }
}

#[test]
fn a_tool_is_called_and_its_answer_looked_at() {
    let hello = plugin("hello").start();
    assert_eq!(hello.tools(), ["greet"]);
    assert_eq!(hello.tool("greet").input_schema["type"], "object");
    let answer = hello.call("greet", json!({"name": "Ada"}));
    answer
        .assert_text("Hello, Ada!")
        .assert_text_contains("Ada")
        .assert_tried_nothing()
        .assert_logged_nothing()
        .assert_fuel_below(10_000_000)
        .assert_memory_below(32 << 20)
        .assert_host_calls_below(1);
    assert!(answer.usage().fuel > 0 && answer.exchanges().is_empty());
    let unreached = hello.call("greet", json!({}));
    unreached.assert_failed("name").assert_tried_nothing();
    let said = complaint(|| {
        unreached.assert_fuel_below(1);
    });
    assert!(said.contains("did not reach the plugin"), "{said}");
}

#[test]
fn an_assertion_that_does_not_hold_says_what_was_expected_and_what_came() {
    let hello = plugin("hello").start();
    let answer = hello.call("greet", json!({"name": "Ada"}));
    let missing = hello.call("meet", json!({}));
    let check = |assertion: &dyn Fn(&Answer), answer: &Answer, parts: &[&str]| {
        let said = complaint(|| assertion(answer));
        for part in parts {
            assert!(said.contains(part), "{part} is missing in: {said}");
        }
    };
    let text = "tool `greet` answers: \"Hello, Ada!\"";
    check(
        &|it| {
            it.assert_text("Hello!");
        },
        &answer,
        &[text, "expected: the text \"Hello!\""],
    );
    check(
        &|it| {
            it.assert_text_contains("Bob");
        },
        &answer,
        &[text, "with \"Bob\" in it"],
    );
    check(
        &|it| {
            it.assert_no("never");
        },
        &answer,
        &[text, "a \"no\" with \"never\""],
    );
    check(
        &|it| {
            it.assert_failed("never");
        },
        &answer,
        &[text, "a failure with \"never\""],
    );
    check(
        &|it| {
            it.assert_json(json!({"a": 1}));
        },
        &answer,
        &[text, "text that is JSON"],
    );
    check(
        &|it| {
            it.assert_used("storage key-value");
        },
        &answer,
        &["`storage key-value`, permitted; it tried nothing"],
    );
    check(
        &|it| {
            it.assert_used("the moon");
        },
        &answer,
        &["`the moon` is nothing a plugin can try", "(hint: "],
    );
    check(
        &|it| {
            it.assert_fuel_below(1);
        },
        &answer,
        &["less than 1 units of fuel; it used "],
    );
    check(
        &|it| {
            it.assert_memory_below(1);
        },
        &answer,
        &["less than 1 bytes of memory"],
    );
    check(
        &|it| {
            it.assert_logged("a word");
        },
        &answer,
        &["a line with \"a word\" in the log"],
    );
    check(
        &|it| {
            it.assert_asks("name");
        },
        &answer,
        &["the question `name`"],
    );
    check(
        &|it| {
            it.assert_progress("half");
        },
        &answer,
        &["progress with \"half\""],
    );
    check(
        &|it| {
            it.assert_ok();
        },
        &missing,
        &[
            "tool `meet` failed: there is no tool `meet`",
            "an answer that is no error",
        ],
    );
    check(
        &|it| {
            it.text();
        },
        &missing,
        &["there is no tool"],
    );

    let said = complaint(|| drop(hello.tool("meet")));
    assert!(
        said.contains("has no tool `meet` (hint: it has `greet`)"),
        "{said}"
    );
    let said = complaint(|| drop(hello.call("greet", json!("Ada"))));
    assert!(
        said.contains("the call of `greet` has \"Ada\" (hint: write an object"),
        "{said}"
    );
}

#[test]
fn the_world_of_a_test_is_what_it_says() {
    let surroundings = || {
        plugin("surroundings")
            .at("2026-01-02T03:04:05Z")
            .seed(7)
            .secret("token", "hunter22-hunter22")
            .start()
    };
    let first = surroundings().call("surroundings", json!({}));
    let second = surroundings().call("surroundings", json!({}));
    let seen = first.json();
    assert_eq!(seen["time"], json!([1_767_323_045, 0]));
    assert_eq!(second.json(), seen);
    // It read it, and cannot say it.
    assert_eq!(seen["settings"]["token"], "[secret token]");
    plugin("surroundings")
        .withhold_clock()
        .start()
        .call("surroundings", json!({}))
        .assert_refused("clock");
}

#[test]
fn what_is_kept_is_there_for_the_next_call_and_gone_with_the_plugin() {
    let notes = || plugin_of("keeps", json!({"storage": ["key-value"]}));
    let (_folder, keeps) = notes();
    let allowed = keeps
        .clone()
        .allow_storage("key-value")
        .value("n", "41")
        .start();
    let increment = || json!({"do": "increment", "key": "n"});
    allowed
        .call("keeps", increment())
        .assert_json(json!({"ok": 42}))
        .assert_used("storage key-value");
    allowed
        .call("keeps", increment())
        .assert_json_at("/ok", json!(43));
    assert_eq!(allowed.value("n").as_deref(), Some("43"));
    assert_eq!(allowed.value("m"), None);
    let said = complaint(|| {
        let answer = allowed.call("keeps", increment());
        answer.assert_json_at("/ok", json!(1));
    });
    assert!(said.contains("expected: 1 at `/ok`, where 44 is"), "{said}");

    let anew = keeps.clone().allow_all().start();
    assert_eq!(anew.value("n"), None);
    let refused = keeps.start();
    refused
        .call("keeps", increment())
        .assert_refused("storage key-value")
        .assert_logged("key-value");
    let said = complaint(|| {
        let answer = refused.call("keeps", increment());
        answer.assert_tried_nothing();
    });
    assert!(
        said.contains("`storage key-value` was refused (hint: "),
        "{said}"
    );
}

#[test]
fn requests_meet_the_script_and_a_missing_exchange_is_told() {
    let (_folder, http) = plugin_of("http", json!({"network": ["api.example.com"]}));
    let url = "https://api.example.com/v1";
    let http = http
        .allow_network("api.example.com")
        .secret_for(
            "key",
            "hunter22-hunter22",
            "api.example.com",
            "authorization",
            "Bearer ",
        )
        .exchange(Exchange::get(url).answer_json(json!({"a": 1})))
        .exchange(
            Exchange::post(url)
                .with_body("{}")
                .answer_status(409)
                .answer("taken"),
        )
        .start();
    http.call("http", json!({"url": url}))
        .assert_json_at("/status", json!(200))
        .assert_json_at("/body", json!(r#"{"a":1}"#))
        .assert_used(&format!("GET {url}"))
        .assert_all_requests_answered();
    let posted = http.call("http", json!({"url": url, "method": "POST", "body": "{ }"}));
    posted.assert_json_at("/status", json!(409));
    assert_eq!(posted.exchanges()[0].body.as_deref(), Some(&b"{ }"[..]));

    let missed = http.call("http", json!({"url": format!("{url}/other")}));
    let said = complaint(|| {
        missed.assert_all_requests_answered();
    });
    assert!(
        said.contains("no exchange fits `GET https://api.example.com/v1/other`"),
        "{said}"
    );
    http.call("http", json!({"url": "https://evil.example/"}))
        .assert_refused("GET https://evil.example/");
}

#[test]
fn resources_prompts_questions_and_the_no_of_a_tool() {
    let everything = plugin("everything").start();
    for uri in everything.resources() {
        everything.read(&uri).assert_ok();
    }
    assert!(!everything.resources().is_empty() && !everything.prompts().is_empty());
    everything
        .read("nowhere://x")
        .assert_failed("there is no resource");
    everything
        .prompt("no-such-prompt", json!({}))
        .assert_failed("there is no prompt");

    let asks = plugin("asks")
        .answers(json!({"name": {"name": "Ada"}}))
        .start();
    asks.call("asks", json!({})).assert_text_contains("Ada");
    let asks = plugin("asks").start();
    let said = complaint(|| {
        let asked = asks.call("asks", json!({}));
        asked.assert_asks("name").assert_ok();
    });
    assert!(said.contains("(hint: give some with `answers`)"), "{said}");
}

#[test]
fn a_test_sees_in_an_answer_what_a_case_file_sees() {
    let echo = plugin("echo").start();
    echo.prompt("greet", json!({"name": "Ada"}))
        .assert_text_contains("Ada")
        .assert_json_at("/messages/0/role", json!("user"));
    echo.complete_prompt("greet", "name", "A")
        .assert_text("Ada\nAlan")
        .assert_json_at("/total", json!(2));
    echo.complete_template("echo://say/{word}", "word", "G")
        .assert_text("Grace");
    let number = echo.call("echo", json!({"text": "[1, 2]"}));
    number.assert_json(json!([1, 2]));
    assert!(!number.to_string().contains("structured"), "{number}");
}

#[test]
fn words_of_a_test_that_make_no_sense_are_told_where_they_stand() {
    let check = |test: &dyn Fn() -> Plugin, part: &str| {
        let said = complaint(|| drop(test()));
        assert!(said.contains(part), "{said}");
    };
    check(&|| plugin("hello").allow_network("*.com"), "`*.com`");
    check(&|| plugin("hello").allow_storage("disk"), "`disk`");
    check(&|| plugin("hello").allow_env("A=B", ""), "A=B");
    check(
        &|| plugin("hello").at("yesterday"),
        "`yesterday` is no time (hint: ",
    );
    check(&|| plugin("hello").limit("feul", 1), "feul");
    check(
        &|| plugin("hello").config(json!([])),
        "`config` has [] (hint: write an object",
    );
    check(
        &|| plugin("hello").answers(json!(1)),
        "`answers` has 1 (hint: ",
    );
    let limited = plugin("hello")
        .limit("fuel", 1_000)
        .limit("call_ms", 60_000);
    // It is asked for its lists under the same limits.
    let limited = limited.try_start().map(drop);
    assert!(limited.unwrap_err().contains("1000 units of fuel"));
    let refused = plugin("hello")
        .limit("fuel", u64::MAX)
        .try_start()
        .map(drop);
    assert!(refused.unwrap_err().contains("above the host's ceiling"));
    let refused = Plugin::from_component("nowhere.wasm").try_start().map(drop);
    assert!(refused.unwrap_err().contains("nowhere.wasm"));
    let folder = Plugin::of_crate("no such folder").try_start().map(drop);
    assert!(folder.unwrap_err().contains("no such folder"));
}

#[tokio::test]
async fn a_test_may_have_a_runtime_of_its_own() {
    let hello = plugin("hello").start();
    hello.call("greet", json!({"name": "Ada"})).assert_ok();
}

/// A guest as a plugin that asks for permissions, in a folder with its manifest beside it.
fn plugin_of(guest: &str, permissions: Value) -> (tempfile::TempDir, Plugin) {
    let folder = tempfile::tempdir().expect("a folder");
    let component = folder.path().join(format!("{guest}.wasm"));
    std::fs::copy(guest_path(guest), &component).expect("it is copied");
    let manifest = json!({"name": guest, "version": "1.0.0", "permissions": permissions});
    let beside = folder.path().join("plugin.json");
    std::fs::write(beside, manifest.to_string()).expect("it is written");
    (folder, Plugin::from_component(component))
}
