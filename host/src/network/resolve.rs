//! Names into addresses. Asked once for each request, and never believed: every address is judged before it is used.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;
use tokio::sync::Semaphore;

/// Finds the addresses of a name.
#[async_trait]
pub trait Resolve: Send + Sync {
    /// The addresses of `host`, the best one first. It is let run to its end, even when nobody waits for it any more.
    ///
    /// # Errors
    /// When it has none, or nobody could say.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// Lookups that are under way at one time in the whole host. The system gives each a thread.
const LOOKUPS_MAX: usize = 64;

/// As the system does it.
pub(super) struct System {
    lookups: Semaphore,
}

impl Default for System {
    fn default() -> Self {
        Self {
            lookups: Semaphore::new(LOOKUPS_MAX),
        }
    }
}

#[async_trait]
impl Resolve for System {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        // Nobody closes the semaphore, so waiting for a permit cannot fail.
        let _permit = self.lookups.acquire().await;
        let found = tokio::net::lookup_host((host, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Where there is nothing to find.
pub(super) struct Nowhere;

#[async_trait]
impl Resolve for Nowhere {
    async fn resolve(&self, _host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(Vec::new())
    }
}
