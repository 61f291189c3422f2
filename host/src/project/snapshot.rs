//! The files of a plugin at one moment, as far as a change of them means that it should be built anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::ProjectError;
use super::foreign::is_foreign;

/// More files than any plugin has. A folder with more is likely somebody's home.
pub const FILES_MAX: usize = 20_000;

/// Deeper than people nest folders, and an end for whatever else is there.
const DEPTH_MAX: usize = 32;

/// Files that builds write beside the sources.
const LOCK_FILES: [&str; 5] = [
    "Cargo.lock",
    "package-lock.json",
    "uv.lock",
    "poetry.lock",
    "yarn.lock",
];

/// Where grants are written while a plugin is developed in the current folder. A grant that is added has to have an effect.
const CONFIGURATION: &str = "portcullis.toml";

/// What of a folder counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counts {
    /// What a component is built from.
    Sources,
    /// A component with what lies beside it.
    Component,
}

/// Files and folders at one moment, by their paths below the plugin's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    files: BTreeMap<PathBuf, Mark>,
    folders: BTreeSet<PathBuf>,
}

/// What is different about a file that was written: editors often put another file in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mark {
    modified: Option<SystemTime>,
    n_bytes: u64,
    inode: u64,
}

impl Snapshot {
    /// Looks at a folder.
    ///
    /// # Errors
    /// When it cannot be read, or holds far more than a plugin.
    pub fn take(dir: &Path, counts: &Counts) -> Result<Self, ProjectError> {
        let mut snapshot = Self::default();
        snapshot.look(dir, Path::new(""), counts, 0)?;
        Ok(snapshot)
    }

    /// The folders, the plugin's own as an empty path.
    pub fn folders(&self) -> impl Iterator<Item = &Path> {
        self.folders.iter().map(PathBuf::as_path)
    }

    /// The files that are new, gone or different in a later one.
    pub fn changes_to(&self, later: &Self) -> Vec<PathBuf> {
        let gone = self
            .files
            .keys()
            .filter(|path| !later.files.contains_key(*path));
        let different = later
            .files
            .iter()
            .filter(|(path, mark)| self.files.get(*path) != Some(mark))
            .map(|(path, _)| path);
        let mut changed: Vec<_> = gone.chain(different).cloned().collect();
        changed.sort();
        changed
    }

    fn look(
        &mut self,
        dir: &Path,
        below: &Path,
        counts: &Counts,
        depth: usize,
    ) -> Result<(), ProjectError> {
        let folder = dir.join(below);
        let unusable = |error: io::Error| ProjectError::File {
            path: folder.clone(),
            error,
            hint: "a plugin's folder has to be readable",
        };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // It was removed, or never ours to read; the plugin's own folder has to be there.
            Err(_) if depth > 0 => return Ok(()),
            Err(error) => return Err(unusable(error)),
        };
        self.folders.insert(below.to_owned());
        for entry in entries {
            let entry = entry.map_err(unusable)?;
            let name = entry.file_name();
            let path = below.join(&name);
            // A link to a folder is not followed: it may lead back here.
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            let name = name.to_string_lossy();
            if is_folder {
                let is_ours = !is_foreign(dir, &path) && counts.folder(below, &name);
                if is_ours && depth < DEPTH_MAX {
                    self.look(dir, &path, counts, depth + 1)?;
                }
                continue;
            }
            if is_passing(&name) || !counts.file(below, &name) {
                continue;
            }
            // One that is gone by now does not count.
            if let Ok(found) = fs::metadata(entry.path()) {
                self.files.insert(path, Mark::of(&found));
            }
            if self.files.len() > FILES_MAX {
                return Err(ProjectError::Senseless {
                    path: dir.to_owned(),
                    problem: format!("holds more than {FILES_MAX} files, which is no plugin"),
                    hint: "name the plugin's own folder".to_owned(),
                });
            }
        }
        Ok(())
    }
}

impl Mark {
    fn of(found: &fs::Metadata) -> Self {
        Self {
            modified: found.modified().ok(),
            n_bytes: found.len(),
            inode: found.ino(),
        }
    }
}

impl Counts {
    /// Beside a component lie its skills, and nothing else in folders.
    fn folder(&self, below: &Path, name: &str) -> bool {
        match self {
            Self::Sources => true,
            Self::Component => !below.as_os_str().is_empty() || name == "skills",
        }
    }

    fn file(&self, below: &Path, name: &str) -> bool {
        let is_component = Path::new(name).extension().is_some_and(|it| it == "wasm");
        match self {
            Self::Sources => !is_component && !LOCK_FILES.contains(&name),
            Self::Component => {
                let is_beside = name.ends_with("plugin.json") || name == CONFIGURATION;
                !below.as_os_str().is_empty() || is_component || is_beside
            }
        }
    }
}

/// Files that editors make beside the one that is written.
fn is_passing(name: &str) -> bool {
    let is_hidden = name.starts_with('.');
    let is_copy = name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'));
    let ends = [
        ".swp", ".swx", ".swo", ".tmp", ".bak", ".orig", ".part", ".pyc",
    ];
    // Vim tries with a file of this name whether it can write.
    is_hidden || is_copy || name == "4913" || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, name: &str) {
        let path = dir.join(name);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("folders");
        fs::write(path, name).expect("files");
    }

    #[test]
    fn what_counts_is_what_the_author_writes() {
        let dir = tempfile::tempdir().expect("a folder");
        let check = |counts: Counts, name: &str, expected: bool| {
            let before = Snapshot::take(dir.path(), &counts).expect("a look");
            write(dir.path(), name);
            let after = Snapshot::take(dir.path(), &counts).expect("a look");
            let changed = before.changes_to(&after);
            let named = vec![PathBuf::from(name)];
            assert_eq!(changed == named, expected, "{name}: {changed:?}");
            fs::remove_file(dir.path().join(name)).expect("it was written");
            assert_eq!(after.changes_to(&before), changed, "{name} is gone");
        };
        for name in [
            "Cargo.toml",
            "src/lib.rs",
            "plugin.json",
            "skills/a b/SKILL.md",
            "größe.py",
            "src/build/mod.rs",
            "src/target/mod.rs",
            "src/dist/mod.rs",
        ] {
            check(Counts::Sources, name, true);
        }
        for name in [
            "target/debug/x.d",
            ".git/index",
            "node_modules/a/index.js",
            "venv/a.py",
            "src/__pycache__/a.pyc",
            "src/.lib.rs.swp",
            "src/lib.rs~",
            "src/4913",
            "#lib.rs#",
            ".#lib.rs",
            "Cargo.lock",
            "greeter.wasm",
        ] {
            check(Counts::Sources, name, false);
        }
        for name in [
            "greeter.wasm",
            "greeter.plugin.json",
            "plugin.json",
            "portcullis.toml",
            "skills/a/SKILL.md",
        ] {
            check(Counts::Component, name, true);
        }
        for name in [
            "README.md",
            "notes/a.txt",
            "greeter.wasm.part",
            ".greeter.wasm",
        ] {
            check(Counts::Component, name, false);
        }
    }

    #[test]
    fn a_folder_of_tools_is_known_whatever_it_is_called() {
        let dir = tempfile::tempdir().expect("a folder");
        // As cargo writes it into a folder that `CARGO_TARGET_DIR` names.
        write(dir.path(), "out/CACHEDIR.TAG");
        write(dir.path(), "out/release/deps/a.rmeta");
        write(dir.path(), "mine/pyvenv.cfg");
        write(dir.path(), "mine/lib/a.py");
        write(dir.path(), "yours/lib/a.py");
        let seen = Snapshot::take(dir.path(), &Counts::Sources).expect("a look");
        let files: Vec<_> = seen.files.keys().collect();
        assert_eq!(files, [Path::new("yours/lib/a.py")]);
    }

    #[test]
    fn a_folder_that_is_no_plugins_is_refused_and_a_loop_of_links_is_not_followed() {
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), "a/b.rs");
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/loop")).expect("a link");
        let seen = Snapshot::take(dir.path(), &Counts::Sources).expect("a look");
        assert_eq!(seen.folders.len(), 2);
        for n in 0..FILES_MAX {
            fs::write(dir.path().join(format!("{n}.rs")), "").expect("files");
        }
        let refused = Snapshot::take(dir.path(), &Counts::Sources);
        assert!(refused.is_err_and(|error| error.to_string().contains("20000 files")));
        let gone = Snapshot::take(&dir.path().join("gone"), &Counts::Sources);
        assert!(gone.is_err());
    }

    #[test]
    fn another_file_in_its_place_counts_even_with_the_same_bytes() {
        let dir = tempfile::tempdir().expect("a folder");
        write(dir.path(), "lib.rs");
        let before = Snapshot::take(dir.path(), &Counts::Sources).expect("a look");
        write(dir.path(), "lib.rs.new");
        fs::write(dir.path().join("lib.rs.new"), "lib.rs").expect("files");
        fs::rename(dir.path().join("lib.rs.new"), dir.path().join("lib.rs")).expect("a move");
        let after = Snapshot::take(dir.path(), &Counts::Sources).expect("a look");
        assert_eq!(before.changes_to(&after), [Path::new("lib.rs")]);
        assert_eq!(after.changes_to(&after), [] as [&Path; 0]);
    }
}
