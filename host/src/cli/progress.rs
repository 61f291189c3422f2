//! What a person sees while something takes long. Nothing where no person is: on a pipe, in a job.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle, WeakProgressBar};

use crate::host::{Host, State};

/// How often the picture turns: often enough to look alive.
const TURN: Duration = Duration::from_millis(120);

/// Longer than a start with a warm cache, shorter than a person's patience.
const UNEXPLAINED: Duration = Duration::from_secs(1);

/// What is shown now, so that whoever prints something can do it beside the picture.
static SHOWN: Mutex<Vec<WeakProgressBar>> = Mutex::new(Vec::new());

/// Something that takes a while, shown on standard error until it is dropped.
pub struct Progress(ProgressBar);

impl Progress {
    /// Shows `what`, such as ``compiling `weather` ``, with the seconds it takes.
    pub fn start(what: impl Into<String>) -> Self {
        // Hidden by itself where standard error is no terminal. What is too long for a line is cut.
        let bar = ProgressBar::new_spinner().with_message(what.into());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        let mut shown = shown();
        shown.retain(|bar| bar.upgrade().is_some());
        shown.push(bar.downgrade());
        drop(shown);
        bar.enable_steady_tick(TURN);
        Self(bar)
    }

    /// Says what is done now.
    pub fn say(&self, what: impl Into<String>) {
        self.0.set_message(what.into());
    }

    /// Prints a line above the picture.
    pub fn line(&self, line: &str) {
        self.0.suspend(|| anstream::eprintln!("{line}"));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Does something that prints, while no picture is in its way.
pub fn aside<R>(print: impl FnOnce() -> R) -> R {
    let shown: Vec<_> = shown()
        .iter()
        .filter_map(WeakProgressBar::upgrade)
        .collect();
    match shown.last() {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// Takes away whatever is still shown, before the program ends.
pub fn end() {
    for bar in shown().drain(..).filter_map(|bar| bar.upgrade()) {
        bar.finish_and_clear();
    }
}

/// Tells a person who waits that plugins are being compiled, which happens once.
pub fn explain_a_slow_start(host: Host) {
    tokio::spawn(async move {
        let settled = tokio::time::timeout(UNEXPLAINED, host.settled());
        if settled.await.is_ok() {
            return;
        }
        let shown = Progress::start(compiling(&host));
        // Those that are ready leave the line one by one.
        while tokio::time::timeout(UNEXPLAINED, host.settled())
            .await
            .is_err()
        {
            shown.say(compiling(&host));
        }
    });
}

/// Which plugins are being compiled.
fn compiling(host: &Host) -> String {
    let loading: Vec<_> = host
        .statuses()
        .into_iter()
        .filter(|status| matches!(status.state, State::Loading))
        .map(|status| format!("`{}`", status.name))
        .collect();
    format!("compiling {}, which happens once", loading.join(", "))
}

/// A picture that is missing from the list is no reason to fail.
fn shown() -> std::sync::MutexGuard<'static, Vec<WeakProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}
