//! Who a plugin is: its name and the bytes that were approved under it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Digest, PluginName};

/// A plugin's name and the digest of its component.
///
/// A grant belongs to an identity, so it does not pass to other bytes that come under the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// What people call it.
    pub name: PluginName,
    /// What it is.
    pub digest: Digest,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.digest)
    }
}
