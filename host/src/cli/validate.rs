//! `portcullis validate`: whether components are fit to ship.

pub mod human;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::args::Common;
use super::exit::{Exit, Problem};
use super::progress::Progress;
use super::{output, render, setup};
use crate::config::{Config, LOCK_FILE, Lock};
use crate::host::Premises;
use crate::project::{Project, ProjectError};
use crate::validate::{Counts, Origin, Report, Settings, Validated, format, harmless};

/// `portcullis validate`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Each component is compiled, started and asked for its lists twice, with nothing granted; no tool runs without `--smoke`.
`--config FILE` gives plugins what that file grants and sets for them, for those that do not start without it.

Examples:
  portcullis validate weather.wasm
  portcullis validate plugins/weather plugins/traffic --deny warnings
  portcullis validate . --format sarif --output portcullis.sarif
  portcullis validate target/weather.wasm --source target/weather.wasm=plugins/weather --format github
  portcullis validate . --locked              the same, and nothing changed since `portcullis lock`
  portcullis explain PC0702                   what a problem means

Exit codes: 0 all are fit; 1 one is not; 4 nothing could be validated, such as a path that leads nowhere.")]
pub struct Validate {
    /// Components, or folders with them
    #[arg(default_value = ".", value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Show what is found in PATH, a component, in the source in DIR
    #[arg(long = "source", value_name = "PATH=DIR")]
    pub sources: Vec<OsString>,
    /// How to tell
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Write the report into a file as well
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Refuse what is not as portcullis.lock has it
    #[arg(long)]
    pub locked: bool,
    /// Take these for errors
    #[arg(long, value_enum, value_name = "WHAT")]
    pub deny: Option<Deny>,
    /// Call the tools as well, with made-up arguments and nothing granted
    #[arg(long)]
    pub smoke: bool,
}

/// How reports are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Human,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit, for whatever counts tests
    Junit,
    /// Commands in the log of a GitHub job
    Github,
}

/// What is taken for an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    /// Warnings
    Warnings,
}

impl Format {
    fn write(self, reports: &[Report]) -> String {
        match self {
            Self::Human => human::write(reports),
            Self::Json => format::json::write(reports),
            Self::Sarif => format::sarif::write(reports),
            Self::Junit => format::junit::write(reports),
            Self::Github => format::github::write(reports),
        }
    }
}

/// Validates one component after the other, and tells.
pub async fn run(common: &Common, args: &Validate) -> Result<Exit, Problem> {
    tokio::select! {
        // The handler is there before the work begins; without one Ctrl-C ends the process by itself.
        biased;
        _ = tokio::signal::ctrl_c() => Ok(Exit::Interrupted),
        ended = validate_all(common, args) => ended,
    }
}

async fn validate_all(common: &Common, args: &Validate) -> Result<Exit, Problem> {
    let found = setup::config(common)?;
    let mut components = Vec::new();
    for path in &args.paths {
        // A folder may have source in it; of a component nobody knows where that is.
        let source = source_of(path, &args.sources);
        let origin = Origin::in_folder(source.as_deref().unwrap_or(path));
        let found = components_in(path).await?.into_iter();
        components.extend(found.map(|component| (component, origin.clone())));
    }
    if let Some(source) = args
        .sources
        .iter()
        .find(|source| !is_used(source, &args.paths))
    {
        return Err(Problem::usage(format!(
            "`--source {}` is for none of the paths (hint: write `PATH=DIR`, with the path as it stands beside it)",
            harmless(&source.to_string_lossy())
        )));
    }
    let settings = Settings {
        lock: args.locked.then(|| lock(&found)).transpose()?,
        config: match common.config.is_some() || args.locked {
            true => found.clone(),
            false => Config::default(),
        },
        smoke: args.smoke,
    };
    let validator = Validator::new(&found)?;
    let mut reports = Vec::with_capacity(components.len());
    for (path, origin) in components {
        let report = validator.validate(&path, &settings).await.report;
        reports.push(Report { origin, ..report });
    }
    if args.deny == Some(Deny::Warnings) {
        reports.iter_mut().for_each(Report::deny_warnings);
    }
    tell(&reports, args)?;
    let counts = Counts::of(reports.iter().flat_map(|report| &report.findings));
    Ok(match counts.errors {
        0 => Exit::Success,
        _ => Exit::No,
    })
}

/// The folder that follows a path and `=`.
fn source_of(path: &Path, sources: &[OsString]) -> Option<PathBuf> {
    let path = path.as_os_str().as_bytes();
    let mut folders = sources.iter().filter_map(|source| {
        let rest = source.as_bytes().strip_prefix(path)?;
        rest.strip_prefix(b"=")
    });
    folders
        .next()
        .map(|folder| OsStr::from_bytes(folder).into())
}

fn is_used(source: &OsString, paths: &[PathBuf]) -> bool {
    let source = std::slice::from_ref(source);
    paths.iter().any(|path| source_of(path, source).is_some())
}

/// Prints the reports. Where a file gets them, a person still sees them.
fn tell(reports: &[Report], args: &Validate) -> Result<(), Problem> {
    let written = args.format.write(reports);
    match &args.output {
        Some(path) => {
            let plain = anstream::adapter::strip_str(&written).to_string();
            output::replace(path, plain.as_bytes())?;
            render::print_styled(&human::write(reports))
        }
        None => render::print_styled(&written),
    }
}

/// Where components are validated: with the host's cache, and a folder for what they keep that is gone afterwards.
pub struct Validator {
    premises: Premises,
    _state: tempfile::TempDir,
}

impl Validator {
    /// Makes the place ready.
    pub fn new(config: &Config) -> Result<Self, Problem> {
        let state = tempfile::tempdir().map_err(|error| {
            Problem::broken(format!(
                "cannot make a temporary folder: {error} (hint: set `TMPDIR` to a folder that can be written)"
            ))
        })?;
        let config = Config {
            host: crate::config::HostConfig {
                // The host makes it for its owner alone, and takes no other; a temporary folder may be open for others to read.
                state: Some(state.path().join("state")),
                ..config.host.clone()
            },
            ..config.clone()
        };
        Ok(Self {
            premises: setup::premises(&config)?,
            _state: state,
        })
    }

    /// Validates one component, and shows a person that it takes a while.
    pub async fn validate(&self, path: &Path, settings: &Settings) -> Validated {
        let shown = harmless(&path.display().to_string());
        let _progress = Progress::start(format!("validating `{shown}`"));
        crate::validate::validate(&self.premises, path, settings).await
    }
}

/// The components a path leads to. A folder with one stands for it, since its manifest and its skills lie there.
pub async fn components_in(path: &Path) -> Result<Vec<PathBuf>, Problem> {
    let cannot = |error: std::io::Error| {
        Problem::broken(format!(
            "cannot use `{}`: {error} (hint: name a component, or the folder with it)",
            path.display()
        ))
    };
    if !std::fs::metadata(path).map_err(cannot)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut components = Vec::new();
    for entry in std::fs::read_dir(path).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            components.push(path);
        }
    }
    components.sort();
    match components.len() {
        0 => Ok(vec![last_built(path).await?]),
        1 => Ok(vec![path.to_owned()]),
        _ => Ok(components),
    }
}

/// The component of a plugin's source. It is not built: what is validated must be what would be shipped.
async fn last_built(path: &Path) -> Result<PathBuf, Problem> {
    let broken = |error: ProjectError| Problem::broken(error.to_string());
    let project = Project::find(path).map_err(broken)?;
    let component = project.last_built().await.map_err(broken)?;
    component.ok_or_else(|| {
        Problem::broken(format!(
            "the plugin in `{0}` is not built (hint: run `portcullis build {0}` first)",
            path.display()
        ))
    })
}

/// The lock file, which must be there.
fn lock(config: &Config) -> Result<Lock, Problem> {
    let path = lock_path(config);
    let lock = Lock::read(&path).map_err(|error| Problem::broken(error.to_string()))?;
    lock.ok_or_else(|| {
        Problem::broken(format!(
            "there is no `{}` (hint: write it with `portcullis lock`, and leave out `--locked` until then)",
            path.display()
        ))
    })
}

/// Where the lock file is: beside the configuration, or else in the current folder.
pub fn lock_path(config: &Config) -> PathBuf {
    let beside = config.origin.as_deref().and_then(Path::parent);
    beside.unwrap_or(Path::new("")).join(LOCK_FILE)
}
