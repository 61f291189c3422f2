//! Counts what a guest takes, and says no in time.

use wasmtime::ResourceLimiter;

use super::memory::{Holding, TotalMemory};
use crate::limits::Limits;

/// Memories of one component instance; an adapted component has two, a composed one a few more.
const MEMORIES_MAX: usize = 16;

/// Tables of one component instance.
const TABLES_MAX: usize = 64;

/// What one instance has taken of memory and tables, summed, and whether it was refused some.
///
/// wasmtime's own `StoreLimits` counts each memory for itself, so a component with many would pass any limit.
#[derive(Debug)]
pub(super) struct Meter {
    memory_bytes: Budget,
    /// The same bytes, as a part of what all instances of all plugins share.
    of_total: Holding,
    table_elements: Budget,
    instances_max: usize,
    refused: Option<Refused>,
}

/// What a guest asked for and was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Memory,
    /// Its own limit would have let it, and the one over all plugins did not.
    TotalMemory,
    Table,
}

impl Meter {
    pub(super) fn new(limits: &Limits, total: &TotalMemory) -> Self {
        Self {
            memory_bytes: Budget::new(limits.memory_bytes),
            of_total: total.hold(),
            table_elements: Budget::new(limits.table_elements),
            instances_max: usize::try_from(limits.instances).unwrap_or(usize::MAX),
            refused: None,
        }
    }

    /// What was refused last. A guest that was refused something and then trapped most likely died of it.
    pub(super) fn refused(&self) -> Option<Refused> {
        self.refused
    }

    /// The bytes of linear memory in use. Memory never shrinks, so this is also the most there ever was.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes.used
    }

    /// The bytes that all instances of all plugins share.
    pub(super) fn total_memory_bytes(&self) -> u64 {
        self.of_total.max()
    }

    fn note(&mut self, fits: bool, what: Refused) -> wasmtime::Result<bool> {
        if !fits {
            self.refused = Some(what);
        }
        Ok(fits)
    }
}

/// How much of one thing there is, over all memories or tables of an instance.
#[derive(Debug)]
struct Budget {
    used: usize,
    max: usize,
}

impl Budget {
    fn new(limit: u64) -> Self {
        let max = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { used: 0, max }
    }

    /// Adds a growth when the sum stays within the limit. `maximum` is the memory's or table's own bound, which its author
    /// set, or the pool's, which is the ceiling of the limit.
    fn grow(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        let fits = self.has_room(current, desired, maximum);
        if fits {
            self.add(current, desired);
        }
        fits
    }

    fn has_room(&self, current: usize, desired: usize, maximum: Option<usize>) -> bool {
        let sum = self.used.saturating_add(desired.saturating_sub(current));
        sum <= self.max && maximum.is_none_or(|maximum| desired <= maximum)
    }

    fn add(&mut self, current: usize, desired: usize) {
        self.used = self.used.saturating_add(desired.saturating_sub(current));
    }
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if !self.memory_bytes.has_room(current, desired, maximum) {
            return self.note(false, Refused::Memory);
        }
        let growth = desired.saturating_sub(current) as u64;
        let fits = self.of_total.grow(growth);
        if fits {
            self.memory_bytes.add(current, desired);
        }
        self.note(fits, Refused::TotalMemory)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let fits = self.table_elements.grow(current, desired, maximum);
        self.note(fits, Refused::Table)
    }

    fn instances(&self) -> usize {
        self.instances_max
    }

    fn tables(&self) -> usize {
        TABLES_MAX
    }

    fn memories(&self) -> usize {
        MEMORIES_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_summed_over_all_memories() {
        let limits = Limits {
            memory_bytes: 100,
            ..Limits::default()
        };
        let mut meter = Meter::new(&limits, &TotalMemory::new(1_000));
        let mut grow = |current, desired| {
            meter
                .memory_growing(current, desired, None)
                .expect("the meter never fails")
        };
        assert!(grow(0, 60));
        assert!(!grow(0, 60), "a second memory counts with the first");
        assert!(grow(0, 40));
        assert!(!grow(60, 61));
        assert_eq!(meter.refused(), Some(Refused::Memory));
        assert_eq!(meter.memory_bytes(), 100);
    }

    #[test]
    fn memory_is_summed_over_all_instances_and_given_back() {
        let total = TotalMemory::new(150);
        let limits = Limits {
            memory_bytes: 100,
            ..Limits::default()
        };
        let (mut first, mut second) = (Meter::new(&limits, &total), Meter::new(&limits, &total));
        let grow = |meter: &mut Meter, desired| {
            meter
                .memory_growing(0, desired, None)
                .expect("the meter never fails")
        };
        assert!(grow(&mut first, 100));
        assert!(!grow(&mut second, 100));
        assert_eq!(second.refused(), Some(Refused::TotalMemory));
        assert_eq!(second.memory_bytes(), 0);
        assert!(!grow(&mut second, 101));
        assert_eq!(
            second.refused(),
            Some(Refused::Memory),
            "its own limit is named first"
        );
        drop(first);
        assert!(grow(&mut second, 100));
    }
}
