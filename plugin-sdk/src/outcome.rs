//! How a round of a call ends: with what was asked for, with questions, or with a task.

use serde_json::Value;

use crate::bindings::host::portcullis::plugin::call::{Form, InputRequest, InputRequired, Page};
use crate::{Error, Task};

/// How a round of a call ends. A tool, a resource or a prompt may return it.
///
/// A plugin does not wait while a person thinks: it returns its questions, and its instance ends. The host calls the
/// same function again with the same arguments; the responses are then in [`Context::response`] and the state in
/// [`Context::state`].
///
/// [`Context::response`]: crate::Context::response
/// [`Context::state`]: crate::Context::state
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    /// The call is over.
    Complete(T),
    /// The call goes on when these have been answered.
    Ask(Questions),
    /// The call goes on by itself, and the client looks in from time to time. Only a tool that says `task = "…"` may
    /// return it.
    Task(Task),
}

impl<T> Outcome<T> {
    /// Converts what the call was for; questions and tasks stay what they are.
    pub(crate) fn and_then<U>(
        self,
        convert: impl FnOnce(T) -> Result<Outcome<U>, Error>,
    ) -> Result<Outcome<U>, Error> {
        match self {
            Self::Complete(value) => convert(value),
            Self::Ask(questions) => Ok(Outcome::Ask(questions)),
            Self::Task(task) => Ok(Outcome::Task(task)),
        }
    }
}

impl<T> From<T> for Outcome<T> {
    fn from(value: T) -> Self {
        Self::Complete(value)
    }
}

/// Questions for the person or the client, each under a key of its own.
///
/// Ask only for what [`Context::capabilities`](crate::Context::capabilities) declares; the host refuses the rest.
#[derive(Debug, Clone, Default, PartialEq)]
#[must_use]
pub struct Questions {
    requests: Vec<(String, InputRequest)>,
    state: Option<Vec<u8>>,
}

impl Questions {
    /// No question yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets the person fill in a form. `schema` is a flat JSON Schema object, for example from
    /// [`schema::of`](crate::schema::of).
    pub fn form(
        self,
        key: impl Into<String>,
        message: impl Into<String>,
        schema: impl Into<Value>,
    ) -> Self {
        let schema = schema.into().to_string();
        let message = message.into();
        self.ask(key, InputRequest::ElicitForm(Form { message, schema }))
    }

    /// Sends the person to a page, for what must not pass through the client, such as a password.
    pub fn url(
        self,
        key: impl Into<String>,
        message: impl Into<String>,
        url: impl Into<String>,
    ) -> Self {
        let (message, url) = (message.into(), url.into());
        self.ask(key, InputRequest::ElicitUrl(Page { message, url }))
    }

    /// Runs the client's language model. `request` is MCP `CreateMessageRequestParams`.
    pub fn sample(self, key: impl Into<String>, request: impl Into<Value>) -> Self {
        let request = request.into().to_string();
        self.ask(key, InputRequest::Sample(request))
    }

    /// Asks for the folders the client works in.
    pub fn roots(self, key: impl Into<String>) -> Self {
        self.ask(key, InputRequest::ListRoots)
    }

    /// Keeps bytes for the next round. They leave the host encrypted, and come back unchanged or not at all.
    pub fn state(mut self, state: impl Into<Vec<u8>>) -> Self {
        self.state = Some(state.into());
        self
    }

    fn ask(mut self, key: impl Into<String>, request: InputRequest) -> Self {
        self.requests.push((key.into(), request));
        self
    }
}

impl From<Questions> for InputRequired {
    fn from(Questions { requests, state }: Questions) -> Self {
        Self { requests, state }
    }
}
