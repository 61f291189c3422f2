//! Why a plugin's folder cannot be worked with.

use std::io;
use std::path::PathBuf;

/// Why a plugin's folder cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// Neither a plugin's source nor a component is there.
    #[error(
        "there is no plugin in `{}` (hint: `portcullis new` makes one; a plugin's folder has a `Cargo.toml`, `pyproject.toml` \
         or `package.json`, or a `.wasm`)",
        .0.display()
    )]
    NoPlugin(PathBuf),
    /// Something is where a new folder shall be.
    #[error("`{}` is already there and not empty (hint: choose another name, or another folder with --dir)", .0.display())]
    Taken(PathBuf),
    /// A file cannot be read or written.
    #[error("cannot use `{}`: {error} (hint: {hint})", path.display())]
    File {
        /// The path.
        path: PathBuf,
        /// What the operating system says.
        error: io::Error,
        /// What to do.
        hint: &'static str,
    },
    /// Skills that cannot be given out.
    #[error("the skills in `{}` cannot be used: {error}", path.display())]
    Skills {
        /// Their folder.
        path: PathBuf,
        /// What is wrong with them.
        error: crate::manifest::SkillError,
    },
    /// A program that is needed is not there, or lacks something.
    #[error("{what} (hint: {hint})")]
    Toolchain {
        /// What is missing.
        what: String,
        /// How to get it.
        hint: String,
    },
    /// The build ran and failed. Its own words were shown while it ran, and are here as well.
    #[error("the build of `{}` failed (hint: its own messages say where)", dir.display())]
    Build {
        /// The project's folder.
        dir: PathBuf,
        /// What the build said.
        output: String,
    },
    /// A file is there and makes no sense.
    #[error("`{}` {problem} (hint: {hint})", path.display())]
    Senseless {
        /// The path.
        path: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do.
        hint: String,
    },
}
