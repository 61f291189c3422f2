//! The power `network`: requests that are permitted arrive, and the tricks by which one gets out that is not, do not.
//!
//! All servers are on loopback. It is not the public internet, so each test that reaches one names its address in the
//! policy and in the grant, as an operator would.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::HeaderValue;
use http::request::Parts;
use portcullis::contract::Continuation;
use portcullis::limits::Limits;
use portcullis::names::Digest;
use portcullis::network::{Gate, Network, Resolve, Roots, Trust};
use portcullis::permissions::{HttpAttempt, Key, Keys, Words};
use portcullis::runtime::{Asks, Call, Failure, FailureKind, Plugin, PluginLog, Powers};
use portcullis::secrets::Inserter;
use portcullis_fixtures::guest;
use serde_json::{Value, json};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use crate::support::host::{PATIENCE, engine, installed, keys, limits, result_of, text};
use crate::support::server::Server;

/// Answers what a test says, in order, and counts the questions.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Vec<IpAddr>>>,
    n_asked: AtomicUsize,
}

impl Script {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let answers = answers
            .iter()
            .map(|answer| answer.iter().map(|it| it.parse().unwrap()).collect());
        Arc::new(Self {
            answers: Mutex::new(answers.collect()),
            n_asked: AtomicUsize::new(0),
        })
    }
}

#[async_trait]
impl Resolve for Script {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        self.n_asked.fetch_add(1, Ordering::Relaxed);
        let answer = self.answers.lock().unwrap().pop_front();
        answer.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

/// Never answers.
struct Mute;

#[async_trait]
impl Resolve for Mute {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        std::future::pending().await
    }
}

fn words(rules: &str) -> Words {
    let rules = rules.split_whitespace().map(|rule| rule.replace('+', " "));
    Words {
        network: rules.map(|rule| rule.parse().unwrap()).collect(),
        ..Words::default()
    }
}

/// Keys that all say the same. A `+` stands for the blank after a list of methods.
fn all(rules: &str) -> Keys {
    keys(
        installed("http").identity,
        words(rules),
        words(rules),
        words(rules),
    )
}

fn bundled() -> Network {
    Network::new(Trust {
        roots: Roots::Bundled,
        ca_file: None,
    })
}

fn resolving(resolver: Arc<dyn Resolve>) -> Network {
    let trust = Trust {
        roots: Roots::Bundled,
        ca_file: None,
    };
    Network::with_resolver(trust, resolver)
}

/// The honest guest behind a gate.
async fn plugin(keys: Keys, limits: Limits, network: Network) -> Plugin {
    let keys = Arc::new(keys);
    let gate = Gate::new(network, keys.clone(), &limits, None);
    with_gate(keys, limits, Some(gate)).await
}

async fn with_gate(keys: Arc<Keys>, limits: Limits, gate: Option<Gate>) -> Plugin {
    let component = guest("http");
    let asks = Asks { network: true };
    let engine = engine();
    let load = engine.load(Digest::of(component), asks, || Ok(Cow::Borrowed(component)));
    let code = load.await.unwrap();
    let name = keys.identity().name.clone();
    let log = Arc::new(PluginLog::new(name.clone(), limits.log_bytes));
    let powers = Powers {
        gate,
        ..Powers::none(keys)
    };
    Plugin::new(name, engine.clone(), code, limits, powers, log)
}

async fn ask(plugin: &Plugin, wish: Value) -> Result<Value, Failure> {
    let tool = "http".parse().unwrap();
    let answer = plugin.call_tool(&tool, &wish, Continuation::default(), Call::default());
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    let answer = answer.expect("there is an answer in time")?;
    Ok(serde_json::from_str(text(&result_of(answer.value.unwrap()))).unwrap())
}

async fn fetch(plugin: &Plugin, wish: Value) -> Value {
    ask(plugin, wish).await.unwrap()
}

/// What a guest is told of a failure.
async fn error(plugin: &Plugin, wish: Value) -> String {
    let told = fetch(plugin, wish).await;
    let error = told["error"].as_str();
    error.unwrap_or_else(|| panic!("{told} is no error")).into()
}

async fn get(plugin: &Plugin, url: &str) -> Value {
    fetch(plugin, json!({ "url": url })).await
}

/// Shows that what is permitted goes on beside what was refused.
async fn goes_on(plugin: &Plugin, server: &Server) {
    let url = format!("http://127.0.0.1:{}/", server.port());
    let told = get(plugin, &url).await;
    assert_eq!(told["body"], "hello", "{told}");
}

/// A server, and a guest that may talk to it and to nobody else.
async fn pair(limits: Limits) -> (Server, Plugin) {
    let server = Server::start().await;
    let rule = format!("127.0.0.1:{}", server.port());
    let plugin = plugin(all(&rule), limits, bundled()).await;
    (server, plugin)
}

fn at(server: &Server, path: &str) -> String {
    format!("http://127.0.0.1:{}{path}", server.port())
}

#[tokio::test]
async fn a_permitted_request_arrives_as_it_was_sent() {
    let (server, plugin) = pair(limits()).await;
    let told = fetch(
        &plugin,
        json!({
            "url": at(&server, "/a/../b%20c?d=e"), "method": "POST", "body": "words",
            "headers": [["accept", "text/plain"], ["content-length", "5"]],
        }),
    )
    .await;
    assert_eq!(told["status"], 200, "{told}");
    assert_eq!(told["body"], "hello");
    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /b%20c?d=e HTTP/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("\r\nhost: 127.0.0.1:{}", server.port())));
    assert!(head.contains("\r\naccept: text/plain"), "{head}");
    assert_eq!(body, "words");
}

#[tokio::test]
async fn a_request_is_refused_when_a_key_is_missing_and_the_log_says_which() {
    let server = Server::start().await;
    let rule = format!("127.0.0.1:{}", server.port());
    let (one, none) = (words(&rule), words(""));
    for (policy, grant, request, missing) in [
        (&none, &one, &one, vec![Key::Policy]),
        (&one, &none, &one, vec![Key::Grant]),
        (&one, &one, &none, vec![Key::Request]),
        (
            &none,
            &none,
            &none,
            vec![Key::Policy, Key::Grant, Key::Request],
        ),
    ] {
        let keys = keys(
            installed("http").identity,
            policy.clone(),
            grant.clone(),
            request.clone(),
        );
        let plugin = plugin(keys, limits(), bundled()).await;
        let told = error(&plugin, json!({ "url": at(&server, "/") })).await;
        assert_eq!(told, "ErrorCode::HttpRequestDenied");
        let denials = plugin.denials();
        assert_eq!(denials.len(), 1);
        assert_eq!(denials[0].missing, missing);
        assert!(denials[0].to_string().contains("hint: `portcullis explain"));
    }
    assert_eq!(server.n_connections(), 0);
    goes_on(&plugin(all(&rule), limits(), bundled()).await, &server).await;
}

#[tokio::test]
async fn without_a_gate_every_request_is_refused() {
    let (server, _) = pair(limits()).await;
    let url = at(&server, "/");
    let nothing = Arc::new(all(""));
    let plugin = with_gate(nothing, limits(), None).await;
    let wish = json!({ "url": url, "method": "POST", "body_bytes": 100_000 });
    let told = error(&plugin, wish).await;
    assert_eq!(told, "ErrorCode::HttpRequestDenied");
    assert_eq!(plugin.denials().len(), 1);
    // Not even keys that permit it make a way where there is none.
    let keys = Arc::new(all(&format!("127.0.0.1:{}", server.port())));
    let plugin = with_gate(keys, limits(), None).await;
    let told = error(&plugin, json!({ "url": url })).await;
    assert_eq!(told, "ErrorCode::DestinationUnavailable");
    assert_eq!(server.n_connections(), 0);
}

#[tokio::test]
async fn a_rule_lets_nobody_through_who_only_looks_like_its_host() {
    let server = Server::start().await;
    let (port, other) = (server.port(), server.port() ^ 1);
    let rules = format!(
        "127.0.0.1:{port} localhost:{port} *.example.test:{port} http://path.test:{port}/v1 GET+read.test:{port}"
    );
    let everywhere = vec![&["127.0.0.1"][..]; 4];
    let resolver = Script::new(&everywhere);
    let plugin = plugin(all(&rules), limits(), resolving(resolver.clone())).await;
    for url in [
        format!("http://evilexample.test:{port}/"),
        format!("http://example.test:{port}/"),
        format!("http://a.example.test.evil.test:{port}/"),
        format!("http://a.example.test:{other}/"),
        format!("http://localhost:{other}/"),
        format!("http://127.0.0.2:{port}/"),
        format!("http://path.test:{port}/v10"),
        format!("http://path.test:{port}/v1/../admin"),
        format!("http://path.test:{port}/v1/..%2fadmin"),
        format!("http://path.test:{port}/v1/%2e%2e/admin"),
        format!("https://path.test:{port}/v1"),
        format!("http://127.0.0.1:{port}@evil.test/"),
        format!("http://user:pw@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
    ] {
        let told = error(&plugin, json!({ "url": url })).await;
        assert_eq!(told, "ErrorCode::HttpRequestDenied", "{url}");
    }
    let post = json!({ "url": format!("http://read.test:{port}/"), "method": "POST" });
    assert_eq!(error(&plugin, post).await, "ErrorCode::HttpRequestDenied");
    assert_eq!(
        resolver.n_asked.load(Ordering::Relaxed),
        0,
        "nobody was asked for"
    );
    assert_eq!(server.n_connections(), 0);
    for url in [
        format!("http://A.Example.Test.:{port}/"),
        format!("http://path.test:{port}/v1/x"),
        format!("http://read.test:{port}/"),
        format!("http://localhost:{port}/"),
    ] {
        let told = get(&plugin, &url).await;
        assert_eq!(told["body"], "hello", "{url}: {told}");
    }
}

#[tokio::test]
async fn an_address_in_disguise_is_that_address() {
    let server = Server::start().await;
    let port = server.port();
    let spellings = [
        "127.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ];
    let named = plugin(all(&format!("127.0.0.1:{port}")), limits(), bundled()).await;
    let other = plugin(
        all(&format!("127.0.0.2:{port} localhost:{port}")),
        limits(),
        bundled(),
    )
    .await;
    for spelling in spellings {
        let url = format!("http://{spelling}:{port}/");
        let told = get(&named, &url).await;
        assert_eq!(told["body"], "hello", "{url}: {told}");
        let told = error(&other, json!({ "url": url })).await;
        assert_eq!(told, "ErrorCode::HttpRequestDenied", "{url}");
    }
    assert_eq!(server.n_connections(), spellings.len());
}

#[tokio::test]
async fn a_name_that_leads_home_is_followed_only_when_the_address_is_named_too() {
    let server = Server::start().await;
    let port = server.port();
    let url = format!("http://api.test:{port}/");
    let name = format!("api.test:{port}");
    let both = format!("{name} 127.0.0.1:{port}");
    for (policy, grant) in [(&name, &name), (&both, &name), (&name, &both)] {
        let keys = keys(
            installed("http").identity,
            words(policy),
            words(grant),
            words(&name),
        );
        let resolver = Script::new(&[&["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"]]);
        let plugin = plugin(keys, limits(), resolving(resolver)).await;
        let told = error(&plugin, json!({ "url": url })).await;
        assert_eq!(told, "ErrorCode::DestinationIpProhibited");
        assert!(
            plugin.denials()[0]
                .because
                .as_ref()
                .unwrap()
                .contains("public internet")
        );
    }
    assert_eq!(server.n_connections(), 0);
    let keys = keys(
        installed("http").identity,
        words(&both),
        words(&both),
        words(&name),
    );
    // What is not named among the answers is left out.
    let resolver = Script::new(&[&["10.0.0.1", "127.0.0.1"]]);
    let plugin = plugin(keys, limits(), resolving(resolver)).await;
    assert_eq!(get(&plugin, &url).await["body"], "hello");
}

#[tokio::test]
async fn a_name_is_asked_for_once_and_rebinding_it_is_too_late() {
    let server = Server::start().await;
    let port = server.port();
    let victim = Server::at(&format!("127.0.0.2:{port}"), None).await;
    let resolver = Script::new(&[&["127.0.0.1"], &["127.0.0.2"]]);
    let rules = format!("rebinds.test:{port} 127.0.0.1:{port}");
    let plugin = plugin(all(&rules), limits(), resolving(resolver.clone())).await;
    let url = format!("http://rebinds.test:{port}/");
    assert_eq!(get(&plugin, &url).await["body"], "hello");
    assert_eq!(resolver.n_asked.load(Ordering::Relaxed), 1);
    assert_eq!(server.n_connections(), 1);
    let told = error(&plugin, json!({ "url": url })).await;
    assert_eq!(told, "ErrorCode::DestinationIpProhibited");
    assert_eq!(victim.n_connections(), 0);
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let (server, plugin) = pair(limits()).await;
    let victim = Server::at(&format!("127.0.0.2:{}", server.port()), None).await;
    let told = get(&plugin, &at(&server, "/redirect")).await;
    assert_eq!(told["status"], 302);
    let location = told["location"].as_str().unwrap();
    let told = error(&plugin, json!({ "url": location })).await;
    assert_eq!(told, "ErrorCode::HttpRequestDenied");
    assert_eq!(victim.n_connections(), 0);
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_method_that_makes_a_proxy_or_a_scheme_that_is_none_is_refused() {
    let (server, plugin) = pair(limits()).await;
    for method in ["CONNECT", "TRACE", "connect", "TRACK"] {
        let told = error(
            &plugin,
            json!({ "url": at(&server, "/"), "method": method }),
        )
        .await;
        assert_eq!(told, "ErrorCode::HttpRequestDenied", "{method}");
    }
    for url in ["ftp://127.0.0.1/", "file://localhost/etc/passwd"] {
        let told = error(&plugin, json!({ "url": url })).await;
        assert_eq!(told, "ErrorCode::HttpProtocolError", "{url}");
    }
    let told = error(
        &plugin,
        json!({ "url": at(&server, "/"), "method": "GET / HTTP/1.1" }),
    )
    .await;
    assert_eq!(told, "method is refused");
    assert_eq!(server.n_connections(), 0);
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn headers_cannot_split_a_request_or_forge_its_host() {
    let (server, plugin) = pair(limits()).await;
    for (name, value, told) in [
        ("host", "evil.test", "Forbidden"),
        ("transfer-encoding", "chunked", "Forbidden"),
        ("connection", "x-secret", "Forbidden"),
        ("upgrade", "h2c", "Forbidden"),
        ("proxy-authorization", "x", "Forbidden"),
        ("x", "a\r\nhost: evil.test", "InvalidSyntax"),
        ("x\r\ny", "a", "InvalidSyntax"),
        ("x:", "a", "InvalidSyntax"),
    ] {
        let wish = json!({ "url": at(&server, "/"), "headers": [[name, value]] });
        let error = error(&plugin, wish).await;
        assert!(error.contains(told), "{name:?}: {error}");
    }
    let two = json!([["content-length", "1"], ["content-length", "50"]]);
    let wish = json!({ "url": at(&server, "/"), "headers": two, "method": "POST", "body": "x" });
    error(&plugin, wish).await;
    for length in ["+1", "1, 1", "0x1", "50"] {
        let headers = json!([["content-length", length]]);
        let wish = json!({ "url": at(&server, "/"), "headers": headers });
        error(&plugin, wish).await;
    }
    assert_eq!(server.n_connections(), 0);
    let wish = json!({
        "url": at(&server, "/"), "method": "POST", "body": "x",
        "headers": [["te", "trailers"], ["expect", "100-continue"], ["trailer", "x"], ["x-kept", "1"]],
    });
    assert_eq!(fetch(&plugin, wish).await["body"], "hello");
    let request = server.requests().remove(0);
    assert!(request.contains("x-kept: 1"), "{request}");
    for gone in ["te:", "expect:", "trailer:"] {
        assert!(!request.contains(&format!("\r\n{gone}")), "{request}");
    }
}

#[tokio::test]
async fn a_response_in_drops_ends_with_its_time() {
    let limits = Limits {
        http_ms: 500,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let told = get(&plugin, &at(&server, "/drip")).await;
    assert_eq!(told["status"], 200);
    // The error of a stream has a text and no code.
    assert_eq!(told["error"], "HTTP response timeout");
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_response_without_end_ends_at_its_size() {
    let limits = Limits {
        response_bytes: 100_000,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let told = get(&plugin, &at(&server, "/endless")).await;
    assert_eq!(told["status"], 200);
    let error = told["error"].as_str().unwrap();
    assert!(
        error.contains("body size exceeds limit: 100000 bytes"),
        "{error}"
    );
    assert!(told["bytes"].as_u64().unwrap() <= 100_000);
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_head_without_end_is_no_response() {
    let (server, plugin) = pair(limits()).await;
    let told = error(&plugin, json!({ "url": at(&server, "/head") })).await;
    assert_eq!(told, "ErrorCode::HttpProtocolError");
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn nobody_changes_the_protocol() {
    let (server, plugin) = pair(limits()).await;
    let told = error(&plugin, json!({ "url": at(&server, "/upgrade") })).await;
    assert_eq!(told, "ErrorCode::HttpProtocolError");
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_call_sends_as_many_requests_as_it_may() {
    let limits = Limits {
        http_requests: 3,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let told = fetch(&plugin, json!({ "url": at(&server, "/"), "times": 5 })).await;
    for told in &told.as_array().unwrap()[..3] {
        assert_eq!(told["body"], "hello");
    }
    for told in &told.as_array().unwrap()[3..] {
        let error = told["error"].as_str().unwrap();
        assert!(error.contains("`http_requests`"), "{error}");
    }
    assert_eq!(server.n_connections(), 3);
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn every_request_is_a_call_of_the_host() {
    let limits = Limits {
        host_calls: 2,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let told = fetch(&plugin, json!({ "url": at(&server, "/"), "times": 3 })).await;
    assert_eq!(told[1]["body"], "hello");
    let error = told[2]["error"].as_str().unwrap();
    assert!(error.contains("`host_calls`"), "{error}");
    assert_eq!(server.n_connections(), 2);
}

#[tokio::test]
async fn the_way_out_is_as_wide_as_it_may_be() {
    let limits = Limits {
        outbound_bytes: 20_000,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    // Much at once, little by little, and without any body at all.
    let wide = json!({ "url": at(&server, "/"), "method": "POST", "body_bytes": 30_000 });
    let error = error(&plugin, wide).await;
    assert!(error.contains("`outbound_bytes`"), "{error}");
    let path = format!("/{}", "x".repeat(6_000));
    for wish in [
        json!({ "url": at(&server, "/"), "method": "POST", "body_bytes": 6_000, "times": 4 }),
        json!({ "url": at(&server, &path), "times": 4 }),
        json!({ "url": at(&server, "/"), "headers": [["x", "x".repeat(6_000)]], "times": 4 }),
    ] {
        let told = fetch(&plugin, wish).await;
        assert_eq!(told[2]["body"], "hello", "{told}");
        let error = told[3]["error"].as_str().unwrap();
        assert!(error.contains("`outbound_bytes`"), "{error}");
    }
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_request_is_as_large_as_it_may_be() {
    let limits = Limits {
        request_bytes: 10_000,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let wish = |bytes: u64, headers: Value| json!({ "url": at(&server, "/"), "method": "POST", "body_bytes": bytes, "headers": headers });
    for headers in [json!([]), json!([["content-length", "10001"]])] {
        let told = error(&plugin, wish(10_001, headers)).await;
        assert!(told.contains("HttpRequestBodySize(Some(10000))"), "{told}");
    }
    for headers in [json!([]), json!([["content-length", "10000"]])] {
        let told = fetch(&plugin, wish(10_000, headers)).await;
        assert_eq!(told["body"], "hello", "{told}");
    }
}

#[tokio::test]
async fn a_refused_request_with_a_body_is_told_to_be_refused() {
    let (server, plugin) = pair(limits()).await;
    for _ in 0..5 {
        let wish = json!({ "url": "http://evil.test/", "method": "POST", "body_bytes": 500_000 });
        assert_eq!(error(&plugin, wish).await, "ErrorCode::HttpRequestDenied");
    }
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_plugin_has_as_many_connections_as_it_may() {
    let limits = Limits {
        http_connections: 2,
        http_ms: 1_000,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let told = fetch(&plugin, json!({ "url": at(&server, "/half"), "held": 3 })).await;
    let told: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(Value::to_string)
        .collect();
    let served = told.iter().filter(|told| *told == "200").count();
    let waited = told
        .iter()
        .filter(|told| told.contains("ConnectionLimitReached"))
        .count();
    assert_eq!((served, waited), (2, 1), "{told:?}");
    assert_eq!(server.n_connections(), 2);
    // They are given back with their bodies, so that many requests need only one.
    let told = fetch(&plugin, json!({ "url": at(&server, "/"), "times": 5 })).await;
    assert_eq!(told[4]["body"], "hello", "{told}");
}

#[tokio::test]
async fn a_silent_server_is_waited_for_as_long_as_allowed_and_a_guest_only_shortens_it() {
    let limits = Limits {
        http_first_byte_ms: 300,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    for ms in [None, Some(1), Some(1_000_000)] {
        let wish = json!({ "url": at(&server, "/silent"), "first_byte_ms": ms });
        assert_eq!(
            error(&plugin, wish).await,
            "ErrorCode::ConnectionReadTimeout"
        );
    }
    for ms in [0, 50] {
        let wish = json!({ "url": at(&server, "/half"), "between_bytes_ms": ms });
        let told = fetch(&plugin, wish).await;
        assert_eq!(told["error"], "connection read timeout", "{told}");
    }
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_name_that_nobody_resolves_ends_with_its_time() {
    let limits = Limits {
        http_connect_ms: 200,
        ..limits()
    };
    let server = Server::start().await;
    let rules = format!("mute.test 127.0.0.1:{}", server.port());
    let plugin = plugin(all(&rules), limits, resolving(Arc::new(Mute))).await;
    let told = error(&plugin, json!({ "url": "http://mute.test/" })).await;
    assert_eq!(told, "ErrorCode::ConnectionTimeout");
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_request_does_not_outlive_its_call() {
    let limits = Limits {
        call_ms: 500,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    for path in ["/silent", "/half", "/drip"] {
        let ended = ask(&plugin, json!({ "url": at(&server, path) })).await;
        let kind = ended.unwrap_err().kind;
        assert!(
            matches!(
                kind,
                FailureKind::Deadline {
                    limit: "call_ms",
                    ..
                }
            ),
            "{path}: {kind:?}"
        );
    }
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn a_lookup_that_nobody_waits_for_keeps_its_place() {
    let server = Server::start().await;
    let rules = format!("mute.test 127.0.0.1:{}", server.port());
    for (http_connections, is_free) in [(1, false), (2, true)] {
        let limits = Limits {
            http_connections,
            http_connect_ms: 100,
            http_ms: 500,
            ..limits()
        };
        let plugin = plugin(all(&rules), limits, resolving(Arc::new(Mute))).await;
        let told = error(&plugin, json!({ "url": "http://mute.test/" })).await;
        assert_eq!(told, "ErrorCode::ConnectionTimeout");
        let told = get(&plugin, &at(&server, "/")).await;
        match is_free {
            true => assert_eq!(told["body"], "hello", "{told}"),
            false => assert_eq!(told["error"], "ErrorCode::ConnectionLimitReached"),
        }
    }
}

/// A certificate authority's file, and what a server for `names` needs that it vouches for.
fn authority(dir: &Path, names: &[&str]) -> (std::path::PathBuf, TlsAcceptor) {
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let ca_file = dir.join("ca.pem");
    std::fs::write(&ca_file, ca.pem()).unwrap();

    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(names).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = key.serialize_der().try_into().unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (ca_file, TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn a_certificate_is_trusted_for_its_names_and_with_its_authority() {
    let dir = tempfile::tempdir().unwrap();
    let (ca_file, tls) = authority(dir.path(), &["api.test", "127.0.0.1"]);
    let server = Server::at("127.0.0.1:0", Some(tls)).await;
    let port = server.port();
    let rules = format!("api.test:{port} other.test:{port} 127.0.0.1:{port}");
    let here = [&["127.0.0.1"][..]; 3];
    let check = async |url: String, ca_file: Option<&Path>, trusted: bool| {
        let trust = Trust {
            roots: Roots::Bundled,
            ca_file: ca_file.map(Path::to_owned),
        };
        let network = Network::with_resolver(trust, Script::new(&here));
        let plugin = plugin(all(&rules), limits(), network).await;
        let told = get(&plugin, &url).await;
        match trusted {
            true => assert_eq!(told["body"], "hello", "{url}: {told}"),
            false => assert_eq!(told["error"], "ErrorCode::TlsCertificateError", "{url}"),
        }
    };
    let ca = Some(ca_file.as_path());
    check(format!("https://api.test:{port}/"), ca, true).await;
    check(format!("https://127.0.0.1:{port}/"), ca, true).await;
    check(format!("https://api.test:{port}/"), None, false).await;
    check(format!("https://other.test:{port}/"), ca, false).await;
    assert_eq!(
        server.requests().len(),
        2,
        "nothing was sent before the other side was known"
    );
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_gets_nothing() {
    let limits = Limits {
        http_connect_ms: 500,
        ..limits()
    };
    let (server, plugin) = pair(limits).await;
    let url = format!("https://127.0.0.1:{}/", server.port());
    // It waits for more of what it takes for a request, and the guest for an answer.
    let told = error(&plugin, json!({ "url": url })).await;
    assert_eq!(told, "ErrorCode::ConnectionTimeout");
    assert!(server.requests().is_empty());
    goes_on(&plugin, &server).await;
}

/// Inserts a header and a part of the query, and counts how often.
#[derive(Default)]
struct Inserts(AtomicUsize);

impl Inserter for Inserts {
    fn insert(&self, _attempt: &HttpAttempt, request: &mut Parts) -> Result<(), String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        let value = HeaderValue::from_static("Bearer secret");
        request.headers.insert("authorization", value);
        request
            .headers
            .insert("host", HeaderValue::from_static("evil.test"));
        request.uri = "http://evil.test/evil?key=secret".parse().unwrap();
        Ok(())
    }
}

#[tokio::test]
async fn what_is_inserted_replaces_the_guests_and_leads_nowhere_else() {
    let server = Server::start().await;
    let port = server.port();
    let keys = Arc::new(all(&format!("127.0.0.1:{port} home.test:{port}")));
    let inserts = Arc::new(Inserts::default());
    let here = [&["127.0.0.2"][..]];
    let network = resolving(Script::new(&here));
    let gate = Gate::new(network, keys.clone(), &limits(), Some(inserts.clone()));
    let plugin = with_gate(keys, limits(), Some(gate)).await;
    // Never for a request that is refused, by its name or by its address.
    for url in ["http://evil.test/", &format!("http://home.test:{port}/")] {
        error(&plugin, json!({ "url": url })).await;
    }
    assert_eq!(inserts.0.load(Ordering::Relaxed), 0);
    let headers = json!([["authorization", "mine"], ["authorization", "mine too"]]);
    let told = fetch(
        &plugin,
        json!({ "url": at(&server, "/path"), "headers": headers }),
    )
    .await;
    assert_eq!(told["body"], "hello", "{told}");
    assert_eq!(inserts.0.load(Ordering::Relaxed), 1);
    let request = server.requests().remove(0);
    assert!(
        request.starts_with("GET /path?key=secret HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("authorization: Bearer secret"),
        "{request}"
    );
    assert!(
        request.contains(&format!("host: 127.0.0.1:{port}")),
        "{request}"
    );
    assert!(
        !request.contains("mine") && !request.contains("evil"),
        "{request}"
    );
}

#[tokio::test]
async fn fields_without_end_are_stopped_while_they_are_built() {
    let (server, plugin) = pair(limits()).await;
    let many: Vec<_> = (0..100)
        .map(|n| json!([format!("x-{n}"), "x".repeat(1_000)]))
        .collect();
    let ended = ask(&plugin, json!({ "url": at(&server, "/"), "headers": many })).await;
    let kind = ended.unwrap_err().kind;
    assert!(matches!(kind, FailureKind::Trap { .. }), "{kind:?}");
    assert_eq!(server.n_connections(), 0);
    goes_on(&plugin, &server).await;
}

#[tokio::test]
async fn the_systems_own_names_are_found_and_judged() {
    let server = Server::start().await;
    let port = server.port();
    let url = format!("http://localhost:{port}/");
    let named = plugin(all(&format!("localhost:{port}")), limits(), bundled()).await;
    // The server listens at one of the two addresses that the name may have.
    assert_eq!(get(&named, &url).await["body"], "hello");
    let name = words(&format!("localhost:{port}"));
    let keys = keys(
        installed("http").identity,
        words(&format!("127.0.0.1:{port}")),
        name.clone(),
        name,
    );
    let unnamed = plugin(keys, limits(), bundled()).await;
    let told = error(&unnamed, json!({ "url": url })).await;
    assert_eq!(told, "ErrorCode::HttpRequestDenied");
    let nowhere = plugin(all("nowhere.invalid"), limits(), bundled()).await;
    let told = error(&nowhere, json!({ "url": "http://nowhere.invalid/" })).await;
    assert!(told.contains("DnsError"), "{told}");
}
