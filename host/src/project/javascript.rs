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

/// Builds the plugin in `dir`, unless nothing changed.
pub async fn build(dir: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
    let recipe = config::javascript(dir)?.ok_or_else(|| ProjectError::NoPlugin(dir.to_owned()))?;
    let bench = Workbench::open(dir).await?;
    let package = bench.project().join(PACKAGE_JSON);
    let tools = fs::read(&package).map_err(|error| unusable(&package, error))?;
    let files = sources(bench.project(), &["js", "mjs", "cjs"], &recipe.module)?;
    let stamp = bench.stamp_of(&recipe, &files, &tools)?;
    if let Some(built) = bench.built(stamp) {
        return Ok(built);
    }
    let jco = installed(&bench, &tools, tell).await?;
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

/// The compiler, after npm has installed what `package.json` asks for when that changed.
async fn installed(
    bench: &Workbench,
    package: &[u8],
    tell: &(dyn Fn(&str) + Sync),
) -> Result<PathBuf, ProjectError> {
    let jco = bench.project().join("node_modules/.bin").join(COMPILER);
    tool::at_least("node", NODE_MIN, bench.project(), |error| {
        missing("node", error)
    })
    .await?;
    let wanted = Digest::of(package);
    if bench.is_current("node_modules", wanted) && jco.exists() {
        return Ok(jco);
    }
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
    bench.mark("node_modules", wanted)?;
    Ok(jco)
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
