//! The command line, as a person and a script meet it: what is printed, where, and with which exit code.

use portcullis_fixtures::guest_path;
use serde_json::Value;

use crate::support::program::Home;

#[test]
fn call_prints_the_answer_and_nothing_else() {
    let home = Home::new();
    let ended = home.run(&["call", "calculator__add", r#"{"a": 2, "b": 3}"#]);
    assert_eq!(
        (ended.code, ended.stdout.as_str(), ended.stderr.as_str()),
        (0, "5\n", "")
    );
}

#[test]
fn call_says_by_its_exit_code_how_it_ended() {
    let home = Home::new();
    let panics = guest_path("panics").to_str().unwrap();
    let check = |arguments: &[&str], code: i32, word: &str| {
        let ended = home.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(
            ended.stderr.contains(word) || ended.stdout.contains(word),
            "{arguments:?}: {ended:?}"
        );
    };
    check(
        &["call", "calculator__divide", r#"{"a": 1, "b": 0}"#],
        1,
        "zero",
    );
    check(&["call", "calculator__add", "not json"], 2, "not JSON");
    check(&["call", "calculator__add", "[1]"], 2, "JSON object");
    check(&["call", "calculator__add", r#"{"a": 1}"#], 3, "`/b`");
    check(&["call", "nobody__nothing"], 3, "there is no tool");
    check(
        &["--plugin", panics, "call", "panics__panics"],
        3,
        "this guest panics",
    );
    check(&["--config", "gone.toml", "call", "add"], 4, "gone.toml");
    check(&["frobnicate"], 2, "frobnicate");
}

#[test]
fn call_answers_in_spite_of_a_broken_plugin_and_warns_of_it() {
    let ended = Home::new().run(&[
        "--plugin",
        "gone.wasm",
        "call",
        "add",
        r#"{"a": 2, "b": 3}"#,
    ]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "5\n"), "{ended:?}");
    assert!(
        ended.stderr.contains("warning") && ended.stderr.contains("gone.wasm"),
        "{ended:?}"
    );
}

#[test]
fn call_reads_arguments_from_standard_input() {
    use std::io::Write;
    let home = Home::new();
    let mut child = home
        .command()
        .args(["call", "add", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(br#"{"a": 40, "b": 2}"#)
        .unwrap();
    assert_eq!(child.wait_with_output().unwrap().stdout, b"42\n");
}

#[test]
fn json_output_is_what_a_client_would_get() {
    let home = Home::new();
    let ended = home.run(&["call", "add", r#"{"a": 2, "b": 3}"#, "--json"]);
    let result: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(result["content"][0]["text"], "5");

    let ended = home.run(&["list", "--json"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let all: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(all["plugins"].as_array().unwrap().len(), 6);
    assert!(
        all["plugins"]
            .as_array()
            .unwrap()
            .iter()
            .all(|plugin| plugin["state"] == "active")
    );
    assert!(
        all["tools"]
            .as_array()
            .unwrap()
            .iter()
            .any(|tool| tool["name"] == "time__current_time")
    );
    assert!(
        all["resources"]
            .as_array()
            .unwrap()
            .iter()
            .any(|resource| resource["uri"] == "time://current")
    );
}

#[test]
fn list_shows_what_is_out_of_service_and_why() {
    let home = Home::new();
    let wrong = guest_path("wrong_world").to_str().unwrap();
    let ended = home.run(&["--plugin", wrong, "--plugin", "gone.wasm", "list"]);
    assert_eq!(ended.code, 4);
    assert!(
        ended.stdout.contains("stranger:power/danger"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("gone.wasm"), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("calculator__add"),
        "the others are listed: {}",
        ended.stdout
    );
}

#[test]
fn inspect_shows_identity_exports_imports_permissions_and_limits() {
    let home = Home::new();
    let echo = guest_path("echo").to_str().unwrap();
    let ended = home.run(&["inspect", echo]);
    assert_eq!(ended.code, 0, "{ended:?}");
    for word in [
        "echo 0.1.0",
        "sha256:",
        "tools",
        "wasi:cli@0.2",
        "api.example.com",
        "env:GREETING",
        "fuel",
    ] {
        assert!(
            ended.stdout.contains(word),
            "{word} is missing in {}",
            ended.stdout
        );
    }
    let ended = home.run(&["inspect", "calculator", "--json"]);
    let inspected: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(inspected["name"], "calculator");
    assert!(
        inspected["exports"]
            .as_array()
            .unwrap()
            .contains(&"tools".into())
    );

    let ended = home.run(&["inspect", "nobody"]);
    assert_eq!(ended.code, 4);
    assert!(ended.stderr.contains("nobody"), "{ended:?}");
}

#[test]
fn help_shows_examples_and_exit_codes() {
    let home = Home::new();
    let ended = home.run(&["--help"]);
    assert_eq!(ended.code, 0);
    for word in [
        "Examples:",
        "Exit codes:",
        "serve",
        "list",
        "call",
        "inspect",
    ] {
        assert!(
            ended.stdout.contains(word),
            "{word} is missing in {}",
            ended.stdout
        );
    }
}
