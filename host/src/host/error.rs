//! Why a call has no answer, and whose fault it is.

use std::fmt;

use super::breaker::Quarantine;
use super::health;
use crate::contract::{JsonObject, PluginError};
use crate::names::PluginName;
use crate::runtime::Failure;

/// What a client can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tool.
    Tool,
    /// A prompt.
    Prompt,
    /// A resource or a template of resources.
    Resource,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tool => "tool",
            Self::Prompt => "prompt",
            Self::Resource => "resource",
        })
    }
}

/// Why a call has no answer.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The client asked for what nobody offers.
    #[error("there is no {kind} `{name}` (hint: the lists say what there is)")]
    Unknown {
        /// What it asked for.
        kind: Kind,
        /// The name it gave.
        name: String,
    },
    /// The client's arguments do not fit.
    #[error("{0}")]
    BadArguments(String),
    /// The client lacks what the plugin cannot do without, shaped as MCP `ClientCapabilities`.
    #[error("the client lacks a capability this call needs: {}", serde_json::Value::Object(.0.clone()))]
    MissingCapability(JsonObject),
    /// The plugin's own word for a broken call.
    #[error("{error}")]
    Refused {
        /// Whose word it is.
        plugin: PluginName,
        /// The word.
        error: Box<PluginError>,
    },
    /// The plugin could not answer.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The plugin is not in service.
    #[error("plugin `{plugin}` is not in service: {reason}")]
    NotInService {
        /// Which one.
        plugin: PluginName,
        /// Why.
        reason: String,
    },
    /// The plugin is left alone for a while, because its calls kept failing.
    #[error("plugin `{plugin}` is quarantined: {}", health::words(quarantine))]
    Quarantined {
        /// Which one.
        plugin: PluginName,
        /// Since when, until when, and why.
        quarantine: Box<Quarantine>,
    },
    /// The state the client brought back is not from this host, for another call, or void.
    #[error(
        "`requestState` is not from this host, belongs to another request, or is too old (hint: make the request again without it)"
    )]
    BadState,
    /// The state the client brought back is of a component that is not there any more.
    #[error(
        "the plugin was replaced by another version while the call waited for an answer (hint: make the call again from its beginning)"
    )]
    Replaced,
    /// The call asked again and again.
    #[error(
        "the call asked for more input than a client is asked for (hint: make the request again)"
    )]
    TooManyRounds,
    /// The call cannot ask, since its state cannot be sealed.
    #[error("the call cannot be continued: {0}")]
    Unsealed(String),
    /// The client was asked and did not answer.
    #[error("the client did not answer what the call needs to know: {0}")]
    Unanswered(String),
    /// What the plugin asks cannot be put to a client.
    #[error("the plugin asked what no client can be asked: {0}")]
    Unanswerable(String),
    /// The one who asks has no such task. Others may.
    #[error("there is no such task (hint: it may have been kept for as long as it was said to be)")]
    NoSuchTask,
    /// The call would have become a task, and there are too many.
    #[error(
        "plugin `{plugin}` has {allowed} tasks, as many as it may have \
         (hint: wait until some were kept for long enough, or raise `tasks` under `[plugins.{plugin}.limits]` in portcullis.toml)"
    )]
    TooManyTasks {
        /// Which one.
        plugin: PluginName,
        /// Tasks.
        allowed: u64,
    },
    /// Tasks cannot be written down or read, and one that is not written down is none.
    #[error("{0}")]
    Unkept(String),
    /// Nobody waits for the answer.
    #[error("the call was cancelled")]
    Cancelled,
}
