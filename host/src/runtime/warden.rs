//! Tells people when a plugin was refused: in its log, and in a list that a learning run prints.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::log::{PluginLog, Source, printable};
use super::redaction;
use crate::contract::LogLevel;
use crate::permissions::{Attempt, Denial, Keys};

/// Different refusals of one plugin that are remembered; a guest can make up as many as it likes.
const DENIALS_MAX: usize = 1_000;

/// Asks the keys of one plugin, and remembers what they refused. Cheap to clone.
#[derive(Clone)]
pub(super) struct Warden(Arc<Inner>);

struct Inner {
    keys: Arc<Keys>,
    log: Arc<PluginLog>,
    denials: Mutex<BTreeMap<Attempt, Denial>>,
}

impl Warden {
    pub(super) fn new(keys: Arc<Keys>, log: Arc<PluginLog>) -> Self {
        Self(Arc::new(Inner {
            keys,
            log,
            denials: Mutex::default(),
        }))
    }

    /// The keys, to be asked without anybody being told.
    pub(super) fn keys(&self) -> &Arc<Keys> {
        &self.0.keys
    }

    /// Whether the plugin may do something. A refusal is told.
    pub(super) fn permits(&self, attempt: &Attempt) -> bool {
        let decided = self.0.keys.decide(attempt);
        decided.map_err(|denial| self.tell(*denial)).is_ok()
    }

    /// Tells of a refusal, the first time in full. A guest that tries the same again and again does not fill the log.
    pub(super) fn tell(&self, mut denial: Denial) {
        if let Some(redactor) = self.0.log.redactor() {
            redaction::denial(redactor, &mut denial);
        }
        let mut denials = self
            .0
            .denials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if denials.len() >= DENIALS_MAX || denials.contains_key(&denial.attempt) {
            return;
        }
        let plugin = &self.0.keys.identity().name;
        tracing::warn!(target: "denied", %plugin, "{}", printable(&denial.to_string()));
        let log = |line: &str| self.0.log.push(Source::Host, LogLevel::Warning, line);
        log(&denial.to_string());
        for remedy in &denial.remedies {
            let lines = remedy.lines.replace('\n', " ");
            log(&format!("to allow it, in {}: {lines}", remedy.file));
        }
        denials.insert(denial.attempt.clone(), denial);
    }

    /// Tells of what went wrong with something that was tried, and is no question of permission.
    pub(super) fn note(&self, what: &str) {
        let what = super::log::printable(what);
        self.0.log.push(Source::Host, LogLevel::Warning, &what);
    }

    /// What was refused so far.
    pub(super) fn denials(&self) -> Vec<Denial> {
        let denials = self
            .0
            .denials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        denials.values().cloned().collect()
    }
}
