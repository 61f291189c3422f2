//! What a guest has in place of the true time and of true randomness when the operator withholds them.
//!
//! It still has clocks and generators, since most languages need them to start, and they are the same in every call. A timer
//! still takes the time it is set to, so a guest that sleeps wakes up; with one it can tell a long wait from a short one,
//! and no more.

use std::cell::Cell;
use std::time::Duration;

use rand::SeedableRng;
use rand::rngs::StdRng;
use wasmtime_wasi::{HostMonotonicClock, HostWallClock, WasiCtxBuilder};

use crate::permissions::{Keys, SystemPower};

/// 2000-01-01T00:00:00Z, in seconds since 1970: no certificate is valid for it by accident, and every calendar has it.
const WALL_CLOCK_SECONDS: u64 = 946_684_800;

/// How far a clock that counts from its start moves with each reading. It has to move, or a loop that waits for it would
/// not end before its deadline.
const STEP_NANOSECONDS: u64 = 1_000_000;

/// Where every generator begins. Any number does.
const SEED: u64 = WALL_CLOCK_SECONDS;

/// Takes the time and randomness away that these keys do not give.
pub(super) fn apply(keys: &Keys, wasi: &mut WasiCtxBuilder) {
    if keys.system(&SystemPower::Clock).is_err() {
        wasi.wall_clock(FixedClock)
            .monotonic_clock(SteppingClock::default());
    }
    if keys.system(&SystemPower::Random).is_err() {
        wasi.secure_random(StdRng::seed_from_u64(SEED))
            .insecure_random(StdRng::seed_from_u64(SEED))
            .insecure_random_seed(SEED.into());
    }
}

/// A clock that always shows the same instant.
struct FixedClock;

impl HostWallClock for FixedClock {
    fn resolution(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn now(&self) -> Duration {
        Duration::from_secs(WALL_CLOCK_SECONDS)
    }
}

/// A clock that counts how often it was read.
#[derive(Default)]
struct SteppingClock(Cell<u64>);

impl HostMonotonicClock for SteppingClock {
    fn resolution(&self) -> u64 {
        STEP_NANOSECONDS
    }

    fn now(&self) -> u64 {
        self.0.set(self.0.get().saturating_add(STEP_NANOSECONDS));
        self.0.get()
    }
}
