//! Why a secret could not be read. It tells where the secret should be, and never what was found there.

use std::fmt;

use super::Source;
use super::places::{SECRET_BYTES_MAX, WIDEST_MODE};

/// A secret that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("secret `{name}` cannot be read from {place}: {problem}")]
pub struct SecretError {
    /// Its name in the configuration.
    pub name: String,
    /// Where it should be.
    pub place: Source,
    /// What is wrong there.
    pub problem: SecretProblem,
}

/// What is wrong with the place of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretProblem {
    /// The variable does not exist.
    #[error("it is not set (hint: set it in the environment the host is started in)")]
    NotSet,
    /// There is nothing.
    #[error("it is empty (hint: put the secret there, or remove the reference)")]
    Empty,
    /// It is no text.
    #[error("it is not UTF-8 text (hint: encode it, such as with `base64`)")]
    NotText,
    /// It is too long.
    #[error("it has more than {SECRET_BYTES_MAX} bytes (hint: a secret is a key or a password)")]
    TooLong,
    /// It is a directory or a device.
    #[error("it is not a regular file (hint: name the file that holds the secret alone)")]
    NotAFile,
    /// Others may read it.
    #[error("others can read or write it, its mode is {mode:o} (hint: chmod {WIDEST_MODE:o})")]
    Open {
        /// Its permissions.
        mode: u32,
    },
    /// The system refused.
    #[error("{0} (hint: look at the path, and whether the host's user may read it)")]
    Unreadable(String),
    /// The keyring has it not, or there is none.
    #[error("{0} (hint: put it there, or name a `file` or `env` instead)")]
    Keyring(String),
}

/// Fits after "read from".
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable `{name}`"),
            Self::File(path) => write!(f, "file `{}`", path.display()),
            Self::Given(_) => f.write_str("this process"),
            Self::Keyring { service, user } => write!(f, "the keyring as `{service}/{user}`"),
        }
    }
}
