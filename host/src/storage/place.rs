//! One folder that a plugin may see, and everything that may be done in it. What a guest asks for is checked and done here,
//! by descriptors and never by host paths.
//!
//! All of this waits for the disk, so it is called where waiting is allowed. A change that was begun is always finished, and
//! its quota settled, whoever stopped waiting for it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cap_std::fs::{Dir, OpenOptions, OpenOptionsExt};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use super::evict::evict;
use super::opened::{FileId, OpenFiles};
use super::quota::{Page, Quota};
use super::spot::{Spot, depth_of};
use super::usage::{DEPTH_MAX, Usage, Walk};
use crate::permissions::StorageKind;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The folder would hold more than it may.
    #[error("the folder's quota is used up")]
    Quota,
    /// The folder is only to be read.
    #[error("the folder is only to be read")]
    ReadOnly,
    /// Nobody does this here.
    #[error("this is not permitted in a plugin's folder")]
    NotPermitted,
    /// The system says so.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl From<Errno> for Refusal {
    fn from(errno: Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// How something is to be opened.
#[derive(Debug, Clone, Copy, Default)]
pub struct How {
    /// To be read.
    pub read: bool,
    /// To be written.
    pub write: bool,
    /// Made, when it is not there.
    pub create: bool,
    /// Refused, when it is there.
    pub exclusive: bool,
    /// Emptied.
    pub truncate: bool,
    /// Refused, unless it is a folder.
    pub directory: bool,
    /// What it links to instead, when it is a link.
    pub follow: bool,
}

/// What was opened. Holding one proves that it lies in the place it was opened in, and is no device.
#[derive(Debug)]
pub enum Opened {
    /// A file. Who clones it keeps it open, and its room taken.
    File(Arc<File>),
    /// A folder.
    Folder(File),
}

/// One folder that a plugin may see.
pub struct Place {
    kind: StorageKind,
    guest_path: String,
    top: Dir,
    is_writable: bool,
    /// None for the operator's own folders.
    quota: Option<Quota>,
    /// Whether old files make room for new ones.
    evicts: bool,
    opened: Mutex<OpenFiles>,
}

impl Place {
    pub(super) fn new(
        kind: StorageKind,
        guest_path: String,
        top: File,
        is_writable: bool,
        quota: Option<Quota>,
    ) -> Self {
        Self {
            kind,
            guest_path,
            top: Dir::from_std_file(top),
            is_writable,
            quota,
            evicts: kind == StorageKind::Cache,
            opened: Mutex::default(),
        }
    }

    /// Which kind of storage it is.
    pub fn kind(&self) -> StorageKind {
        self.kind
    }

    /// What the plugin sees it as.
    pub fn guest_path(&self) -> &str {
        &self.guest_path
    }

    /// Whether the plugin may change what is in it.
    pub fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// Whether it may only grow so far. What is written to files of one that may not has to pass through here.
    pub fn has_quota(&self) -> bool {
        self.quota.is_some()
    }

    /// The folder itself.
    ///
    /// # Errors
    /// When the process has no descriptor left.
    pub fn top(&self) -> io::Result<File> {
        Ok(self.top.try_clone()?.into_std_file())
    }

    /// Opens a file or a folder. `dir` is a folder that was opened here, `depth` levels down.
    ///
    /// # Errors
    /// When it is neither, or cannot be opened so.
    pub fn open(
        &self,
        dir: &File,
        depth: u32,
        claimed_path: &str,
        how: How,
    ) -> Result<Opened, Refusal> {
        if how.write || how.create || how.truncate {
            self.check_writable()?;
        }
        if how.directory && (how.create || how.exclusive || how.truncate) {
            return Err(Errno::INVAL.into());
        }
        let dir = Dir::from_std_file(dir.try_clone()?);
        if how.create && how.exclusive {
            return self.create(&dir, depth, claimed_path, how);
        }
        match self.open_existing(&dir, claimed_path, how) {
            Err(Refusal::Io(error)) if how.create && error.kind() == io::ErrorKind::NotFound => {
                self.create(&dir, depth, claimed_path, how)
            }
            opened => opened,
        }
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When there is something, or there may be no more, or none so deep.
    pub fn create_folder(&self, dir: &File, depth: u32, claimed_path: &str) -> Result<(), Refusal> {
        self.check_writable()?;
        check_depth(depth_of(depth, claimed_path))?;
        let dir = Dir::from_std_file(dir.try_clone()?);
        let spot = Spot::find(&dir, claimed_path)?;
        self.change(|page| {
            self.take(page, Usage::of_file(0))?;
            let made = rustix::fs::mkdirat(spot.parent(), spot.name, self.mode(0o777));
            made.or_else(|errno| give_back(page, Usage::of_file(0), errno))
        })
    }

    /// Removes an empty folder.
    ///
    /// # Errors
    /// When it is none, or not empty.
    pub fn remove_folder(&self, dir: &File, claimed_path: &str) -> Result<(), Refusal> {
        self.check_writable()?;
        let dir = Dir::from_std_file(dir.try_clone()?);
        let spot = Spot::find(&dir, claimed_path)?;
        self.change(|page| {
            rustix::fs::unlinkat(spot.parent(), spot.name, AtFlags::REMOVEDIR)?;
            Ok(page
                .as_mut()
                .map_or(Ok(()), |page| page.give(Usage::of_file(0)))?)
        })
    }

    /// Removes a file, or a link. One that is open takes its room until it is closed.
    ///
    /// # Errors
    /// When it is a folder, or not there.
    pub fn remove_file(&self, dir: &File, claimed_path: &str) -> Result<(), Refusal> {
        self.check_writable()?;
        let dir = Dir::from_std_file(dir.try_clone()?);
        let spot = Spot::find(&dir, claimed_path)?;
        if spot.is_folder {
            return Err(Errno::NOTDIR.into());
        }
        self.change(|page| {
            let mut opened = self.opened();
            let named = spot.look()?;
            rustix::fs::unlinkat(spot.parent(), spot.name, AtFlags::empty())?;
            Ok(page.as_mut().map_or(Ok(()), |page| {
                page.unlinked(named.id, named.bytes, &mut opened)
            })?)
        })
    }

    /// Moves a file or a folder within this place.
    ///
    /// # Errors
    /// When it cannot be moved there, or would lie too deep.
    pub fn rename(&self, from: (&File, &str), to: (&File, u32, &str)) -> Result<(), Refusal> {
        self.check_writable()?;
        let from_dir = Dir::from_std_file(from.0.try_clone()?);
        let to_dir = Dir::from_std_file(to.0.try_clone()?);
        let (source, target) = (Spot::find(&from_dir, from.1)?, Spot::find(&to_dir, to.2)?);
        let depth = depth_of(to.1, to.2);
        self.change(|page| {
            let mut opened = self.opened();
            let moved = source.look()?;
            if !moved.is_folder() && (source.is_folder || target.is_folder) {
                return Err(Errno::NOTDIR.into());
            }
            if moved.is_folder() {
                check_depth(depth.saturating_add(self.height_of(&source)?))?;
            }
            let replaced = target.look().ok().filter(|named| named.id != moved.id);
            rustix::fs::renameat(source.parent(), source.name, target.parent(), target.name)?;
            if let (Some(page), Some(replaced)) = (page, replaced) {
                page.unlinked(replaced.id, replaced.bytes, &mut opened)?;
            }
            Ok(())
        })
    }

    /// Writes to a file that was opened here, and says how much was written.
    ///
    /// # Errors
    /// When there is no room for all of it.
    pub fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> Result<u64, Refusal> {
        self.write(file, bytes, |_| offset)
    }

    /// Writes to the end of a file that was opened here, and says how much was written.
    ///
    /// # Errors
    /// When there is no room for all of it.
    pub fn append(&self, file: &File, bytes: &[u8]) -> Result<u64, Refusal> {
        if self.has_quota() {
            // Nobody else changes the file meanwhile.
            return self.write(file, bytes, |end| end);
        }
        self.check_writable()?;
        Ok(append_beside_others(file, bytes).map(|()| bytes.len() as u64)?)
    }

    /// Cuts a file, or lengthens it by a hole, which takes as much room as if it were written.
    ///
    /// # Errors
    /// When there is no room.
    pub fn resize(&self, file: &File, bytes: u64) -> Result<(), Refusal> {
        self.check_writable()?;
        self.change(|page| {
            let meta = file.metadata()?;
            let more = Usage::of_bytes(bytes.saturating_sub(meta.len()));
            self.take(page, more)?;
            if let Err(error) = file.set_len(bytes) {
                return give_back(page, more, error);
            }
            if let Some(page) = page {
                page.resized(FileId::of(&meta), bytes);
                page.give(Usage::of_bytes(meta.len().saturating_sub(bytes)))?;
            }
            Ok(())
        })
    }

    fn write(
        &self,
        file: &File,
        bytes: &[u8],
        offset: impl Fn(u64) -> u64,
    ) -> Result<u64, Refusal> {
        self.check_writable()?;
        if bytes.is_empty() {
            return Ok(0);
        }
        self.change(|page| {
            let meta = file.metadata()?;
            let offset = offset(meta.len());
            let end = offset
                .checked_add(bytes.len() as u64)
                .ok_or_else(|| Refusal::from(Errno::FBIG))?;
            let more = Usage::of_bytes(end.saturating_sub(meta.len()));
            self.take(page, more)?;
            let written = file.write_all_at(bytes, offset);
            if let Some(page) = page {
                // What was written before something went wrong stays.
                let now = file.metadata()?.len();
                page.resized(FileId::of(&meta), now);
                page.give(Usage::of_bytes(end.max(meta.len()).saturating_sub(now)))?;
            }
            written?;
            Ok(bytes.len() as u64)
        })
    }

    fn open_existing(&self, dir: &Dir, path: &str, how: How) -> Result<Opened, Refusal> {
        // Opening a device may do something, so it is looked at first.
        let meta = match how.follow {
            true => dir.metadata(path)?,
            false => dir.symlink_metadata(path)?,
        };
        if meta.is_symlink() {
            return Err(Errno::LOOP.into());
        }
        if !meta.is_file() && !meta.is_dir() {
            return Err(Refusal::NotPermitted);
        }
        // A pipe that has just taken the name's place would make us wait for somebody at its other end.
        let mut flags = OFlags::NONBLOCK;
        if !how.follow {
            flags |= OFlags::NOFOLLOW;
        }
        let mut options = OpenOptions::new();
        options
            .read(how.read || !(how.write || how.truncate))
            .write(how.write || how.truncate)
            .custom_flags(flags.bits().cast_signed());
        let mut opened = self.opened();
        let file = dir.open_with(path, &options)?.into_std();
        let meta = file.metadata()?;
        if meta.is_dir() {
            return Ok(Opened::Folder(file));
        }
        if how.directory {
            return Err(Errno::NOTDIR.into());
        }
        if !meta.is_file() {
            return Err(Refusal::NotPermitted);
        }
        let file = Arc::new(file);
        opened.add(FileId::of(&meta), &file);
        drop(opened);
        if how.truncate {
            self.resize(&file, 0)?;
        }
        Ok(Opened::File(file))
    }

    fn create(&self, dir: &Dir, depth: u32, path: &str, how: How) -> Result<Opened, Refusal> {
        check_depth(depth_of(depth, path))?;
        let spot = Spot::find(dir, path)?;
        if spot.is_folder {
            return Err(Errno::ISDIR.into());
        }
        let access = if how.read {
            OFlags::RDWR
        } else {
            OFlags::WRONLY
        };
        let flags = access | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        self.change(|page| {
            self.take(page, Usage::of_file(0))?;
            let made = rustix::fs::openat(spot.parent(), spot.name, flags, self.mode(0o666));
            let file = match made {
                Ok(file) => Arc::new(File::from(file)),
                Err(errno) => return give_back(page, Usage::of_file(0), errno),
            };
            self.opened().add(FileId::of(&file.metadata()?), &file);
            Ok(Opened::File(file))
        })
    }

    /// Changes something with the quota in hand, and settles the quota however it went.
    fn change<T>(
        &self,
        work: impl FnOnce(&mut Option<Page<'_>>) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let quota = self.quota.as_ref();
        let mut page = quota.map(|quota| quota.page(&self.top)).transpose()?;
        let result = work(&mut page);
        if let Some(page) = page {
            page.settle()?;
        }
        result
    }

    /// Takes room, and makes it first where it can be made.
    fn take(&self, page: &mut Option<Page<'_>>, more: Usage) -> Result<(), Refusal> {
        let (Some(page), Some(quota)) = (page, &self.quota) else {
            return Ok(());
        };
        if page.take(more)? {
            return Ok(());
        }
        if self.evicts && more.fits(quota.max()) {
            evict(page, &self.top, quota.max(), more, &mut self.opened())?;
            if page.take(more)? {
                return Ok(());
            }
        }
        Err(Refusal::Quota)
    }

    /// How many levels of folders a folder holds.
    fn height_of(&self, folder: &Spot<'_>) -> Result<u32, Refusal> {
        /// As many files as a plugin may have in a folder of its own, unless the operator says otherwise.
        const FILES_MAX: u64 = 10_000;
        let files_max = self
            .quota
            .as_ref()
            .map_or(FILES_MAX, |quota| quota.max().files);
        let walk = Walk::measure(&folder.open_folder()?, files_max)?;
        match walk.is_whole {
            true => Ok(walk.height),
            false => Err(Refusal::Quota),
        }
    }

    fn check_writable(&self) -> Result<(), Refusal> {
        match self.is_writable {
            true => Ok(()),
            false => Err(Refusal::ReadOnly),
        }
    }

    /// What the host keeps for a plugin is for its owner alone; in an operator's folder the operator's mask decides.
    fn mode(&self, mode: u32) -> Mode {
        Mode::from_raw_mode(if self.has_quota() { mode & 0o700 } else { mode })
    }

    fn opened(&self) -> MutexGuard<'_, OpenFiles> {
        // Each change is one call, so a panic leaves nothing half done.
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Appends to a file that others may append to at the same time, as a log.
#[cfg(target_os = "linux")]
fn append_beside_others(file: &File, mut bytes: &[u8]) -> io::Result<()> {
    use rustix::io::{ReadWriteFlags, pwritev2};
    while !bytes.is_empty() {
        let rest = [io::IoSlice::new(bytes)];
        let n = match pwritev2(file, &rest, 0, ReadWriteFlags::APPEND) {
            Err(Errno::INTR) => continue,
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            written => written?,
        };
        bytes = bytes.get(n..).unwrap_or_default();
    }
    Ok(())
}

/// Appends to a file, at the end it has now.
#[cfg(not(target_os = "linux"))]
fn append_beside_others(file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all_at(bytes, file.metadata()?.len())
}

fn check_depth(depth: u32) -> Result<(), Refusal> {
    match depth <= DEPTH_MAX {
        true => Ok(()),
        false => Err(Refusal::Quota),
    }
}

/// Gives back what was taken for something that then failed.
fn give_back<T>(
    page: &mut Option<Page<'_>>,
    taken: Usage,
    failed: impl Into<Refusal>,
) -> Result<T, Refusal> {
    if let Some(page) = page {
        page.give(taken)?;
    }
    Err(failed.into())
}
