//! Counts what a guest takes, and says no in time.

use wasmtime::ResourceLimiter;

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
    memory_bytes: usize,
    memory_bytes_max: usize,
    table_elements: usize,
    table_elements_max: usize,
    instances_max: usize,
    refused: Option<Refused>,
}

/// What a guest asked for and was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    Memory,
    Table,
}

impl Meter {
    pub(super) fn new(limits: &Limits) -> Self {
        let size = |limit: u64| usize::try_from(limit).unwrap_or(usize::MAX);
        Self {
            memory_bytes: 0,
            memory_bytes_max: size(limits.memory_bytes),
            table_elements: 0,
            table_elements_max: size(limits.table_elements),
            instances_max: size(limits.instances),
            refused: None,
        }
    }

    /// What was refused last. A guest that was refused something and then trapped most likely died of it.
    pub(super) fn refused(&self) -> Option<Refused> {
        self.refused
    }

    /// The bytes of linear memory in use. Memory never shrinks, so this is also the most there ever was.
    pub(super) fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }
}

/// Adds the growth when the sum stays within `max`.
fn grow(used: &mut usize, current: usize, desired: usize, max: usize) -> bool {
    let sum = used.saturating_add(desired.saturating_sub(current));
    let fits = sum <= max;
    if fits {
        *used = sum;
    }
    fits
}

impl ResourceLimiter for Meter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            // The memory's own bound, which the guest set itself, or the pool's, which is the ceiling of the limit.
            self.refused = Some(Refused::Memory);
            return Ok(false);
        }
        let fits = grow(
            &mut self.memory_bytes,
            current,
            desired,
            self.memory_bytes_max,
        );
        if !fits {
            self.refused = Some(Refused::Memory);
        }
        Ok(fits)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            self.refused = Some(Refused::Table);
            return Ok(false);
        }
        let fits = grow(
            &mut self.table_elements,
            current,
            desired,
            self.table_elements_max,
        );
        if !fits {
            self.refused = Some(Refused::Table);
        }
        Ok(fits)
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
        let mut meter = Meter::new(&limits);
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
}
