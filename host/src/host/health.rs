//! One plugin's health: who may call it now, and what is told when that changes. A quarantine is kept with the cache, so
//! that the next host honours it and another one can show it.

use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::breaker::{Breaker, Outcome, Pass, Quarantine, Turn};
use super::install::Installed;
use crate::names::{Digest, PluginName};
use crate::runtime::Engine;
use crate::storage::Entry;

/// What is known of a plugin's health.
pub(super) struct Health {
    plugin: PluginName,
    component: Digest,
    breaker: Mutex<Breaker>,
}

/// The right to make one call. Its ending is noted once; a call that is given up decides nothing.
pub(super) struct Permit<'a> {
    health: &'a Health,
    engine: &'a Engine,
    pass: Pass,
    noted: bool,
}

impl Health {
    pub(super) fn new(installed: &Installed) -> Self {
        let limits = &installed.limits;
        Self {
            plugin: installed.identity.name.clone(),
            component: installed.identity.digest,
            breaker: Mutex::new(Breaker::new(limits.failures_in_a_row, limits.quarantine_ms)),
        }
    }

    /// Goes on with what an earlier host decided.
    pub(super) fn resume(&self, engine: &Engine) {
        let kept = engine.cache().and_then(|cache| cache.read(self.entry()));
        if let Some(quarantine) = kept.and_then(|json| serde_json::from_slice(&json).ok()) {
            self.lock().resume(quarantine);
        }
    }

    /// Whether a call may begin.
    ///
    /// # Errors
    /// When the plugin is quarantined.
    pub(super) fn admit<'a>(&'a self, engine: &'a Engine) -> Result<Permit<'a>, Quarantine> {
        let pass = self.lock().admit(now_ms())?;
        Ok(Permit {
            health: self,
            engine,
            pass,
            noted: false,
        })
    }

    /// The quarantine, while there is one.
    pub(super) fn quarantine(&self) -> Option<Quarantine> {
        self.lock().quarantine().cloned()
    }

    fn note(&self, engine: &Engine, pass: Pass, outcome: Outcome) {
        // What is kept must be what was decided last, so the lock is held until it is written. That is rare.
        let mut breaker = self.lock();
        let (kept, cache) = match (breaker.note(pass, outcome, now_ms()), engine.cache()) {
            (None, _) => return,
            (Some(Turn::Opened(quarantine)), cache) => {
                tracing::warn!(plugin = %self.plugin, "a plugin is quarantined: {}", words(&quarantine));
                let write = |cache: &crate::storage::Cache| {
                    let json = serde_json::to_vec(&quarantine).map_err(std::io::Error::other)?;
                    cache.write(self.entry(), &json)
                };
                (cache.map(write), cache)
            }
            (Some(Turn::Recovered), cache) => {
                tracing::warn!(plugin = %self.plugin, "a plugin has recovered, and its quarantine is over");
                (cache.map(|cache| cache.remove(self.entry())), cache)
            }
        };
        if let (Some(Err(error)), Some(cache)) = (kept, cache) {
            tracing::warn!(%error, dir = %cache.dir().display(), "the next host will not know of it");
        }
    }

    fn entry(&self) -> Entry<'static> {
        Entry::Quarantine {
            component: self.component,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Breaker> {
        // A state is replaced as a whole, so a panic leaves none half made.
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit<'_> {
    /// Notes how the call ended.
    pub(super) fn note(mut self, outcome: Outcome) {
        self.noted = true;
        self.health.note(self.engine, self.pass, outcome);
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.noted {
            self.health.note(self.engine, self.pass, Outcome::Undecided);
        }
    }
}

/// A quarantine in a sentence: why, since when, and until when.
pub(super) fn words(quarantine: &Quarantine) -> String {
    let now = now_ms();
    let Quarantine {
        since_ms,
        failures,
        reason,
        ..
    } = quarantine;
    let since = seconds(now.saturating_sub(*since_ms));
    let next = match quarantine.ms_left(now) {
        0 => "the next call is tried".to_owned(),
        left => format!("a call is tried again in {}", seconds(left)),
    };
    format!(
        "{failures} of its calls in a row failed, in the last one, {since} ago, it {reason}; {next} \
         (hint: `portcullis -v call` shows what it prints and logs; mend or update it, or take it out of portcullis.toml)"
    )
}

fn seconds(ms: u64) -> String {
    format!("{}.{} s", ms / 1_000, ms % 1_000 / 100)
}

/// Milliseconds since 1970. A clock before that is as good as none, and a quarantine ends at once.
fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(u64::MAX, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
