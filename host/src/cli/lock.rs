//! `portcullis lock`: what the plugins are, written down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::args::Common;
use super::exit::{Exit, Problem};
use super::validate::{Validator, components_in, lock_path};
use super::{output, render, setup};
use crate::config::{Config, Lock as LockFile, LockedPlugin};
use crate::names::PluginName;
use crate::validate::{Finding, Report, Settings, Severity, locked};

/// `portcullis lock`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
The file lies beside the configuration, or else in the current folder. For each plugin it has the name, the version, the
digest, where it came from, what it asks for, and digests of what its manifest says, of its skills, and of what it says
of its tools, prompts and resources. Shipped plugins are a part of the program and not in it.

Examples:
  portcullis lock                    every plugin of the configuration
  portcullis lock weather.wasm       this one; the others stay as they are
  portcullis lock --check            whether the file is up to date, and what is not
  portcullis validate . --locked     refuse what differs")]
pub struct Lock {
    /// Components, or folders with them [default: all of the configuration]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; say whether the file is up to date, and end with 1 when it is not
    #[arg(long)]
    pub check: bool,
}

/// Writes the lock file, or compares it.
pub async fn run(common: &Common, args: &Lock) -> Result<Exit, Problem> {
    tokio::select! {
        // The handler is there before the work begins; without one Ctrl-C ends the process by itself.
        biased;
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        ended = lock(common, args) => ended,
    }
}

async fn lock(common: &Common, args: &Lock) -> Result<Exit, Problem> {
    let config = setup::config(common)?;
    let path = lock_path(&config);
    let before = LockFile::read(&path).map_err(|error| Problem::broken(error.to_string()))?;
    let plugins = locked_plugins(common, args, &config, &path).await?;
    // Plugins that were named join those of the file; without names the configuration has all there are.
    let kept = before.iter().filter(|_| !args.paths.is_empty());
    let kept = kept.flat_map(LockFile::plugins).cloned();
    let now = LockFile::of(kept.chain(plugins.into_values()));
    let text = now.to_text().map_err(Problem::broken)?;
    let is_up_to_date = std::fs::read(&path).is_ok_and(|old| old == text.as_bytes());
    let shown = path.display();
    match (is_up_to_date, args.check) {
        (true, _) => {
            render::print(&format!("{shown} is up to date\n"))?;
            Ok(Exit::Success)
        }
        (false, true) => {
            render::print(&format!(
                "{shown} is not up to date:\n{}",
                differences(before.as_ref(), &now)
            ))?;
            Ok(Exit::No)
        }
        (false, false) => {
            output::replace(&path, text.as_bytes())?;
            let n_plugins = now.plugins().count();
            let plural = if n_plugins == 1 { "" } else { "s" };
            render::print(&format!("wrote {shown}: {n_plugins} plugin{plural}\n"))?;
            Ok(Exit::Success)
        }
    }
}

/// Looks at each plugin there is to lock.
async fn locked_plugins(
    common: &Common,
    args: &Lock,
    config: &Config,
    lock_path: &Path,
) -> Result<BTreeMap<PluginName, LockedPlugin>, Problem> {
    let validator = Validator::new(config)?;
    let settings = Settings {
        config: config.clone(),
        ..Settings::default()
    };
    let mut plugins = BTreeMap::new();
    for component in components(common, args, config).await? {
        let validated = validator.validate(&component, &settings).await;
        let source = below(lock_path, &component);
        let subject = validated.subject.as_ref();
        let plugin = subject.and_then(|subject| locked(subject, source));
        let plugin = plugin.ok_or_else(|| unfit(&validated.report))?;
        let name = plugin.name.clone();
        if let Some(other) = plugins.insert(name.clone(), plugin) {
            return Err(Problem::broken(format!(
                "two plugins are named `{name}`: `{}` and `{}` (hint: lock one of the two)",
                other.source,
                component.display()
            )));
        }
    }
    Ok(plugins)
}

async fn components(
    common: &Common,
    args: &Lock,
    config: &Config,
) -> Result<Vec<PathBuf>, Problem> {
    let mut components = Vec::new();
    for path in &args.paths {
        components.extend(components_in(path).await?);
    }
    if !args.paths.is_empty() {
        return Ok(components);
    }
    let enabled = config.plugins.iter().filter(|(_, plugin)| plugin.enabled);
    components.extend(common.plugins.iter().cloned());
    components.extend(enabled.filter_map(|(_, plugin)| plugin.path.clone()));
    match components.is_empty() {
        false => Ok(components),
        true => Err(Problem::broken(
            "there is nothing to lock (hint: name a component, or a configuration with plugins that have a `path`)",
        )),
    }
}

/// A path as the lock file writes it: below its own folder where it lies there, so that it says the same on every machine.
fn below(lock_path: &Path, component: &Path) -> String {
    let absolute = |path: &Path| path.canonicalize().ok();
    let folder = lock_path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = absolute(folder.unwrap_or(Path::new(".")));
    let component_at = absolute(component);
    let below = folder.zip(component_at.as_deref());
    let below = below
        .as_ref()
        .and_then(|(folder, component)| component.strip_prefix(folder).ok());
    let shown = match below {
        Some(below) if below.as_os_str().is_empty() => Path::new("."),
        Some(below) => below,
        None => component,
    };
    shown.display().to_string()
}

/// A plugin whose lists cannot be had cannot be locked.
fn unfit(report: &Report) -> Problem {
    let is_error = |finding: &&Finding| finding.severity == Severity::Error;
    let first = report.findings.iter().find(is_error);
    let because = first.map(|first| format!(": {}, {}", first.code.id, first.message));
    Problem::broken(format!(
        "failed to lock plugin from `{0}`{1} (hint: `portcullis validate {0}` says all)",
        report.path.display(),
        because.unwrap_or_default()
    ))
}

fn differences(before: Option<&LockFile>, now: &LockFile) -> String {
    let Some(before) = before else {
        return "  there is none yet\n".to_owned();
    };
    let mut lines = String::new();
    for plugin in now.plugins() {
        match before.plugin(&plugin.name) {
            None => lines.push_str(&format!("  plugin `{}` is not in it\n", plugin.name)),
            Some(locked) if locked != plugin => {
                lines.push_str(&format!("  plugin `{}` changed\n", plugin.name));
            }
            Some(_) => {}
        }
    }
    for plugin in before.plugins() {
        if now.plugin(&plugin.name).is_none() {
            lines.push_str(&format!("  plugin `{}` is gone\n", plugin.name));
        }
    }
    match lines.is_empty() {
        true => "  it was not written by this version of `portcullis lock`\n".to_owned(),
        false => lines,
    }
}
