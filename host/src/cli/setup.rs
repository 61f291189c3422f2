//! What every subcommand begins with: the configuration, the engine, the plugins.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::args::Common;
use super::exit::Problem;
use super::shipped::SHIPPED;
use super::{progress, render, style};
use crate::config::{Config, TelemetryConfig};
use crate::host::{Broken, Host, Installed, Premises, State, install, install_one};
use crate::network::{Network, Roots, Trust};
use crate::runtime::{Compiler, Engine};
use crate::secrets::Secrets;
use crate::storage::Cache;
use crate::telemetry::{Settings, Telemetry};

/// The host's own folder in each of the platform's.
const FOLDER: &str = "portcullis";

/// Makes this program the child that compiles. Not a subcommand: nobody should call it by hand.
pub const COMPILE_ARGUMENT: &str = "compile-from-stdin";

/// The configuration the command line points to.
pub fn config(common: &Common) -> Result<Config, Problem> {
    let here = std::env::current_dir().map_err(|error| {
        Problem::failure(format!("the current directory cannot be used: {error}"))
    })?;
    Config::find(common.config.as_deref(), &here)
        .map_err(|error| Problem::broken(error.to_string()))
}

/// Every plugin there is, and those that should be there and cannot be read.
pub fn plugins(config: &Config, common: &Common) -> Vec<Result<Installed, Broken>> {
    install(config, &common.plugins, &SHIPPED)
}

/// A plugin by its path, or by its name among those installed. A path that is there wins.
pub fn find(config: &Config, common: &Common, wanted: &str) -> Result<Installed, Problem> {
    let is_path = Path::new(wanted).exists()
        || wanted.contains(std::path::MAIN_SEPARATOR)
        || wanted.ends_with(".wasm");
    let found = if is_path {
        install_one(config, Path::new(wanted))
    } else {
        plugins(config, common)
            .into_iter()
            .find(|plugin| match plugin {
                Ok(installed) => installed.identity.name.as_str() == wanted,
                Err(broken) => broken.name.as_ref().is_some_and(|name| name.as_str() == wanted),
            })
            .ok_or_else(|| {
                Problem::broken(format!(
                    "there is no plugin `{wanted}` (hint: `portcullis list` shows them; a path ends in `.wasm` or holds a `/`)"
                ))
            })?
    };
    found.map_err(|broken| {
        Problem::broken(format!(
            "failed to read plugin from {}: {}",
            broken.origin, broken.reason
        ))
    })
}

/// The engine, with a cache when one can be had.
pub fn engine(config: &Config) -> Result<Engine, Problem> {
    let cache = cache_dir(config).and_then(|dir| open_cache(&dir));
    let program = std::env::current_exe().map_err(|error| {
        Problem::failure(format!(
            "this program cannot find itself, to compile with: {error}"
        ))
    })?;
    let compiler = Compiler::Child {
        program,
        argument: COMPILE_ARGUMENT,
    };
    Engine::with_memory_bytes(compiler, cache, config.host.memory_bytes)
        .map_err(|error| Problem::failure(format!("the engine does not start: {error:#}")))
}

/// What a host stands on, as the configuration has it.
pub fn premises(config: &Config) -> Result<Premises, Problem> {
    let network = network(config);
    let state = state_dir(config);
    let own_files = [config.origin.clone(), cache_dir(config), state.clone()];
    let own_files = own_files.into_iter().flatten().collect();
    Ok(Premises::new(engine(config)?, network, state, own_files))
}

/// The way out, as the configuration has it.
pub fn network(config: &Config) -> Network {
    Network::new(Trust {
        roots: match config.network.bundled_roots {
            true => Roots::Bundled,
            false => Roots::System,
        },
        ca_file: config.network.ca_file.clone(),
    })
}

/// Who watches the host, as the configuration has it. A host that cannot export serves all the same.
fn telemetry(config: &Config) -> Telemetry {
    let wished = &config.telemetry;
    let on = export_settings(wished).and_then(|settings| match settings {
        None => Ok(Telemetry::default()),
        Some(settings) => {
            Telemetry::start(settings, network(config)).map_err(|error| error.to_string())
        }
    });
    let telemetry = on.unwrap_or_else(|reason| {
        warn(&format!("no telemetry: {reason}"));
        Telemetry::default()
    });
    telemetry.propagating(wished.propagate)
}

/// What to export with; nothing when nothing is to be exported.
fn export_settings(wished: &TelemetryConfig) -> Result<Option<Settings>, String> {
    let Some(endpoint) = wished.otlp_endpoint.clone() else {
        return Ok(None);
    };
    let references = wished.headers.iter();
    let references = references.map(|(name, header)| (name.clone(), header.secret.clone()));
    let secrets = Secrets::read(&references.collect()).map_err(|error| error.to_string())?;
    let mut headers = HeaderMap::new();
    for (name, secret) in secrets.readable() {
        let prefix = wished.headers.get(name).map_or("", |header| &header.prefix);
        let unfit = || format!("secret `{name}` cannot stand in a header (hint: it has one line)");
        let mut value =
            HeaderValue::from_str(&format!("{prefix}{}", secret.expose())).map_err(|_| unfit())?;
        value.set_sensitive(true);
        headers.insert(name.parse::<HeaderName>().map_err(|_| unfit())?, value);
    }
    Ok(Some(Settings {
        endpoint,
        headers,
        service_name: wished.service_name.clone(),
        sampling_ratio: wished.sampling_ratio,
    }))
}

/// A running host with all of it.
pub fn host(common: &Common) -> Result<Host, Problem> {
    let config = config(common)?;
    started(&config, common, Telemetry::default())
}

/// The same for clients, who are watched when the configuration says so.
pub fn watched_host(common: &Common) -> Result<Host, Problem> {
    let config = config(common)?;
    started(&config, common, telemetry(&config))
}

fn started(config: &Config, common: &Common, telemetry: Telemetry) -> Result<Host, Problem> {
    let plugins = plugins(config, common);
    let host = Host::start(premises(config)?.with_telemetry(telemetry), plugins);
    progress::explain_a_slow_start(host.clone());
    Ok(host)
}

/// Tells the operator which plugins are out of service, and why. The others are served all the same.
pub fn warn_of_failures(host: &Host) {
    for status in host.statuses() {
        if let State::Failed(reason) = status.state {
            warn(&format!(
                "plugin `{}` from {} is out of service: {reason}",
                status.name, status.origin
            ));
        }
    }
}

/// Says on standard error what somebody will be sorry for.
pub fn warn(words: &str) {
    let warning = style::paint(style::WARNING, "warning:");
    progress::aside(|| anstream::eprintln!("{warning} {}", render::harmless(words)));
}

fn open_cache(dir: &Path) -> Option<Cache> {
    Cache::open(dir)
        .inspect_err(|error| warn(&format!("{error}; every start compiles anew")))
        .ok()
}

/// The folder for what can be made again: the operator's, or the platform's.
pub fn cache_dir(config: &Config) -> Option<PathBuf> {
    let platform = || {
        Some(
            etcetera::choose_base_strategy()
                .ok()?
                .cache_dir()
                .join(FOLDER),
        )
    };
    config.host.cache.clone().or_else(platform)
}

/// The folder for what plugins keep: the operator's, or the platform's.
pub fn state_dir(config: &Config) -> Option<PathBuf> {
    let platform = || {
        Some(
            etcetera::choose_base_strategy()
                .ok()?
                .data_dir()
                .join(FOLDER),
        )
    };
    config.host.state.clone().or_else(platform)
}
