//! What the exit code says. This is the one place; `--help` and the README repeat it.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Success = 0,
    /// The answer is no: the tool's answer is an error, what `explain` was asked about is refused, a validation or a test
    /// failed, or a budget was not kept.
    No = 1,
    /// The command line makes no sense. clap ends the program with this by itself.
    Usage = 2,
    /// There is no answer: no such tool, bad arguments, or a plugin that met a limit or crashed.
    Failure = 3,
    /// A configuration, a plugin, its build or its tests' files are broken, or a file cannot be written.
    Broken = 4,
    /// Somebody pressed Ctrl-C, or ended a build or a test with SIGTERM or by closing its terminal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// The same for `--help`.
pub const HELP: &str = "\
Exit codes:
  0    all went well
  1    the answer is no: the tool's answer is an error, the attempt is refused, a validation or a test failed, or a budget
       was not kept
  2    the command line makes no sense
  3    there is no answer: no such tool, bad arguments, or the plugin met a limit or crashed
  4    a configuration, a plugin, its build or its tests' files are broken, or a file cannot be written
  130  interrupted: by Ctrl-C, or a build or a test by SIGTERM or a closed terminal";

/// The lines of [`HELP`], apart.
pub fn codes() -> Vec<(u8, String)> {
    let mut codes: Vec<(u8, String)> = Vec::new();
    for line in HELP.lines().skip(1) {
        let line = line.trim();
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        match (first.parse(), codes.last_mut()) {
            (Ok(code), _) => codes.push((code, rest.trim().to_owned())),
            // A line that goes on.
            (Err(_), Some((_, words))) => {
                words.push(' ');
                words.push_str(line);
            }
            (Err(_), None) => {}
        }
    }
    codes
}

/// A reason to end, for the person at the terminal.
#[derive(Debug)]
pub struct Problem {
    /// One sentence and a hint.
    pub message: String,
    /// What the exit code says.
    pub exit: Exit,
}

impl Problem {
    /// There is no answer.
    pub fn failure(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit: Exit::Failure,
        }
    }

    /// A file is broken.
    pub fn broken(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit: Exit::Broken,
        }
    }

    /// The command line makes no sense, in a way clap cannot see.
    pub fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit: Exit::Usage,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_exit_code() {
        for exit in [
            Exit::Success,
            Exit::No,
            Exit::Usage,
            Exit::Failure,
            Exit::Broken,
            Exit::Interrupted,
        ] {
            let code = format!("  {:<3}  ", exit as u8);
            assert!(HELP.contains(&code), "{exit:?}");
            let mut codes = codes().into_iter();
            assert!(codes.any(|(code, words)| code == exit as u8 && !words.is_empty()));
        }
    }
}
