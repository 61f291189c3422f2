//! A bucket that fills at a steady rate: what is taken over time stays within that rate, and a burst is what it holds.

use std::time::{Duration, Instant};

/// A bucket of anything that comes in amounts per second. Whoever uses it brings the time.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    capacity: f64,
    /// What is in it. Below zero it is owed.
    level: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(super) fn full(per_second: f64, capacity: f64, now: Instant) -> Self {
        Self {
            per_second,
            capacity,
            level: capacity,
            filled: now,
        }
    }

    /// What is in it now.
    pub(super) fn level(&mut self, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(self.filled);
        self.filled = self.filled.max(now);
        self.level = (self.level + passed.as_secs_f64() * self.per_second).min(self.capacity);
        self.level
    }

    /// Takes what was used already, as a debt when there is not so much in it.
    pub(super) fn spend(&mut self, amount: f64, now: Instant) {
        self.level = self.level(now) - amount;
    }

    /// How long it takes until nothing is owed any more; none when nothing is.
    pub(super) fn debt(&mut self, now: Instant) -> Option<Duration> {
        let level = self.level(now);
        (level < 0.0).then(|| Duration::from_secs_f64(-level / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_its_capacity_and_fills_at_its_rate() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut bucket = Bucket::full(10.0, 5.0, start);
        assert_eq!(bucket.level(at(60_000)), 5.0, "no more than it holds");
        bucket.spend(7.0, at(60_000));
        assert_eq!(bucket.debt(at(60_000)), Some(Duration::from_millis(200)));
        assert_eq!(bucket.debt(at(60_100)), Some(Duration::from_millis(100)));
        assert_eq!(bucket.debt(at(60_200)), None);
        assert_eq!(bucket.level(at(60_300)), 1.0);
        assert_eq!(
            bucket.level(at(0)),
            1.0,
            "a clock that goes back takes nothing"
        );
    }
}
