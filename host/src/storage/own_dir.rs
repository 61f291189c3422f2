//! Directories that are the host's alone: made for the owner only, and refused when others could have changed them.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags};

/// Only its owner may read it, write it, or see what is in it.
const OWNER_ONLY: u32 = 0o700;

/// Why a directory is not the host's alone.
#[derive(Debug)]
pub(super) enum NotOwn {
    /// It cannot be made or opened.
    Io(io::Error),
    /// Somebody else can change it, or it is a link to wherever somebody pointed it.
    Unsafe,
}

impl From<rustix::io::Errno> for NotOwn {
    fn from(errno: rustix::io::Errno) -> Self {
        Self::Io(errno.into())
    }
}

/// Opens a directory, and makes it, with those above it, when it is not there.
pub(super) fn open(dir: &Path) -> Result<File, NotOwn> {
    DirBuilder::new()
        .recursive(true)
        .mode(OWNER_ONLY)
        .create(dir)
        .map_err(NotOwn::Io)?;
    vetted(rustix::fs::openat(CWD, dir, flags(), Mode::empty()))
}

/// Opens a directory in another one that is the host's, and makes it when it is not there.
pub(super) fn open_in(parent: impl AsFd, name: &str) -> Result<File, NotOwn> {
    let parent = parent.as_fd();
    match rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(OWNER_ONLY)) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(errno) => return Err(errno.into()),
    }
    vetted(rustix::fs::openat(parent, name, flags(), Mode::empty()))
}

fn flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC
}

/// What was opened is looked at, not its name, which may lead elsewhere by now.
fn vetted(opened: rustix::io::Result<OwnedFd>) -> Result<File, NotOwn> {
    let dir = match opened {
        Ok(dir) => File::from(dir),
        // What `NOFOLLOW` says of a link, with and without `DIRECTORY`.
        Err(rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR) => return Err(NotOwn::Unsafe),
        Err(errno) => return Err(errno.into()),
    };
    let meta = dir.metadata().map_err(NotOwn::Io)?;
    let is_own = meta.uid() == rustix::process::geteuid().as_raw();
    match is_own && meta.mode() & 0o077 == 0 {
        true => Ok(dir),
        false => Err(NotOwn::Unsafe),
    }
}
