//! The README and the licences of a plugin's folder.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::limits::{LICENSE_BYTES_MAX, README_BYTES_MAX};
use crate::project::config::CARGO_TOML;
use crate::project::{ProjectError, workspace};

/// What a README is called. The first that is there is packed.
const README_NAMES: [&str; 4] = ["README.md", "README.txt", "README", "readme.md"];

/// How the names of files with licences begin, in capitals.
const LICENSE_BEGINNINGS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"];

/// How they end, in small letters; a program called `license.rs` is none.
const LICENSE_ENDINGS: [&str; 3] = ["txt", "md", "rst"];

/// Files with licences that are looked at. Honest folders have two or three.
const LICENSE_FILES_MAX: usize = 32;

/// Bytes for a section, with the names of the files they come from.
pub type Paper = (Vec<u8>, Vec<String>);

/// The README of a folder, or the one the component carries.
pub fn readme(folder: Option<&Path>, inside: Option<&str>) -> Result<Option<Paper>, ProjectError> {
    let path = folder.and_then(|folder| {
        let names = README_NAMES.iter().map(|name| folder.join(name));
        names.into_iter().find(|path| path.is_file())
    });
    let outside = path.map(|path| Ok((text(&path, README_BYTES_MAX)?, path)));
    let outside = outside.transpose()?;
    one_of(
        outside.map(|(text, path)| (text, vec![path])),
        inside,
        "the README",
    )
}

/// The licences of a folder as one text, or the one the component carries. A package of a cargo workspace without any has
/// those of the workspace.
///
/// A single file is taken as it is. Of several, each stands under a line with its name.
pub fn license(folder: Option<&Path>, inside: Option<&str>) -> Result<Option<Paper>, ProjectError> {
    let mut paths = Vec::new();
    if let Some(folder) = folder {
        paths = license_files(folder)?;
        if let (true, Some(workspace)) = (paths.is_empty(), workspace_of(folder)) {
            paths = license_files(&workspace)?;
        }
    }
    let outside = match paths.as_slice() {
        [] => None,
        [only] => Some(text(only, LICENSE_BYTES_MAX)?),
        several => {
            let mut all = String::new();
            for path in several {
                let text = text(path, LICENSE_BYTES_MAX)?;
                all.push_str(&format!(
                    "===== {} =====\n\n{}\n\n",
                    name_of(path),
                    text.trim_end()
                ));
                if all.len() > LICENSE_BYTES_MAX {
                    return Err(too_large(path, LICENSE_BYTES_MAX));
                }
            }
            Some(all)
        }
    };
    one_of(outside.map(|text| (text, paths)), inside, "the licence")
}

/// What lies beside a component, or what it carries: when both are there, they must be the same.
fn one_of(
    outside: Option<(String, Vec<PathBuf>)>,
    inside: Option<&str>,
    what: &str,
) -> Result<Option<Paper>, ProjectError> {
    let Some((outside, paths)) = outside else {
        return Ok(inside.map(|inside| (inside.as_bytes().to_vec(), Vec::new())));
    };
    if inside.is_some_and(|inside| inside != outside) {
        return Err(ProjectError::Senseless {
            path: paths.into_iter().next().unwrap_or_default(),
            problem: format!("differs from {what} in the component"),
            hint: "pack the component as it was built, or remove the file".to_owned(),
        });
    }
    let names = paths.iter().map(|path| name_of(path)).collect();
    Ok(Some((outside.into_bytes(), names)))
}

/// The cargo workspace that a folder is a package of; none for a package that stands alone.
fn workspace_of(folder: &Path) -> Option<PathBuf> {
    if !folder.join(CARGO_TOML).is_file() {
        return None;
    }
    let folder = folder.canonicalize().ok()?;
    let root = workspace::root_of(&folder);
    (root != folder).then_some(root)
}

/// The files with licences, by name.
fn license_files(folder: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let failed = |error| unreadable(folder, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if is_license(&path) && path.is_file() {
            found.push(path);
        }
    }
    if found.len() > LICENSE_FILES_MAX {
        return Err(ProjectError::Senseless {
            path: folder.to_owned(),
            problem: format!("has more than {LICENSE_FILES_MAX} files with licences"),
            hint: "put them into one".to_owned(),
        });
    }
    found.sort();
    Ok(found)
}

fn is_license(path: &Path) -> bool {
    let name = name_of(path).to_ascii_uppercase();
    let ends_well = match path.extension().and_then(|extension| extension.to_str()) {
        None => true,
        // `LICENSE-APACHE-2.0` has an ending that is none.
        Some(ending) => {
            LICENSE_ENDINGS.contains(&&*ending.to_ascii_lowercase())
                || ending.bytes().all(|b| b.is_ascii_digit())
        }
    };
    ends_well
        && LICENSE_BEGINNINGS
            .iter()
            .any(|beginning| name.starts_with(beginning))
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// A whole file of text.
fn text(path: &Path, bytes_max: usize) -> Result<String, ProjectError> {
    String::from_utf8(read(path, bytes_max)?).map_err(|_| ProjectError::Senseless {
        path: path.to_owned(),
        problem: "is not UTF-8".to_owned(),
        hint: "save it as UTF-8".to_owned(),
    })
}

/// A whole file, and no more of it than allowed.
pub fn read(path: &Path, bytes_max: usize) -> Result<Vec<u8>, ProjectError> {
    let failed = |error| unreadable(path, error);
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.take(bytes_max as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > bytes_max {
        return Err(too_large(path, bytes_max));
    }
    Ok(bytes)
}

fn too_large(path: &Path, allowed: usize) -> ProjectError {
    ProjectError::Senseless {
        path: path.to_owned(),
        problem: format!("brings more than the {allowed} bytes that may be packed"),
        hint: "shorten it, and keep the rest where the plugin's `links` lead".to_owned(),
    }
}

fn unreadable(path: &Path, error: io::Error) -> ProjectError {
    ProjectError::File {
        path: path.to_owned(),
        error,
        hint: "you must be allowed to read it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("it can be written");
        }
        folder
    }

    #[test]
    fn licences_are_the_files_that_are_called_so_in_order() {
        let check = |files: &[(&str, &str)], expected: Option<&str>| {
            let folder = folder(files);
            let found = license(Some(folder.path()), None).expect("it can be read");
            let text = found.map(|(bytes, _)| String::from_utf8(bytes).expect("it is text"));
            assert_eq!(text.as_deref(), expected, "{files:?}");
        };
        check(&[("README.md", "x"), ("license.rs", "x")], None);
        check(&[("LICENSE", "mit\n")], Some("mit\n"));
        check(&[("licence.txt", "mit")], Some("mit"));
        check(&[("LICENSE-APACHE-2.0", "asl")], Some("asl"));
        check(
            &[("LICENSE-MIT", "mit\n"), ("LICENSE-APACHE", "asl")],
            Some("===== LICENSE-APACHE =====\n\nasl\n\n===== LICENSE-MIT =====\n\nmit\n\n"),
        );
        assert_eq!(license(None, None).expect("nothing is read"), None);
    }

    #[test]
    fn a_package_without_a_licence_has_that_of_its_workspace() {
        let workspace = folder(&[("Cargo.toml", "[workspace]"), ("LICENSE", "mit")]);
        let package = workspace.path().join("plugins/greeter");
        fs::create_dir_all(&package).expect("it can be made");
        let found = || {
            let found = license(Some(&package), None).expect("it can be read");
            found.map(|(bytes, _)| String::from_utf8(bytes).expect("it is text"))
        };
        assert_eq!(found(), None, "it is no package");
        let write = |manifest: &str| {
            fs::write(package.join("Cargo.toml"), manifest).expect("it can be written");
        };
        write("[package]\n[workspace]");
        assert_eq!(found(), None, "it stands alone");
        write("[package]");
        assert_eq!(found().as_deref(), Some("mit"));
        fs::write(package.join("LICENSE"), "own").expect("it can be written");
        assert_eq!(found().as_deref(), Some("own"));
    }

    #[test]
    fn a_text_beside_must_be_the_one_inside() {
        let folder = folder(&[("README.md", "a")]);
        let check = |inside: Option<&str>, expected: Result<&str, &str>| {
            let found = readme(Some(folder.path()), inside);
            match expected {
                Ok(text) => {
                    let (bytes, _) = found.expect("it is good").expect("it is there");
                    assert_eq!(bytes, text.as_bytes());
                }
                Err(words) => {
                    let said = found.expect_err("it is bad").to_string();
                    assert!(said.contains(words), "{said}");
                }
            }
        };
        check(None, Ok("a"));
        check(Some("a"), Ok("a"));
        check(Some("b"), Err("README.md` differs from the README"));
    }

    #[test]
    fn what_is_too_long_or_no_text_is_refused_by_name() {
        let long = "x".repeat(README_BYTES_MAX + 1);
        let check = |bytes: &[u8], words: &str| {
            let folder = folder(&[]);
            fs::write(folder.path().join("README.md"), bytes).expect("it can be written");
            let said = readme(Some(folder.path()), None).expect_err("it is bad");
            let said = said.to_string();
            assert!(said.contains("README.md") && said.contains(words), "{said}");
        };
        check(b"\xff\xfe", "not UTF-8");
        check(long.as_bytes(), "262144 bytes");
        let half = "x".repeat(LICENSE_BYTES_MAX / 2 + 1);
        let folder = folder(&[("LICENSE-A", &half), ("LICENSE-B", &half)]);
        let said = license(Some(folder.path()), None).expect_err("together they are too long");
        assert!(said.to_string().contains("LICENSE-B"), "{said}");
    }
}
