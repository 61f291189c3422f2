//! Hosts with test guests, in this process.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use portcullis::config::{PluginConfig, Start};
use portcullis::contract::{Content, JsonObject, Outcome, ToolOutcome, ToolResult};
use portcullis::host::{Broken, Call, CallError, Host, Installed, Reply, Retry, State, ToolReply};
use portcullis::limits::Limits;
use portcullis::manifest::Manifest;
use portcullis::names::{Digest, Identity, PluginName, Prefix};
use portcullis::permissions::{Approved, Grant, Keys, Policy, Request, Words};
use portcullis::runtime::{Compiler, Engine};
use portcullis::storage::Cache;
use portcullis_fixtures::guest;
use serde_json::Value;

/// How long a test waits for what must come. It is met only by a test that fails.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// The engine of all tests. Its cache outlives the run, so a guest is compiled once for each change of it.
pub fn engine() -> Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let start = || Engine::new(Compiler::InProcess, Some(cache())).expect("the engine starts");
    ENGINE.get_or_init(start).clone()
}

/// The cache of all tests.
pub fn cache() -> Cache {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    Cache::open(&dir).expect("the tests have a cache")
}

/// Limits in which fuel runs out long before time does, however busy the machine is. Every honest guest keeps them. A guest
/// may fail often, since the tests share a cache and a quarantine is kept there.
pub fn limits() -> Limits {
    Limits {
        call_ms: 60_000,
        start_ms: 60_000,
        fuel: 500_000_000,
        failures_in_a_row: Limits::ceiling().failures_in_a_row,
        ..Limits::default()
    }
}

/// A test guest as a plugin named for it, with hyphens.
pub fn installed(name: &str) -> Installed {
    let component = guest(name);
    let name = PluginName::from_file_stem(name).expect("guests have good names");
    let identity = Identity {
        name: name.clone(),
        digest: Digest::of(component),
    };
    Installed {
        manifest: Manifest::minimal(name.clone()),
        skills: Vec::new(),
        component: component.into(),
        origin: format!("tests/guests/{name}"),
        limits: limits(),
        prefix: Prefix::of(&name),
        start: Start::Lazy,
        keys: Arc::new(Keys::none(identity.clone())),
        settings: PluginConfig::default(),
        is_watched: false,
        identity,
    }
}

/// The same with the three keys of its permissions; the grant is for it.
pub fn keyed(name: &str, policy: Policy, grant: Grant, request: Words) -> Installed {
    let installed = installed(name);
    let grant = Grant {
        approved: Approved::Digest(installed.identity.digest),
        ..grant
    };
    let keys = Keys::new(installed.identity.clone(), policy, grant, request);
    Installed {
        keys: Arc::new(keys),
        ..installed
    }
}

/// The same with other limits.
pub fn limited(name: &str, limits: Limits) -> Installed {
    Installed {
        limits,
        ..installed(name)
    }
}

/// Keys in which the operator, the user and the plugin say these words; the grant is for this component.
pub fn keys(identity: Identity, policy: Words, grant: Words, request: Request) -> Keys {
    let policy = Policy {
        words: policy,
        ..Policy::default()
    };
    let grant = Grant {
        approved: Approved::Digest(identity.digest),
        words: grant,
        ..Grant::default()
    };
    Keys::new(identity, policy, grant, request)
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
    let answer = host.call_tool(tool, object(arguments), Retry::default(), with);
    tokio::time::timeout(PATIENCE, answer)
        .await
        .expect("there is an answer in time")
        .map(|reply| match completed(reply) {
            ToolReply::Result(result) => result,
            task @ ToolReply::Task(_) => panic!("{task:?} is no answer"),
        })
}

/// What a call gave that asked nothing.
pub fn completed<T: std::fmt::Debug>(reply: Reply<T>) -> T {
    match reply {
        Reply::Complete(value) => value,
        asked => panic!("{asked:?} is a question"),
    }
}

/// The answer of a tool that asked nothing and began no task, before the host gave it to a client.
pub fn result_of(outcome: Outcome<ToolOutcome>) -> ToolResult {
    match outcome {
        Outcome::Complete(ToolOutcome::Result(result)) => result,
        other => panic!("{other:?} is not an answer"),
    }
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
        State::Active | State::Quarantined(_) => None,
        State::Loading => panic!("`{name}` is still being loaded"),
    }
}
