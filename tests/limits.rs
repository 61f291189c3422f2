//! Limits over many calls and many plugins: turns, the processor, memory of all together, log lines, quarantine; and what
//! is known of a call afterwards. Each is attacked, and the neighbour is shown at work beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use futures::future::select;
use portcullis::contract::{Event, ToolResult};
use portcullis::host::{
    Broken, Call, CallError, Host, Reply, Retry, State, ToolReply, Totals, Usage,
};
use portcullis::limits::Limits;
use portcullis::runtime::{Compiler, Engine, Failure, FailureKind};
use portcullis::storage::Cache;
use portcullis_fixtures::guest_path;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::host::{
    PATIENCE, cache, call, call_with, completed, host_of, installed, limited, limits, object, text,
};
use crate::support::program::Home;

/// A call that is at work and stays there until it is released: its guest waits for somebody to hear of its progress.
struct Held {
    answer: JoinHandle<Result<Reply<ToolReply>, CallError>>,
    told: mpsc::Receiver<Event>,
}

impl Held {
    /// Begins a call of the guest `progress`, and comes back when the guest is at work.
    async fn begin(host: &Host) -> Self {
        let (events, mut told) = mpsc::channel(1);
        let with = Call {
            events: Some(events),
            ..Call::default()
        };
        let host = host.clone();
        let answer = tokio::spawn(async move {
            host.call_tool(
                "progress__progress",
                object(json!({})),
                Retry::default(),
                with,
            )
            .await
        });
        let first = tokio::time::timeout(PATIENCE, told.recv()).await;
        first.expect("it begins in time").expect("it says so");
        Self { answer, told }
    }

    /// Lets it go on to its end.
    async fn release(mut self) {
        while self.told.recv().await.is_some() {}
        let answer = tokio::time::timeout(PATIENCE, self.answer).await;
        let answer = answer.expect("it ends in time").expect("it does not panic");
        let ToolReply::Result(answer) = completed(answer.unwrap()) else {
            panic!("it is no task");
        };
        assert_eq!(text(&answer), "done");
    }
}

fn failed<T: std::fmt::Debug>(ended: Result<T, CallError>) -> Failure {
    match ended {
        Err(CallError::Failed(failure)) => failure,
        other => panic!("it did not fail: {other:?}"),
    }
}

async fn answers(host: &Host, tool: &str) {
    let answer = call(host, tool, json!({})).await;
    assert_eq!(text(&answer.unwrap()), "pong", "{tool}");
}

/// Makes a call, and gives how it ended and what it used.
async fn measured(
    host: &Host,
    tool: &str,
    arguments: Value,
) -> (Result<ToolResult, CallError>, Usage) {
    let used = Arc::new(OnceLock::new());
    let with = Call {
        usage: Some(used.clone()),
        ..Call::default()
    };
    let ended = call_with(host, tool, arguments, with).await;
    (ended, *used.get().expect("what it used is known"))
}

fn host_on(engine: Engine, plugins: &[(&str, Limits)]) -> Host {
    let plugins = plugins
        .iter()
        .map(|(name, limits)| Ok::<_, Broken>(limited(name, limits.clone())));
    Host::start(engine, plugins.collect())
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_and_those_in_it_get_their_turn() {
    let narrow = Limits {
        concurrent_calls: 1,
        queued_calls: 1,
        queue_ms: 60_000,
        ..limits()
    };
    let host = host_of([limited("progress", narrow), installed("noop")]);
    host.catalogue().await;
    let held = Held::begin(&host).await;
    // Of two that come now one waits, and the other one, whichever it is, is told first.
    let ping = || Box::pin(call(&host, "progress__ping", json!({})));
    let (refused, queued) = select(ping(), ping()).await.factor_first();
    let refused = failed(refused);
    assert_eq!(refused.kind, FailureKind::QueueFull { allowed: 1 });
    assert!(
        refused.to_string().contains("raise `queued_calls`"),
        "{refused}"
    );
    answers(&host, "noop__ping").await;
    held.release().await;
    assert_eq!(text(&queued.await.unwrap()), "pong");
    answers(&host, "progress__ping").await;
}

#[tokio::test]
async fn a_call_waits_no_longer_for_its_turn_than_it_may() {
    let impatient = Limits {
        concurrent_calls: 1,
        queue_ms: 1,
        ..limits()
    };
    let host = host_of([limited("progress", impatient), installed("noop")]);
    host.catalogue().await;
    let held = Held::begin(&host).await;
    let refused = failed(call(&host, "progress__ping", json!({})).await);
    assert_eq!(refused.kind, FailureKind::QueueTime { allowed: 1 });
    assert!(
        refused.to_string().contains("raise `queue_ms`"),
        "{refused}"
    );
    answers(&host, "noop__ping").await;
    held.release().await;
    answers(&host, "progress__ping").await;
}

#[tokio::test]
async fn a_spinning_guest_computes_no_longer_than_its_share() {
    let throttled = Limits {
        cpu_percent: 1,
        call_ms: 500,
        fuel: Limits::ceiling().fuel,
        ..limits()
    };
    let host = host_of([limited("spins", throttled), installed("noop")]);
    host.catalogue().await;
    let (ended, used) = measured(&host, "spins__spins", json!({})).await;
    let failure = failed(ended);
    assert!(
        matches!(
            failure.kind,
            FailureKind::Deadline {
                limit: "call_ms",
                ..
            }
        ),
        "its time goes on while it waits: {failure}"
    );
    // Twenty milliseconds at once and one in a hundred from then on: far less than half of its time on any machine.
    assert!(
        used.cpu_us > 0 && used.cpu_us * 2 < used.wall_us,
        "{used:?}"
    );
    assert!(used.wall_us >= 500_000, "{used:?}");
    answers(&host, "noop__ping").await;
}

#[tokio::test]
async fn all_plugins_share_one_memory_and_a_refusal_names_it() {
    let small = host_of([installed("progress"), installed("noop")]);
    let (_, progress) = measured(&small, "progress__ping", json!({})).await;
    let (_, noop) = measured(&small, "noop__ping", json!({})).await;
    // Room for each of the two, and not for both at once.
    let total = progress.memory_bytes + noop.memory_bytes - 1;
    let engine = Engine::with_memory_bytes(Compiler::InProcess, Some(cache()), total);
    let hungry = Limits {
        memory_bytes: Limits::ceiling().memory_bytes,
        ..limits()
    };
    let host = host_on(
        engine.expect("the engine starts"),
        &[
            ("progress", limits()),
            ("noop", limits()),
            ("allocates", hungry),
        ],
    );
    host.catalogue().await;
    answers(&host, "noop__ping").await;

    let held = Held::begin(&host).await;
    let refused = failed(call(&host, "noop__ping", json!({})).await);
    assert_eq!(refused.kind, FailureKind::HostMemory { allowed: total });
    let sentence = refused.to_string();
    assert!(
        sentence.contains("raise `memory_bytes` under `[host]`"),
        "{sentence}"
    );
    assert!(!sentence.contains("[plugins."), "{sentence}");
    held.release().await;
    answers(&host, "noop__ping").await;

    let refused = failed(call(&host, "allocates__allocates", json!({})).await);
    assert_eq!(refused.kind, FailureKind::HostMemory { allowed: total });
    answers(&host, "noop__ping").await;
}

#[tokio::test]
async fn a_flood_of_log_lines_is_thinned_over_all_calls_and_counted() {
    let quiet = Limits {
        log_lines_per_second: 1,
        call_log_bytes: 16 << 20,
        log_bytes: 16 << 20,
        host_calls: 1_000,
        ..limits()
    };
    let host = host_of([limited("floods_log", quiet), installed("prints")]);
    for _ in 0..3 {
        failed(call(&host, "floods_log__floods_log", json!({})).await);
    }
    let lines = host.log_lines(&"floods-log".parse().unwrap());
    let n_flood = lines
        .iter()
        .filter(|line| line.text.starts_with("flood"))
        .count();
    // Ten at once, and one for each second the test took; three thousand were written.
    assert!((10..1_000).contains(&n_flood), "{n_flood}");
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("lines were left out")
                && line.text.contains("`log_lines_per_second`")),
        "{lines:?}"
    );
    call(&host, "prints__prints", json!({})).await.unwrap();
    assert_eq!(host.log_lines(&"prints".parse().unwrap()).len(), 3);
}

#[tokio::test]
async fn what_a_call_used_is_known_however_it_ended() {
    let short = Limits {
        call_ms: 300,
        fuel: Limits::ceiling().fuel,
        ..limits()
    };
    let poor = Limits {
        fuel: 5_000_000,
        ..limits()
    };
    let host = host_of([
        limited("spins", short),
        limited("recurses", poor),
        installed("noop"),
        installed("panics"),
        installed("progress"),
        installed("hangs_in_host_call"),
    ]);
    host.catalogue().await;

    let (answered, first) = measured(&host, "noop__ping", json!({})).await;
    answered.unwrap();
    let (_, second) = measured(&host, "noop__ping", json!({})).await;
    assert!(first.fuel > 0 && first.cpu_us > 0 && first.memory_bytes > 0);
    assert_eq!(
        (first.fuel, first.memory_bytes),
        (second.fuel, second.memory_bytes),
        "the same work costs the same"
    );
    assert!(first.wall_us >= first.cpu_us / 2, "{first:?}");

    let (ended, used) = measured(&host, "panics__panics", json!({})).await;
    assert_eq!(*failed(ended).usage, used);
    assert!(used.fuel > 0);

    let (ended, used) = measured(&host, "spins__spins", json!({})).await;
    assert!(matches!(failed(ended).kind, FailureKind::Deadline { .. }));
    assert!(used.fuel > first.fuel && used.cpu_us > 0, "{used:?}");
    assert!(used.wall_us >= 300_000);

    let (answered, used) = measured(&host, "progress__progress", json!({})).await;
    answered.unwrap();
    assert_eq!(used.host_calls, 6, "three reports and three lines");

    let (cancelled, told) = (CancellationToken::new(), Arc::new(OnceLock::new()));
    let with = Call {
        cancelled: cancelled.clone(),
        usage: Some(told.clone()),
        ..Call::default()
    };
    let hangs = "hangs_in_host_call__hangs_in_host_call";
    let (ended, ()) = tokio::join!(call_with(&host, hangs, json!({}), with), async {
        cancelled.cancel();
    });
    assert!(matches!(ended, Err(CallError::Cancelled)), "{ended:?}");
    let used: &Usage = told.get().expect("what it used is known");
    assert!(used.fuel > 0, "{used:?}");
}

#[tokio::test]
async fn fuel_that_ran_out_was_used_to_the_last_unit() {
    let poor = Limits {
        fuel: 5_000_000,
        ..limits()
    };
    let host = host_of([limited("spins", poor)]);
    host.catalogue().await;
    let (ended, used) = measured(&host, "spins__spins", json!({})).await;
    assert_eq!(failed(ended).kind, FailureKind::Fuel { allowed: 5_000_000 });
    assert_eq!(used.fuel, 5_000_000);
}

#[tokio::test]
async fn a_call_whose_caller_went_away_is_counted_as_well() {
    let host = host_of([installed("progress"), installed("noop")]);
    host.catalogue().await;
    answers(&host, "progress__ping").await;
    let before = host.usage(&"progress".parse().unwrap());
    let held = Held::begin(&host).await;
    held.answer.abort();
    let aborted = held.answer.await;
    assert!(aborted.is_err());
    let after = host.usage(&"progress".parse().unwrap());
    assert_eq!(after.calls, before.calls + 1);
    assert_eq!(after.failures, before.failures);
    assert!(after.fuel > before.fuel);
}

#[tokio::test]
async fn totals_add_up_for_each_plugin_alone() {
    let host = host_of([installed("panics"), installed("noop")]);
    host.catalogue().await;
    failed(call(&host, "panics__panics", json!({})).await);
    answers(&host, "panics__ping").await;
    let used = host.usage(&"panics".parse().unwrap());
    assert_eq!((used.calls, used.failures), (2, 1));
    assert!(used.fuel > 0 && used.cpu_us > 0 && used.memory_bytes_max > 0);
    assert_eq!(host.usage(&"noop".parse().unwrap()), Totals::default());
    let statuses = serde_json::to_value(host.statuses()).unwrap();
    assert_eq!(statuses[0]["usage"]["calls"], 2);
    assert_eq!(statuses[1]["usage"]["calls"], 0);
}

/// An engine whose cache no other test sees, since a quarantine is kept in it.
fn own_engine(dir: &tempfile::TempDir) -> Engine {
    let cache = Cache::open(&dir.path().join("cache")).expect("a new cache opens");
    Engine::new(Compiler::InProcess, Some(cache)).expect("the engine starts")
}

fn quarantined_after_three(quarantine_ms: u64) -> Limits {
    Limits {
        failures_in_a_row: 3,
        quarantine_ms,
        ..limits()
    }
}

fn state_of(host: &Host, name: &str) -> State {
    let statuses = host.statuses();
    let status = statuses.into_iter().find(|status| status.name == name);
    status.expect("it is installed").state
}

#[tokio::test]
async fn a_plugin_that_keeps_crashing_is_left_alone_also_by_the_next_host() {
    let dir = tempfile::tempdir().unwrap();
    let plugins = [
        ("panics", quarantined_after_three(300_000)),
        ("noop", limits()),
    ];
    let host = host_on(own_engine(&dir), &plugins);
    host.catalogue().await;
    // An answer between them begins the count anew, and nobody's own mistake counts.
    for _ in 0..2 {
        failed(call(&host, "panics__panics", json!({})).await);
    }
    answers(&host, "panics__ping").await;
    for _ in 0..2 {
        failed(call(&host, "panics__panics", json!({})).await);
    }
    let mistaken = call(&host, "panics__ping", json!({"surplus": 1})).await;
    assert!(matches!(mistaken, Err(CallError::BadArguments(_))));
    assert_eq!(state_of(&host, "panics"), State::Active);
    failed(call(&host, "panics__panics", json!({})).await);

    let next = host_on(own_engine(&dir), &plugins);
    for host in [&host, &next] {
        let refused = call(host, "panics__ping", json!({})).await;
        let Err(CallError::Quarantined { quarantine, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(quarantine.failures, 3);
        assert_eq!(quarantine.until_ms - quarantine.since_ms, 300_000);
        let sentence = refused.unwrap_err().to_string();
        for part in [
            "`panics` is quarantined",
            "3 of its calls in a row failed",
            "this guest panics",
            "a call is tried again in",
            "(hint: ",
        ] {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
        let state = state_of(host, "panics");
        assert!(
            matches!(&state, State::Quarantined(reason) if reason.contains("this guest panics")),
            "{state:?}"
        );
        let lists = host.catalogue().await;
        assert!(
            lists.tool("panics__panics").is_some(),
            "lists do not depend on health"
        );
        assert_eq!(state_of(host, "noop"), State::Active);
        answers(host, "noop__ping").await;
    }
}

#[tokio::test]
async fn a_quarantine_ends_with_one_call_that_works_and_goes_on_with_one_that_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let plugins = [("panics", quarantined_after_three(20))];
    let host = host_on(own_engine(&dir), &plugins);
    host.catalogue().await;
    let quarantine = |host: &Host| host.statuses()[0].quarantine.clone();
    for _ in 0..3 {
        failed(call(&host, "panics__panics", json!({})).await);
    }
    let first = quarantine(&host).expect("it is quarantined");
    assert_eq!((first.failures, first.until_ms - first.since_ms), (3, 20));

    // Asks until the time is over: then the call is let through, and decides.
    let tried = |tool: &'static str| {
        let host = host.clone();
        async move {
            loop {
                match call(&host, tool, json!({})).await {
                    Err(CallError::Quarantined { .. }) => tokio::task::yield_now().await,
                    ended => break ended,
                }
            }
        }
    };
    failed(
        tokio::time::timeout(PATIENCE, tried("panics__panics"))
            .await
            .unwrap(),
    );
    let second = quarantine(&host).expect("it still is");
    assert_eq!(
        (second.failures, second.until_ms - second.since_ms),
        (4, 40)
    );

    let worked = tokio::time::timeout(PATIENCE, tried("panics__ping")).await;
    assert_eq!(text(&worked.unwrap().unwrap()), "pong");
    assert_eq!(quarantine(&host), None);
    assert_eq!(state_of(&host, "panics"), State::Active);

    let next = host_on(own_engine(&dir), &plugins);
    next.settled().await;
    assert_eq!(state_of(&next, "panics"), State::Active);
    answers(&next, "panics__ping").await;
}

#[tokio::test]
async fn busy_and_cancelled_calls_never_count_against_a_plugin() {
    let dir = tempfile::tempdir().unwrap();
    let narrow = Limits {
        concurrent_calls: 1,
        queue_ms: 1,
        failures_in_a_row: 1,
        ..limits()
    };
    let host = host_on(own_engine(&dir), &[("progress", narrow)]);
    host.catalogue().await;
    let held = Held::begin(&host).await;
    for _ in 0..3 {
        failed(call(&host, "progress__ping", json!({})).await);
    }
    held.release().await;
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let (events, _told) = mpsc::channel(1);
    let with = Call {
        cancelled,
        events: Some(events),
        ..Call::default()
    };
    let ended = call_with(&host, "progress__progress", json!({}), with).await;
    assert!(matches!(ended, Err(CallError::Cancelled)), "{ended:?}");
    answers(&host, "progress__ping").await;
    assert_eq!(state_of(&host, "progress"), State::Active);
}

#[test]
fn call_says_what_was_used_when_asked_and_keeps_the_answer_clean() {
    let home = Home::new();
    let panics = guest_path("panics").to_str().unwrap();
    let check = |arguments: &[&str], code: i32| {
        let ended = home.run(arguments);
        assert_eq!(ended.code, code, "{ended:?}");
        let is_usage = |line: &&str| {
            line.starts_with("fuel ") && line.contains(" · cpu ") && line.ends_with(" MiB")
        };
        let n_lines = ended.stderr.lines().filter(is_usage).count();
        assert_eq!(
            n_lines,
            usize::from(arguments.contains(&"--usage")),
            "{ended:?}"
        );
        ended.stdout
    };
    let add = ["call", "calculator__add", r#"{"a": 2, "b": 3}"#];
    assert_eq!(check(&add, 0), "5\n");
    assert_eq!(check(&[&add[..], &["--usage"]].concat(), 0), "5\n");
    let json = check(&[&add[..], &["--usage", "--json"]].concat(), 0);
    assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
    check(
        &["--plugin", panics, "call", "panics__panics", "--usage"],
        3,
    );
}

/// Another task gets its turn although neither the caller nor the guest ever waits for anything.
#[tokio::test]
async fn a_caller_that_calls_again_at_once_lets_others_run() {
    let host = host_of([installed("noop")]);
    host.catalogue().await;
    let had_its_turn = Arc::new(AtomicBool::new(false));
    let other = had_its_turn.clone();
    tokio::spawn(async move { other.store(true, Ordering::Relaxed) });
    for _ in 0..1_000 {
        call(&host, "noop__ping", json!({})).await.unwrap();
    }
    assert!(had_its_turn.load(Ordering::Relaxed));
}
