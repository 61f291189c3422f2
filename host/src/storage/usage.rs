//! How much there is in a folder, and which of its files could go.

use std::fs::File;
use std::io;
use std::time::SystemTime;

use cap_std::fs::{Dir, MetadataExt};

use super::opened::FileId;

/// How deep folders may nest. No honest program goes half as deep, and whoever walks the tree needs a descriptor and some
/// of its stack for each level.
pub(super) const DEPTH_MAX: u32 = 64;

/// Bytes of files as they appear, holes included, and how many files and folders there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

impl Usage {
    pub(super) fn of_bytes(bytes: u64) -> Self {
        Self { bytes, files: 0 }
    }

    /// One file or folder.
    pub(super) fn of_file(bytes: u64) -> Self {
        Self { bytes, files: 1 }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_add(other.bytes),
            files: self.files.saturating_add(other.files),
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(other.bytes),
            files: self.files.saturating_sub(other.files),
        }
    }

    pub(super) fn fits(self, max: Self) -> bool {
        self.bytes <= max.bytes && self.files <= max.files
    }
}

/// How many entries a folder has, counted up to `max`.
///
/// # Errors
/// When it cannot be read.
pub fn entries_up_to(folder: &File, max: usize) -> io::Result<usize> {
    let mut entries = Dir::from_std_file(folder.try_clone()?).entries()?.take(max);
    entries.try_fold(0, |n, entry| entry.map(|_| n + 1))
}

/// A file that was found.
pub(super) struct Found {
    /// From the top of the tree.
    pub(super) path: String,
    pub(super) id: FileId,
    pub(super) bytes: u64,
    pub(super) modified: SystemTime,
}

/// A walk through a tree.
pub(super) struct Walk {
    /// What was found.
    pub(super) usage: Usage,
    /// How many levels of folders there are below the top.
    pub(super) height: u32,
    /// Whether all of it was seen. It was not when there is more than there can honestly be.
    pub(super) is_whole: bool,
    files_max: u64,
    found: Option<Vec<Found>>,
}

impl Walk {
    /// Counts a tree, up to `files_max` files and folders.
    pub(super) fn measure(top: &Dir, files_max: u64) -> io::Result<Self> {
        Self::through(top, files_max, None)
    }

    /// Lists the files of a tree, up to as many.
    pub(super) fn list(top: &Dir, files_max: u64) -> io::Result<Vec<Found>> {
        let walk = Self::through(top, files_max, Some(Vec::new()))?;
        Ok(walk.found.unwrap_or_default())
    }

    fn through(top: &Dir, files_max: u64, found: Option<Vec<Found>>) -> io::Result<Self> {
        let mut walk = Self {
            usage: Usage::default(),
            height: 0,
            is_whole: true,
            files_max,
            found,
        };
        walk.enter(top, "", 0)?;
        Ok(walk)
    }

    fn enter(&mut self, dir: &Dir, path: &str, depth: u32) -> io::Result<()> {
        self.height = self.height.max(depth);
        if depth > DEPTH_MAX {
            self.is_whole = false;
            return Ok(());
        }
        for entry in dir.entries()? {
            let entry = entry?;
            if self.usage.files > self.files_max {
                self.is_whole = false;
                return Ok(());
            }
            let meta = match entry.metadata() {
                // Another host may remove what this one has just seen.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                meta => meta?,
            };
            let bytes = if meta.is_file() { meta.len() } else { 0 };
            self.usage = self.usage.plus(Usage::of_file(bytes));
            let name = entry.file_name();
            let path = format!("{path}{}", name.to_string_lossy());
            if meta.is_dir() {
                match entry.open_dir() {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    inner => self.enter(&inner?, &format!("{path}/"), depth + 1)?,
                }
            } else if let Some(found) = self.found.as_mut().filter(|_| meta.is_file()) {
                found.push(Found {
                    path,
                    id: FileId::new(meta.dev(), meta.ino()),
                    bytes,
                    modified: meta
                        .modified()
                        .map_or(SystemTime::UNIX_EPOCH, |at| at.into_std()),
                });
            }
        }
        Ok(())
    }
}
