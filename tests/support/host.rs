//! Hosts with test guests, in this process.

use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use portcullis::config::Start;
use portcullis::contract::{Content, JsonObject, ToolResult};
use portcullis::host::{Broken, Call, CallError, Host, Installed, State};
use portcullis::limits::Limits;
use portcullis::manifest::Manifest;
use portcullis::names::{Digest, Identity, PluginName, Prefix};
use portcullis::runtime::{Compiler, Engine};
use portcullis::storage::Cache;
use portcullis_fixtures::guest;
use serde_json::Value;

/// How long a test waits for what must come. It is met only by a test that fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The engine of all tests. Its cache outlives the run, so a guest is compiled once for each change of it.
pub fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let start = || {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        let cache = Cache::open(&dir).expect("the tests have a cache");
        Engine::new(Compiler::InProcess, Some(cache)).expect("the engine starts")
    };
    ENGINE.get_or_init(start).clone()
}

/// Limits in which fuel runs out long before time does, however busy the machine is. Every honest guest keeps them.
pub fn limits() -> Limits {
    Limits {
        call_ms: 60_000,
        start_ms: 60_000,
        fuel: 500_000_000,
        ..Limits::default()
    }
}

/// A test guest as a plugin named for it, with hyphens.
pub fn installed(name: &str) -> Installed {
    let component = guest(name);
    let name = PluginName::from_file_stem(name).expect("guests have good names");
    Installed {
        identity: Identity {
            name: name.clone(),
            digest: Digest::of(component),
        },
        manifest: Manifest::minimal(name.clone()),
        component: component.into(),
        origin: format!("tests/guests/{name}"),
        limits: limits(),
        prefix: Prefix::of(&name),
        start: Start::Lazy,
    }
}

/// The same with other limits.
pub fn limited(name: &str, limits: Limits) -> Installed {
    Installed {
        limits,
        ..installed(name)
    }
}

/// A host with these plugins.
pub fn host_of(plugins: impl IntoIterator<Item = Installed>) -> Host {
    Host::start(engine(), plugins.into_iter().map(Ok::<_, Broken>).collect())
}

/// A host with these guests.
pub fn host(guests: &[&str]) -> Host {
    host_of(guests.iter().map(|name| installed(name)))
}

/// Calls a tool as a client that can do nothing in particular.
pub async fn call(host: &Host, tool: &str, arguments: Value) -> Result<ToolResult, CallError> {
    call_with(host, tool, arguments, Call::default()).await
}

/// Calls a tool.
pub async fn call_with(
    host: &Host,
    tool: &str,
    arguments: Value,
    with: Call,
) -> Result<ToolResult, CallError> {
    let answer = host.call_tool(tool, object(arguments), with);
    tokio::time::timeout(PATIENCE, answer)
        .await
        .expect("there is an answer in time")
}

/// A JSON object.
pub fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => panic!("{value} is not an object"),
    }
}

/// The text of an answer that has one text block.
pub fn text(answer: &ToolResult) -> &str {
    match &answer.content[..] {
        [Content::Text { text, .. }] => text,
        other => panic!("{other:?} is not one text block"),
    }
}

/// Why a plugin is out of service, or nothing when it is in service.
pub async fn failure(host: &Host, name: &str) -> Option<String> {
    host.settled().await;
    let status = host
        .statuses()
        .into_iter()
        .find(|status| status.name == name)
        .expect("the plugin is installed");
    match status.state {
        State::Failed(reason) => Some(reason),
        State::Active => None,
        State::Loading => panic!("`{name}` is still being loaded"),
    }
}
