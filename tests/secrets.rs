//! Secrets reach the plugins they are for, and nobody else: each guest here holds one and says it in another way.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portcullis::config::PluginConfig;
use portcullis::contract::{Event, LogLevel, Reference as CompletionReference, Suggestions};
use portcullis::host::{Call, Change, Host, Installed, Retry};
use portcullis::names::Digest;
use portcullis::permissions::{Approved, Grant, Keys, Policy, Words};
use portcullis::secrets::{Binding, Place, Reference, Source};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::support::host::{
    PATIENCE, call, call_with, completed, failure, host_of, installed, keyed, text,
};

/// The secret of these tests. It has what every encoding changes, and nothing that cannot stand in a media type.
const TOKEN: &str = "s3cr3t/t0k3n+v4lue&more";

/// What stands where it stood.
const MARK: &str = "[secret token]";

/// Every form in which a test looks for it.
fn forms_of(token: &str) -> Vec<String> {
    let bytes = token.as_bytes();
    let hex = |before: &str| {
        bytes
            .iter()
            .map(|b| format!("{before}{b:02x}"))
            .collect::<String>()
    };
    // The middle of what encodes it with other bytes around it is the same for them all; see the guest.
    let more = STANDARD.encode(format!("user:{token};"));
    vec![
        token.to_owned(),
        STANDARD.encode(token).trim_end_matches('=').to_owned(),
        more[8..more.len() - 4].to_owned(),
        hex("%"),
        hex("%").to_uppercase(),
        hex(""),
    ]
}

/// Whether nothing of it can be seen, in bytes too.
fn assert_hidden(shown: &str) {
    for form in forms_of(TOKEN) {
        assert!(!shown.contains(&form), "`{form}` is in {shown}");
    }
    let as_numbers = format!("{:?}", TOKEN.as_bytes());
    let as_numbers = as_numbers.trim_matches(['[', ']']);
    assert!(!shown.contains(as_numbers), "its bytes are in {shown}");
}

/// A guest with the secret in its setting `token`, and the folder that the secret lies in.
fn holding(guest: &str, token: &str, binding: Option<Binding>) -> (Installed, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("token");
    fs::write(&path, format!("{token}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    (reading(guest, Source::File(path), binding), dir)
}

fn reading(guest: &str, source: Source, binding: Option<Binding>) -> Installed {
    let secrets = BTreeMap::from([("token".to_owned(), Reference { source, binding })]);
    Installed {
        settings: PluginConfig {
            secrets,
            ..PluginConfig::default()
        },
        // The keys name this component and no power: a secret goes where a grant would.
        ..keyed(guest, Policy::default(), Grant::default(), Words::default())
    }
}

/// A host with the guest that leaks, and a neighbour.
fn leaking() -> (Host, TempDir) {
    let (leaks, dir) = holding("leaks_secret", TOKEN, None);
    (host_of([leaks, installed("echo")]), dir)
}

async fn leak(host: &Host, way: &str, form: &str) -> String {
    assert_eq!(failure(host, "leaks-secret").await, None);
    let answer = call(
        host,
        "leaks_secret__leaks_secret",
        json!({"way": way, "form": form}),
    )
    .await;
    let shown = match &answer {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => format!("{error} {error:?}"),
    };
    assert!(!shown.contains("`way`"), "the guest does not know `{way}`");
    shown
}

/// The neighbour may say the same words: they are no secret of its own.
async fn neighbour_is_untouched(host: &Host) {
    let said = call(host, "echo__echo", json!({"text": TOKEN}))
        .await
        .unwrap();
    assert_eq!(text(&said), TOKEN);
}

#[tokio::test]
async fn a_plugin_can_use_the_secret_it_was_given_and_nobody_sees_it() {
    let (surroundings, _dir) = holding("surroundings", TOKEN, None);
    let host = host_of([surroundings, installed("echo")]);
    let said = call(&host, "surroundings__surroundings", json!({}))
        .await
        .unwrap();
    let seen: Value = serde_json::from_str(text(&said)).unwrap();
    assert_eq!(seen["settings"], json!({"token": MARK}));
    assert_hidden(text(&said));
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn a_bound_secret_is_nowhere_the_guest_can_look() {
    let binding = Binding {
        rule: "api.example.com".parse().unwrap(),
        place: Place::Query("key".to_owned()),
    };
    let (surroundings, _dir) = holding("surroundings", TOKEN, Some(binding));
    let host = host_of([surroundings]);
    let said = call(&host, "surroundings__surroundings", json!({}))
        .await
        .unwrap();
    let seen: Value = serde_json::from_str(text(&said)).unwrap();
    assert_eq!(seen["settings"], json!({}));
    assert_eq!(seen["variables"], json!({}));
    assert!(!text(&said).contains(MARK));
    assert_hidden(text(&said));
}

#[tokio::test]
async fn an_answer_shows_no_form_of_a_secret() {
    let (host, _dir) = leaking();
    for form in ["raw", "base64", "base64-of-more", "percent", "hex"] {
        let shown = leak(&host, "text", form).await;
        assert!(shown.contains(MARK), "{form}: {shown}");
        assert_hidden(&shown);
    }
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn structured_answers_and_meta_show_no_secret_in_keys_or_values() {
    let (host, _dir) = leaking();
    for way in ["structured", "escaped"] {
        let shown = leak(&host, way, "raw").await;
        assert!(shown.contains(MARK), "{way}: {shown}");
        assert_hidden(&shown);
    }
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn a_number_that_is_a_secret_becomes_a_mark() {
    let (leaks, _dir) = holding("leaks_secret", "48151623", None);
    let host = host_of([leaks]);
    let shown = leak(&host, "number", "raw").await;
    assert!(
        shown.contains(MARK) && !shown.contains("48151623"),
        "{shown}"
    );
}

#[tokio::test]
async fn no_kind_of_content_shows_a_secret() {
    let (leaks, _dir) = holding("leaks_secret", "t0k3n-v4lue", None);
    let host = host_of([leaks, installed("echo")]);
    for form in ["raw", "base64", "hex"] {
        let answer = call(
            &host,
            "leaks_secret__leaks_secret",
            json!({"way": "content", "form": form}),
        )
        .await
        .unwrap();
        assert_eq!(answer.content.len(), 6);
        let shown = format!("{:?}", answer.content);
        for hidden in ["t0k3n-v4lue", "dDBrM24tdjRsdW", "74306b336e2d76346c7565"] {
            assert!(!shown.contains(hidden), "{shown}");
            let bytes = format!("{:?}", hidden.as_bytes());
            assert!(!shown.contains(bytes.trim_matches(['[', ']'])), "{shown}");
        }
        assert!(shown.matches(MARK).count() > 20, "{shown}");
    }
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let (host, _dir) = leaking();
    for way in [
        "invalid-params",
        "not-found",
        "missing-capability",
        "denied",
        "unavailable",
        "custom",
        "other",
        "nonsense",
    ] {
        let shown = leak(&host, way, "raw").await;
        assert!(shown.contains(MARK), "{way}: {shown}");
        assert_hidden(&shown);
    }
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn last_words_show_no_secret() {
    let (host, _dir) = leaking();
    for form in ["raw", "hex"] {
        let shown = leak(&host, "panic", form).await;
        assert!(shown.contains(MARK), "{shown}");
        assert_hidden(&shown);
    }
    assert_hidden(&log_of(&host));
    neighbour_is_untouched(&host).await;
}

fn log_of(host: &Host) -> String {
    let name = "leaks-secret".parse().unwrap();
    let lines = host.log_lines(&name).into_iter().map(|line| line.text);
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_log_shows_no_secret_however_it_came_there() {
    for way in ["print", "print-in-pieces", "log"] {
        let (host, _dir) = leaking();
        for form in ["raw", "base64", "percent"] {
            leak(&host, way, form).await;
        }
        let log = log_of(&host);
        assert!(log.contains("[secret"), "{way}: {log}");
        assert_hidden(&log);
        // Nor the first half of it, at the end of a line that was cut.
        assert!(!log.contains(&TOKEN[..6]), "{way}: {log}");
        neighbour_is_untouched(&host).await;
    }
}

#[tokio::test]
async fn clients_are_told_no_secret_while_a_call_runs() {
    let (host, _dir) = leaking();
    let mut changes = host.changes();
    let mut shown = String::new();
    for way in ["progress", "log"] {
        let (sender, mut receiver) = mpsc::channel(16);
        let with = Call {
            events: Some(sender),
            log_level: Some(LogLevel::Debug),
            ..Call::default()
        };
        let arguments = json!({"way": way, "form": "raw"});
        call_with(&host, "leaks_secret__leaks_secret", arguments, with)
            .await
            .unwrap();
        while let Some(event) = receiver.recv().await {
            shown += &match event {
                Event::Progress { message, .. } => message.unwrap_or_default(),
                Event::Log { logger, data, .. } => format!("{logger:?} {data}"),
            };
        }
    }
    assert!(shown.contains(MARK), "{shown}");
    assert_hidden(&shown);
    while let Ok(change) = changes.try_recv() {
        if let Change::Resource(uri) = change {
            assert_hidden(&uri);
        }
    }
}

#[tokio::test]
async fn resources_prompts_and_completions_show_no_secret() {
    let (host, _dir) = leaking();
    let read = host
        .read_resource("leaks-secret://token", Retry::default(), Call::default())
        .await
        .unwrap();
    let read = completed(read);
    let prompt = host
        .get_prompt(
            "leaks_secret__leak",
            Vec::new(),
            Retry::default(),
            Call::default(),
        )
        .await
        .unwrap();
    let prompt = completed(prompt);
    let suggestions: Suggestions = host
        .complete(
            CompletionReference::Prompt("leaks_secret__leak".to_owned()),
            "any".to_owned(),
            String::new(),
            Vec::new(),
            Call::default(),
        )
        .await
        .unwrap();
    for shown in [
        format!("{read:?}"),
        format!("{prompt:?}"),
        format!("{suggestions:?}"),
    ] {
        assert!(shown.contains(MARK), "{shown}");
        assert_hidden(&shown);
    }
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn a_plugin_with_a_secret_in_its_list_is_out_of_service() {
    let (leaks, _dir) = holding("leaks_in_list", TOKEN, None);
    let host = host_of([leaks, installed("echo")]);
    let reason = failure(&host, "leaks-in-list").await.unwrap();
    assert!(
        reason.contains("one of its secrets stands in its lists"),
        "{reason}"
    );
    assert_hidden(&reason);
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn a_plugin_that_refuses_to_start_does_not_show_its_secret() {
    let (leaks, _dir) = holding("leaks_in_activate", TOKEN, None);
    let host = host_of([leaks, installed("echo")]);
    // Whether its lists are known already or not, it is activated before it is called.
    let called = call(&host, "leaks_in_activate__leaks_in_activate", json!({})).await;
    let reason = format!(
        "{:?} {:?}",
        called.unwrap_err(),
        failure(&host, "leaks-in-activate").await
    );
    assert!(reason.contains(MARK), "{reason}");
    assert_hidden(&reason);
    neighbour_is_untouched(&host).await;
}

#[tokio::test]
async fn a_plugin_whose_secret_cannot_be_read_is_out_of_service_and_says_where_it_looked() {
    let dir = tempfile::tempdir().unwrap();
    let open = dir.path().join("open");
    fs::write(&open, TOKEN).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
    for (source, said) in [
        (
            Source::Env("PORTCULLIS_NO_SUCH_VARIABLE".to_owned()),
            "it is not set",
        ),
        (Source::File(open), "(hint: chmod 600)"),
        (Source::File(dir.path().join("missing")), "No such file"),
    ] {
        let host = host_of([reading("surroundings", source, None), installed("echo")]);
        let reason = failure(&host, "surroundings").await.unwrap();
        assert!(
            reason.contains("secret `token` cannot be read from"),
            "{reason}"
        );
        assert!(reason.contains(said), "{reason}");
        assert_hidden(&reason);
        neighbour_is_untouched(&host).await;
    }
}

#[tokio::test]
async fn one_plugins_secret_is_not_anothers() {
    let (first, _dir) = holding("surroundings", TOKEN, None);
    let host = host_of([first, installed("leaks_secret")]);
    let first = call(&host, "surroundings__surroundings", json!({}));
    assert!(text(&first.await.unwrap()).contains(MARK));
    let arguments = json!({"way": "text", "form": "raw"});
    let second = call(&host, "leaks_secret__leaks_secret", arguments);
    let second = tokio::time::timeout(PATIENCE, second)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(text(&second), "it is <>, ");
}

#[tokio::test]
async fn a_secret_goes_to_the_component_it_was_given_to_and_to_no_other() {
    let (mut stranger, _dir) = holding("surroundings", TOKEN, None);
    // Other bytes under the same name than those the grant is for.
    let identity = stranger.identity.clone();
    let approved = Approved::Digest(Digest::of(b"what was approved"));
    let grant = Grant {
        approved,
        ..Grant::default()
    };
    stranger.keys = Arc::new(Keys::new(
        identity,
        Policy::default(),
        grant,
        Words::default(),
    ));
    let host = host_of([stranger, installed("echo")]);
    let said = call(&host, "surroundings__surroundings", json!({}))
        .await
        .unwrap();
    let seen: Value = serde_json::from_str(text(&said)).unwrap();
    assert_eq!(seen["settings"], json!({}));
    neighbour_is_untouched(&host).await;
}
