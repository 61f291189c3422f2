//! Telling what kind of plugin a folder holds.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::config::{CARGO_TOML, PACKAGE_JSON, PYPROJECT_TOML};
use super::{Language, Project, ProjectError, config};

/// As [`Project::find`].
pub fn find(path: &Path) -> Result<Project, ProjectError> {
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            ProjectError::NoPlugin(path.to_owned())
        }
        _ => unreadable(path, error),
    })?;
    if !metadata.is_dir() {
        return match path.extension() {
            Some(extension) if extension == "wasm" => Ok(component(path.to_owned())),
            // The file that says what a folder is stands for the folder.
            _ if language_of(path).is_some() => folder(folder_of(path)),
            _ => Err(ProjectError::NoPlugin(path.to_owned())),
        };
    }
    folder(path)
}

/// The language whose mark `path` is.
fn language_of(path: &Path) -> Option<Language> {
    match path.file_name()?.to_str()? {
        CARGO_TOML => Some(Language::Rust),
        PYPROJECT_TOML => Some(Language::Python),
        PACKAGE_JSON => Some(Language::JavaScript),
        _ => None,
    }
}

fn folder(dir: &Path) -> Result<Project, ProjectError> {
    let source = |language| {
        Ok(Project {
            dir: dir.to_owned(),
            language: Some(language),
            component: None,
        })
    };
    if dir.join(CARGO_TOML).is_file() {
        return source(Language::Rust);
    }
    // A folder may have these two for other reasons, such as a formatter, so the section of a plugin decides.
    if config::python(dir).is_ok_and(|found| found.is_some()) {
        return source(Language::Python);
    }
    if config::javascript(dir).is_ok_and(|found| found.is_some()) {
        return source(Language::JavaScript);
    }
    match components(dir)?.as_slice() {
        [only] => Ok(component(only.clone())),
        [] => Err(nothing_in(dir)),
        several => Err(ProjectError::Senseless {
            path: dir.to_owned(),
            problem: format!("has {} components in it", several.len()),
            hint: "name one of the `.wasm`".to_owned(),
        }),
    }
}

/// Why there is no plugin: a file that nearly makes one is worth more words.
fn nothing_in(dir: &Path) -> ProjectError {
    let nearly = |name: &str, section: &str, example: &str| ProjectError::Senseless {
        path: dir.join(name),
        problem: format!("has no {section}, so it is no plugin"),
        hint: format!("add {example}"),
    };
    match (config::python(dir), config::javascript(dir)) {
        (Err(error), _) | (_, Err(error)) => error,
        _ if dir.join(PYPROJECT_TOML).is_file() => nearly(
            PYPROJECT_TOML,
            "`[tool.portcullis]`",
            "it with `module = \"plugin\"` and `world = \"world.wit\"`",
        ),
        _ if dir.join(PACKAGE_JSON).is_file() => nearly(
            PACKAGE_JSON,
            "`portcullis`",
            "`\"portcullis\": { \"module\": \"plugin.js\", \"world\": \"world.wit\" }`",
        ),
        _ => ProjectError::NoPlugin(dir.to_owned()),
    }
}

fn component(path: PathBuf) -> Project {
    Project {
        dir: folder_of(&path).to_owned(),
        language: None,
        component: Some(path),
    }
}

/// The components that lie in a folder, not in those below it.
fn components(dir: &Path) -> Result<Vec<PathBuf>, ProjectError> {
    let unreadable = |error| unreadable(dir, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|it| it == "wasm") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
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

    const PYTHON: &str = "[tool.portcullis]\nmodule = \"plugin\"\n";
    const JAVASCRIPT: &str = r#"{"portcullis": {"module": "plugin.js"}}"#;

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_is_told_by_what_lies_in_it() {
        let check = |files: &[(&str, &str)], at: &str, language: Option<Language>, file: &str| {
            let folder = folder_with(files);
            let project = find(&folder.path().join(at)).unwrap();
            assert_eq!(project.language, language, "{files:?}");
            let component = (!file.is_empty()).then(|| folder.path().join(file));
            assert_eq!(project.component, component, "{files:?}");
        };
        use Language::{JavaScript, Python, Rust};
        check(&[("Cargo.toml", "")], "", Some(Rust), "");
        check(&[("Cargo.toml", ""), ("a.wasm", "")], "", Some(Rust), "");
        check(&[("Cargo.toml", "")], "Cargo.toml", Some(Rust), "");
        check(&[("pyproject.toml", PYTHON)], "", Some(Python), "");
        check(&[("package.json", JAVASCRIPT)], "", Some(JavaScript), "");
        check(
            &[("package.json", "{}"), ("pyproject.toml", PYTHON)],
            "",
            Some(Python),
            "",
        );
        check(&[("a.wasm", "")], "", None, "a.wasm");
        check(&[("a.wasm", "")], "a.wasm", None, "a.wasm");
        check(
            &[("package.json", "{}"), ("a.wasm", "")],
            "",
            None,
            "a.wasm",
        );
        check(&[("a.wasm", ""), ("b.wasm", "")], "b.wasm", None, "b.wasm");
    }

    #[test]
    fn a_folder_without_a_plugin_says_what_is_missing() {
        let check = |files: &[(&str, &str)], at: &str, expected: &str| {
            let folder = folder_with(files);
            let error = find(&folder.path().join(at)).unwrap_err().to_string();
            assert!(error.contains(expected), "{files:?}: {error}");
        };
        check(&[], "", "there is no plugin in");
        check(&[], "missing", "there is no plugin in");
        check(&[("a.txt", "")], "a.txt", "there is no plugin in");
        // Folders above are not searched.
        check(
            &[("Cargo.toml", ""), ("src/lib.rs", "")],
            "src",
            "there is no plugin in",
        );
        check(&[("a.wasm", ""), ("b.wasm", "")], "", "2 components");
        check(&[("pyproject.toml", "")], "", "no `[tool.portcullis]`");
        check(
            &[("pyproject.toml", "[tool")],
            "",
            "pyproject.toml` is not TOML",
        );
        check(&[("package.json", "{}")], "", "no `portcullis`");
        check(&[("package.json", "{")], "", "package.json` is not JSON");
    }
}
