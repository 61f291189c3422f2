//! What the host tells a collector of OpenTelemetry: which requests came, what they cost, and how they hang together.
//!
//! Without an endpoint in the configuration nothing here is built, nothing is sent, and a request pays for one question
//! whether to watch it. What is said is counted out in this room: names of methods, tools, prompts and plugins, codes,
//! numbers. Arguments, answers and a plugin's words never come in here, so no setting can let them out.
//!
//! A name that a client made up is no name here: it would become a series of its own in somebody's database.

mod attributes;
mod export;
mod operation;
mod session;
mod settings;
mod span;
mod visit;
mod watch;

use std::sync::Arc;

use crate::network::Network;

pub use attributes::Transport;
pub use operation::{Incoming, Operation, Outcome, Target};
pub use session::Session;
pub use settings::Settings;
pub use span::Span;
pub use visit::{Spent, Visit};

use watch::Watch;

/// Whether the host is watched, and by whom. Cheap to clone; the default watches nothing.
#[derive(Clone, Debug, Default)]
pub struct Telemetry {
    watch: Option<Arc<Watch>>,
    keeps_traces_in: bool,
}

/// Why telemetry cannot begin.
#[derive(Debug, thiserror::Error)]
#[error("nothing is exported to `{endpoint}`: {reason}")]
pub struct StartError {
    endpoint: String,
    reason: String,
}

impl Telemetry {
    /// Begins to export. It needs a runtime to send from, and starts two threads of its own.
    ///
    /// # Errors
    /// When the exporter cannot be built. Whether anybody listens at the endpoint is not asked.
    pub fn start(settings: Settings, network: Network) -> Result<Self, StartError> {
        let endpoint = settings.endpoint.clone();
        let watch = Watch::start(settings, network);
        let watch = watch.map_err(|reason| StartError { endpoint, reason })?;
        Ok(Self {
            watch: Some(Arc::new(watch)),
            keeps_traces_in: false,
        })
    }

    /// The same, and whether a plugin's requests carry the trace they belong to.
    #[must_use]
    pub fn propagating(self, propagates: bool) -> Self {
        Self {
            keeps_traces_in: !propagates,
            ..self
        }
    }

    /// Whether a plugin's requests carry the trace they belong to: yes, unless the operator says no.
    pub fn propagates(&self) -> bool {
        !self.keeps_traces_in
    }

    /// Whether anything is watched.
    pub fn is_on(&self) -> bool {
        self.watch.is_some()
    }

    /// Begins to watch a request of a client; nothing when nothing is watched.
    pub fn operation(&self, incoming: Incoming<'_>) -> Option<Operation> {
        let watch = self.watch.as_ref()?;
        Some(Operation::begin(watch.clone(), incoming))
    }

    /// Begins to watch a connection; nothing when nothing is watched.
    pub fn session(&self, transport: Transport) -> Option<Session> {
        let watch = self.watch.as_ref()?;
        Some(Session::begin(watch.clone(), transport))
    }

    /// Sends what is left, and waits for it a moment. Afterwards nothing is exported any more.
    pub async fn close(&self) {
        if let Some(watch) = &self.watch {
            watch.close().await;
        }
    }
}
