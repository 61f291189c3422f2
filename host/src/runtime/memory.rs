//! The linear memory of all instances of all plugins together, and how much of it there may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One host's memory for guests. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(super) struct TotalMemory(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    used: AtomicU64,
    max: u64,
}

/// What one instance holds of it. It is given back when this is dropped.
#[derive(Debug)]
pub(super) struct Holding {
    total: TotalMemory,
    held: u64,
}

impl TotalMemory {
    pub(super) fn new(max: u64) -> Self {
        Self(Arc::new(Inner {
            used: AtomicU64::new(0),
            max,
        }))
    }

    /// Nothing of it, for an instance that is about to begin.
    pub(super) fn hold(&self) -> Holding {
        Holding {
            total: self.clone(),
            held: 0,
        }
    }

    /// Adds `bytes` when the sum stays within the bound.
    fn take(&self, bytes: u64) -> bool {
        let add = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= self.0.max);
        self.0
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .is_ok()
    }
}

impl Holding {
    /// Bytes there may be, over all that hold some.
    pub(super) fn max(&self) -> u64 {
        self.total.0.max
    }

    /// Holds so many bytes more, if there are so many.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        let fits = self.total.take(bytes);
        if fits {
            self.held += bytes;
        }
        fits
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.total.0.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_hold_together_what_there_is_and_give_it_back() {
        let total = TotalMemory::new(100);
        let (mut a, mut b) = (total.hold(), total.hold());
        assert!(a.grow(60) && b.grow(40));
        assert!(!b.grow(1) && !b.grow(u64::MAX));
        drop(a);
        assert!(b.grow(60) && !b.grow(1));
    }
}
