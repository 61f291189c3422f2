//! Keys that are fetched: when they are fetched again, and how often at most.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::keys::{Algorithm, KeySet, PublicKey};
use super::{BadKeySet, Refusal};

/// Time after which keys are fetched again, so that one that was withdrawn does not hold for ever.
const FRESH: Duration = Duration::from_secs(600);

/// Time for which old keys hold while new ones cannot be had. A server that is away for longer has lost them, or its
/// withdrawals no longer come through.
const STALE_MAX: Duration = Duration::from_secs(86_400);

/// Time between two fetches. A token may name any key, so whoever sends one could ask for a fetch.
const FETCH_PAUSE: Duration = Duration::from_secs(30);

/// Where the keys of an authorization server come from.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The JWK set as it is now. Whoever fetches bounds its size and the time for it.
    async fn fetch(&self) -> Result<Vec<u8>, String>;
}

/// The keys of one authorization server.
pub(super) struct Keyring {
    source: Option<Box<dyn KeySource>>,
    kept: RwLock<Option<Kept>>,
    /// When they were last asked for. Held while they are, so that they are not asked for twice.
    asked: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Kept {
    keys: Arc<KeySet>,
    since: Instant,
}

impl Keyring {
    /// Keys that never change.
    pub(super) fn fixed(json: &[u8]) -> Result<Self, BadKeySet> {
        let kept = Kept {
            keys: Arc::new(KeySet::parse(json)?),
            since: Instant::now(),
        };
        Ok(Self {
            source: None,
            kept: RwLock::new(Some(kept)),
            asked: Mutex::default(),
        })
    }

    /// Keys that are fetched when the first token comes.
    pub(super) fn fetched(source: Box<dyn KeySource>) -> Self {
        Self {
            source: Some(source),
            kept: RwLock::default(),
            asked: Mutex::default(),
        }
    }

    /// The key that a token says it was signed with.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Arc<PublicKey>, Refusal> {
        let found = |kept: &Kept| kept.keys.find(id, algorithm);
        let before = self.kept();
        if let Some(kept) = &before
            && (self.source.is_none() || kept.since.elapsed() < FRESH)
            && let Some(key) = found(kept)
        {
            return Ok(key);
        }
        self.refresh(before.as_ref()).await;
        let kept = self
            .kept()
            .filter(|kept| self.source.is_none() || kept.since.elapsed() < STALE_MAX);
        let kept = kept.ok_or(Refusal::Unknown)?;
        found(&kept).ok_or(Refusal::BadToken(
            "no key is known that could have signed it",
        ))
    }

    /// Asks for the keys, unless somebody did just now.
    async fn refresh(&self, before: Option<&Kept>) {
        let Some(source) = &self.source else {
            return;
        };
        let mut asked = self.asked.lock().await;
        let is_newer = self.kept().map(|kept| kept.since) > before.map(|kept| kept.since);
        if is_newer || asked.is_some_and(|asked| asked.elapsed() < FETCH_PAUSE) {
            return;
        }
        *asked = Some(Instant::now());
        let fetched = source.fetch().await;
        let parsed =
            fetched.and_then(|json| KeySet::parse(&json).map_err(|error| format!("it {error}")));
        match parsed {
            Ok(keys) => {
                let kept = Kept {
                    keys: Arc::new(keys),
                    since: Instant::now(),
                };
                *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
            }
            Err(reason) => {
                tracing::warn!(reason, "the keys of the authorization server cannot be had");
            }
        }
    }

    fn kept(&self) -> Option<Kept> {
        // It is replaced as a whole.
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }
}
