//! The rounds of a call that needs more input: what was asked, what came back, and how a round ends.

use serde::{Deserialize, Serialize};

use super::{JsonObject, ToolResult};

/// How a round of a call ends.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    /// With what was asked for.
    Complete(T),
    /// With questions.
    InputRequired(InputRequired),
}

/// What a tool's last round gives.
#[derive(Debug, Clone, PartialEq)]
pub enum ToolOutcome {
    /// The answer.
    Result(ToolResult),
    /// The answer will come later.
    Task(TaskStart),
}

/// Questions, each under a key that is unique in its round, and what the plugin wants back with the responses. There is
/// a question or a state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct InputRequired {
    /// What is asked.
    pub requests: Vec<(String, InputRequest)>,
    /// Opaque to everybody but the plugin.
    #[serde(with = "super::base64_bytes::optional", default)]
    pub state: Option<Vec<u8>>,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum InputRequest {
    /// Let the person fill in a form.
    Form {
        /// Why it is asked.
        message: String,
        /// A flat JSON Schema object.
        schema: JsonObject,
    },
    /// Send the person to a page.
    Page {
        /// Why.
        message: String,
        /// Where.
        url: String,
    },
    /// Run the client's language model: MCP `CreateMessageRequestParams`.
    Sample(JsonObject),
    /// Name the folders the client works in.
    Roots,
}

/// What an earlier round of the same call left behind; empty in the first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Continuation {
    /// Each response with the key of its question.
    pub responses: Vec<(String, InputResponse)>,
    /// What the plugin wanted back.
    #[serde(with = "super::base64_bytes::optional", default)]
    pub state: Option<Vec<u8>>,
}

/// One response, checked against its question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum InputResponse {
    /// The person filled in the form, or went to the page (then it is empty).
    Accepted(JsonObject),
    /// The person said no.
    Declined,
    /// The person closed the question.
    Cancelled,
    /// The model's words: MCP `CreateMessageResult`.
    Sampled(JsonObject),
    /// The folders the client works in.
    Roots(Vec<Root>),
}

/// A folder the client works in. A name, and no right to read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// A `file:` URI.
    pub uri: String,
    /// What people call it.
    pub name: Option<String>,
}

/// The beginning of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskStart {
    /// Milliseconds for which the outcome is kept.
    pub ttl_ms: Option<u64>,
    /// Milliseconds between polls that make sense.
    pub poll_ms: Option<u64>,
    /// What it is doing, for people.
    pub status: Option<String>,
    /// Handed to the plugin when the task runs.
    pub state: Vec<u8>,
}
