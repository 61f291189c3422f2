//! The contract as files, for languages whose tools read WIT.

use std::path::{Path, PathBuf};

use include_dir::{Dir, DirEntry, include_dir};

use super::ProjectError;
use super::carry::put;

/// The contract this program was built with, and what it is built upon below `deps`.
static CONTRACT: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../wit");

/// Where the contract stands below a world that uses it: each package in a folder of its own, as WIT tools want it.
const OWN_FOLDER: &str = "deps/portcullis-plugin";

/// Writes the contract below `dir`, as a dependency of the world that lies there: `deps/portcullis-plugin/*.wit` and what
/// that needs. Returns the files. Others that are there stay as they are.
///
/// # Errors
/// When a file cannot be written.
pub fn write_contract(dir: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let mut written = Vec::new();
    for (path, bytes) in contract_files() {
        let path = dir.join(path);
        put(&path, bytes)?;
        written.push(path);
    }
    Ok(written)
}

/// The files with their places below a world's folder, in the order of their names.
pub fn contract_files() -> Vec<(PathBuf, &'static [u8])> {
    let mut files = Vec::new();
    append(&CONTRACT, &mut files);
    files.sort();
    files
}

fn append(dir: &Dir<'static>, files: &mut Vec<(PathBuf, &'static [u8])>) {
    for entry in dir.entries() {
        match entry {
            DirEntry::Dir(dir) => append(dir, files),
            DirEntry::File(file) if file.path().extension().is_some_and(|it| it == "wit") => {
                let path = match file.path().starts_with("deps") {
                    true => file.path().to_owned(),
                    false => Path::new(OWN_FOLDER).join(file.path()),
                };
                files.push((path, file.contents()));
            }
            DirEntry::File(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_contract_is_written_and_nothing_else_is_touched() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("deps/portcullis-plugin/own.wit");
        put(&own, b"mine").unwrap();
        let world = folder.path().join("deps/portcullis-plugin/world.wit");
        put(&world, b"an older one").unwrap();

        let written = write_contract(folder.path()).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let n_sources = std::fs::read_dir(&source).unwrap().count();
        // The folder `deps` holds one file, so both counts are the same.
        assert_eq!(written.len(), n_sources);
        assert_eq!(
            std::fs::read(&world).unwrap(),
            std::fs::read(source.join("world.wit")).unwrap()
        );
        assert!(folder.path().join("deps/wasi-config").is_dir());
        assert_eq!(std::fs::read(own).unwrap(), b"mine");
    }
}
