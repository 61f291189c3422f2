//! Putting a plugin on the stage: everything its conditions speak of is made, in a folder of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use super::exchange::Line;
use super::notebook::Notebook;
use super::scene::{Company, Scene};
use super::stage::Stage;
use super::{Conditions, Meanwhile, PretendedSecret, Reach, TrialError};
use crate::config::{Config, HostConfig, PluginConfig, Start};
use crate::contract::{ClientCapabilities, ClientInfo, Context, TASKS_EXTENSION};
use crate::host::{Host, Installed, Premises, install_source};
use crate::manifest::Source;
use crate::network::{Gate, Network};
use crate::permissions::{Approved, Policy};
use crate::runtime::{Dice, Engine, Pretended};
use crate::secrets::{Given, Reference, Secrets, Source as SecretSource};
use crate::storage::{KeyValue, State};

/// The MCP revision the pretended client speaks: the newest one, in which a call can ask.
const PROTOCOL_VERSION: &str = "2026-07-28";

/// Sets the stage.
///
/// # Errors
/// When the plugin does not load or start, or the conditions cannot be had.
pub(super) async fn set(
    engine: &Engine,
    source: Source,
    conditions: &Conditions,
) -> Result<Stage, TrialError> {
    let folder = tempfile::Builder::new()
        .prefix("portcullis-trial-")
        .tempdir()
        .map_err(|error| cannot("make a temporary folder", &error))?;
    let secrets = given(&conditions.secrets);
    let installed = install(source, conditions, secrets.clone())?;
    let plugin = installed.identity.name.clone();

    let read =
        Secrets::read(&secrets).map_err(|error| TrialError::Conditions(error.to_string()))?;
    let company = company(conditions, &installed, &read)?;
    let scene = Arc::new(Scene::new(company, read.redactor()));
    let notebook = Arc::new(Notebook::default());
    let dice = conditions.seed.map(|seed| Arc::new(Dice::new(seed)));

    let state_dir = folder.path().join("state");
    let key_value = key_value(&state_dir, &installed, conditions).await?;
    let premises = Premises::new(
        engine.clone(),
        Network::scripted(scene.clone()),
        Some(state_dir),
        Vec::new(),
    )
    .pretending(Pretended {
        now: conditions.now,
        dice: dice.clone(),
    })
    .with_witness(notebook.clone());
    let host = Host::start(premises, vec![Ok(installed)]);
    let stage = Stage {
        plugin,
        notebook,
        scene,
        dice,
        context: context(conditions),
        answers: conditions.answers.clone(),
        key_value,
        started: Meanwhile::default(),
        one_at_a_time: tokio::sync::Mutex::default(),
        _folder: folder,
        host,
    };
    stage.begin().await
}

impl Stage {
    /// Waits until the plugin is in service, and has been told so.
    async fn begin(mut self) -> Result<Self, TrialError> {
        let ready = self.host.ready(&self.plugin).await;
        self.started = self.take_meanwhile();
        match ready {
            Ok(()) => Ok(self),
            Err(reason) => {
                // What it asked for in vain may be all there is to know.
                let unmatched = self.started.unmatched.iter().map(String::as_str);
                let sentences: Vec<_> = std::iter::once(reason.as_str()).chain(unmatched).collect();
                Err(TrialError::DoesNotStart {
                    reason: sentences.join("; "),
                    meanwhile: Box::new(self.started),
                })
            }
        }
    }
}

/// What an operator would write for it.
fn install(
    source: Source,
    conditions: &Conditions,
    secrets: BTreeMap<String, Reference>,
) -> Result<Installed, TrialError> {
    let settings = PluginConfig {
        start: Start::Eager,
        approved: Approved::Digest(source.identity.digest),
        grants: conditions.allow.clone(),
        withheld: conditions.withhold.clone(),
        directories: conditions.directories.clone(),
        environment: conditions.environment.clone(),
        config: (!conditions.config.is_empty()).then(|| Value::Object(conditions.config.clone())),
        secrets,
        limits: conditions.limits.clone(),
        ..PluginConfig::default()
    };
    let config = Config {
        host: HostConfig {
            shipped: false,
            ..HostConfig::default()
        },
        policy: Policy {
            words: conditions.allow.clone(),
            ..Policy::default()
        },
        plugins: vec![(source.identity.name.clone(), settings)],
        ..Config::default()
    };
    let origin = source.path.display().to_string();
    let mut installed = install_source(&config, &source, &origin)
        .map_err(|broken| TrialError::Conditions(broken.reason))?;
    // A test that looks at failures is not to be kept waiting after some of them.
    installed.limits.failures_in_a_row = u64::MAX;
    Ok(installed)
}

/// The secrets, so that they go the way of all secrets. They touch no disk: who breaks off a run would leave them there, and
/// while a run is recorded they may be true ones.
fn given(secrets: &BTreeMap<String, PretendedSecret>) -> BTreeMap<String, Reference> {
    let reference = |secret: &PretendedSecret| Reference {
        source: SecretSource::Given(Given::new(&secret.value)),
        binding: secret.binding.clone(),
    };
    let named = secrets.iter();
    named
        .map(|(name, secret)| (name.clone(), reference(secret)))
        .collect()
}

fn company(
    conditions: &Conditions,
    installed: &Installed,
    secrets: &Secrets,
) -> Result<Company, TrialError> {
    let exchanges = match &conditions.reach {
        Reach::Nobody => &[],
        Reach::Script(exchanges) => &exchanges[..],
        Reach::Recorded => {
            if let Some(name) = secrets.too_short_to_redact().next() {
                return Err(TrialError::Conditions(format!(
                    "secret `{name}` is too short to be left out of a recording (hint: use a longer one)"
                )));
            }
            let keys = installed.keys.clone();
            let gate = Gate::new(Network::default(), keys, &installed.limits, None);
            return Ok(Company::True(gate));
        }
    };
    let numbered = (1..).zip(exchanges);
    let lines: Result<_, _> = numbered.map(|(n, it)| Line::read(it, n)).collect();
    Ok(Company::Script(Mutex::new(lines?)))
}

/// Its store, with what it holds in the beginning.
async fn key_value(
    state_dir: &Path,
    installed: &Installed,
    conditions: &Conditions,
) -> Result<KeyValue, TrialError> {
    let state = State::open(state_dir).map_err(|error| cannot("keep anything", &error))?;
    let dir = state.plugin_dir(&installed.identity.name);
    let dir = dir.map_err(|error| cannot("keep anything", &error))?;
    let store = KeyValue::new(&dir, &installed.limits);
    for (key, value) in &conditions.key_value {
        let kept = store.set(key.clone(), value.to_vec()).await;
        kept.map_err(|error| {
            TrialError::Conditions(format!("value `{key}` cannot be kept: {error}"))
        })?;
    }
    Ok(store)
}

/// A client that can do everything, unless the conditions say what it can.
fn context(conditions: &Conditions) -> Context {
    let everything = || ClientCapabilities {
        elicitation_form: true,
        elicitation_url: true,
        sampling: true,
        sampling_tools: true,
        roots: true,
        tasks: true,
        extensions: vec![(TASKS_EXTENSION.to_owned(), Map::new())],
    };
    Context {
        protocol_version: PROTOCOL_VERSION.to_owned(),
        client: Some(ClientInfo {
            name: "portcullis-trial".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }),
        capabilities: conditions.capabilities.clone().unwrap_or_else(everything),
        principal: conditions.principal.clone(),
        ..Context::default()
    }
}

fn cannot(what: &str, error: &dyn std::fmt::Display) -> TrialError {
    TrialError::Conditions(format!(
        "cannot {what}: {error} (hint: is there room in the temporary folder?)"
    ))
}
