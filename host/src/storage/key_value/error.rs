//! Why a store did not do what it was asked.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::limits::{KEY_BYTES_MAX, VALUE_BYTES_MAX};
use crate::storage::sqlite::is_busy;

/// A limit of one whole store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quota {
    /// Bytes of all keys and values.
    Bytes,
    /// The number of keys.
    Keys,
}

impl Quota {
    /// The limit's key in a configuration.
    pub fn limit(self) -> &'static str {
        match self {
            Self::Bytes => "key_value_bytes",
            Self::Keys => "key_value_keys",
        }
    }
}

/// Why a store did not do what it was asked. What names a path is for the operator; a guest is told less.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    /// The plugin's fault.
    #[error("the key is longer than {KEY_BYTES_MAX} bytes")]
    KeyTooLong,
    /// The plugin's fault.
    #[error("the value is longer than {VALUE_BYTES_MAX} bytes")]
    ValueTooLong,
    /// The plugin's fault, or the operator's wish.
    #[error("the key-value store would grow beyond its limit `{}`", .0.limit())]
    QuotaExceeded(Quota),
    /// Another program held the file for longer than anybody should.
    #[error("key-value store {} is busy (hint: see which other program has the file open)", path.display())]
    Busy {
        /// Which one.
        path: PathBuf,
    },
    /// The file is not what was written. It is left as it is.
    #[error(
        "key-value store {} is damaged: {problem} (hint: put a copy of it back, or move it away to begin anew)",
        path.display()
    )]
    Damaged {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The system, or the file, does not let it.
    #[error("cannot use key-value store {}: {problem}", path.display())]
    Unusable {
        /// Which one.
        path: PathBuf,
        /// What was said.
        problem: String,
    },
}

impl KeyValueError {
    /// What a guest may know about a store that cannot be used: not where it is.
    pub fn without_path(&self) -> String {
        match self {
            Self::KeyTooLong | Self::ValueTooLong | Self::QuotaExceeded(_) => self.to_string(),
            Self::Busy { .. } => "the key-value store is busy".to_owned(),
            Self::Damaged { .. } => "the key-value store is damaged".to_owned(),
            Self::Unusable { .. } => "the key-value store cannot be used".to_owned(),
        }
    }

    /// Whether the operator should hear of it, because the plugin can do nothing about it.
    pub fn concerns_the_operator(&self) -> bool {
        matches!(
            self,
            Self::Busy { .. } | Self::Damaged { .. } | Self::Unusable { .. }
        )
    }
}

/// The same, from where the path is not known.
#[derive(Debug)]
pub(super) enum Problem {
    Sqlite(rusqlite::Error),
    Io(io::Error),
    Damaged(String),
    /// The file has a version that this host does not know.
    Version(i64),
    Quota(Quota),
    /// The host goes down.
    Ending,
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Problem {
    /// Whether the connection that had it should not be used again.
    pub(super) fn spoils_the_connection(&self) -> bool {
        match self {
            Self::Sqlite(error) => !is_busy(error),
            Self::Io(_) | Self::Damaged(_) | Self::Version(_) => true,
            Self::Quota(_) | Self::Ending => false,
        }
    }

    /// The problem of a file.
    pub(super) fn at(self, path: &Path) -> KeyValueError {
        let path = path.to_owned();
        let problem = match self {
            Self::Quota(quota) => return KeyValueError::QuotaExceeded(quota),
            Self::Sqlite(error) if is_busy(&error) => return KeyValueError::Busy { path },
            Self::Sqlite(error) if is_damage(&error) => {
                let problem = error.to_string();
                return KeyValueError::Damaged { path, problem };
            }
            Self::Damaged(problem) => return KeyValueError::Damaged { path, problem },
            Self::Sqlite(error) => error.to_string(),
            Self::Io(error) => error.to_string(),
            Self::Version(version) => {
                format!(
                    "it has version {version} (hint: use the host that wrote it, or a newer one)"
                )
            }
            Self::Ending => "the host goes down".to_owned(),
        };
        KeyValueError::Unusable { path, problem }
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{
        FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, QueryReturnedNoRows,
    };
    let code = error.sqlite_error_code();
    matches!(
        code,
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    ) || matches!(
        error,
        FromSqlConversionFailure(..)
            | IntegralValueOutOfRange(..)
            | InvalidColumnType(..)
            | QueryReturnedNoRows
    )
}
