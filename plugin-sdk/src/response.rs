//! What came back for a question.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Error;
use crate::bindings::host::portcullis::plugin::call::InputResponse;
pub use crate::bindings::host::portcullis::plugin::call::Root;

/// The response to one of the [`Questions`](crate::Questions) of an earlier round.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Response {
    /// The person filled in the form, or went to the page (then it is `{}`).
    Accepted(Value),
    /// The person said no.
    Declined,
    /// The person closed the question without an answer.
    Cancelled,
    /// The model's words, as MCP `CreateMessageResult`.
    Sampled(Value),
    /// The folders the client works in.
    Roots(Vec<Root>),
    /// The result of a question this version does not know.
    Other(Value),
}

impl Response {
    /// Reads the form the person filled in.
    ///
    /// # Errors
    /// When the person declined or closed the form, or when what came back does not fit `T`.
    pub fn accepted<T: DeserializeOwned>(&self) -> Result<T, Error> {
        match self {
            Self::Accepted(form) => T::deserialize(form)
                .map_err(|error| Error::invalid_params(format!("the form does not fit: {error}"))),
            Self::Declined => Err(Error::other("the person declined")),
            Self::Cancelled => Err(Error::other("the person closed the question")),
            _ => Err(Error::invalid_params("the response is not a form")),
        }
    }
}

impl From<InputResponse> for Response {
    fn from(response: InputResponse) -> Self {
        // The host checked that each text is JSON, so `null` never stands for a broken one in practice.
        let parse = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
        match response {
            InputResponse::Accepted(form) => Self::Accepted(parse(form)),
            InputResponse::Declined => Self::Declined,
            InputResponse::Cancelled => Self::Cancelled,
            InputResponse::Sampled(result) => Self::Sampled(parse(result)),
            InputResponse::Roots(roots) => Self::Roots(roots),
            InputResponse::Other(result) => Self::Other(parse(result)),
        }
    }
}
