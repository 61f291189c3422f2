//! What a person sees while something takes long. Nothing where no person is: on a pipe, in a job.

use std::time::Duration;

use indicatif::ProgressBar;

/// How often the picture turns: often enough to look alive.
const TURN: Duration = Duration::from_millis(120);

/// Something that takes a while, shown on standard error until it is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shows `what`, such as ``compiling `weather` ``, with the seconds it takes.
    pub fn start(what: impl Into<String>) -> Self {
        // Hidden by itself where standard error is no terminal.
        let bar = ProgressBar::new_spinner().with_message(what.into());
        bar.enable_steady_tick(TURN);
        Self(bar)
    }

    /// Says what is done now.
    pub fn say(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
    }

    /// Prints a line above the picture.
    pub fn line(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
