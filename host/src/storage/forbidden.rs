//! What no plugin may be shown: the host's own files. Recognized by what they are and not by what they are called, so that
//! links, `..`, upper case and mounts make no difference.

use std::collections::HashSet;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};

use super::opened::FileId;

/// How far down the host's own folders are known, for one that is mounted elsewhere: `plugins/<name>/user-data`.
const LEVELS_KNOWN: u32 = 3;

/// More levels than any path has; `..` of the root is the root.
const LEVELS_MAX: usize = 4_096;

/// Looks at a folder without reading it, where the system knows the difference: one need not be able to read `/home`.
#[cfg(target_os = "linux")]
const LOOK: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const LOOK: OFlags = OFlags::DIRECTORY.union(OFlags::CLOEXEC);

/// The host's own files and folders.
#[derive(Debug, Clone, Default)]
pub struct Forbidden {
    own: Vec<Own>,
}

/// One of them.
#[derive(Debug, Clone)]
struct Own {
    path: PathBuf,
    /// Every folder on the way to it, along its path as well as along what that leads to.
    above: HashSet<FileId>,
    /// Itself, when it is a folder, and the folders in it.
    inside: HashSet<FileId>,
}

impl Forbidden {
    /// What must not be shown. A path where nothing is yet counts as well.
    ///
    /// # Errors
    /// When one of them cannot be looked at.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> io::Result<Self> {
        let own = paths.into_iter().map(Own::look);
        Ok(Self {
            own: own.collect::<io::Result<_>>()?,
        })
    }

    /// Which of the host's own files an open folder would show, or lies in.
    ///
    /// # Errors
    /// When the folders above it cannot be looked at.
    pub(super) fn touches(&self, dir: &File) -> io::Result<Option<&Path>> {
        let id = FileId::of(&dir.metadata()?);
        let mut on_the_way = HashSet::new();
        climb(dir, &mut on_the_way)?;
        let touched = self.own.iter().find(|own| {
            own.above.contains(&id) || on_the_way.iter().any(|id| own.inside.contains(id))
        });
        Ok(touched.map(|own| &*own.path))
    }
}

impl Own {
    fn look(path: PathBuf) -> io::Result<Self> {
        let absolute = std::path::absolute(&path)?;
        let mut above = HashSet::new();
        // Whoever can change a folder that the path leads through can put something else there.
        for folder in absolute.ancestors() {
            if let Some(folder) = found(open_folder(folder))? {
                climb(&folder, &mut above)?;
            }
        }
        // The file may be a link to a place that no part of its path leads to.
        if let Some(real) = found(fs::canonicalize(&absolute))? {
            let folder = real.parent().unwrap_or(&real);
            climb(&open_folder(folder)?, &mut above)?;
        }
        let mut inside = HashSet::new();
        if let Some(folder) = found(fs::metadata(&absolute))?.filter(Metadata::is_dir) {
            inside.insert(FileId::of(&folder));
            descend(&absolute, LEVELS_KNOWN, &mut inside)?;
        }
        Ok(Self {
            path,
            above,
            inside,
        })
    }
}

/// Adds a folder and those above it, as the system knows them.
fn climb(folder: &File, ids: &mut HashSet<FileId>) -> io::Result<()> {
    let mut folder = folder.try_clone()?;
    for _ in 0..LEVELS_MAX {
        let id = FileId::of(&folder.metadata()?);
        ids.insert(id);
        let parent = File::from(rustix::fs::openat(&folder, "..", LOOK, Mode::empty())?);
        if FileId::of(&parent.metadata()?) == id {
            return Ok(());
        }
        folder = parent;
    }
    Err(rustix::io::Errno::LOOP.into())
}

fn descend(folder: &Path, levels: u32, ids: &mut HashSet<FileId>) -> io::Result<()> {
    if levels == 0 {
        return Ok(());
    }
    for entry in found(fs::read_dir(folder))?.into_iter().flatten() {
        let Some(meta) = found(entry.and_then(|entry| Ok((entry.metadata()?, entry.path()))))?
        else {
            continue;
        };
        if meta.0.is_dir() {
            ids.insert(FileId::new(meta.0.dev(), meta.0.ino()));
            descend(&meta.1, levels - 1, ids)?;
        }
    }
    Ok(())
}

fn open_folder(path: &Path) -> io::Result<File> {
    Ok(File::from(rustix::fs::open(path, LOOK, Mode::empty())?))
}

/// What is not there, or is no folder, is nothing; everything else that goes wrong is an error.
fn found<T>(looked: io::Result<T>) -> io::Result<Option<T>> {
    match looked {
        Ok(found) => Ok(Some(found)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_holds_the_hosts_own_files_or_lies_in_them_is_found_by_any_spelling() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let at = |path: &str| outer.path().join(path);
        for folder in [
            "host/state/plugins/a",
            "host/cache",
            "config",
            "shared/in",
            "dotfiles",
        ] {
            fs::create_dir_all(at(folder)).expect("it can be made");
        }
        fs::write(at("dotfiles/real.toml"), b"").expect("it can be written");
        symlink(at("dotfiles/real.toml"), at("config/portcullis.toml")).expect("a link");
        symlink(at("host/cache"), at("shared/link")).expect("a link");
        symlink(at("host"), at("way")).expect("a link");
        let forbidden = Forbidden::new([
            at("way/state"),
            at("host/cache"),
            at("host/run/lock"),
            at("config/portcullis.toml"),
        ])
        .expect("they can be looked at");

        let check = |path: &str, touched: Option<&str>| {
            let folder = File::open(at(path)).expect("it is there");
            let found = forbidden.touches(&folder).expect("it can be looked at");
            assert_eq!(found, touched.map(at).as_deref(), "{path}");
        };
        check("shared", None);
        check("shared/in", None);
        check("host/cache", Some("host/cache"));
        check("shared/link", Some("host/cache"));
        check("shared/../shared/in/../link/.", Some("host/cache"));
        check("host", Some("way/state"));
        check("", Some("way/state"));
        check("host/state/plugins", Some("way/state"));
        check("host/state/plugins/a", Some("way/state"));
        check("way/state", Some("way/state"));
        check("config", Some("config/portcullis.toml"));
        check("dotfiles", Some("config/portcullis.toml"));
    }

    #[test]
    fn what_is_not_there_yet_is_forbidden_where_it_would_be() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        let forbidden = Forbidden::new([outer.path().join("a/b/lock")]).expect("nothing is there");
        let touches = |path: &Path| {
            let folder = File::open(path).expect("it is there");
            forbidden
                .touches(&folder)
                .expect("it can be looked at")
                .is_some()
        };
        fs::create_dir(outer.path().join("c")).expect("it can be made");
        assert!(touches(outer.path()));
        assert!(!touches(&outer.path().join("c")));
    }
}
