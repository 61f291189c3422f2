//! What a tool says.

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;

use crate::bindings::host::portcullis::plugin::content::ToolResult;
use crate::schema::Schema;
use crate::{Content, Error, Outcome};

/// What a tool says, "no" included, when the simpler return types do not say enough.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Answer {
    pub(crate) content: Vec<Content>,
    pub(crate) structured: Option<String>,
    pub(crate) is_error: bool,
    pub(crate) meta: Option<String>,
}

impl Answer {
    /// An answer without content.
    pub fn new() -> Self {
        Self::default()
    }

    /// An answer in words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new().with(Content::text(text))
    }

    /// A "no". Say what was wrong and what to try, in words a model can use.
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            is_error: true,
            ..Self::text(text)
        }
    }

    /// The same, with one more block.
    pub fn with(mut self, content: impl Into<Content>) -> Self {
        self.content.push(content.into());
        self
    }

    /// The same, with an answer for programs.
    ///
    /// Clients of older MCP revisions take only objects here, so prefer a struct. A value that JSON cannot express,
    /// such as a map with keys that are no text, turns the answer into an error.
    pub fn structured(mut self, value: &impl Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(text) => {
                self.structured = Some(text);
                self
            }
            Err(error) => Self::error(format!("the answer cannot be written as JSON: {error}")),
        }
    }

    /// The same, as a "no" or not.
    pub fn is_error(mut self, is_error: bool) -> Self {
        self.is_error = is_error;
        self
    }

    /// The same, with MCP `_meta`, a JSON object.
    pub fn meta(mut self, meta: &Value) -> Self {
        self.meta = Some(meta.to_string());
        self
    }
}

impl From<Answer> for ToolResult {
    fn from(answer: Answer) -> Self {
        Self {
            content: answer.content,
            structured: answer.structured,
            is_error: answer.is_error,
            meta: answer.meta,
        }
    }
}

/// What a tool and its task may return.
///
/// An error's words become a "no" that the model sees and can act on. Two cases of [`Error`] are meant for the client
/// instead and reach it as they are: [`Error::MissingCapability`] and [`Error::Custom`].
#[diagnostic::on_unimplemented(
    message = "a tool cannot return `{Self}`",
    label = "not an answer",
    note = "return text, a number, `bool`, `()`, `Content`, `Vec<Content>`, `Answer`, `Json<T>`, a type marked `#[data]`, or a `Result` or `Outcome` of one of these"
)]
pub trait IntoAnswer {
    /// The schema of the structured content, when there is always some.
    #[must_use]
    fn output_schema() -> Option<Schema>
    where
        Self: Sized,
    {
        None
    }

    /// The answer, questions, or the beginning of a task.
    ///
    /// # Errors
    /// When the call itself is broken, so that no "no" could help the model.
    fn into_answer(self) -> Result<Outcome<Answer>, Error>;
}

impl IntoAnswer for Answer {
    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        Ok(self.into())
    }
}

impl IntoAnswer for () {
    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        Answer::new().into_answer()
    }
}

impl IntoAnswer for Content {
    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        Answer::new().with(self).into_answer()
    }
}

impl IntoAnswer for Vec<Content> {
    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        let answer = Answer {
            content: self,
            ..Answer::default()
        };
        answer.into_answer()
    }
}

/// What is said as its words.
macro_rules! words {
    ($($type:ty),*) => {$(
        impl IntoAnswer for $type {
            fn into_answer(self) -> Result<Outcome<Answer>, Error> {
                Answer::text(self.to_string()).into_answer()
            }
        }
    )*};
}
words!(
    &str, char, bool, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, f32, f64
);

impl IntoAnswer for String {
    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        Answer::text(self).into_answer()
    }
}

impl<T: IntoAnswer, E: Display + 'static> IntoAnswer for Result<T, E> {
    fn output_schema() -> Option<Schema> {
        T::output_schema()
    }

    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        match self {
            Ok(value) => value.into_answer(),
            Err(error) => match Error::from_any(error) {
                error @ (Error::MissingCapability(_) | Error::Custom { .. }) => Err(error),
                error => Answer::error(error.to_string()).into_answer(),
            },
        }
    }
}

impl<T: IntoAnswer> IntoAnswer for Outcome<T> {
    fn output_schema() -> Option<Schema> {
        T::output_schema()
    }

    fn into_answer(self) -> Result<Outcome<Answer>, Error> {
        self.and_then(T::into_answer)
    }
}
