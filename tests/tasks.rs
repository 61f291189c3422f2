//! Tasks: begun, followed, answered, cancelled, and gone on with by whichever host is left.

use std::collections::BTreeMap;
use std::path::Path;

use portcullis::contract::{ClientCapabilities, Context, PluginError, Principal};
use portcullis::host::{
    Call, CallError, Host, Installed, Premises, Reply, Retry, TaskFailure, TaskStatus, TaskView,
    ToolReply,
};
use portcullis::limits::Limits;
use portcullis::network::Network;
use serde_json::{Value, json};

use crate::support::host::{
    PATIENCE, call, engine, host_of, installed, limited, limits, object, text,
};
use crate::support::raw::Raw;

mod hosts;
mod wire;

/// A client that can follow tasks and show forms, and who uses it.
fn asker(subject: Option<&str>) -> Context {
    Context {
        capabilities: ClientCapabilities {
            tasks: true,
            elicitation_form: true,
            ..ClientCapabilities::default()
        },
        principal: subject.map(|subject| Principal {
            subject: subject.to_owned(),
            scopes: Vec::new(),
        }),
        ..Context::default()
    }
}

fn worker() -> Installed {
    installed("task_worker")
}

/// A host that keeps tasks in this directory.
fn host_in(dir: &Path, plugins: impl IntoIterator<Item = Installed>) -> Host {
    let premises = Premises::new(
        engine(),
        Network::default(),
        Some(dir.to_owned()),
        Vec::new(),
    );
    Host::start(premises, plugins.into_iter().map(Ok).collect())
}

async fn ask(
    host: &Host,
    tool: &str,
    arguments: Value,
    context: &Context,
) -> Result<ToolReply, CallError> {
    let call = Call {
        context: context.clone(),
        ..Call::default()
    };
    let name = format!("task_worker__{tool}");
    let reply = host.call_tool(&name, object(arguments), Retry::default(), call);
    let reply = tokio::time::timeout(PATIENCE, reply).await;
    match reply.expect("there is an answer in time")? {
        Reply::Complete(reply) => Ok(reply),
        asked => panic!("{asked:?} is a question"),
    }
}

/// Begins a task.
async fn begin(host: &Host, mode: &str, context: &Context) -> TaskView {
    match ask(host, "work", json!({"mode": mode}), context).await {
        Ok(ToolReply::Task(task)) => task,
        other => panic!("{other:?} is no task"),
    }
}

/// Follows a task until it is as `expected`.
async fn until(
    host: &Host,
    mut task: TaskView,
    context: &Context,
    expected: impl Fn(&TaskView) -> bool,
) -> TaskView {
    let follow = async {
        task = host
            .task(&task.id, context)
            .await
            .expect("there is the task");
        while !expected(&task) {
            assert!(!task.status.is_final(), "{task:?}");
            task = host
                .follow_task(&task, context)
                .await
                .expect("there is the task");
        }
        task
    };
    let followed = tokio::time::timeout(PATIENCE, follow).await;
    followed.expect("it comes so far in time")
}

async fn ended(host: &Host, task: TaskView, context: &Context) -> TaskStatus {
    until(host, task, context, |task| task.status.is_final())
        .await
        .status
}

fn message(task: &TaskView, expected: &str) -> bool {
    task.message.as_deref() == Some(expected)
}

/// The keys of the questions that are open.
fn open(task: &TaskView) -> Vec<String> {
    match &task.status {
        TaskStatus::InputRequired(open) => open.iter().map(|(key, _)| key.clone()).collect(),
        other => panic!("{other:?} has no questions"),
    }
}

fn is_asking(task: &TaskView) -> bool {
    matches!(task.status, TaskStatus::InputRequired(_))
}

fn accept(key: &str, words: &str) -> BTreeMap<String, Value> {
    let response = json!({"action": "accept", "content": {"it": words}});
    BTreeMap::from([(key.to_owned(), response)])
}

fn said(status: &TaskStatus) -> &str {
    match status {
        TaskStatus::Completed(result) => text(result),
        other => panic!("{other:?} is no result"),
    }
}

fn failure(status: TaskStatus) -> TaskFailure {
    match status {
        TaskStatus::Failed(failure) => failure,
        other => panic!("{other:?} is no failure"),
    }
}

/// Waits until the plugin has logged such a line so many times.
async fn logs(host: &Host, line: &str, n: usize) {
    let name = "task-worker".parse().expect("a name");
    let count = || {
        let lines = host.log_lines(&name);
        lines
            .iter()
            .filter(|logged| logged.text.contains(line))
            .count()
    };
    let come = async {
        while count() < n {
            tokio::task::yield_now().await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, come).await;
    assert!(came.is_ok(), "`{line}` was logged {} times", count());
    assert_eq!(count(), n, "{line}");
}

#[tokio::test]
async fn a_task_ends_as_its_plugin_does() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let end = async |mode: &str| {
        let task = begin(&host, mode, &owner).await;
        assert_eq!(task.status, TaskStatus::Working);
        assert!(message(&task, "begun"));
        assert_eq!((task.poll_ms, task.ttl_ms), (50, limits().task_ttl_ms));
        ended(&host, task, &owner).await
    };
    assert_eq!(said(&end("done").await), "done");
    assert_eq!(said(&end("goes on").await), "done");
    let TaskStatus::Completed(no) = end("no").await else {
        panic!("a no is an answer");
    };
    assert!(no.is_error);
    let TaskStatus::Completed(null) = end("null").await else {
        panic!("null is an answer");
    };
    assert_eq!(null.structured, Some(Value::Null));

    let custom = PluginError::Custom {
        code: 7,
        message: "it broke".to_owned(),
        data: Some(json!({"part": 3})),
    };
    let refused = |error| TaskFailure::Refused {
        plugin: "task-worker".parse().expect("a name"),
        error,
    };
    assert_eq!(failure(end("fails").await), refused(custom));
    let senseless = PluginError::InvalidParams("that makes no sense".to_owned());
    assert_eq!(failure(end("refuses").await), refused(senseless));
    let lacks = TaskFailure::Lacks(object(json!({"roots": {}})));
    assert_eq!(failure(end("asks for roots").await), lacks);
    for (mode, words) in [("traps", "crashed"), ("goes on for ever", "more input")] {
        match failure(end(mode).await) {
            TaskFailure::Failed(sentence) => assert!(sentence.contains(words), "{sentence}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_tool_is_a_task_only_where_its_list_and_the_client_say_so() {
    let host = host_of([worker()]);
    let (able, unable) = (asker(None), Context::default());
    let reply = async |tool: &str, context: &Context| {
        ask(&host, tool, json!({"mode": "done"}), context).await
    };
    assert!(matches!(reply("work", &able).await, Ok(ToolReply::Task(_))));
    assert!(matches!(reply("must", &able).await, Ok(ToolReply::Task(_))));
    match reply("work", &unable).await {
        Ok(ToolReply::Result(result)) => assert_eq!(text(&result), "done at once"),
        other => panic!("{other:?}"),
    }
    match reply("must", &unable).await {
        Err(CallError::MissingCapability(lacking)) => assert_eq!(
            Value::Object(lacking),
            json!({"extensions": {"io.modelcontextprotocol/tasks": {}}})
        ),
        other => panic!("{other:?}"),
    }
    for (tool, context, words) in [
        ("never", &able, "its list says that it never does"),
        ("pushes", &unable, "a client that cannot follow one"),
    ] {
        let failed = reply(tool, context).await.expect_err("it makes no sense");
        assert!(failed.to_string().contains(words), "{failed}");
    }
}

#[tokio::test]
async fn what_a_plugin_reports_is_the_status_of_its_task() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let task = begin(&host, "waits", &owner).await;
    let task = until(&host, task, &owner, |task| message(task, "waiting")).await;
    assert_eq!(task.status, TaskStatus::Working);
    assert!(task.updated_ms >= task.created_ms);
    host.cancel_task(&task.id, &owner)
        .await
        .expect("it is cancelled");
    // The last word counts, however many there were.
    let task = begin(&host, "reports", &owner).await;
    let task = until(&host, task, &owner, |task| task.status.is_final()).await;
    assert!(message(&task, "step 500"), "{task:?}");
}

#[tokio::test]
async fn only_whoever_began_a_task_can_see_answer_or_cancel_it() {
    let host = host_of([worker()]);
    let owners = [None, Some("ada"), Some("bob")].map(asker);
    let mut tasks = Vec::new();
    for owner in &owners {
        let task = begin(&host, "asks", owner).await;
        tasks.push(until(&host, task, owner, is_asking).await);
    }
    let nobody = CallError::NoSuchTask.to_string();
    let told = |refused: CallError| assert_eq!(refused.to_string(), nobody);
    for (at, task) in tasks.iter().enumerate() {
        for (other, stranger) in owners.iter().enumerate() {
            if at == other {
                continue;
            }
            told(
                host.task(&task.id, stranger)
                    .await
                    .expect_err("it is not theirs"),
            );
            let answer = accept(&open(task)[0], "mine");
            let update = host.update_task(&task.id, answer, stranger).await;
            told(update.expect_err("it is not theirs"));
            told(
                host.cancel_task(&task.id, stranger)
                    .await
                    .expect_err("it is not theirs"),
            );
        }
        // Strangers changed nothing.
        assert_eq!(
            host.task(&task.id, &owners[at])
                .await
                .expect("it is theirs"),
            *task
        );
    }
    for id in ["", "nobody", &"x".repeat(1 << 20)] {
        told(host.task(id, &owners[1]).await.expect_err("there is none"));
    }
    // It runs as the one who began it.
    let task = begin(&host, "who", &owners[1]).await;
    assert_eq!(said(&ended(&host, task, &owners[1]).await), "ada");
}

#[tokio::test]
async fn questions_are_answered_one_by_one_and_whatever_does_not_fit_stays_open() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let task = begin(&host, "asks", &owner).await;
    let task = until(&host, task, &owner, is_asking).await;
    let keys = open(&task);
    assert_eq!(keys.len(), 2);
    let update = async |responses: Value| {
        let responses = serde_json::from_value(responses).expect("an object");
        let taken = host.update_task(&task.id, responses, &owner).await;
        taken.expect("whatever comes is taken");
        host.task(&task.id, &owner)
            .await
            .expect("there is the task")
    };
    for nothing in [
        json!({}),
        json!({"name": {"action": "accept", "content": {"it": "by the plugin's key"}}}),
        json!({"else": 1}),
        json!({&keys[0]: null, &keys[1]: {"action": "accept", "content": {"it": 7}}}),
    ] {
        assert_eq!(open(&update(nothing).await), keys);
    }
    let first = json!({&keys[0]: {"action": "accept", "content": {"it": "Ada"}}, "else": 1});
    assert_eq!(open(&update(first).await), keys[1..]);
    // The first answer stands.
    let other = json!({&keys[0]: {"action": "decline"}});
    assert_eq!(open(&update(other).await), keys[1..]);
    let last = update(json!({&keys[1]: {"action": "decline"}})).await;
    let status = ended(&host, last, &owner).await;
    assert_eq!(said(&status), r#"name: {"it":"Ada"}, age: declined"#);
    let late = update(json!({&keys[1]: {"action": "cancel"}})).await;
    assert_eq!(late.status, status);
}

#[tokio::test]
async fn an_answer_to_an_earlier_question_is_none_to_a_later_one() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let task = begin(&host, "asks again", &owner).await;
    let task = until(&host, task, &owner, is_asking).await;
    let first = open(&task);
    let answer = |keys: &[String], words| accept(&keys[0], words);
    let taken = host
        .update_task(&task.id, answer(&first, "one"), &owner)
        .await;
    taken.expect("it is taken");
    let task = until(&host, task, &owner, |task| {
        is_asking(task) && open(task) != first
    })
    .await;
    let second = open(&task);
    let taken = host
        .update_task(&task.id, answer(&first, "one"), &owner)
        .await;
    taken.expect("it is taken");
    let seen = host
        .task(&task.id, &owner)
        .await
        .expect("there is the task");
    assert_eq!(open(&seen), second);
    let taken = host
        .update_task(&task.id, answer(&second, "two"), &owner)
        .await;
    taken.expect("it is taken");
    let status = ended(&host, task, &owner).await;
    assert_eq!(said(&status), r#"name: {"it":"two"}"#);
}

#[tokio::test]
async fn a_plugin_cannot_ask_for_ever_nor_a_client_answer_at_length() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let mut task = begin(&host, "asks for ever", &owner).await;
    let long = accept("1-name", &"x".repeat(2 << 20));
    let refused = host.update_task(&task.id, long, &owner).await;
    assert!(matches!(refused, Err(CallError::BadArguments(_))));
    let mut seen = Vec::new();
    loop {
        let is_new = |task: &TaskView| {
            task.status.is_final() || is_asking(task) && !seen.contains(&open(task)[0])
        };
        task = until(&host, task, &owner, is_new).await;
        if task.status.is_final() {
            break;
        }
        let key = open(&task).remove(0);
        let taken = host
            .update_task(&task.id, accept(&key, "again"), &owner)
            .await;
        taken.expect("it is taken");
        seen.push(key);
    }
    assert_eq!(seen.len(), portcullis::limits::ROUNDS_MAX as usize);
    match failure(task.status) {
        TaskFailure::Failed(sentence) => assert!(sentence.contains("more input"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cancelled_task_is_cancelled_whatever_its_plugin_does() {
    let host = host_of([worker()]);
    let owner = asker(None);
    for mode in ["waits", "sleeps", "spins", "asks"] {
        let task = begin(&host, mode, &owner).await;
        if mode == "asks" {
            until(&host, task.clone(), &owner, is_asking).await;
        } else {
            logs(&host, &format!("runs {mode}"), 1).await;
        }
        for _ in 0..2 {
            host.cancel_task(&task.id, &owner)
                .await
                .expect("it is cancelled");
            let seen = host.task(&task.id, &owner).await.expect("it is kept");
            assert_eq!(seen.status, TaskStatus::Cancelled, "{mode}");
        }
        // Answers come too late, and are no error.
        let answer = host
            .update_task(&task.id, accept("1-name", "x"), &owner)
            .await;
        answer.expect("it is taken");
    }
    // The plugin that watches for it had its moment; what it said then came too late.
    logs(&host, "put things in order", 1).await;
    let done = begin(&host, "done", &owner).await;
    let status = ended(&host, done.clone(), &owner).await;
    host.cancel_task(&done.id, &owner)
        .await
        .expect("it is no error");
    let seen = host.task(&done.id, &owner).await.expect("it is kept");
    assert_eq!(seen.status, status);
}

#[tokio::test]
async fn cancelled_tasks_give_back_all_they_held() {
    let limits = Limits {
        concurrent_calls: 2,
        queued_calls: 1,
        tasks: 50,
        ..limits()
    };
    let host = host_of([limited("task_worker", limits)]);
    let owner = asker(None);
    let mut tasks = Vec::new();
    for n in 0..30 {
        let mode = ["sleeps", "spins", "waits"][n % 3];
        tasks.push(begin(&host, mode, &owner).await);
    }
    // Tasks take half of the turns, so that calls are answered beside them.
    let pong = call(&host, "task_worker__ping", json!({})).await;
    assert_eq!(text(&pong.expect("it answers")), "pong");
    for task in &tasks {
        host.cancel_task(&task.id, &owner)
            .await
            .expect("it is cancelled");
    }
    for _ in 0..3 {
        let task = begin(&host, "done", &owner).await;
        assert_eq!(said(&ended(&host, task, &owner).await), "done");
        let pong = call(&host, "task_worker__ping", json!({})).await;
        assert_eq!(text(&pong.expect("it answers")), "pong");
    }
}

#[tokio::test]
async fn a_round_of_a_task_has_its_own_deadline() {
    let limits = Limits {
        task_ms: 300,
        ..limits()
    };
    let host = host_of([limited("task_worker", limits)]);
    let owner = asker(None);
    let task = begin(&host, "sleeps", &owner).await;
    match failure(ended(&host, task, &owner).await) {
        TaskFailure::Failed(sentence) => {
            assert!(sentence.contains("300 ms it has for a task"), "{sentence}");
            assert!(sentence.contains("raise `task_ms`"), "{sentence}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_question_stays_open_for_so_long() {
    let limits = Limits {
        answer_wait_ms: 1,
        ..limits()
    };
    let host = host_of([limited("task_worker", limits)]);
    let owner = asker(None);
    let task = begin(&host, "asks", &owner).await;
    match failure(ended(&host, task, &owner).await) {
        TaskFailure::Failed(sentence) => assert!(sentence.contains("in time"), "{sentence}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_task_is_kept_for_so_long_and_no_longer_than_the_operator_lets_it() {
    let limits = Limits {
        task_ttl_ms: 60_000,
        ..limits()
    };
    let host = host_of([limited("task_worker", limits)]);
    let owner = asker(None);
    let ttl = async |wished: Value| {
        let begun = ask(
            &host,
            "work",
            json!({"mode": "done", "ttl": wished}),
            &owner,
        )
        .await;
        match begun {
            Ok(ToolReply::Task(task)) => task,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(ttl(json!(5_000)).await.ttl_ms, 5_000);
    assert_eq!(ttl(json!(9_000_000)).await.ttl_ms, 60_000);
    let brief = ttl(json!(0)).await;
    assert_eq!(brief.ttl_ms, 1);
    let gone = async {
        while host.task(&brief.id, &owner).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone)
        .await
        .expect("its time is over");
    let told = host.task(&brief.id, &owner).await.expect_err("it is gone");
    assert!(matches!(told, CallError::NoSuchTask), "{told:?}");
}

#[tokio::test]
async fn a_plugin_has_no_more_tasks_than_it_may() {
    let limits = Limits {
        tasks: 2,
        ..limits()
    };
    let host = host_of([limited("task_worker", limits)]);
    let owner = asker(None);
    for mode in ["asks", "done"] {
        begin(&host, mode, &owner).await;
    }
    let full = ask(&host, "work", json!({"mode": "done"}), &owner).await;
    let full = full.expect_err("there are two");
    assert!(
        matches!(full, CallError::TooManyTasks { allowed: 2, .. }),
        "{full:?}"
    );
    assert!(full.to_string().contains("raise `tasks`"), "{full}");
    let pong = call(&host, "task_worker__ping", json!({})).await;
    assert_eq!(text(&pong.expect("it answers")), "pong");
}

#[tokio::test]
async fn what_is_too_large_to_be_kept_becomes_no_task() {
    let host = host_of([worker()]);
    let owner = asker(None);
    let huge = ask(&host, "work", json!({"mode": "huge"}), &owner).await;
    let huge = huge.expect_err("its state is too large");
    assert!(huge.to_string().contains("the state of a round"), "{huge}");
    let mut chatty = asker(None);
    chatty.meta = Some(object(json!({"a": "x".repeat(1 << 20)})));
    let refused = ask(&host, "work", json!({"mode": "done"}), &chatty).await;
    assert!(
        matches!(refused, Err(CallError::BadArguments(_))),
        "{refused:?}"
    );
    // A call that does not become a task may bring as much.
    let pong = ask(&host, "ping", json!({}), &chatty).await;
    assert!(matches!(pong, Ok(ToolReply::Result(_))), "{pong:?}");
}
