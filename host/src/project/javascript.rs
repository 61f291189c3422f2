//! Building a plugin that is written in JavaScript, with the jco that its `package.json` names.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::carry::{self, unusable};
use super::config::{self, PACKAGE_JSON};
use super::sources::sources;
use super::tool::{self, Version};
use super::workbench::Workbench;
use super::{Built, ProjectError, child};
use crate::names::Digest;

/// What jco asks for.
const NODE_MIN: Version = Version(20, 0);

/// What builds the component.
const COMPILER: &str = "jco";

/// What decides which tools npm installs. It writes the last one itself.
const NPM_FILES: [&str; 3] = [PACKAGE_JSON, "npm-shrinkwrap.json", "package-lock.json"];

/// Builds the plugin in `dir`, unless nothing changed.
pub async fn build(dir: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
    let recipe = config::javascript(dir)?.ok_or_else(|| ProjectError::NoPlugin(dir.to_owned()))?;
    let bench = Workbench::open(dir, tell).await?;
    let tools = tools(bench.project())?;
    let files = sources(bench.project(), &["js", "mjs", "cjs"], &recipe.module)?;
    if let Some(built) = bench.built(bench.stamp_of(&recipe, &files, &tools)?) {
        return Ok(built);
    }
    let (jco, tools) = installed(&bench, tools, tell).await?;
    let stamp = bench.stamp_of(&recipe, &files, &tools)?;
    let wit = bench.lay_out_wit(&recipe)?;
    let unfinished = bench.unfinished()?;
    tell(&format!("building `{}` with {COMPILER}", recipe.module));
    let mut command = child::command(jco, bench.project());
    command
        .args(["componentize", &recipe.module, "--wit"])
        .arg(wit)
        .arg("--out")
        .arg(&unfinished);
    if !asks_for_network(bench.project())? {
        // Otherwise it would import wasi:http, which the host refuses in a plugin that does not ask for it.
        command.args(["--disable", "http", "fetch-event"]);
    }
    tool::run(&mut command, dir, COMPILER, tell).await?;
    bench.finish(&unfinished, &recipe, stamp)
}

/// What decides which tools are installed, of the files that are there.
fn tools(dir: &Path) -> Result<Vec<u8>, ProjectError> {
    let mut all = Vec::new();
    for path in NPM_FILES.map(|name| dir.join(name)) {
        match fs::read(&path) {
            Ok(bytes) => {
                all.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
                all.extend(bytes);
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => all.extend([0xff; 8]),
            Err(error) => return Err(unusable(&path, error)),
        }
    }
    Ok(all)
}

/// The compiler, after npm has installed what `package.json` and its lock file ask for when that changed; and what they ask for
/// then, since npm writes the lock file.
async fn installed(
    bench: &Workbench,
    asked: Vec<u8>,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<(PathBuf, Vec<u8>), ProjectError> {
    let jco = bench.project().join("node_modules/.bin").join(COMPILER);
    tool::at_least("node", NODE_MIN, bench.project(), |error| {
        missing("node", error)
    })
    .await?;
    if bench.is_current("node_modules", Digest::of(&asked)) && jco.exists() {
        return Ok((jco, asked));
    }
    bench.unmark("node_modules")?;
    tell("installing the build tools, which happens once");
    let mut command = child::command("npm", bench.project());
    command.args(["install", "--no-audit", "--no-fund", "--loglevel", "error"]);
    let mut said = |line: &str| Some(line.to_owned());
    let no_npm = |error| missing("npm", error);
    let ended = child::run(&mut command, &mut said, tell, no_npm).await?;
    if !ended.success {
        return Err(tool::not_installed("npm", &ended.said));
    }
    if !jco.exists() {
        return Err(config::senseless(
            &bench.project().join(PACKAGE_JSON),
            format!("does not say which {COMPILER} builds it"),
            "add `@bytecodealliance/jco` and `@bytecodealliance/componentize-js` to `devDependencies`",
        ));
    }
    let installed = tools(bench.project())?;
    bench.mark("node_modules", Digest::of(&installed))?;
    Ok((jco, installed))
}

/// Whether the manifest asks for any host.
fn asks_for_network(dir: &Path) -> Result<bool, ProjectError> {
    let manifest = carry::manifest(dir)?.unwrap_or_default();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap_or_default();
    let network = manifest.pointer("/permissions/network");
    Ok(network
        .and_then(|it| it.as_array())
        .is_some_and(|hosts| !hosts.is_empty()))
}

fn missing(program: &str, error: io::Error) -> ProjectError {
    ProjectError::Toolchain {
        what: format!("{program} does not start: {error}"),
        hint: format!("install Node.js {NODE_MIN} or newer, which brings npm"),
    }
}
