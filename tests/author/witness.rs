//! A witness sees every call of a host, and a host without one notes nothing.

use std::sync::{Arc, Mutex};

use portcullis::contract::ClientCapabilities;
use portcullis::contract::{Context, Reference};
use portcullis::host::{Call, Host, Premises, Retry, Said, Seen, ToolReply, Usage, Witness};
use portcullis::permissions::{Grant, Policy, Words};
use serde_json::{Value, json};

use crate::support::host::{PATIENCE, completed, engine, installed, keyed, object};

/// What was seen, in words.
#[derive(Default)]
struct Notes(Mutex<Vec<Note>>);

#[derive(Debug, Clone)]
struct Note {
    what: String,
    arguments: Value,
    ending: String,
    usage: Usage,
    tried: Vec<(String, bool)>,
    lines: Vec<String>,
}

impl Witness for Notes {
    fn see(&self, seen: &Seen<'_>) {
        let ending = match seen.ending {
            Ok(Said::Tool(result)) => format!("tool, error: {}", result.is_error),
            Ok(Said::Task(_)) => "task".to_owned(),
            Ok(Said::Read(_)) => "read".to_owned(),
            Ok(Said::Prompt(_)) => "prompt".to_owned(),
            Ok(Said::Suggestions(suggestions)) => format!("suggestions: {:?}", suggestions.values),
            Ok(Said::Done) => "done".to_owned(),
            Ok(Said::Questions(asked)) => format!("questions: {}", asked.len()),
            Err(error) => error.to_string(),
        };
        let tried = seen.trail.tried().into_iter();
        let note = Note {
            what: format!("{} {} {}", seen.method, seen.plugin, seen.subject),
            arguments: seen.arguments.clone(),
            ending,
            usage: seen.usage,
            tried: tried
                .map(|tried| (tried.attempt.to_string(), tried.is_permitted))
                .collect(),
            lines: seen
                .trail
                .lines()
                .into_iter()
                .map(|line| line.text)
                .collect(),
        };
        self.0.lock().unwrap().push(note);
    }
}

async fn call(host: &Host, tool: &str, arguments: Value, with: Call) -> Option<ToolReply> {
    let called = host.call_tool(tool, object(arguments), Retry::default(), with);
    let called = tokio::time::timeout(PATIENCE, called).await;
    called
        .expect("there is an answer in time")
        .ok()
        .and_then(|reply| match reply {
            portcullis::host::Reply::Complete(reply) => Some(reply),
            portcullis::host::Reply::InputRequired(_) => None,
        })
}

fn able() -> Call {
    let capabilities = ClientCapabilities {
        elicitation_form: true,
        tasks: true,
        ..ClientCapabilities::default()
    };
    Call {
        context: Context {
            capabilities,
            ..Context::default()
        },
        ..Call::default()
    }
}

#[tokio::test]
async fn every_visit_is_seen_with_what_was_asked_answered_used_and_tried() {
    let state = tempfile::tempdir().expect("a folder");
    let notes = Arc::new(Notes::default());
    let network = portcullis::network::Network::default();
    let premises = Premises::new(engine(), network, Some(state.path().to_owned()), Vec::new());
    let asks: Words = serde_json::from_value(json!({"storage": ["key-value"]})).unwrap();
    let keeps = keyed("keeps", Policy::default(), Grant::default(), asks);
    let plugins = [
        installed("prints"),
        keeps,
        installed("asks"),
        installed("task_worker"),
        installed("everything"),
        installed("panics"),
    ];
    let host = Host::start(
        premises.with_witness(notes.clone()),
        plugins.into_iter().map(Ok).collect(),
    );

    call(&host, "prints", json!({}), Call::default())
        .await
        .expect("it answers");
    call(
        &host,
        "keeps",
        json!({"do": "get", "key": "k"}),
        Call::default(),
    )
    .await
    .expect("it answers");
    assert!(call(&host, "asks", json!({}), able()).await.is_none());
    let begun = call(&host, "work", json!({"mode": "done"}), able()).await;
    let Some(ToolReply::Task(mut task)) = begun else {
        panic!("it begins a task")
    };
    let asker = able().context;
    while !task.status.is_final() {
        let followed = host.follow_task(&task, &asker);
        task = tokio::time::timeout(PATIENCE, followed)
            .await
            .expect("in time")
            .expect("it is there");
    }
    let catalogue = host.catalogue().await;
    let uri = catalogue.resources()[0].item.uri.clone();
    completed(
        host.read_resource(&uri, Retry::default(), Call::default())
            .await
            .expect("it is read"),
    );
    let tool = catalogue
        .tools()
        .iter()
        .find(|tool| tool.plugin.as_str() == "panics")
        .expect("it is there")
        .public
        .to_string();
    assert!(
        call(&host, &tool, json!({}), Call::default())
            .await
            .is_none()
    );
    // Nobody is visited for these.
    assert!(
        call(&host, "no_such_tool", json!({}), Call::default())
            .await
            .is_none()
    );

    let all = notes.0.lock().unwrap().clone();
    // Before its first call each is asked for its lists, unless they are kept.
    let seen: Vec<_> = all
        .into_iter()
        .filter(|note| note.ending != "done")
        .collect();
    let whats: Vec<_> = seen.iter().map(|note| &*note.what).collect();
    let read = format!("resources/read everything {uri}");
    let expected = [
        "tools/call prints prints",
        "tools/call keeps keeps",
        "tools/call asks asks",
        "tools/call task-worker work",
        "task task-worker work",
        &read,
        "tools/call panics panics",
    ];
    assert_eq!(whats, expected);
    let endings: Vec<_> = seen.iter().map(|note| &*note.ending).collect();
    assert_eq!(
        endings[..6],
        [
            "tool, error: false",
            "tool, error: false",
            "questions: 1",
            "task",
            "tool, error: false",
            "read"
        ]
    );
    assert!(endings[6].contains("crashed"), "{endings:?}");
    assert_eq!(seen[1].arguments, json!({"do": "get", "key": "k"}));
    assert_eq!(seen[1].tried, [("storage key-value".to_owned(), false)]);
    assert_eq!(seen[0].lines.len(), 3);
    assert!(
        seen[1].lines.iter().any(|line| line.contains("key-value")),
        "{seen:?}"
    );
    assert!(seen.iter().all(|note| note.usage.fuel > 0), "{seen:?}");
}

#[tokio::test]
async fn a_completion_is_seen_as_well() {
    let notes = Arc::new(Notes::default());
    let premises = Premises::from(engine()).with_witness(notes.clone());
    let host = Host::start(premises, vec![Ok(installed("echo"))]);
    let reference = Reference::Prompt("greet".to_owned());
    let (argument, value) = ("name".to_owned(), "A".to_owned());
    let completed = host.complete(reference, argument, value, Vec::new(), Call::default());
    tokio::time::timeout(PATIENCE, completed)
        .await
        .expect("there is an answer in time")
        .expect("it suggests");
    let seen = notes.0.lock().unwrap().pop().expect("it was seen");
    assert_eq!(seen.what, "completion/complete echo greet");
    assert_eq!(seen.ending, "suggestions: [\"Ada\", \"Alan\"]");
    assert_eq!(seen.arguments["value"], "A");
    assert!(seen.usage.fuel > 0);
}

#[tokio::test]
async fn a_call_without_a_trail_is_not_noted_and_one_with_a_trail_is_its_own() {
    let host = Host::start(engine(), vec![Ok(installed("prints"))]);
    let trails = [Arc::default(), Arc::<portcullis::host::Trail>::default()];
    let calls = trails.iter().map(|trail| {
        let with = Call {
            trail: Some(trail.clone()),
            ..Call::default()
        };
        call(&host, "prints", json!({}), with)
    });
    for reply in futures_of(calls).await {
        assert!(reply.is_some());
    }
    call(&host, "prints", json!({}), Call::default())
        .await
        .expect("it answers");
    for trail in &trails {
        assert_eq!(trail.lines().len(), 3, "{:?}", trail.lines());
    }
}

/// All at one time.
async fn futures_of<T>(calls: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    futures::future::join_all(calls).await
}
