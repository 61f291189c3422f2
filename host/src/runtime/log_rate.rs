//! How many lines a plugin may log: so many per second over time, with a burst, all its calls together.

use std::time::Instant;

use super::bucket::Bucket;

/// Seconds whose lines may come at once: a call that tells what it does step by step, and then is quiet.
const BURST_SECONDS: f64 = 10.0;

/// Lets lines pass, or counts them.
#[derive(Debug)]
pub(super) struct LogRate {
    bucket: Bucket,
    /// Lines it takes to open again after a flood, so that one note stands for many lines.
    reopens_at: f64,
    left_out: u64,
}

/// Whether a line passes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Passage {
    Open,
    /// It does, and is the first one after some that did not.
    Reopened {
        left_out: u64,
    },
    Shut,
}

impl LogRate {
    pub(super) fn new(lines_per_second: u64, now: Instant) -> Self {
        let per_second = lines_per_second as f64;
        Self {
            bucket: Bucket::full(per_second, BURST_SECONDS * per_second, now),
            reopens_at: per_second,
            left_out: 0,
        }
    }

    /// Whether one more line passes now.
    pub(super) fn ask(&mut self, now: Instant) -> Passage {
        let needed = if self.left_out > 0 {
            self.reopens_at
        } else {
            1.0
        };
        if self.bucket.level(now) < needed {
            self.left_out = self.left_out.saturating_add(1);
            return Passage::Shut;
        }
        self.bucket.spend(1.0, now);
        match std::mem::take(&mut self.left_out) {
            0 => Passage::Open,
            left_out => Passage::Reopened { left_out },
        }
    }

    /// Lines left out since the last one that passed.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_steady_flood_gets_the_burst_and_then_the_rate() {
        let start = Instant::now();
        let mut rate = LogRate::new(5, start);
        let (mut n_passed, mut n_notes) = (0, 0);
        // A thousand lines in each of twenty seconds.
        for ms in 0..20_000 {
            match rate.ask(start + Duration::from_millis(ms)) {
                Passage::Open => n_passed += 1,
                Passage::Reopened { left_out } => {
                    assert!(left_out > 500, "one note stands for {left_out} lines");
                    n_passed += 1;
                    n_notes += 1;
                }
                Passage::Shut => {}
            }
        }
        assert!((140..=150).contains(&n_passed), "{n_passed}");
        assert!(n_notes <= 20, "{n_notes}");
    }

    #[test]
    fn a_plugin_that_keeps_its_rate_loses_nothing() {
        let start = Instant::now();
        let mut rate = LogRate::new(1, start);
        for second in 0..100 {
            let now = start + Duration::from_secs(second);
            assert_eq!(rate.ask(now), Passage::Open);
        }
    }
}
