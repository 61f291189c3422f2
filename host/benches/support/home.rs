//! A folder for the program to start in, with a configuration and a cache of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// The folder. Dropping it removes it.
pub struct Home(TempDir);

impl Home {
    /// A folder with this `portcullis.toml`.
    pub fn new(config: &str) -> Self {
        let home = Self(tempfile::tempdir().expect("there is room for a folder"));
        home.write("portcullis.toml", config.as_bytes());
        home
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).expect("there is room for a file");
    }

    /// A command that serves what is configured here.
    pub fn serve(&self) -> Command {
        let mut command = Command::new(program());
        command
            .arg("serve")
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path())
            .env("XDG_CACHE_HOME", self.path().join("cache"));
        command
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// The program: the one in `PORTCULLIS`, as for the scripts of the repository, or else the one that was built for this benchmark.
fn program() -> PathBuf {
    let named = std::env::var_os("PORTCULLIS").map(std::path::absolute);
    named.map_or_else(
        || env!("CARGO_BIN_EXE_portcullis").into(),
        |path| path.expect("PORTCULLIS is a path"),
    )
}
