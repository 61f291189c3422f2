//! Tells people when a plugin was refused: in its log, and in a list that a learning run prints.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::{Method, Uri};

use super::log::{PluginLog, Source, printable};
use super::redaction;
use super::trail::Trail;
use crate::contract::LogLevel;
use crate::permissions::{Attempt, Denial, HttpAttempt, Keys};

/// Different refusals of one plugin that are remembered; a guest can make up as many as it likes.
const DENIALS_MAX: usize = 1_000;

/// Asks the keys of one plugin, and remembers what they refused. Cheap to clone.
#[derive(Clone)]
pub(super) struct Warden {
    inner: Arc<Inner>,
    /// Where the call at hand notes what it tries.
    trail: Option<Arc<Trail>>,
}

struct Inner {
    keys: Arc<Keys>,
    log: Arc<PluginLog>,
    denials: Mutex<BTreeMap<Attempt, Denial>>,
}

impl Warden {
    pub(super) fn new(keys: Arc<Keys>, log: Arc<PluginLog>) -> Self {
        let inner = Inner {
            keys,
            log,
            denials: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
            trail: None,
        }
    }

    /// The same warden for one call, which notes on its trail what it tries.
    pub(super) fn on(&self, trail: Option<Arc<Trail>>) -> Self {
        Self {
            inner: self.inner.clone(),
            trail,
        }
    }

    /// The keys, to be asked without anybody being told.
    pub(super) fn keys(&self) -> &Arc<Keys> {
        &self.inner.keys
    }

    /// Whether the plugin may do something. A refusal is told.
    pub(super) fn permits(&self, attempt: &Attempt) -> bool {
        let decided = self.inner.keys.decide(attempt);
        self.saw(|| attempt.clone(), decided.is_ok());
        decided.map_err(|denial| self.tell(*denial)).is_ok()
    }

    /// Notes what was tried, when the call has a trail.
    pub(super) fn saw(&self, attempt: impl FnOnce() -> Attempt, is_permitted: bool) {
        let Some(trail) = &self.trail else { return };
        let mut attempt = attempt();
        if let Some(redactor) = self.inner.log.redactor() {
            redaction::attempt(redactor, &mut attempt);
        }
        trail.note_attempt(attempt, is_permitted);
    }

    /// The same for a request that is about to be sent, which its gate will decide on.
    pub(super) fn saw_request(&self, method: &Method, uri: &Uri) {
        if self.trail.is_none() {
            return;
        }
        if let Ok(attempt) = HttpAttempt::new(method.as_str(), &uri.to_string()) {
            let is_permitted = self.inner.keys.http(&attempt).is_ok();
            self.saw(|| Attempt::Http(attempt), is_permitted);
        }
    }

    /// Tells of a refusal, the first time in full. A guest that tries the same again and again does not fill the log.
    pub(super) fn tell(&self, mut denial: Denial) {
        self.saw(|| denial.attempt.clone(), false);
        if let Some(redactor) = self.inner.log.redactor() {
            redaction::denial(redactor, &mut denial);
        }
        let mut denials = self
            .inner
            .denials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if denials.len() >= DENIALS_MAX || denials.contains_key(&denial.attempt) {
            return;
        }
        let plugin = &self.inner.keys.identity().name;
        tracing::warn!(target: "denied", %plugin, "{}", printable(&denial.to_string()));
        let log = |line: &str| self.say(line);
        log(&denial.to_string());
        for remedy in &denial.remedies {
            let lines = remedy.lines.replace('\n', " ");
            log(&format!("to allow it, in {}: {lines}", remedy.file));
        }
        denials.insert(denial.attempt.clone(), denial);
    }

    /// Tells of what went wrong with something that was tried, and is no question of permission.
    pub(super) fn note(&self, what: &str) {
        self.say(&printable(what));
    }

    fn say(&self, line: &str) {
        let trail = self.trail.as_deref();
        let log = &self.inner.log;
        log.push(trail, Source::Host, LogLevel::Warning, line);
    }

    /// What was refused so far.
    pub(super) fn denials(&self) -> Vec<Denial> {
        let denials = self
            .inner
            .denials
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        denials.values().cloned().collect()
    }
}
