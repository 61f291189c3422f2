//! How much of the processor a plugin uses over time, all its calls together: measured in thread time at each poll, and
//! held to its share by letting it wait.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use super::bucket::Bucket;
use super::usage::Tally;

/// Milliseconds of all its cores that a plugin may use in one go. Timers wake a sleeper one or two milliseconds late, and
/// what comes together meanwhile must fit, or the share would be missed; most calls fit as well and never wait.
const BURST_MS: u64 = 20;

/// One plugin's share.
#[derive(Debug)]
pub(super) struct CpuShare(Mutex<Bucket>);

impl CpuShare {
    /// A share of `percent` hundredths of a core.
    pub(super) fn new(percent: u64) -> Self {
        Self(Mutex::new(bucket(percent, Instant::now())))
    }

    /// Does some work, and lets it wait whenever the plugin has used more than its share.
    ///
    /// A wait ends with the work's deadline or its cancellation like any other, since it happens between two polls.
    pub(super) async fn metered<F: Future>(&self, work: F, tally: &Tally) -> F::Output {
        let mut work = pin!(work);
        loop {
            while let Some(debt) = self.debt() {
                tokio::time::sleep(debt).await;
            }
            let ended = poll_fn(|context| {
                let before = thread_time();
                let polled = work.as_mut().poll(context);
                let spent = thread_time().saturating_sub(before);
                tally.add_cpu(spent);
                match polled {
                    Poll::Ready(output) => {
                        self.spend(spent);
                        Poll::Ready(Some(output))
                    }
                    Poll::Pending if self.spend(spent) => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
            if let Some(output) = ended {
                return output;
            }
        }
    }

    /// How long it takes until the plugin has used no more than its share.
    fn debt(&self) -> Option<Duration> {
        self.lock().debt(Instant::now())
    }

    /// Takes what was used. Says whether it was more than there was.
    fn spend(&self, spent: Duration) -> bool {
        let now = Instant::now();
        let mut bucket = self.lock();
        bucket.spend(spent.as_secs_f64(), now);
        bucket.level(now) < 0.0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Bucket> {
        // There are numbers in it, each of them whole whatever panicked.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A bucket of seconds of a core.
fn bucket(percent: u64, now: Instant) -> Bucket {
    let cores = percent as f64 / 100.0;
    let burst = Duration::from_millis(BURST_MS).as_secs_f64();
    Bucket::full(cores, burst * cores.max(1.0), now)
}

/// The processor time this thread has used.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What share guests get that spin all the time, by a clock that only this test moves.
    fn share_of_spinners(percent: u64, n_guests: u32) -> f64 {
        /// What a guest computes between two yields.
        const POLL: Duration = Duration::from_micros(15);
        /// Timers wake a sleeper at the next millisecond, and then one late.
        const TICK: Duration = Duration::from_millis(2);
        const SECONDS: u64 = 10;

        let start = Instant::now();
        let mut now = start;
        let mut used = Duration::ZERO;
        let mut bucket = bucket(percent, now);
        while now < start + Duration::from_secs(SECONDS) {
            if let Some(debt) = bucket.debt(now) {
                now += debt + TICK;
                continue;
            }
            // The guests run side by side, each on a core of its own.
            now += POLL;
            bucket.spend((POLL * n_guests).as_secs_f64(), now);
            used += POLL * n_guests;
        }
        used.as_secs_f64() / SECONDS as f64
    }

    #[test]
    fn spinning_guests_get_their_share_and_no_more() {
        for (percent, n_guests) in [(1, 1), (25, 1), (50, 1), (50, 4), (100, 2), (250, 16)] {
            let share = share_of_spinners(percent, n_guests);
            let wanted = percent as f64 / 100.0;
            let burst = 0.002 * wanted.max(1.0);
            assert!(
                share <= wanted * 1.01 + burst,
                "{percent} % × {n_guests}: {share}"
            );
            assert!(share >= wanted * 0.99, "{percent} % × {n_guests}: {share}");
        }
    }

    #[test]
    fn one_guest_that_stays_within_its_share_never_waits() {
        let start = Instant::now();
        let mut bucket = bucket(50, start);
        for n in 1..1_000 {
            let now = start + Duration::from_millis(10) * n;
            assert_eq!(bucket.debt(now), None);
            bucket.spend(0.004, now);
        }
    }

    #[tokio::test]
    async fn what_work_computes_is_counted() {
        let (share, tally) = (CpuShare::new(100), Tally::default());
        let work = async {
            let until = thread_time() + Duration::from_millis(2);
            while thread_time() < until {}
            7
        };
        assert_eq!(share.metered(work, &tally).await, 7);
        let debt_or_less = share.lock().level(Instant::now()) <= 0.020;
        assert!(debt_or_less);
    }
}
