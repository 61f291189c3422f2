//! Files that a command writes: whole or not at all.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use tempfile::NamedTempFile;

use super::exit::Problem;

/// What a new file may be at most; the user's mask takes away from it.
const MODE: u32 = 0o666;

/// Writes a file that was not there.
///
/// # Errors
/// When somebody made it meanwhile, or it cannot be written.
pub fn create(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let written = written(path, bytes).map_err(|error| unwritable(path, &error))?;
    let kept = written.persist_noclobber(path);
    kept.map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

/// Writes a file, and replaces the one that was there.
///
/// # Errors
/// When it cannot be written.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let written = written(path, bytes).map_err(|error| unwritable(path, &error))?;
    let kept = written.persist(path);
    kept.map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

/// A temporary file beside `path`, which is gone unless it takes its place.
fn written(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".portcullis-")
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    // What takes the place of an older one has to be there after a crash.
    file.as_file().sync_all()?;
    Ok(file)
}

fn unwritable(path: &Path, error: &io::Error) -> Problem {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "make its folder first",
        io::ErrorKind::AlreadyExists => "another program just made it; look at it, and try again",
        io::ErrorKind::StorageFull => "the disk is full",
        _ => "name a place where you may write",
    };
    Problem::broken(format!(
        "cannot write `{}`: {error} (hint: {hint})",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_failure_leaves_the_old_one() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("größe 1.txt");
        create(&path, b"one").expect("it can be written");
        replace(&path, b"two").expect("it can be written again");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"two");
        create(&path, b"three").expect_err("it is there already");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"two");
        let inside = path.join("three");
        let problem = replace(&inside, b"three").expect_err("a file is no folder");
        assert!(problem.message.contains("größe 1.txt/three"), "{problem:?}");
        assert_eq!(
            std::fs::read_dir(dir.path()).expect("it is there").count(),
            1
        );
    }
}
