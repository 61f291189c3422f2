//! Building a plugin that is written in Rust, with cargo.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::config::{self, CARGO_TOML};
use super::{Built, ProjectError, carry, child, remap};

/// What a plugin is compiled for.
pub const TARGET: &str = "wasm32-wasip2";

/// How to get Rust and the target.
const INSTALL: &str = "install Rust from https://rustup.rs, then `rustup target add wasm32-wasip2`";

/// Compiles the plugin in `dir`.
pub async fn build(dir: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
    let dir = &package(dir, tell).await?;
    check_target(dir).await?;
    let profile = config::rust(dir)?.profile;
    let mut command = child::command(cargo(), dir);
    command
        .args(["build", "--lib", "--target", TARGET, "--profile", &profile])
        .arg("--message-format=json-render-diagnostics")
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    if child::is_colourful() {
        command.args(["--color", "always"]);
    }
    remap::leave_out_paths(&mut command, dir);
    let mut artifacts = Vec::new();
    let mut hear = |line: &str| match serde_json::from_str(line) {
        Ok(Message::CompilerArtifact(artifact)) => {
            artifacts.push(artifact);
            None
        }
        Ok(Message::Other) => None,
        // A build script or a macro printed something.
        Err(_) => Some(line.to_owned()),
    };
    let ended = child::run(&mut command, &mut hear, tell, no_cargo).await?;
    if !ended.success {
        return Err(ProjectError::Build {
            dir: dir.clone(),
            output: ended.said,
        });
    }
    let mut own = artifacts.into_iter().filter(|it| it.is_plugin_in(dir));
    let component = own.find_map(Artifact::component).ok_or_else(|| {
        config::senseless(
            &dir.join(CARGO_TOML),
            "makes no component",
            "add `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
        )
    })?;
    carry::completed(dir, component)
}

/// The cargo of this computer, or the one that runs this program as a part of a test.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Why there is no answer from cargo.
pub fn no_cargo(error: io::Error) -> ProjectError {
    ProjectError::Toolchain {
        what: format!("cargo does not start: {error}"),
        hint: INSTALL.to_owned(),
    }
}

/// Sees that the compiler knows the target: without it, cargo's own words are a page, on each crate.
async fn check_target(dir: &Path) -> Result<(), ProjectError> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = child::command(rustc, dir);
    command.args(["--print", "target-libdir", "--target", TARGET]);
    let mut libraries = None;
    let mut hear = |line: &str| {
        libraries.get_or_insert_with(|| PathBuf::from(line));
        None
    };
    let no_rustc = |error| ProjectError::Toolchain {
        what: format!("rustc does not start: {error}"),
        hint: INSTALL.to_owned(),
    };
    child::run(&mut command, &mut hear, &|_| {}, no_rustc).await?;
    match libraries {
        Some(libraries) if !libraries.is_dir() => Err(ProjectError::Toolchain {
            what: format!("Rust's target `{TARGET}` is missing"),
            hint: format!("`rustup target add {TARGET}`"),
        }),
        // Whatever else is wrong, cargo says it better.
        _ => Ok(()),
    }
}

/// The package to build: the folder's own, or the only plugin of a workspace.
pub async fn package(dir: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<PathBuf, ProjectError> {
    if config::rust(dir)?.is_package {
        return Ok(dir.to_owned());
    }
    let mut plugins = None;
    let mut hear = |line: &str| {
        plugins = plugins.take().or_else(|| members(line));
        None
    };
    let mut command = child::command(cargo(), dir);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let ended = child::run(&mut command, &mut hear, tell, no_cargo).await?;
    if !ended.success {
        return Err(ProjectError::Build {
            dir: dir.to_owned(),
            output: ended.said,
        });
    }
    let plugins = plugins.ok_or_else(|| ProjectError::Toolchain {
        what: "`cargo metadata` answers in a form that this program does not know".to_owned(),
        hint: "name the folder of one plugin".to_owned(),
    })?;
    match plugins.as_slice() {
        [(_, only)] => Ok(only.clone()),
        [] => Err(config::senseless(
            &dir.join(CARGO_TOML),
            "is a workspace without a plugin",
            "a plugin's `Cargo.toml` has `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`",
        )),
        several => {
            let names: Vec<_> = several
                .iter()
                .map(|(name, _)| format!("`{name}`"))
                .collect();
            Err(ProjectError::Senseless {
                path: dir.join(CARGO_TOML),
                problem: format!("is a workspace of several plugins: {}", names.join(", ")),
                hint: "name the folder of one of them".to_owned(),
            })
        }
    }
}

/// The plugins that `cargo metadata` lists, by name, with their folders; none for a line that is something else.
fn members(metadata: &str) -> Option<Vec<(String, PathBuf)>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        manifest_path: PathBuf,
        targets: Vec<Target>,
    }
    let Metadata { packages } = serde_json::from_str(metadata).ok()?;
    let plugins = packages
        .into_iter()
        .filter(|package| package.targets.iter().any(Target::is_plugin));
    let with_folder = plugins.filter_map(|package| {
        let folder = package.manifest_path.parent()?.to_owned();
        Some((package.name, folder))
    });
    Some(with_folder.collect())
}

/// One of cargo's messages; most of them are of no interest.
#[derive(Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact(Artifact),
    #[serde(other)]
    Other,
}

/// What cargo made of one target of one package.
#[derive(Deserialize)]
struct Artifact {
    manifest_path: PathBuf,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Target {
    fn is_plugin(&self) -> bool {
        self.kind.iter().any(|kind| kind == "cdylib")
    }
}

impl Artifact {
    /// The component, when this is the plugin in `dir`.
    fn is_plugin_in(&self, dir: &Path) -> bool {
        let folder = self.manifest_path.parent();
        self.target.is_plugin()
            && folder
                .is_some_and(|folder| fs::canonicalize(folder).ok() == fs::canonicalize(dir).ok())
    }

    fn component(self) -> Option<PathBuf> {
        let mut files = self.filenames.into_iter();
        files.find(|file| file.extension().is_some_and(|it| it == "wasm"))
    }
}
