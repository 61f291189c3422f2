//! The real binary, with a home of its own.

use std::path::Path;
use std::process::{Command, Output};

/// The binary under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_portcullis");

/// What decides on colours, and on whether snapshots may be written, besides the terminal. Whoever runs the tests may have set it.
const AMBIENT: [&str; 5] = ["CI", "CLICOLOR", "CLICOLOR_FORCE", "NO_COLOR", "RUST_LOG"];

/// A folder to run the program in. It sees no configuration but what a test puts there, and shares the tests' cache.
pub struct Home(tempfile::TempDir);

impl Home {
    /// An empty folder.
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file in it.
    pub fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> &Self {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it lies in a folder"))
            .expect("folders can be made");
        std::fs::write(path, contents).expect("files can be written");
        self
    }

    /// A command that runs the program there.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .current_dir(self.path())
            .env("HOME", self.path())
            .env("XDG_CONFIG_HOME", self.path().join("config"))
            .env(
                "XDG_CACHE_HOME",
                Path::new(env!("CARGO_TARGET_TMPDIR")).join("program"),
            )
            .env("XDG_DATA_HOME", self.path().join("data"));
        for variable in AMBIENT {
            command.env_remove(variable);
        }
        command
    }

    /// Runs the program to its end, with nothing on its standard input.
    pub fn run(&self, arguments: &[&str]) -> Ended {
        let output = self
            .command()
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .output();
        Ended::of(output.expect("the program starts"))
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code.
    pub code: i32,
    /// What it answered.
    pub stdout: String,
    /// What it said beside.
    pub stderr: String,
}

impl Ended {
    /// What is known of a run that has ended.
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).expect("it speaks UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("it speaks UTF-8"),
        }
    }
}
