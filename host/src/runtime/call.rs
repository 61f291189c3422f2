//! What comes with a call, and what comes back beside the answer.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::trail::Trail;
use super::usage::Usage;
use crate::contract::{Context, Event, ListKind, LogLevel};
use crate::telemetry::Span;

/// What comes with a call, whatever is called.
#[derive(Debug, Clone, Default)]
pub struct Call {
    /// What the plugin is told about it.
    pub context: Context,
    /// Where progress and log lines go. The guest waits while it is full.
    pub events: Option<mpsc::Sender<Event>>,
    /// The least level of log lines that become events; none: no line does.
    pub log_level: Option<LogLevel>,
    /// What the call is a part of, for whoever watches the host; nothing when nobody does.
    pub span: Span,
    /// Cancelled when nobody waits for the answer any more.
    pub cancelled: CancellationToken,
    /// Filled with what the call used when it is over, however it ended; not when no plugin was reached.
    pub usage: Option<Arc<OnceLock<Usage>>>,
    /// Where everything is noted that the call does; nothing is noted without one.
    pub trail: Option<Arc<Trail>>,
}

/// What a plugin said, and what else it did meanwhile.
#[derive(Debug)]
pub struct Answer<T> {
    /// What it said.
    pub value: T,
    /// What clients may have kept and is out of date.
    pub notices: Notices,
    /// What it used for it.
    pub usage: Usage,
}

/// What a guest said is out of date, each once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Notices {
    /// Lists to ask for again.
    pub lists: BTreeSet<ListKind>,
    /// Resources that changed, as the guest wrote their URIs.
    pub resources: BTreeSet<String>,
}
