//! How a plugin comes to life: its code, what it is given, its own word that it is ready.
//!
//! The switchboard and `validate` both go this way, so that what is fit for one is fit for the other.

use std::sync::Arc;

use super::install::Installed;
use super::powers::powers;
use super::premises::Premises;
use super::settings::{self, Settings};
use super::witness::Watching;
use crate::permissions::Denial;
use crate::runtime::{Asks, Code, Failure, LoadError, Plugin, PluginLog};

/// Why a plugin whose code is ready does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operator's settings do not fit, or one that is needed is missing.
    #[error("{0}")]
    Settings(String),
    /// What it is granted cannot be had.
    #[error("{0}")]
    Powers(String),
    /// It does not activate.
    #[error("{failure}")]
    Activate {
        /// What happened.
        failure: Failure,
        /// What it was refused on the way.
        denials: Vec<Denial>,
    },
}

/// Makes a plugin's code ready, from the cache or by compiling it. Nothing of it runs.
///
/// # Errors
/// When it is not there any more, does not compile, or does not fit the contract.
pub async fn load(installed: &Installed, premises: &Premises) -> Result<Code, LoadError> {
    let asks = Asks {
        network: installed.is_watched || !installed.keys.request().network.is_empty(),
    };
    let digest = installed.identity.digest;
    premises
        .engine()
        .load(digest, asks, || installed.component.read(digest))
        .await
}

/// Gives a plugin what the operator has for it, and tells it that its service begins.
///
/// # Errors
/// When it cannot be given what it should have, or does not activate.
pub async fn start(
    installed: &Installed,
    code: Code,
    premises: &Premises,
) -> Result<Plugin, StartError> {
    let settings =
        settings::settle(&installed.manifest, &installed.settings).map_err(StartError::Settings)?;
    start_with(installed, code, settings, log(installed), premises).await
}

/// The same with settings that fit, and a log that somebody reads.
pub(super) async fn start_with(
    installed: &Installed,
    code: Code,
    settings: Settings,
    log: Arc<PluginLog>,
    premises: &Premises,
) -> Result<Plugin, StartError> {
    let powers = powers(installed, settings, premises)
        .await
        .map_err(StartError::Powers)?;
    let plugin = Plugin::new(
        installed.identity.name.clone(),
        premises.engine().clone(),
        code,
        installed.limits.clone(),
        powers,
        log,
    );
    let (watching, call) = Watching::begin_quietly(premises, "activate", &installed.identity.name);
    match Watching::end_quietly(watching, plugin.activate(call).await) {
        Ok(()) => Ok(plugin),
        Err(failure) => Err(StartError::Activate {
            failure,
            denials: plugin.denials(),
        }),
    }
}

/// A log for what a plugin prints and logs.
pub(super) fn log(installed: &Installed) -> Arc<PluginLog> {
    let log = PluginLog::new(installed.identity.name.clone(), installed.limits.log_bytes);
    Arc::new(log.at_most(installed.limits.log_lines_per_second))
}
