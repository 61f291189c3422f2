//! A directory's secret, which tells what this host made from what somebody else did.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// As many bytes as HMAC-SHA-256 makes use of.
const KEY_BYTES: usize = 32;

/// The length of an HMAC-SHA-256.
pub(super) const TAG_BYTES: usize = 32;

/// A directory's key.
pub(super) struct Key([u8; KEY_BYTES]);

impl Key {
    /// Reads the directory's key, and makes one when there is none. Two hosts that start at once agree on one.
    pub(super) fn load_or_create(dir: &Path) -> io::Result<Self> {
        let path = dir.join("key");
        match Self::load(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::create(dir, &path),
            loaded => loaded,
        }
    }

    fn load(path: &Path) -> io::Result<Self> {
        let mut key = [0; KEY_BYTES];
        File::open(path)?.read_exact(&mut key)?;
        Ok(Self(key))
    }

    fn create(dir: &Path, path: &Path) -> io::Result<Self> {
        let mut key = [0; KEY_BYTES];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        let draft = dir.join(format!("key.{}", std::process::id()));
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(&key)?;
        file.sync_all()?;
        // A hard link fails when the name is taken, so the first host wins and the others read its key.
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Self::load(path),
        }
    }

    /// The key itself, for those who need it in another shape.
    pub(super) fn bytes(&self) -> [u8; KEY_BYTES] {
        self.0
    }

    /// The tag of an entry. The name is part of it, so an entry cannot pass for another.
    pub(super) fn tag(&self, name: &str, bytes: impl Read) -> io::Result<[u8; TAG_BYTES]> {
        Ok(self.mac(name, bytes)?.finalize().into_bytes().into())
    }

    /// Whether `tag` is the tag of an entry. Takes the same time wherever they differ.
    pub(super) fn verifies(&self, name: &str, bytes: impl Read, tag: &[u8]) -> io::Result<bool> {
        Ok(self.mac(name, bytes)?.verify_slice(tag).is_ok())
    }

    fn mac(&self, name: &str, mut bytes: impl Read) -> io::Result<Hmac<Sha256>> {
        /// Large enough to be read quickly, small enough to stay in the processor's cache.
        const CHUNK_BYTES: usize = 64 << 10;

        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match bytes.read(&mut chunk)? {
                0 => return Ok(mac),
                n => mac.update(&chunk[..n]),
            }
        }
    }
}
