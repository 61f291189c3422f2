//! `portcullis.toml`: which plugins the operator wants and how much they may use; and `portcullis.lock`, what they were.
//!
//! The operator is trusted and still mistypes: every error names the line, the key and what was expected, and a bad limit
//! is found here rather than when a plugin is loaded. A key that is accepted has an effect.

mod error;
mod find;
mod grants;
mod http;
mod lock;
mod portcullis_toml;
mod table;
mod telemetry;

pub use error::{ConfigError, ConfigProblem};
pub use grants::Directory;
pub use http::{HttpConfig, KeysAt, OAuthConfig, TlsFiles};
pub use lock::{Fingerprint, LOCK_FILE, Lock, LockedPlugin};
pub use portcullis_toml::{Config, HostConfig, NetworkConfig, PluginConfig, Start};
pub use telemetry::{TelemetryConfig, TelemetryHeader};

// A test's conditions are written in the same words.
pub(crate) use grants::{key_name, read_binding, read_environment, read_grants, read_withheld};
pub(crate) use portcullis_toml::read_limits;
pub(crate) use table::{Field, File, Table};
