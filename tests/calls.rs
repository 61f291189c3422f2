//! Calls of honest guests through the library: what goes in arrives, what comes back is what the guest said.

use portcullis::contract::{
    ClientCapabilities, ClientInfo, Content, Context, Event, LogLevel, Reference,
};
use portcullis::host::{Call, CallError, Kind, Retry};
use portcullis::limits::Limits;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::host::{
    call, call_with, completed, host, host_of, installed, limited, limits, text,
};

#[tokio::test]
async fn a_tool_gets_its_arguments_and_its_answer_comes_back() {
    let host = host(&["echo"]);
    let answer = call(&host, "echo__echo", json!({"text": "hello \u{1f980}"}))
        .await
        .unwrap();
    assert_eq!(text(&answer), "hello \u{1f980}");
    assert!(!answer.is_error);
}

#[tokio::test]
async fn an_sdk_plugin_of_twelve_lines_answers() {
    let host = host(&["hello"]);
    let answer = call(&host, "hello__greet", json!({"name": "Ada"}))
        .await
        .unwrap();
    assert_eq!(text(&answer), "Hello, Ada!");
}

#[tokio::test]
async fn arguments_are_checked_before_the_guest_sees_them() {
    let host = host(&["echo"]);
    for arguments in [json!({}), json!({"text": 1}), json!({"text": null})] {
        let refused = call(&host, "echo__echo", arguments.clone()).await;
        let Err(CallError::BadArguments(problem)) = refused else {
            panic!("{arguments}: {refused:?}")
        };
        assert!(problem.contains("text"), "{problem}");
    }
}

#[tokio::test]
async fn a_name_that_nobody_has_is_the_clients_fault() {
    let host = host(&["echo"]);
    for name in ["", "echo", "nobody__echo", "echo__nothing", "echo__echo\n"] {
        match call(&host, name, json!({"text": "x"})).await {
            // The bare name is unique here, so it is understood.
            Ok(_) => assert_eq!(name, "echo"),
            Err(error) => assert!(
                matches!(
                    error,
                    CallError::Unknown {
                        kind: Kind::Tool,
                        ..
                    }
                ),
                "{name}: {error}"
            ),
        }
    }
}

#[tokio::test]
async fn every_kind_of_content_survives() {
    let host = host(&["every_content"]);
    let answer = call(&host, "every_content", json!({})).await.unwrap();
    let kinds: Vec<_> = answer
        .content
        .iter()
        .map(|content| match content {
            Content::Text { .. } => "text",
            Content::Image(_) => "image",
            Content::Audio(_) => "audio",
            Content::ResourceLink(_) => "link",
            Content::Embedded { .. } => "embedded",
        })
        .collect();
    for kind in ["text", "image", "audio", "link", "embedded"] {
        assert!(kinds.contains(&kind), "{kind} is missing in {kinds:?}");
    }
    assert!(answer.structured.is_some());
    let Content::Image(image) = &answer.content[1] else {
        panic!("the second block is the image")
    };
    assert_eq!(
        image.data, b"\x89PNG\r\n\x1a\n",
        "binary content is carried as bytes"
    );
}

#[tokio::test]
async fn nothing_is_kept_in_memory_between_two_calls() {
    let host = host(&["remembers"]);
    for _ in 0..3 {
        assert_eq!(
            text(&call(&host, "remembers", json!({})).await.unwrap()),
            "1"
        );
    }
}

#[tokio::test]
async fn a_guest_starts_with_nothing() {
    let host = host(&["context"]);
    let answer = call(&host, "context", json!({})).await.unwrap();
    let seen: Value = serde_json::from_str(text(&answer)).unwrap();
    let system = &seen["system"];
    assert_eq!(system["variables"], json!([]), "{seen:#}");
    assert_eq!(system["nArguments"], 0, "{seen:#}");
    assert_eq!(system["rootIsReadable"], false, "{seen:#}");
    assert_eq!(system["connectFailsWith"], "PermissionDenied", "{seen:#}");
    assert!(system["resolveFailsWith"].is_string(), "{seen:#}");
    assert_eq!(system["stdinIsAtItsEnd"], true, "{seen:#}");
}

#[tokio::test]
async fn a_guest_is_told_who_asks_and_what_the_client_can_do() {
    let host = host(&["context"]);
    let context = Context {
        protocol_version: "2026-07-28".to_owned(),
        client: Some(ClientInfo {
            name: "test".to_owned(),
            version: "7".to_owned(),
        }),
        capabilities: ClientCapabilities {
            roots: true,
            ..ClientCapabilities::default()
        },
        meta: json!({"example.com/key": [1]}).as_object().cloned(),
        ..Context::default()
    };
    let with = Call {
        context,
        ..Call::default()
    };
    let answer = call_with(&host, "context", json!({}), with).await.unwrap();
    let seen: Value = serde_json::from_str(text(&answer)).unwrap();
    let told = &seen["call"];
    assert_eq!(told["protocolVersion"], "2026-07-28");
    assert_eq!(told["client"][0], "test");
    assert_eq!(told["capabilities"]["roots"], true);
    assert_eq!(told["capabilities"]["sampling"], false);
    assert_eq!(told["deadlineMs"], limits().call_ms);
    assert!(told["meta"].to_string().contains("example.com/key"));
}

#[tokio::test]
async fn progress_and_log_lines_come_in_order_and_before_the_answer() {
    let host = host(&["progress"]);
    // The second and third call find an instance that was made before they came.
    for _ in 0..3 {
        let (events, mut told) = mpsc::channel(16);
        let with = Call {
            events: Some(events),
            log_level: Some(LogLevel::Info),
            ..Call::default()
        };
        let answer = call_with(&host, "progress__progress", json!({}), with);
        answer.await.unwrap();
        let mut reports = Vec::new();
        let mut lines = 0;
        while let Some(event) = told.recv().await {
            match event {
                Event::Progress {
                    progress, total, ..
                } => reports.push((progress, total)),
                Event::Log { level, .. } => {
                    assert!(level >= LogLevel::Info);
                    lines += 1;
                }
            }
        }
        let total = Some(100.0);
        assert_eq!(reports, [(0.0, total), (50.0, total), (100.0, total)]);
        assert_eq!(lines, 3);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn log_lines_below_the_wanted_level_stay_here() {
    let host = host(&["progress"]);
    let (events, mut told) = mpsc::channel(16);
    let with = Call {
        events: Some(events),
        log_level: Some(LogLevel::Error),
        ..Call::default()
    };
    call_with(&host, "progress__progress", json!({}), with)
        .await
        .unwrap();
    while let Some(event) = told.recv().await {
        assert!(matches!(event, Event::Progress { .. }), "{event:?}");
    }
}

#[tokio::test]
async fn resources_are_read_from_the_plugin_that_owns_them() {
    let host = host(&["echo", "noop"]);
    for (uri, there) in [
        ("echo://hello", true),
        ("echo://say/hi", true),
        ("nobody://x", false),
        ("", false),
    ] {
        let read = host
            .read_resource(uri, Retry::default(), Call::default())
            .await;
        assert_eq!(read.is_ok(), there, "{uri}: {read:?}");
    }
}

#[tokio::test]
async fn prompts_are_filled_in_and_a_missing_argument_is_named() {
    let host = host(&["echo"]);
    let arguments = vec![("name".to_owned(), "Ada".to_owned())];
    let prompt = host
        .get_prompt("echo__greet", arguments, Retry::default(), Call::default())
        .await
        .unwrap();
    let prompt = completed(prompt);
    let [message] = &prompt.messages[..] else {
        panic!("{prompt:?}")
    };
    assert!(
        matches!(&message.content, Content::Text { text, .. } if text == "Hello Ada"),
        "{message:?}"
    );
    let refused = host
        .get_prompt("echo__greet", Vec::new(), Retry::default(), Call::default())
        .await;
    assert!(matches!(refused, Err(CallError::BadArguments(problem)) if problem.contains("name")));
}

#[tokio::test]
async fn arguments_of_prompts_are_completed() {
    let host = host(&["echo"]);
    let reference = Reference::Prompt("echo__greet".to_owned());
    let complete = host.complete(
        reference,
        "name".to_owned(),
        "A".to_owned(),
        Vec::new(),
        Call::default(),
    );
    let suggestions = complete.await.unwrap();
    assert!(!suggestions.values.is_empty());
    assert!(
        suggestions
            .values
            .iter()
            .all(|value| value.starts_with('A')),
        "{suggestions:?}"
    );
}

#[tokio::test]
async fn a_no_is_an_answer_and_each_broken_call_has_its_name() {
    let host = host(&["refuses"]);
    let no = call(&host, "refuses__refuse", json!({})).await.unwrap();
    assert!(no.is_error);
    for kind in [
        "invalid-params",
        "not-found",
        "denied",
        "unavailable",
        "custom",
        "other",
    ] {
        let broken = call(&host, "refuses__fails", json!({"kind": kind})).await;
        assert!(
            matches!(broken, Err(CallError::Refused { .. })),
            "{kind}: {broken:?}"
        );
    }
}

#[tokio::test]
async fn a_plugin_with_one_turn_serves_its_calls_one_after_the_other() {
    let one_turn = Limits {
        concurrent_calls: 1,
        call_ms: 60_000,
        ..limits()
    };
    let host = host_of([limited("hangs_in_host_call", one_turn), installed("noop")]);
    host.settled().await;
    let cancelled = CancellationToken::new();
    let with = Call {
        cancelled: cancelled.clone(),
        ..Call::default()
    };
    let first = tokio::spawn({
        let host = host.clone();
        async move {
            call_with(
                &host,
                "hangs_in_host_call__hangs_in_host_call",
                json!({}),
                with,
            )
            .await
        }
    });
    let neighbours = async || {
        for _ in 0..20 {
            call(&host, "noop__ping", json!({})).await.unwrap();
        }
    };
    neighbours().await;
    let second = tokio::spawn({
        let host = host.clone();
        async move { call(&host, "hangs_in_host_call__ping", json!({})).await }
    });
    neighbours().await;
    assert!(!second.is_finished(), "the one turn is taken");
    cancelled.cancel();
    assert!(matches!(first.await.unwrap(), Err(CallError::Cancelled)));
    assert_eq!(text(&second.await.unwrap().unwrap()), "pong");
}
