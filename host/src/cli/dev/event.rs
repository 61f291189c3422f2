//! What happens while a plugin is developed, for a program that reads it (`--json`) and for the words on the screen.
//!
//! docs/developing.md describes each of them; keep the two together.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::super::render::harmless;
use super::differences::Differences;
use crate::contract::LogLevel;
use crate::host::Usage;
use crate::names::Digest;
use crate::permissions::{Key, Remedy};
use crate::project::ProjectError;

/// Files that are named when many change at once, as when a branch is checked out.
const FILES_NAMED_MAX: usize = 5;

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(
    tag = "event",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase"
)]
pub enum Event {
    /// Files are watched from now on.
    Watching {
        /// The plugin's folder.
        dir: String,
        /// Whether the system tells of changes; otherwise files are looked at twice a second.
        told: bool,
    },
    /// Changes are not seen for now.
    Unwatched {
        /// Why.
        reason: String,
    },
    /// Clients are let in.
    Serving {
        /// Where, over HTTP; none over standard input and output.
        #[serde(skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// What an MCP client's configuration would say.
        #[serde(skip_serializing_if = "Option::is_none")]
        client: Option<Value>,
        /// The address that was wanted and is another program's.
        #[serde(skip_serializing_if = "Option::is_none")]
        taken: Option<String>,
    },
    /// Files changed.
    Changed {
        /// Some of them, by their paths below the plugin's folder.
        files: Vec<String>,
        /// How many.
        count: usize,
        /// Whether a build was given up for them.
        restarted: bool,
    },
    /// A build begins.
    Building,
    /// A line of the compiler, when it is asked for (`-v`).
    Compiler {
        /// The line.
        line: String,
    },
    /// The build is done.
    Built {
        /// The component.
        component: String,
        /// How long it took.
        build_ms: u64,
    },
    /// What was built is what is in service.
    Unchanged {
        /// The digest of the component.
        digest: Digest,
    },
    /// Something is wrong with what was saved.
    Failed {
        /// How far it came.
        stage: Stage,
        /// Why it came no further.
        reason: String,
        /// What the compiler said.
        #[serde(skip_serializing_if = "Option::is_none")]
        output: Option<String>,
        /// Whether an earlier build is still in service.
        kept: bool,
    },
    /// A new build is in service.
    Swapped(Box<Swap>),
    /// The grants of the configuration hold for every build of this run.
    Granted {
        /// The plugin.
        plugin: String,
    },
    /// A call has ended. What belongs to it comes right after it.
    Call(Box<Called>),
    /// What a call was refused.
    Refused {
        /// The number of the call.
        call: u64,
        /// What it tried.
        attempt: String,
        /// The keys that were missing.
        missing: Vec<Key>,
        /// More about it.
        #[serde(skip_serializing_if = "Option::is_none")]
        because: Option<String>,
        /// The lines that would allow it.
        remedies: Vec<Remedy>,
    },
    /// A line that a call printed or logged.
    Log {
        /// The number of the call.
        call: u64,
        /// How much it matters.
        level: LogLevel,
        /// The line.
        line: String,
    },
    /// How far a call said it had come.
    Progress {
        /// The number of the call.
        call: u64,
        /// How far.
        progress: f64,
        /// Of how much.
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<f64>,
        /// In its words.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    },
    /// More happened than the screen could keep up with.
    LeftOut {
        /// Events.
        count: u64,
    },
}

/// How far what was saved came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It does not build.
    Build,
    /// The configuration makes no sense.
    Configuration,
    /// The component or its manifest cannot be read.
    Read,
    /// It does not load, start or list, or it clashes.
    Load,
}

/// A new build in service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Swap {
    /// Its name.
    pub plugin: String,
    /// Its version.
    pub version: String,
    /// The digest of its component.
    pub digest: Digest,
    /// Bytes of the component.
    pub component_bytes: u64,
    /// Whether it is the first one.
    pub first: bool,
    /// How long the build took.
    pub build_ms: u64,
    /// How long the code took, from the cache or by compiling it.
    pub load_ms: u64,
    /// How long it took to start and to say what it offers.
    pub start_ms: u64,
    /// How long calls were switched over.
    pub swap_us: u64,
    /// From the compiler's end to the first call that could reach it.
    pub since_built_ms: u64,
    /// What it offers now and did not before, and the other way round.
    #[serde(flatten)]
    pub differences: Differences,
    /// The lists that clients were told have changed.
    pub told: Vec<&'static str>,
}

/// A call that has ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Called {
    /// Its number in this run.
    pub call: u64,
    /// Milliseconds since 1970 at its end.
    pub at_ms: u64,
    /// `tools/call`, `resources/read`, `prompts/get`, or `task` for a round of a task.
    pub method: &'static str,
    /// Whose.
    pub plugin: String,
    /// The tool or the prompt, by the plugin's name for it, or the URI.
    pub subject: String,
    /// As JSON, cut when they are long.
    pub arguments: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The answer, the question or the reason, cut when it is long.
    pub answer: String,
    /// What it used.
    #[serde(flatten)]
    pub usage: Usage,
    /// What it tried that needs permission and was permitted.
    pub used: Vec<String>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was answered.
    Answered,
    /// The answer is no.
    Refused,
    /// It asks the client something.
    Asked,
    /// It goes on as a task.
    Task,
    /// There is no answer.
    Failed,
}

impl Event {
    /// Files are watched from now on.
    pub fn watching(dir: &Path, told: bool) -> Self {
        Self::Watching {
            dir: shown(dir),
            told,
        }
    }

    /// Changes are not seen for now.
    pub fn unwatched(error: &ProjectError) -> Self {
        Self::Unwatched {
            reason: harmless(&error.to_string()),
        }
    }

    /// Files changed.
    pub fn changed(files: &[PathBuf], restarted: bool) -> Self {
        let named = files.iter().take(FILES_NAMED_MAX);
        Self::Changed {
            files: named.map(|file| shown(file)).collect(),
            count: files.len(),
            restarted,
        }
    }
}

/// A path without what a terminal would obey: a file may be called by whoever wrote it, such as a branch of a stranger's.
fn shown(path: &Path) -> String {
    harmless(&path.display().to_string()).replace('\n', "\u{fffd}")
}

/// Whole milliseconds.
pub fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reaches_a_terminal_without_what_it_would_obey() {
        let name = Path::new("a\u{1b}]0;owned\u{7}\n\u{202e}.rs");
        let check = |event: Event| {
            let told = super::super::words::of(&event, Duration::ZERO);
            let told = anstream::adapter::strip_str(&told).to_string();
            // What the words are painted with is taken out of them; what else is obeyed would stay.
            assert!(!format!("{event:?}").contains("\\u{1b}"), "{event:?}");
            assert!(!told.contains(['\u{7}', '\u{202e}']), "{told:?}");
            assert_eq!(told.lines().count(), 1, "{told:?}");
        };
        check(Event::watching(name, true));
        check(Event::changed(&[name.to_owned()], true));
    }
}
