//! How much one folder may hold, and how that is kept when several calls and several hosts write to it.
//!
//! What is used stands in a file beside the folder, and whoever changes anything holds that file's lock. So calls of one
//! plugin, and hosts that share a state directory, stay within one quota exactly. The number is corrected by counting the
//! tree: at first use, after a host died in the middle of a change, and before anything is refused, because people delete
//! files too. The one thing a count cannot see is a file without a name that another host still has open.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cap_std::fs::Dir;

use super::opened::{FileId, Holders, OpenFiles};
use super::usage::{Usage, Walk};

/// How soon a full folder is counted again. A guest that hits its quota all the time costs one walk in this time.
const COUNT_AGAIN: Duration = Duration::from_secs(1);

/// Bytes, files, and whether a change was finished.
const NOTE_BYTES: usize = 17;

/// A folder that must not grow beyond its quota.
pub(super) struct Quota {
    max: Usage,
    book: Mutex<Book>,
}

struct Book {
    /// Where hosts tell each other what is used; none for a folder that belongs to one call.
    note: Option<File>,
    usage: Usage,
    counted: Option<Instant>,
    /// Files that lost their names while they were open here.
    orphans: HashMap<FileId, Orphan>,
}

struct Orphan {
    bytes: u64,
    holders: Holders,
}

/// The right to change a folder, which nobody else has meanwhile.
pub(super) struct Page<'q> {
    max: Usage,
    top: &'q Dir,
    book: MutexGuard<'q, Book>,
}

impl Quota {
    /// A quota whose usage is known from `note` to all who open that file, or to nobody else.
    pub(super) fn new(max: Usage, note: Option<File>) -> Self {
        Self {
            max,
            book: Mutex::new(Book {
                // A folder that belongs to one call is empty at its beginning.
                counted: note.is_none().then(Instant::now),
                note,
                usage: Usage::default(),
                orphans: HashMap::new(),
            }),
        }
    }

    pub(super) fn max(&self) -> Usage {
        self.max
    }

    /// Waits until nobody else changes the folder at `top`.
    pub(super) fn page<'q>(&'q self, top: &'q Dir) -> io::Result<Page<'q>> {
        // A panic leaves the note unfinished, and then the folder is counted.
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(note) = &book.note {
            note.lock()?;
        }
        let mut page = Page {
            max: self.max,
            top,
            book,
        };
        page.read()?;
        page.forget_orphans()?;
        Ok(page)
    }
}

impl Page<'_> {
    /// Takes room, when there is as much.
    pub(super) fn take(&mut self, more: Usage) -> io::Result<bool> {
        if !self.fits(more) && self.book.counted.is_none_or(is_long_ago) {
            self.count()?;
        }
        let fits = self.fits(more);
        if fits {
            self.set(self.book.usage.plus(more))?;
        }
        Ok(fits)
    }

    /// Whether there is as much room.
    pub(super) fn fits(&self, more: Usage) -> bool {
        self.book.usage.plus(more).fits(self.max)
    }

    /// Whether there would be, if that much went.
    pub(super) fn would_fit_without(&self, less: Usage, more: Usage) -> bool {
        self.book.usage.minus(less).plus(more).fits(self.max)
    }

    /// Gives room back.
    pub(super) fn give(&mut self, less: Usage) -> io::Result<()> {
        self.set(self.book.usage.minus(less))
    }

    /// Gives back the room of a file that has lost its name, now or when it is closed.
    pub(super) fn unlinked(
        &mut self,
        id: FileId,
        bytes: u64,
        opened: &mut OpenFiles,
    ) -> io::Result<()> {
        match opened.take(id) {
            Some(holders) => {
                self.book.orphans.insert(id, Orphan { bytes, holders });
                Ok(())
            }
            None => self.give(Usage::of_file(bytes)),
        }
    }

    /// Notes the size of a file that may have no name any more.
    pub(super) fn resized(&mut self, id: FileId, bytes: u64) {
        if let Some(orphan) = self.book.orphans.get_mut(&id) {
            orphan.bytes = bytes;
        }
    }

    /// Ends a change that went as it was noted.
    pub(super) fn settle(self) -> io::Result<()> {
        self.write(true)
    }

    fn set(&mut self, usage: Usage) -> io::Result<()> {
        self.book.usage = usage;
        self.write(false)
    }

    fn read(&mut self) -> io::Result<()> {
        let Some(note) = &self.book.note else {
            return Ok(());
        };
        let mut bytes = [0; NOTE_BYTES];
        let settled = match note.read_exact_at(&mut bytes, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => false,
            read => read.map(|()| bytes[16] == 1)?,
        };
        let number = |at: usize| {
            let bytes = bytes[at..at + 8].try_into();
            u64::from_le_bytes(bytes.expect("eight bytes are eight bytes"))
        };
        if !settled || self.book.counted.is_none() {
            return self.count();
        }
        self.book.usage = Usage {
            bytes: number(0),
            files: number(8),
        };
        Ok(())
    }

    fn write(&self, settled: bool) -> io::Result<()> {
        let Some(note) = &self.book.note else {
            return Ok(());
        };
        let mut bytes = [0; NOTE_BYTES];
        bytes[..8].copy_from_slice(&self.book.usage.bytes.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.book.usage.files.to_le_bytes());
        bytes[16] = u8::from(settled);
        note.write_all_at(&bytes, 0)
    }

    fn count(&mut self) -> io::Result<()> {
        let walk = Walk::measure(self.top, self.max.files)?;
        let mut usage = walk.usage;
        if !walk.is_whole {
            // There is more than anybody counted, so nothing is added until somebody took enough away.
            usage.files = usage.files.max(self.max.files.saturating_add(1));
        }
        for orphan in self.book.orphans.values() {
            usage = usage.plus(Usage::of_file(orphan.bytes));
        }
        self.book.usage = usage;
        self.book.counted = Some(Instant::now());
        self.write(false)
    }

    fn forget_orphans(&mut self) -> io::Result<()> {
        let mut closed = Usage::default();
        self.book.orphans.retain(|_, orphan| {
            let gone = orphan.holders.are_gone();
            if gone {
                closed = closed.plus(Usage::of_file(orphan.bytes));
            }
            !gone
        });
        match closed == Usage::default() {
            true => Ok(()),
            false => self.give(closed),
        }
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        if let Some(note) = &self.book.note {
            // It fails when there was no lock, and then there is none now.
            let _ = note.unlock();
        }
    }
}

fn is_long_ago(counted: Instant) -> bool {
    counted.elapsed() >= COUNT_AGAIN
}
