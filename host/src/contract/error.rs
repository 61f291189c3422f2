//! Why a plugin says it has no answer.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::JsonObject;

/// A plugin's own word for a broken call, bounded and checked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
pub enum PluginError {
    /// The parameters make no sense.
    #[error("{0}")]
    InvalidParams(String),
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(String),
    /// The client lacks a capability, shaped as MCP `ClientCapabilities`.
    #[error("the client lacks a capability this call needs")]
    MissingCapability(JsonObject),
    /// A power was not granted.
    #[error("not granted: {0}")]
    Denied(String),
    /// It may succeed later.
    #[error("not available now: {0}")]
    Unavailable(String),
    /// An error of the plugin's own, with a code outside the reserved range.
    #[error("{message}")]
    Custom {
        /// JSON-RPC error code.
        code: i32,
        /// For a person.
        message: String,
        /// For programs.
        data: Option<Value>,
    },
    /// Anything else.
    #[error("{}", .0.as_deref().unwrap_or("the plugin gave no reason"))]
    Other(Option<String>),
}
