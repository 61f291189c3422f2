//! Why a configuration cannot be used.

use crate::limits::LimitError;

/// A configuration that cannot be used, and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// The file, with line and column where there are some: `portcullis.toml:12:3`.
    pub place: String,
    /// What is wrong.
    pub problem: ConfigProblem,
}

/// What is wrong with a configuration. Keys are whole: `plugins.weather.start`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// No such file, or none that may be read.
    #[error("cannot be read: {0} (hint: name an existing file, or leave out `--config`)")]
    Unreadable(String),
    /// A lock file that cannot be used.
    #[error("cannot be used: {0} (hint: write it again with `portcullis lock`)")]
    Lock(String),
    /// Not TOML.
    #[error("is not TOML: {0} (hint: see https://toml.io)")]
    NotToml(String),
    /// A key that means nothing.
    #[error("key `{key}` is not known (hint: {hint})")]
    UnknownKey {
        /// The key.
        key: String,
        /// What may have been meant.
        hint: String,
    },
    /// A key that will mean something one day.
    #[error("key `{key}` is refused: {reason} (hint: remove it)")]
    NotServed {
        /// The key.
        key: String,
        /// What it does not do.
        reason: &'static str,
    },
    /// A value of the wrong type.
    #[error(
        "key `{key}` is {found}, expected {expected} (hint: {described_in} describes every key)"
    )]
    WrongType {
        /// The key.
        key: String,
        /// The type that is there.
        found: &'static str,
        /// What should be there.
        expected: &'static str,
        /// Where a person finds every key.
        described_in: &'static str,
    },
    /// A value of the right type that makes no sense.
    #[error("key `{key}`: {reason}")]
    BadValue {
        /// The key.
        key: String,
        /// Why, with a hint.
        reason: String,
    },
    /// A limit the host does not allow.
    #[error("key `{key}`: {error}")]
    Limit {
        /// The key.
        key: String,
        /// Why, with a hint.
        error: LimitError,
    },
}
