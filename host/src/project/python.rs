//! Building a plugin that is written in Python, with componentize-py in a virtual environment of its own.

use std::io;
use std::path::{Path, PathBuf};

use super::carry::put;
use super::config::{self, PYPROJECT_TOML, Python};
use super::sources::sources;
use super::tool::{self, Version};
use super::workbench::Workbench;
use super::{Built, ProjectError, child};
use crate::names::Digest;

/// What componentize-py asks for.
const PYTHON_MIN: Version = Version(3, 10);

/// What builds the component.
const COMPILER: &str = "componentize-py";

/// The file that says of a virtual environment that it was made to its end. Its interpreter is there long before pip is.
const WHOLE: &str = "portcullis-whole";

/// Builds the plugin in `dir`, unless nothing changed.
pub async fn build(dir: &Path, tell: &(dyn Fn(&str) + Sync)) -> Result<Built, ProjectError> {
    let python = config::python(dir)?.ok_or_else(|| ProjectError::NoPlugin(dir.to_owned()))?;
    let bench = Workbench::open(dir, tell).await?;
    let files = sources(bench.project(), &["py"], &python.recipe.module)?;
    let tools = python.requirements.join("\n");
    let stamp = bench.stamp_of(&python.recipe, &files, tools.as_bytes())?;
    if let Some(built) = bench.built(stamp) {
        return Ok(built);
    }
    let venv = environment(&bench, &python, tell).await?;
    let wit = bench.lay_out_wit(&python.recipe)?;
    // From a copy, since the interpreter leaves compiled code beside what it reads.
    let copy = bench.path("source");
    bench.clear(&copy)?;
    for (path, bytes) in &files {
        put(&copy.join(path), bytes)?;
    }
    let unfinished = bench.unfinished()?;
    tell(&format!(
        "building `{}` with {COMPILER}",
        python.recipe.module
    ));
    let mut command = child::command(venv.join("bin").join(COMPILER), bench.project());
    command
        .arg("--wit-path")
        .arg(wit)
        .args(["componentize", &python.recipe.module, "--python-path"])
        .arg(&copy)
        .arg("--output")
        .arg(&unfinished)
        // So that it finds what the plugin itself needs.
        .env("VIRTUAL_ENV", &venv);
    tool::run(&mut command, dir, COMPILER, tell).await?;
    bench.finish(&unfinished, &python.recipe, stamp)
}

/// The virtual environment with what `pyproject.toml` asks for, made and filled when it is not.
async fn environment(
    bench: &Workbench,
    python: &Python,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<PathBuf, ProjectError> {
    let venv = bench.path("venv");
    let wanted = Digest::of(python.requirements.join("\n").as_bytes());
    if bench.is_current("venv", wanted) && venv.join("bin").join(COMPILER).exists() {
        return Ok(venv);
    }
    if !python
        .requirements
        .iter()
        .any(|it| it.starts_with(COMPILER))
    {
        return Err(config::senseless(
            &bench.project().join(PYPROJECT_TOML),
            format!("does not say which {COMPILER} builds it"),
            "add `[dependency-groups]` with `build = [\"componentize-py==0.25.1\"]`",
        ));
    }
    tool::at_least("python3", PYTHON_MIN, bench.project(), no_python).await?;
    tell("installing the build tools, which happens once");
    // What is interrupted on the way is nothing that the mark speaks of.
    bench.unmark("venv")?;
    let whole = venv.join(WHOLE);
    if !whole.exists() {
        bench.clear(&venv)?;
        let mut command = child::command("python3", bench.project());
        command.args(["-m", "venv"]).arg(&venv);
        let made = child::run(&mut command, &mut said, tell, no_python).await?;
        if !made.success {
            return Err(ProjectError::Toolchain {
                what: "python3 cannot make a virtual environment".to_owned(),
                hint: "on Debian and Ubuntu: `apt install python3-venv`".to_owned(),
            });
        }
        put(&whole, b"")?;
    }
    let mut command = child::command(venv.join("bin").join("python"), bench.project());
    command
        .args(["-m", "pip", "install", "--quiet", "--no-input"])
        .arg("--disable-pip-version-check")
        .args(&python.requirements);
    let installed = child::run(&mut command, &mut said, tell, no_python).await?;
    if !installed.success {
        return Err(tool::not_installed("pip", &installed.said));
    }
    bench.mark("venv", wanted)?;
    Ok(venv)
}

/// What is said on either stream is for the author.
fn said(line: &str) -> Option<String> {
    Some(line.to_owned())
}

fn no_python(error: io::Error) -> ProjectError {
    ProjectError::Toolchain {
        what: format!("python3 does not start: {error}"),
        hint: format!("install Python {PYTHON_MIN} or newer"),
    }
}
