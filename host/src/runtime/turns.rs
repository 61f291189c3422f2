//! Whose turn it is: so many calls of a plugin run at one time, so many wait, for so long, and all plugins share the
//! places for instances.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::failure::FailureKind;
use crate::limits::{LIVE_INSTANCES_MAX, Limits};

/// The turns of one plugin.
pub(super) struct Turns {
    /// One permit for each call that may run at one time.
    running: Semaphore,
    /// One permit for each call that may wait.
    waiting: Semaphore,
    /// One permit for each instance of any plugin that may be alive.
    instances: Arc<Semaphore>,
    n_running_max: u64,
    n_waiting_max: u64,
    queue_ms: u64,
}

/// A call's turn, and the place for its instance. The next call has it when it is dropped.
pub(super) struct Turn<'a> {
    _running: SemaphorePermit<'a>,
    _instance: OwnedSemaphorePermit,
}

/// Semaphores are never closed here, so waiting for a permit cannot fail.
const NEVER_CLOSED: &str = "nobody closes the semaphore";

impl Turns {
    pub(super) fn new(limits: &Limits, instances: Arc<Semaphore>) -> Self {
        let permits = |limit: u64| {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            Semaphore::new(limit.min(Semaphore::MAX_PERMITS))
        };
        Self {
            running: permits(limits.concurrent_calls),
            waiting: permits(limits.queued_calls),
            instances,
            n_running_max: limits.concurrent_calls,
            n_waiting_max: limits.queued_calls,
            queue_ms: limits.queue_ms,
        }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// When too many others wait, or the wait is too long. The plugin has done nothing for the call then.
    pub(super) async fn take(&self) -> Result<Turn<'_>, FailureKind> {
        if let (Ok(running), Ok(instance)) = (
            self.running.try_acquire(),
            self.instances.clone().try_acquire_owned(),
        ) {
            return Ok(Turn {
                _running: running,
                _instance: instance,
            });
        }
        let _waiting = self
            .waiting
            .try_acquire()
            .map_err(|_| FailureKind::QueueFull {
                allowed: self.n_waiting_max,
            })?;
        let wait = Duration::from_millis(self.queue_ms);
        tokio::time::timeout(wait, self.wait())
            .await
            .map_err(|_| self.too_late())
    }

    async fn wait(&self) -> Turn<'_> {
        let running = self.running.acquire().await.expect(NEVER_CLOSED);
        let instance = self.instances.clone().acquire_owned().await;
        Turn {
            _running: running,
            _instance: instance.expect(NEVER_CLOSED),
        }
    }

    /// Why a call had to wait for too long: for the plugin's own calls, or for those of all plugins.
    fn too_late(&self) -> FailureKind {
        if self.instances.available_permits() == 0 && self.running.available_permits() > 0 {
            return FailureKind::HostBusy {
                allowed: LIVE_INSTANCES_MAX.into(),
            };
        }
        FailureKind::QueueTime {
            allowed: self.queue_ms,
        }
    }

    /// The failure of a call whose own time was over before its turn came.
    pub(super) fn busy(&self) -> FailureKind {
        FailureKind::Busy {
            allowed: self.n_running_max,
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const LONG_MS: u64 = 600_000;

    /// One call runs, and one waits.
    fn turns(queue_ms: u64, n_instances: usize) -> Turns {
        let limits = Limits {
            concurrent_calls: 1,
            queued_calls: 1,
            queue_ms,
            ..Limits::default()
        };
        Turns::new(&limits, Arc::new(Semaphore::new(n_instances)))
    }

    #[tokio::test]
    async fn one_runs_one_waits_and_the_third_is_refused() {
        let turns = turns(LONG_MS, 9);
        let first = turns.take().await.expect("it is free");
        let mut second = Box::pin(turns.take());
        assert!(second.as_mut().now_or_never().is_none());
        let third = turns.take().await.err();
        assert_eq!(third, Some(FailureKind::QueueFull { allowed: 1 }));
        drop(first);
        drop(second.await.expect("its turn has come"));
        assert!(turns.take().await.is_ok());
    }

    #[tokio::test]
    async fn a_wait_ends_in_time_and_says_what_was_waited_for() {
        let of_its_own = turns(1, 9);
        let _turn = of_its_own.take().await.expect("it is free");
        let late = of_its_own.take().await.err();
        assert_eq!(late, Some(FailureKind::QueueTime { allowed: 1 }));

        let of_others = turns(1, 0);
        let late = of_others.take().await.err();
        assert!(
            matches!(late, Some(FailureKind::HostBusy { .. })),
            "{late:?}"
        );
    }

    #[tokio::test]
    async fn who_stops_waiting_makes_room_for_another() {
        let turns = turns(LONG_MS, 9);
        let _turn = turns.take().await.expect("it is free");
        for _ in 0..3 {
            let mut waits = Box::pin(turns.take());
            assert!(waits.as_mut().now_or_never().is_none());
        }
    }
}
