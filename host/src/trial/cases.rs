//! Case files: `tests/*.toml` beside a plugin, in which its author writes down what it answers under which conditions.
//!
//! They are read strictly: a key that means nothing is an error with its line and the key that was probably meant.

mod expect;
mod find;
mod http;
mod layer;
mod read;
mod step;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use serde_json::{Map, Value};

use super::matchers::{Pattern, TextMatcher};
use super::{Answers, Conditions};
use crate::config::ConfigError;
use crate::contract::Reference;
use crate::permissions::Attempt;

pub use find::find_case_files;

/// One case file.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name without `.toml`: what its snapshots and recordings lie under.
    pub stem: String,
    /// Its cases, in their order. No two have the same name, and none is without one.
    pub cases: Vec<Case>,
}

/// One case: calls on one stage, and what is expected of each.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it claims.
    pub name: String,
    /// Its name as a file's: letters, digits and `-`. No two cases of a file share one.
    pub slug: String,
    /// The line it begins on.
    pub line: usize,
    /// Under which conditions it is played: those of the file with its own on top.
    pub conditions: Conditions,
    /// The secrets that are taken from a variable of the environment while a run is recorded, by name.
    pub recorded_with: BTreeMap<String, String>,
    /// Folders that are made for it, by name.
    pub folders: BTreeMap<String, Folder>,
    /// Whether its requests are answered by a recording.
    pub record: bool,
    /// What is called, one after another. There is at least one.
    pub steps: Vec<Step>,
}

/// A folder that is made for a case and gone with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folder {
    /// Its files, by their paths in it.
    pub files: BTreeMap<String, String>,
    /// Whether the plugin may change what is in it.
    pub write: bool,
}

/// One call, and what is expected of it.
#[derive(Debug, Clone)]
pub struct Step {
    /// The line it begins on.
    pub line: usize,
    /// What is called.
    pub asks: Asks,
    /// What is answered when the plugin asks.
    pub answers: Answers,
    /// What is expected.
    pub expect: Expect,
    /// What it may use.
    pub budget: Budget,
}

/// What is called.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    /// A tool, by the plugin's own name for it.
    Tool {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Map<String, Value>,
    },
    /// A resource.
    Resource(String),
    /// A prompt, by the plugin's own name for it.
    Prompt {
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: Vec<(String, String)>,
    },
    /// Suggestions for an argument of a prompt or a template.
    Completion {
        /// The prompt, by the plugin's own name for it, or the template.
        reference: Reference,
        /// The argument.
        argument: String,
        /// What is typed so far.
        value: String,
        /// The arguments that have a value already.
        others: Vec<(String, String)>,
    },
}

impl std::fmt::Display for Asks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tool { name, .. } => write!(f, "tool `{name}`"),
            Self::Resource(uri) => write!(f, "resource `{uri}`"),
            Self::Prompt { name, .. } => write!(f, "prompt `{name}`"),
            Self::Completion {
                reference,
                argument,
                ..
            } => match reference {
                Reference::Prompt(name) => {
                    write!(f, "completion of `{argument}` of prompt `{name}`")
                }
                Reference::ResourceTemplate(template) => {
                    write!(f, "completion of `{argument}` of template `{template}`")
                }
            },
        }
    }
}

/// What is expected of a call. What is left out may be anything, but for refusals and errors: those are expected by name.
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// Of the answer's text.
    pub text: Option<TextMatcher>,
    /// Of the answer's structured content, or of its text as JSON.
    pub json: Option<Pattern>,
    /// Whether the tool says no.
    pub error: bool,
    /// What the words of the failure contain.
    pub fails: Option<TextMatcher>,
    /// Of the questions that the call ends with.
    pub questions: Option<Pattern>,
    /// Exactly what is refused.
    pub refused: Vec<Attempt>,
    /// What is permitted and used, among others.
    pub used: Vec<Attempt>,
    /// Of the log, its lines one under the other.
    pub log: Option<TextMatcher>,
    /// Of the key-value store afterwards; none: there is no such key.
    pub values: Vec<(String, Option<TextMatcher>)>,
    /// Whether the whole answer is compared with the one that is kept.
    pub snapshot: bool,
}

/// What a call may use at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// Units of fuel.
    pub fuel: Option<u64>,
    /// Bytes of linear memory.
    pub memory_bytes: Option<u64>,
    /// Milliseconds by the clock on the wall.
    pub call_ms: Option<u64>,
}

/// Why a case file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It cannot be read.
    #[error("cannot read `{}`: {error} (hint: {hint})", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// It is longer than a person writes.
    #[error("`{}` has more than {allowed} bytes (hint: divide it, or put long bodies into files and name them with `body-file`)", path.display())]
    TooLarge {
        /// The path.
        path: PathBuf,
        /// Bytes.
        allowed: u64,
    },
    /// There are none.
    #[error(
        "there are no cases in `{}` (hint: write `tests/first.toml`, beginning with `[[case]]`; docs/testing.md shows how)",
        .0.display()
    )]
    None(PathBuf),
    /// What it says makes no sense.
    #[error(transparent)]
    Senseless(#[from] ConfigError),
}
