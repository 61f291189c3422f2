//! What a guest has in place of the true time and of true randomness: when the operator withholds them, and when a trial
//! pretends others.
//!
//! Withheld, it still has clocks and generators, since most languages need them to start, and they are the same in every
//! call. A timer still takes the time it is set to, so a guest that sleeps wakes up; with one it can tell a long wait from
//! a short one, and no more.
//!
//! Pretended are a time and the beginning of all randomness, so that a test finds the same answers every day. Only a trial
//! pretends: no configuration leads here. Nothing is given by it that is withheld.

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng, TryRng};
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use super::trail::Trail;
use super::warden::Warden;
use crate::permissions::{Attempt, SystemPower};

/// 2000-01-01T00:00:00Z, in seconds since 1970: no certificate is valid for it by accident, and every calendar has it.
const WALL_CLOCK_SECONDS: u64 = 946_684_800;

/// How far a clock that counts from its start moves with each reading. It has to move, or a loop that waits for it would
/// not end before its deadline.
const STEP_NANOSECONDS: u64 = 1_000_000;

/// Where every generator begins that is withheld. Any number does.
const SEED: u64 = WALL_CLOCK_SECONDS;

/// What is pretended to the plugins of a trial. Withheld powers stay withheld.
#[derive(Debug, Clone, Default)]
pub struct Pretended {
    /// What their clocks show, all the time; none: the true time.
    pub now: Option<SystemTime>,
    /// Where their random numbers come from; none: true ones.
    pub dice: Option<Arc<Dice>>,
}

/// Random numbers that are the same whenever the same calls are made in the same order.
#[derive(Debug)]
pub struct Dice {
    seed: u64,
    /// The number of the call, and in its lower half that of the instance within it.
    turn: AtomicU64,
}

impl Dice {
    /// Dice that fall as this number wants it.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            turn: AtomicU64::new(0),
        }
    }

    /// Begins the next call. Its numbers depend on no instance before it, of which a warm cache needs fewer.
    pub fn begin_call(&self) {
        let turn = self.turn.load(Ordering::Relaxed);
        self.turn.store(((turn >> 32) + 1) << 32, Ordering::Relaxed);
    }

    /// A generator for the next instance.
    fn next(&self) -> StdRng {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut bytes = <StdRng as SeedableRng>::Seed::default();
        bytes[..8].copy_from_slice(&self.seed.to_le_bytes());
        bytes[8..16].copy_from_slice(&turn.to_le_bytes());
        StdRng::from_seed(bytes)
    }
}

/// Gives an instance the time and the randomness it is to have, when that is not the true one.
pub(super) fn apply(
    warden: &Warden,
    pretended: &Pretended,
    trail: Option<&Arc<Trail>>,
    wasi: &mut WasiCtxBuilder,
) {
    let keys = warden.keys();
    let withheld = |power: &SystemPower| keys.system(power).is_err();
    if withheld(&SystemPower::Clock) {
        let notice = Notice::of(SystemPower::Clock, trail);
        wasi.wall_clock(FixedClock(
            Duration::from_secs(WALL_CLOCK_SECONDS),
            notice.clone(),
        ))
        .monotonic_clock(SteppingClock(Cell::default(), notice));
    } else if let Some(now) = pretended.now {
        // A time before 1970 is none that this interface can tell.
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        wasi.wall_clock(FixedClock(now, Notice::default()))
            .monotonic_clock(SteppingClock::default());
    }
    if withheld(&SystemPower::Random) {
        let notice = Notice::of(SystemPower::Random, trail);
        let generator = || Noted(StdRng::seed_from_u64(SEED), notice.clone());
        wasi.secure_random(generator())
            .insecure_random(generator())
            .insecure_random_seed(SEED.into());
    } else if let Some(dice) = &pretended.dice {
        let mut generator = dice.next();
        wasi.insecure_random(StdRng::seed_from_u64(generator.next_u64()))
            .insecure_random_seed(generator.next_u64().into())
            .secure_random(generator);
    }
}

/// Notes that something was used that is withheld.
#[derive(Clone, Default)]
struct Notice(Option<(Arc<Trail>, SystemPower)>);

impl Notice {
    fn of(power: SystemPower, trail: Option<&Arc<Trail>>) -> Self {
        Self(trail.map(|trail| (trail.clone(), power)))
    }

    fn give(&self) {
        if let Some((trail, power)) = &self.0 {
            trail.note_attempt(Attempt::System(power.clone()), false);
        }
    }
}

/// A clock that always shows the same instant.
struct FixedClock(Duration, Notice);

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        self.1.give();
        self.0
    }
}

/// A clock that counts how often it was read.
#[derive(Default)]
struct SteppingClock(Cell<u64>, Notice);

impl HostMonotonicClock for SteppingClock {
    fn resolution(&self) -> u64 {
        STEP_NANOSECONDS
    }

    fn now(&self) -> u64 {
        self.1.give();
        self.0.set(self.0.get().saturating_add(STEP_NANOSECONDS));
        self.0.get()
    }
}

/// A generator whose use is noted.
struct Noted(StdRng, Notice);

impl TryRng for Noted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.1.give();
        self.0.try_next_u32()
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.1.give();
        self.0.try_next_u64()
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.1.give();
        self.0.try_fill_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first number of each instance, call by call.
    fn thrown(seed: u64, calls: &[usize]) -> Vec<Vec<u64>> {
        let dice = Dice::new(seed);
        let call = |n: &usize| {
            dice.begin_call();
            (0..*n).map(|_| dice.next().next_u64()).collect()
        };
        calls.iter().map(call).collect()
    }

    #[test]
    fn dice_fall_the_same_for_the_same_calls_and_never_twice_the_same_in_one_trial() {
        assert_eq!(thrown(7, &[1, 2, 1]), thrown(7, &[1, 2, 1]));
        assert_ne!(thrown(7, &[1]), thrown(8, &[1]));
        let mut all: Vec<_> = thrown(7, &[3, 3, 3]).concat();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 9);
        // How many instances a call before needed changes nothing.
        assert_eq!(thrown(7, &[1, 1])[1], thrown(7, &[5, 1])[1]);
    }
}
