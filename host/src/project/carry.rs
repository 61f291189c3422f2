//! Putting into a component what lies beside its source: the manifest and the skills, so that one file is the whole plugin.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{Built, ProjectError, skills_section, with_sections};
use crate::limits::MANIFEST_BYTES_MAX;
use crate::manifest::{Embedded, MANIFEST_SECTION, SKILLS_SECTION, SkillError, skills_beside};

/// The manifest's file.
pub const PLUGIN_JSON: &str = "plugin.json";

/// A component as a build made it, with what it carries already or does not. When something is missing that lies in
/// `dir`, a copy gets it, in the folder `portcullis` beside the component.
pub fn completed(dir: &Path, component: PathBuf) -> Result<Built, ProjectError> {
    let bytes = fs::read(&component).map_err(|error| unusable(&component, error))?;
    let whole = with_own_files(dir, &bytes)?;
    let built = |component| Built {
        component,
        folder: dir.to_owned(),
    };
    if whole.len() == bytes.len() {
        return Ok(built(component));
    }
    let name = component.file_name().unwrap_or_default();
    let copy = component.with_file_name("portcullis").join(name);
    put(&copy, &whole)?;
    Ok(built(copy))
}

/// The component with the manifest and the skills that lie in `dir`, as far as it has none.
pub fn with_own_files(dir: &Path, component: &[u8]) -> Result<Vec<u8>, ProjectError> {
    // What is wrong with the component, loading it says.
    let carried = Embedded::find(component).unwrap_or_default();
    let mut sections: Vec<(&str, Vec<u8>)> = Vec::new();
    if carried.manifest.is_none() {
        sections.extend(manifest(dir)?.map(|bytes| (MANIFEST_SECTION, bytes)));
    }
    if carried.skills.is_none() {
        sections.extend(skills(dir)?.map(|bytes| (SKILLS_SECTION, bytes)));
    }
    let sections: Vec<_> = sections
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    Ok(with_sections(component, &sections))
}

/// The bytes of `plugin.json`.
pub fn manifest(dir: &Path) -> Result<Option<Vec<u8>>, ProjectError> {
    let path = dir.join(PLUGIN_JSON);
    match fs::read(&path) {
        Ok(bytes) if bytes.len() > MANIFEST_BYTES_MAX => Err(ProjectError::Senseless {
            path,
            problem: format!("has more than the {MANIFEST_BYTES_MAX} bytes it may have"),
            hint: "move long texts into a skill or a resource".to_owned(),
        }),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(&path, error)),
    }
}

/// The folder `skills`, as a section.
fn skills(dir: &Path) -> Result<Option<Vec<u8>>, ProjectError> {
    let folder = dir.join("skills");
    if !folder.is_dir() {
        return Ok(None);
    }
    let skills = skills_beside(&folder).map_err(|error: SkillError| ProjectError::Skills {
        path: folder,
        error,
    })?;
    Ok((!skills.is_empty()).then(|| skills_section(&skills)))
}

/// Writes a file whole or not at all, with the folders it lies in.
pub fn put(path: &Path, bytes: &[u8]) -> Result<(), ProjectError> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new()
            .prefix(".new")
            .tempfile_in(folder)?;
        file.write_all(bytes)?;
        // A temporary file is its owner's alone; this one is like any other that a build leaves.
        let mut permissions = file.as_file().metadata()?.permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
        file.as_file().set_permissions(permissions)?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| unusable(path, error))
}

/// A file that the operating system does not give.
pub fn unusable(path: &Path, error: io::Error) -> ProjectError {
    let hint = match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "you must be allowed to write there"
        }
        io::ErrorKind::StorageFull => "make room on the disk",
        _ => "see that nothing else is in its place",
    };
    ProjectError::File {
        path: path.to_owned(),
        error,
        hint,
    }
}
