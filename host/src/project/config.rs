//! What a plugin's own files say of how it is built.

use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::ProjectError;

/// The mark of a Rust project.
pub const CARGO_TOML: &str = "Cargo.toml";
/// The mark of a Python project, when it has `[tool.portcullis]`.
pub const PYPROJECT_TOML: &str = "pyproject.toml";
/// The mark of a JavaScript project, when it has `portcullis`.
pub const PACKAGE_JSON: &str = "package.json";

/// How an interpreted plugin becomes a component: `[tool.portcullis]`, or `portcullis` in `package.json`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// What is built: a Python module such as `plugin`, a JavaScript file such as `plugin.js`.
    pub module: String,
    /// The file with the plugin's own world, relative to the folder.
    #[serde(default = "world")]
    pub world: String,
}

fn world() -> String {
    "world.wit".to_owned()
}

/// What `pyproject.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Python {
    /// How it is built.
    pub recipe: Recipe,
    /// What pip installs: the group `build` and what the plugin itself needs.
    pub requirements: Vec<String>,
}

/// What `Cargo.toml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rust {
    /// Whether it is a package. A workspace without one has only members.
    pub is_package: bool,
    /// The profile, `release` unless `[package.metadata.portcullis]` names one.
    pub profile: String,
}

/// Reads `Cargo.toml`. What cargo thinks of it, cargo says.
pub fn rust(dir: &Path) -> Result<Rust, ProjectError> {
    let path = dir.join(CARGO_TOML);
    let file = toml_file(&path)?.unwrap_or_default();
    let package = file.get("package");
    let profile = package
        .and_then(|package| package.get("metadata")?.get("portcullis")?.get("profile"))
        .map(|profile| profile.as_str().map(str::to_owned));
    match profile {
        Some(None) => Err(senseless(
            &path,
            "has a `package.metadata.portcullis.profile` that is no text",
            "name a profile, such as `profile = \"release\"`",
        )),
        profile => Ok(Rust {
            is_package: package.is_some(),
            profile: profile.flatten().unwrap_or_else(|| "release".to_owned()),
        }),
    }
}

/// Reads `pyproject.toml`; none when there is none, or none of a plugin.
pub fn python(dir: &Path) -> Result<Option<Python>, ProjectError> {
    let path = dir.join(PYPROJECT_TOML);
    let Some(file) = toml_file(&path)? else {
        return Ok(None);
    };
    let Some(section) = file.get("tool").and_then(|tool| tool.get("portcullis")) else {
        return Ok(None);
    };
    let recipe = Recipe::deserialize(section.clone()).map_err(|error| {
        let problem = format!("has a senseless `[tool.portcullis]`: {}", one_line(&error));
        senseless(&path, problem, "it has `module` and `world`")
    })?;
    let build = file.get("dependency-groups").and_then(|it| it.get("build"));
    let own = file.get("project").and_then(|it| it.get("dependencies"));
    let requirements = [build, own]
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_array)
        .flatten()
        .filter_map(|requirement| requirement.as_str().map(str::to_owned))
        .collect();
    Ok(Some(Python {
        recipe,
        requirements,
    }))
}

/// Reads `package.json`; none when there is none, or none of a plugin.
pub fn javascript(dir: &Path) -> Result<Option<Recipe>, ProjectError> {
    let path = dir.join(PACKAGE_JSON);
    let Some(text) = read(&path)? else {
        return Ok(None);
    };
    let file: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| senseless(&path, format!("is not JSON: {error}"), "correct it there"))?;
    let Some(section) = file.get("portcullis") else {
        return Ok(None);
    };
    let recipe = Recipe::deserialize(section).map_err(|error| {
        let problem = format!("has a senseless `portcullis`: {}", one_line(&error));
        senseless(&path, problem, "it has `module` and `world`")
    })?;
    Ok(Some(recipe))
}

fn toml_file(path: &Path) -> Result<Option<toml::Table>, ProjectError> {
    let Some(text) = read(path)? else {
        return Ok(None);
    };
    let table = text.parse().map_err(|error: toml::de::Error| {
        let problem = format!("is not TOML: {}", one_line(error.message()));
        senseless(path, problem, "correct it there")
    })?;
    Ok(Some(table))
}

/// The text of a file; none when there is no such file.
pub fn read(path: &Path) -> Result<Option<String>, ProjectError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ProjectError::File {
            path: path.to_owned(),
            error,
            hint: "it must be UTF-8 and readable",
        }),
    }
}

/// A file that makes no sense.
pub fn senseless(path: &Path, problem: impl Into<String>, hint: &str) -> ProjectError {
    ProjectError::Senseless {
        path: path.to_owned(),
        problem: problem.into(),
        hint: hint.to_owned(),
    }
}

/// What a parser says, without the picture of the place.
fn one_line(error: impl ToString) -> String {
    error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirements_of_python_are_those_of_the_build_and_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[project]\ndependencies = [\"a==1\"]\n[dependency-groups]\nbuild = [\"b==2\"]\n\
                    [tool.portcullis]\nmodule = \"m\"";
        fs::write(folder.path().join(PYPROJECT_TOML), text).unwrap();
        let found = python(folder.path()).unwrap().unwrap();
        assert_eq!(found.requirements, ["b==2", "a==1"]);
        assert_eq!(found.recipe.module, "m");
        assert_eq!(found.recipe.world, "world.wit");
    }

    #[test]
    fn a_recipe_with_a_typo_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let check = |name: &str, text: &str, expected: &str| {
            fs::write(folder.path().join(name), text).unwrap();
            let error = match name {
                PYPROJECT_TOML => python(folder.path()).unwrap_err(),
                _ => javascript(folder.path()).unwrap_err(),
            };
            assert!(error.to_string().contains(expected), "{error}");
        };
        check(
            PYPROJECT_TOML,
            "[tool.portcullis]\nmodul = \"m\"",
            "unknown field `modul`",
        );
        check(
            PACKAGE_JSON,
            r#"{"portcullis": {"module": 1}}"#,
            "invalid type",
        );
        check(
            PACKAGE_JSON,
            r#"{"portcullis": {}}"#,
            "missing field `module`",
        );
    }

    #[test]
    fn a_profile_is_read_from_the_package() {
        let folder = tempfile::tempdir().unwrap();
        let check = |text: &str, is_package: bool, profile: &str| {
            fs::write(folder.path().join(CARGO_TOML), text).unwrap();
            let expected = Rust {
                is_package,
                profile: profile.to_owned(),
            };
            assert_eq!(rust(folder.path()).unwrap(), expected);
        };
        check("[package]\nname = \"a\"", true, "release");
        check("[workspace]", false, "release");
        check(
            "[package.metadata.portcullis]\nprofile = \"guest\"",
            true,
            "guest",
        );
        fs::write(
            folder.path().join(CARGO_TOML),
            "[package.metadata.portcullis]\nprofile = 1",
        )
        .unwrap();
        assert!(rust(folder.path()).is_err());
    }
}
