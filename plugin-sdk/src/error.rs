//! Why a call has no answer.

use std::any::Any;
use std::fmt;

use serde_json::Value;

use crate::bindings::host::portcullis::plugin::types;

/// Why a call has no answer.
///
/// `?` turns any [`std::error::Error`] into [`Error::Other`]; for that reason this type does not implement the trait
/// itself. A tool or a task that returns one says "no" with its text, as with any other error, unless it is
/// [`MissingCapability`](Self::MissingCapability) or [`Custom`](Self::Custom). From resources, prompts and the life-cycle
/// functions the case itself reaches the host.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// The parameters make no sense. The client sees this sentence.
    InvalidParams(String),
    /// There is no such tool, prompt or resource. The text names it.
    NotFound(String),
    /// The client lacks a capability, given as an object such as `{"sampling":{}}`.
    MissingCapability(Value),
    /// A power the call needs was not granted. The text says which one.
    Denied(String),
    /// The call may succeed later. The text says what it waits for.
    Unavailable(String),
    /// An error with a code of the plugin's own, outside -32768 to -32000.
    Custom {
        /// The code.
        code: i32,
        /// One sentence for a person.
        message: String,
        /// More, for programs.
        data: Option<Value>,
    },
    /// Anything else. The text is for people.
    Other(String),
}

impl Error {
    /// The parameters make no sense, for the reason given.
    pub fn invalid_params(reason: impl Into<String>) -> Self {
        Self::InvalidParams(reason.into())
    }

    /// There is nothing of this name.
    pub fn not_found(name: impl Into<String>) -> Self {
        Self::NotFound(name.into())
    }

    /// The client lacks this capability, an object such as `{"sampling":{}}`.
    pub fn missing_capability(capability: impl Into<Value>) -> Self {
        Self::MissingCapability(capability.into())
    }

    /// The power named here was not granted.
    pub fn denied(power: impl Into<String>) -> Self {
        Self::Denied(power.into())
    }

    /// The call may succeed later, when what is named here is over.
    pub fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable(reason.into())
    }

    /// Any other failure, in words for people.
    pub fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }

    /// Keeps an [`Error`] as it is and takes the words of any other one, so that authors may return both.
    pub(crate) fn from_any<E: fmt::Display + 'static>(error: E) -> Self {
        let mut error = Some(error);
        match (&mut error as &mut dyn Any).downcast_mut::<Option<Self>>() {
            Some(own) => own.take(),
            None => error.map(|error| Self::Other(error.to_string())),
        }
        .expect("an error was put in three lines above and taken out once")
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidParams(text) | Self::Other(text) => f.write_str(text),
            Self::NotFound(name) => write!(f, "there is no `{name}`"),
            Self::MissingCapability(object) => write!(f, "the client lacks a capability: {object}"),
            Self::Denied(power) => write!(f, "not granted: {power}"),
            Self::Unavailable(reason) => write!(f, "not available now: {reason}"),
            Self::Custom { message, .. } => f.write_str(message),
        }
    }
}

impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Self::Other(error.to_string())
    }
}

// Not `From`, which the conversion above would clash with: the generated type is a standard error.
impl Error {
    pub(crate) fn into_wit(self) -> types::Error {
        match self {
            Self::InvalidParams(text) => types::Error::InvalidParams(text),
            Self::NotFound(text) => types::Error::NotFound(text),
            Self::MissingCapability(object) => types::Error::MissingCapability(object.to_string()),
            Self::Denied(text) => types::Error::Denied(text),
            Self::Unavailable(text) => types::Error::Unavailable(text),
            Self::Custom {
                code,
                message,
                data,
            } => types::Error::Custom(types::CustomError {
                code,
                message,
                data: data.map(|data| data.to_string()),
            }),
            Self::Other(text) => types::Error::Other(Some(text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_ours_keeps_its_case_and_any_other_gives_its_words() {
        assert_eq!(Error::from_any(Error::denied("x")), Error::denied("x"));
        assert_eq!(Error::from_any("too big"), Error::other("too big"));
        assert_eq!(Error::from_any(String::from("no")), Error::other("no"));
    }

    #[test]
    fn the_question_mark_takes_any_standard_error() {
        fn parse() -> Result<u8, Error> {
            Ok("x".parse::<u8>()?)
        }
        assert_eq!(parse(), Err(Error::other("invalid digit found in string")));
    }
}
