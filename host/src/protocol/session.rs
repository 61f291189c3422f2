//! What is remembered of one connection: very little, and nothing at all that a modern client relies on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::contract::LogLevel;
use crate::host::{Change, Host};
use crate::limits::URI_BYTES_MAX;

/// Resources one client follows at one time. An editor follows what it shows; nobody looks at more.
const SUBSCRIPTIONS_MAX: usize = 1_000;

/// One connection. Dropping it ends what was begun on its behalf.
pub(super) struct Session {
    log_level: Mutex<Option<LogLevel>>,
    subscriptions: Arc<Subscriptions>,
    unheard: Mutex<Option<broadcast::Receiver<Change>>>,
    ending: CancellationToken,
}

impl Session {
    /// A connection that ends when `closing` fires, at the latest.
    pub(super) fn new(closing: &CancellationToken) -> Self {
        Self {
            log_level: Mutex::default(),
            subscriptions: Arc::default(),
            unheard: Mutex::default(),
            ending: closing.child_token(),
        }
    }

    /// The least level of log lines a legacy client wants. It gets none before it says so.
    pub(super) fn log_level(&self) -> Option<LogLevel> {
        *lock(&self.log_level)
    }

    /// Keeps what a legacy client said with `logging/setLevel`.
    pub(super) fn set_log_level(&self, level: LogLevel) {
        *lock(&self.log_level) = Some(level);
    }

    /// The resources a legacy client follows.
    pub(super) fn subscriptions(&self) -> &Arc<Subscriptions> {
        &self.subscriptions
    }

    /// Begins to keep changes for a listener that is about to be ready, so that none is lost between the two.
    pub(super) fn keep_changes(&self, host: &Host) {
        lock(&self.unheard).get_or_insert_with(|| host.changes());
    }

    /// The changes since [`Self::keep_changes`], for one listener.
    pub(super) fn take_changes(&self) -> Option<broadcast::Receiver<Change>> {
        lock(&self.unheard).take()
    }

    /// Fires when the connection ends.
    pub(super) fn ending(&self) -> &CancellationToken {
        &self.ending
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.ending.cancel();
    }
}

/// A client that wants to follow more, or longer, than anybody needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client follows at most {SUBSCRIPTIONS_MAX} resources, with URIs of at most {URI_BYTES_MAX} bytes"
)]
pub(super) struct TooMany;

/// The resources a client follows.
#[derive(Default)]
pub(super) struct Subscriptions(Mutex<HashSet<String>>);

impl Subscriptions {
    /// Follows one more.
    pub(super) fn add(&self, uri: String) -> Result<(), TooMany> {
        let mut uris = lock(&self.0);
        if uris.contains(&uri) {
            return Ok(());
        }
        if uris.len() >= SUBSCRIPTIONS_MAX || uri.len() > URI_BYTES_MAX {
            return Err(TooMany);
        }
        uris.insert(uri);
        Ok(())
    }

    /// Follows one less.
    pub(super) fn remove(&self, uri: &str) {
        lock(&self.0).remove(uri);
    }

    /// Whether this one is followed.
    pub(super) fn contains(&self, uri: &str) -> bool {
        lock(&self.0).contains(uri)
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<String> {
        lock(&self.0).iter().cloned().collect()
    }
}

/// The first of some URIs, as many as a client may follow.
pub(super) fn within_bounds(uris: &[String]) -> Vec<String> {
    let short = uris.iter().filter(|uri| uri.len() <= URI_BYTES_MAX);
    short.take(SUBSCRIPTIONS_MAX).cloned().collect()
}

/// Nothing here is left half changed by a panic, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_follows_a_bounded_number_of_resources() {
        let subscriptions = Subscriptions::default();
        for n in 0..SUBSCRIPTIONS_MAX {
            assert_eq!(subscriptions.add(format!("a://{n}")), Ok(()));
        }
        assert_eq!(subscriptions.add("a://more".to_owned()), Err(TooMany));
        assert_eq!(subscriptions.add("a://0".to_owned()), Ok(()));
        subscriptions.remove("a://0");
        assert_eq!(subscriptions.add("a://more".to_owned()), Ok(()));
        assert!(subscriptions.contains("a://more") && !subscriptions.contains("a://0"));
    }

    #[test]
    fn a_uri_that_is_too_long_is_not_followed() {
        let long = "a".repeat(URI_BYTES_MAX + 1);
        assert_eq!(Subscriptions::default().add(long.clone()), Err(TooMany));
        assert_eq!(within_bounds(&[long, "a://x".to_owned()]), ["a://x"]);
    }

    #[test]
    fn dropping_a_session_ends_it_and_not_its_neighbours() {
        let closing = CancellationToken::new();
        let session = Session::new(&closing);
        let ending = session.ending().clone();
        drop(session);
        assert!(ending.is_cancelled() && !closing.is_cancelled());
    }
}
