//! Files that are there whole or not at all.

use std::fs::Permissions;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::exit::Problem;

/// Writes a file beside the one it becomes, and then gives it its name, so that nobody ever reads half of it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    put(path, bytes).map_err(|error| {
        Problem::broken(format!(
            "cannot write `{}`: {error} (hint: its folder must be there, and you must be allowed to write in it)",
            path.display()
        ))
    })
}

fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    /// As any new file has it; the system takes away what the user's mask does.
    const MODE: u32 = 0o666;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut draft = tempfile::Builder::new()
        .permissions(Permissions::from_mode(MODE))
        .tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_a_failure_leaves_the_old_one() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("größe 1.txt");
        write(&path, b"one").expect("it can be written");
        write(&path, b"two").expect("it can be written again");
        assert_eq!(std::fs::read(&path).expect("it is there"), b"two");
        let inside = path.join("three");
        let problem = write(&inside, b"three").expect_err("a file is no folder");
        assert!(problem.message.contains("größe 1.txt/three"), "{problem:?}");
        assert_eq!(
            std::fs::read_dir(dir.path()).expect("it is there").count(),
            1
        );
    }
}
