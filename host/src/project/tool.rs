//! Programs that build a plugin: whether they are there, new enough, and succeed.

use std::fmt;
use std::io;
use std::path::Path;

use tokio::process::Command;

use super::{ProjectError, child};

/// The first two numbers of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(major, 0) => write!(f, "{major}"),
            Self(major, minor) => write!(f, "{major}.{minor}"),
        }
    }
}

impl Version {
    /// The first version in what a program says of itself, such as `Python 3.11.7` or `v20.20.2`.
    fn in_words(words: &str) -> Option<Self> {
        let start = words.find(|c: char| c.is_ascii_digit())?;
        let mut numbers = words.get(start..)?.split(|c: char| !c.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next().and_then(|it| it.parse().ok());
        Some(Self(major, minor.unwrap_or_default()))
    }
}

/// Sees that a program is there and new enough.
pub async fn at_least(
    program: &str,
    least: Version,
    dir: &Path,
    missing: impl FnOnce(io::Error) -> ProjectError,
) -> Result<(), ProjectError> {
    let mut command = child::command(program, dir);
    command.arg("--version");
    let mut said = |line: &str| Some(line.to_owned());
    let ended = child::run(&mut command, &mut said, &|_| {}, missing).await?;
    match Version::in_words(&ended.said) {
        Some(found) if found < least => Err(ProjectError::Toolchain {
            what: format!("{program} is too old: {}", ended.said.trim()),
            hint: format!("install {least} or newer"),
        }),
        Some(_) if ended.success => Ok(()),
        _ => Err(ProjectError::Toolchain {
            what: format!("{program} does not work: {}", ended.said.trim()),
            hint: format!("install {least} or newer"),
        }),
    }
}

/// Runs the compiler of a plugin. What it says on its standard output is told when it fails: otherwise it speaks of a file that
/// is about to be renamed.
pub async fn run(
    command: &mut Command,
    dir: &Path,
    name: &str,
    tell: &(dyn Fn(&str) + Sync),
) -> Result<(), ProjectError> {
    let missing = |error| ProjectError::Toolchain {
        what: format!("{name} does not start: {error}"),
        hint: "remove `target/portcullis`, and it is installed anew".to_owned(),
    };
    let mut said = Vec::new();
    let mut hear = |line: &str| {
        said.push(line.to_owned());
        None
    };
    let ended = child::run(command, &mut hear, tell, missing).await?;
    if ended.success {
        return Ok(());
    }
    for line in &said {
        tell(line);
    }
    Err(ProjectError::Build {
        dir: dir.to_owned(),
        output: format!("{}{}", ended.said, said.join("\n")),
    })
}

/// Build tools that could not be installed, most often for want of a network.
pub fn not_installed(program: &str, said: &str) -> ProjectError {
    /// What pip, npm and the system say when nobody answers.
    const UNREACHABLE: [&str; 8] = [
        "ENOTFOUND",
        "EAI_AGAIN",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "ENETUNREACH",
        "NewConnectionError",
        "Failed to establish a new connection",
        "Temporary failure in name resolution",
    ];
    let is_unreachable = UNREACHABLE.iter().any(|sign| said.contains(sign));
    ProjectError::Toolchain {
        what: match is_unreachable {
            true => format!("{program} does not reach its registry to install the build tools"),
            false => format!("{program} did not install the build tools"),
        },
        hint: match is_unreachable {
            true => "the first build needs the network, the ones after it do not".to_owned(),
            false => "its own messages say why".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_found_in_what_a_program_says() {
        let check = |words: &str, expected: Option<Version>| {
            assert_eq!(Version::in_words(words), expected, "{words}");
        };
        check("Python 3.11.7\n", Some(Version(3, 11)));
        check("v20.20.2", Some(Version(20, 20)));
        check("v9", Some(Version(9, 0)));
        check("99999999999.1", None);
        check("no such program", None);
        check("", None);
        assert!(Version(3, 9) < Version(3, 10) && Version(20, 0) > Version(18, 20));
    }
}
