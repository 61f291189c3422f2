//! What the macro's code calls. No part of the public interface: it changes with the macro, without notice.
//!
//! The macro writes down what it read as constant tables; everything that can be an ordinary function is one here,
//! so that a plugin holds it once and not once per tool.

pub mod completion;
pub mod lifecycle;
pub mod prompts;
pub mod resources;
pub mod tasks;
pub mod tools;

pub use crate::bindings::host::portcullis::plugin::types::Error as WitError;

/// What becomes of a task that began where none may.
fn no_task() -> WitError {
    WitError::Other(Some("only a tool can begin a task".to_owned()))
}

/// Every list fits on one page, so no cursor was ever given out.
fn refuse_cursor(cursor: Option<&str>) -> Result<(), WitError> {
    match cursor {
        None => Ok(()),
        Some(cursor) => Err(WitError::InvalidParams(format!(
            "unknown cursor `{cursor}`"
        ))),
    }
}
