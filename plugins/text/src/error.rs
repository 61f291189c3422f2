//! Why a question about a text has no answer, and how large a text may be.

use std::fmt;

/// Bytes of one text in a request. A model's whole context has a few megabytes; what it copies into one call has much
/// less.
pub const TEXT_BYTES_MAX: usize = 256 << 10;

/// Characters of a caller's text that an error repeats.
const QUOTE_CHARS_MAX: usize = 60;

/// Why a question about a text has no answer. Each says what to try instead.
#[derive(Clone, Debug, PartialEq)]
pub enum TextError {
    /// An argument is larger than this plugin works on.
    TooLong {
        /// The argument.
        argument: &'static str,
        /// What it may have at most.
        bytes_max: usize,
    },
    /// An argument has more lines than this plugin compares.
    TooManyLines {
        /// The argument.
        argument: &'static str,
        /// What it may have at most.
        lines_max: usize,
    },
    /// The answer would be larger than this plugin gives.
    AnswerTooLong {
        /// What it may have at most.
        bytes_max: usize,
    },
    /// The bytes are not base64.
    Base64(String),
    /// The pattern is not a regular expression.
    Pattern {
        /// The character where the mistake begins, counted from 1.
        position: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The pattern is one, and needs too much memory.
    PatternTooLarge,
    /// There is nothing to look for.
    NothingToFind,
    /// The document is not JSON.
    Document(String),
    /// The pointer is not written as RFC 6901 says.
    Pointer(String),
    /// The pointer leads out of the document.
    Miss {
        /// As far as it led.
        reached: String,
        /// The step that led nowhere.
        step: String,
        /// What there is instead.
        there: String,
    },
}

/// Refuses an argument that is too long to work on.
pub fn check_len(argument: &'static str, text: &str, bytes_max: usize) -> Result<(), TextError> {
    if text.len() > bytes_max {
        return Err(TextError::TooLong {
            argument,
            bytes_max,
        });
    }
    Ok(())
}

/// The beginning of a caller's text, short enough to repeat.
pub fn quote(text: &str) -> String {
    text.chars().take(QUOTE_CHARS_MAX).collect()
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong {
                argument,
                bytes_max,
            } => {
                write!(
                    f,
                    "`{argument}` has more than {bytes_max} bytes (hint: send a part of it)"
                )
            }
            Self::TooManyLines {
                argument,
                lines_max,
            } => {
                write!(
                    f,
                    "`{argument}` has more than {lines_max} lines (hint: compare it in parts)"
                )
            }
            Self::AnswerTooLong { bytes_max } => {
                write!(
                    f,
                    "the answer would have more than {bytes_max} bytes (hint: ask about a part of the text)"
                )
            }
            Self::Base64(reason) => {
                write!(
                    f,
                    "`input` is not base64: {reason} (hint: leave out `encoding` to send text)"
                )
            }
            Self::Pattern { position, reason } => {
                write!(f, "the pattern is wrong at character {position}: {reason}")
            }
            Self::PatternTooLarge => f.write_str(
                "the pattern needs too much memory (hint: repeat fewer times, such as `{1,20}`)",
            ),
            Self::NothingToFind => {
                f.write_str("`find` is empty (hint: leave it out, or say what to look for)")
            }
            Self::Document(reason) => write!(f, "`document` is not JSON: {reason}"),
            Self::Pointer(pointer) => write!(
                f,
                "`{pointer}` is not a JSON pointer (hint: begin it with `/`, or leave it empty for the whole document; write `~` as `~0` and `/` inside a key as `~1`)"
            ),
            Self::Miss {
                reached,
                step,
                there,
            } => {
                let reached = match reached.as_str() {
                    "" => "the top".to_owned(),
                    reached => format!("`{reached}`"),
                };
                write!(f, "there is no `{step}` at {reached}, which is {there}")
            }
        }
    }
}

impl std::error::Error for TextError {}
