//! The files of a plugin in an interpreted language.

use std::fs;
use std::path::{Path, PathBuf};

use super::ProjectError;
use super::carry::unusable;

/// More than any plugin's own source has. A folder with more is likely the wrong one, such as somebody's home.
const FILES_MAX: usize = 10_000;

/// Bytes of all of them. They become a part of the component, which may have 64 MiB.
const BYTES_MAX: usize = 64 << 20;

/// How deep folders are looked through.
const DEPTH_MAX: usize = 16;

/// Folders that hold no source: what is made, what is installed, and the cases.
const FOREIGN: [&str; 4] = ["target", "node_modules", "__pycache__", "tests"];

/// The files below `dir` that end with one of `extensions`, and all files of a Python package, by their paths below it,
/// sorted. Hidden folders and those of tools are left out.
pub fn sources(dir: &Path, extensions: &[&str]) -> Result<Vec<(PathBuf, Vec<u8>)>, ProjectError> {
    let mut search = Search {
        extensions,
        found: Vec::new(),
        n_bytes: 0,
    };
    search.folder(dir, Path::new(""), 0, false)?;
    search.found.sort();
    Ok(search.found)
}

struct Search<'a> {
    extensions: &'a [&'a str],
    found: Vec<(PathBuf, Vec<u8>)>,
    n_bytes: usize,
}

impl Search<'_> {
    fn folder(
        &mut self,
        dir: &Path,
        below: &Path,
        depth: usize,
        in_package: bool,
    ) -> Result<(), ProjectError> {
        let here = dir.join(below);
        let in_package = in_package || (depth > 0 && here.join("__init__.py").is_file());
        for entry in fs::read_dir(&here).map_err(|error| unusable(&here, error))? {
            let entry = entry.map_err(|error| unusable(&here, error))?;
            let kind = entry.file_type().map_err(|error| unusable(&here, error))?;
            let (name, path) = (entry.file_name(), below.join(entry.file_name()));
            let is_foreign = name.to_str().is_some_and(|name| FOREIGN.contains(&name));
            let is_hidden = name.as_encoded_bytes().starts_with(b".");
            if is_hidden || is_foreign {
                continue;
            }
            if kind.is_dir() {
                // A virtual environment of the author's own.
                if depth < DEPTH_MAX && !entry.path().join("pyvenv.cfg").is_file() {
                    self.folder(dir, &path, depth + 1, in_package)?;
                }
            } else if in_package || self.is_wanted(&path) {
                self.file(dir, path)?;
            }
        }
        Ok(())
    }

    fn is_wanted(&self, path: &Path) -> bool {
        let extension = path.extension().and_then(|it| it.to_str());
        extension.is_some_and(|it| self.extensions.contains(&it))
    }

    fn file(&mut self, dir: &Path, path: PathBuf) -> Result<(), ProjectError> {
        let whole = dir.join(&path);
        if !whole.is_file() {
            return Ok(());
        }
        let bytes = fs::read(&whole).map_err(|error| unusable(&whole, error))?;
        self.n_bytes = self.n_bytes.saturating_add(bytes.len());
        self.found.push((path, bytes));
        if self.found.len() > FILES_MAX || self.n_bytes > BYTES_MAX {
            return Err(ProjectError::Senseless {
                path: dir.to_owned(),
                problem: format!(
                    "has more source than the {FILES_MAX} files or {BYTES_MAX} bytes of a plugin"
                ),
                hint: "keep the plugin in a folder of its own".to_owned(),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::carry::put;

    #[test]
    fn source_is_what_the_author_wrote_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "plugin.py",
            "lib/helper.py",
            "lib/words.txt",
            "package/__init__.py",
            "package/words.txt",
            "package/deep/more.txt",
            "README.md",
            "tests/case.py",
            "target/made.py",
            "node_modules/a/b.py",
            ".git/hook.py",
            "env/pyvenv.cfg",
            "env/lib/site.py",
        ] {
            put(&folder.path().join(name), b"x").unwrap();
        }
        let found = sources(folder.path(), &["py"]).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|(path, _)| path.to_str().unwrap())
            .collect();
        assert_eq!(
            found,
            [
                "lib/helper.py",
                "package/__init__.py",
                "package/deep/more.txt",
                "package/words.txt",
                "plugin.py"
            ]
        );
    }
}
