//! What is gone with a call: a folder for each running host, and in it one for each call that asks for it.
//!
//! A host holds a lock on its folder as long as it lives. A folder whose lock can be had was left by one that was killed.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use tempfile::TempDir;

/// How often removing is tried again: a host call of a guest that was cancelled may just be making a file.
const REMOVE_TRIES: u32 = 10;

/// This host's folder for what is gone with a call.
pub(super) struct TempHome {
    /// Removed when it is dropped.
    dir: TempDir,
    /// Tells other hosts that this one lives. The lock goes with the process, whatever ends it.
    _lock: File,
}

/// A new folder, removed with all that is in it when this is dropped.
pub(super) struct TempRoom(Option<TempDir>);

impl TempHome {
    /// Takes a new folder in `all`, which lies at `path`, and removes those of hosts that are no more.
    pub(super) fn open(all: File, path: &Path) -> io::Result<Self> {
        // While this is held nobody else starts, so a folder without a lock is not one that is just being made.
        all.lock()?;
        for entry in fs::read_dir(path)? {
            remove_unless_locked(&entry?.path())?;
        }
        let dir = tempfile::Builder::new().prefix("host-").tempdir_in(path)?;
        let lock = File::open(dir.path())?;
        lock.lock()?;
        Ok(Self { dir, _lock: lock })
    }

    /// A new folder.
    pub(super) fn make_room(&self) -> io::Result<TempRoom> {
        let made = tempfile::Builder::new()
            .prefix("call-")
            .tempdir_in(self.dir.path())?;
        Ok(TempRoom(Some(made)))
    }
}

impl TempRoom {
    pub(super) fn path(&self) -> &Path {
        let dir = self.0.as_ref();
        dir.expect("it is taken only when it is dropped").path()
    }
}

impl Drop for TempRoom {
    fn drop(&mut self) {
        let Some(dir) = self.0.take() else { return };
        let path = dir.keep();
        for _ in 0..REMOVE_TRIES {
            match fs::remove_dir_all(&path) {
                Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    tracing::warn!(%error, "the temporary files of a call cannot be removed");
                    return;
                }
                _ => return,
            }
        }
    }
}

fn remove_unless_locked(path: &Path) -> io::Result<()> {
    let left = match File::open(path) {
        // Another host may just have removed its own.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        opened => opened?,
    };
    match left.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
        Ok(()) => match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_host_left_is_removed_and_a_running_hosts_is_not() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let open = || {
            let all = File::open(dir.path()).expect("it is there");
            TempHome::open(all, dir.path()).expect("it can be used")
        };
        let left = dir.path().join("host-killed");
        fs::create_dir_all(left.join("call-1/deep")).expect("it can be made");
        fs::write(left.join("call-1/file"), b"left").expect("it can be written");

        let running = open();
        let room = running.make_room().expect("it can be made");
        assert!(!left.exists());
        let next = open();
        assert!(room.path().is_dir() && next.dir.path().is_dir());

        let path = room.path().to_owned();
        fs::create_dir(path.join("folder")).expect("it can be made");
        drop(room);
        assert!(!path.exists() && running.dir.path().is_dir());
    }
}
