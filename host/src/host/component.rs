//! Where a component's bytes are. They are read when somebody needs them, which with a warm cache is nobody.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::manifest;
use crate::names::Digest;

/// A component that was read once, for its digest and its manifest.
#[derive(Debug, Clone)]
pub enum Component {
    /// Part of this program.
    BuiltIn(&'static [u8]),
    /// A file.
    File(PathBuf),
}

impl Component {
    /// The file, when it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::BuiltIn(_) => None,
            Self::File(path) => Some(path),
        }
    }

    /// The bytes whose digest is `expected`.
    ///
    /// # Errors
    /// When they cannot be read, or are not the same any more: what runs is what was approved.
    pub fn read(&self, expected: Digest) -> Result<Cow<'static, [u8]>, String> {
        let path = match self {
            Self::BuiltIn(bytes) => return Ok(Cow::Borrowed(bytes)),
            Self::File(path) => path,
        };
        let bytes = manifest::read_component(path).map_err(|error| error.to_string())?;
        if Digest::of(&bytes) != expected {
            return Err(format!(
                "`{}` has changed since the host started (hint: start the host again)",
                path.display()
            ));
        }
        Ok(Cow::Owned(bytes))
    }
}

impl From<&'static [u8]> for Component {
    fn from(bytes: &'static [u8]) -> Self {
        Self::BuiltIn(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_has_changed_is_not_what_was_approved() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("plugin.wasm");
        std::fs::write(&path, b"approved").expect("it can be written");
        let digest = Digest::of(b"approved");
        let component = Component::File(path.clone());
        assert_eq!(component.read(digest).as_deref(), Ok(&b"approved"[..]));
        std::fs::write(&path, b"replaced").expect("it can be written");
        assert!(component.read(digest).is_err());
        std::fs::remove_file(&path).expect("it can be removed");
        assert!(component.read(digest).is_err());
    }
}
