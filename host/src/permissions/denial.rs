//! A refusal: what was tried, which keys were missing, and which lines would allow it.

use std::fmt;

use super::Attempt;
use crate::names::PluginName;

/// One of the three keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// The operator's, for the whole host.
    Policy,
    /// The user's, for one plugin.
    Grant,
    /// The plugin's own, in its manifest.
    Request,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "the operator's policy",
            Self::Grant => "the grant",
            Self::Request => "the plugin's request",
        })
    }
}

/// Why a plugin was not let through. For people: a guest is told only that it was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// Who tried.
    pub plugin: PluginName,
    /// What it tried.
    pub attempt: Attempt,
    /// The keys that do not fit, in the order operator, user, plugin.
    pub missing: Vec<Key>,
    /// More about it, when the words alone do not explain it.
    pub because: Option<String>,
    /// The lines that would allow it, each with the file it belongs into. Empty when nothing would.
    pub remedies: Vec<Remedy>,
}

/// Lines for a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Remedy {
    /// `portcullis.toml` or `plugin.json`.
    pub file: &'static str,
    /// The lines, as they belong there.
    pub lines: String,
}

/// One sentence for the log.
impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is refused", self.attempt)?;
        match &self.missing[..] {
            [] => {}
            [one] => write!(f, ": {one} lacks it")?,
            [one, two] => write!(f, ": {one} and {two} lack it")?,
            [one, two, three, ..] => write!(f, ": {one}, {two} and {three} lack it")?,
        }
        if let Some(because) = &self.because {
            write!(f, ": {because}")?;
        }
        if !self.remedies.is_empty() {
            write!(
                f,
                " (hint: `portcullis explain {} --attempt \"{}\"` shows what would allow it)",
                self.plugin, self.attempt
            )?;
        }
        Ok(())
    }
}
