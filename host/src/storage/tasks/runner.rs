//! Which hosts live: each keeps a file of its own locked, and the lock goes with the process, whatever ends it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::TaskId;

/// The folder of the files, in the folder of tasks.
const FOLDER: &str = "hosts";

/// This host.
pub(super) struct Runner {
    id: String,
    /// None when nobody else can see what it works on.
    lock: Option<Lock>,
}

struct Lock {
    folder: PathBuf,
    /// Held as long as this host lives.
    _held: File,
}

impl Runner {
    /// This host, known to all that share the folder. What hosts that are gone left is removed.
    pub(super) fn begin(dir: &Path) -> io::Result<Self> {
        let folder = dir.join(FOLDER);
        fs::create_dir_all(&folder)?;
        // While this is held nobody else begins, so a file without a lock is not one that is just being made.
        let all = File::open(&folder)?;
        all.lock()?;
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if !is_locked(&path) {
                match fs::remove_file(&path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        let id = new_id()?;
        let held = File::create_new(folder.join(&id))?;
        held.lock()?;
        let lock = Lock {
            folder,
            _held: held,
        };
        Ok(Self {
            id,
            lock: Some(lock),
        })
    }

    /// A host whose tasks nobody else can see.
    pub(super) fn alone() -> io::Result<Self> {
        Ok(Self {
            id: new_id()?,
            lock: None,
        })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_known_to_others(&self) -> bool {
        self.lock.is_some()
    }

    /// Whether a host lives, this one included.
    pub(super) fn is_alive(&self, other: &str) -> bool {
        let lock = self.lock.as_ref();
        other == self.id || lock.is_some_and(|lock| is_locked(&lock.folder.join(other)))
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            // When it stays the next host removes it.
            let _ = fs::remove_file(lock.folder.join(&self.id));
        }
    }
}

fn new_id() -> io::Result<String> {
    Ok(TaskId::random()?.as_str().to_owned())
}

/// Whether somebody holds the file. One that cannot be looked at is taken to be held: two hosts must not do the same work.
fn is_locked(path: &Path) -> bool {
    match File::open(path) {
        Err(error) => error.kind() != io::ErrorKind::NotFound,
        Ok(file) => match file.try_lock() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        },
    }
}
