//! What a plugin says, "no" included.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{CacheHint, Content, Contents, JsonObject, Role};

/// What a tool says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ToolResult {
    /// For the model.
    pub content: Vec<Content>,
    /// For programs. It may be JSON's `null`, which is not nothing.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "present"
    )]
    pub structured: Option<Value>,
    /// Whether it is a "no".
    pub is_error: bool,
    /// MCP `_meta`.
    pub meta: Option<JsonObject>,
}

/// Reads a value that is there, `null` as well.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadResult {
    /// One or several resources.
    pub contents: Vec<Contents>,
    /// How long they stay good.
    pub cache: Option<CacheHint>,
    /// MCP `_meta`.
    pub meta: Option<JsonObject>,
}

/// A prompt, filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptResult {
    /// What it is about.
    pub description: Option<String>,
    /// The conversation.
    pub messages: Vec<PromptMessage>,
    /// MCP `_meta`.
    pub meta: Option<JsonObject>,
}

/// Something said.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptMessage {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub content: Content,
}

/// What a completion is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// A prompt, by the plugin's name for it.
    Prompt(String),
    /// A resource template.
    ResourceTemplate(String),
}

/// Suggestions, best first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// At most [`crate::limits::SUGGESTIONS_MAX`].
    pub values: Vec<String>,
    /// How many there are in all.
    pub total: Option<u32>,
    /// Whether there are more.
    pub has_more: bool,
}
