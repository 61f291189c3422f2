//! What every subcommand begins with: the configuration, the engine, the plugins.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::Common;
use super::exit::Problem;
use super::shipped::SHIPPED;
use crate::config::Config;
use crate::host::{Broken, Host, Installed, State, install};
use crate::runtime::{Compiler, Engine};
use crate::storage::Cache;

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

/// The engine, with a cache when one can be had.
pub fn engine(config: &Config) -> Result<Engine, Problem> {
    let dir = config.host.cache.clone().or_else(default_cache_dir);
    let cache = dir.and_then(|dir| open_cache(&dir));
    let program = std::env::current_exe().map_err(|error| {
        Problem::failure(format!(
            "this program cannot find itself, to compile with: {error}"
        ))
    })?;
    let compiler = Compiler::Child {
        program,
        argument: COMPILE_ARGUMENT,
    };
    Engine::new(compiler, cache)
        .map_err(|error| Problem::failure(format!("the engine does not start: {error:#}")))
}

/// A running host with all of it.
pub fn host(common: &Common) -> Result<Host, Problem> {
    let config = config(common)?;
    let plugins = plugins(&config, common);
    let host = Host::start(engine(&config)?, plugins);
    explain_a_slow_start(host.clone());
    Ok(host)
}

/// Tells a person who waits that plugins are being compiled, which happens once.
fn explain_a_slow_start(host: Host) {
    /// Longer than a start with a warm cache, shorter than a person's patience.
    const UNEXPLAINED: Duration = Duration::from_secs(1);
    if std::io::stderr().is_terminal() {
        tokio::spawn(async move {
            if tokio::time::timeout(UNEXPLAINED, host.settled())
                .await
                .is_err()
            {
                eprintln!("compiling plugins, which happens once …");
            }
        });
    }
}

/// Tells the operator which plugins are out of service, and why. The others are served all the same.
pub fn warn_of_failures(host: &Host) {
    for status in host.statuses() {
        if let State::Failed(reason) = status.state {
            eprintln!(
                "warning: plugin `{}` from {} is out of service: {reason}",
                status.name, status.origin
            );
        }
    }
}

fn open_cache(dir: &Path) -> Option<Cache> {
    Cache::open(dir)
        .inspect_err(|error| eprintln!("warning: {error}; every start compiles anew"))
        .ok()
}

/// The platform's place for what can be made again.
fn default_cache_dir() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("portcullis"))
}
