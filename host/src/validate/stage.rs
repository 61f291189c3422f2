//! How far a component came.

use serde::Serialize;

/// The stages of loading, in their order, and what comes after them. A component that fails in one does not reach the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Reading the file.
    File,
    /// Reading the manifest and the skills.
    Manifest,
    /// Compiling it, and holding it against the contract.
    Component,
    /// Starting it.
    Start,
    /// Asking for its lists, twice.
    Lists,
    /// Looking at all it showed. What is here loads.
    Checks,
}

impl Stage {
    /// What it is called, in JSON as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Manifest => "manifest",
            Self::Component => "component",
            Self::Start => "start",
            Self::Lists => "lists",
            Self::Checks => "checks",
        }
    }
}
