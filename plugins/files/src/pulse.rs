//! Long work, and those who wait for it.

use portcullis_plugin::{cancelled, progress};

use crate::error::FilesError;

/// Steps between two looks at whether anybody still waits. Each look costs the host a call.
const STEPS_BETWEEN: u32 = 128;

/// Counts the steps of long work, tells how far it is, and ends it when nobody waits.
#[derive(Debug, Default)]
pub struct Pulse {
    n_steps: u32,
}

impl Pulse {
    /// One more step; `message` says how far the work is.
    pub fn step(&mut self, message: impl FnOnce() -> String) -> Result<(), FilesError> {
        self.n_steps = self.n_steps.saturating_add(1);
        if !self.n_steps.is_multiple_of(STEPS_BETWEEN) {
            return Ok(());
        }
        if cancelled() {
            return Err(FilesError::Cancelled);
        }
        progress::report(self.n_steps, None, &*message());
        Ok(())
    }
}
