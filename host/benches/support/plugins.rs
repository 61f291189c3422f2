//! A runtime, an engine and plugins as the program has them.

use std::path::Path;
use std::sync::Arc;

use portcullis::config::{PluginConfig, Start};
use portcullis::host::Installed;
use portcullis::limits::Limits;
use portcullis::manifest::Manifest;
use portcullis::names::{Digest, Identity, PluginName, Prefix};
use portcullis::permissions::Keys;
use portcullis::runtime::{Compiler, Engine};
use portcullis::storage::Cache;
use portcullis_fixtures::guest;
use tokio::runtime::{Builder, Runtime};

/// A runtime like the program's.
pub fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .enable_all()
        .event_interval(1)
        .global_queue_interval(1)
        .build()
        .expect("the runtime starts")
}

/// An engine whose cache is kept between runs.
pub fn engine() -> Engine {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    let cache = Cache::open(&dir).expect("there is room for a cache");
    Engine::new(Compiler::InProcess, Some(cache)).expect("the engine starts")
}

/// A test guest as a plugin named for it.
pub fn installed(name: &str, limits: Limits) -> Installed {
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
        origin: name.to_string(),
        limits,
        prefix: Prefix::of(&name),
        start: Start::Lazy,
        keys: Arc::new(Keys::none(identity.clone())),
        settings: PluginConfig::default(),
        is_watched: false,
        identity,
    }
}
