//! MCP over HTTP: both eras at one address, and what becomes of everybody who misbehaves there.

mod auth;
mod end;
mod program;

use std::net::SocketAddr;

use portcullis::host::{Broken, Host};
use portcullis::limits::{HttpLimits, Limits};
use portcullis::protocol::{Gatekeeper, HttpError, HttpServer, Tls};
use serde_json::{Value, json};

use crate::support::host::{engine, host, host_of, installed, limited as guest_with, limits};
use crate::support::http::{
    Request, SHORT_MS, Site, call, get, initialize, legacy, limited, modern, options, post, until,
};

#[tokio::test]
async fn both_eras_are_served_at_one_address() {
    let site = Site::start(host(&["echo"]), options()).await;
    let session = site.session(None).await;
    for request in [
        legacy(&session, "tools/list", json!({})),
        modern("tools/list", json!({})),
    ] {
        let tools = site.send(&request).await.result();
        assert_eq!(tools["tools"][0]["name"], "echo__echo", "{tools}");
    }
    let arguments = json!({"name": "echo__echo", "arguments": {"text": "hi"}});
    for request in [
        legacy(&session, "tools/call", arguments.clone()),
        modern("tools/call", arguments),
    ] {
        let result = site.send(&request).await.result();
        assert_eq!(result["isError"], false, "{result}");
    }
    let discovered = site.send(&modern("server/discover", json!({}))).await;
    let versions = &discovered.result()["supportedVersions"];
    for version in ["2025-11-25", "2026-07-28"] {
        assert!(versions.as_array().unwrap().contains(&version.into()));
    }
    let pong = site.send(&legacy(&session, "ping", json!({}))).await;
    assert_eq!(pong.result(), json!({}));
}

#[tokio::test]
async fn a_session_lasts_until_its_client_ends_it() {
    let site = Site::start(host(&["echo"]), options()).await;
    let (mine, other) = (site.session(None).await, site.session(None).await);
    assert_ne!(mine, other);
    let end = Request::new("DELETE", "/mcp").session(&mine);
    assert_eq!(site.send(&end).await.status, 202);
    let list = |session: &str| legacy(session, "tools/list", json!({}));
    assert_eq!(site.send(&list(&mine)).await.status, 404);
    assert_eq!(site.send(&end).await.status, 404);
    assert_eq!(site.send(&list(&other)).await.status, 200);
    assert_eq!(site.send(&list("nobodys")).await.status, 404);
    let nobodys = post(&json!({"jsonrpc": "2.0", "id": 7, "method": "tools/list"}));
    assert_eq!(site.send(&nobodys).await.status, 400);
}

#[tokio::test]
async fn a_session_in_which_nothing_is_said_ends() {
    let limits = HttpLimits {
        session_idle_ms: SHORT_MS,
        sessions: 1,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    site.session(None).await;
    until(async || site.send(&initialize()).await.status == 200).await;
}

#[tokio::test]
async fn a_message_that_is_wrong_gets_the_status_the_protocol_names() {
    let site = Site::start(host(&["echo"]), options()).await;
    let session = site.session(None).await;
    let check = async |request: Request, status: u16| {
        let reply = site.send(&request).await;
        assert_eq!(reply.status, status, "{request:?}: {reply:?}");
        reply
    };
    let good = call("echo__echo", json!({"text": "hi"}));
    check(good.clone(), 200).await;
    check(good.clone().with("mcp-protocol-version", "1999-01-01"), 400).await;
    check(good.clone().with("content-type", "text/plain"), 415).await;
    check(good.clone().without("content-type"), 415).await;
    check(good.clone().without("accept"), 406).await;
    check(good.clone().with("accept", "application/json"), 406).await;
    check(good.clone().with("mcp-method", "tools/list"), 400).await;
    let other_name = check(good.clone().with("mcp-name", "echo__other"), 400).await;
    assert_eq!(other_name.json()["error"]["code"], -32020);
    let body = |body: &str| Request {
        body: body.to_owned(),
        ..good.clone()
    };
    for broken in ["{", "\u{0}", "", "{} {}"] {
        let reply = check(body(broken), 400).await;
        assert_eq!(reply.json()["error"]["code"], -32700, "{broken:?}");
    }
    // JSON that is no message, and a batch, which no revision served here has.
    check(body("\"text\""), 415).await;
    check(body("[]"), 415).await;
    check(modern("no/such/method", json!({})), 404).await;
    check(get("/mcp").with("accept", "text/event-stream"), 400).await;
    check(get("/mcp").session(&session), 406).await;
    check(Request::new("PUT", "/mcp"), 405).await;
    check(get("/"), 404).await;
    check(Request::new("POST", "/health"), 405).await;
    let legacy = legacy(&session, "tools/list", json!({}));
    check(legacy.with("mcp-protocol-version", "1999-01-01"), 400).await;
    check(good, 200).await;
}

#[tokio::test]
async fn a_page_that_found_its_way_by_another_name_is_refused() {
    let site = Site::start(host(&["echo"]), options()).await;
    let list = || modern("tools/list", json!({}));
    let check = async |request: Request, status: u16| {
        let reply = site.send(&request).await;
        assert_eq!(reply.status, status, "{request:?}: {reply:?}");
        assert_eq!(reply.body.contains("echo__echo"), status == 200);
    };
    check(list(), 200).await;
    check(
        list().with("host", &format!("127.0.0.1:{}", site.address.port())),
        200,
    )
    .await;
    check(list().with("origin", "http://localhost:6274"), 200).await;
    check(list().with("host", "evil.example"), 403).await;
    check(list().with("host", "localhost.evil.example"), 403).await;
    check(list().without("host"), 403).await;
    check(list().with("origin", "http://evil.example"), 403).await;
    check(list().with("origin", "null"), 403).await;
    check(initialize().with("origin", "http://evil.example"), 403).await;
    assert_eq!(
        site.send(&get("/ready").with("host", "evil.example"))
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn a_body_is_as_large_as_it_may_be_however_it_is_sent() {
    let limits = HttpLimits {
        body_bytes: 2_000,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    let of = |bytes: usize| call("echo__echo", json!({"text": "x".repeat(bytes)}));
    let chunked = |request: Request| {
        let body = format!("{:x}\r\n{}\r\n0\r\n\r\n", request.body.len(), request.body);
        Request {
            body,
            ..request.with("transfer-encoding", "chunked")
        }
    };
    let check = async |request: Request, status: u16| {
        assert_eq!(site.send(&request).await.status, status, "{request:?}");
    };
    check(of(1_000), 200).await;
    check(chunked(of(1_000)), 200).await;
    check(of(2_000), 413).await;
    check(chunked(of(2_000)), 413).await;
    // What is announced is refused before it comes.
    check(of(10).with("content-length", "1000000000000"), 413).await;
    // A head has bounds as well.
    check(of(10).with("x-long", &"x".repeat(100_000)), 431).await;
    check(of(10), 200).await;
}

#[tokio::test]
async fn a_slow_head_and_a_slow_body_are_not_waited_for() {
    let limits = HttpLimits {
        header_ms: SHORT_MS,
        body_ms: SHORT_MS,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    let mut head = site.connect().await;
    head.write("POST /mcp HTTP/1.1\r\nhost: localhost\r\nx-")
        .await;
    let silent = site.connect().await;
    let whole = call("echo__echo", json!({"text": "hi"}));
    let body = whole.clone().with("content-length", "100000");
    let body = site.open(&body).await;
    assert_eq!(body.whole().await.status, 408);
    // Both end without a word.
    assert_ne!(head.whole().await.status, 200);
    assert_eq!(silent.whole().await.status, 0);
    assert_eq!(site.send(&whole).await.status, 200);
}

#[tokio::test]
async fn sessions_are_counted_and_a_place_comes_back() {
    let limits = HttpLimits {
        sessions: 2,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    let first = site.session(None).await;
    site.session(None).await;
    for _ in 0..3 {
        let full = site.send(&initialize()).await;
        assert_eq!(full.status, 503, "{full:?}");
        assert!(full.header("retry-after").is_some());
    }
    // Who has no session needs none.
    let list = modern("tools/list", json!({}));
    assert_eq!(site.send(&list).await.status, 200);
    let used = legacy(&first, "tools/list", json!({}));
    assert_eq!(site.send(&used).await.status, 200);
    site.send(&Request::new("DELETE", "/mcp").session(&first))
        .await;
    site.session(None).await;
}

#[tokio::test]
async fn requests_are_counted_and_a_place_comes_back() {
    let limits = HttpLimits {
        requests: 1,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["cancel_aware", "echo"]), limited(limits)).await;
    let running = site
        .open(&call("cancel_aware__cancel_aware", json!({})))
        .await;
    let list = modern("tools/list", json!({}));
    until(async || site.send(&list).await.status == 503).await;
    assert!(site.send(&list).await.header("retry-after").is_some());
    // Whoever looks after the host is answered all the same.
    assert_eq!(site.send(&get("/health")).await.status, 200);
    drop(running);
    until(async || site.send(&list).await.status == 200).await;
}

#[tokio::test]
async fn streams_are_counted_and_do_not_take_the_places_of_calls() {
    let limits = HttpLimits {
        streams: 1,
        requests: 1,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    let session = site.session(None).await;
    let follow = get("/mcp")
        .session(&session)
        .with("accept", "text/event-stream");
    let mut first = site.open(&follow).await;
    first.hears("retry").await;
    assert_eq!(site.send(&follow).await.status, 503);
    let mut listening = site.open(&listen()).await;
    listening.hears("subscriptions/acknowledged").await;
    assert_eq!(site.send(&listen()).await.status, 503);
    assert_eq!(
        site.send(&modern("tools/list", json!({}))).await.status,
        200
    );
    drop((first, listening));
    until(async || {
        let mut again = site.open(&follow).await;
        again.hears("\r\n\r\n").await.starts_with("HTTP/1.1 200")
    })
    .await;
}

#[tokio::test]
async fn connections_are_counted_and_the_next_one_waits() {
    let limits = HttpLimits {
        connections: 1,
        ..HttpLimits::default()
    };
    let site = Site::start(host(&["echo"]), limited(limits)).await;
    let mut first = site.connect().await;
    let keeps = get("/health").without("connection");
    first.write(&keeps.text()).await;
    first.hears("ok").await;
    let mut second = site.open(&get("/health")).await;
    // The first one is still served, and only then the second.
    first.write(&keeps.text()).await;
    first.hears("\"ok\"}HTTP/1.1 200").await;
    drop(first);
    second.hears("\"ok\"}").await;
}

fn listen() -> Request {
    modern(
        "subscriptions/listen",
        json!({"notifications": {"toolsListChanged": true, "resourceSubscriptions": ["notifies://mine"]}}),
    )
}

#[tokio::test]
async fn both_eras_are_told_of_changes() {
    let site = Site::start(host(&["notifies"]), options()).await;
    let session = site.session(None).await;
    let uri = json!({"uri": "notifies://mine"});
    let subscribe = legacy(&session, "resources/subscribe", uri);
    assert_eq!(site.send(&subscribe).await.result(), json!({}));
    let follow = get("/mcp")
        .session(&session)
        .with("accept", "text/event-stream");
    let mut of_legacy = site.open(&follow).await;
    of_legacy.hears("retry").await;
    let mut of_modern = site.open(&listen()).await;
    of_modern.hears("subscriptions/acknowledged").await;
    site.send(&call("notifies__notifies", json!({})))
        .await
        .said();
    for stream in [&mut of_legacy, &mut of_modern] {
        stream.hears("notifications/tools/list_changed").await;
        stream.hears("notifications/resources/updated").await;
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_call_behind() {
    // One call at a time, so the second is answered only when the first is gone.
    let one = Limits {
        concurrent_calls: 1,
        ..limits()
    };
    let requests = HttpLimits {
        requests: 2,
        ..HttpLimits::default()
    };
    let site = Site::start(host_of([guest_with("slow", one)]), limited(requests)).await;
    let slow = |ms: u64| json!({"name": "slow__sleep", "arguments": {"ms": ms}});
    site.send(&modern("tools/call", slow(0))).await.said();
    let running = site.open(&modern("tools/call", slow(50_000))).await;
    let waiting = site.open(&modern("tools/call", slow(50_000))).await;
    until(async || site.send(&modern("tools/list", json!({}))).await.status == 503).await;
    drop((running, waiting));
    until(async || site.send(&modern("tools/list", json!({}))).await.status == 200).await;
    let next = site.send(&modern("tools/call", slow(0))).await;
    assert_eq!(next.said(), "slept 0 ms");
}

#[tokio::test]
async fn a_host_that_anybody_could_use_does_not_listen() {
    let bind = async |address: &str| {
        let address: SocketAddr = address.parse().unwrap();
        HttpServer::bind(address, options()).await.err()
    };
    for public in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
        let refused = bind(public).await;
        assert!(matches!(refused, Some(HttpError::Unguarded(_))), "{public}");
    }
    assert!(bind("127.0.0.1:0").await.is_none());
}

#[tokio::test]
async fn ready_is_said_only_of_a_host_whose_plugins_are_all_there() {
    let check = async |host: Host, status: u16, about: Value| {
        host.settled().await;
        let site = Site::start(host, options()).await;
        let reply = site.send(&get("/ready")).await;
        assert_eq!((reply.status, reply.json()), (status, about));
        assert_eq!(
            site.send(&get("/health")).await.json(),
            json!({"status": "ok"})
        );
    };
    check(host(&["echo"]), 200, json!({"ready": true, "plugins": []})).await;
    let broken = Broken {
        name: None,
        origin: "weather".to_owned(),
        reason: "there is no component".to_owned(),
    };
    let host = Host::start(engine(), vec![Ok(installed("echo")), Err(broken)]);
    let about = json!({"name": "weather", "state": "failed", "reason": "there is no component"});
    check(host, 503, json!({"ready": false, "plugins": [about]})).await;
}

#[tokio::test]
async fn tls_is_spoken_where_there_is_a_certificate() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let (pem, key) = (certificate.pem(), key.serialize_pem());
    let mut options = options();
    options.tls = Some(Tls::from_pem(pem.as_bytes(), key.as_bytes()).unwrap());
    let site = Site::start(host(&["echo"]), options).await;

    // Whoever speaks plainly gets no answer.
    assert_ne!(site.send(&get("/health")).await.status, 200);
    let trusted = secure(&site, certificate.der().clone()).await.unwrap();
    assert!(trusted.ends_with("{\"status\":\"ok\"}"), "{trusted}");
    let other = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    let other = params.self_signed(&other).unwrap();
    assert!(secure(&site, other.der().clone()).await.is_err());

    let bad = |pem: &str, key: &str| Tls::from_pem(pem.as_bytes(), key.as_bytes()).err();
    let stranger = rcgen::KeyPair::generate().unwrap().serialize_pem();
    for (pem, key) in [("", &*key), (&*pem, ""), (&*pem, &*stranger)] {
        let error = bad(pem, key).expect("it is refused").to_string();
        assert!(
            error.contains("(hint: ") && !error.contains("PRIVATE"),
            "{error}"
        );
    }
}

/// Asks for the health of a host, and trusts this certificate alone.
async fn secure(
    site: &Site,
    trusted: tokio_rustls::rustls::pki_types::CertificateDer<'static>,
) -> std::io::Result<String> {
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let socket = site.connect().await.socket;
    let name = "localhost".try_into().unwrap();
    let mut stream = connector.connect(name, socket).await?;
    stream.write_all(get("/health").text().as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn other_names_are_let_in_when_the_operator_says_so() {
    let mut options = options();
    options.gatekeeper = Gatekeeper::default()
        .with_hosts(&["mcp.example.com".to_owned()])
        .and_then(|keeper| keeper.with_origins(&["https://app.example.com".to_owned()]))
        .unwrap();
    let site = Site::start(host(&["echo"]), options).await;
    let list = modern("tools/list", json!({}));
    let named = list.clone().with("host", "mcp.example.com");
    assert_eq!(site.send(&list).await.status, 403);
    assert_eq!(site.send(&named).await.status, 200);
    let page = |origin| named.clone().with("origin", origin);
    assert_eq!(
        site.send(&page("https://app.example.com")).await.status,
        200
    );
    assert_eq!(site.send(&page("http://localhost")).await.status, 403);
}

#[tokio::test]
async fn a_browser_is_told_what_the_gate_decided() {
    let site = Site::start(host(&["echo"]), options()).await;
    let asks = |origin: &str| {
        Request::new("OPTIONS", "/mcp")
            .with("origin", origin)
            .with("access-control-request-method", "POST")
            .with(
                "access-control-request-headers",
                "authorization, mcp-param-x",
            )
    };
    let own = "http://localhost:6274";
    let told = site.send(&asks(own)).await;
    assert_eq!(told.status, 204);
    assert_eq!(told.header("access-control-allow-origin"), Some(own));
    let fields = told.header("access-control-allow-headers");
    assert_eq!(fields, Some("authorization, mcp-param-x"));
    let list = modern("tools/list", json!({}));
    let page = site.send(&list.clone().with("origin", own)).await;
    assert_eq!(page.header("access-control-allow-origin"), Some(own));
    assert_eq!(
        site.send(&list).await.header("access-control-allow-origin"),
        None
    );
    for request in [
        asks("http://evil.example"),
        list.with("origin", "http://evil.example"),
    ] {
        let refused = site.send(&request).await;
        assert_eq!(refused.status, 403);
        assert_eq!(refused.header("access-control-allow-origin"), None);
    }
}

#[tokio::test]
async fn a_session_that_ends_leaves_no_call_behind() {
    let one = Limits {
        concurrent_calls: 1,
        ..limits()
    };
    let site = Site::start(host_of([guest_with("slow", one)]), options()).await;
    let slow = |ms: u64| json!({"name": "slow__sleep", "arguments": {"ms": ms}});
    let session = site.session(None).await;
    let mut running = site
        .open(&legacy(&session, "tools/call", slow(50_000)))
        .await;
    running.hears("retry").await;
    let end = Request::new("DELETE", "/mcp").session(&session);
    assert_eq!(site.send(&end).await.status, 202);
    let next = site.send(&modern("tools/call", slow(0))).await;
    assert_eq!(next.said(), "slept 0 ms");
}
