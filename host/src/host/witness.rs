//! Somebody who sees every call: what was asked and answered, what it used, and what its plugin tried meanwhile. What a
//! plugin does before its first call and after its last is seen as well.
//!
//! For those who develop a plugin (`portcullis dev`) or try one (the room `trial`). A host without a witness notes nothing.
//! No configuration leads here: what a witness sees are arguments and answers, which a host otherwise tells nobody.

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::{Call, CallError, Premises, Usage};
use crate::contract::{
    InputRequest, Outcome, PromptResult, ReadResult, Suggestions, TaskStart, ToolOutcome,
    ToolResult,
};
use crate::names::PluginName;
use crate::runtime::{Failure, Trail};

/// Sees calls.
pub trait Witness: Send + Sync {
    /// Takes note of one visit to a plugin, when it has ended: of a round of a call, or of a task. It is told on the way
    /// of the answer, so it must not take long. A plugin that comes into service is visited to be told so and for its lists,
    /// and one that leaves is told that.
    fn see(&self, seen: &Seen<'_>);
}

/// One visit to a plugin.
#[derive(Debug)]
pub struct Seen<'a> {
    /// `tools/call`, `resources/read`, `prompts/get` or `completion/complete`, `task` for a round of a task, and without a
    /// client `activate`, `list` and `deactivate`.
    pub method: &'static str,
    /// Whose visit it was.
    pub plugin: &'a PluginName,
    /// The tool or the prompt, by the plugin's name for it, the URI or its template; empty when no client asks.
    pub subject: &'a str,
    /// An object; `null` when there are none.
    pub arguments: &'a Value,
    /// How it ended.
    pub ending: Result<Said<'a>, &'a CallError>,
    /// Whether the plugin was reached: what is turned away before, such as arguments that do not fit, is seen as well.
    pub was_reached: bool,
    /// What it used.
    pub usage: Usage,
    /// What it tried, said and reported meanwhile. The plugin's secrets are left out.
    pub trail: &'a Trail,
}

/// What a plugin said.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// A tool's answer, "no" included.
    Tool(&'a ToolResult),
    /// That the answer will come later.
    Task(&'a TaskStart),
    /// What was read.
    Read(&'a ReadResult),
    /// A prompt, filled in.
    Prompt(&'a PromptResult),
    /// Suggestions for an argument.
    Suggestions(&'a Suggestions),
    /// Questions, by their keys.
    Questions(&'a [(String, InputRequest)]),
    /// Nothing for a client: it came into service, listed what it offers, or left.
    Done,
}

/// What a round gives, as a witness sees it.
pub(super) trait Seeable {
    fn seen(&self) -> Said<'_>;
}

impl Seeable for ToolOutcome {
    fn seen(&self) -> Said<'_> {
        match self {
            Self::Result(result) => Said::Tool(result),
            Self::Task(start) => Said::Task(start),
        }
    }
}

impl Seeable for () {
    fn seen(&self) -> Said<'_> {
        Said::Done
    }
}

impl Seeable for ToolResult {
    fn seen(&self) -> Said<'_> {
        Said::Tool(self)
    }
}

impl Seeable for ReadResult {
    fn seen(&self) -> Said<'_> {
        Said::Read(self)
    }
}

impl Seeable for PromptResult {
    fn seen(&self) -> Said<'_> {
        Said::Prompt(self)
    }
}

impl Seeable for Suggestions {
    fn seen(&self) -> Said<'_> {
        Said::Suggestions(self)
    }
}

impl<T: Seeable> Seeable for Outcome<T> {
    fn seen(&self) -> Said<'_> {
        match self {
            Self::Complete(value) => value.seen(),
            Self::InputRequired(asked) => Said::Questions(&asked.requests),
        }
    }
}

/// A visit that is watched from its beginning to its end.
pub(super) struct Watching<'a> {
    witness: Arc<dyn Witness>,
    method: &'static str,
    plugin: &'a PluginName,
    subject: &'a str,
    arguments: &'a Value,
    usage: Arc<OnceLock<Usage>>,
    trail: Arc<Trail>,
}

impl<'a> Watching<'a> {
    /// Begins, when there is a witness: from now on the call leaves a trail.
    pub(super) fn begin(
        premises: &Premises,
        method: &'static str,
        plugin: &'a PluginName,
        subject: &'a str,
        arguments: &'a Value,
        call: &mut Call,
    ) -> Option<Self> {
        let witness = premises.witness()?.clone();
        Some(Self {
            witness,
            method,
            plugin,
            subject,
            arguments,
            usage: call.usage.get_or_insert_default().clone(),
            trail: call.trail.get_or_insert_default().clone(),
        })
    }

    /// Begins to watch what a plugin does without a client. Gives what comes with it.
    pub(super) fn begin_quietly(
        premises: &Premises,
        method: &'static str,
        plugin: &'a PluginName,
    ) -> (Option<Self>, Call) {
        let mut call = Call::default();
        let watching = Self::begin(premises, method, plugin, "", &Value::Null, &mut call);
        (watching, call)
    }

    /// The same for a visit that nobody but the host asked for. Gives how it ended.
    pub(super) fn end_quietly<T>(
        watching: Option<Self>,
        ended: Result<T, Failure>,
    ) -> Result<T, Failure> {
        let Some(watching) = watching else {
            return ended;
        };
        // A plugin that has no ear for it was not visited.
        match ended {
            Ok(value) => {
                if watching.usage.get().is_some() {
                    watching.end(Ok(&()));
                }
                Ok(value)
            }
            Err(failure) => {
                watching.end(Err::<&(), _>(&CallError::Failed(failure.clone())));
                Err(failure)
            }
        }
    }

    /// Tells the witness how it ended.
    pub(super) fn end(self, ending: Result<&impl Seeable, &CallError>) {
        self.witness.see(&Seen {
            method: self.method,
            plugin: self.plugin,
            subject: self.subject,
            arguments: self.arguments,
            ending: ending.map(Seeable::seen),
            was_reached: self.usage.get().is_some(),
            usage: self.usage.get().copied().unwrap_or_default(),
            trail: &self.trail,
        });
    }
}
