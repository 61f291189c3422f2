//! A call that goes on after it was answered.

use std::time::Duration;

use crate::bindings::tool_plugin::exports::portcullis::plugin::tools::TaskStart;

/// The beginning of a task: a call that goes on by itself while the client looks in from time to time.
///
/// A tool marked `#[tool(task = "optional")]` or `#[tool(task = "required")]` returns it as [`Outcome::Task`]. The host
/// then calls the function marked `#[task(tool = "…")]`, in an instance of its own, with the state given here.
///
/// [`Outcome::Task`]: crate::Outcome::Task
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Task {
    state: Vec<u8>,
    ttl: Option<Duration>,
    poll: Option<Duration>,
    status: Option<String>,
}

impl Task {
    /// A task that begins with this state, which is all that the tool's arguments leave behind.
    pub fn new(state: impl Into<Vec<u8>>) -> Self {
        Self {
            state: state.into(),
            ..Self::default()
        }
    }

    /// The same, whose outcome is kept for this long after it is there.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// The same, which is worth a look this often.
    pub fn poll(mut self, poll: Duration) -> Self {
        self.poll = Some(poll);
        self
    }

    /// The same, with what it is doing, for people. [`progress::report`](crate::progress::report) changes it later.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into());
        self
    }
}

impl From<Task> for TaskStart {
    fn from(task: Task) -> Self {
        // Fifty days are as good as more.
        let ms = |it: Duration| u32::try_from(it.as_millis()).unwrap_or(u32::MAX);
        Self {
            ttl_ms: task.ttl.map(ms),
            poll_ms: task.poll.map(ms),
            status: task.status,
            state: task.state,
        }
    }
}
