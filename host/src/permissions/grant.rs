//! The two keys that are the operator's: one for the whole host, one for each plugin.

use super::{SystemPower, Words};
use crate::names::Digest;

/// What the operator lets any plugin have: the first key. The default lets none have anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// What may be granted.
    pub words: Words,
    /// What every plugin goes without: `clock`, `random`.
    pub withheld: Vec<SystemPower>,
}

/// What the user gives one plugin: the second key. The default gives nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// Which component it is given to.
    pub approved: Approved,
    /// What is given.
    pub words: Words,
    /// What this plugin goes without: `clock`, `random`.
    pub withheld: Vec<SystemPower>,
}

/// Which component a grant is for. One that names none is for none: a name alone can come with any bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Approved {
    /// None was named.
    #[default]
    Nothing,
    /// The one with this digest.
    Digest(Digest),
    /// Whatever comes under the name, as its author wants it who builds it anew all day.
    Anything,
}

impl Approved {
    /// Whether a component is the approved one.
    pub fn is(&self, digest: &Digest) -> bool {
        match self {
            Self::Nothing => false,
            Self::Digest(approved) => approved == digest,
            Self::Anything => true,
        }
    }
}
