//! What a configuration says of a secret. It never holds the secret itself.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

use crate::permissions::NetworkRule;

/// A secret's whereabouts and its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Where it is.
    pub source: Source,
    /// Whom it is for. One without a binding is read by the plugin, as a setting of its name.
    pub binding: Option<Binding>,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// In an environment variable of the host.
    Env(String),
    /// In a file; a line break at its end is not part of it.
    File(PathBuf),
    /// In the system's keyring.
    Keyring {
        /// The service it is for.
        service: String,
        /// The user it belongs to.
        user: String,
    },
    /// In this process alone. A trial gives it, so that no file is left behind; no configuration leads here.
    Given(Given),
}

/// A secret that somebody already holds. It is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Given(pub(super) Zeroizing<String>);

impl Given {
    /// Gives a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Where a secret is inserted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Requests that carry it.
    pub rule: NetworkRule,
    /// The part of them that carries it.
    pub place: Place,
}

/// The part of a request that carries a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A header.
    Header {
        /// Its name, in lower case.
        name: String,
        /// What stands before the secret.
        prefix: String,
    },
    /// A key of the query.
    Query(String),
}
