//! One file that is the whole plugin: its manifest, its skills, its README and its licence inside its component.
//!
//! The same contents give the same bytes, wherever they lie: the order is fixed, and no time, path or name of a user gets in.
//! What was packed and is packed again stays as it is.

mod papers;

use std::path::Path;

use serde_json::Value;

use super::strip::{self, Spot};
use super::{ProjectError, skills_section, with_sections};
use crate::limits::{COMPONENT_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::manifest::{
    self, Embedded, LICENSE_SECTION, MANIFEST_SECTION, README_SECTION, SKILLS_SECTION, Source,
};

/// What a packed component carries, in the order of its sections.
const SECTIONS: [&str; 4] = [
    MANIFEST_SECTION,
    SKILLS_SECTION,
    README_SECTION,
    LICENSE_SECTION,
];

/// What becomes of names and line tables in a component, which only debuggers and traces of a crash use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Debug {
    /// It is left out.
    Stripped,
    /// It stays.
    Kept,
}

/// One thing that a packed component carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The section.
    pub section: &'static str,
    /// Its bytes.
    pub bytes: usize,
    /// The names of the files it was made of; none for what was inside already.
    pub files: Vec<String>,
}

/// A packed plugin.
#[derive(Debug, Clone)]
pub struct Packed {
    /// The component.
    pub component: Vec<u8>,
    /// What it carries, in order.
    pub carried: Vec<Carried>,
    /// Bytes of debug information that were left out.
    pub stripped_bytes: usize,
}

/// Packs what `source` has into one component. `folder` is the plugin's own, where a README and licences lie.
///
/// # Errors
/// When a file cannot be read or is no text, when it differs from what the component carries already, and when the whole is
/// larger than a component may be.
pub fn pack(source: &Source, folder: Option<&Path>, debug: Debug) -> Result<Packed, ProjectError> {
    let malformed = |problem: String| ProjectError::Senseless {
        path: source.path.clone(),
        problem,
        hint: "build the component again".to_owned(),
    };
    let mut stripped_bytes = 0;
    let leave_out = |spot, name: &str, bytes: usize| match spot {
        Spot::Top => SECTIONS.contains(&name),
        Spot::Module if debug == Debug::Stripped && strip::is_debug(name) => {
            stripped_bytes += bytes;
            true
        }
        Spot::Module | Spot::Within => false,
    };
    let bare = strip::without(&source.component, leave_out)
        .map_err(|error| malformed(format!("is not a component: {error}")))?;
    let find = |component| Embedded::find(component).map_err(|error| malformed(error.to_string()));
    let inside = find(&source.component)?;
    let readme = papers::readme(folder, inside.readme)?;
    let license = papers::license(folder, inside.license)?;
    let skills = (!source.skills.is_empty()).then(|| skills_section(&source.skills));
    let manifest = manifest_bytes(source, inside.manifest)?;
    // What lies deeper stays where the compiler put it, so what is left is what must be added.
    let deeper = find(&bare)?;
    let all = [
        (deeper.manifest, Some(manifest)),
        (deeper.skills, skills.map(|bytes| (bytes, Vec::new()))),
        (deeper.readme.map(str::as_bytes), readme),
        (deeper.license.map(str::as_bytes), license),
    ];
    let mut carried = Vec::new();
    let mut added: Vec<(&str, Vec<u8>)> = Vec::new();
    for (section, (deeper, wanted)) in SECTIONS.into_iter().zip(all) {
        match (deeper, wanted) {
            (Some(bytes), _) => carried.push(Carried {
                section,
                bytes: bytes.len(),
                files: Vec::new(),
            }),
            (None, Some((bytes, files))) => {
                carried.push(Carried {
                    section,
                    bytes: bytes.len(),
                    files,
                });
                added.push((section, bytes));
            }
            (None, None) => {}
        }
    }
    let added: Vec<_> = added
        .iter()
        .map(|(section, bytes)| (*section, bytes.as_slice()))
        .collect();
    let component = with_sections(&bare, &added);
    if component.len() as u64 > COMPONENT_BYTES_MAX {
        return Err(ProjectError::Senseless {
            path: source.path.clone(),
            problem: format!(
                "would have {} bytes with all that it carries, and {COMPONENT_BYTES_MAX} are allowed",
                component.len()
            ),
            hint: "leave media out of the skills".to_owned(),
        });
    }
    Ok(Packed {
        stripped_bytes,
        component,
        carried,
    })
}

/// The manifest as a section: the keys in their author's order and nothing between them, so that neither an editor's
/// spaces nor `$schema`, which is a path or an address for editors, make another component.
fn manifest_bytes(
    source: &Source,
    inside: Option<&[u8]>,
) -> Result<(Vec<u8>, Vec<String>), ProjectError> {
    let beside = manifest::manifest_beside(&source.path);
    let (text, files) = match (inside, &beside) {
        (Some(inside), _) => (inside.to_vec(), Vec::new()),
        (None, Some(path)) => {
            let bytes = papers::read(path, MANIFEST_BYTES_MAX)?;
            let name = path.file_name().unwrap_or_default();
            (bytes, vec![name.to_string_lossy().into_owned()])
        }
        // A component without any manifest is named for its file, which it may not keep.
        (None, None) => {
            let least = serde_json::json!({
                "name": source.manifest.name,
                "version": source.manifest.version,
            });
            (least.to_string().into_bytes(), Vec::new())
        }
    };
    let mut value: Value = serde_json::from_slice(&text).map_err(|error| {
        // It was read once already, so it changed in between.
        ProjectError::Senseless {
            path: beside.unwrap_or_else(|| source.path.clone()),
            problem: format!("is not JSON any more: {error}"),
            hint: "pack again".to_owned(),
        }
    })?;
    if let Some(object) = value.as_object_mut() {
        // With `shift_remove` the other keys keep their order.
        object.shift_remove("$schema");
    }
    Ok((value.to_string().into_bytes(), files))
}
