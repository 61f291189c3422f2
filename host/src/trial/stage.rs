//! One plugin in a real host, under conditions.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Conditions, Exchange, TrialError};
use crate::catalogue::Catalogue;
use crate::contract::{PromptResult, ReadResult, ToolResult};
use crate::manifest::Source;
use crate::permissions::Attempt;
use crate::runtime::{Engine, LogLine, Usage};

/// One plugin in a real host, with a state folder of its own that is gone with it.
pub struct Stage {
    _engine: Engine,
}

/// Something a plugin tried during one call that needs permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What.
    pub attempt: Attempt,
    /// Whether it was permitted.
    pub is_permitted: bool,
}

/// What came of a call, and all that happened during it.
#[derive(Debug, Clone)]
pub struct Called<T> {
    /// What the plugin answered, or why there is no answer, in the words a client would get.
    pub answer: Result<Asked<T>, String>,
    /// What it used; nothing when the plugin was not reached.
    pub usage: Usage,
    /// What it tried that needs permission, each once, in order.
    pub tried: Vec<Tried>,
    /// What it printed and logged.
    pub log: Vec<LogLine>,
    /// The requests it sent, and what was answered.
    pub exchanges: Vec<Exchange>,
}

/// How a call ended that did not fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<T> {
    /// With an answer.
    Answer(T),
    /// With questions for the user or the client, as MCP input requests: JSON.
    Questions(Value),
}

impl Stage {
    /// Puts a plugin into a host of its own.
    ///
    /// # Errors
    /// When the plugin does not load or start, or the conditions cannot be had.
    pub async fn set(
        engine: &Engine,
        source: Source,
        conditions: &Conditions,
    ) -> Result<Self, TrialError> {
        let _ = (source, conditions, engine);
        Err(TrialError::Conditions("not yet".to_owned()))
    }

    /// What it offers.
    pub async fn catalogue(&self) -> Arc<Catalogue> {
        Arc::default()
    }

    /// Calls a tool by the plugin's own name for it, and follows a task to its end.
    pub async fn call_tool(&self, tool: &str, arguments: Map<String, Value>) -> Called<ToolResult> {
        let _ = (tool, arguments);
        unimplemented!()
    }

    /// Reads a resource.
    pub async fn read_resource(&self, uri: &str) -> Called<ReadResult> {
        let _ = uri;
        unimplemented!()
    }

    /// Fills in a prompt, by the plugin's own name for it.
    pub async fn get_prompt(
        &self,
        prompt: &str,
        arguments: Vec<(String, String)>,
    ) -> Called<PromptResult> {
        let _ = (prompt, arguments);
        unimplemented!()
    }

    /// The value under a key of its key-value store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn value(&self, key: &str) -> Result<Option<Bytes>, TrialError> {
        let _ = key;
        Ok(None)
    }
}
