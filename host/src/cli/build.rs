//! `portcullis build`: a plugin's component from its source.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::Common;
use super::exit::{Exit, Problem};
use super::progress::Progress;
use super::render;
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
    render::print(&format!("{}\n", built.component.display()))?;
    Ok(Exit::Success)
}

/// Builds a plugin before a person's eyes; none when they pressed Ctrl-C, after which nothing of the build is left running.
pub async fn built(project: &Project) -> Result<Option<Built>, Problem> {
    let progress = Progress::start(format!("building `{}`", project.dir.display()));
    let tell = |line: &str| progress.line(line);
    tokio::select! {
        // The handler is there before the work begins; without one the signal ends the process by itself, and leaves the compiler.
        biased;
        () = told_to_end() => Ok(None),
        built = project.build(&tell) => built.map(Some).map_err(broken),
    }
}

/// Waits until somebody wants this program to end: with Ctrl-C, with SIGTERM, or by closing its terminal.
pub async fn told_to_end() {
    let mut closed = terminal_closed();
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
        () = heard(&mut closed) => {}
    }
}

/// The signal that tells of a terminal that was closed. None where this program was started to outlive it, as with `nohup`: a
/// handler would undo that.
pub fn terminal_closed() -> Option<Signal> {
    let status = std::fs::read_to_string("/proc/self/status");
    let outlives_it = match status {
        Ok(status) => ignores_hangup(&status),
        // Where the system does not tell, a program that shows its messages at a terminal ends with it.
        Err(_) => !std::io::stderr().is_terminal(),
    };
    match outlives_it {
        true => None,
        false => signal(SignalKind::hangup()).ok(),
    }
}

/// Waits for a signal; for ever where there is none.
pub async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Whether a process with this `/proc/self/status` was started with SIGHUP ignored: it is the first of the signals, and so the
/// lowest bit of the mask.
fn ignores_hangup(status: &str) -> bool {
    let mut lines = status.lines();
    let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"));
    let last = mask.and_then(|mask| mask.trim().chars().last()?.to_digit(16));
    last.is_some_and(|digit| digit % 2 == 1)
}

/// A plugin's folder that cannot be worked with, for the person at the terminal.
pub fn broken(error: ProjectError) -> Problem {
    Problem::broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_shall_outlive_its_terminal_is_known() {
        let check = |mask: &str, expected: bool| {
            let status = format!(
                "Name:\tportcullis\nSigBlk:\tffffffffffffffff\nSigIgn:\t{mask}\nSigCgt:\t1\n"
            );
            assert_eq!(ignores_hangup(&status), expected, "{mask}");
        };
        check("0000000000000001", true);
        check("0000000000001003", true);
        check("0000000000001000", false);
        check("fffffffffffffffe", false);
        check("", false);
        assert!(!ignores_hangup("Name:\tportcullis\n"));
    }
}
