//! `portcullis dev` as an author uses it: a folder, a client, and files that change.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use portcullis_fixtures::guest;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::support::client::{self, Client, Era, Notice};
use crate::support::host::PATIENCE;
use crate::support::http;
use crate::support::program::{Ended, Home};

/// How long a test waits for the first build, which compiles all that a plugin depends on. It is met only by a test that
/// fails.
const BUILD_PATIENCE: Duration = Duration::from_secs(900);

/// A running `portcullis dev --json`, and what it tells.
pub struct Dev {
    child: Child,
    events: Lines<BufReader<Box<dyn AsyncRead + Unpin + Send>>>,
    pub pipes: Option<(ChildStdout, ChildStdin)>,
}

impl Dev {
    /// Starts it in a folder. With `--stdio` the events are on standard error, otherwise on standard output.
    pub fn start(home: &Home, arguments: &[&str], variables: &[(&str, &Path)]) -> Self {
        let is_stdio = arguments.contains(&"--stdio");
        let mut command = Command::from(home.command());
        command.args(["dev", "--json"]).args(arguments);
        command.envs(variables.iter().copied()).kill_on_drop(true);
        command.stdin(if is_stdio {
            Stdio::piped()
        } else {
            Stdio::null()
        });
        command.stdout(Stdio::piped());
        command.stderr(if is_stdio {
            Stdio::piped()
        } else {
            Stdio::inherit()
        });
        let mut child = command.spawn().expect("the program starts");
        let stdout = child.stdout.take().expect("it is piped");
        let (events, pipes): (Box<dyn AsyncRead + Unpin + Send>, _) = match child.stdin.take() {
            Some(stdin) => {
                let stderr = child.stderr.take().expect("it is piped");
                (Box::new(stderr), Some((stdout, stdin)))
            }
            None => (Box::new(stdout), None),
        };
        Self {
            child,
            events: BufReader::new(events).lines(),
            pipes,
        }
    }

    /// The next event.
    pub async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(BUILD_PATIENCE, self.events.next_line()).await;
        let line = line
            .expect("something happens in time")
            .expect("it is text");
        let line = line.expect("it still runs");
        let event = serde_json::from_str(&line).unwrap_or_else(|_| panic!("`{line}` is no event"));
        refuse_undescribed(&event);
        event
    }

    /// The next event of a kind; those before it are dropped.
    pub async fn hears(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await;
            if event["event"] == kind {
                return event;
            }
            // What a test does not wait for must not be what went wrong.
            assert!(kind == "failed" || event["event"] != "failed", "{event:#}");
        }
    }

    /// Connects a client to its pipes.
    pub async fn connect(&mut self, era: Era) -> Client {
        let (read, write) = self.pipes.take().expect("it serves pipes");
        client::connect(read, write, era).await
    }

    /// Sends a signal, and gives the exit code.
    pub async fn end(mut self, signal: Signal) -> Option<i32> {
        let id = self.child.id().expect("it runs");
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
        self.ended().await
    }

    async fn ended(&mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends in time").unwrap().code()
    }
}

/// Every event and each of its fields is on the page that programs are written by.
fn refuse_undescribed(event: &Value) {
    let page = include_str!("../../../docs/developing.md");
    let kind = event["event"].as_str().expect("each says what it is");
    assert!(
        page.contains(&format!("| `{kind}` |")),
        "the page lacks `{kind}`"
    );
    for key in event.as_object().expect("it is an object").keys() {
        assert!(
            page.contains(&format!("`{key}`")),
            "the page lacks `{key}` of `{kind}`"
        );
    }
}

/// Puts a component into a file in one step, as a build does.
fn put(path: &Path, bytes: &[u8]) {
    let draft = path.with_extension("part");
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(draft, path).unwrap();
}

/// A folder `my plügin` with a component called `plugin`.
fn folder(first: &str) -> (Home, PathBuf) {
    let home = Home::new();
    home.write("my plügin/plugin.wasm", guest(first));
    let component = home.path().join("my plügin/plugin.wasm");
    (home, component)
}

async fn say(client: &Client, tool: &str, arguments: Value) -> String {
    let answer = client.call(tool, arguments).await.unwrap();
    let text = answer.content[0].as_text().expect("it is text");
    text.text.clone()
}

async fn tools(client: &Client) -> Vec<String> {
    let tools = client.list_all_tools().await.unwrap();
    tools
        .into_iter()
        .map(|tool| tool.name.into_owned())
        .collect()
}

#[tokio::test]
async fn a_client_stays_while_a_plugin_is_replaced_and_a_broken_one_changes_nothing() {
    let (home, component) = folder("noop");
    let mut dev = Dev::start(&home, &["my plügin", "--stdio"], &[]);
    let first = dev.hears("swapped").await;
    assert_eq!(first["first"], true);
    assert_eq!(first["plugin"], "plugin");
    assert_eq!(first["tools"]["added"], json!(["noop", "ping"]));
    let client = dev.connect(Era::Legacy).await;
    assert_eq!(tools(&client).await, ["plugin__noop", "plugin__ping"]);
    assert_eq!(say(&client, "plugin__noop", json!({})).await, "ok");
    let called = dev.hears("call").await;
    assert_eq!(called["subject"], "noop");
    assert_eq!(called["answer"], "ok");
    assert_eq!(called["outcome"], "answered");
    assert!(
        called["fuel"].as_u64().is_some_and(|fuel| fuel > 0),
        "{called}"
    );

    put(&component, guest("remembers"));
    let changed = dev.hears("changed").await;
    assert_eq!(changed["files"], json!(["plugin.wasm"]));
    let swapped = dev.hears("swapped").await;
    assert_eq!(swapped["first"], false);
    assert_eq!(swapped["tools"]["count"], 2);
    assert_eq!(swapped["tools"]["added"], json!(["remembers"]));
    assert_eq!(swapped["tools"]["removed"], json!(["noop"]));
    assert_eq!(swapped["told"], json!(["tools"]));
    client
        .hears(|told| told.contains(&Notice::ToolsChanged))
        .await;
    assert_eq!(say(&client, "plugin__remembers", json!({})).await, "1");

    for (garbage, stage) in [
        (&b"this is not WebAssembly"[..], "read"),
        (&b""[..], "read"),
        (guest("panics_in_list"), "load"),
        (guest("spins_in_activate"), "load"),
    ] {
        put(&component, garbage);
        let failed = dev.hears("failed").await;
        assert_eq!(failed["stage"], stage, "{failed}");
        assert_eq!(failed["kept"], true);
        assert_eq!(say(&client, "plugin__remembers", json!({})).await, "1");
    }
    assert_eq!(tools(&client).await, ["plugin__ping", "plugin__remembers"]);
    // The same as what is in service is no news.
    put(&component, guest("remembers"));
    dev.hears("unchanged").await;
    std::fs::remove_file(&component).unwrap();
    assert_eq!(dev.hears("failed").await["stage"], "read");
    put(&component, guest("noop"));
    dev.hears("swapped").await;
    assert_eq!(say(&client, "plugin__noop", json!({})).await, "ok");
    let told = client.notices();
    let n_told = told
        .iter()
        .filter(|told| **told == Notice::ToolsChanged)
        .count();
    assert!(n_told <= 2, "{told:?}");
    assert_eq!(dev.end(Signal::INT).await, Some(0));
}

#[tokio::test]
async fn a_client_on_standard_input_that_goes_away_ends_it() {
    let (home, _) = folder("noop");
    let mut dev = Dev::start(&home, &["my plügin", "--stdio"], &[]);
    let client = dev.connect(Era::Modern).await;
    assert_eq!(say(&client, "plugin__noop", json!({})).await, "ok");
    client.close().await;
    assert_eq!(dev.ended().await, Some(0));
}

#[tokio::test]
async fn a_client_over_http_is_served_at_the_address_that_is_told() {
    let (home, component) = folder("noop");
    let mut dev = Dev::start(
        &home,
        &["my plügin", "--http", "127.0.0.1:0", "--poll"],
        &[],
    );
    let watching = dev.hears("watching").await;
    assert_eq!(watching["told"], false);
    let serving = dev.hears("serving").await;
    let url = serving["url"].as_str().unwrap();
    assert_eq!(serving["client"]["mcpServers"]["plugin"]["url"], url);
    let address = url.strip_prefix("http://").unwrap();
    let address = address.strip_suffix("/mcp").unwrap().parse().unwrap();
    let call = async |tool: &str, arguments: Value| {
        let mut stream = http::connect(address).await;
        stream.write(&http::call(tool, arguments).text()).await;
        stream.whole().await
    };
    assert_eq!(call("plugin__noop", json!({})).await.said(), "ok");
    put(&component, guest("remembers"));
    dev.hears("swapped").await;
    assert_eq!(call("plugin__remembers", json!({})).await.said(), "1");
    let gone = call("plugin__noop", json!({})).await;
    assert!(gone.body.contains("there is no tool"), "{gone:?}");
    // A call that fits no schema is seen as well, though the plugin never was.
    put(&component, guest("slow"));
    dev.hears("swapped").await;
    assert_eq!(
        call("plugin__sleep", json!({"ms": "long"})).await.status,
        200
    );
    let mut seen = dev.hears("call").await;
    while seen["subject"] != "sleep" {
        seen = dev.hears("call").await;
    }
    assert_eq!(seen["outcome"], "failed");
    assert_eq!(seen["arguments"], r#"{"ms":"long"}"#);
    assert_eq!(dev.end(Signal::TERM).await, Some(0));
}

#[tokio::test]
async fn a_refusal_comes_with_the_lines_that_allow_it_and_they_hold_with_the_next_save() {
    let home = Home::new();
    let manifest = json!({
        "name": "journal",
        "version": "1.0.0",
        "permissions": { "network": ["telemetry.example"], "storage": ["key-value"] },
    });
    home.write("plugin.json", manifest.to_string())
        .write("journal.wasm", guest("journal"));
    let mut dev = Dev::start(&home, &["--stdio"], &[]);
    let client = dev.connect(Era::Modern).await;
    let write = async || say(&client, "journal__write", json!({"text": "dear diary"})).await;
    assert_eq!(write().await, "kept: false, told: false");
    let called = dev.hears("call").await;
    assert_eq!(called["used"], json!([]));
    let mut refused = [dev.hears("refused").await, dev.hears("refused").await];
    refused.sort_by_key(|it| it["attempt"].to_string());
    assert_eq!(refused[0]["attempt"], "POST https://telemetry.example/");
    assert_eq!(refused[1]["attempt"], "storage key-value");
    assert_eq!(refused[1]["call"], called["call"]);
    assert_eq!(refused[1]["missing"], json!(["policy", "grant"]));
    let lines = refused[1]["remedies"].to_string();
    assert!(lines.contains("key-value"), "{lines}");

    // Its author says that any build is theirs; a component is not taken for its author's by lying in a folder.
    let grants = |digest: &str| {
        format!(
            "[policy]\nstorage = [\"key-value\"]\n[plugins.journal]\npath = \"journal.wasm\"\n{digest}\n\
             [plugins.journal.grants]\nstorage = [\"key-value\"]\n"
        )
    };
    home.write("portcullis.toml", grants(""));
    dev.hears("swapped").await;
    assert_eq!(write().await, "kept: false, told: false");
    home.write("portcullis.toml", grants("digest = \"any\""));
    dev.hears("swapped").await;
    assert_eq!(write().await, "kept: true, told: false");
    let mut called = dev.hears("call").await;
    while called["used"] == json!([]) {
        called = dev.hears("call").await;
    }
    assert_eq!(called["used"], json!(["storage key-value"]));
    home.write("portcullis.toml", "[policy\n");
    let failed = dev.hears("failed").await;
    assert_eq!(failed["stage"], "configuration");
    assert_eq!(write().await, "kept: true, told: false");
    client.close().await;
    assert_eq!(dev.ended().await, Some(0));
}

#[tokio::test]
async fn nobody_has_to_be_served() {
    let (home, component) = folder("noop");
    let path = component.to_str().unwrap();
    let mut dev = Dev::start(&home, &[path, "--no-serve"], &[]);
    let told = [dev.next().await, dev.next().await];
    let told = told.map(|event| event["event"].as_str().unwrap().to_owned());
    assert_eq!(told, ["watching", "swapped"]);
    put(&component, guest("remembers"));
    assert_eq!(dev.next().await["event"], "changed");
    assert_eq!(dev.next().await["event"], "swapped");
    // A terminal that is closed ends it as Ctrl-C does.
    let signal = match crate::new::ignores_hangup() {
        true => Signal::INT,
        false => Signal::HUP,
    };
    assert_eq!(dev.end(signal).await, Some(0));
}

#[test]
fn what_cannot_be_developed_is_refused_in_a_sentence() {
    let home = Home::new();
    home.write("empty/notes.txt", "nothing here")
        .write("plug/plugin.wasm", guest("noop"));
    let check = |arguments: &[&str], code: i32, says: &str| {
        let ended = home.run(arguments);
        assert_eq!(ended.code, code, "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(says), "{arguments:?}: {ended:?}");
        assert_eq!(ended.stdout, "");
    };
    check(&["dev", "empty"], 4, "there is no plugin in `empty`");
    check(&["dev", "gone"], 4, "there is no plugin in `gone`");
    check(&["dev", "plug", "--http", "nonsense"], 2, "is no address");
    check(&["dev", "plug", "--http", "0.0.0.0:0"], 4, "other machines");
    check(
        &["dev", "plug", "--stdio", "--http"],
        2,
        "cannot be used with",
    );
    home.write("portcullis.toml", "[nonsense]\n");
    check(&["dev", "plug"], 4, "nonsense");
}

#[tokio::test]
async fn a_person_reads_what_a_program_does() {
    let (home, component) = folder("progress");
    let mut command = Command::from(home.command());
    command
        .args(["dev", "my plügin", "--stdio"])
        .kill_on_drop(true);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (read, write) = (child.stdout.take().unwrap(), child.stdin.take().unwrap());
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut seen = Vec::new();
    let mut until = async |words: &str| loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line
            .unwrap_or_else(|_| panic!("`{words}` does not come"))
            .unwrap();
        let line = line.expect("it still runs");
        assert!(
            !line.contains('\u{1b}'),
            "no colours where no terminal is: {line:?}"
        );
        let is_it = line.contains(words);
        seen.push(line);
        if is_it {
            return;
        }
    };
    until("in service: plugin 0.0.0").await;
    until("tools: 2 +ping +progress").await;
    let client = client::connect(read, write, Era::Modern).await;
    client.call("plugin__progress", json!({})).await.unwrap();
    until("progress {}").await;
    until("→ done").await;
    until("ms, fuel ").await;
    until("info     begun").await;
    until("progress 50 of 100 half done").await;
    put(&component, b"garbage");
    until("it cannot be read").await;
    until("the build before is still in service").await;
    put(&component, guest("escape_codes"));
    until("swapped: plugin").await;
    until("clients are told of: tools").await;
    client.close().await;
    assert!(child.wait().await.unwrap().success());
    assert!(seen.len() > 10);
}

#[test]
fn a_toolchain_that_is_missing_ends_it_with_what_to_install() {
    let home = Home::new();
    let manifest = "[package]\nname = \"greeter\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n";
    home.write("greeter/Cargo.toml", manifest)
        .write("greeter/src/lib.rs", "");
    let mut command = home.command();
    command.args(["dev", "greeter", "--no-serve"]);
    command.env("CARGO", "gone").env("RUSTC", "gone");
    let ended = Ended::of(command.stdin(Stdio::null()).output().unwrap());
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.stderr.contains("does not start"), "{ended:?}");
    assert!(ended.stderr.contains("rustup"), "{ended:?}");
}

/// A folder with a crate, and a cargo that runs `script`.
fn with_cargo(script: &str) -> Home {
    let home = Home::new();
    let program = |name: &str, script: &str| {
        home.write(name, format!("#!/bin/sh\n{script}\n"));
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(home.path().join(name), mode).unwrap();
    };
    program("cargo", script);
    program("rustc", "echo /");
    home.write("greeter/Cargo.toml", "[package]\nname = \"greeter\"\n")
        .write("greeter/src/lib.rs", "");
    home
}

#[tokio::test]
async fn a_build_that_writes_into_its_own_sources_comes_to_an_end() {
    // The first two are given up for what they write. The third goes on for far longer than it takes to notice that.
    let home = with_cargo(
        "n=$(ls src | wc -l)\necho > src/made$n.rs\n[ $n -gt 2 ] || exec sleep 600\nsleep 2\nexit 1",
    );
    let programs = [home.path().join("cargo"), home.path().join("rustc")];
    let variables = [("CARGO", &*programs[0]), ("RUSTC", &*programs[1])];
    let mut dev = Dev::start(&home, &["greeter", "--no-serve"], &variables);
    let mut restarted = Vec::new();
    loop {
        let event = dev.next().await;
        match event["event"].as_str().unwrap() {
            "failed" => break,
            "changed" => {
                assert_eq!(event["restarted"], true);
                restarted.push(event["files"].clone());
            }
            _ => {}
        }
    }
    let made = |n: u8| json!([format!("src/made{n}.rs")]);
    assert_eq!(restarted, [made(1), made(2)]);
    // What came meanwhile is heeded afterwards.
    let changed = dev.hears("changed").await;
    assert_eq!(
        (&changed["files"], &changed["restarted"]),
        (&made(3), &json!(false))
    );
    assert_eq!(dev.end(Signal::INT).await, Some(0));
}

#[tokio::test]
async fn a_client_is_let_in_while_the_first_build_takes_long_to_start() {
    let (home, _) = folder("spins_in_activate");
    // So that it is stopped a while after the client was let in.
    home.write(
        "portcullis.toml",
        "[limits]\nstart_ms = 12_000\nfuel = 10_000_000_000_000\n",
    );
    let mut dev = Dev::start(&home, &["my plügin", "--http", "127.0.0.1:0"], &[]);
    assert_eq!(dev.next().await["event"], "watching");
    assert_eq!(dev.next().await["event"], "serving");
    let failed = dev.hears("failed").await;
    assert_eq!(failed["stage"], "load", "{failed}");
    assert_eq!(dev.end(Signal::INT).await, Some(0));
}

/// A program that is ended with the test, however that ends.
#[cfg(target_os = "linux")]
struct Background(Pid);

#[cfg(target_os = "linux")]
impl Drop for Background {
    fn drop(&mut self) {
        // It may have ended by itself. One that was stopped hears nothing less.
        let _ = rustix::process::kill_process(self.0, Signal::KILL);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_goes_on_in_the_background_of_a_terminal() {
    let (home, component) = folder("noop");
    let (_ours, theirs) = crate::pack::terminal();
    // A session with that terminal, whose shell runs the program in the background, as `portcullis dev &` does.
    let script = "set -m; \"$0\" dev --json --no-serve 'my plügin' & echo \"pid $!\"; wait";
    let mut command = Command::from(home.command());
    let program = command.as_std().get_program().to_owned();
    let mut session = Command::new("setsid");
    session
        .args(["--ctty", "bash", "-c", script])
        .arg(program)
        .current_dir(home.path());
    for (name, value) in command.as_std_mut().get_envs() {
        match value {
            Some(value) => session.env(name, value),
            None => session.env_remove(name),
        };
    }
    session
        .stdin(theirs)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true);
    let mut child = session.spawn().expect("util-linux is there");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut running = None;
    let mut hears = async |kind: &str| loop {
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("no `{kind}`: it was stopped"));
        let line = line.unwrap().expect("it still runs");
        if let Some(pid) = line.strip_prefix("pid ") {
            running = Pid::from_raw(pid.parse().unwrap()).map(Background);
        } else if line.contains(&format!("\"event\":\"{kind}\"")) {
            return;
        }
    };
    hears("swapped").await;
    put(&component, guest("remembers"));
    hears("swapped").await;
    drop(running.expect("its number was told"));
    let ended = tokio::time::timeout(PATIENCE, child.wait()).await;
    ended.expect("nothing is left running").unwrap();
}
