//! Tasks and the hosts that come and go.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use portcullis_fixtures::guest_path;

use super::*;
use crate::support::program::Home;

/// What hosts that share a state directory stand on.
struct Shared(tempfile::TempDir);

impl Shared {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn host(&self) -> Host {
        host_in(&self.0.path().join("state"), [worker()])
    }
}

fn runs(host: &Host) -> usize {
    let name = "task-worker".parse().expect("a name");
    let lines = host.log_lines(&name);
    lines
        .iter()
        .filter(|line| line.text.contains("runs "))
        .count()
}

#[tokio::test]
async fn two_hosts_see_the_same_tasks_and_one_of_them_works() {
    let shared = Shared::new();
    let (one, other) = (shared.host(), shared.host());
    let owner = asker(None);
    let task = begin(&one, "waits", &owner).await;
    until(&one, task.clone(), &owner, |task| message(task, "waiting")).await;
    other.resume_tasks();
    for _ in 0..5 {
        let seen = other.task(&task.id, &owner).await.expect("it is seen");
        assert_eq!(seen.status, TaskStatus::Working);
    }
    assert_eq!((runs(&one), runs(&other)), (1, 0));

    // Questions are answered at either, and the one that took the last answer goes on.
    let asking = begin(&one, "asks again", &owner).await;
    let asking = until(&other, asking, &owner, is_asking).await;
    let answer = accept(&open(&asking)[0], "x");
    let taken = other.update_task(&asking.id, answer, &owner).await;
    taken.expect("it is taken");
    until(&one, asking, &owner, |task| {
        is_asking(task) && open(task)[0].starts_with('2')
    })
    .await;
    assert_eq!((runs(&one), runs(&other)), (2, 1));

    // A task is cancelled at either, and the guest of the other hears of it.
    other
        .cancel_task(&task.id, &owner)
        .await
        .expect("it is cancelled");
    let seen = one.task(&task.id, &owner).await.expect("it is seen");
    assert_eq!(seen.status, TaskStatus::Cancelled);
    logs(&one, "put things in order", 1).await;
}

#[tokio::test]
async fn a_host_that_goes_down_leaves_its_tasks_to_the_next() {
    let shared = Shared::new();
    let owner = asker(Some("ada"));
    let first = shared.host();
    let done = begin(&first, "done", &owner).await;
    let status = ended(&first, done.clone(), &owner).await;
    let asks = begin(&first, "asks", &owner).await;
    let asks = until(&first, asks, &owner, is_asking).await;
    let waits = begin(&first, "waits", &owner).await;
    logs(&first, "runs waits", 1).await;
    first.shutdown().await;

    let second = shared.host();
    second.resume_tasks();
    logs(&second, "runs waits", 1).await;
    let seen = second.task(&done.id, &owner).await.expect("it is kept");
    assert_eq!(seen.status, status);
    let seen = second.task(&asks.id, &owner).await.expect("it is kept");
    assert_eq!(seen.status, asks.status);
    let stranger = second.task(&waits.id, &asker(None)).await;
    assert!(matches!(stranger, Err(CallError::NoSuchTask)));
    second
        .cancel_task(&waits.id, &owner)
        .await
        .expect("it is cancelled");
}

#[tokio::test]
async fn a_task_of_a_component_that_was_replaced_fails_and_says_so() {
    let shared = Shared::new();
    let owner = asker(None);
    let first = shared.host();
    let task = begin(&first, "waits", &owner).await;
    logs(&first, "runs waits", 1).await;
    first.shutdown().await;

    let mut replaced = installed("becomes_a_task");
    replaced.identity.name = worker().identity.name;
    let dir = shared.0.path().join("state");
    let second = host_in(&dir, [replaced]);
    match failure(ended(&second, task.clone(), &owner).await) {
        TaskFailure::Failed(sentence) => {
            assert!(
                sentence.contains("replaced by another version"),
                "{sentence}"
            );
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_host_without_the_plugin_leaves_its_tasks_to_one_that_has_it() {
    let shared = Shared::new();
    let owner = asker(None);
    let first = shared.host();
    let task = begin(&first, "waits", &owner).await;
    logs(&first, "runs waits", 1).await;
    first.shutdown().await;

    let dir = shared.0.path().join("state");
    let without = host_in(&dir, [installed("noop")]);
    let seen = without.task(&task.id, &owner).await.expect("it is seen");
    assert_eq!(seen.status, TaskStatus::Working);
    let with = shared.host();
    let found = async {
        while runs(&with) == 0 {
            with.task(&task.id, &owner).await.expect("it is seen");
        }
    };
    tokio::time::timeout(PATIENCE, found)
        .await
        .expect("it goes on");
    with.cancel_task(&task.id, &owner)
        .await
        .expect("it is cancelled");
}

/// A runtime that is dropped takes its host with it, in the middle of everything, as a kill does.
#[test]
fn a_task_that_ends_its_host_is_not_begun_for_ever() {
    let shared = Shared::new();
    let owner = asker(None);
    let life = |task: Option<&TaskView>| {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let lived = runtime.block_on(async {
            let host = shared.host();
            let task = match task {
                None => begin(&host, "waits", &owner).await,
                Some(task) => host.task(&task.id, &owner).await.expect("it is kept"),
            };
            let begun = |task: &TaskView| message(task, "waiting") || task.status.is_final();
            let task = until(&host, task, &owner, begun).await;
            if !task.status.is_final() {
                logs(&host, "runs waits", 1).await;
            }
            task
        });
        runtime.shutdown_timeout(PATIENCE);
        lived
    };
    let task = life(None);
    for _ in 1..portcullis::limits::TASK_ATTEMPTS_MAX {
        assert_eq!(life(Some(&task)).status, TaskStatus::Working);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let status = runtime.block_on(async {
        let host = shared.host();
        ended(&host, task, &owner).await
    });
    match failure(status) {
        TaskFailure::Failed(sentence) => assert!(sentence.contains("begun 3 times"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn tasks_that_cannot_be_kept_are_not_begun_and_calls_are_answered_all_the_same() {
    let shared = Shared::new();
    let dir = shared.0.path().join("state");
    let owner = asker(None);
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime");
    // The first host ends with its runtime, so that nothing of it writes to the file any more.
    let first = runtime();
    first.block_on(async { begin(&shared.host(), "done", &owner).await });
    drop(first);
    let file = dir.join("tasks/tasks.sqlite");
    std::fs::write(&file, "this is no database, and was never one".repeat(100)).expect("written");
    for name in ["tasks/tasks.sqlite-wal", "tasks/tasks.sqlite-shm"] {
        let _ = std::fs::remove_file(dir.join(name));
    }
    runtime().block_on(async {
        let host = shared.host();
        let refused = ask(&host, "work", json!({"mode": "done"}), &owner).await;
        let refused = refused.expect_err("it cannot be kept").to_string();
        assert!(refused.contains("tasks cannot be kept"), "{refused}");
        assert!(!refused.contains("sqlite"), "{refused}");
        let pong = call(&host, "task_worker__ping", json!({})).await;
        assert_eq!(text(&pong.expect("it answers")), "pong");
    });
}

#[tokio::test]
async fn a_host_that_never_had_a_task_makes_no_file_for_them() {
    let shared = Shared::new();
    let host = shared.host();
    host.resume_tasks();
    let told = host.task("nobody", &asker(None)).await;
    assert!(matches!(told, Err(CallError::NoSuchTask)));
    assert!(!shared.0.path().join("state").exists());
}

/// The real binary, spoken to line by line.
struct Program {
    child: Child,
    write: ChildStdin,
    read: BufReader<ChildStdout>,
    next_id: u64,
}

impl Program {
    fn start(home: &Home) -> Self {
        let mut command = home.command();
        command.arg("--plugin").arg(guest_path("task_worker"));
        let piped = command.arg("serve").stdin(Stdio::piped());
        let piped = piped.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = piped.spawn().expect("the program starts");
        let write = child.stdin.take().expect("it is piped");
        let read = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            child,
            write,
            read,
            next_id: 1,
        }
    }

    fn ask(&mut self, method: &str, mut params: Value) -> Value {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {
                "elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}},
            },
        });
        let id = self.next_id;
        self.next_id += 1;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        writeln!(self.write, "{request}").expect("it reads");
        loop {
            let mut line = String::new();
            self.read.read_line(&mut line).expect("it writes");
            assert!(!line.is_empty(), "it has ended");
            let message: Value = serde_json::from_str(&line).expect("it writes JSON");
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    }

    fn begin(&mut self, mode: &str) -> Value {
        let params = json!({"name": "task_worker__work", "arguments": {"mode": mode}});
        let begun = self.ask("tools/call", params);
        assert_eq!(begun["resultType"], "task", "{begun}");
        begun["taskId"].clone()
    }

    /// Polls until a task is as `expected`.
    fn poll(&mut self, id: &Value, expected: impl Fn(&Value) -> bool) -> Value {
        let until = std::time::Instant::now() + PATIENCE;
        loop {
            let told = self.ask("tasks/get", json!({"taskId": id}));
            if expected(&told) {
                return told;
            }
            assert!(std::time::Instant::now() < until, "{told}");
        }
    }

    /// Ends it as nothing can prepare for.
    fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is a child");
    }
}

#[test]
fn a_task_that_a_client_was_told_of_outlives_the_killing_of_the_host() {
    let home = Home::new();
    let mut first = Program::start(&home);
    let waits = first.begin("waits");
    first.kill();

    let mut second = Program::start(&home);
    second.poll(&waits, |told| told["statusMessage"] == "waiting");
    let asks = second.begin("asks");
    let asking = second.poll(&asks, |told| told["status"] == "input_required");
    second.kill();

    let mut third = Program::start(&home);
    let seen = third.ask("tasks/get", json!({"taskId": asks}));
    assert_eq!(seen["inputRequests"], asking["inputRequests"]);
    let answers = seen["inputRequests"].as_object().expect("questions");
    let answer = |key: &String| (key.clone(), json!({"action": "decline"}));
    let answers: serde_json::Map<_, _> = answers.keys().map(answer).collect();
    third.ask(
        "tasks/update",
        json!({"taskId": asks, "inputResponses": answers}),
    );
    let done = third.poll(&asks, |told| told["status"] == "completed");
    assert_eq!(
        done["result"]["content"][0]["text"],
        "name: declined, age: declined"
    );
    third.ask("tasks/cancel", json!({"taskId": waits}));
    third.poll(&waits, |told| told["status"] == "cancelled");
    third.kill();
}

#[test]
fn the_command_line_follows_a_task_to_its_end() {
    let home = Home::new();
    let guest = guest_path("task_worker").to_str().expect("a path of text");
    let call = |mode: &str| {
        let arguments = json!({"mode": mode}).to_string();
        home.run(&["--plugin", guest, "call", "task_worker__must", &arguments])
    };
    let done = call("done");
    assert_eq!((done.code, &*done.stdout), (0, "done\n"), "{done:?}");
    let no = call("no");
    assert_eq!((no.code, &*no.stdout), (1, "no\n"), "{no:?}");
    let fails = call("fails");
    assert_eq!(fails.code, 3, "{fails:?}");
    assert!(fails.stderr.contains("it broke"), "{fails:?}");
    let asks = call("asks");
    assert_eq!(asks.code, 3, "{asks:?}");
    assert!(asks.stderr.contains("lacks a capability"), "{asks:?}");
}
