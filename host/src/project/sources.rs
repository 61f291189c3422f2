//! The files of a plugin in an interpreted language.

use std::fs;
use std::path::{Path, PathBuf};

use super::ProjectError;
use super::carry::unusable;
use super::foreign::is_foreign;

/// More than any plugin's own source has. A folder with more is likely the wrong one, such as somebody's home.
const FILES_MAX: usize = 10_000;

/// Bytes of all of them. They become a part of the component, which may have 64 MiB.
const BYTES_MAX: usize = 64 << 20;

/// How deep folders are looked through.
const DEPTH_MAX: usize = 16;

/// The folder with the cases, which are no source.
const CASES: &str = "tests";

/// The files below `dir` that end with one of `extensions`, and all files of a Python package, by their paths below it,
/// sorted. Hidden folders and those of tools are left out, unless `module`, with which the build begins, lies there: what
/// another compiler puts into `dist` is source for this one.
pub fn sources(
    dir: &Path,
    extensions: &[&str],
    module: &str,
) -> Result<Vec<(PathBuf, Vec<u8>)>, ProjectError> {
    let mut search = Search {
        extensions,
        begin: first_part(module),
        found: Vec::new(),
        n_bytes: 0,
    };
    search.folder(dir, Path::new(""), 0, false)?;
    search.found.sort();
    Ok(search.found)
}

/// The folder, right below the plugin's own, that a path such as `./dist/plugin.js` or a module such as `dist.plugin` is in.
fn first_part(module: &str) -> &str {
    let module = module.trim_start_matches("./");
    module.split(['/', '.']).next().unwrap_or_default()
}

struct Search<'a> {
    extensions: &'a [&'a str],
    begin: &'a str,
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
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                let is_begin = depth == 0 && name == self.begin;
                let is_ours = is_begin || (name != CASES && !is_foreign(dir, &path));
                if depth < DEPTH_MAX && is_ours {
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
            "lib/target/helper.py",
            "lib/build/helper.py",
            "target/made.py",
            "build/made.py",
            "dist/made.py",
            "out/CACHEDIR.TAG",
            "out/made.py",
            "node_modules/a/b.py",
            ".git/hook.py",
            "env/pyvenv.cfg",
            "env/lib/site.py",
        ] {
            put(&folder.path().join(name), b"x").unwrap();
        }
        let found = |module: &str| -> Vec<String> {
            let found = sources(folder.path(), &["py"], module).unwrap();
            let paths = found.iter().map(|(path, _)| path.to_str().unwrap());
            paths.map(str::to_owned).collect()
        };
        let own = [
            "lib/build/helper.py",
            "lib/helper.py",
            "lib/target/helper.py",
            "package/__init__.py",
            "package/deep/more.txt",
            "package/words.txt",
            "plugin.py",
        ];
        assert_eq!(found("plugin"), own);
        // What another compiler made is what this one begins with.
        for module in ["dist.made", "dist/made.py", "./dist/made.py"] {
            assert_eq!(found(module), [&["dist/made.py"], &own[..]].concat());
        }
    }
}
