//! A plugin's own word for a broken call.

use super::{Nonsense, json, object};
use crate::contract::PluginError;
use crate::runtime::bindings::portcullis::plugin::types::Error;

/// Reads an error.
pub(in crate::runtime) fn plugin_error(error: Error) -> Result<PluginError, Nonsense> {
    Ok(match error {
        Error::InvalidParams(text) => PluginError::InvalidParams(text),
        Error::NotFound(text) => PluginError::NotFound(text),
        Error::MissingCapability(claimed) => {
            PluginError::MissingCapability(object(&claimed, "the missing capability")?)
        }
        Error::Denied(text) => PluginError::Denied(text),
        Error::Unavailable(text) => PluginError::Unavailable(text),
        Error::Custom(custom) if is_reserved(custom.code) => {
            return Err(format!(
                "error code {} is reserved by JSON-RPC and MCP",
                custom.code
            ));
        }
        Error::Custom(custom) => PluginError::Custom {
            code: custom.code,
            message: custom.message,
            data: custom
                .data
                .map(|data| json(&data, "the data of an error"))
                .transpose()?,
        },
        Error::Other(text) => PluginError::Other(text),
    })
}

/// JSON-RPC 2.0 keeps these codes for itself, and MCP for its own errors.
fn is_reserved(code: i32) -> bool {
    (-32768..=-32000).contains(&code)
}
