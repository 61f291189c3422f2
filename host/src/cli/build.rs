//! `portcullis build`: a plugin's component from its source.

use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::args::Common;
use super::exit::{Exit, Problem};
use super::progress::Progress;
use crate::project::{Built, Project, ProjectError};

/// `portcullis build`
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis build                     the plugin in the current folder
  portcullis build plugins/weather     the one in another
  portcullis call --plugin \"$(portcullis build)\" greet '{\"name\": \"Ada\"}'

The component's path is printed on standard output, what the compiler says on standard error.")]
pub struct Build {
    /// The plugin's folder
    #[arg(default_value = ".")]
    pub path: PathBuf,
}

/// Builds, and says where the component is.
pub async fn run(_common: &Common, args: &Build) -> Result<Exit, Problem> {
    let project = Project::find(&args.path).map_err(broken)?;
    let Some(built) = built(&project).await? else {
        return Ok(Exit::Interrupted);
    };
    println!("{}", built.component.display());
    Ok(Exit::Success)
}

/// Builds a plugin before a person's eyes; none when they pressed Ctrl-C, after which nothing of the build is left running.
pub async fn built(project: &Project) -> Result<Option<Built>, Problem> {
    let progress = Progress::start(format!("building `{}`", project.dir.display()));
    let tell = |line: &str| progress.line(line);
    tokio::select! {
        built = project.build(&tell) => built.map(Some).map_err(broken),
        () = told_to_end() => Ok(None),
    }
}

/// Waits until somebody wants this program to end.
pub async fn told_to_end() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// A plugin's folder that cannot be worked with, for the person at the terminal.
pub fn broken(error: ProjectError) -> Problem {
    Problem::broken(error.to_string())
}
