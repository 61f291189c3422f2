//! The host's folder for what plugins keep: one folder for each plugin, and one for what is gone with a call.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::own_dir::{self, NotOwn};
use super::temp::TempHome;
use crate::names::PluginName;

/// The name of the folder of tasks.
pub(super) const TASKS: &str = "tasks";

/// Why there is no folder for what plugins keep.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be used.
    #[error("cannot use state directory {}: {source} (hint: set `state` under `[host]` to a directory you can write)", dir.display())]
    Io {
        /// Which one.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others could change what plugins keep, or it is a link.
    #[error(
        "state directory {} is a link or can be changed by others (hint: `chmod 700` it, or set `state` under `[host]` to another one)",
        dir.display()
    )]
    Unsafe {
        /// Which one.
        dir: PathBuf,
    },
}

impl StateError {
    pub(super) fn of(dir: &Path, why: NotOwn) -> Self {
        let dir = dir.to_owned();
        match why {
            NotOwn::Io(source) => Self::Io { dir, source },
            NotOwn::Unsafe => Self::Unsafe { dir },
        }
    }
}

/// A directory that only its owner can read or write, for everything that plugins keep.
///
/// Several hosts may have the same one open.
pub struct State {
    dir: PathBuf,
    plugins: File,
    temp: Arc<TempHome>,
}

impl State {
    /// Opens the folder, and makes it when it is not there. What hosts that were killed left in `temp` is removed.
    ///
    /// # Errors
    /// When the directory cannot be written, or others can write it.
    pub fn open(dir: &Path) -> Result<Self, StateError> {
        let root = own_dir::open(dir).map_err(|why| StateError::of(dir, why))?;
        let open_in = |name: &str| {
            own_dir::open_in(&root, name).map_err(|why| StateError::of(&dir.join(name), why))
        };
        let plugins = open_in("plugins")?;
        let temp_dir = dir.join("temp");
        let temp = TempHome::open(open_in("temp")?, &temp_dir)
            .map_err(|source| StateError::of(&temp_dir, NotOwn::Io(source)))?;
        Ok(Self {
            dir: dir.to_owned(),
            plugins,
            temp: Arc::new(temp),
        })
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// One plugin's folder, made when it is not there: what it keeps, and what the host notes about it.
    ///
    /// # Errors
    /// When it cannot be made, or others can write it.
    pub fn plugin_dir(&self, plugin: &PluginName) -> Result<PathBuf, StateError> {
        self.open_plugin(plugin).map(|_| self.path_of(plugin))
    }

    /// The folder of tasks, made when it is not there.
    pub(super) fn tasks_dir(&self) -> Result<PathBuf, StateError> {
        let dir = self.dir.join(TASKS);
        own_dir::open(&dir).map_err(|why| StateError::of(&dir, why))?;
        Ok(dir)
    }

    pub(super) fn open_plugin(&self, plugin: &PluginName) -> Result<File, StateError> {
        own_dir::open_in(&self.plugins, plugin.as_str())
            .map_err(|why| StateError::of(&self.path_of(plugin), why))
    }

    pub(super) fn path_of(&self, plugin: &PluginName) -> PathBuf {
        self.dir.join("plugins").join(plugin.as_str())
    }

    pub(super) fn temp(&self) -> &Arc<TempHome> {
        &self.temp
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn plugin() -> PluginName {
        "notes".parse().expect("a name")
    }

    #[test]
    fn the_folder_and_each_plugins_own_are_for_their_owner_alone() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let state = State::open(&outer.path().join("a/state")).expect("it is made");
        let dir = state.plugin_dir(&plugin()).expect("it is made");
        assert_eq!(dir, state.dir().join("plugins/notes"));
        for dir in [state.dir(), &dir] {
            let mode = fs::metadata(dir).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{}", dir.display());
        }
    }

    #[test]
    fn a_folder_that_others_can_change_or_that_is_a_link_is_refused() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let dir = outer.path().join("state");
        drop(State::open(&dir).expect("it is made"));
        let link = outer.path().join("link");
        symlink(&dir, &link).expect("a link can be made");
        assert!(matches!(State::open(&link), Err(StateError::Unsafe { .. })));

        fs::set_permissions(&dir, Permissions::from_mode(0o770)).expect("the owner can chmod");
        assert!(matches!(State::open(&dir), Err(StateError::Unsafe { .. })));

        fs::set_permissions(&dir, Permissions::from_mode(0o700)).expect("the owner can chmod");
        let state = State::open(&dir).expect("it is as it was");
        symlink(outer.path(), dir.join("plugins/notes")).expect("a link can be made");
        assert!(matches!(
            state.plugin_dir(&plugin()),
            Err(StateError::Unsafe { .. })
        ));
    }
}
