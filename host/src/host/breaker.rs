//! When a plugin that keeps failing is left alone for a while. Decides and never acts: whoever asks brings the time, in
//! milliseconds since 1970, so that a decision outlives the process.
//!
//! Closed, all calls pass. After so many failures in a row it opens, and no call passes for a time. Then one call is tried:
//! when it succeeds all is well again, and when it fails the time doubles.

use serde::{Deserialize, Serialize};

/// The longest quarantine. A plugin whose trouble was outside, such as a server that was down, should be back before a
/// person gives it up; one that is broken for good costs one failing call in that time.
const QUARANTINE_MS_MAX: u64 = 300_000;

/// A plugin is left alone for a while, because its calls kept failing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantine {
    /// When it began, in milliseconds since 1970.
    pub since_ms: u64,
    /// When the next call is tried.
    pub until_ms: u64,
    /// Calls that failed in a row.
    pub failures: u64,
    /// How often the time was doubled.
    pub doubled: u32,
    /// What happened in the last one.
    pub reason: String,
}

impl Quarantine {
    /// Milliseconds until a call is tried. A clock that was set back does not make it longer.
    pub fn ms_left(&self, now: u64) -> u64 {
        let length = self.until_ms.saturating_sub(self.since_ms);
        let length = length.min(QUARANTINE_MS_MAX);
        self.until_ms.saturating_sub(now).min(length)
    }
}

/// Watches one plugin's calls.
#[derive(Debug)]
pub(super) struct Breaker {
    failures_max: u64,
    first_ms: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    Closed {
        failures: u64,
    },
    Open(Quarantine),
    /// One call is being tried. The quarantine goes on for all others.
    Trying(Quarantine),
}

/// What a call was let through as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pass {
    Normal,
    /// Its ending decides.
    Trial,
}

/// How a call ended, as far as its plugin's health goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Worked,
    /// By the plugin's fault, and this is what happened.
    Failed(String),
    /// It says nothing about the plugin.
    Undecided,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Opened(Quarantine),
    Recovered,
}

impl Breaker {
    pub(super) fn new(failures_max: u64, first_ms: u64) -> Self {
        Self {
            failures_max,
            first_ms: first_ms.min(QUARANTINE_MS_MAX),
            state: State::Closed { failures: 0 },
        }
    }

    /// Goes on with a quarantine of an earlier process.
    pub(super) fn resume(&mut self, quarantine: Quarantine) {
        self.state = State::Open(quarantine);
    }

    /// Whether a call may begin. Whoever is let through says later how it ended.
    pub(super) fn admit(&mut self, now: u64) -> Result<Pass, Quarantine> {
        match &self.state {
            State::Closed { .. } => Ok(Pass::Normal),
            State::Open(quarantine) if quarantine.ms_left(now) == 0 => {
                self.state = State::Trying(quarantine.clone());
                Ok(Pass::Trial)
            }
            State::Open(quarantine) | State::Trying(quarantine) => Err(quarantine.clone()),
        }
    }

    /// Takes note of how a call ended. One that began before the quarantine decides nothing any more.
    pub(super) fn note(&mut self, pass: Pass, outcome: Outcome, now: u64) -> Option<Turn> {
        match (&mut self.state, pass, outcome) {
            (State::Closed { failures }, Pass::Normal, Outcome::Worked) => {
                *failures = 0;
                None
            }
            (State::Closed { failures }, Pass::Normal, Outcome::Failed(reason)) => {
                *failures += 1;
                let failures = *failures;
                (failures >= self.failures_max).then(|| self.open(failures, 0, reason, now))
            }
            (State::Trying(_), Pass::Trial, Outcome::Worked) => {
                self.state = State::Closed { failures: 0 };
                Some(Turn::Recovered)
            }
            (State::Trying(before), Pass::Trial, Outcome::Failed(reason)) => {
                let (failures, doubled) = (before.failures + 1, before.doubled + 1);
                Some(self.open(failures, doubled, reason, now))
            }
            (State::Trying(before), Pass::Trial, Outcome::Undecided) => {
                self.state = State::Open(before.clone());
                None
            }
            _ => None,
        }
    }

    /// The quarantine, while there is one.
    pub(super) fn quarantine(&self) -> Option<&Quarantine> {
        match &self.state {
            State::Closed { .. } => None,
            State::Open(quarantine) | State::Trying(quarantine) => Some(quarantine),
        }
    }

    fn open(&mut self, failures: u64, doubled: u32, reason: String, now: u64) -> Turn {
        let factor = 1_u64.checked_shl(doubled).unwrap_or(u64::MAX);
        let ms = self.first_ms.saturating_mul(factor).min(QUARANTINE_MS_MAX);
        let quarantine = Quarantine {
            since_ms: now,
            until_ms: now.saturating_add(ms),
            failures,
            doubled,
            reason,
        };
        self.state = State::Open(quarantine.clone());
        Turn::Opened(quarantine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One call, by the clock: whether it is let through, and how it ends.
    struct Call(u64, Result<Pass, u64>, Option<Outcome>);

    fn failed() -> Option<Outcome> {
        Some(Outcome::Failed("crashed".to_owned()))
    }

    fn worked() -> Option<Outcome> {
        Some(Outcome::Worked)
    }

    /// Plays calls one after the other against a breaker of three failures and a first quarantine of 100 ms. A refused
    /// call says until when.
    fn check(calls: &[Call]) -> Breaker {
        let mut breaker = Breaker::new(3, 100);
        for (n, Call(now, expected, outcome)) in calls.iter().enumerate() {
            let admitted = breaker.admit(*now);
            let told = admitted.clone().map_err(|quarantine| quarantine.until_ms);
            assert_eq!(told, *expected, "call {n} at {now}");
            if let (Ok(pass), Some(outcome)) = (admitted, outcome) {
                breaker.note(pass, outcome.clone(), *now);
            }
        }
        breaker
    }

    #[test]
    fn so_many_failures_in_a_row_open_it_and_one_success_between_them_does_not_let_it() {
        let normal = Ok(Pass::Normal);
        check(&[
            Call(0, normal, failed()),
            Call(1, normal, failed()),
            Call(2, normal, worked()),
            Call(3, normal, failed()),
            Call(4, normal, Some(Outcome::Undecided)),
            Call(5, normal, failed()),
            Call(6, normal, failed()),
            Call(7, Err(106), None),
            Call(105, Err(106), None),
        ]);
    }

    #[test]
    fn one_trial_decides_and_each_failed_one_doubles_the_time() {
        let (normal, trial) = (Ok(Pass::Normal), Ok(Pass::Trial));
        let breaker = check(&[
            Call(0, normal, failed()),
            Call(0, normal, failed()),
            Call(0, normal, failed()),
            Call(100, trial, None),
            Call(100, Err(100), None),
        ]);
        assert_eq!(breaker.quarantine().map(|it| it.failures), Some(3));
        let breaker = check(&[
            Call(0, normal, failed()),
            Call(0, normal, failed()),
            Call(0, normal, failed()),
            Call(100, trial, failed()),
            Call(299, Err(300), None),
            Call(300, trial, Some(Outcome::Undecided)),
            Call(300, trial, failed()),
            Call(699, Err(700), None),
            Call(700, trial, worked()),
            Call(701, normal, failed()),
            Call(702, normal, failed()),
            Call(703, normal, failed()),
            Call(704, Err(803), None),
        ]);
        assert_eq!(breaker.quarantine().map(|it| it.doubled), Some(0));
    }

    #[test]
    fn the_time_grows_to_five_minutes_and_no_further() {
        let mut breaker = Breaker::new(1, 1_000);
        let mut now = 0;
        for _ in 0..100 {
            let pass = breaker.admit(now).expect("its time is over");
            let turn = breaker.note(pass, Outcome::Failed(String::new()), now);
            let Some(Turn::Opened(quarantine)) = turn else {
                panic!("{turn:?}")
            };
            assert!(quarantine.until_ms - now <= QUARANTINE_MS_MAX);
            now = quarantine.until_ms;
        }
        let length = breaker.quarantine().map(|it| it.until_ms - it.since_ms);
        assert_eq!(length, Some(QUARANTINE_MS_MAX));
    }

    #[test]
    fn calls_that_began_before_the_quarantine_decide_nothing() {
        let mut breaker = Breaker::new(1, 100);
        let late = breaker.admit(0).expect("it is closed");
        let pass = breaker.admit(0).expect("it is closed");
        breaker.note(pass, Outcome::Failed(String::new()), 0);
        assert_eq!(breaker.note(late, Outcome::Worked, 1), None);
        assert_eq!(breaker.note(late, Outcome::Failed(String::new()), 1), None);
        assert!(breaker.admit(99).is_err());
    }

    #[test]
    fn a_quarantine_outlives_its_process_and_no_clock_makes_it_longer() {
        let mut breaker = Breaker::new(3, 100);
        breaker.resume(Quarantine {
            since_ms: 1_000,
            until_ms: 1_200,
            failures: 3,
            doubled: 1,
            reason: "crashed".to_owned(),
        });
        assert_eq!(breaker.quarantine().map(|it| it.ms_left(0)), Some(200));
        assert!(breaker.admit(1_199).is_err());
        assert_eq!(breaker.admit(1_200), Ok(Pass::Trial));
    }
}
