//! Who is let in over HTTP, and what everybody else is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis::auth::{
    Fingerprint, Guard, Issuer, KeySource, ResourceServer, StaticToken, Tokens,
};
use portcullis::network::{DocumentUrl, Network};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use serde_json::{Value, json};

use crate::support::host::host;
use crate::support::http::{Request, Site, call, get, guarded, legacy, modern};
use crate::support::server::Server;

const ADA: &str = "the-token-of-ada";
const BOB: &str = "the-token-of-bob";

fn tokens() -> Guard {
    let token = |name: &str, token: &str, scopes: &[&str]| StaticToken {
        name: name.to_owned(),
        fingerprint: Fingerprint::of(token),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let tokens = vec![
        token("ada", ADA, &["read", "write"]),
        token("bob", BOB, &[]),
    ];
    Guard::Tokens(Tokens::new(tokens))
}

#[tokio::test]
async fn only_a_known_token_is_let_in() {
    let site = Site::start(host(&["echo"]), guarded(tokens())).await;
    let list = || modern("tools/list", json!({}));
    let check = async |request: Request, status: u16| {
        let reply = site.send(&request).await;
        assert_eq!(reply.status, status, "{request:?}: {reply:?}");
        assert_eq!(reply.header("www-authenticate").is_some(), status == 401);
        assert_eq!(reply.body.contains("echo__echo"), status == 200);
    };
    check(list().token(Some(ADA)), 200).await;
    check(list().token(Some(BOB)), 200).await;
    check(list().with("authorization", &format!("bearer {ADA}")), 200).await;
    check(list(), 401).await;
    check(list().token(Some("")), 401).await;
    check(list().token(Some(&ADA[1..])), 401).await;
    check(list().token(Some(&format!("{ADA}x"))), 401).await;
    check(list().token(Some(&Fingerprint::of(ADA).hex())), 401).await;
    check(list().token(Some(&format!("{ADA} {BOB}"))), 401).await;
    check(list().with("authorization", &format!("Basic {ADA}")), 401).await;
    check(list().with("authorization", ADA), 401).await;
    check(list().token(Some(&"x".repeat(20_000))), 401).await;
    let mut twice = list().token(Some(ADA));
    twice
        .fields
        .push(("authorization".to_owned(), format!("Bearer {BOB}")));
    check(twice, 401).await;
    // A URL ends in logs and histories.
    let line = format!("POST /mcp?access_token={ADA} HTTP/1.1");
    check(Request { line, ..list() }, 401).await;
    check(list().with("cookie", &format!("token={ADA}")), 401).await;
}

#[tokio::test]
async fn a_plugin_is_told_who_asks_and_never_how_they_proved_it() {
    let site = Site::start(host(&["context"]), guarded(tokens())).await;
    let forged = json!({
        "name": "context__context",
        "arguments": {},
        "_meta": {"principal": ["root", []], "a/b": 1},
    });
    let session = site.session(Some(ADA)).await;
    for request in [
        modern("tools/call", forged.clone()).token(Some(ADA)),
        legacy(&session, "tools/call", forged).token(Some(ADA)),
    ] {
        let reply = site.send(&request).await;
        let seen: Value = serde_json::from_str(&reply.said()).unwrap();
        assert_eq!(seen["call"]["principal"], json!(["ada", ["read", "write"]]));
        let all = reply.body.to_ascii_lowercase();
        assert!(!all.contains(ADA) && !all.contains("bearer") && !all.contains("authorization"));
    }
    let nobody = Site::start(host(&["context"]), crate::support::http::options()).await;
    let request = call("context__context", json!({})).token(Some(ADA));
    let reply = nobody.send(&request).await;
    let seen: Value = serde_json::from_str(&reply.said()).unwrap();
    assert_eq!(seen["call"]["principal"], Value::Null);
    assert!(!reply.body.contains(ADA));
}

#[tokio::test]
async fn a_session_is_of_no_use_to_anybody_else() {
    let site = Site::start(host(&["echo"]), guarded(tokens())).await;
    let session = site.session(Some(ADA)).await;
    let attempts = [
        legacy(&session, "tools/list", json!({})),
        get("/mcp")
            .session(&session)
            .with("accept", "text/event-stream"),
        get("/mcp")
            .session(&session)
            .with("accept", "text/event-stream")
            .with("last-event-id", "0"),
        Request::new("DELETE", "/mcp").session(&session),
    ];
    for attempt in &attempts {
        let stolen = site.send(&attempt.clone().token(Some(BOB))).await;
        assert_eq!(stolen.status, 404, "{attempt:?}");
        assert_eq!(site.send(attempt).await.status, 401, "{attempt:?}");
        // It is still there for the one who opened it.
        let own = site.send(&attempts[0].clone().token(Some(ADA))).await;
        assert_eq!(own.status, 200, "{attempt:?}");
    }
    // What is said of somebody else's session is what is said of none.
    let none = legacy("none", "tools/list", json!({})).token(Some(BOB));
    let stolen = attempts[0].clone().token(Some(BOB));
    assert_eq!(site.send(&none).await.body, site.send(&stolen).await.body);
}

#[tokio::test]
async fn why_a_host_is_not_ready_is_told_to_those_who_are_let_in() {
    let broken = portcullis::host::Broken {
        name: None,
        origin: "weather".to_owned(),
        reason: "there is no component in /srv".to_owned(),
    };
    let host = portcullis::host::Host::start(crate::support::host::engine(), vec![Err(broken)]);
    host.settled().await;
    let site = Site::start(host, guarded(tokens())).await;
    let check = async |request: Request, told: bool| {
        let reply = site.send(&request).await;
        assert_eq!(reply.status, 503);
        assert_eq!(reply.json()["plugins"][0]["name"], "weather");
        assert_eq!(reply.body.contains("/srv"), told);
    };
    check(get("/ready"), false).await;
    check(get("/ready").token(Some("wrong")), false).await;
    check(get("/ready").token(Some(ADA)), true).await;
}

/// An authorization server that issues whatever it is asked to.
struct Authority {
    edwards: Ed25519KeyPair,
    curve: EcdsaKeyPair,
}

impl Authority {
    fn new() -> Self {
        let random = SystemRandom::new();
        let edwards = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let curve =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let curve =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, curve.as_ref(), &random);
        Self {
            edwards: Ed25519KeyPair::from_pkcs8(edwards.as_ref()).unwrap(),
            curve: curve.unwrap(),
        }
    }

    /// Its keys, beside some that must never check anything.
    fn keys(&self) -> Vec<u8> {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let point = self.curve.public_key().as_ref();
        let edwards = encode(self.edwards.public_key().as_ref());
        json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "kid": "edwards", "use": "sig", "x": edwards},
            {"kty": "EC", "crv": "P-256", "kid": "curve", "alg": "ES256",
                "x": encode(&point[1..33]), "y": encode(&point[33..])},
            {"kty": "oct", "kid": "shared", "k": encode(b"secret")},
            {"kty": "OKP", "crv": "Ed25519", "kid": "encrypts", "use": "enc", "x": edwards},
            {"kty": "new", "kid": "new"},
        ]})
        .to_string()
        .into_bytes()
    }

    fn token(&self, claims: &Value) -> String {
        self.signed(&json!({"alg": "EdDSA", "kid": "edwards"}), claims)
    }

    /// A token with this header, signed as its key is.
    fn signed(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = match header["kid"].as_str() {
            Some("curve") => {
                let signed = self.curve.sign(&SystemRandom::new(), message.as_bytes());
                signed.unwrap().as_ref().to_vec()
            }
            _ => self.edwards.sign(message.as_bytes()).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn guard(&self, scopes: &[&str]) -> Guard {
        Guard::OAuth(ResourceServer::with_keys(issuer(scopes), &self.keys()).unwrap())
    }
}

fn issuer(scopes: &[&str]) -> Issuer {
    Issuer {
        issuer: "https://issuer.example".to_owned(),
        audience: "https://mcp.example.com/mcp".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs()
}

/// Claims that hold, with some of them changed. A change to `null` takes one away.
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": "https://issuer.example",
        "aud": "https://mcp.example.com/mcp",
        "sub": "ada",
        "exp": now() + 300,
        "scope": "mcp read",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
        if *value == json!("(none)") {
            claims.as_object_mut().unwrap().remove(name);
        }
    }
    claims
}

#[tokio::test]
async fn a_token_of_the_issuer_is_let_in_and_every_other_is_not() {
    let authority = Authority::new();
    let site = Site::start(host(&["echo"]), guarded(authority.guard(&["mcp"]))).await;
    let check = async |token: String, status: u16, why: &str| {
        let list = modern("tools/list", json!({})).token(Some(&token));
        let reply = site.send(&list).await;
        assert_eq!(reply.status, status, "{why}: {reply:?}");
        assert_eq!(reply.body.contains("echo__echo"), status == 200, "{why}");
        let challenge = reply.header("www-authenticate");
        let code = match status {
            401 => Some("error=\"invalid_token\""),
            403 => Some("error=\"insufficient_scope\""),
            _ => None,
        };
        assert_eq!(challenge.is_some(), code.is_some(), "{why}");
        assert!(
            code.is_none_or(|code| challenge.unwrap().contains(code)),
            "{why}"
        );
    };
    let with = async |changes: Value, status: u16| {
        let why = changes.to_string();
        check(authority.token(&claims(changes)), status, &why).await;
    };
    let now = now();
    with(json!({}), 200).await;
    with(json!({"aud": ["x", "https://mcp.example.com/mcp"]}), 200).await;
    with(json!({"nbf": now - 5, "iat": now}), 200).await;
    with(json!({"exp": now - 5}), 200).await;
    with(json!({"scope": "(none)", "scp": ["mcp"]}), 200).await;
    with(json!({"exp": now - 60}), 401).await;
    with(json!({"exp": 0}), 401).await;
    with(json!({"exp": "(none)"}), 401).await;
    with(json!({"exp": null}), 401).await;
    with(json!({"exp": "never"}), 401).await;
    with(json!({"exp": format!("{}", now + 300)}), 401).await;
    with(json!({"exp": -1}), 401).await;
    with(json!({"exp": 1e300}), 401).await;
    with(json!({"nbf": now + 300}), 401).await;
    with(json!({"nbf": "soon"}), 401).await;
    with(json!({"nbf": null}), 401).await;
    with(json!({"nbf": u64::MAX}), 401).await;
    with(json!({"iss": "https://evil.example"}), 401).await;
    with(json!({"iss": "https://issuer.example/"}), 401).await;
    with(json!({"iss": ["https://issuer.example"]}), 401).await;
    with(json!({"iss": "(none)"}), 401).await;
    with(json!({"aud": "https://other.example.com/mcp"}), 401).await;
    with(json!({"aud": []}), 401).await;
    with(json!({"aud": {"https://mcp.example.com/mcp": 1}}), 401).await;
    with(json!({"aud": "(none)"}), 401).await;
    with(json!({"sub": "(none)"}), 401).await;
    with(json!({"sub": ""}), 401).await;
    with(json!({"sub": 7}), 401).await;
    with(json!({"sub": "a\nb"}), 401).await;
    with(json!({"sub": "x".repeat(300)}), 401).await;
    with(json!({"scope": "read"}), 403).await;
    with(json!({"scope": "mcp2"}), 403).await;
    with(json!({"scope": "(none)"}), 403).await;
    with(json!({"scope": ["mcp"]}), 401).await;

    let good = claims(json!({}));
    let header = |header: Value| authority.signed(&header, &good);
    check(
        header(json!({"alg": "ES256", "kid": "curve"})),
        200,
        "P-256",
    )
    .await;
    check(
        header(json!({"alg": "EdDSA"})),
        200,
        "the only key of its kind",
    )
    .await;
    check(
        header(json!({"alg": "EdDSA", "kid": "nobodys"})),
        401,
        "unknown key",
    )
    .await;
    check(
        header(json!({"alg": "EdDSA", "kid": "curve"})),
        401,
        "another key",
    )
    .await;
    check(
        header(json!({"alg": "ES256", "kid": "edwards"})),
        401,
        "another key",
    )
    .await;
    check(
        header(json!({"alg": "EdDSA", "kid": "encrypts"})),
        401,
        "not for signatures",
    )
    .await;
    check(
        header(json!({"alg": "none", "kid": "edwards"})),
        401,
        "none",
    )
    .await;
    check(header(json!({"kid": "edwards"})), 401, "no algorithm").await;
    check(
        header(json!({"alg": "EdDSA", "kid": "edwards", "crit": ["x"]})),
        401,
        "crit",
    )
    .await;
    check(
        header(json!({"alg": "EdDSA", "kid": "edwards", "crit": null})),
        401,
        "crit",
    )
    .await;
    // Keys and places that a token brings along are not looked at.
    let stranger = Authority::new();
    let own: Value = serde_json::from_slice(&stranger.keys()).unwrap();
    let brings = json!({"alg": "EdDSA", "jwk": own["keys"][0], "jku": "https://evil.example/"});
    check(stranger.signed(&brings, &good), 401, "own key").await;
    check(stranger.token(&good), 401, "a stranger").await;

    let unsigned = message(&json!({"alg": "none"}), &good);
    check(format!("{unsigned}."), 401, "unsigned").await;
    check(unsigned, 401, "two parts").await;
    // The public key as a shared secret.
    for secret in [authority.edwards.public_key().as_ref(), b"secret"] {
        for kid in ["edwards", "shared"] {
            let message = message(&json!({"alg": "HS256", "kid": kid}), &good);
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let tag = hmac::sign(&key, message.as_bytes());
            let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag));
            check(token, 401, "HS256").await;
        }
    }
    let token = authority.token(&good);
    let changed = authority.token(&claims(json!({"sub": "root"})));
    let (changed, _) = changed.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    check(format!("{changed}.{signature}"), 401, "another's signature").await;
    check(format!("{token}="), 401, "padded").await;
    check(format!("{token}.x"), 401, "four parts").await;
    for garbage in ["x", "...", "a.b.c", "e30.e30.", "e30.e30.e30"] {
        check(garbage.to_owned(), 401, garbage).await;
    }
    check(token, 200, "the same, unchanged").await;
}

#[tokio::test]
async fn a_client_without_a_token_is_told_where_to_get_one() {
    let authority = Authority::new();
    let mut options = guarded(authority.guard(&["mcp", "read"]));
    options.public_url = Some("https://mcp.example.com".to_owned());
    let site = Site::start(host(&["context"]), options).await;
    let refused = site.send(&modern("tools/list", json!({}))).await;
    assert_eq!(refused.status, 401);
    let document = "https://mcp.example.com/.well-known/oauth-protected-resource/mcp";
    assert_eq!(
        refused.header("www-authenticate"),
        Some(&*format!(
            "bearer realm=\"portcullis\", resource_metadata=\"{document}\", scope=\"mcp read\""
        ))
    );
    for path in [
        "/.well-known/oauth-protected-resource/mcp",
        "/.well-known/oauth-protected-resource",
    ] {
        let about = site.send(&get(path)).await.json();
        assert_eq!(about["resource"], "https://mcp.example.com/mcp");
        assert_eq!(
            about["authorization_servers"],
            json!(["https://issuer.example"])
        );
        assert_eq!(about["scopes_supported"], json!(["mcp", "read"]));
        assert_eq!(
            site.send(&get(path).with("host", "evil.example"))
                .await
                .status,
            403
        );
    }
    let token = authority.token(&claims(json!({})));
    let call = call("context__context", json!({})).token(Some(&token));
    let reply = site.send(&call).await;
    let seen: Value = serde_json::from_str(&reply.said()).unwrap();
    assert_eq!(seen["call"]["principal"], json!(["ada", ["mcp", "read"]]));
    assert!(!reply.body.contains(&token));
    let open = Site::start(host(&["echo"]), guarded(tokens())).await;
    let path = "/.well-known/oauth-protected-resource";
    assert_eq!(open.send(&get(path)).await.status, 404);
}

/// Keys that are counted each time somebody asks for them.
struct Counted {
    keys: Result<Vec<u8>, String>,
    n_fetches: Arc<AtomicUsize>,
}

#[async_trait]
impl KeySource for Counted {
    async fn fetch(&self) -> Result<Vec<u8>, String> {
        self.n_fetches.fetch_add(1, Ordering::Relaxed);
        self.keys.clone()
    }
}

#[tokio::test]
async fn keys_are_fetched_when_they_are_needed_and_not_as_often_as_a_token_asks() {
    let authority = Authority::new();
    let check = async |keys: Result<Vec<u8>, String>, header: Value, status: u16| {
        let n_fetches = Arc::new(AtomicUsize::new(0));
        let source = Counted {
            keys,
            n_fetches: n_fetches.clone(),
        };
        let server = ResourceServer::with_source(issuer(&[]), Box::new(source));
        let site = Site::start(host(&["echo"]), guarded(Guard::OAuth(server))).await;
        let list = modern("tools/list", json!({}));
        assert_eq!(site.send(&list).await.status, 401);
        assert_eq!(
            n_fetches.load(Ordering::Relaxed),
            0,
            "nobody needs them yet"
        );
        let token = authority.signed(&header, &claims(json!({})));
        for _ in 0..5 {
            let reply = site.send(&list.clone().token(Some(&token))).await;
            assert_eq!(reply.status, status, "{reply:?}");
        }
        assert_eq!(n_fetches.load(Ordering::Relaxed), 1);
    };
    let known = json!({"alg": "EdDSA", "kid": "edwards"});
    check(Ok(authority.keys()), known.clone(), 200).await;
    check(
        Ok(authority.keys()),
        json!({"alg": "EdDSA", "kid": "x"}),
        401,
    )
    .await;
    check(Err("gone".to_owned()), known.clone(), 503).await;
    check(Ok(b"<html>".to_vec()), known.clone(), 503).await;
    check(Ok(b"{\"keys\":[]}".to_vec()), known, 503).await;
}

#[tokio::test]
async fn a_document_is_fetched_within_bounds() {
    let server = Server::start().await;
    let fetch = async |path: &str, bytes_max: usize| {
        let url = format!("http://127.0.0.1:{}{path}", server.port());
        let url = DocumentUrl::parse(&url).unwrap();
        Network::default().document(&url, bytes_max).await
    };
    assert_eq!(fetch("/json", 15).await.unwrap(), b"{\"a\":[1,2,\"x\"]}");
    assert!(fetch("/json", 14).await.is_err());
    assert!(fetch("/endless", 100_000).await.is_err());
    assert!(fetch("/redirect", 100).await.unwrap_err().contains("302"));
    assert!(fetch("/head", 100).await.is_err());
    let asked = server.requests();
    assert!(
        asked.iter().all(|request| !request.contains("/private")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_token_that_rsa_signed_is_let_in_when_the_key_is_long_enough() {
    let made: Value = serde_json::from_str(include_str!("rsa.json")).unwrap();
    let keys = made.to_string();
    let server = ResourceServer::with_keys(issuer(&["mcp"]), keys.as_bytes()).unwrap();
    let site = Site::start(host(&["echo"]), guarded(Guard::OAuth(server))).await;
    let check = async |token: &str, status: u16| {
        let list = modern("tools/list", json!({})).token(Some(token));
        assert_eq!(site.send(&list).await.status, status, "{token}");
    };
    for token in made["good"].as_array().unwrap() {
        let token = token.as_str().unwrap();
        check(token, 200).await;
        // The same signature under another name of the algorithm, and the public key as a shared secret.
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (_, claims) = message.split_once('.').unwrap();
        for algorithm in ["RS384", "HS256", "none"] {
            let header = json!({"alg": algorithm, "kid": "rsa"}).to_string();
            let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
            check(&format!("{message}.{signature}"), 401).await;
            let secret = made["keys"][0]["n"].as_str().unwrap();
            let key = hmac::Key::new(hmac::HMAC_SHA256, &URL_SAFE_NO_PAD.decode(secret).unwrap());
            let tag = hmac::sign(&key, message.as_bytes());
            check(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag)), 401).await;
        }
    }
    check(made["short"].as_str().unwrap(), 401).await;
}

#[test]
fn keys_that_check_nothing_are_refused_when_they_are_read() {
    let check = |json: &str, fits: bool| {
        let server = ResourceServer::with_keys(issuer(&[]), json.as_bytes());
        let error = server.err().map(|error| error.to_string());
        assert_eq!(error.is_none(), fits, "{json}: {error:?}");
        assert!(error.is_none_or(|error| error.contains("(hint: ")));
    };
    let key = r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#;
    check(&format!(r#"{{"keys":[{key}]}}"#), true);
    check(&format!(r#"{{"keys":[1,{key},{{}}]}}"#), true);
    check(&format!(r#"{{"keys":[{}]}}"#, [key; 65].join(",")), false);
    check(
        &format!(r#"{{"keys":[{key}],"x":"{}"}}"#, "x".repeat(300_000)),
        false,
    );
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","use":"enc"}]}"#,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","key_ops":["sign"]}]}"#,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA","alg":"RS256"}]}"#,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"A=AA"}]}"#,
        r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}"#,
        r#"{"keys":[{"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"}]}"#,
    ] {
        check(bad, false);
    }
}
