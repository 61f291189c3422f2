//! The folders that were shared, and paths into them.
//!
//! The sandbox keeps a plugin within them, whatever it asks for. What is checked here is checked so that a wrong path is
//! answered with a sentence.

use std::path::PathBuf;

use crate::error::{FilesError, quote};

/// Bytes of one path. Systems refuse longer ones.
const PATH_BYTES_MAX: usize = 4_096;

/// Where the host puts the shared folders.
const WHERE: &str = "/directories/";

/// A shared folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Folder {
    /// What it is called here.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
}

/// All shared folders, in the order of their names.
#[derive(Clone, Debug, PartialEq)]
pub struct Shared(Vec<Folder>);

/// A place in a shared folder. That it is there is not said.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// As it is shown: the folder's name and the path in it, with `/` between all parts.
    pub shown: String,
    /// Where it is.
    pub path: PathBuf,
}

impl Shared {
    /// These folders.
    pub fn new(folders: impl IntoIterator<Item = Folder>) -> Self {
        let mut folders: Vec<_> = folders.into_iter().collect();
        folders.sort_by(|one, other| one.name.cmp(&other.name));
        Self(folders)
    }

    /// The folders that the host opened for this plugin.
    #[cfg(target_arch = "wasm32")]
    pub fn with_this_plugin() -> Self {
        let opened = wasip2::filesystem::preopens::get_directories();
        let shared = Self::new(opened.into_iter().filter_map(|(_, path)| {
            let name = path.strip_prefix(WHERE)?.to_owned();
            Some(Folder {
                name,
                path: path.into(),
            })
        }));
        if shared.0.is_empty() {
            // It is refused, and the person who could share a folder learns that somebody asked.
            let _ = std::fs::read_dir(WHERE.trim_end_matches('/'));
        }
        shared
    }

    /// None: there is no host outside the sandbox that would open any.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn with_this_plugin() -> Self {
        Self::new([])
    }

    /// Where a path leads; all folders for an empty one.
    pub fn find(&self, path: Option<&str>) -> Result<Vec<Place>, FilesError> {
        if self.0.is_empty() {
            return Err(FilesError::NothingShared);
        }
        let path = path.map_or("", str::trim);
        let is_all = matches!(path.trim_end_matches('/'), "" | "." | "/directories");
        if !is_all {
            return Ok(vec![self.place(path)?]);
        }
        let place = |folder: &Folder| Place {
            shown: folder.name.clone(),
            path: folder.path.clone(),
        };
        Ok(self.0.iter().map(place).collect())
    }

    /// Where a path leads that names one thing.
    pub fn place(&self, path: &str) -> Result<Place, FilesError> {
        if self.0.is_empty() {
            return Err(FilesError::NothingShared);
        }
        let refused = || FilesError::Path { path: quote(path) };
        let written = path.trim();
        let written = written.strip_prefix(WHERE).unwrap_or(written);
        // A second kind of separator would be a second reading of the path.
        if written.len() > PATH_BYTES_MAX || written.contains(['\\', '\0']) {
            return Err(refused());
        }
        let mut parts = written.split('/').filter(|part| !matches!(*part, "" | "."));
        let name = parts.next().ok_or_else(refused)?;
        let Some(folder) = self.0.iter().find(|folder| folder.name == name) else {
            return Err(FilesError::NotShared {
                path: quote(path),
                shared: self.0.iter().map(|folder| folder.name.clone()).collect(),
            });
        };
        let mut place = Place {
            shown: folder.name.clone(),
            path: folder.path.clone(),
        };
        for part in parts {
            if part == ".." {
                return Err(refused());
            }
            place = place.child(part);
        }
        Ok(place)
    }
}

impl Place {
    /// What is in this folder under this name.
    pub fn child(&self, name: &str) -> Self {
        Self {
            shown: format!("{}/{name}", self.shown),
            path: self.path.join(name),
        }
    }

    /// Its own name.
    pub fn name(&self) -> &str {
        self.shown.rsplit('/').next().unwrap_or(&self.shown)
    }
}

#[cfg(test)]
pub mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::*;

    /// A folder `docs` with these files, each with its contents.
    pub fn docs(files: &[(&str, &[u8])]) -> (TempDir, Shared) {
        let dir = tempfile::tempdir().unwrap();
        for (path, contents) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        let shared = Shared::new([Folder {
            name: "docs".to_owned(),
            path: dir.path().to_owned(),
        }]);
        (dir, shared)
    }

    fn two() -> Shared {
        let folder = |name: &str| Folder {
            name: name.to_owned(),
            path: Path::new("/x").join(name),
        };
        Shared::new([folder("docs"), folder("code")])
    }

    #[test]
    fn a_path_begins_with_the_name_of_a_folder() {
        for (path, shown, real) in [
            ("docs", "docs", "/x/docs"),
            ("docs/a/b.txt", "docs/a/b.txt", "/x/docs/a/b.txt"),
            ("/directories/docs/a", "docs/a", "/x/docs/a"),
            ("./docs//a/./b/", "docs/a/b", "/x/docs/a/b"),
            (" code/é ", "code/é", "/x/code/é"),
        ] {
            let place = two().place(path).unwrap();
            assert_eq!(
                (&*place.shown, &*place.path),
                (shown, Path::new(real)),
                "{path}"
            );
        }
    }

    #[test]
    fn no_path_leads_out() {
        for path in [
            "docs/..",
            "docs/../../etc/passwd",
            "docs/a/../b",
            "docs\\..\\x",
            "docs/\0",
        ] {
            assert!(
                matches!(two().place(path), Err(FilesError::Path { .. })),
                "{path}"
            );
        }
        for path in [
            "/etc/passwd",
            "..",
            "../docs",
            "Docs",
            "doc",
            "/directories/secret",
        ] {
            assert!(
                matches!(two().place(path), Err(FilesError::NotShared { .. })),
                "{path}"
            );
        }
        assert!(two().place(&"docs/".repeat(1_000)).is_err());
    }

    #[test]
    fn no_path_is_every_folder_in_order() {
        for path in [None, Some(""), Some("/"), Some("."), Some("/directories/")] {
            let places = two().find(path).unwrap();
            let shown: Vec<_> = places.iter().map(|place| &*place.shown).collect();
            assert_eq!(shown, ["code", "docs"], "{path:?}");
        }
    }

    #[test]
    fn without_a_folder_every_path_is_answered_with_what_is_needed() {
        let none = Shared::new([]);
        assert_eq!(none.find(None), Err(FilesError::NothingShared));
        assert_eq!(none.place("docs/a"), Err(FilesError::NothingShared));
        let said = FilesError::NothingShared.to_string();
        assert!(said.contains("portcullis explain files"), "{said}");
        for recipe in [
            "directories]",
            "[plugins",
            "grants",
            "portcullis.toml",
            "storage =",
        ] {
            assert!(!said.contains(recipe), "{said}");
        }
    }
}
