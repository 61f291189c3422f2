//! What a host stands on: where plugins run, how they reach the network, and where they keep things.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::Witness;
use crate::network::Network;
use crate::runtime::{Engine, Pretended};
use crate::storage::{Seal, State};
use crate::telemetry::Telemetry;

/// What a host stands on. Cheap to clone.
#[derive(Clone)]
pub struct Premises {
    parts: Arc<Inner>,
    telemetry: Telemetry,
    around: Around,
}

/// What only those who develop or try a plugin put around a host. Nothing an operator writes leads here.
#[derive(Clone, Default)]
struct Around {
    witness: Option<Arc<dyn Witness>>,
    pretended: Option<Pretended>,
}

struct Inner {
    engine: Engine,
    network: Network,
    state_dir: Option<PathBuf>,
    /// Opened for the first plugin that keeps something; a host without one makes no folder.
    state: OnceLock<Result<State, String>>,
    /// Made for the first call that asks a question.
    seal: OnceLock<Result<Seal, String>>,
    own_files: Vec<PathBuf>,
}

impl Premises {
    /// Puts the parts together. `state_dir` is the folder for what plugins keep, and `own_files` are the files and folders of
    /// the host that no plugin may ever be shown.
    pub fn new(
        engine: Engine,
        network: Network,
        state_dir: Option<PathBuf>,
        own_files: Vec<PathBuf>,
    ) -> Self {
        let inner = Inner {
            engine,
            network,
            state_dir,
            state: OnceLock::new(),
            seal: OnceLock::new(),
            own_files,
        };
        Self {
            parts: Arc::new(inner),
            telemetry: Telemetry::default(),
            around: Around::default(),
        }
    }

    /// The same, watched. Nothing watches a host that is not told to.
    #[must_use]
    pub fn with_telemetry(self, telemetry: Telemetry) -> Self {
        Self { telemetry, ..self }
    }

    /// The same, with somebody who sees every call.
    #[must_use]
    pub fn with_witness(mut self, witness: Arc<dyn Witness>) -> Self {
        self.around.witness = Some(witness);
        self
    }

    /// The same, with a time and a randomness that are pretended, and without the environment of this machine: its plugins
    /// see those variables alone that they were given.
    #[must_use]
    pub fn pretending(mut self, pretended: Pretended) -> Self {
        self.around.pretended = Some(pretended);
        self
    }

    /// Who sees every call.
    pub(super) fn witness(&self) -> Option<&Arc<dyn Witness>> {
        self.around.witness.as_ref()
    }

    /// What is pretended; nothing outside a trial.
    pub(super) fn pretended(&self) -> Option<&Pretended> {
        self.around.pretended.as_ref()
    }

    pub(super) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.parts.engine
    }

    pub(super) fn network(&self) -> &Network {
        &self.parts.network
    }

    /// The folder for what plugins keep, which may not be there yet.
    pub(super) fn state_dir(&self) -> Option<&Path> {
        self.parts.state_dir.as_deref()
    }

    pub(super) fn own_files(&self) -> &[PathBuf] {
        &self.parts.own_files
    }

    /// What plugins keep.
    ///
    /// # Errors
    /// When there is no folder for it, or it cannot be used. That stays so until the host is started again.
    pub(super) fn state(&self) -> Result<&State, String> {
        let open = || {
            let dir = self.parts.state_dir.as_deref();
            let dir = dir.ok_or(
                "there is no folder for what plugins keep (hint: set `state` under `[host]`)",
            )?;
            State::open(dir).map_err(|error| error.to_string())
        };
        let state = self.parts.state.get_or_init(open).as_ref();
        state.map_err(Clone::clone)
    }

    /// The seal of what leaves the host between two rounds of a call. Without a folder for what plugins keep it is of this
    /// process alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn seal(&self) -> Result<&Seal, String> {
        let make = || {
            let seal = match self.state() {
                Ok(state) => Seal::of(state).map_err(|error| error.to_string()),
                Err(reason) => Err(reason),
            };
            seal.or_else(|reason| {
                tracing::warn!(%reason, "a call that asks a question cannot go on after a restart");
                Seal::ephemeral().map_err(|error| error.to_string())
            })
        };
        self.parts
            .seal
            .get_or_init(make)
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// An engine alone: the system's way to the network, and no place to keep anything.
impl From<Engine> for Premises {
    fn from(engine: Engine) -> Self {
        Self::new(engine, Network::default(), None, Vec::new())
    }
}
