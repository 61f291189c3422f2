//! Guests that misbehave, each with one trick. In every row the host answers in time, names the limit, the next call of the
//! same plugin works, and so does its neighbour.

use std::time::Duration;

use portcullis::contract::{Event, LogLevel};
use portcullis::host::{Call, CallError, Host, Retry};
use portcullis::limits::{LOG_LINE_BYTES_MAX, Limits};
use portcullis::runtime::FailureKind;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::host::{
    PATIENCE, call, call_with, failure, host, host_of, installed, limited, limits, text,
};

/// Calls the guest's trick with these limits, and gives the failure. Then shows that the plugin and its neighbour go on.
async fn contain(guest: &str, limits: Limits) -> FailureKind {
    let host = host_of([limited(guest, limits), installed("noop")]);
    let trick = format!("{guest}__{guest}");
    let ended = call(&host, &trick, json!({})).await;
    goes_on(&host, guest).await;
    match ended {
        Err(CallError::Failed(failure)) => failure.kind,
        other => panic!("`{guest}` was not stopped: {other:?}"),
    }
}

async fn goes_on(host: &Host, guest: &str) {
    for tool in [format!("{guest}__ping"), "noop__ping".to_owned()] {
        assert_eq!(
            text(&call(host, &tool, json!({})).await.unwrap()),
            "pong",
            "{tool}"
        );
    }
}

#[tokio::test]
async fn a_spinning_guest_runs_out_of_fuel() {
    let limits = Limits {
        fuel: 50_000_000,
        ..limits()
    };
    assert_eq!(
        contain("spins", limits).await,
        FailureKind::Fuel {
            allowed: 50_000_000
        }
    );
}

#[tokio::test]
async fn a_spinning_guest_is_stopped_at_its_deadline_when_fuel_is_plenty() {
    let limits = Limits {
        call_ms: 200,
        fuel: Limits::ceiling().fuel,
        ..limits()
    };
    assert!(matches!(
        contain("spins", limits).await,
        FailureKind::Deadline {
            limit: "call_ms",
            allowed: 200,
            ..
        }
    ));
}

#[tokio::test]
async fn a_guest_that_hangs_in_a_host_call_is_stopped_at_its_deadline() {
    let limits = Limits {
        call_ms: 200,
        ..limits()
    };
    let kind = contain("hangs_in_host_call", limits).await;
    assert!(
        matches!(
            kind,
            FailureKind::Deadline {
                limit: "call_ms",
                allowed: 200,
                ..
            }
        ),
        "{kind:?}"
    );
}

#[tokio::test]
async fn a_panic_tells_its_message_and_costs_one_call() {
    let kind = contain("panics", limits()).await;
    assert!(
        matches!(&kind, FailureKind::Trap { reason } if reason.contains("this guest panics")),
        "{kind:?}"
    );
}

#[tokio::test]
async fn unbounded_recursion_ends_in_a_trap() {
    let kind = contain("recurses", limits()).await;
    assert!(
        matches!(&kind, FailureKind::Trap { reason } if reason.contains("stack")),
        "{kind:?}"
    );
}

#[tokio::test]
async fn memory_is_bounded() {
    let limits = Limits {
        memory_bytes: 16 << 20,
        ..limits()
    };
    let kind = contain("allocates", limits).await;
    let FailureKind::Memory { used, allowed } = kind else {
        panic!("{kind:?}")
    };
    assert_eq!(allowed, 16 << 20);
    assert!(used <= allowed);
}

#[tokio::test]
async fn host_resources_are_bounded() {
    let limits = Limits {
        handles: 100,
        ..limits()
    };
    assert_eq!(
        contain("exhausts_handles", limits).await,
        FailureKind::Handles { allowed: 100 }
    );
}

#[tokio::test]
async fn a_component_of_more_tables_or_instances_than_it_may_have_does_not_start() {
    let few_elements = Limits {
        table_elements: 1,
        ..limits()
    };
    let few_instances = Limits {
        instances: 1,
        ..limits()
    };
    for (limits, limit) in [
        (few_elements, "`table_elements`"),
        (few_instances, "`instances`"),
    ] {
        let host = host_of([limited("echo", limits), installed("noop")]);
        // Its lists may come from the cache, so it is found out when it is called.
        let refused = call(&host, "echo__ping", json!({})).await;
        let reason = refused.expect_err("it does not start").to_string();
        assert!(reason.contains(limit), "{reason}");
        assert_eq!(
            text(&call(&host, "noop__ping", json!({})).await.unwrap()),
            "pong"
        );
    }
}

#[tokio::test]
async fn starting_has_a_deadline_of_its_own() {
    let limits = Limits {
        start_ms: 200,
        fuel: Limits::ceiling().fuel,
        ..limits()
    };
    let host = host_of([limited("spins_in_activate", limits), installed("noop")]);
    let reason = failure(&host, "spins-in-activate")
        .await
        .expect("it is out of service");
    assert!(reason.contains("`start_ms`"), "{reason}");
}

#[tokio::test]
async fn an_answer_of_100_megabytes_is_refused_before_it_is_copied() {
    let limits = Limits {
        memory_bytes: 512 << 20,
        ..limits()
    };
    let allowed = limits.answer_bytes;
    let kind = contain("returns_100_mb", limits).await;
    assert_eq!(
        kind,
        FailureKind::AnswerTooLarge {
            limit: Some("answer_bytes"),
            allowed
        }
    );
}

#[tokio::test]
async fn nonsense_is_refused() {
    for guest in ["returns_invalid_json", "deep_json", "reserved_error_code"] {
        assert!(
            matches!(contain(guest, limits()).await, FailureKind::Nonsense(_)),
            "{guest}"
        );
    }
}

#[tokio::test]
async fn a_guest_cannot_end_the_host() {
    assert_eq!(
        contain("exits", limits()).await,
        FailureKind::Exit { code: 0 }
    );
}

#[tokio::test]
async fn floods_of_host_calls_are_bounded_and_reach_the_client_thinned() {
    let few = Limits {
        host_calls: 1_000,
        notifications: 10,
        ..limits()
    };
    for guest in ["floods_log", "floods_progress", "floods_notify"] {
        let host = host_of([limited(guest, few.clone()), installed("noop")]);
        let (events, mut told) = mpsc::channel::<Event>(64);
        let with = Call {
            events: Some(events),
            log_level: Some(LogLevel::Debug),
            ..Call::default()
        };
        let ended = call_with(&host, &format!("{guest}__{guest}"), json!({}), with).await;
        let Err(CallError::Failed(failure)) = ended else {
            panic!("{guest}: {ended:?}")
        };
        assert_eq!(
            failure.kind,
            FailureKind::HostCalls { allowed: 1_000 },
            "{guest}"
        );
        let mut n_told = 0;
        while told.recv().await.is_some() {
            n_told += 1;
        }
        assert!(n_told <= 10, "{guest} told {n_told} things");
        goes_on(&host, guest).await;
    }
}

#[tokio::test]
async fn a_flood_of_output_is_bounded_and_never_reaches_our_own() {
    let small = Limits {
        fuel: 50_000_000,
        call_log_bytes: 10_000,
        log_bytes: 20_000,
        ..limits()
    };
    let host = host_of([limited("floods_stdout", small), installed("noop")]);
    let ended = call(&host, "floods_stdout__floods_stdout", json!({})).await;
    assert!(matches!(ended, Err(CallError::Failed(_))), "{ended:?}");
    goes_on(&host, "floods_stdout").await;
    let lines = host.log_lines(&"floods-stdout".parse().unwrap());
    let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
    assert!(bytes <= 20_000, "{bytes} bytes are kept");
    assert!(
        lines
            .iter()
            .all(|line| line.text.len() <= LOG_LINE_BYTES_MAX + 3)
    );
}

#[tokio::test]
async fn what_a_guest_prints_is_in_its_log_and_made_harmless() {
    let host = host(&["escape_codes", "prints"]);
    call(&host, "escape_codes__escape_codes", json!({}))
        .await
        .unwrap();
    call(&host, "prints__prints", json!({})).await.unwrap();
    let harmless = host.log_lines(&"escape-codes".parse().unwrap());
    assert!(!harmless.is_empty());
    assert!(
        harmless
            .iter()
            .all(|line| !line.text.chars().any(char::is_control)),
        "{harmless:?}"
    );
    let printed: Vec<_> = host
        .log_lines(&"prints".parse().unwrap())
        .into_iter()
        .map(|line| line.text)
        .collect();
    assert_eq!(
        printed,
        [
            "a line for stdout",
            "a line for stderr",
            "a line without an end"
        ]
    );
}

/// What a component imports decides whether it is loaded at all.
#[tokio::test]
async fn a_component_that_wants_what_nobody_offers_is_refused_by_name() {
    let refused = [
        ("wrong_world", "`stranger:power/danger`"),
        ("wants_http", "`wasi:http/"),
        ("no_exports", "exports none of the contract's interfaces"),
    ];
    let host = host_of(
        refused
            .iter()
            .map(|(name, _)| installed(name))
            .chain([installed("noop")]),
    );
    for (name, reason) in refused {
        let failed = failure(&host, &name.replace('_', "-")).await;
        let failed = failed.unwrap_or_else(|| panic!("`{name}` is in service"));
        assert!(failed.contains(reason), "{name}: {failed}");
        assert!(failed.contains("(hint: "), "{failed}");
    }
    assert_eq!(
        text(&call(&host, "noop__ping", json!({})).await.unwrap()),
        "pong"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spinning_guests_on_every_thread_do_not_stop_a_neighbours_call() {
    let host = host_of([
        limited(
            "spins",
            Limits {
                call_ms: 60_000,
                fuel: Limits::ceiling().fuel,
                ..limits()
            },
        ),
        installed("noop"),
    ]);
    host.catalogue().await;
    // More spinners than threads, none of which ends by itself before this test does.
    let cancelled = CancellationToken::new();
    let spinners: Vec<_> = (0..4)
        .map(|_| {
            let (host, cancelled) = (host.clone(), cancelled.clone());
            tokio::spawn(async move {
                host.call_tool(
                    "spins__spins",
                    serde_json::Map::new(),
                    Retry::default(),
                    Call {
                        cancelled,
                        ..Call::default()
                    },
                )
                .await
            })
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(
            text(&call(&host, "noop__ping", json!({})).await.unwrap()),
            "pong"
        );
    }
    assert!(
        spinners.iter().all(|spinner| !spinner.is_finished()),
        "the spinners were still spinning"
    );
    cancelled.cancel();
    for spinner in spinners {
        let ended = tokio::time::timeout(PATIENCE, spinner)
            .await
            .expect("it stops in time")
            .unwrap();
        assert!(matches!(ended, Err(CallError::Cancelled)), "{ended:?}");
    }
}

#[tokio::test]
async fn a_cancelled_guest_gets_a_moment_when_it_watches_for_it() {
    let host = host(&["cancel_aware", "noop"]);
    host.catalogue().await;
    let cancelled = CancellationToken::new();
    let (events, mut told) = mpsc::channel(16);
    let with = Call {
        cancelled: cancelled.clone(),
        events: Some(events),
        ..Call::default()
    };
    let running = call_with(&host, "cancel_aware__cancel_aware", json!({}), with);
    let cancel = async {
        told.recv().await.expect("it reports that it watches");
        cancelled.cancel();
    };
    let (ended, ()) = tokio::join!(running, cancel);
    assert!(
        ended.is_ok() || matches!(ended, Err(CallError::Cancelled)),
        "{ended:?}"
    );
    let lines = host.log_lines(&"cancel-aware".parse().unwrap());
    assert!(
        lines
            .iter()
            .any(|line| line.text.contains("put things in order")),
        "{lines:?}"
    );
    goes_on(&host, "cancel_aware").await;
}

#[tokio::test]
async fn a_cancelled_guest_that_could_watch_and_does_not_gets_no_moment() {
    // The test's deadline is shorter than the moment, so that one that is granted shows.
    let patient = Limits {
        cancel_grace_ms: 10_000,
        ..limits()
    };
    let host = host_of([limited("cancel_deaf", patient), installed("noop")]);
    host.catalogue().await;
    let tool = "cancel_deaf__cancel_deaf";
    let asked = call(&host, tool, json!({"ask": true})).await.unwrap();
    assert_eq!(text(&asked), "false", "it can ask");

    let cancelled = CancellationToken::new();
    let with = Call {
        cancelled: cancelled.clone(),
        ..Call::default()
    };
    let running = call_with(&host, tool, json!({}), with);
    let cancel = async { cancelled.cancel() };
    let (ended, ()) = tokio::time::timeout(Duration::from_secs(5), async {
        tokio::join!(running, cancel)
    })
    .await
    .expect("it is not waited for");
    assert!(matches!(ended, Err(CallError::Cancelled)), "{ended:?}");
    goes_on(&host, "cancel_deaf").await;
}

#[tokio::test]
async fn a_cancelled_guest_that_does_not_watch_is_stopped_at_once() {
    let host = host(&["hangs_in_host_call", "noop"]);
    host.catalogue().await;
    let cancelled = CancellationToken::new();
    let with = Call {
        cancelled: cancelled.clone(),
        ..Call::default()
    };
    let running = call_with(
        &host,
        "hangs_in_host_call__hangs_in_host_call",
        json!({}),
        with,
    );
    let cancel = async { cancelled.cancel() };
    let (ended, ()) = tokio::time::timeout(Duration::from_secs(5), async {
        tokio::join!(running, cancel)
    })
    .await
    .expect("it does not wait for the deadline");
    assert!(matches!(ended, Err(CallError::Cancelled)), "{ended:?}");
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_gives_its_turn_back() {
    let one_turn = Limits {
        concurrent_calls: 1,
        ..limits()
    };
    let host = host_of([limited("hangs_in_host_call", one_turn), installed("noop")]);
    host.catalogue().await;
    let hanging = call(&host, "hangs_in_host_call__hangs_in_host_call", json!({}));
    let dropped = tokio::time::timeout(Duration::from_millis(50), hanging).await;
    assert!(dropped.is_err(), "the guest hangs");
    goes_on(&host, "hangs_in_host_call").await;
}
