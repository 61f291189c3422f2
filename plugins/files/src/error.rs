//! Why a question about files has no answer.

use std::{fmt, io};

/// Characters of a caller's text that an error repeats.
const QUOTE_CHARS_MAX: usize = 200;

/// Why a question about files has no answer. Each says what to try instead, as far as there is something.
///
/// What the person would have to write to share a folder is never said here: a model could write it for them.
#[derive(Clone, Debug, PartialEq)]
pub enum FilesError {
    /// No folder was shared.
    NothingShared,
    /// The path leads to no shared folder.
    NotShared {
        /// The path.
        path: String,
        /// The folders that are shared.
        shared: Vec<String>,
    },
    /// The path has a part that is no name, such as `..`.
    Path {
        /// The path.
        path: String,
    },
    /// There is nothing at the path.
    NotFound {
        /// The path.
        path: String,
    },
    /// What is there is of another kind.
    Kind {
        /// The path.
        path: String,
        /// What it is.
        is: &'static str,
        /// What to do instead.
        hint: &'static str,
    },
    /// The file does not hold text.
    Binary {
        /// The path.
        path: String,
        /// How many bytes it has.
        bytes: u64,
    },
    /// The part that was asked for lies behind the end.
    BeyondTheEnd {
        /// The path.
        path: String,
        /// How much there is, with its unit.
        there: String,
    },
    /// Too much would have to be read to get there.
    TooFar {
        /// The path.
        path: String,
    },
    /// The pattern is wrong.
    Pattern {
        /// Why.
        reason: String,
    },
    /// It could not be read.
    Io {
        /// The path.
        path: String,
        /// Why.
        reason: String,
    },
    /// Nobody waits for the answer any more.
    Cancelled,
}

impl FilesError {
    /// A failure to read what is shown as `path`.
    pub fn of_io(error: &io::Error, path: &str) -> Self {
        let path = quote(path);
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { path },
            io::ErrorKind::PermissionDenied => Self::Io {
                path,
                reason: "it is not open to this plugin; it may be a link out of the shared folder"
                    .to_owned(),
            },
            _ => Self::Io {
                path,
                reason: error.to_string(),
            },
        }
    }
}

/// The beginning of a caller's text, short enough to repeat.
pub fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingShared => f.write_str(
                "this plugin has no folder to read: none was shared with it (hint: only the person who runs Portcullis \
                 can share one; `portcullis explain files` tells them how things stand)",
            ),
            Self::NotShared { path, shared } => {
                let names: Vec<_> = shared.iter().map(|name| format!("`{name}`")).collect();
                write!(
                    f,
                    "`{path}` is in no shared folder (hint: begin the path with one of {})",
                    names.join(", ")
                )
            }
            Self::Path { path } => write!(
                f,
                "`{path}` is not a path here (hint: write names with `/` between them, without `..`)"
            ),
            Self::NotFound { path } => {
                write!(f, "there is no `{path}` (hint: `list` shows what there is)")
            }
            Self::Kind { path, is, hint } => write!(f, "`{path}` is {is} (hint: {hint})"),
            Self::Binary { path, bytes } => {
                write!(f, "`{path}` is not text; it is a file of {bytes} bytes")
            }
            Self::BeyondTheEnd { path, there } => {
                write!(f, "`{path}` ends before that: it has {there}")
            }
            Self::TooFar { path } => write!(
                f,
                "that is too far into `{path}` to count lines (hint: use `start_byte`)"
            ),
            Self::Pattern { reason } => write!(f, "the pattern is wrong: {reason}"),
            Self::Io { path, reason } => write!(f, "`{path}` could not be read: {reason}"),
            Self::Cancelled => f.write_str("the call was cancelled"),
        }
    }
}

impl std::error::Error for FilesError {}
