//! The component that the last build left, for whoever looks at it and builds nothing.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::rust::{self, TARGET};
use super::{Language, Project, ProjectError, child, config};

impl Project {
    /// The component of the last build, whether or not its source changed since; none before the first.
    ///
    /// # Errors
    /// When the project itself makes no sense, or cargo cannot be asked.
    pub async fn last_built(&self) -> Result<Option<PathBuf>, ProjectError> {
        match (&self.component, self.language) {
            (Some(component), _) => Ok(Some(component.clone())),
            (None, Some(Language::Rust)) => of_cargo(&self.dir).await,
            (None, Some(Language::Python | Language::JavaScript)) => Ok(of_workbench(&self.dir)),
            (None, None) => Ok(None),
        }
    }
}

/// As the workbench notes it: what the component was made of, and its name.
fn of_workbench(dir: &Path) -> Option<PathBuf> {
    let bench = dir.join("target").join("portcullis");
    let stamp = fs::read_to_string(bench.join("component.stamp")).ok()?;
    let name = stamp.lines().nth(1)?;
    let is_a_name = name.ends_with(".wasm") && !name.contains('/');
    let component = bench.join(name);
    (is_a_name && component.is_file()).then_some(component)
}

/// Where cargo puts it, or the copy beside it that carries the manifest and the skills as well.
async fn of_cargo(dir: &Path) -> Result<Option<PathBuf>, ProjectError> {
    let dir = &rust::package(dir, &|_| {}).await?;
    let profile = config::rust(dir)?.profile;
    let mut found = None;
    let mut hear = |line: &str| {
        found = found.take().or_else(|| place(line, dir));
        None
    };
    let mut command = child::command(rust::cargo(), dir);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let ended = child::run(&mut command, &mut hear, &|_| {}, rust::no_cargo).await?;
    if !ended.success {
        return Err(ProjectError::Build {
            dir: dir.clone(),
            output: ended.said,
        });
    }
    let Some(Place { target, name }) = found else {
        return Ok(None);
    };
    // cargo keeps what the profile `dev` makes under another name.
    let profile = if profile == "dev" { "debug" } else { &profile };
    let folder = target.join(TARGET).join(profile);
    let file = format!("{}.wasm", name.replace('-', "_"));
    let (made, copy) = (folder.join(&file), folder.join("portcullis").join(&file));
    let age = |path: &Path| fs::metadata(path).and_then(|it| it.modified()).ok();
    Ok(match (age(&made), age(&copy)) {
        (Some(made_at), Some(copied_at)) if copied_at >= made_at => Some(copy),
        (Some(_), _) => Some(made),
        (None, _) => None,
    })
}

/// Where cargo puts what it makes, and what the library is called.
struct Place {
    target: PathBuf,
    name: String,
}

/// Reads it off `cargo metadata`, for the package in `dir`.
fn place(metadata: &str, dir: &Path) -> Option<Place> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
        target_directory: PathBuf,
    }
    #[derive(Deserialize)]
    struct Package {
        manifest_path: PathBuf,
        targets: Vec<Target>,
    }
    #[derive(Deserialize)]
    struct Target {
        kind: Vec<String>,
        name: String,
    }
    let metadata: Metadata = serde_json::from_str(metadata).ok()?;
    let here = fs::canonicalize(dir).ok()?;
    let is_here = |package: &Package| {
        let folder = package.manifest_path.parent().map(fs::canonicalize);
        folder.is_some_and(|folder| folder.is_ok_and(|folder| folder == here))
    };
    let package = metadata.packages.into_iter().find(is_here)?;
    let is_plugin = |target: &Target| target.kind.iter().any(|kind| kind == "cdylib");
    let library = package.targets.into_iter().find(is_plugin)?;
    Some(Place {
        target: metadata.target_directory,
        name: library.name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(dir: &Path, language: Language) -> Project {
        Project {
            dir: dir.to_owned(),
            language: Some(language),
            component: None,
        }
    }

    #[tokio::test]
    async fn an_interpreted_plugin_is_where_the_workbench_put_it() {
        let dir = tempfile::tempdir().unwrap();
        let project = project(dir.path(), Language::Python);
        assert_eq!(project.last_built().await.unwrap(), None);
        let bench = dir.path().join("target/portcullis");
        fs::create_dir_all(&bench).unwrap();
        let component = bench.join("weather.wasm");
        fs::write(&component, b"").unwrap();
        let note = |name: &str| fs::write(bench.join("component.stamp"), format!("x\n{name}\n"));
        note("weather.wasm").unwrap();
        assert_eq!(project.last_built().await.unwrap(), Some(component));
        for name in ["gone.wasm", "../../etc/x.wasm", "weather"] {
            note(name).unwrap();
            assert_eq!(project.last_built().await.unwrap(), None, "{name}");
        }
    }

    #[tokio::test]
    async fn a_plugin_in_rust_is_where_cargo_puts_it_or_its_newer_copy() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write(
            "Cargo.toml",
            "[package]\nname = \"my-plugin\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\
             [lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
        );
        write("src/lib.rs", "");
        let project = project(dir.path(), Language::Rust);
        assert_eq!(project.last_built().await.unwrap(), None);
        let below = |found: Option<PathBuf>| {
            let found = found.expect("it was built");
            let below = found.strip_prefix(fs::canonicalize(dir.path()).unwrap());
            below.unwrap().to_owned()
        };
        write("target/wasm32-wasip2/release/my_plugin.wasm", "made");
        let found = below(project.last_built().await.unwrap());
        assert!(found.ends_with("release/my_plugin.wasm"), "{found:?}");
        write(
            "target/wasm32-wasip2/release/portcullis/my_plugin.wasm",
            "copy",
        );
        let found = below(project.last_built().await.unwrap());
        assert!(found.ends_with("portcullis/my_plugin.wasm"), "{found:?}");
    }
}
