//! Where in a tree something is to be made, moved or removed: a folder that is held open, and a name in it.
//!
//! Checking and doing then mean the same thing, whatever becomes of the path in between, and a name alone leads nowhere.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};

use cap_std::fs::Dir;
use rustix::fs::{AtFlags, FileType, Stat};
use rustix::io::Errno;

use super::opened::FileId;

/// A name in an open folder. Holding one proves that the folder lies in the tree, not that anything has the name.
pub(super) struct Spot<'p> {
    parent: Dir,
    pub(super) name: &'p str,
    /// Whether the path ended in a slash, which only a folder's may.
    pub(super) is_folder: bool,
}

/// What has a name, itself and not what it links to.
pub(super) struct Named {
    pub(super) id: FileId,
    pub(super) kind: FileType,
    pub(super) bytes: u64,
}

impl<'p> Spot<'p> {
    /// Finds the place. `claimed_path` is a guest's and may be anything.
    pub(super) fn find(dir: &Dir, claimed_path: &'p str) -> io::Result<Self> {
        if claimed_path.is_empty() {
            return Err(Errno::NOENT.into());
        }
        if claimed_path.starts_with('/') {
            return Err(Errno::PERM.into());
        }
        let path = claimed_path.trim_end_matches('/');
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        if matches!(name, "." | "..") {
            return Err(Errno::INVAL.into());
        }
        let parent = match parent {
            "" => dir.try_clone()?,
            parent => dir.open_dir(parent)?,
        };
        Ok(Self {
            parent,
            name,
            is_folder: path.len() != claimed_path.len(),
        })
    }

    pub(super) fn parent(&self) -> BorrowedFd<'_> {
        self.parent.as_fd()
    }

    /// The folder of this name.
    pub(super) fn open_folder(&self) -> io::Result<Dir> {
        self.parent.open_dir(self.name)
    }

    /// What has the name.
    pub(super) fn look(&self) -> io::Result<Named> {
        let stat = rustix::fs::statat(&self.parent, self.name, AtFlags::SYMLINK_NOFOLLOW)?;
        Ok(Named::of(&stat))
    }
}

impl Named {
    fn of(stat: &Stat) -> Self {
        let kind = FileType::from_raw_mode(stat.st_mode);
        // Only files take bytes that somebody wrote.
        let bytes = match kind {
            FileType::RegularFile => u64::try_from(stat.st_size).unwrap_or(0),
            _ => 0,
        };
        Self {
            #[allow(
                clippy::useless_conversion,
                clippy::unnecessary_cast,
                reason = "their types differ between systems"
            )]
            id: FileId::new(stat.st_dev as u64, stat.st_ino as u64),
            kind,
            bytes,
        }
    }

    pub(super) fn is_folder(&self) -> bool {
        self.kind == FileType::Directory
    }
}

/// How many levels below `depth` a path leads, as it is written. Where there are no links it leads there.
pub fn depth_of(depth: u32, claimed_path: &str) -> u32 {
    claimed_path
        .split('/')
        .fold(depth, |depth, part| match part {
            "" | "." => depth,
            ".." => depth.saturating_sub(1),
            _ => depth.saturating_add(1),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_as_the_path_is_written() {
        for (from, path, depth) in [
            (0, "a", 1),
            (3, "a/b/", 5),
            (3, "./a//b/..", 4),
            (0, "../..", 0),
            (u32::MAX, "a", u32::MAX),
        ] {
            assert_eq!(depth_of(from, path), depth, "{path}");
        }
    }

    #[test]
    fn a_spot_is_in_the_tree_and_has_a_name() {
        let outer = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir_all(outer.path().join("tree/folder")).expect("it can be made");
        std::os::unix::fs::symlink("../..", outer.path().join("tree/folder/out"))
            .expect("it can be made");
        let tree = std::fs::File::open(outer.path().join("tree")).expect("it is there");
        let tree = Dir::from_std_file(tree);
        for (path, fits) in [
            ("name", true),
            ("folder/name/", true),
            ("folder/../name", true),
            ("folder/out", true),
            ("", false),
            (".", false),
            ("folder/..", false),
            ("/name", false),
            ("../name", false),
            ("folder/../../name", false),
            ("folder/out/name", false),
            ("missing/name", false),
        ] {
            assert_eq!(Spot::find(&tree, path).is_ok(), fits, "{path}");
        }
    }
}
