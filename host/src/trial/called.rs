//! What came of a call, and what happened meanwhile.

use serde_json::Value;

use super::Exchange;
use crate::contract::Event;
use crate::runtime::{Cut, LogLine, Tried, Usage};

/// What came of a call, and all that happened during it.
#[derive(Debug, Clone)]
pub struct Called<T> {
    /// What the plugin answered, or why there is no answer, in the words a client would get.
    pub answer: Result<Asked<T>, String>,
    /// All that happened during it.
    pub meanwhile: Meanwhile,
}

/// How a call ended that did not fail.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked<T> {
    /// With an answer.
    Answer(T),
    /// With questions for the user or the client that the conditions do not answer: MCP input requests by their keys.
    Questions(Value),
}

/// What happened while somebody waited for a plugin.
#[derive(Debug, Clone, Default)]
pub struct Meanwhile {
    /// What it used in all its rounds; nothing when the plugin was not reached.
    pub usage: Usage,
    /// Visits to the plugin: one for each round of a call and of a task.
    pub n_rounds: u32,
    /// What it tried that needs permission, each once, in order.
    pub tried: Vec<Tried>,
    /// What it printed and logged.
    pub log: Vec<LogLine>,
    /// What it reported for its client meanwhile: progress, and log lines of every level.
    pub events: Vec<Event>,
    /// The requests it sent, and what was answered. Secrets are left out.
    pub exchanges: Vec<Exchange>,
    /// Requests that were permitted and found nobody, each as a sentence with a hint.
    pub unmatched: Vec<String>,
    /// Of what there was more than is remembered: more was tried, logged or reported than stands here.
    pub cut: Cut,
}

impl<T> Called<T> {
    /// The same with the answer in another form.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Called<U> {
        Called {
            answer: self.answer.map(|asked| asked.map(form)),
            meanwhile: self.meanwhile,
        }
    }
}

impl<T> Asked<T> {
    fn map<U>(self, form: impl FnOnce(T) -> U) -> Asked<U> {
        match self {
            Self::Answer(answer) => Asked::Answer(form(answer)),
            Self::Questions(questions) => Asked::Questions(questions),
        }
    }
}
