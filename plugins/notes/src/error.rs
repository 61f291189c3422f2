//! Why a note could not be kept or found.

use std::fmt;

use portcullis_plugin::Error;

/// Why a note could not be kept or found. Each says what to try instead, as far as there is something.
///
/// What the person would have to write to give the plugin storage is never said here: a model could write it for them.
#[derive(Clone, Debug, PartialEq)]
pub enum NotesError {
    /// The plugin was given nowhere to keep anything.
    NotGranted,
    /// There is no room for more.
    Full,
    /// There is no such note.
    NotFound {
        /// Its number.
        id: u32,
    },
    /// The note was changed since it was read.
    Changed {
        /// Its number.
        id: u32,
        /// The revision it has now.
        revision: u32,
    },
    /// An argument cannot be kept.
    Argument {
        /// Which.
        argument: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Others wrote at the same time, again and again.
    Busy,
    /// The store failed, or holds what no version of this plugin wrote.
    Failed {
        /// How.
        reason: String,
    },
}

impl NotesError {
    /// The same for resources and prompts, from which the case itself reaches the client.
    pub fn into_error(self) -> Error {
        let said = self.to_string();
        match self {
            Self::NotGranted => Error::denied(said),
            Self::NotFound { id } => Error::not_found(format!("notes://{id}")),
            Self::Busy => Error::unavailable(said),
            Self::Argument { .. } => Error::invalid_params(said),
            Self::Full | Self::Changed { .. } | Self::Failed { .. } => Error::other(said),
        }
    }
}

impl fmt::Display for NotesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotGranted => f.write_str(
                "this plugin has nowhere to keep notes: it was given no storage (hint: only the person who runs Portcullis \
                 can give it; `portcullis explain notes` tells them how things stand)",
            ),
            Self::Full => f.write_str(
                "there is no room for more (hint: delete notes that are no longer needed, or make some shorter)",
            ),
            Self::NotFound { id } => {
                write!(f, "there is no note {id} (hint: `list` and `search` show the numbers)")
            }
            Self::Changed { id, revision } => write!(
                f,
                "note {id} was changed meanwhile and is now at revision {revision} (hint: `get` it again, then decide)"
            ),
            Self::Argument { argument, problem } => write!(f, "`{argument}` {problem}"),
            Self::Busy => {
                f.write_str("others keep writing at the same time (hint: try again in a moment)")
            }
            Self::Failed { reason } => write!(f, "the notes could not be reached: {reason}"),
        }
    }
}

impl std::error::Error for NotesError {}
