//! Files that a run writes beside the cases: whole or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

/// Writes a file, making its folders. Whoever reads it meanwhile sees the old one or the new one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // These files are read by whoever reads the cases; the umask takes away what the author does not give.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut draft = builder.prefix(".draft-").tempfile_in(folder)?;
    draft.write_all(bytes)?;
    draft.as_file().sync_all()?;
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
}
