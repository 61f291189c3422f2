//! What a prompt is made of.

use std::fmt::Display;

pub use crate::bindings::prompt_plugin::exports::portcullis::plugin::prompts::PromptMessage as Message;
use crate::{Content, Error, Outcome, Role};

impl Message {
    /// Something the person says.
    pub fn user(content: impl Into<Content>) -> Self {
        Self {
            role: Role::User,
            content: content.into(),
        }
    }

    /// Something the language model says.
    pub fn assistant(content: impl Into<Content>) -> Self {
        Self {
            role: Role::Assistant,
            content: content.into(),
        }
    }
}

/// What a prompt may return.
#[diagnostic::on_unimplemented(
    message = "a prompt cannot return `{Self}`",
    label = "not a message",
    note = "return text (one message by the user), `Message`, `Vec<Message>`, or a `Result` or an `Outcome` of one of these"
)]
pub trait IntoMessages {
    /// The messages, or questions.
    ///
    /// # Errors
    /// When the prompt cannot be filled in.
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error>;
}

impl IntoMessages for String {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        Message::user(self).into_messages()
    }
}

impl IntoMessages for &str {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        Message::user(self).into_messages()
    }
}

impl IntoMessages for Message {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        vec![self].into_messages()
    }
}

impl IntoMessages for Vec<Message> {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        Ok(self.into())
    }
}

impl<T: IntoMessages, E: Display + 'static> IntoMessages for Result<T, E> {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        self.map_err(Error::from_any)?.into_messages()
    }
}

impl<T: IntoMessages> IntoMessages for Outcome<T> {
    fn into_messages(self) -> Result<Outcome<Vec<Message>>, Error> {
        self.and_then(T::into_messages)
    }
}
