//! What a configuration says of a secret. It never holds the secret itself.

use std::path::PathBuf;

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
