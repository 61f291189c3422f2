//! The files and folders a host depends on, with who may change them.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::setup;
use crate::config::Config;

/// One file or folder.
#[derive(Debug, Serialize)]
pub struct PathFacts {
    /// What it is for.
    pub what: &'static str,
    /// Where it is; none when the host does without.
    pub path: Option<PathBuf>,
    /// Its permission bits, when it is there.
    pub mode: Option<u32>,
    /// Whether it belongs to somebody else than who runs the host.
    pub is_foreign: bool,
    /// Whether it must not even be read by others.
    #[serde(skip)]
    pub is_private: bool,
}

impl PathFacts {
    fn of(what: &'static str, path: Option<PathBuf>, is_private: bool) -> Self {
        let there = path.as_deref().and_then(|path| fs::metadata(path).ok());
        let us = rustix::process::geteuid().as_raw();
        Self {
            what,
            mode: there.as_ref().map(|there| there.mode() & 0o7777),
            is_foreign: there.is_some_and(|there| ![us, 0].contains(&there.uid())),
            path,
            is_private,
        }
    }

    /// Whether others than the owner can change it, or read what is private.
    pub fn is_open(&self) -> bool {
        let forbidden = if self.is_private { 0o077 } else { 0o022 };
        self.mode.is_some_and(|mode| mode & forbidden != 0)
    }
}

impl fmt::Display for PathFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.mode) {
            (None, _) => f.write_str("none"),
            (Some(path), None) => write!(f, "{} (not there yet)", path.display()),
            (Some(path), Some(mode)) => write!(f, "{} ({mode:04o})", path.display()),
        }
    }
}

/// The configuration with its folder, the cache, and what plugins keep.
pub fn of(config: &Config) -> Vec<PathFacts> {
    let folder = config.origin.as_deref().and_then(Path::parent);
    vec![
        PathFacts::of("configuration", config.origin.clone(), false),
        PathFacts::of("its folder", folder.map(Path::to_owned), false),
        PathFacts::of("cache", setup::cache_dir(config), true),
        PathFacts::of("state", setup::state_dir(config), true),
    ]
}
