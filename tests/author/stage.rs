//! One plugin under conditions: what is pretended repeats, what is not allowed is refused all the same, and nothing of the
//! machine or of a secret comes through.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, UNIX_EPOCH};

use portcullis::contract::{ClientCapabilities, Content, Event, ToolResult};
use portcullis::limits::LimitsPatch;
use portcullis::manifest::{Manifest, Source};
use portcullis::names::{Digest, Identity};
use portcullis::permissions::{SystemPower, Words};
use portcullis::secrets::{Binding, Place};
use portcullis::trial::{
    Answers, Asked, Called, Conditions, Exchange, PretendedSecret, Reach, Stage, TrialError,
};
use portcullis_fixtures::{guest, guest_path};
use serde_json::{Map, Value, json};

use crate::support::host::{PATIENCE, engine, installed, object};

/// A test guest with a manifest that asks for these words.
fn source(name: &str, request: Value) -> Source {
    let component = guest(name).to_vec();
    let plugin = name.replace('_', "-");
    let manifest = json!({"name": plugin, "version": "1.0.0", "permissions": request});
    let manifest = Manifest::parse(manifest.to_string().as_bytes(), &plugin).expect("it is good");
    Source {
        path: guest_path(name).to_owned(),
        identity: Identity {
            name: manifest.name.clone(),
            digest: Digest::of(&component),
        },
        component,
        manifest,
        skills: Vec::new(),
    }
}

fn words(words: Value) -> Words {
    serde_json::from_value(words).expect("they are words")
}

/// Time enough, however busy the machine is.
fn patient() -> LimitsPatch {
    LimitsPatch {
        call_ms: Some(60_000),
        start_ms: Some(60_000),
        ..LimitsPatch::default()
    }
}

async fn stage(name: &str, request: Value, conditions: Conditions) -> Stage {
    let conditions = Conditions {
        limits: LimitsPatch {
            call_ms: conditions.limits.call_ms.or(patient().call_ms),
            start_ms: patient().start_ms,
            ..conditions.limits.clone()
        },
        ..conditions
    };
    let engine = engine();
    let set = Stage::set(&engine, source(name, request), &conditions);
    let set = tokio::time::timeout(PATIENCE, set).await;
    set.expect("the stage is set in time").expect("it starts")
}

async fn call(stage: &Stage, tool: &str, arguments: Value) -> Called<ToolResult> {
    let called = stage.call_tool(tool, object(arguments));
    let called = tokio::time::timeout(PATIENCE, called).await;
    called.expect("there is an answer in time")
}

fn text(called: &Called<ToolResult>) -> &str {
    match &called.answer {
        Ok(Asked::Answer(result)) => match &result.content[..] {
            [Content::Text { text, .. }] => text,
            other => panic!("{other:?} is not one text"),
        },
        other => panic!("{other:?} is no answer: {called:?}"),
    }
}

fn told(called: &Called<ToolResult>) -> Value {
    serde_json::from_str(text(called)).expect("it tells in JSON")
}

fn tried<T>(called: &Called<T>) -> Vec<(String, bool)> {
    let shown = called.meanwhile.tried.iter();
    shown
        .map(|tried| (tried.attempt.to_string(), tried.is_permitted))
        .collect()
}

fn pair(what: &str, is_permitted: bool) -> (String, bool) {
    (what.to_owned(), is_permitted)
}

fn exchange(method: &str, url: &str, response: &str) -> Exchange {
    Exchange {
        method: method.to_owned(),
        url: url.to_owned(),
        body: None,
        status: 200,
        headers: Vec::new(),
        response: response.to_owned().into(),
    }
}

#[tokio::test]
async fn time_and_randomness_are_as_the_test_wants_them_and_the_same_in_each_trial() {
    let conditions = Conditions {
        now: Some(UNIX_EPOCH + Duration::from_millis(1_767_323_045_250)),
        seed: Some(7),
        ..Conditions::default()
    };
    let run = async || {
        let stage = stage("surroundings", json!({}), conditions.clone()).await;
        let first = told(&call(&stage, "surroundings", json!({})).await);
        let second = told(&call(&stage, "surroundings", json!({})).await);
        (first, second)
    };
    let (first, second) = run().await;
    assert_eq!(first["time"], json!([1_767_323_045, 250_000_000]));
    assert_eq!(second["time"], first["time"]);
    for random in ["random", "bytes", "insecure-bytes", "seed"] {
        assert_ne!(first[random], second[random], "{random}");
    }
    assert_eq!(run().await, (first, second));

    // What is withheld is not given by pretending it.
    let withheld = Conditions {
        withhold: vec![SystemPower::Clock, SystemPower::Random],
        ..conditions.clone()
    };
    let stage = stage("surroundings", json!({}), withheld).await;
    let called = call(&stage, "surroundings", json!({})).await;
    assert_eq!(told(&called)["time"], json!([946_684_800, 0]));
    let refused = tried(&called);
    assert!(refused.contains(&pair("clock", false)), "{refused:?}");
    assert!(refused.contains(&pair("random", false)), "{refused:?}");
}

#[tokio::test]
async fn the_machines_own_variables_are_not_looked_at_and_given_ones_pass_with_permission() {
    let name = "CARGO_MANIFEST_DIR";
    assert!(std::env::var(name).is_ok(), "cargo sets it");
    let asks = json!({"system": [format!("env:{name}"), "env:GIVEN", "env:OTHER"]});
    let conditions = Conditions {
        allow: words(json!({"system": [format!("env:{name}"), "env:GIVEN"]})),
        environment: BTreeMap::from([
            ("GIVEN".to_owned(), "1".to_owned()),
            ("OTHER".to_owned(), "2".to_owned()),
        ]),
        ..Conditions::default()
    };
    let stage = stage("surroundings", asks, conditions).await;
    let called = call(&stage, "surroundings", json!({})).await;
    assert_eq!(told(&called)["variables"], json!({"GIVEN": "1"}));
    let expected = [
        pair(&format!("env:{name}"), true),
        pair("env:GIVEN", true),
        pair("env:OTHER", false),
    ];
    assert_eq!(tried(&called), expected);
}

#[tokio::test]
async fn values_are_there_from_the_start_and_what_is_kept_can_be_looked_at() {
    let asks = json!({"storage": ["key-value"]});
    let conditions = Conditions {
        allow: words(asks.clone()),
        key_value: BTreeMap::from([("n".to_owned(), "41".into())]),
        ..Conditions::default()
    };
    let stage_with = stage("keeps", asks.clone(), conditions.clone()).await;
    let increment = json!({"do": "increment", "key": "n"});
    let called = call(&stage_with, "keeps", increment.clone()).await;
    assert_eq!(told(&called), json!({"ok": 42}));
    assert_eq!(tried(&called), [pair("storage key-value", true)]);
    let kept = stage_with.value("n").await.expect("it can be read");
    assert_eq!(kept.as_deref(), Some(&b"42"[..]));
    assert_eq!(stage_with.keys(None).await.expect("they can").keys, ["n"]);

    // Each trial begins anew, and a value gives no permission.
    let refused = Conditions {
        allow: Words::default(),
        ..conditions
    };
    let stage = stage("keeps", asks, refused).await;
    let called = call(&stage, "keeps", increment).await;
    assert_eq!(told(&called), json!({"error": "not-granted"}));
    assert_eq!(tried(&called), [pair("storage key-value", false)]);
    let kept = stage.value("n").await.expect("it can be read");
    assert_eq!(kept.as_deref(), Some(&b"41"[..]));
}

#[tokio::test]
async fn a_script_answers_what_is_permitted_and_opens_nothing_else() {
    let asks = json!({"network": ["api.example.com", "127.0.0.1:9", "localhost:9"]});
    let answered = "https://api.example.com/v1?b=2&a=1";
    let script = vec![
        exchange("GET", answered, "hello"),
        exchange("GET", "https://evil.example/", "never"),
        exchange("GET", "http://127.0.0.1:9/", "never"),
        exchange("GET", "https://api.example.com:8443/", "never"),
    ];
    let conditions = Conditions {
        allow: words(json!({"network": ["api.example.com"]})),
        reach: Reach::Script(script),
        ..Conditions::default()
    };
    let stage = stage("http", asks, conditions).await;
    let get = async |url: &str| call(&stage, "http", json!({"url": url})).await;

    let called = get("https://api.example.com/v1?a=1&b=2").await;
    let response = told(&called);
    assert_eq!(response["status"], 200, "{response}");
    assert_eq!(response["body"], "hello");
    assert_eq!(
        tried(&called),
        [pair("GET https://api.example.com/v1", true)]
    );
    assert_eq!(called.meanwhile.exchanges.len(), 1);
    assert_eq!(called.meanwhile.exchanges[0].response, "hello");
    assert!(called.meanwhile.usage.bytes_received == 5 && called.meanwhile.usage.bytes_sent > 0);
    assert!(called.meanwhile.unmatched.is_empty());

    for url in [
        "https://evil.example/",
        "http://127.0.0.1:9/",
        "https://api.example.com:8443/",
        "https://api.example.com.evil.example/",
    ] {
        let called = get(url).await;
        assert_eq!(
            told(&called)["error"],
            "ErrorCode::HttpRequestDenied",
            "{url}"
        );
        assert_eq!(tried(&called), [pair(&format!("GET {url}"), false)]);
        assert!(
            called.meanwhile.exchanges.is_empty() && called.meanwhile.unmatched.is_empty(),
            "{called:?}"
        );
    }
}

#[tokio::test]
async fn a_request_that_fits_no_exchange_finds_nobody_and_the_test_is_told() {
    let asks = json!({"network": ["api.example.com"]});
    let reach = |reach| Conditions {
        allow: words(asks.clone()),
        reach,
        ..Conditions::default()
    };
    let script = Reach::Script(vec![exchange("GET", "https://api.example.com/a", "")]);
    let check = async |conditions, arguments: Value, sentence: &str| {
        let stage = stage("http", asks.clone(), conditions).await;
        let called = call(&stage, "http", arguments).await;
        assert_eq!(told(&called)["error"], "ErrorCode::ConnectionRefused");
        assert_eq!(called.meanwhile.unmatched, [sentence]);
        assert!(called.meanwhile.tried[0].is_permitted && called.meanwhile.exchanges.is_empty());
    };
    let url = "https://api.example.com/a?q=1";
    check(
        reach(script.clone()),
        json!({"url": url}),
        "no exchange fits `GET https://api.example.com/a?q=1` (hint: one has this URL, and another query)",
    )
    .await;
    check(
        reach(script),
        json!({"url": "https://api.example.com/a", "method": "POST", "body": "x"}),
        "no exchange fits `POST https://api.example.com/a` (hint: one has this URL, and another method)",
    )
    .await;
    check(
        reach(Reach::Nobody),
        json!({"url": url}),
        "no exchange fits `GET https://api.example.com/a?q=1` (hint: add one with this method and URL, or record a true run)",
    )
    .await;
}

#[tokio::test]
async fn a_scripted_network_counts_and_bounds_as_the_true_one() {
    let asks = json!({"network": ["api.example.com"]});
    let url = "https://api.example.com/";
    let long = "x".repeat(2_000);
    let conditions = Conditions {
        allow: words(asks.clone()),
        limits: LimitsPatch {
            http_requests: Some(2),
            response_bytes: Some(1_000),
            request_bytes: Some(500),
            ..LimitsPatch::default()
        },
        reach: Reach::Script(vec![
            exchange("GET", url, &long),
            exchange("POST", url, "fine"),
            exchange("GET", "https://api.example.com/short", "short"),
        ]),
        ..Conditions::default()
    };
    let stage = stage("http", asks, conditions).await;
    let called = call(&stage, "http", json!({"url": url})).await;
    let error = told(&called)["error"].to_string();
    assert!(
        error.contains("response body size exceeds limit: 1000"),
        "{error}"
    );

    let post = json!({"url": url, "method": "POST", "body_bytes": 501});
    let error = told(&call(&stage, "http", post).await)["error"].to_string();
    assert!(error.contains("HttpRequestBodySize"), "{error}");
    let post = json!({"url": url, "method": "POST", "body_bytes": 500});
    let called = call(&stage, "http", post).await;
    assert_eq!(told(&called)["body"], "fine");
    let sent = called.meanwhile.exchanges[0]
        .body
        .as_ref()
        .map(|body| body.len());
    assert_eq!(sent, Some(500));

    let thrice = json!({"url": "https://api.example.com/short", "times": 3});
    let responses = told(&call(&stage, "http", thrice).await);
    assert_eq!(responses[1]["status"], 200);
    assert!(
        responses[2]["error"].to_string().contains("http_requests"),
        "{responses}"
    );
}

/// A server on this machine that answers so many requests with their own heads, and a cookie.
fn mirror(n: usize) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    mirror_with(n, "")
}

/// The same with one more header.
fn mirror_with(n: usize, header: &'static str) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("there is a port");
    let port = listener.local_addr().expect("it has an address").port();
    let served = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for stream in listener.incoming().take(n) {
            let mut stream = stream.expect("somebody connects");
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).expect("it reads") == 1 {
                head.push(byte[0]);
            }
            let head = String::from_utf8(head).expect("it is text");
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nset-cookie: session=1\r\nx-echo: {}\r\nx-plain: yes\r\n{header}\r\n{head}",
                head.len(),
                head.lines().next().unwrap_or_default(),
            )
            .expect("it writes");
            heads.push(head);
        }
        heads
    });
    (port, served)
}

const BOUND: &str = "hunter22-bound";
const READ: &str = "hunter33-read";

fn secrets(host: &str, place: Place, bound: &str, read: &str) -> BTreeMap<String, PretendedSecret> {
    let binding = Binding {
        rule: host.parse().expect("it is a rule"),
        place,
    };
    let secret = |value: &str, binding| PretendedSecret {
        value: value.to_owned(),
        binding,
    };
    BTreeMap::from([
        ("bound".to_owned(), secret(bound, Some(binding))),
        ("read".to_owned(), secret(read, None)),
    ])
}

#[tokio::test]
async fn a_recording_has_no_secret_in_it_and_plays_again_with_other_secrets() {
    let header = Place::Header {
        name: "authorization".to_owned(),
        prefix: "Bearer ".to_owned(),
    };
    for place in [header, Place::Query("key".to_owned())] {
        let (port, served) = mirror(1);
        let host = format!("127.0.0.1:{port}");
        let asks = json!({"network": [host]});
        let conditions = |reach, secrets| Conditions {
            allow: words(asks.clone()),
            secrets,
            reach,
            ..Conditions::default()
        };
        // The guest knows this secret, and sends it where it will be seen.
        let ask = |read: &str| {
            json!({
                "url": format!("http://{host}/{read}?a=1&token={read}"),
                "headers": [["x-mine", read], ["cookie", "mine"]],
            })
        };
        let recorded = conditions(Reach::Recorded, secrets(&host, place.clone(), BOUND, READ));
        let on_stage = stage("http", asks.clone(), recorded).await;
        let called = call(&on_stage, "http", ask(READ)).await;
        let response = told(&called);
        assert_eq!(response["status"], 200, "{response} {called:?}");
        let heads = served.join().expect("the server served");
        // On the true network the secret was where it belongs.
        assert!(
            heads[0].contains(BOUND) && heads[0].contains(READ),
            "{heads:?}"
        );

        let written =
            serde_json::to_string(&called.meanwhile.exchanges).expect("it can be written");
        for secret in [BOUND, READ, "session=1"] {
            assert!(!written.contains(secret), "{written}");
            assert!(!format!("{called:?}").contains(secret), "{called:?}");
        }
        assert!(
            written.contains("[secret bound]") && written.contains("x-plain"),
            "{written}"
        );

        let read: Vec<Exchange> = serde_json::from_str(&written).expect("it can be read");
        let script = conditions(
            Reach::Script(read),
            secrets(&host, place, "another-bound", "another-read"),
        );
        let on_stage = stage("http", asks.clone(), script).await;
        let again = call(&on_stage, "http", ask("another-read")).await;
        assert_eq!(told(&again)["status"], 200, "{again:?}");
        assert_eq!(told(&again)["body"], response["body"]);
        assert_eq!(again.meanwhile.unmatched, [""; 0]);
    }
}

#[tokio::test]
async fn what_a_secret_could_hide_in_is_not_recorded() {
    let check = async |header: &'static str, is_noted: bool| {
        let (port, served) = mirror_with(1, header);
        let host = format!("127.0.0.1:{port}");
        let asks = json!({"network": [host]});
        let conditions = Conditions {
            allow: words(asks.clone()),
            secrets: secrets(&host, Place::Query("key".to_owned()), BOUND, READ),
            reach: Reach::Recorded,
            ..Conditions::default()
        };
        let stage = stage("http", asks, conditions).await;
        let arguments =
            json!({"url": format!("http://{host}/"), "headers": [["accept-encoding", "gzip"]]});
        let called = call(&stage, "http", arguments).await;
        assert_eq!(told(&called)["status"], 200, "{called:?}");
        assert_eq!(
            called.meanwhile.exchanges.len(),
            usize::from(is_noted),
            "{called:?}"
        );
        assert_eq!(called.meanwhile.unmatched.is_empty(), is_noted);
        let heads = served.join().expect("the server served");
        assert!(!heads[0].contains("gzip"), "{heads:?}");
    };
    check("", true).await;
    check("content-encoding: gzip\r\n", false).await;
}

#[tokio::test]
async fn a_recording_goes_nowhere_its_keys_do_not_lead() {
    let (port, served) = mirror(1);
    let conditions = |rule: String| Conditions {
        allow: words(json!({"network": [rule]})),
        reach: Reach::Recorded,
        ..Conditions::default()
    };
    let asks = json!({"network": [format!("127.0.0.1:{port}")]});
    let other = stage("http", asks.clone(), conditions("127.0.0.1:1".into())).await;
    let url = format!("http://127.0.0.1:{port}/");
    let called = call(&other, "http", json!({"url": url})).await;
    assert_eq!(told(&called)["error"], "ErrorCode::HttpRequestDenied");

    let named = stage("http", asks, conditions(format!("127.0.0.1:{port}"))).await;
    let called = call(&named, "http", json!({"url": url})).await;
    assert_eq!(told(&called)["status"], 200, "{called:?}");
    assert_eq!(called.meanwhile.exchanges.len(), 1);
    assert_eq!(served.join().expect("it served").len(), 1);

    let short = Conditions {
        secrets: secrets("127.0.0.1", Place::Query("k".to_owned()), "abc", READ),
        ..conditions("127.0.0.1:1".into())
    };
    let source = source("http", json!({"network": ["127.0.0.1:1"]}));
    let refused = Stage::set(&engine(), source, &short).await.err();
    let refused = refused.expect("it is refused").to_string();
    assert!(refused.contains("secret `bound` is too short"), "{refused}");
}

#[tokio::test]
async fn questions_are_answered_from_the_conditions_or_given_back() {
    let asks = async |answers| {
        let conditions = Conditions {
            answers,
            ..Conditions::default()
        };
        let stage = stage("asks", json!({}), conditions).await;
        call(&stage, "asks", json!({})).await
    };
    let by_key = |answer: Value| Answers::ByKey(Map::from_iter([("name".to_owned(), answer)]));
    let called = asks(by_key(json!({"name": "Ada"}))).await;
    assert_eq!(text(&called), r#"after the first round: {"name":"Ada"}"#);
    assert_eq!(called.meanwhile.n_rounds, 2);
    let called = asks(Answers::InOrder(vec![json!("decline")])).await;
    assert_eq!(text(&called), "after the first round: declined");

    match asks(Answers::Nobody).await.answer {
        Ok(Asked::Questions(questions)) => {
            assert_eq!(questions["name"]["method"], "elicitation/create");
            assert_eq!(questions["name"]["params"]["message"], "What is your name?");
        }
        other => panic!("{other:?} is no question"),
    }
    let unfit = asks(by_key(json!({"name": 7}))).await.answer.unwrap_err();
    assert!(
        unfit.contains("does not fit the question `name`"),
        "{unfit}"
    );

    let conditions = Conditions {
        capabilities: Some(ClientCapabilities::default()),
        ..Conditions::default()
    };
    let stage = stage("asks", json!({}), conditions).await;
    let refused = call(&stage, "asks", json!({})).await.answer.unwrap_err();
    assert!(refused.contains("elicitation"), "{refused}");
}

#[tokio::test]
async fn a_task_is_followed_to_its_end_through_its_questions() {
    let work = async |mode: &str, answers| {
        let conditions = Conditions {
            answers,
            ..Conditions::default()
        };
        let stage = stage("task_worker", json!({}), conditions).await;
        call(&stage, "work", json!({"mode": mode})).await
    };
    let called = work("done", Answers::Nobody).await;
    assert_eq!(text(&called), "done");
    assert_eq!(called.meanwhile.n_rounds, 2);
    assert!(
        called
            .meanwhile
            .log
            .iter()
            .any(|line| line.text == "runs done"),
        "{called:?}"
    );
    assert!(called.meanwhile.usage.fuel > 0);

    let answers = Answers::InOrder(vec![json!({"it": "Ada"}), json!({"it": "36"})]);
    let called = work("asks", answers).await;
    assert!(
        text(&called).contains(r#"name: {"it":"Ada"}"#),
        "{called:?}"
    );
    assert!(text(&called).contains(r#"age: {"it":"36"}"#), "{called:?}");

    let called = work("asks", Answers::Nobody).await;
    assert!(
        matches!(called.answer, Ok(Asked::Questions(_))),
        "{called:?}"
    );
    let unfit = work(
        "asks",
        Answers::InOrder(vec![json!({"it": 7}), json!({"it": 7})]),
    )
    .await;
    assert!(unfit.answer.unwrap_err().contains("does not fit"));

    let failed = work("fails", Answers::Nobody).await.answer.unwrap_err();
    assert!(failed.contains("it broke"), "{failed}");
    let reported = work("reports", Answers::Nobody).await;
    let last = reported
        .meanwhile
        .events
        .iter()
        .rev()
        .find_map(|event| match event {
            Event::Progress { message, .. } => message.clone(),
            Event::Log { .. } => None,
        });
    assert!(
        last.is_some_and(|message| message.starts_with("step ")),
        "{reported:?}"
    );
}

#[tokio::test]
async fn folders_settings_and_lines_are_a_calls_own() {
    let asks = json!({"storage": ["user-data", "cache"]});
    let conditions = Conditions {
        allow: words(json!({"storage": ["user-data"]})),
        ..Conditions::default()
    };
    let files = stage("files", asks, conditions).await;
    let steps = json!({"steps": [["write", "/user-data/a", "text"], ["read", "/user-data/a"], ["read", "/cache/a"]]});
    let called = call(&files, "run", steps).await;
    assert_eq!(told(&called)[1], "text", "{called:?}");
    let expected = [
        pair("storage user-data", true),
        pair("storage cache", false),
    ];
    assert_eq!(tried(&called), expected);
    let called = call(&files, "run", json!({"steps": []})).await;
    assert_eq!(tried(&called), []);

    let prints = stage("prints", json!({}), Conditions::default()).await;
    for _ in 0..2 {
        let called = call(&prints, "prints", json!({})).await;
        let lines: Vec<_> = called
            .meanwhile
            .log
            .iter()
            .map(|line| &*line.text)
            .collect();
        let expected = [
            "a line for stdout",
            "a line for stderr",
            "a line without an end",
        ];
        assert_eq!(lines, expected);
    }
}

#[tokio::test]
async fn failures_are_told_and_keep_no_later_call_waiting() {
    let panics = stage("panics", json!({}), Conditions::default()).await;
    let tool = panics.catalogue().await.tools()[0].item.name.to_string();
    for _ in 0..20 {
        let failed = call(&panics, &tool, json!({})).await.answer.unwrap_err();
        assert!(failed.contains("crashed"), "{failed}");
    }
    let unknown = call(&panics, "no_such_tool", json!({})).await;
    assert!(unknown.answer.unwrap_err().contains("there is no tool"));
    assert_eq!(
        (unknown.meanwhile.n_rounds, unknown.meanwhile.usage.fuel),
        (0, 0)
    );
}

#[tokio::test]
async fn what_cannot_be_had_is_said_before_anything_runs() {
    let check = async |name: &str, conditions: Conditions, sentence: &str| {
        let refused = Stage::set(&engine(), source(name, json!({})), &conditions).await;
        let refused: TrialError = refused.err().expect(sentence);
        let refused = refused.to_string();
        assert!(refused.contains(sentence), "{refused}");
    };
    let script = |url: &str| Conditions {
        reach: Reach::Script(vec![exchange("GET", url, "")]),
        ..Conditions::default()
    };
    check("noop", script("nowhere"), "exchange 1 cannot be asked for").await;
    let config = Conditions {
        config: Map::from_iter([("a".to_owned(), json!(1))]),
        ..Conditions::default()
    };
    check("noop", config, "setting `a` is for nothing").await;
    let limits = Conditions {
        limits: LimitsPatch {
            fuel: Some(0),
            ..LimitsPatch::default()
        },
        ..Conditions::default()
    };
    check("noop", limits, "limit `fuel` is 0").await;
    let empty = Conditions {
        secrets: secrets("a.example", Place::Query("k".to_owned()), "", READ),
        ..Conditions::default()
    };
    check("noop", empty, "secret `bound`").await;
    let refuses = Conditions {
        secrets: secrets("a.example", Place::Query("k".to_owned()), BOUND, READ),
        ..Conditions::default()
    };
    check("leaks_in_activate", refuses, "does not start").await;
    check("no_exports", Conditions::default(), "does not start").await;
}

#[tokio::test]
async fn what_is_pretended_is_never_kept_for_a_host_that_serves() {
    use portcullis::host::Host;
    use portcullis::runtime::{Compiler, Engine};
    use portcullis::storage::Cache;
    let dir = tempfile::tempdir().expect("a folder");
    let cache = Cache::open(&dir.path().join("cache")).expect("a cache");
    let engine = Engine::new(Compiler::InProcess, Some(cache)).expect("an engine");
    let listed = |catalogue: &portcullis::catalogue::Catalogue| {
        let tool = catalogue.tools().first().expect("it has a tool");
        tool.item.description.clone().expect("it has a description")
    };
    let pretended = Conditions {
        now: Some(UNIX_EPOCH + Duration::from_secs(7)),
        limits: patient(),
        ..Conditions::default()
    };
    let trial = async || {
        let set = Stage::set(&engine, source("dated", json!({})), &pretended).await;
        listed(&*set.expect("it starts").catalogue().await)
    };
    assert_eq!(trial().await, "Listed at 7.");
    let host = Host::start(engine.clone(), vec![Ok(installed("dated"))]);
    let served = listed(&*host.catalogue().await);
    assert_ne!(served, "Listed at 7.");
    // Nor is what is kept for a host shown in a trial.
    assert_eq!(trial().await, "Listed at 7.");
}

#[tokio::test]
async fn a_stage_that_is_closed_tells_its_plugin_so() {
    let request = json!({"storage": ["key-value"]});
    let stage = stage("told", request, Conditions::default()).await;
    let ended = stage.close().await;
    let tried: Vec<_> = ended
        .tried
        .iter()
        .map(|it| it.attempt.to_string())
        .collect();
    assert_eq!(tried, ["storage key-value"]);
}

#[test]
fn nothing_an_operator_writes_pretends_anything() {
    use portcullis::config::Config;
    let read = |text: &str| Config::parse(text, "portcullis.toml".as_ref());
    assert!(read("[host]\nshipped = true\n[plugins.time]\n").is_ok());
    for key in [
        "now",
        "seed",
        "reach",
        "exchanges",
        "script",
        "pretended",
        "witness",
        "answers",
        "key_value",
    ] {
        for table in [
            "",
            "[host]\n",
            "[network]\n",
            "[policy]\n",
            "[plugins.time]\n",
        ] {
            let text = format!("{table}{key} = 7\n");
            assert!(read(&text).is_err(), "{text}");
        }
    }
}

#[test]
fn only_a_trial_pretends_and_only_authors_have_a_witness() {
    // Each word with the places that may say it, besides the one that defines it.
    let words = [
        ("Network::scripted(", &["trial/"][..]),
        (".pretending(", &["trial/"]),
        ("Dice::new(", &["trial/", "runtime/pretended.rs"]),
        (".with_witness(", &["trial/", "cli/dev"]),
        ("Given::new(", &["trial/"]),
    ];
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![src.clone()];
    let mut n_found = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("it is a folder") {
            let path = entry.expect("it is there").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let place = path
                .strip_prefix(&src)
                .expect("it is below")
                .to_string_lossy();
            for (word, places) in words.iter().filter(|(word, _)| text.contains(word)) {
                n_found += 1;
                let is_known = places.iter().any(|known| place.starts_with(known));
                assert!(is_known, "{place} says `{word}`");
            }
        }
    }
    assert!(n_found >= words.len(), "the words have changed");
}
