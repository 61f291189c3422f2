//! Writes to the plugin's log, and to the client's when it asked for it. Never put a secret here.

use serde_json::Value;

pub use crate::bindings::host::portcullis::plugin::log::Level;
use crate::imports;

/// Whether anybody reads lines of this level, so that a plugin can spare itself the work of making them.
#[must_use]
pub fn enabled(level: Level) -> bool {
    imports::log::enabled(level)
}

/// Writes details for the author.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message, None);
}

/// Writes about ordinary work.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message, None);
}

/// Writes that something is odd.
pub fn warning(message: impl AsRef<str>) {
    write(Level::Warning, message, None);
}

/// Writes that something failed.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message, None);
}

/// Writes a line of any level. `fields` is a JSON object with more.
pub fn write(level: Level, message: impl AsRef<str>, fields: Option<&Value>) {
    let fields = fields.map(Value::to_string);
    imports::log::write(level, None, message.as_ref(), fields.as_deref());
}
