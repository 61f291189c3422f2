//! What is told to a collector of OpenTelemetry, what never is, and how a trace goes through the host.

use std::collections::BTreeSet;
use std::path::Path;

use http::HeaderMap;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use portcullis::config::{Config, TelemetryConfig};
use portcullis::contract::TraceContext;
use portcullis::host::{Broken, Host, Installed, Premises};
use portcullis::network::Network;
use portcullis::permissions::{Grant, Policy, Words};
use portcullis::protocol::serve_transport;
use portcullis::telemetry::{Incoming, Outcome, Settings, Target, Telemetry, Transport};
use rmcp::model::{
    CallToolRequestParams, ClientRequest, GetPromptRequestParams, ReadResourceRequestParams,
    Request, RequestMetaObject,
};
use rmcp::service::PeerRequestOptions;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::support::client::{Client, Era, connect, spawn};
use crate::support::collector::{Collector, attribute, hex};
use crate::support::host::{engine, installed, keyed};
use crate::support::program::Home;
use crate::support::server::Server;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn settings(endpoint: String) -> Settings {
    Settings {
        endpoint,
        headers: HeaderMap::new(),
        service_name: "under-test".to_owned(),
        sampling_ratio: 1.0,
    }
}

fn telemetry(settings: Settings) -> Telemetry {
    Telemetry::start(settings, Network::default()).expect("it begins")
}

/// A conversation with a host that is watched.
struct Conversation {
    client: Client,
    server: JoinHandle<()>,
}

impl Conversation {
    async fn begin(plugins: Vec<Installed>, telemetry: Telemetry, era: Era) -> Self {
        let premises = Premises::from(engine()).with_telemetry(telemetry);
        let host = Host::start(premises, plugins.into_iter().map(Ok::<_, Broken>).collect());
        let (ours, theirs) = tokio::io::duplex(64 << 10);
        let (read, write) = tokio::io::split(theirs);
        let server = tokio::spawn(async move {
            let served = serve_transport(host, read, write, CancellationToken::new());
            served.await.expect("the conversation ends well");
        });
        let (read, write) = tokio::io::split(ours);
        let client = connect(read, write, era).await;
        Self { client, server }
    }

    /// Ends it, and with it all that is exported.
    async fn end(self) {
        self.client.close().await;
        self.server.await.expect("the server does not panic");
    }
}

fn traced(flags: &str) -> RequestMetaObject {
    let mut meta = RequestMetaObject::new();
    meta.set_traceparent(format!("00-{TRACE}-{PARENT}-{flags}"));
    meta.set_tracestate("vendor=1");
    meta.set_baggage("user=swordfish");
    meta
}

fn said(span: &Span, key: &str) -> Option<String> {
    attribute(&span.attributes, key)
}

fn seen(result: &rmcp::model::CallToolResult) -> Value {
    result.structured_content.clone().expect("it is structured")
}

#[tokio::test]
async fn a_call_is_a_span_below_the_clients_and_the_visit_is_one_below_it() {
    for (era, version) in [(Era::Legacy, "2025-11-25"), (Era::Modern, "2026-07-28")] {
        let collector = Collector::start().await;
        let telemetry = telemetry(settings(collector.endpoint()));
        let talk = Conversation::begin(vec![installed("echo")], telemetry, era).await;
        let arguments = json!({"text": "swordfish"});
        let called = talk.client.call_with("echo", arguments, traced("01"));
        called.await.unwrap();
        talk.end().await;

        // By its public name, although the client used another.
        let call = collector.span("tools/call echo__echo");
        assert_eq!(call.kind(), SpanKind::Server);
        assert_eq!(
            (hex(&call.trace_id), hex(&call.parent_span_id)),
            (TRACE.into(), PARENT.into())
        );
        assert_eq!(call.trace_state, "vendor=1");
        assert!(call.status.clone().unwrap_or_default().code() != StatusCode::Error);
        for (key, value) in [
            ("mcp.method.name", "tools/call"),
            ("gen_ai.tool.name", "echo__echo"),
            ("gen_ai.operation.name", "execute_tool"),
            ("mcp.protocol.version", version),
            ("network.transport", "pipe"),
        ] {
            assert_eq!(said(&call, key).as_deref(), Some(value), "{key}");
        }
        assert!(said(&call, "jsonrpc.request.id").is_some());
        assert_eq!(said(&call, "mcp.session.id"), None);
        assert_eq!(said(&call, "error.type"), None);

        let visit = collector.span("plugin echo");
        assert_eq!(visit.kind(), SpanKind::Internal);
        assert_eq!(
            (&visit.trace_id, &visit.parent_span_id),
            (&call.trace_id, &call.span_id)
        );
        assert_eq!(
            said(&visit, "portcullis.plugin.name").as_deref(),
            Some("echo")
        );
        let digest = installed("echo").identity.digest.to_string();
        assert_eq!(said(&visit, "portcullis.plugin.digest"), Some(digest));
        for key in ["fuel", "memory_bytes", "cpu_us"] {
            let used = said(&visit, &format!("portcullis.visit.{key}")).unwrap();
            assert!(used.parse::<u64>().unwrap() > 0, "{key}");
        }

        let opening = match era {
            Era::Legacy => "initialize",
            Era::Modern => "server/discover",
        };
        assert!(collector.span(opening).parent_span_id.is_empty());
        let resource = &collector.resources()[0];
        let service = attribute(&resource.attributes, "service.name");
        assert_eq!(service.as_deref(), Some("under-test"));
        // Neither what was asked nor what was answered, nor the baggage.
        assert!(collector.was_told("echo__echo") && !collector.was_told("swordfish"));
    }
}

#[tokio::test]
async fn prompts_and_listed_resources_are_named_and_what_a_client_put_into_a_template_is_not() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let talk = Conversation::begin(vec![installed("echo")], telemetry, Era::Modern).await;
    let mut request = GetPromptRequestParams::new("echo__greet");
    request.arguments = json!({"name": "swordfish"}).as_object().cloned();
    talk.client.get_prompt(request).await.unwrap();
    for uri in ["echo://hello", "echo://say/swordfish"] {
        let request = ReadResourceRequestParams::new(uri);
        talk.client.read_resource(request).await.unwrap();
    }
    talk.client.list_all_tools().await.unwrap();
    talk.end().await;

    let prompt = collector.span("prompts/get echo__greet");
    assert_eq!(
        said(&prompt, "gen_ai.prompt.name").as_deref(),
        Some("echo__greet")
    );
    assert_eq!(said(&prompt, "gen_ai.operation.name"), None);
    let spans = collector.spans();
    let reads = spans.iter().filter(|span| span.name == "resources/read");
    let uris: Vec<_> = reads.map(|span| said(span, "mcp.resource.uri")).collect();
    assert_eq!(uris, [Some("echo://hello".to_owned()), None]);
    collector.span("tools/list");
    assert!(!collector.was_told("swordfish"));
}

#[tokio::test]
async fn what_failed_says_why_in_one_word_and_never_in_a_plugins() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let plugins = ["refuses", "panics", "spins"].map(installed).into();
    let talk = Conversation::begin(plugins, telemetry, Era::Legacy).await;
    let client = &talk.client;
    client.call("refuses__refuse", json!({})).await.unwrap();
    let custom = json!({"kind": "custom"});
    client.call("refuses__fails", custom).await.unwrap_err();
    for (tool, fails) in [("panics__panics", "trap"), ("spins__spins", "fuel")] {
        let result = client.call(tool, json!({})).await.unwrap();
        assert_eq!(result.is_error, Some(true), "{tool} {fails}");
    }
    talk.end().await;

    let check = |name: &str, error: &str, code: Option<&str>| {
        let span = collector.span(name);
        let status = span.status.clone().unwrap_or_default();
        assert_eq!(status.code(), StatusCode::Error, "{name}");
        assert_eq!(status.message, "", "{name}");
        assert_eq!(said(&span, "error.type").as_deref(), Some(error), "{name}");
        let shown = said(&span, "rpc.response.status_code");
        assert_eq!(shown.as_deref(), code, "{name}");
    };
    check("tools/call refuses__refuse", "tool_error", None);
    check("tools/call refuses__fails", "_OTHER", Some("42"));
    check("tools/call panics__panics", "tool_error", None);
    check("plugin panics", "trap", None);
    check("plugin spins", "fuel", None);

    let failures = collector.counter("portcullis.plugin.failures");
    let of = |key| -> BTreeSet<_> {
        let values = failures.iter().map(|it| attribute(&it.attributes, key));
        values.map(Option::unwrap).collect()
    };
    assert_eq!(
        of("portcullis.plugin.name"),
        ["panics", "spins"].map(str::to_owned).into()
    );
    assert_eq!(of("error.type"), ["trap", "fuel"].map(str::to_owned).into());
    assert!(!collector.was_told("an error of its own"));
}

#[tokio::test]
async fn names_that_a_client_invents_name_nothing() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let talk = Conversation::begin(vec![installed("echo")], telemetry, Era::Modern).await;
    for n in 0..20 {
        let invented = format!("swordfish_{n}");
        talk.client.call(&invented, json!({})).await.unwrap_err();
        let prompt = GetPromptRequestParams::new(invented.clone());
        talk.client.get_prompt(prompt).await.unwrap_err();
        let resource = ReadResourceRequestParams::new(format!("{invented}://x"));
        talk.client.read_resource(resource).await.unwrap_err();
    }
    talk.client
        .call("echo__echo", json!({"text": "x"}))
        .await
        .unwrap();
    talk.end().await;

    assert!(!collector.was_told("swordfish"));
    let names: BTreeSet<_> = collector.spans().into_iter().map(|it| it.name).collect();
    assert!(names.contains("tools/call") && names.contains("tools/call echo__echo"));
    let operations = collector.histogram("mcp.server.operation.duration");
    let calls = operations.iter().filter(|series| {
        attribute(&series.attributes, "mcp.method.name").as_deref() == Some("tools/call")
    });
    let calls: Vec<_> = calls
        .map(|it| (attribute(&it.attributes, "error.type"), it.count))
        .collect();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(
        calls.contains(&(Some("-32602".to_owned()), 20)),
        "{calls:?}"
    );
    assert!(calls.contains(&(None, 1)), "{calls:?}");
}

#[tokio::test]
async fn numbers_have_the_names_and_buckets_of_the_convention() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let talk = Conversation::begin(vec![installed("echo")], telemetry, Era::Modern).await;
    for _ in 0..3 {
        talk.client
            .call("echo__echo", json!({"text": "x"}))
            .await
            .unwrap();
    }
    talk.end().await;

    let operations = collector.histogram("mcp.server.operation.duration");
    let call = operations.iter().find(|series| {
        attribute(&series.attributes, "gen_ai.tool.name").as_deref() == Some("echo__echo")
    });
    let call = call.expect("the calls were counted");
    assert_eq!(call.count, 3);
    let buckets = [
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0,
    ];
    assert_eq!(call.explicit_bounds, buckets);
    // What differs with every request is none of the things they are told apart by.
    for key in ["jsonrpc.request.id", "mcp.resource.uri", "mcp.session.id"] {
        assert_eq!(attribute(&call.attributes, key), None, "{key}");
    }
    let sessions = collector.histogram("mcp.server.session.duration");
    let [session] = &sessions[..] else {
        panic!("{sessions:?}")
    };
    assert_eq!(session.count, 1);
    let transport = attribute(&session.attributes, "network.transport");
    assert_eq!(transport.as_deref(), Some("pipe"));
    for name in ["portcullis.plugin.calls", "portcullis.plugin.fuel"] {
        let counted = collector.counter(name);
        let [plugin] = &counted[..] else {
            panic!("{counted:?}")
        };
        let named = attribute(&plugin.attributes, "portcullis.plugin.name");
        assert_eq!(named.as_deref(), Some("echo"), "{name}");
    }
    assert!(collector.counter("portcullis.plugin.failures").is_empty());
}

#[tokio::test]
async fn a_plugin_is_told_its_own_span_and_never_any_baggage() {
    let collector = Collector::start().await;
    let watched = telemetry(settings(collector.endpoint()));
    let talk = Conversation::begin(vec![installed("context")], watched, Era::Modern).await;
    let called = talk
        .client
        .call_with("context__context", json!({}), traced("01"));
    let told = seen(&called.await.unwrap());
    talk.end().await;
    let visit = hex(&collector.span("plugin context").span_id);
    let own = json!([format!("00-{TRACE}-{visit}-01"), "vendor=1"]);
    assert_eq!(told["call"]["trace"], own);
    assert!(!told.to_string().contains("swordfish"), "{told}");

    // Without anybody to watch it is the client's.
    let unwatched = Telemetry::default();
    let talk = Conversation::begin(vec![installed("context")], unwatched, Era::Modern).await;
    let called = talk
        .client
        .call_with("context__context", json!({}), traced("01"));
    let told = seen(&called.await.unwrap());
    let clients = json!([format!("00-{TRACE}-{PARENT}-01"), "vendor=1"]);
    assert_eq!(told["call"]["trace"], clients);
    assert!(!told.to_string().contains("swordfish"), "{told}");
    let untraced = talk
        .client
        .call("context__context", json!({}))
        .await
        .unwrap();
    assert_eq!(seen(&untraced)["call"]["trace"], Value::Null);
    talk.end().await;
}

/// The honest guest with a grant for this server alone.
fn fetcher(server: &Server) -> Installed {
    let rule = format!("127.0.0.1:{}", server.port());
    let words = Words {
        network: vec![rule.parse().unwrap()],
        ..Words::default()
    };
    let policy = Policy {
        words: words.clone(),
        ..Policy::default()
    };
    let grant = Grant {
        words: words.clone(),
        ..Grant::default()
    };
    keyed("http", policy, grant, words)
}

/// The headers that speak of a trace in the one request a server got while a plugin made it.
async fn sent(telemetry: Telemetry, meta: RequestMetaObject, headers: Value) -> Vec<String> {
    let server = Server::start().await;
    let talk = Conversation::begin(vec![fetcher(&server)], telemetry, Era::Modern).await;
    let url = format!("http://{}/", server.address);
    let wish = json!({"url": url, "headers": headers});
    let told = talk
        .client
        .call_with("http__http", wish, meta)
        .await
        .unwrap();
    let told = serde_json::to_string(&told).unwrap();
    assert!(told.contains("200"), "{told}");
    talk.end().await;
    let requests = server.requests();
    let [request] = &requests[..] else {
        panic!("{requests:?}")
    };
    let lines = request.lines().filter(|line| {
        ["traceparent", "tracestate", "baggage"]
            .iter()
            .any(|it| line.starts_with(it))
    });
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_plugins_request_carries_the_trace_it_belongs_to() {
    let clients = [
        format!("traceparent: 00-{TRACE}-{PARENT}-01"),
        "tracestate: vendor=1".to_owned(),
    ];
    // The client's, when nobody watches; and nothing of a call that belongs to none.
    let off = Telemetry::default;
    assert_eq!(sent(off(), traced("01"), json!([])).await, clients);
    let nothing: [&str; 0] = [];
    let untraced = RequestMetaObject::new;
    assert_eq!(sent(off(), untraced(), json!([])).await, nothing);

    // The visit's own, when somebody does; nobody's baggage in either.
    let collector = Collector::start().await;
    let on = telemetry(settings(collector.endpoint()));
    let watched = sent(on, traced("01"), json!([])).await;
    let visit = hex(&collector.span("plugin http").span_id);
    let own = format!("traceparent: 00-{TRACE}-{visit}-01");
    assert_eq!(watched, [own.as_str(), "tracestate: vendor=1"]);
}

#[tokio::test]
async fn a_plugin_that_says_what_its_request_belongs_to_is_believed() {
    let own = format!("00-{}-{}-00", "1".repeat(32), "2".repeat(16));
    let headers = json!([["traceparent", own], ["tracestate", "own=1"]]);
    let kept = sent(Telemetry::default(), traced("01"), headers).await;
    assert_eq!(
        kept,
        [
            format!("traceparent: {own}"),
            "tracestate: own=1".to_owned()
        ]
    );

    // A state without a parent is replaced with both.
    let headers = json!([["tracestate", "own=1"]]);
    let replaced = sent(Telemetry::default(), traced("01"), headers).await;
    assert_eq!(replaced[1], "tracestate: vendor=1");
}

#[tokio::test]
async fn an_operator_keeps_traces_from_leaving() {
    let kept_in = Telemetry::default().propagating(false);
    let nothing: [&str; 0] = [];
    assert_eq!(sent(kept_in, traced("01"), json!([])).await, nothing);
}

#[tokio::test]
async fn a_trace_that_cannot_be_one_goes_nowhere() {
    for bad in [
        format!("00-{}-{PARENT}-01", "0".repeat(32)),
        format!("00-{TRACE}-{}-01", "0".repeat(16)),
        format!("ff-{TRACE}-{PARENT}-01"),
        format!("00-{TRACE}-{PARENT}-01\r\nx-evil: 1"),
    ] {
        let mut meta = RequestMetaObject::new();
        meta.set_traceparent(bad.clone());
        let nothing: [&str; 0] = [];
        assert_eq!(
            sent(Telemetry::default(), meta, json!([])).await,
            nothing,
            "{bad:?}"
        );
    }
}

#[tokio::test]
async fn a_ratio_of_zero_records_what_a_client_wants_recorded_and_counts_the_rest() {
    let collector = Collector::start().await;
    let telemetry = telemetry(Settings {
        sampling_ratio: 0.0,
        ..settings(collector.endpoint())
    });
    let talk = Conversation::begin(vec![installed("echo")], telemetry, Era::Modern).await;
    let client = &talk.client;
    let arguments = || json!({"text": "x"});
    client.call("echo__echo", arguments()).await.unwrap();
    client
        .call_with("echo__echo", arguments(), traced("00"))
        .await
        .unwrap();
    client
        .call_with("echo__echo", arguments(), traced("01"))
        .await
        .unwrap();
    talk.end().await;
    assert_eq!(collector.spans().len(), 2, "{:?}", collector.spans());
    collector.span("tools/call echo__echo");
    let operations = collector.histogram("mcp.server.operation.duration");
    let call = operations
        .iter()
        .find(|it| attribute(&it.attributes, "gen_ai.tool.name").is_some());
    assert_eq!(call.map(|it| it.count), Some(3));
}

/// Takes connections and says nothing, ever.
async fn black_hole() -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    (endpoint, task)
}

#[tokio::test]
async fn a_collector_that_never_answers_holds_up_no_call_and_no_farewell() {
    let (endpoint, hole) = black_hole().await;
    let telemetry = telemetry(settings(endpoint));
    let talk = Conversation::begin(vec![installed("echo")], telemetry, Era::Modern).await;
    // More than one export has, so the first one is under way while the others wait.
    for n in 0..300 {
        let text = n.to_string();
        talk.client
            .call("echo__echo", json!({"text": text}))
            .await
            .unwrap();
    }
    talk.end().await;
    hole.abort();
}

/// A configuration that exports to this collector, with a key.
fn configuration(endpoint: &str) -> String {
    format!(
        "[telemetry]\notlp_endpoint = \"{endpoint}\"\nservice_name = \"desk\"\n\
         [telemetry.headers.authorization]\nfile = \"key\"\nprefix = \"Bearer \"\n"
    )
}

/// A home with a secret in a file that is its owner's alone.
fn home_with_a_key() -> Home {
    use std::os::unix::fs::PermissionsExt;

    let home = Home::new();
    home.write("key", "hunter22\n");
    let owners = std::fs::Permissions::from_mode(0o600);
    std::fs::set_permissions(home.path().join("key"), owners).unwrap();
    home
}

#[tokio::test]
async fn the_program_exports_to_where_the_configuration_says_with_its_key() {
    let collector = Collector::start().await;
    let home = home_with_a_key();
    home.write("portcullis.toml", configuration(&collector.endpoint()));
    let mut command = home.command();
    command
        .arg("serve")
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-foreign=1");
    let client = spawn(command.into(), Era::Modern).await;
    let sum = json!({"a": 1, "b": 2});
    client.call("calculator__add", sum).await.unwrap();
    client.close().await;

    collector.span("tools/call calculator__add");
    let exports = collector.exports();
    let paths: BTreeSet<_> = exports.iter().map(|it| it.path.as_str()).collect();
    assert_eq!(paths, ["/v1/metrics", "/v1/traces"].into());
    for export in &exports {
        assert_eq!(export.headers["authorization"], "Bearer hunter22");
        assert_eq!(export.headers["content-type"], "application/x-protobuf");
        assert!(!export.headers.contains_key("x-foreign"));
    }
    assert!(!collector.was_told("hunter22"));
    let service = attribute(&collector.resources()[0].attributes, "service.name");
    assert_eq!(service.as_deref(), Some("desk"));
}

#[tokio::test]
async fn the_program_exports_nothing_without_a_key_of_the_configuration() {
    let collector = Collector::start().await;
    let home = Home::new();
    let mut command = home.command();
    // A variable for other programs is no wish of this operator.
    command
        .arg("serve")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint());
    let client = spawn(command.into(), Era::Modern).await;
    let sum = json!({"a": 1, "b": 2});
    client.call("calculator__add", sum).await.unwrap();
    client.close().await;
    assert!(collector.exports().is_empty());
}

/// Two exports fail at the end, of spans and of numbers; the operator is told once, and the key not at all.
#[test]
fn an_outage_is_told_once_and_costs_no_answer() {
    use std::io::Write;
    use std::process::{Command, Stdio};

    let home = home_with_a_key();
    // Nobody listens at a port that was just given back.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    home.write("portcullis.toml", configuration(&endpoint));
    let mut command: Command = home.command();
    let mut child = command
        .args(["-v", "serve"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    });
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "calculator__add", "arguments": {"a": 1, "b": 2}, "_meta": meta},
    });
    writeln!(child.stdin.take().unwrap(), "{request}").unwrap();
    let ended = crate::support::program::Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("\"id\":1"), "{ended:?}");
    let warned = ended.stderr.matches("telemetry cannot be exported").count();
    assert_eq!(warned, 1, "{}", ended.stderr);
    assert!(!ended.stderr.contains("hunter22"), "{}", ended.stderr);
}

#[tokio::test]
async fn a_request_to_the_client_is_a_span_below_the_one_it_is_made_for() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let ambient = TraceContext {
        traceparent: format!("00-{TRACE}-{PARENT}-01"),
        tracestate: None,
    };
    let incoming = |trace| Incoming {
        method: Some("tools/call"),
        transport: Transport::Http,
        id: Some("7".to_owned()),
        protocol_version: None,
        session: Some("s1"),
        http_version: Some("1.1"),
        trace,
        ambient: Some(&ambient),
    };
    let session = telemetry.session(Transport::Http);
    let mut operation = telemetry.operation(incoming(None)).unwrap();
    operation.about(Target::Tool("a__b".into()));
    let asked = operation.span().asking("elicitation/create").unwrap();
    asked.end(Outcome::Answered);
    operation.end(Outcome::Answered);
    // One with a trace of its own, and whose client went away.
    let own = TraceContext {
        traceparent: format!("00-{}-{}-01", "1".repeat(32), "2".repeat(16)),
        tracestate: None,
    };
    drop(telemetry.operation(incoming(Some(&own))));
    drop(session);
    telemetry.close().await;

    let call = collector.span("tools/call a__b");
    assert_eq!(hex(&call.parent_span_id), PARENT);
    for (key, value) in [
        ("mcp.session.id", "s1"),
        ("network.transport", "tcp"),
        ("network.protocol.name", "http"),
        ("network.protocol.version", "1.1"),
    ] {
        assert_eq!(said(&call, key).as_deref(), Some(value), "{key}");
    }
    let asked = collector.span("elicitation/create");
    assert_eq!(asked.kind(), SpanKind::Client);
    assert_eq!(asked.parent_span_id, call.span_id);
    assert_eq!(
        collector.histogram("mcp.client.operation.duration")[0].count,
        1
    );

    let gone = collector.span("tools/call");
    assert_eq!(hex(&gone.trace_id), "1".repeat(32));
    assert_eq!(hex(&gone.links[0].trace_id), TRACE);
    assert_eq!(said(&gone, "error.type").as_deref(), Some("cancelled"));
    let sessions = collector.histogram("mcp.server.session.duration");
    assert_eq!(sessions.iter().map(|it| it.count).sum::<u64>(), 1);
}

#[tokio::test]
async fn a_cancelled_call_is_told_as_one() {
    let collector = Collector::start().await;
    let telemetry = telemetry(settings(collector.endpoint()));
    let plugins = vec![installed("hangs_in_host_call")];
    let talk = Conversation::begin(plugins, telemetry, Era::Legacy).await;
    let name = "hangs_in_host_call__hangs_in_host_call";
    let call = CallToolRequestParams::new(name);
    let call = ClientRequest::CallToolRequest(Request::new(call));
    let options = PeerRequestOptions::no_options();
    let asked = talk.client.send_cancellable_request(call, options).await;
    asked.unwrap().cancel(None).await.unwrap();
    // The conversation ends when what is under way has ended.
    talk.end().await;
    let call = collector.span(&format!("tools/call {name}"));
    assert_eq!(said(&call, "error.type").as_deref(), Some("cancelled"));
    assert_eq!(said(&call, "rpc.response.status_code"), None);
}

#[test]
fn the_page_on_telemetry_shows_a_configuration_that_is_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/telemetry.md");
    let page = std::fs::read_to_string(page).unwrap();
    let shown = page.split("```toml\n").nth(1).unwrap();
    let shown = shown.split("```").next().unwrap();
    let config = Config::parse(shown, Path::new("portcullis.toml")).unwrap();
    let default = TelemetryConfig::default();
    assert_eq!(config.telemetry.service_name, default.service_name);
    assert_eq!(config.telemetry.sampling_ratio, default.sampling_ratio);
    assert_eq!(config.telemetry.propagate, default.propagate);
    assert!(config.telemetry.headers.contains_key("authorization"));
}
