//! A program that a build runs: in a process group of its own, so that all of it can be ended, and heard line by line.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::Stdio;

use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use super::ProjectError;

/// The longest line that is passed on whole. `cargo metadata` says all of a workspace in one, some kilobytes for each package.
const LINE_BYTES_MAX: usize = 64 << 20;

/// How much of what a build said is kept for its error: the end of it, where the reason stands.
const KEPT_BYTES_MAX: usize = 64 << 10;

/// How a program ended.
pub struct Ended {
    /// Whether it did what it should.
    pub success: bool,
    /// The end of what it said.
    pub said: String,
}

/// A program to run in `dir`, with nothing on its standard input.
pub fn command(program: impl AsRef<OsStr>, dir: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // So that Ctrl-C reaches this program alone, which then ends the whole group.
        .process_group(0)
        .kill_on_drop(true);
    command
}

/// Whether a person sees what is told, and wants colours.
pub fn is_colourful() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// Runs a program to its end. Each line of its standard output goes to `hear`; what `hear` gives back goes to `tell`, as
/// does each line of its standard error.
///
/// # Errors
/// When it does not start: `missing` says what that means.
pub async fn run(
    command: &mut Command,
    hear: &mut (dyn FnMut(&str) -> Option<String> + Send),
    tell: &(dyn Fn(&str) + Sync),
    missing: impl FnOnce(io::Error) -> ProjectError,
) -> Result<Ended, ProjectError> {
    let mut child = command.spawn().map_err(missing)?;
    let mut group = Group::of(&child);
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut out, mut err) = (Lines::of(stdout), Lines::of(stderr));
    let mut said = String::new();
    while out.is_open() || err.is_open() {
        let line = tokio::select! {
            line = out.next(), if out.is_open() => line.and_then(|line| hear(&line)),
            line = err.next(), if err.is_open() => line,
        };
        if let Some(line) = line {
            tell(&line);
            keep(&mut said, &line);
        }
    }
    let status = child
        .wait()
        .await
        .map_err(|error| ProjectError::Toolchain {
            what: format!("a program of the build was lost: {error}"),
            hint: "build again".to_owned(),
        })?;
    group.ended();
    Ok(Ended {
        success: status.success(),
        said,
    })
}

/// Adds a line, and forgets the oldest ones when there are too many.
fn keep(said: &mut String, line: &str) {
    said.push_str(line);
    said.push('\n');
    if said.len() > 2 * KEPT_BYTES_MAX {
        let cut = said.len() - KEPT_BYTES_MAX;
        let cut = said.ceil_char_boundary(cut);
        said.drain(..cut);
    }
}

/// A program with all it has started, which end when this is dropped before the program has ended.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    /// The program has ended, and its number may soon be another's.
    fn ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended just now.
            let _ = rustix::process::kill_process_group(group, Signal::KILL);
        }
    }
}

/// The lines of a stream, in UTF-8 as far as they are.
struct Lines<R> {
    stream: Option<BufReader<R>>,
    /// The beginning of the next line, which outlives a wait that was given up.
    begun: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn of(stream: Option<R>) -> Self {
        Self {
            stream: stream.map(BufReader::new),
            begun: Vec::new(),
        }
    }

    fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// The next line; none when there are no more. A wait for it may be given up and begun again.
    async fn next(&mut self) -> Option<String> {
        let reader = self.stream.as_mut()?;
        let left = LINE_BYTES_MAX.saturating_sub(self.begun.len()) as u64;
        let mut limited = reader.take(left);
        let read = limited.read_until(b'\n', &mut self.begun).await;
        if read.is_err() || self.begun.is_empty() {
            self.stream = None;
            return None;
        }
        let line = String::from_utf8_lossy(&self.begun);
        let line = line.trim_end_matches(['\n', '\r']).to_owned();
        self.begun.clear();
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_as_long_as_a_large_workspace_comes_whole() {
        let long = "x".repeat(3 << 20);
        let text = format!("{long}\r\nshort\nlast");
        let mut lines = Lines::of(Some(text.as_bytes()));
        assert_eq!(lines.next().await, Some(long));
        assert_eq!(lines.next().await.as_deref(), Some("short"));
        assert_eq!(lines.next().await.as_deref(), Some("last"));
        assert_eq!(lines.next().await, None);
        assert!(!lines.is_open());
    }
}
