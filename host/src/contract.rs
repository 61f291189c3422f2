//! What plugins offer and say, checked: the host's side of `wit/`.
//!
//! The types of the generated bindings are claims. The runtime turns each into a type of this room at the door, where it is
//! measured, parsed and named, and nothing behind that door sees a claim. What is described here is also what is kept
//! in the cache, so it can be written down as JSON, in the words MCP uses.

mod base64_bytes;
mod content;
mod context;
mod error;
mod event;
mod lists;
mod results;
mod rounds;
mod skill;

pub use content::{
    Annotations, Body, Content, Contents, Icon, IconTheme, Media, ResourceLink, Role,
};
pub use context::{
    ClientCapabilities, ClientInfo, Context, Principal, TASKS_EXTENSION, TraceContext,
};
pub use error::PluginError;
pub use event::{Event, ListKind, LogLevel};
pub use lists::{
    CacheHint, CacheScope, Lists, Prompt, PromptArgument, ResourceTemplate, TaskSupport, Tool,
    ToolAnnotations,
};
pub use results::{PromptMessage, PromptResult, ReadResult, Reference, Suggestions, ToolResult};
pub use rounds::{
    Continuation, InputRequest, InputRequired, InputResponse, Outcome, Root, TaskStart, ToolOutcome,
};
pub use skill::{SKILL_MD, Skill, SkillFile};

/// A JSON object, such as `_meta`.
pub type JsonObject = serde_json::Map<String, serde_json::Value>;
