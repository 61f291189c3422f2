//! What the host can make again and would rather not: compiled code and lists, by the component's digest.
//!
//! An entry is a file and its tag, each written whole or not at all. Compiled code is native code, so nothing is used
//! whose tag does not verify; the key is readable by its owner alone. An entry that is missing, torn or forged is simply
//! not there. Somebody who can read the owner's files can forge entries, and could run code as the owner anyway.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::key::{Key, TAG_BYTES};
use super::own_dir::{self, NotOwn};
use crate::limits::COMPILED_BYTES_MAX;
use crate::names::Digest;

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The directory cannot be used.
    #[error("cannot use cache directory {}: {source} (hint: set `cache` under `[host]` to a directory you can write)", dir.display())]
    Io {
        /// Which one.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could put code there.
    #[error(
        "cache directory {} is a link or can be changed by others (hint: `chmod 700` it, or set `cache` under `[host]` to another one)",
        dir.display()
    )]
    Unsafe {
        /// Which one.
        dir: PathBuf,
    },
}

/// What an entry holds, and of what.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// Machine code of a component, for one engine.
    Code {
        /// Of which component.
        component: Digest,
        /// For which engine.
        engine: &'a str,
    },
    /// What a component offers.
    Lists {
        /// Of which component.
        component: Digest,
    },
    /// That a component is left alone for a while, and why.
    Quarantine {
        /// Which component.
        component: Digest,
    },
}

impl Entry<'_> {
    fn file_name(self) -> String {
        match self {
            Self::Code { component, engine } => format!("{}-{engine}.code", component.to_hex()),
            Self::Lists { component } => {
                format!("{}-{}.lists", component.to_hex(), env!("CARGO_PKG_VERSION"))
            }
            Self::Quarantine { component } => format!("{}.quarantine", component.to_hex()),
        }
    }
}

/// A directory of entries that only its owner can read or write.
pub struct Cache {
    dir: PathBuf,
    key: Key,
}

/// An open file whose bytes were verified.
pub struct VerifiedFile(File);

impl VerifiedFile {
    /// A path that leads to this very file, whatever has become of its name.
    pub fn path(&self) -> PathBuf {
        path_of(&self.0)
    }
}

/// A file that is being written and has no name that anybody looks for. Only its owner can read it.
pub struct Draft(NamedTempFile);

impl Draft {
    /// A draft outside of any cache, gone when it is dropped.
    ///
    /// # Errors
    /// When the file system does not let it.
    pub fn temporary() -> io::Result<Self> {
        NamedTempFile::new().map(Self)
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        self.0.as_file()
    }

    /// A path that leads to this very file, whatever becomes of its name.
    pub fn path(&self) -> PathBuf {
        path_of(self.0.as_file())
    }
}

fn path_of(file: &File) -> PathBuf {
    PathBuf::from(format!("/dev/fd/{}", file.as_raw_fd()))
}

impl Cache {
    /// Opens a cache, and makes it when it is not there.
    ///
    /// # Errors
    /// When the directory cannot be written, or others can write it.
    pub fn open(dir: &Path) -> Result<Self, CacheError> {
        let failed = |source| CacheError::Io {
            dir: dir.to_owned(),
            source,
        };
        own_dir::open(dir).map_err(|why| match why {
            NotOwn::Io(source) => failed(source),
            NotOwn::Unsafe => CacheError::Unsafe {
                dir: dir.to_owned(),
            },
        })?;
        let key = Key::load_or_create(dir).map_err(failed)?;
        Ok(Self {
            dir: dir.to_owned(),
            key,
        })
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// An entry's bytes, verified.
    pub fn read(&self, entry: Entry<'_>) -> Option<Vec<u8>> {
        let name = entry.file_name();
        let mut bytes = Vec::new();
        let file = self.open_entry(&name)?;
        file.take(COMPILED_BYTES_MAX).read_to_end(&mut bytes).ok()?;
        self.verify(&name, &bytes[..])?;
        Some(bytes)
    }

    /// An entry as a file, verified, so that it can be mapped. Its bytes are not kept in memory.
    pub fn file(&self, entry: Entry<'_>) -> Option<VerifiedFile> {
        let name = entry.file_name();
        let file = self.open_entry(&name)?;
        self.verify(&name, &file)?;
        Some(VerifiedFile(file))
    }

    /// Writes an entry, whole or not at all.
    ///
    /// # Errors
    /// When the file system does not let it. The entry is then missing, and everything works without it.
    pub fn write(&self, entry: Entry<'_>, bytes: &[u8]) -> io::Result<()> {
        let draft = self.draft()?;
        draft.file().write_all(bytes)?;
        self.keep(entry, draft)
    }

    /// Removes an entry. One that is not there is no error.
    ///
    /// # Errors
    /// When the file system does not let it.
    pub fn remove(&self, entry: Entry<'_>) -> io::Result<()> {
        let name = entry.file_name();
        // Without its tag an entry is nothing, so the tag goes first.
        for name in [tag_name(&name), name] {
            match fs::remove_file(self.dir.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// A draft of an entry.
    ///
    /// # Errors
    /// When the file system does not let it.
    pub fn draft(&self) -> io::Result<Draft> {
        let draft = tempfile::Builder::new()
            .prefix(".draft-")
            .tempfile_in(&self.dir)?;
        Ok(Draft(draft))
    }

    /// Makes a draft an entry, whole or not at all.
    ///
    /// # Errors
    /// When the file system does not let it. The entry is then missing, and everything works without it.
    pub fn keep(&self, entry: Entry<'_>, draft: Draft) -> io::Result<()> {
        let name = entry.file_name();
        let mut file = draft.file();
        file.rewind()?;
        let tag = self.key.tag(&name, file)?;
        let tag_draft = self.draft()?;
        tag_draft.file().write_all(&tag)?;
        self.persist(draft, &name)?;
        self.persist(tag_draft, &tag_name(&name))
    }

    fn open_entry(&self, name: &str) -> Option<File> {
        let file = File::open(self.dir.join(name)).ok()?;
        (file.metadata().ok()?.len() <= COMPILED_BYTES_MAX).then_some(file)
    }

    fn verify(&self, name: &str, bytes: impl Read) -> Option<()> {
        let mut tag = Vec::with_capacity(TAG_BYTES);
        let file = File::open(self.dir.join(tag_name(name))).ok()?;
        file.take(TAG_BYTES as u64 + 1).read_to_end(&mut tag).ok()?;
        let verifies = self.key.verifies(name, bytes, &tag).ok()?;
        if !verifies {
            tracing::warn!(
                entry = name,
                "a cache entry does not verify and is made anew"
            );
        }
        verifies.then_some(())
    }

    fn persist(&self, draft: Draft, name: &str) -> io::Result<()> {
        let kept = draft.0.persist(self.dir.join(name));
        kept.map(drop).map_err(|error| error.error)
    }
}

fn tag_name(name: &str) -> String {
    format!("{name}.tag")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const ENTRY: Entry<'static> = Entry::Code {
        component: Digest::ZERO,
        engine: "engine",
    };

    fn cache() -> (tempfile::TempDir, Cache) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let cache = Cache::open(&dir.path().join("cache")).expect("a new cache opens");
        (dir, cache)
    }

    #[test]
    fn what_was_written_is_read_by_the_next_host() {
        let (_dir, cache) = cache();
        cache.write(ENTRY, b"code").expect("it can be written");
        let next = Cache::open(cache.dir()).expect("it opens again");
        assert_eq!(next.read(ENTRY).as_deref(), Some(&b"code"[..]));
    }

    #[test]
    fn what_was_removed_is_not_there_and_the_rest_is() {
        let (_dir, cache) = cache();
        let other = Entry::Quarantine {
            component: Digest::ZERO,
        };
        for entry in [ENTRY, other] {
            cache.write(entry, b"it").expect("it can be written");
        }
        for _ in 0..2 {
            cache.remove(other).expect("it can be removed, also twice");
        }
        assert!(cache.read(other).is_none() && cache.read(ENTRY).is_some());
    }

    #[test]
    fn a_changed_torn_or_moved_entry_is_not_there() {
        let (_dir, cache) = cache();
        let path = cache.dir().join(ENTRY.file_name());
        let written = || cache.write(ENTRY, b"code").expect("it can be written");

        written();
        fs::write(&path, b"evil").expect("the owner can write");
        assert!(cache.read(ENTRY).is_none() && cache.file(ENTRY).is_none());

        written();
        fs::write(&path, b"co").expect("the owner can write");
        assert!(cache.read(ENTRY).is_none());

        written();
        let other = Entry::Code {
            component: Digest::ZERO,
            engine: "other",
        };
        for suffix in ["", ".tag"] {
            let (from, to) = (
                format!("{}{suffix}", ENTRY.file_name()),
                format!("{}{suffix}", other.file_name()),
            );
            fs::copy(cache.dir().join(from), cache.dir().join(to)).expect("the owner can copy");
        }
        assert!(cache.read(other).is_none());
        assert!(cache.read(ENTRY).is_some());
    }

    #[test]
    fn a_directory_that_others_can_change_is_refused() {
        let (_dir, cache) = cache();
        for mode in [0o770, 0o707, 0o755] {
            fs::set_permissions(cache.dir(), fs::Permissions::from_mode(mode))
                .expect("the owner can chmod");
            assert!(
                matches!(Cache::open(cache.dir()), Err(CacheError::Unsafe { .. })),
                "{mode:o}"
            );
        }
    }

    #[test]
    fn a_verified_file_stays_what_it_was_when_its_name_is_taken_over() {
        let (_dir, cache) = cache();
        cache.write(ENTRY, b"code").expect("it can be written");
        let file = cache.file(ENTRY).expect("it verifies");
        fs::remove_file(cache.dir().join(ENTRY.file_name())).expect("the owner can remove");
        fs::write(cache.dir().join(ENTRY.file_name()), b"evil").expect("the owner can write");
        assert_eq!(fs::read(file.path()).expect("it is still open"), b"code");
    }
}
