//! What a guest tells while its call runs.

use serde::Serialize;
use serde_json::Value;

/// Something for the client that asked, before the answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// How far the call has come.
    Progress {
        /// Greater than in the report before.
        progress: f64,
        /// What it grows towards.
        total: Option<f64>,
        /// For people.
        message: Option<String>,
    },
    /// A line for the client's log.
    Log {
        /// How much it matters.
        level: LogLevel,
        /// The part of the plugin that speaks.
        logger: Option<String>,
        /// The line: text, or an object when there are fields.
        data: Value,
    },
}

/// How much a log line matters (RFC 5424), least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Details for the author.
    Debug,
    /// Ordinary work.
    Info,
    /// Worth a look.
    Notice,
    /// Something is odd.
    Warning,
    /// Something failed.
    Error,
    /// A part is out of order.
    Critical,
    /// Somebody must act.
    Alert,
    /// Nothing works.
    Emergency,
}

/// A list that clients keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ListKind {
    /// The tools.
    Tools,
    /// The resources and templates.
    Resources,
    /// The prompts.
    Prompts,
}
