//! Which files of a folder this process has open: a file that was unlinked takes its room until the last of them is closed.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::sync::{Arc, Weak};

/// Below so many files nobody looks for closed ones.
const FORGET_FROM: usize = 256;

/// What a file is, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FileId {
    dev: u64,
    ino: u64,
}

impl FileId {
    pub(super) fn new(dev: u64, ino: u64) -> Self {
        Self { dev, ino }
    }

    pub(super) fn of(meta: &Metadata) -> Self {
        Self::new(meta.dev(), meta.ino())
    }
}

/// Everybody who has one file open. A stream, and an operation that still runs, count as well as the guest's own handle,
/// because they share its [`Arc`].
#[derive(Default)]
pub(super) struct Holders(Vec<Weak<File>>);

impl Holders {
    pub(super) fn are_gone(&self) -> bool {
        self.0.iter().all(|holder| holder.strong_count() == 0)
    }
}

/// The files that are open.
#[derive(Default)]
pub(super) struct OpenFiles {
    holders: HashMap<FileId, Holders>,
    forget_from: usize,
}

impl OpenFiles {
    pub(super) fn add(&mut self, id: FileId, file: &Arc<File>) {
        if self.holders.len() >= self.forget_from.max(FORGET_FROM) {
            self.holders.retain(|_, holders| !holders.are_gone());
            self.forget_from = self.holders.len().saturating_mul(2);
        }
        let holders = self.holders.entry(id).or_default();
        holders.0.retain(|holder| holder.strong_count() > 0);
        holders.0.push(Arc::downgrade(file));
    }

    pub(super) fn has(&self, id: FileId) -> bool {
        let holders = self.holders.get(&id);
        holders.is_some_and(|holders| !holders.are_gone())
    }

    /// Those who hold a file that loses its name, if there are any.
    pub(super) fn take(&mut self, id: FileId) -> Option<Holders> {
        let holders = self.holders.remove(&id)?;
        (!holders.are_gone()).then_some(holders)
    }
}
