//! Finding the case files of a plugin.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::CaseError;

/// The case files in the folder `tests` of a plugin's folder, by name. There may be none.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn find_case_files(plugin: &Path) -> Result<Vec<PathBuf>, CaseError> {
    let folder = plugin.join("tests");
    let unreadable = |error| CaseError::Unreadable {
        path: folder.clone(),
        error,
        hint: "the folder `tests` must be readable",
    };
    let entries = match fs::read_dir(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(unreadable)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(unreadable)?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            && !is_hidden
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
